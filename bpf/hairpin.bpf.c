// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Entry points of the data plane. Follow one packet from any of the tc programs: short.h if its flow has a noted way, else parse.h reads it into a nat_packet,
 * nat/ decides, forward.h carries out, and every way out is counted with its reason.
 */
#include "maps.h"

#include <linux/if_packet.h>
#include <linux/pkt_cls.h>

#include "begin.h"
#include "fast.h"
#include "forward.h"
#include "nat/host.h"
#include "nat/import.h"
#include "nat/lan.h"
#include "nat/sorted.h"
#include "nat/v6.h"
#include "nat/wan.h"
#include "parse4.h"
#include "parse6.h"
#include "short.h"
#include "sweep.h"

/* Reads the packet into c->in. An enum parse_result. */
NAT_GLOBAL int parse(struct __sk_buff *skb, struct nat_ctx *c, struct parse_layout *at)
{
	c = nat_env_own(c);
	if (!c || !at)
		return PARSE_MALFORMED;
	c->in.ifindex = skb->ifindex;
	at->l3 = nat_link_no_ethernet(c, c->in.ifindex) ? 0 : ETH_HLEN;
	c->in.mark = skb->mark;
	if (skb->protocol == bpf_htons(ETH_P_IP))
		return parse4(skb, c, at);
	if (skb->protocol == bpf_htons(ETH_P_IPV6))
		return parse6(skb, c, at);
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

/* What the core says of a packet that arrived on @side. */
static __always_inline int decide(struct __sk_buff *skb, struct nat_ctx *c, __u8 side)
{
	if (side == HP_SIDE_LAN)
		return c->in.v6 ? nat_lan6(skb, c) : nat_lan(skb, c);
	return c->in.v6 ? nat_wan6(c) : nat_wan(skb, c);
}

/* Of a device that has both sides; only its program is long enough for it. */
static __always_inline __u8 side_by_source(struct nat_ctx *c)
{
	return c->in.v6 ? nat_arm_side6(c) : nat_arm_side4(c);
}

/* Inlined for each side, so that a program holds its own half only. @side 0: the packet tells it. */
static __always_inline int ingress(struct __sk_buff *skb, enum nat_scratch which, __u8 side)
{
	struct nat_ctx *c = scratch(which);
	struct parse_layout at = {};
	int ret;

	if (is_sorted(skb))
		return admit_sorted(skb);
	if (!is_ours(skb))
		return leave_alone();
	ret = side ? short_way(skb, side) : SHORT_NOT_TAKEN;
	if (ret != SHORT_NOT_TAKEN)
		return ret;
	if (!c || begin(c))
		return TC_ACT_SHOT;
	ret = parse(skb, c, &at);
	if (ret)
		return unparsed(skb, ret);
	if (!side)
		side = side_by_source(c);
	set_side(c, side);
	return carry_out(skb, c, &at, decide(skb, c, side));
}

SEC("tc")
int hp_lan_ingress(struct __sk_buff *skb)
{
	return ingress(skb, NAT_SCRATCH_LAN, HP_SIDE_LAN);
}

SEC("tc")
int hp_wan_ingress(struct __sk_buff *skb)
{
	return ingress(skb, NAT_SCRATCH_WAN, HP_SIDE_WAN);
}

SEC("tc")
int hp_arm_ingress(struct __sk_buff *skb)
{
	return ingress(skb, NAT_SCRATCH_LAN, 0);
}

static __always_inline int wan_egress(struct __sk_buff *skb)
{
	struct nat_ctx *c = scratch(NAT_SCRATCH_HOST);
	struct parse_layout at = {};
	int ret;

	if (skb->vlan_present)
		return leave_alone();
	/* nat_host() would say the same, after all of the packet was read. */
	if (skb->mark & MARK_SENT && skb->protocol == bpf_htons(ETH_P_IP))
		return pass(skb, HP_PASS_SENT);
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

SEC("xdp")
int hp_fast(struct xdp_md *ctx)
{
	return fast_way(ctx);
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
	if (!nat_env_total(HP_TOTAL_SEED))
		nat_env_total_add(HP_TOTAL_SEED, (__u64)nat_env_random() << 32 | nat_env_random());
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
