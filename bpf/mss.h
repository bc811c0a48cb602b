/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MSS clamping: a SYN that crosses WAN asks for no larger segments than WAN carries. Path MTU discovery would find that out as well, but not
 * where somebody on the way drops its ICMP, and a connection that hangs then is what people see (RFC 2923 section 2.1).
 *
 * A value is lowered and never raised, and a SYN without the option is left alone: what is meant then is 536, which is less.
 */
#pragma once

#include "nat/arm.h"
#include "parse.h"

#define MSS_SYN 0x02
/* What IPv6's header is longer than that of IPv4. */
#define MSS_V6_MORE 20
/* Octets of options that a TCP header can have, each of which may be one of its own. */
#define MSS_OPTIONS_MAX 40

enum mss_option { MSS_OPTION_END = 0, MSS_OPTION_NOP = 1, MSS_OPTION_MSS = 2 };

/* The option that is looked for. Where fewer octets are left than it has, it does not come any more. */
struct mss_option_octets {
	__u8 kind, length;
	__be16 value;
};

struct mss_walk {
	struct __sk_buff *skb;
	__u32 at, end; /* the option to look at next, and the first octet behind the options */
	struct mss_option_octets option;
	__u32 found;
};

/* One option further; for bpf_loop(), because the verifier would follow an ordinary loop through every length of every option. */
static long mss_step(__u32 i __attribute__((unused)), void *data)
{
	struct mss_walk *w = data;

	if (w->at + sizeof(w->option) > w->end ||
	    bpf_skb_load_bytes(w->skb, w->at, &w->option, sizeof(w->option)))
		return 1;
	switch (w->option.kind) {
	case MSS_OPTION_END:
		return 1;
	case MSS_OPTION_NOP:
		w->at++;
		return 0;
	case MSS_OPTION_MSS:
		w->found = w->option.length == sizeof(w->option);
		return 1;
	}
	w->at += w->option.length;
	return w->option.length < 2;
}

/* Writes @mss in the place of the value in @w. 0 or -1. */
static inline int mss_write(struct __sk_buff *skb, const struct parse_layout *at,
			    const struct mss_walk *w, __be16 mss)
{
	__u32 value = w->at + offsetof(struct mss_option_octets, value);
	__u64 old = w->option.value, new = mss;

	/* After an odd number of NOPs its octets count in two words of the sum, each as the other half. */
	if ((value - at->l4) & 1) {
		old = __builtin_bswap16((__u16)old);
		new = __builtin_bswap16((__u16) new);
	}
	if (bpf_l4_csum_replace(skb, at->l4 + offsetof(struct tcphdr, check), old, new,
				sizeof(mss)))
		return -1;
	return (int)bpf_skb_store_bytes(skb, value, &mss, sizeof(mss), 0);
}

/* 0: as it has to be now, -1: the packet is spoilt, drop it. It takes no key of a map. */
NAT_GLOBAL int mss_clamp(struct __sk_buff *skb, struct nat_ctx *c, struct parse_layout *at)
{
	struct mss_walk walk = {.skb = skb};
	__u8 offset = 0;
	__u32 mss;

	if (!c || !at)
		return -1;
	mss = c->settings.mss_wan - (c->in.v6 ? MSS_V6_MORE : 0);
	if (bpf_skb_load_bytes(skb, at->l4 + 12, &offset, sizeof(offset)))
		return -1;
	walk.at = at->l4 + sizeof(struct tcphdr);
	walk.end = at->l4 + (offset >> 4) * 4u;
	if (walk.end > at->l3 + at->l3_octets)
		return 0;
	bpf_loop(MSS_OPTIONS_MAX, mss_step, &walk, 0);
	if (!walk.found || bpf_ntohs(walk.option.value) <= mss)
		return 0;
	nat_env_stat(HP_STAT_MSS_CLAMPED);
	return mss_write(skb, at, &walk, bpf_htons((__u16)mss));
}

/* Whether the packet, which is let through, goes over WAN, and not by another of our programs first. */
static inline int mss_crosses_wan(struct nat_ctx *c, int action)
{
	__u8 side = c->in.v6 ? c->in.flow6.side : c->in.flow4.side;

	if (side == HP_SIDE_LAN)
		return action == NAT_SEND && c->to_wan;
	/* One arm: the device of WAN is that of the LAN too. */
	if (side == HP_SIDE_HOST && c->settings.one_arm)
		return c->in.v6 ? !nat_net6(c, c->in.flow6.daddr)
				: !nat_arm_is_inside(c, c->in.flow4.daddr);
	return 1;
}

static inline int mss_is_due(struct nat_ctx *c, int action)
{
	return c->settings.mss_wan && c->in.proto == IPPROTO_TCP && !c->in.fragment &&
	       (c->in.tcp_flags & MSS_SYN) && !(c->in.mark & MARK_SENT) &&
	       mss_crosses_wan(c, action);
}
