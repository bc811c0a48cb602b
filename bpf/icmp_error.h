/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ICMP errors of the gateway itself, made out of the packet that caused them: cut to its header and the first octets of the
 * transport (RFC 792), wrapped, and sent back. Limited per second (RFC 1812 section 4.3.2.8).
 *
 * A packet from a local VM or container may carry a partial checksum: the field holds the pseudo-header's sum, and who sends the packet at last
 * fills it in, or nobody does. tc cannot ask. Where the field looks like that, the ICMP checksum is computed for the
 * filled-in packet: the sum of a filled transport is always the complement of its pseudo-header's. A receiver that gets it
 * unfilled has it marked as verified.
 */
#pragma once

#include <linux/if_packet.h>

#include "nat/rules.h"
#include "send.h"

/* Of the transport: enough that a partial TCP checksum field stays inside. */
#define ICMP_QUOTE_TRANSPORT 28
#define ICMP_HEADERS (sizeof(struct iphdr) + sizeof(struct icmp_header))

struct icmp_work {
	__u8 ip[60]; /* quoted IP header, zero-padded */
	__u8 transport[ICMP_QUOTE_TRANSPORT]; /* quoted transport, zero-padded */
};

static inline int icmp_budget_left(struct icmp_budget *budget, __u32 now_s, __u32 limit)
{
	if (budget->second != now_s) {
		budget->second = now_s;
		budget->sent = 0;
	}
	return budget->sent < limit;
}

/* The share of the one that is told; two CPUs may count one error for two, which is no harm. */
static inline int icmp_told_take(struct nat_ctx *c)
{
	struct icmp_budget first = {.second = c->in.now_s, .sent = 1};
	struct icmp_budget *told = bpf_map_lookup_elem(&hp_icmp_told, &c->in.flow4.saddr);

	if (!told) {
		bpf_map_update_elem(&hp_icmp_told, &c->in.flow4.saddr, &first, BPF_ANY);
		return 1;
	}
	if (!icmp_budget_left(told, c->in.now_s, LIMIT_ICMP_ERRORS_PER_HOST_S))
		return 0;
	told->sent++;
	return 1;
}

/*
 * The whole budget first, so that a flood from many addresses is not a flood of insertions too; but who has had his share does not take
 * from it.
 */
static inline int icmp_budget_take(struct nat_ctx *c)
{
	__u32 side = c->in.flow4.side;
	struct icmp_budget *budget = bpf_map_lookup_elem(&hp_icmp_budget, &side);

	if (budget && icmp_budget_left(budget, c->in.now_s, LIMIT_ICMP_ERRORS_PER_S) &&
	    icmp_told_take(c)) {
		budget->sent++;
		return 1;
	}
	nat_env_stat(HP_STAT_ICMP_LIMITED);
	return 0;
}

static inline __u16 icmp_fold(__u64 sum)
{
	__u64 folded = (sum & 0xffffffff) + (sum >> 32);

	folded = (folded & 0xffff) + (folded >> 16);
	folded = (folded & 0xffff) + (folded >> 16);
	folded = (folded & 0xffff) + (folded >> 16);
	return (__u16)folded;
}

/* The pseudo-header's sum, folded, in the byte order of the packet. */
static inline __u16 icmp_pseudo_sum(const struct nat_ctx *c, __u32 l4_octets)
{
	__be32 words[3] = {c->in.flow4.saddr, c->in.flow4.daddr,
			   bpf_htonl((__u32)c->in.proto << 16 | l4_octets)};

	return icmp_fold((__u32)bpf_csum_diff(NULL, 0, words, sizeof(words), 0));
}

/* The sum of the quoted transport as the receiver will see it. */
static inline __u16 icmp_transport_sum(const struct nat_ctx *c, struct icmp_work *w,
				       __u32 l4_octets)
{
	__u32 at = c->in.proto == IPPROTO_TCP ? offsetof(struct tcphdr, check)
					      : offsetof(struct udphdr, check);
	__u16 check = *(__u16 *)&w->transport[at];

	if ((c->in.proto == IPPROTO_TCP || c->in.proto == IPPROTO_UDP) && check &&
	    check == icmp_pseudo_sum(c, l4_octets))
		return (__u16)~check;
	return icmp_fold(
		(__u32)bpf_csum_diff(NULL, 0, (__be32 *)w->transport, sizeof(w->transport), 0));
}

/* What one error says. */
struct icmp_say {
	__be32 from; /* our address on the side that the packet came from */
	__u8 type, code;
	__u16 mtu; /* host byte order; fragmentation needed only */
};

/*
 * Whether an error may answer the packet at all (RFC 1122 section 3.2.2, RFC 1812 section 4.3.2.7): never one about another error, about what went
 * to many, about a fragment that is not the first, or to a source that is no single machine.
 */
static inline int icmp_may_answer(const struct __sk_buff *skb, const struct nat_ctx *c)
{
	if (c->in.v6 || skb->pkt_type == PACKET_BROADCAST || skb->pkt_type == PACKET_MULTICAST ||
	    nat_is_multicast4(c->in.flow4.daddr) || nat_is_martian4(c->in.flow4.saddr))
		return 0;
	/* Of other ICMP it is not known here whether it is an error. */
	if (c->in.icmp != NAT_ICMP_NONE && c->in.icmp != NAT_ICMP_REQUEST &&
	    c->in.icmp != NAT_ICMP_REPLY)
		return 0;
	return !c->in.fragment || c->in.first;
}

struct icmp_headers {
	struct iphdr ip;
	struct icmp_header icmp;
};

/* Reads what will be quoted into @w; the octets of transport quoted, or -1. */
static __attribute__((noinline)) int icmp_quote(struct __sk_buff *skb,
						const struct parse_layout *at, struct icmp_work *w)
{
	__u32 ip = at->l4 - at->l3, transport;

	__builtin_memset(w, 0, sizeof(*w));
	if (ip < sizeof(struct iphdr) || ip > sizeof(w->ip) || at->l3_octets < ip + 8)
		return -1;
	transport = at->l3_octets - ip;
	if (transport > ICMP_QUOTE_TRANSPORT)
		transport = ICMP_QUOTE_TRANSPORT;
	transport &= ~3u;
	if (transport < 8 || bpf_skb_load_bytes(skb, at->l3, w->ip, ip) ||
	    bpf_skb_load_bytes(skb, at->l4, w->transport, transport))
		return -1;
	return (int)transport;
}

static __attribute__((noinline)) void icmp_fill(struct nat_ctx *c, const struct icmp_say *say,
						struct icmp_headers *h, __u32 quoted)
{
	__builtin_memset(h, 0, sizeof(*h));
	h->ip.version = 4;
	h->ip.ihl = 5;
	h->ip.tos = 0xc0; /* internetwork control, RFC 1812 section 4.3.2.5 */
	h->ip.tot_len = bpf_htons((__u16)(ICMP_HEADERS + quoted));
	h->ip.id = (__be16)bpf_get_prandom_u32();
	h->ip.ttl = 64;
	h->ip.protocol = IPPROTO_ICMP;
	h->ip.saddr = say->from;
	h->ip.daddr = c->in.flow4.saddr;
	h->ip.check = (__u16)~icmp_fold(
		(__u32)bpf_csum_diff(NULL, 0, (__be32 *)&h->ip, sizeof(h->ip), 0));
	h->icmp.type = say->type;
	h->icmp.code = say->code;
	h->icmp.second = bpf_htons(say->mtu);
}

/* Turns the packet into the error and sends it to the packet's source. The tc verdict, or -1: drop it. */
static __attribute__((noinline)) int icmp_error(struct __sk_buff *skb, struct nat_ctx *c,
						const struct parse_layout *at,
						const struct icmp_say *say)
{
	struct bpf_fib_lookup fib = {.ipv4_src = say->from, .ipv4_dst = c->in.flow4.saddr};
	struct icmp_headers h;
	struct icmp_work w;
	int transport = icmp_quote(skb, at, &w);
	__u32 ip = at->l4 - at->l3;
	__s64 sum;

	if (transport < 0 || !say->from || !icmp_may_answer(skb, c) || !icmp_budget_take(c))
		return -1;
	icmp_fill(c, say, &h, ip + transport);
	sum = bpf_csum_diff(NULL, 0, (__be32 *)&h.icmp, sizeof(h.icmp), 0);
	sum = bpf_csum_diff(NULL, 0, (__be32 *)w.ip, sizeof(w.ip), (__u32)sum);
	h.icmp.check = (__u16)~icmp_fold((__u64)(__u32)sum +
					 icmp_transport_sum(c, &w, at->l3_octets - ip));
	if (bpf_skb_change_tail(skb, at->l4 + transport, 0) ||
	    bpf_skb_adjust_room(skb, ICMP_HEADERS, BPF_ADJ_ROOM_MAC, 0) ||
	    bpf_skb_store_bytes(skb, at->l3, &h, sizeof(h), BPF_F_RECOMPUTE_CSUM))
		return -1;
	c->in.proto = IPPROTO_ICMP;
	c->in.tos = h.ip.tos;
	if (send_route(skb, c, &fib, ICMP_HEADERS + ip + transport, 0) == SEND_NO_ROUTE)
		return -1;
	if (send_prepare(skb, c, at, fib.ifindex))
		return -1;
	return send_to(skb, c, &fib);
}
