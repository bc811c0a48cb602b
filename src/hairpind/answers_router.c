// SPDX-License-Identifier: GPL-2.0-or-later
/* Role resolver: what there is to enter in the router, which is somebody else's machine. */
#include <string.h>

#include "answers.h"
#include "pattern.h"

/*
 * Networks whose clients can be told of an address of ours, each with the first: a second one of the same network brings nothing. Not this machine alone, nor one
 * whose network is not known.
 */
static bool is_for_clients(const struct plan_dns *dns, size_t i)
{
	const struct plan_listener *listener = &dns->listeners[i];
	bool is_v4 = ip_addr_is_v4(&listener->addr);

	if (listener->segment.length == (is_v4 ? 32 : 128) ||
	    (is_v4 && listener->addr.b[12] == 127))
		return false;
	for (size_t k = 0; k < i; k++) {
		if (ip_net_equal(&dns->listeners[k].segment, &listener->segment))
			return false;
	}
	return true;
}

json_t *answer_router(const struct plan *plan)
{
	const struct plan_dns *dns = &plan->dns;
	char text[IP_TEXT_MAX];
	json_t *servers;

	if (plan->role != CONF_ROLE_RESOLVER)
		return json_null();
	servers = json_array();
	for (size_t i = 0; i < dns->n_listeners; i++) {
		const struct plan_listener *listener = &dns->listeners[i];

		if (is_for_clients(dns, i))
			json_array_append_new(servers,
					      json_pack("{s:s, s:o}", "network",
							ip_net_format(&listener->segment, text),
							"address", answer_addr(&listener->addr)));
	}
	return json_pack("{s:s, s:s, s:o, s:s, s:s}", "setting",
			 "the DNS server that its DHCP server gives to clients (LAN, DHCP)", "not",
			 "the DNS servers of its WAN (internet) side", "servers", servers, "second",
			 "none: leave it empty, or repeat the same address", "why",
			 "clients ask any server that they are given, so a second one would answer "
			 "with the public address every now and then, which does not work inside");
}

/* Why no name of @service leads to its host; NULL: one does. */
const char *answer_resolver_waits(const struct plan *plan, const struct plan_service *service)
{
	const struct plan_dns *dns = &plan->dns;
	const char *why = "it has no domain, and names are all that a resolver gives";

	if (!dns->n_listeners)
		return "no address that clients could ask is there now";
	for (size_t i = 0; i < service->n_domains; i++) {
		struct pattern pattern = pattern_of(service->domains[i]);
		const char *kept = NULL;

		for (size_t k = 0; k < dns->n_kept && !kept; k++) {
			if ((int)dns->kept[k].match == (int)pattern.match &&
			    !strcmp(dns->kept[k].domain, pattern.name))
				kept = dns->kept[k].why;
		}
		if (!kept)
			return NULL;
		why = kept;
	}
	return why;
}
