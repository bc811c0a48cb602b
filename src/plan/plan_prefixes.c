// SPDX-License-Identifier: GPL-2.0-or-later
/* The prefix table of the data plane: the map of the networks (set 0) and the allow lists. */
#include <stdlib.h>
#include <string.h>

#include "draft.h"

/* Bits of an address in the table before those of an IPv4 one: ::ffff:0:0/96. */
#define V4_BITS 96

struct ip_net plan_prefix_net(const struct plan_prefix *prefix)
{
	struct ip_net net = {.addr = ip_addr_from_v6(prefix->key.addr),
			     .length = (__u8)(prefix->key.prefixlen - 32)};

	if (net.length >= V4_BITS && ip_addr_is_v4(&net.addr))
		net.length = (__u8)(net.length - V4_BITS);
	return net;
}

static void prefix_put(struct draft *draft, __u32 set, const struct ip_net *net,
		       const struct hp_prefix *prefix)
{
	struct plan *plan = draft->plan;
	struct plan_prefix *slot = draft_grow(draft, &plan->prefixes, &plan->n_prefixes,
					      &draft->prefixes_size, sizeof(*slot));

	if (!slot)
		return;
	slot->key.prefixlen = 32u + (ip_addr_is_v4(&net->addr) ? V4_BITS : 0u) + net->length;
	slot->key.set = set;
	memcpy(slot->key.addr, net->addr.b, sizeof(slot->key.addr));
	slot->prefix = *prefix;
}

/* The block that all IPv4 addresses of the table are in, with the bit @flip turned and cut off behind it. */
static struct ip_net beside_v4(unsigned int flip)
{
	struct ip_addr addr = ip_addr_from_v4(0);

	addr.b[flip / 8] ^= (__u8)(0x80 >> flip % 8);
	return ip_net_of(&addr, (__u8)(flip + 1));
}

/* An IPv6 prefix as wide as ::/0 or ::/80. */
static bool net_holds_v4(const struct ip_net *net)
{
	if (ip_addr_is_v4(&net->addr) || net->length >= V4_BITS)
		return false;
	for (unsigned int bit = 0; bit < net->length; bit++) {
		struct ip_net beside = beside_v4(bit);

		if (ip_net_contains(&beside, &net->addr))
			return false;
	}
	return true;
}

/*
 * To the table an IPv4 address is one of ::ffff:0:0/96, so `allow: ["::/0"]` would let in all of IPv4 too. In the
 * place of such a prefix come those that hold the rest of it.
 */
static void prefix_add(struct draft *draft, __u32 set, const struct ip_net *net,
		       const struct hp_prefix *prefix)
{
	if (!net_holds_v4(net)) {
		prefix_put(draft, set, net, prefix);
		return;
	}
	for (unsigned int bit = net->length; bit < V4_BITS; bit++) {
		struct ip_net beside = beside_v4(bit);

		prefix_put(draft, set, &beside, prefix);
	}
}

static void own_add(struct draft *draft, const struct ip_addr *addr, const struct hp_prefix *prefix)
{
	struct ip_net net = {.addr = *addr, .length = ip_addr_is_v4(addr) ? 32 : 128};

	prefix_add(draft, 0, &net, prefix);
}

static void own_of_link(struct draft *draft, const struct fact_link *link,
			const struct hp_prefix *prefix)
{
	for (size_t i = 0; link && i < link->n_addrs; i++)
		own_add(draft, &link->addrs[i].addr, prefix);
}

static bool link_is_used(const struct draft *draft, const struct fact_link *link)
{
	if (link == draft->wan)
		return true;
	for (size_t i = 0; i < draft->conf->n_lan; i++)
		if (link == draft->lan[i])
			return true;
	return false;
}

static void prefixes_own(struct draft *draft)
{
	const struct hp_prefix elsewhere = {.kind = HP_NET_LOCAL}, public = {.kind = HP_NET_PUBLIC};
	const struct plan *plan = draft->plan;

	for (size_t i = 0; i < plan->n_devices; i++) {
		const struct plan_device *device = &plan->devices[i];
		bool wan = device->side == HP_SIDE_WAN;
		struct hp_prefix prefix = {
			.kind = wan ? HP_NET_WAN_LOCAL : HP_NET_LOCAL,
			.isolated = device->isolated,
			.ifindex = device->ifindex,
		};

		own_of_link(draft, wan ? draft->wan : draft->lan[i - 1], &prefix);
	}
	/* A link that is left out is like those that the configuration does not name. */
	for (size_t i = 0; i < draft->facts->n_links; i++)
		if (!link_is_used(draft, &draft->facts->links[i]))
			own_of_link(draft, &draft->facts->links[i], &elsewhere);
	for (size_t i = 0; i < draft->facts->n_others; i++)
		own_add(draft, &draft->facts->others[i], &elsewhere);
	if (plan->has_public)
		own_add(draft, &plan->public, &public);
}

static void prefixes_lan(struct draft *draft)
{
	for (size_t i = 0; i < draft->n_nets; i++) {
		const struct draft_net *net = &draft->nets[i];
		struct hp_prefix prefix = {
			.kind = HP_NET_LAN,
			.isolated = draft->conf->lan[net->lan].isolate,
			.ifindex = net->ifindex,
		};

		prefix_add(draft, 0, &net->net, &prefix);
	}
}

static void prefixes_allow(struct draft *draft)
{
	const struct hp_prefix prefix = {.kind = HP_NET_ALLOWED};

	for (size_t i = 0; i < draft->conf->n_services; i++) {
		const struct conf_service *service = &draft->conf->services[i];

		for (size_t j = 0; j < service->n_allow; j++)
			prefix_add(draft, draft->services[i].allow, &service->allow[j], &prefix);
	}
}

/*
 * One address can be of several kinds: a link-local one that two devices share (VLANs of one card),
 * a host route to ourselves. The public one wins, since from WAN it must be known as ours; a
 * network is what an address is least.
 */
static int kind_rank(const struct hp_prefix *prefix)
{
	static const int ranks[HP_NET_MAX] = {
		[HP_NET_WAN_LOCAL] = 0,
		[HP_NET_LOCAL] = 1,
		[HP_NET_PUBLIC] = 2,
		[HP_NET_LAN] = 3,
	};

	return ranks[prefix->kind];
}

static int prefix_compare(const void *a, const void *b)
{
	const struct plan_prefix *x = a, *y = b;
	int order = memcmp(&x->key, &y->key, sizeof(x->key));

	if (!order)
		order = kind_rank(&x->prefix) - kind_rank(&y->prefix);
	/* Whatever stays, the same facts in another order must make the same plan. */
	return order ? order : memcmp(&x->prefix, &y->prefix, sizeof(x->prefix));
}

/*
 * The longest prefixes of `allow` lists are what goes: then fewer may use a service, while a network
 * or an address of ours that is not known would open something.
 */
static void prefixes_leave_out_rest(struct plan *plan)
{
	size_t kept = 0, room = LIMIT_PREFIXES;

	for (size_t i = 0; i < plan->n_prefixes; i++)
		room -= room > 0 && plan->prefixes[i].key.set == 0;
	for (size_t i = 0; i < plan->n_prefixes; i++) {
		bool allow = plan->prefixes[i].key.set != 0;

		if (allow && !room)
			continue;
		room -= allow;
		plan->prefixes[kept++] = plan->prefixes[i];
	}
	plan->n_prefixes = kept;
}

void draft_prefixes(struct draft *draft)
{
	struct plan *plan = draft->plan;
	size_t kept = 0;

	prefixes_own(draft);
	prefixes_lan(draft);
	prefixes_allow(draft);
	if (draft->no_memory || !plan->n_prefixes)
		return;
	qsort(plan->prefixes, plan->n_prefixes, sizeof(*plan->prefixes), prefix_compare);
	for (size_t i = 1; i < plan->n_prefixes; i++)
		if (memcmp(&plan->prefixes[i].key, &plan->prefixes[kept].key,
			   sizeof(plan->prefixes[i].key)))
			plan->prefixes[++kept] = plan->prefixes[i];
	plan->n_prefixes = kept + 1;
	if (plan->n_prefixes <= LIMIT_PREFIXES)
		return;
	report_add(&draft->report, (struct spot){0},
		   "%zu networks, addresses and `allow` entries; at most %u", plan->n_prefixes,
		   LIMIT_PREFIXES);
	if (draft->following)
		prefixes_leave_out_rest(plan);
}
