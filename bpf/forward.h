/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Carries out what the core decided: passed, dropped, refused with a word to the sender, delivered, or routed and sent. Every way out is
 * counted with its reason.
 *
 * "Pass" is TC_ACT_UNSPEC, never TC_ACT_OK, so that filters of others behind ours are still asked.
 */
#pragma once

#include "maps.h"

#include <linux/pkt_cls.h>

#include "count.h"
#include "icmp_error.h"
#include "icmp_translate.h"
#include "mss.h"
#include "nat/arm.h"
#include "nat/hairpin.h"
#include "rewrite.h"
#include "send.h"
#include "way.h"

static __always_inline int pass(struct __sk_buff *skb, __u32 reason)
{
	count(reason);
	skb->mark |= MARK_ADMITTED;
	return TC_ACT_UNSPEC;
}

static __always_inline int drop(__u32 reason)
{
	count(reason);
	return TC_ACT_SHOT;
}

/* Our own address towards whoever sent the packet, for an ICMP error: outside the one that was spoken to, where it is ours. */
static __always_inline __be32 error_source(struct nat_ctx *c)
{
	const struct hp_prefix *net;

	if (c->in.flow4.side != HP_SIDE_WAN)
		return nat_segment_gateway(c, c->in.ifindex);
	net = nat_net4(c, c->in.flow4.daddr);
	return net && net->kind == HP_NET_WAN_LOCAL ? c->in.flow4.daddr : c->settings.wan_addr;
}

NAT_GLOBAL int refuse(struct __sk_buff *skb, struct nat_ctx *c, struct parse_layout *at,
		      struct icmp_say *say)
{
	int verdict;

	c = nat_env_own(c);
	if (!c || !at || !say)
		return TC_ACT_SHOT;
	count(c->reason);
	say->from = error_source(c);
	verdict = icmp_error(skb, c, at, say);
	if (verdict < 0)
		return TC_ACT_SHOT;
	count(HP_SENT_ICMP_ERROR);
	return verdict;
}

/* Both ways: nothing meant for inside may leave by a default route when its segment is gone. */
static __always_inline int leaves_rightly(struct nat_ctx *c, __u32 ifindex)
{
	const struct hp_rule *link;

	/* One device for both: where the next hop is cannot be seen, so the destination has to be one of that side. */
	if (c->settings.one_arm)
		return ifindex == c->settings.wan_ifindex &&
		       (c->to_wan || nat_arm_is_inside(c, c->out.daddr));
	if (c->to_wan)
		return ifindex == c->settings.wan_ifindex;
	link = nat_rule_link(c, ifindex);
	return link && link->link_side == HP_SIDE_LAN;
}

/*
 * To the sorter, as it came. Its kernel takes one hop, which is given beforehand, so that what comes back is judged by the hops that it
 * arrived with; who sends the largest number loses one more than from other routers.
 */
static __noinline int to_sorter(struct __sk_buff *skb, struct nat_ctx *c, struct parse_layout *at)
{
	const struct ethhdr frame = {.h_dest = {SORTER_MAC_INSIDE_OCTETS},
				     .h_source = {SORTER_MAC_OUTSIDE_OCTETS},
				     .h_proto = bpf_htons(ETH_P_IP)};

	if (c->in.ttl < 255 && rewrite_ttl(skb, c, at, c->in.ttl + 1))
		return drop(HP_DROP_REWRITE);
	if ((!at->l3 && bpf_skb_change_head(skb, ETH_HLEN, 0)) ||
	    bpf_skb_store_bytes(skb, 0, &frame, sizeof(frame), 0))
		return drop(HP_DROP_REWRITE);
	count(HP_SENT_TO_SORTER);
	return (int)bpf_redirect(c->settings.sorter_ifindex, 0);
}

/* What forward() answers in the place of a verdict: c->say_* is to be said. Not from within, as Linux 6.1 has no stack for that. */
#define FORWARD_REFUSE 100

static __always_inline int forward_refuse(struct nat_ctx *c, enum hp_reason reason, __u8 type,
					  __u8 code, __u16 mtu)
{
	c->reason = reason;
	c->say_type = type;
	c->say_code = code;
	c->say_mtu = mtu;
	return FORWARD_REFUSE;
}

/* The packet is larger than the next link: who forbids fragments is told, who allows them is served with them. */
static __always_inline int too_big(struct __sk_buff *skb, struct nat_ctx *c,
				   struct parse_layout *at, __u16 mtu)
{
	if (c->in.dont_fragment)
		return forward_refuse(c, HP_DROP_TOO_BIG, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu);
	return c->settings.sorter_ifindex ? to_sorter(skb, c, at) : drop(HP_DROP_TOO_BIG);
}

/* What the core, or forward(), wants said. */
static __always_inline int refuse_as_told(struct __sk_buff *skb, struct nat_ctx *c,
					  struct parse_layout *at)
{
	struct icmp_say say = {.type = c->say_type, .code = c->say_code, .mtu = c->say_mtu};

	return refuse(skb, c, at, &say);
}

/* The network outside, or the host inside that has taken the place of our own address. */
static __always_inline int no_route(struct nat_ctx *c)
{
	return forward_refuse(c, HP_DROP_NO_ROUTE, ICMP_DEST_UNREACH,
			      c->to_wan ? ICMP_NET_UNREACH : ICMP_HOST_UNREACH, 0);
}

/* Writes what the core decided into the packet. 0, or the reason for a drop. */
static __always_inline int translate(struct __sk_buff *skb, struct nat_ctx *c,
				     struct parse_layout *at)
{
	if (c->in.icmp == NAT_ICMP_ERROR)
		return icmp_translate(skb, c, at);
	return rewrite4(skb, c, at) ? HP_DROP_REWRITE : 0;
}

static __noinline int deliver(struct __sk_buff *skb, struct nat_ctx *c, struct parse_layout *at)
{
	int ret = translate(skb, c, at);

	return ret ? drop((__u32)ret) : pass(skb, c->reason);
}

/* A SYN over WAN; not before it is sure that no error will quote it. */
static __always_inline int clamp(struct __sk_buff *skb, struct nat_ctx *c, struct parse_layout *at,
				 int action)
{
	return mss_is_due(c, action) ? mss_clamp(skb, c, at) : 0;
}

/*
 * The route of what the core wants sent. The untranslated source is asked with: rules by source are about LANs.
 *
 * Beside us may be a proxy whose rules lead what comes from the LAN into a device of its own. What a flow of ours sends is none of its business:
 * the flow was opened by WAN, and the main table says where that is (lab bypass_proxy).
 */
static __noinline int find_way(struct __sk_buff *skb, struct nat_ctx *c, struct bpf_fib_lookup *fib,
			       __u32 octets)
{
	int ret;

	fib->ipv4_src = c->to_wan ? c->in.flow4.saddr : c->out.saddr;
	fib->ipv4_dst = c->out.daddr;
	ret = send_route(skb, c, fib, octets, 0);
	if (!c->settings.one_arm || (ret == SEND_OK && leaves_rightly(c, fib->ifindex)))
		return ret;
	fib->ipv4_src = c->to_wan ? c->in.flow4.saddr : c->out.saddr;
	fib->ipv4_dst = c->out.daddr;
	return send_route(skb, c, fib, octets, BPF_FIB_LOOKUP_DIRECT);
}

/* NAT_SEND: route, translate, one hop less, out. A verdict, or FORWARD_REFUSE. */
NAT_GLOBAL int forward(struct __sk_buff *skb, struct nat_ctx *c, struct parse_layout *at)
{
	struct bpf_fib_lookup fib = {};
	__u32 octets;
	int ret;

	c = nat_env_own(c);
	if (!c || !at)
		return TC_ACT_SHOT;
	if (c->in.ttl <= 1)
		return forward_refuse(c, HP_DROP_TTL, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0);
	/*
	 * What the sorter cut to the smallest of our links fits them all. A route can still ask for less, by what the gateway's own stack has
	 * learnt of a path: that is the path's business, where fragments are allowed.
	 */
	octets = c->in.sorted && !c->in.dont_fragment ? 1 : send_octets(skb, c, at);
	ret = find_way(skb, c, &fib, octets);
	if (ret == SEND_TOO_BIG)
		return too_big(skb, c, at, fib.mtu_result);
	if (ret || !leaves_rightly(c, fib.ifindex))
		return no_route(c);
	if (way_is_due(c))
		way_note(c, &fib);
	ret = translate(skb, c, at);
	if (ret)
		return drop((__u32)ret);
	if (rewrite_ttl(skb, c, at, c->in.ttl - 1) || clamp(skb, c, at, NAT_SEND))
		return drop(HP_DROP_REWRITE);
	if (send_prepare(skb, c, at, fib.ifindex))
		return drop(HP_DROP_REWRITE);
	count(c->reason);
	return send_to(skb, c, &fib);
}

static __always_inline int carry_out(struct __sk_buff *skb, struct nat_ctx *c,
				     struct parse_layout *at, int action)
{
	int ret;

	if ((action == NAT_PASS || action == NAT_DELIVER) && clamp(skb, c, at, action))
		return drop(HP_DROP_REWRITE);
	switch (action) {
	case NAT_PASS:
		return pass(skb, c->reason);
	case NAT_DELIVER:
		return deliver(skb, c, at);
	case NAT_SEND:
		ret = forward(skb, c, at);
		return ret == FORWARD_REFUSE ? refuse_as_told(skb, c, at) : ret;
	case NAT_SORT:
		return to_sorter(skb, c, at);
	case NAT_REFUSE:
		return refuse_as_told(skb, c, at);
	}
	return drop(c->reason);
}
