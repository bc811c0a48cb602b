// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Entry points of the data plane. Follow one packet from any of the three tc programs: parse.h reads it into a nat_packet,
 * nat/ decides, rewrite.h and send.h carry out, and every way out is counted with its reason.
 *
 * "Pass" is TC_ACT_UNSPEC, never TC_ACT_OK, so that filters of others behind ours are still asked.
 */
#include "maps.h"

#include <linux/if_packet.h>
#include <linux/pkt_cls.h>

#include "begin.h"
#include "icmp_translate.h"
#include "mss.h"
#include "nat/host.h"
#include "nat/import.h"
#include "nat/lan.h"
#include "nat/sorted.h"
#include "nat/v6.h"
#include "nat/wan.h"
#include "parse4.h"
#include "parse6.h"
#include "rewrite.h"
#include "sweep.h"

static __always_inline void count(__u32 reason)
{
	__u64 *packets = bpf_map_lookup_elem(&hp_reasons, &reason);

	if (packets)
		(*packets)++;
}

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
	/* The route is the one that the untranslated source would get: rules by source are about LANs. */
	fib.ipv4_src = c->to_wan ? c->in.flow4.saddr : c->out.saddr;
	fib.ipv4_dst = c->out.daddr;
	/*
	 * What the sorter cut to the smallest of our links fits them all. A route can still ask for less, by what the gateway's own stack has
	 * learnt of a path: that is the path's business, where fragments are allowed.
	 */
	octets = c->in.sorted && !c->in.dont_fragment ? 1 : send_octets(skb, c, at);
	ret = send_route(skb, c, &fib, octets);
	if (ret == SEND_TOO_BIG)
		return too_big(skb, c, at, fib.mtu_result);
	if (ret || !leaves_rightly(c, fib.ifindex))
		return no_route(c);
	ret = translate(skb, c, at);
	if (ret)
		return drop((__u32)ret);
	if (rewrite_ttl(skb, c, at, c->in.ttl - 1) || clamp(skb, c, at, NAT_SEND))
		return drop(HP_DROP_REWRITE);
	if (send_prepare(skb, c, at, fib.ifindex))
		return drop(HP_DROP_REWRITE);
	count(c->reason);
	return send_to(skb, c, fib.ifindex, fib.ipv4_dst);
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

/* Reads the packet into c->in. An enum parse_result. */
NAT_GLOBAL int parse(struct __sk_buff *skb, struct nat_ctx *c, struct parse_layout *at)
{
	__u32 pull = skb->len < PARSE_PULL_OCTETS ? skb->len : PARSE_PULL_OCTETS;

	c = nat_env_own(c);
	if (!c || !at)
		return PARSE_MALFORMED;
	c->in.ifindex = skb->ifindex;
	at->l3 = nat_link_no_ethernet(c, c->in.ifindex) ? 0 : ETH_HLEN;
	c->in.mark = skb->mark;
	if (skb->protocol == bpf_htons(ETH_P_IP))
		return bpf_skb_pull_data(skb, pull) ? PARSE_MALFORMED : parse4(skb, c, at);
	if (skb->protocol == bpf_htons(ETH_P_IPV6))
		return bpf_skb_pull_data(skb, pull) ? PARSE_MALFORMED : parse6(skb, c, at);
	return PARSE_NOT_IP;
}

/*
 * Frames of a VLAN on top of this device belong to the VLAN's own device and its filter: judged here they would be on the wrong
 * side, and translated they would leave with a tag that the sender chose. Frames for another machine come by where a device
 * is promiscuous; the stack drops them, and only the stack would.
 */
static __always_inline int is_ours(struct __sk_buff *skb)
{
	return !skb->vlan_present && skb->pkt_type != PACKET_OTHERHOST;
}

static __always_inline int leave_alone(void)
{
	count(HP_PASS_NOT_OURS);
	return TC_ACT_UNSPEC;
}

static __always_inline int unparsed(struct __sk_buff *skb, int result)
{
	switch (result) {
	case PARSE_NOT_IP:
		return pass(skb, HP_PASS_NOT_IP);
	case PARSE_EXTENSION6:
		return drop(HP_DROP_EXTENSION6);
	}
	return drop(HP_DROP_MALFORMED);
}

/* The sorter's return, judged there: the second time that it comes by. No stranger can set a mark. */
static __always_inline int is_sorted(struct __sk_buff *skb)
{
	return (skb->mark & MARK_SORTED) == MARK_SORTED;
}

/* Its frame is still the sorter's, so that the kernel took it for somebody else's. */
static __always_inline int admit_sorted(struct __sk_buff *skb)
{
	skb->mark = (skb->mark & ~MARK_SORTED) | MARK_ADMITTED;
	return bpf_skb_change_type(skb, PACKET_HOST) ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

static __always_inline void set_side(struct nat_ctx *c, __u8 side)
{
	if (c->in.v6)
		c->in.flow6.side = side;
	else
		c->in.flow4.side = side;
}

SEC("tc")
int hp_lan_ingress(struct __sk_buff *skb)
{
	struct nat_ctx *c = scratch(NAT_SCRATCH_LAN);
	struct parse_layout at = {};
	int ret;

	if (is_sorted(skb))
		return admit_sorted(skb);
	if (!is_ours(skb))
		return leave_alone();
	if (!c || begin(c))
		return TC_ACT_SHOT;
	ret = parse(skb, c, &at);
	if (ret)
		return unparsed(skb, ret);
	set_side(c, HP_SIDE_LAN);
	return carry_out(skb, c, &at, c->in.v6 ? nat_lan6(skb, c) : nat_lan(skb, c));
}

SEC("tc")
int hp_wan_ingress(struct __sk_buff *skb)
{
	struct nat_ctx *c = scratch(NAT_SCRATCH_WAN);
	struct parse_layout at = {};
	int ret;

	if (is_sorted(skb))
		return admit_sorted(skb);
	if (!is_ours(skb))
		return leave_alone();
	if (!c || begin(c))
		return TC_ACT_SHOT;
	ret = parse(skb, c, &at);
	if (ret)
		return unparsed(skb, ret);
	set_side(c, HP_SIDE_WAN);
	return carry_out(skb, c, &at, c->in.v6 ? nat_wan6(c) : nat_wan(c));
}

static __always_inline int wan_egress(struct __sk_buff *skb)
{
	struct nat_ctx *c = scratch(NAT_SCRATCH_HOST);
	struct parse_layout at = {};
	int ret;

	if (skb->vlan_present)
		return leave_alone();
	if (!c || begin(c))
		return TC_ACT_SHOT;
	c->in.sorted = 1;
	ret = parse(skb, c, &at);
	if (ret)
		return unparsed(skb, ret);
	set_side(c, HP_SIDE_HOST);
	return carry_out(skb, c, &at, c->in.v6 ? nat_host6(skb, c) : nat_host(skb, c));
}

SEC("tc")
int hp_wan_egress(struct __sk_buff *skb)
{
	int ret = wan_egress(skb);

	/* The marks have done their work; a device below this one must not take them for its own. */
	skb->mark &= ~(MARK_ADMITTED | MARK_SENT);
	return ret;
}

/* What the gateway's own stack shall have goes there as it arrived, by the device that it arrived on. */
static __always_inline int to_stack(struct __sk_buff *skb, struct nat_ctx *c)
{
	count(c->reason);
	skb->mark |= MARK_SORTED;
	return (int)bpf_redirect(c->in.ifindex, BPF_F_INGRESS);
}

static __always_inline int carry_out_sorted(struct __sk_buff *skb, struct nat_ctx *c,
					    struct parse_layout *at, int action)
{
	int ret;

	switch (action) {
	case NAT_PASS:
		return to_stack(skb, c);
	case NAT_DELIVER:
		ret = translate(skb, c, at);
		return ret ? drop((__u32)ret) : to_stack(skb, c);
	case NAT_SORT:
		/* It comes from there. */
		return drop(HP_DROP_FRAGMENT);
	}
	return carry_out(skb, c, at, action);
}

SEC("tc")
int hp_sorted(struct __sk_buff *skb)
{
	struct nat_ctx *c = scratch(NAT_SCRATCH_SORTED);
	struct parse_layout at = {};

	if (!c || begin(c))
		return TC_ACT_SHOT;
	c->in.sorted = 1;
	/* Nothing of this device is the stack's. */
	if (skb->protocol != bpf_htons(ETH_P_IP))
		return drop(HP_DROP_PROTOCOL);
	if (parse(skb, c, &at))
		return drop(HP_DROP_MALFORMED);
	return carry_out_sorted(skb, c, &at, nat_sorted(skb, c));
}

static long fill_one(__u32 i, void *data)
{
	struct hp_fill_args *args = data;
	__u32 index = args->first + i;

	if (bpf_map_push_elem(&hp_free, &index, 0))
		return 1;
	args->filled++;
	return 0;
}

/*
 * No packet ever meets the programs below: the daemon runs them by BPF_PROG_TEST_RUN, with a frame of zeros and its arguments in cb.
 * Not SYSCALL programs: those may sleep, and on Linux 6.1 what may sleep may not name a queue (hp_free).
 */
SEC("tc")
int hp_fill(struct __sk_buff *skb)
{
	struct hp_fill_args work = {.first = skb->cb[0], .count = skb->cb[1]};

	bpf_loop(work.count, fill_one, &work, 0);
	nat_env_total_add(HP_TOTAL_FREE, work.filled);
	nat_env_total_add(HP_TOTAL_SESSIONS, work.filled);
	skb->cb[2] = work.filled;
	return 0;
}

SEC("tc")
int hp_sweep(struct __sk_buff *skb)
{
	struct hp_sweep_args work = {.first = skb->cb[0], .count = skb->cb[1], .audit = skb->cb[2]};

	if (sweep(&work))
		return -1;
	skb->cb[3] = work.ended;
	return 0;
}

SEC("tc")
int hp_clock_start(struct __sk_buff *skb)
{
	skb->cb[2] = (__u32)-clock_start(skb->cb[0], skb->cb[1]);
	return 0;
}

SEC("tc")
int hp_import(struct __sk_buff *skb)
{
	struct nat_ctx *c = scratch(NAT_SCRATCH_SWEEP);

	if (!c || begin(c) || bpf_skb_load_bytes(skb, 0, &c->draft, sizeof(c->draft)))
		return -1;
	skb->cb[0] = (__u32)nat_import(c);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
