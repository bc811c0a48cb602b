/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes back from the sorter. Nothing is carried along with it: the source says from which side it went in, since it was
 * checked there, and the tuple is still the one that it arrived with.
 */
#pragma once

#include "fragment.h"
#include "lan.h"
#include "wan.h"

/* Side and device that the packet arrived by, from its source. 0, or -1: none of ours, such as the sorter's own word. */
static NAT_INLINE int nat_sorted_side(struct nat_ctx *c)
{
	const struct hp_prefix *net = nat_net4(c, c->in.flow4.saddr);

	int inside = net && net->kind == HP_NET_LAN;

	if (net && !inside && net->kind != HP_NET_PUBLIC)
		return -1;
	if (!net && nat_is_martian4(c->in.flow4.saddr))
		return -1;
	c->in.flow4.side = inside ? HP_SIDE_LAN : HP_SIDE_WAN;
	c->in.ifindex = inside ? net->ifindex : c->settings.wan_ifindex;
	if (c->settings.one_arm)
		c->in.flow4.side = nat_arm_side4(c);
	return 0;
}

/* So that the answers of whom an inside host spoke to find room also while a flood takes that of strangers. */
static NAT_INLINE void nat_sorted_know(struct nat_ctx *c, int action)
{
	if (c->in.flow4.side == HP_SIDE_WAN && c->expected)
		nat_sorter_know(c, c->in.flow4.saddr);
	else if (c->in.flow4.side == HP_SIDE_LAN && action == NAT_SEND && c->to_wan)
		nat_sorter_know(c, c->in.flow4.daddr);
}

static NAT_INLINE int nat_sorted(NAT_ENV *env, struct nat_ctx *c)
{
	int action;

	if (nat_sorted_side(c))
		return nat_verdict(c, NAT_DROP, HP_DROP_SPOOFED);
	if (c->in.fragment)
		nat_sorter_return(c);
	if (c->in.fragment && !c->in.first)
		return nat_fragment_follow(c);
	action = c->in.flow4.side == HP_SIDE_LAN ? nat_lan(env, c) : nat_wan(env, c);
	if (!c->in.fragment)
		return action;
	nat_sorted_know(c, action);
	return nat_fragment_note(c, action);
}
