// SPDX-License-Identifier: GPL-2.0-or-later
/* The networks behind the LANs, from routes, addresses and `lan.network`. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "draft.h"

/*
 * The kernel uses the route with the lowest metric, so routes rank by theirs. An address whose
 * prefix has no route (noprefixroute) and a network that is only written down come after every
 * route.
 */
#define RANK_CONNECTED (UINT_MAX - 1)
#define RANK_CONFIGURED UINT_MAX

static void net_add(struct draft *draft, size_t lan, struct ip_net net, unsigned int rank)
{
	struct draft_net *slot;

	/* Link-local is on every link; whose it is the arriving device says, not a table. */
	if (!ip_addr_is_v4(&net.addr) && addr_is_link_local(&net.addr))
		return;
	slot = draft_grow(draft, &draft->nets, &draft->n_nets, &draft->nets_size, sizeof(*slot));
	if (!slot)
		return;
	slot->net = net;
	slot->lan = lan;
	slot->ifindex = draft->lan[lan] ? draft->lan[lan]->ifindex : 0;
	slot->rank = rank;
}

static void nets_of_lan(struct draft *draft, size_t lan)
{
	const struct conf_lan *conf = &draft->conf->lan[lan];
	const struct fact_link *link = draft->lan[lan];
	const struct facts *facts = draft->facts;

	if (conf->has_network)
		net_add(draft, lan, conf->network, RANK_CONFIGURED);
	if (!link)
		return;
	for (size_t i = 0; i < link->n_addrs; i++)
		net_add(draft, lan, fact_addr_net(&link->addrs[i]), RANK_CONNECTED);
	for (size_t i = 0; i < facts->n_routes; i++) {
		const struct fact_route *route = &facts->routes[i];

		if (route->ifindex == link->ifindex && route->net.length)
			net_add(draft, lan, route->net, route->metric);
	}
}

static int net_compare(const void *a, const void *b)
{
	const struct draft_net *x = a, *y = b;
	int order = ip_addr_compare(&x->net.addr, &y->net.addr);

	if (order)
		return order;
	if (x->net.length != y->net.length)
		return x->net.length < y->net.length ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->lan < y->lan ? -1 : x->lan > y->lan;
}

static void nets_unique(struct draft *draft)
{
	size_t kept = 0;

	if (!draft->n_nets)
		return;
	qsort(draft->nets, draft->n_nets, sizeof(*draft->nets), net_compare);
	for (size_t i = 1; i < draft->n_nets; i++)
		if (!ip_net_equal(&draft->nets[i].net, &draft->nets[kept].net))
			draft->nets[++kept] = draft->nets[i];
	draft->n_nets = kept + 1;
}

static bool nets_overlap(const struct ip_net *a, const struct ip_net *b)
{
	return ip_net_contains(a, &b->addr) || ip_net_contains(b, &a->addr);
}

/*
 * A network on both sides: its packets would be spoofed on each. An IPv6 address alone (/128, as
 * DHCPv6 gives it) makes no network on WAN and may be cut out of what the LAN has.
 */
static void net_check_wan(struct draft *draft, const struct draft_net *net)
{
	const struct conf_lan *lan = &draft->conf->lan[net->lan];
	struct spot spot = {lan->line, "lan", NULL};
	const struct fact_link *wan = draft->wan;

	for (size_t i = 0; wan && i < wan->n_addrs; i++) {
		struct ip_net other = fact_addr_net(&wan->addrs[i]);
		char ours[IP_TEXT_MAX], theirs[IP_TEXT_MAX];

		if (addr_is_link_local(&other.addr) || other.length == 128)
			continue;
		if (!nets_overlap(&net->net, &other))
			continue;
		spot.word = ip_net_format(&net->net, ours);
		report_add(&draft->report, spot,
			   "overlaps %s of the WAN interface; give %s another network",
			   ip_net_format(&other, theirs), lan->interface);
		return;
	}
}

void draft_nets(struct draft *draft)
{
	const struct conf *conf = draft->conf;
	size_t counts[LIMIT_LANS] = {0};

	for (size_t i = 0; i < conf->n_lan; i++)
		nets_of_lan(draft, i);
	nets_unique(draft);
	for (size_t i = 0; i < draft->n_nets; i++) {
		const struct draft_net *net = &draft->nets[i];

		net_check_wan(draft, net);
		counts[net->lan]++;
	}
	for (size_t i = 0; i < conf->n_lan; i++)
		if (counts[i] > LIMIT_NETS_PER_LAN)
			report_add(&draft->report,
				   (struct spot){conf->lan[i].line, "lan", conf->lan[i].interface},
				   "has %zu networks, more than %u; summarise its routes",
				   counts[i], LIMIT_NETS_PER_LAN);
}

const struct draft_net *draft_net_find(const struct draft *draft, const struct ip_addr *addr)
{
	const struct draft_net *best = NULL;

	for (size_t i = 0; i < draft->n_nets; i++) {
		const struct draft_net *net = &draft->nets[i];

		if ((!best || net->net.length > best->net.length) &&
		    ip_net_contains(&net->net, addr))
			best = net;
	}
	return best;
}
