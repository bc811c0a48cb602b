// SPDX-License-Identifier: GPL-2.0-or-later
/* Names that are known here: of the operator, of the house, special ones. */
#include "resolver_internal.h"

#include <errno.h>

int resolver_table_answer(const struct dns_rewrites *table, const struct ip_net *segment,
			  struct dns_answer *answer, struct dns_name *ret_target)
{
	const struct dns_query *query = answer->query;
	const struct dns_rewrite *rewrite;

	if (query->class != DNS_CLASS_IN)
		return -ENOENT;
	rewrite = dns_rewrites_find(table, &query->name, query->type);
	if (!rewrite)
		return -ENOENT;
	switch (dns_rewrite_answer(table, rewrite, segment, answer, ret_target)) {
	case DNS_REWRITTEN_WHOLE:
		return resolver_end(answer, DNS_NOERROR);
	case DNS_REWRITTEN_ABSENT:
		return resolver_end(answer, DNS_NXDOMAIN);
	case DNS_REWRITTEN_LOOP:
		return resolver_end(answer, DNS_SERVFAIL);
	case DNS_REWRITTEN_ALIAS:
		return -EINPROGRESS;
	case DNS_REWRITTEN_PASS:
		break;
	}
	return -EREMOTE;
}

/*
 * Whether the operator names an upstream for @name by a domain of @zone_length octets or more: then that knows better than we. One for "arpa" says nothing of
 * 10.in-addr.arpa, and one for names of one label nothing of localhost.
 */
static bool is_routed(const struct dns_resolver *resolver, const struct dns_name *name,
		      unsigned int zone_length)
{
	const struct dns_route *route =
		dns_routes_find(dns_upstreams_routes(resolver->upstreams), name);

	return route && !route->is_single_label && route->name.length >= zone_length;
}

enum own resolver_own_find(const struct dns_resolver *resolver, const struct dns_query *query)
{
	const struct dns_rewrite *special;
	unsigned int zone_length;

	switch (dns_hosts_know(resolver->hosts, &query->name, &zone_length)) {
	case DNS_HOST_KNOWN:
		return OWN_HOST;
	case DNS_HOST_NOBODY:
		return is_routed(resolver, &query->name, zone_length) ? OWN_NONE : OWN_HOST;
	case DNS_HOST_ELSEWHERE:
		break;
	}
	special = dns_rewrites_find(resolver->special, &query->name, query->type);
	if (!special || is_routed(resolver, &query->name, special->name.length))
		return OWN_NONE;
	return OWN_SPECIAL;
}

int resolver_own_answer(const struct dns_resolver *resolver, const struct ip_net *segment,
			struct dns_answer *answer)
{
	struct dns_name target;
	int ret;

	if (answer->query->class != DNS_CLASS_IN)
		return -ENOENT;
	ret = dns_designated_answer(&resolver->designated, segment, answer);
	if (ret >= 0) {
		answer->outcome.count = DNS_COUNT_SPECIAL;
		return ret;
	}
	switch (resolver_own_find(resolver, answer->query)) {
	case OWN_HOST:
		answer->outcome.count = DNS_COUNT_HOST;
		return resolver_end(answer, dns_hosts_answer(resolver->hosts, segment, answer));
	case OWN_SPECIAL:
		answer->outcome.count = DNS_COUNT_SPECIAL;
		return resolver_table_answer(resolver->special, segment, answer, &target);
	case OWN_NONE:
		break;
	}
	return -ENOENT;
}
