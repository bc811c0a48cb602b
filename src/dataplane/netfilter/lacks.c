// SPDX-License-Identifier: GPL-2.0-or-later
/* What netfilter cannot do, and what of the configuration therefore has no effect: said, never passed over. */
#include <stdio.h>

#include "internal.h"

static bool asks_for_filtering(const struct plan *plan)
{
	const struct hp_settings *settings = &plan->settings;

	if (settings->filtering_udp != HP_FILTER_ADDRESS_AND_PORT_DEPENDENT ||
	    settings->filtering_tcp != HP_FILTER_ADDRESS_AND_PORT_DEPENDENT)
		return true;
	for (size_t i = 0; i < plan->n_rules; i++) {
		if (plan->rules[i].key.kind == HP_RULE_FILTER &&
		    plan->rules[i].rule.filtering != HP_FILTER_ADDRESS_AND_PORT_DEPENDENT)
			return true;
	}
	return false;
}

void lacks(const struct plan *plan, struct strbuf *ret_lines)
{
	const struct hp_settings *settings = &plan->settings;
	__u32 room = track_max();

	strbuf_add(
		ret_lines,
		"endpoint-independent mapping: two hosts may share an external port, and one host's port "
		"may change with the remote address\n"
		"loopback of ports that hosts opened by sending; that of declared services works\n"
		"ICMP errors to who finds no port or no room: the kernel drops in silence, and it is only "
		"counted\n"
		"rest of a port that was given back, and the external port a host had before\n"
		"nat.timeouts that are changed, for sessions that are there: they keep those of their beginning\n");
	if (asks_for_filtering(plan))
		strbuf_add(
			ret_lines,
			"filtering: a port that a host opened by sending is "
			"address-and-port-dependent here, whatever nat.filtering, nat.hosts and services say\n");
	if (settings->hairpin_filtered)
		strbuf_add(ret_lines, "nat.hairpin-filtering: same\n");
	if (plan->fast_path == CONF_FAST_PATH_ON)
		strbuf_add(ret_lines, "nat.fast-path: on\n");
	if (settings->port_parity)
		strbuf_add(ret_lines, "nat.port-parity: yes\n");
	if (settings->mappings_per_host)
		strbuf_add(ret_lines, "nat.limits.mappings-per-host: only sessions are limited\n");
	if (room && room != plan->sessions)
		strbuf_add(ret_lines,
			   "nat.limits.sessions: the kernel's table has room for %u "
			   "(net.netfilter.nf_conntrack_max)\n",
			   room);
}
