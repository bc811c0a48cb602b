// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The generator, the sink, and the contender that does nothing but redirect.
 *
 * The generator is run by BPF_PROG_TEST_RUN with live frames. A frame that was dropped at the far end is used again and holds what the way there
 * wrote into it, so all of it is written each time; and the pages are cold or warm for all contenders alike.
 */
#include "load.h"

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

const volatile struct load_plan plan = {};
/* For the contender: frames of one go out by the other. */
const volatile __u32 bare_ifindex[2] = {};

/* Only one CPU generates. */
__u32 next_flow[LOAD_WAYS];
__u32 paced;
__u64 due_ns;
/* Of one call: frames made, and when the first and the last batch of them were. */
__u64 made, first_ns, last_ns;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct load_tally);
} load_tallies SEC(".maps");

/* The source port that the server saw, in network order, by flow; 0: none yet. Answers go there. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, LOAD_FLOWS_MAX);
	__type(key, __u32);
	__type(value, __u32);
} load_seen SEC(".maps");

struct frame {
	struct ethhdr *eth;
	struct iphdr *ip;
	struct udphdr *udp;
	struct load_mark *mark;
};

static __always_inline bool frame_at(struct xdp_md *ctx, struct frame *f)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + LOAD_FRAME_OCTETS > end)
		return false;
	f->eth = data;
	f->ip = data + ETH_HLEN;
	f->udp = data + ETH_HLEN + sizeof(*f->ip);
	f->mark = data + ETH_HLEN + sizeof(*f->ip) + sizeof(*f->udp);
	return true;
}

static __always_inline __u16 fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)((sum & 0xffff) + (sum >> 16));
}

/* Their sums are of words as they lie in memory, which is as good in any order of octets. */
static __always_inline __u16 ip_sum(const struct iphdr *ip)
{
	const __u32 *words = (const void *)ip;

	return fold((__u64)words[0] + words[1] + words[2] + words[3] + words[4]);
}

static __always_inline __u16 udp_sum(const struct frame *f)
{
	const struct load_mark *mark = f->mark;
	const __u32 *ports = (const void *)f->udp;
	const __u16 *lengths = (const void *)(f->udp) + 4;
	__u64 sum = (__u64)f->ip->saddr + f->ip->daddr + bpf_htons(IPPROTO_UDP) + f->udp->len;

	sum += (__u64)ports[0] + lengths[0] + lengths[1];
	sum += (__u64)mark->magic + mark->flow + mark->sent_ns[0] + mark->sent_ns[1];
	return fold(sum + mark->rest + mark->last);
}

/* --- the generator --------------------------------------------------------------------------------------------------------- */

/* The number of the address that it asks. Where there is one only, the verifier takes the division out. */
static __always_inline __u32 round_of(__u32 flow)
{
	return plan.targets > 1 ? flow / plan.flows_per_target : 0;
}

static __always_inline __u32 in_round(__u32 flow)
{
	return flow - round_of(flow) * plan.flows_per_target;
}

static __always_inline __be32 client_of(__u32 flow)
{
	return bpf_htonl(plan.client + in_round(flow) / plan.flows_per_client);
}

static __always_inline __be16 port_of(__u32 flow)
{
	return bpf_htons((__u16)(plan.first_port + in_round(flow) % plan.ports));
}

static __always_inline __be32 target_of(__u32 flow)
{
	return bpf_htonl(plan.target + round_of(flow));
}

static __always_inline __be32 server_of(__u32 flow)
{
	return bpf_htonl(plan.server + round_of(flow));
}

static __always_inline void write_ends(struct frame *f, __u32 flow, enum load_way way)
{
	__u32 *seen;

	if (way == LOAD_ASK) {
		f->ip->saddr = client_of(flow);
		f->ip->daddr = target_of(flow);
		f->udp->source = port_of(flow);
		f->udp->dest = plan.target_port;
		return;
	}
	seen = bpf_map_lookup_elem(&load_seen, &flow);
	f->ip->saddr = server_of(flow);
	f->ip->daddr = plan.seen ? plan.seen : client_of(flow);
	f->udp->source = plan.server_port;
	f->udp->dest = seen ? (__u16)*seen : 0;
}

static __always_inline void write_frame(struct frame *f, __u32 flow, enum load_way way)
{
	__u64 now_ns = plan.timed ? bpf_ktime_get_ns() : 0;

	/* One by one: a copy by address would take what the compiler sees, which is zeros, for what the loader has put there. */
#pragma unroll
	for (int i = 0; i < ETH_ALEN / 2; i++) {
		((__u16 *)f->eth->h_dest)[i] = plan.ends[way].gateway[i];
		((__u16 *)f->eth->h_source)[i] = plan.ends[way].mac[i];
	}
	f->eth->h_proto = bpf_htons(ETH_P_IP);
	*f->ip = (struct iphdr){.version = 4,
				.ihl = 5,
				.tot_len = bpf_htons(LOAD_FRAME_OCTETS - ETH_HLEN),
				.ttl = 64,
				.protocol = IPPROTO_UDP};
	f->udp->len = bpf_htons(LOAD_FRAME_OCTETS - ETH_HLEN - sizeof(*f->ip));
	f->udp->check = 0;
	*f->mark = (struct load_mark){.magic = LOAD_MAGIC,
				      .flow = flow,
				      .sent_ns = {(__u32)now_ns, (__u32)(now_ns >> 32)}};
	write_ends(f, flow, way);
	f->ip->check = (__u16)~ip_sum(f->ip);
	f->udp->check = (__u16)~udp_sum(f);
	/* All zeros would say that there is none. */
	if (!f->udp->check)
		f->udp->check = 0xffff;
}

static long is_due(__u32 i, void *data)
{
	(void)i;
	(void)data;
	return bpf_ktime_get_ns() >= due_ns;
}

/* Until the next batch is due. A generator that came too late does not catch up: that would be a burst. */
static __always_inline void pace(void)
{
	__u64 now_ns;

	if (paced++ % plan.batch)
		return;
	bpf_loop(1 << 20, is_due, NULL, 0);
	now_ns = bpf_ktime_get_ns();
	due_ns = (due_ns + plan.interval_ns > now_ns ? due_ns : now_ns) + plan.interval_ns;
}

static __always_inline void clock_batch(void)
{
	if (made++ % plan.batch)
		return;
	last_ns = bpf_ktime_get_ns();
	if (!first_ns)
		first_ns = last_ns;
}

static __always_inline int generate(struct xdp_md *ctx, enum load_way way)
{
	struct frame f;
	__u32 flow = next_flow[way];

	if (!frame_at(ctx, &f))
		return XDP_ABORTED;
	if (plan.interval_ns)
		pace();
	clock_batch();
	next_flow[way] = flow + 1 < plan.flows ? flow + 1 : 0;
	write_frame(&f, flow, way);
	return (int)bpf_redirect(plan.ends[way].ifindex, 0);
}

SEC("xdp")
int load_ask(struct xdp_md *ctx)
{
	return generate(ctx, LOAD_ASK);
}

SEC("xdp")
int load_answer(struct xdp_md *ctx)
{
	return generate(ctx, LOAD_ANSWER);
}

/* --- the sink ------------------------------------------------------------------------------------------------------------ */

static __always_inline __u32 log2_of(__u64 value)
{
	__u32 power = 0;

#pragma unroll
	for (__u32 half = 32; half; half /= 2) {
		if (value >> half) {
			value >>= half;
			power += half;
		}
	}
	return power;
}

static __always_inline void note_time(struct load_tally *tally, const struct load_mark *mark)
{
	__u64 ns = bpf_ktime_get_ns() - (mark->sent_ns[0] | (__u64)mark->sent_ns[1] << 32);
	__u32 power = log2_of(ns), bucket = (__u32)ns;

	if (power >= 4)
		bucket = (power - 3) * 16 + ((ns >> (power - 4)) & 15);
	if (bucket < LOAD_BUCKETS)
		tally->buckets[bucket]++;
}

/* The port that a flow was given stays its own. */
static __always_inline bool is_its_port(__u32 flow, __u16 port)
{
	__u32 *seen = bpf_map_lookup_elem(&load_seen, &flow);

	if (!seen || !port)
		return false;
	if (!*seen)
		*seen = port;
	return *seen == port;
}

static __always_inline bool is_right_port(const struct frame *f, enum load_way way)
{
	__u32 flow = f->mark->flow;

	if (way == LOAD_ANSWER)
		return f->udp->source == plan.target_port && f->udp->dest == port_of(flow);
	if (f->udp->dest != plan.server_port || !is_its_port(flow, f->udp->source))
		return false;
	return plan.seen || f->udp->source == port_of(flow);
}

static __always_inline bool is_right_address(const struct frame *f, enum load_way way)
{
	__u32 flow = f->mark->flow;
	__be32 client = client_of(flow);

	if (way == LOAD_ANSWER)
		return f->ip->saddr == target_of(flow) && f->ip->daddr == client;
	return f->ip->daddr == server_of(flow) && f->ip->saddr == (plan.seen ? plan.seen : client);
}

/* An enum load_wrong, or LOAD_WRONGS: nothing is. */
static __always_inline __u32 judge(const struct frame *f, enum load_way way, bool sampled)
{
	if (f->mark->flow >= plan.flows)
		return LOAD_WRONG_FLOW;
	if (!is_right_address(f, way))
		return LOAD_WRONG_ADDRESS;
	if (!is_right_port(f, way))
		return LOAD_WRONG_PORT;
	if (f->ip->ttl != plan.ttl)
		return LOAD_WRONG_TTL;
	if (sampled && (ip_sum(f->ip) != 0xffff || udp_sum(f) != 0xffff))
		return LOAD_WRONG_CHECKSUM;
	return LOAD_WRONGS;
}

static __always_inline int sink(struct xdp_md *ctx, enum load_way way)
{
	__u32 zero = 0, wrong;
	struct load_tally *tally = bpf_map_lookup_elem(&load_tallies, &zero);
	struct frame f;

	/* Address resolution and the like are the stack's. */
	if (!tally || !frame_at(ctx, &f) || f.eth->h_proto != bpf_htons(ETH_P_IP) ||
	    f.ip->protocol != IPPROTO_UDP || f.mark->magic != LOAD_MAGIC)
		return XDP_PASS;
	wrong = judge(&f, way, tally->right % LOAD_SAMPLE == 0);
	if (wrong < LOAD_WRONGS) {
		tally->wrong[wrong]++;
		return XDP_DROP;
	}
	tally->right++;
	if (plan.timed)
		note_time(tally, f.mark);
	return XDP_DROP;
}

SEC("xdp")
int load_sink_asks(struct xdp_md *ctx)
{
	return sink(ctx, LOAD_ASK);
}

SEC("xdp")
int load_sink_answers(struct xdp_md *ctx)
{
	return sink(ctx, LOAD_ANSWER);
}

/* --- the contender that does nothing --------------------------------------------------------------------------------------- */

SEC("xdp")
int load_bare(struct xdp_md *ctx)
{
	struct frame f;

	if (!frame_at(ctx, &f) || f.eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	return (int)bpf_redirect(bare_ifindex[ctx->ingress_ifindex == bare_ifindex[0]], 0);
}

char LICENSE[] SEC("license") = "GPL";
