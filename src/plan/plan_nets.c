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

/* Keeps one of each network, of those that were not left out; sorted, the first has the lowest rank. */
static void nets_unique(struct draft *draft)
{
	size_t kept = 0;

	for (size_t i = 0; i < draft->n_nets; i++) {
		const struct draft_net *net = &draft->nets[i];

		if (net->left_out || (kept && ip_net_equal(&draft->nets[kept - 1].net, &net->net)))
			continue;
		draft->nets[kept++] = *net;
	}
	draft->n_nets = kept;
}

/*
 * The WAN address whose network @net overlaps, or NULL: its packets would be spoofed on each side. An
 * IPv6 address alone (/128, as DHCPv6 gives it) makes no network on WAN and may be cut out of what
 * the LAN has.
 */
static const struct fact_addr *wan_overlap(const struct draft *draft, const struct ip_net *net)
{
	const struct fact_link *wan = draft->wan;

	for (size_t i = 0; wan && i < wan->n_addrs; i++) {
		struct ip_net other = fact_addr_net(&wan->addrs[i]);

		if (!addr_is_link_local(&other.addr) && other.length != 128 &&
		    ip_net_overlaps(net, &other))
			return &wan->addrs[i];
	}
	return NULL;
}

static void overlap_report(struct draft *draft, const struct draft_net *net,
			   const struct fact_addr *other)
{
	const struct conf_lan *lan = &draft->conf->lan[net->lan];
	struct ip_net other_net = fact_addr_net(other);
	char ours[IP_TEXT_MAX], theirs[IP_TEXT_MAX];
	struct spot spot = {lan->line, "lan", ip_net_format(&net->net, ours)};

	report_add(&draft->report, spot,
		   "overlaps %s of the WAN interface; give %s another network",
		   ip_net_format(&other_net, theirs), lan->interface);
}

/* The gateway itself is in @net, with an address of that LAN. */
static bool net_is_connected(const struct draft *draft, const struct draft_net *net)
{
	const struct fact_link *link = draft->lan[net->lan];

	for (size_t i = 0; link && i < link->n_addrs; i++)
		if (ip_net_contains(&net->net, &link->addrs[i].addr))
			return true;
	return false;
}

/* As if the interface were not there: what is written down for it stays. */
static void lan_leave_out(struct draft *draft, size_t lan)
{
	draft->lan[lan] = NULL;
	if (draft->plan->n_devices)
		draft->plan->devices[1 + lan].ifindex = 0;
	for (size_t i = 0; i < draft->n_nets; i++) {
		struct draft_net *net = &draft->nets[i];

		if (net->lan != lan)
			continue;
		net->ifindex = 0;
		if (net->rank != RANK_CONFIGURED)
			net->left_out = true;
	}
}

/*
 * A LAN whose own network is on WAN too cannot be served: only its hosts can still reach the gateway, which somebody
 * has to mend. A summary route that now covers the WAN network as well is no reason to cut off its LAN.
 */
static void nets_check_wan(struct draft *draft)
{
	for (size_t i = 0; i < draft->n_nets; i++) {
		struct draft_net *net = &draft->nets[i];
		const struct fact_addr *other = wan_overlap(draft, &net->net);

		if (!other)
			continue;
		if (!i || !ip_net_equal(&draft->nets[i - 1].net, &net->net))
			overlap_report(draft, net, other);
		if (!draft->following)
			continue;
		if (net_is_connected(draft, net))
			lan_leave_out(draft, net->lan);
		net->left_out = true;
	}
}

/* Those that the LAN is connected to stay before those behind other routers. */
static void nets_leave_out_rest(struct draft *draft, size_t lan)
{
	static const bool connected_first[] = {true, false};
	size_t room = LIMIT_NETS_PER_LAN;

	for (size_t turn = 0; turn < ARRAY_SIZE(connected_first); turn++) {
		for (size_t i = 0; i < draft->n_nets; i++) {
			struct draft_net *net = &draft->nets[i];

			if (net->lan != lan ||
			    net_is_connected(draft, net) != connected_first[turn])
				continue;
			net->left_out = room == 0;
			room -= room > 0;
		}
	}
}

static void nets_check_limit(struct draft *draft)
{
	const struct conf *conf = draft->conf;
	size_t counts[LIMIT_LANS] = {0};

	for (size_t i = 0; i < draft->n_nets; i++)
		counts[draft->nets[i].lan]++;
	for (size_t i = 0; i < conf->n_lan; i++) {
		if (counts[i] <= LIMIT_NETS_PER_LAN)
			continue;
		report_add(&draft->report,
			   (struct spot){conf->lan[i].line, "lan", conf->lan[i].interface},
			   "has %zu networks, more than %u; summarise its routes", counts[i],
			   LIMIT_NETS_PER_LAN);
		if (draft->following)
			nets_leave_out_rest(draft, i);
	}
}

void draft_nets(struct draft *draft)
{
	for (size_t i = 0; i < draft->conf->n_lan; i++)
		nets_of_lan(draft, i);
	if (draft->no_memory || !draft->n_nets)
		return;
	qsort(draft->nets, draft->n_nets, sizeof(*draft->nets), net_compare);
	/* A bypass router tells its sides apart by their networks, on one interface. */
	if (draft->conf->role != CONF_ROLE_BYPASS)
		nets_check_wan(draft);
	nets_unique(draft);
	nets_check_limit(draft);
	nets_unique(draft);
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
