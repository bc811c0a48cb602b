// SPDX-License-Identifier: GPL-2.0-or-later
#include "guard_moved.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "guard.h"

/* "{ 8443 : 443, 8022 : 22 }", or only what stands before the colons; false: no port of @proto is moved. */
static bool moved_ports_add(const struct plan *plan, __u8 proto, bool whole, struct strbuf *out)
{
	const char *between = "{ ";

	for (size_t i = 0; i < plan->n_rules; i++) {
		const struct hp_rule_key *key = &plan->rules[i].key;
		const struct hp_rule *rule = &plan->rules[i].rule;

		if (key->kind != HP_RULE_EXTERNAL || key->proto != proto ||
		    rule->action != HP_ACTION_PASS || rule->host_port == key->port)
			continue;
		strbuf_add(out, "%s%u", between, ntohs(key->port));
		if (whole)
			strbuf_add(out, " : %u", ntohs(rule->host_port));
		between = ", ";
	}
	strbuf_add(out, "%s", *between == ',' ? " }" : "");
	return *between == ',';
}

bool guard_moves(const struct plan *plan)
{
	_strbuf_ struct strbuf ports = {0};

	return moved_ports_add(plan, IPPROTO_TCP, false, &ports) ||
	       moved_ports_add(plan, IPPROTO_UDP, false, &ports);
}

/* What moves is the stack's: conntrack has to see it also at the port of a bridge. */
static void moved_track_add(const struct plan *plan, const char *addr, __u8 proto,
			    struct strbuf *out)
{
	_strbuf_ struct strbuf ports = {0};

	if (moved_ports_add(plan, proto, false, &ports))
		strbuf_add(out,
			   "add rule " GUARD_TABLE " prerouting ip daddr %s %s dport %s accept\n",
			   addr, proto == IPPROTO_TCP ? "tcp" : "udp", strbuf_text(&ports));
}

/*
 * From wherever it comes: the programs have judged who may. IPv4 alone, as below: over IPv6 the programs let in no port that is
 * moved.
 */
static void moved_lead_add(const struct plan *plan, const char *addr, __u8 proto,
			   struct strbuf *out)
{
	const char *name = proto == IPPROTO_TCP ? "tcp" : "udp";
	_strbuf_ struct strbuf ports = {0}, map = {0};

	if (moved_ports_add(plan, proto, false, &ports) && moved_ports_add(plan, proto, true, &map))
		strbuf_add(out,
			   "add rule " GUARD_TABLE
			   " questions ip daddr %s %s dport %s dnat ip to %s : %s dport map %s\n",
			   addr, name, strbuf_text(&ports), addr, name, strbuf_text(&map));
}

typedef void (*moved_fn)(const struct plan *plan, const char *addr, __u8 proto, struct strbuf *out);

static void moved_each(const struct plan *plan, moved_fn add, struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < plan->n_wan_addrs; i++) {
		if (!ip_addr_is_v4(&plan->wan_addrs[i]))
			continue;
		ip_addr_format(&plan->wan_addrs[i], text);
		add(plan, text, IPPROTO_TCP, out);
		add(plan, text, IPPROTO_UDP, out);
	}
}

void guard_moved_track(const struct plan *plan, struct strbuf *out)
{
	moved_each(plan, moved_track_add, out);
}

void guard_moved_lead(const struct plan *plan, struct strbuf *out)
{
	moved_each(plan, moved_lead_add, out);
}
