/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The noted way (way.h) in tc: the packet's headers are read and written where they stand, and no route and no neighbour is asked.
 *
 * The transport checksum alone is the helper's to change, since only the kernel knows whether it is complete or partial. Who has his headers elsewhere than in the
 * linear part, or anything beside plain IPv4, goes the long way.
 */
#pragma once

#include <linux/pkt_cls.h>

#include "way.h"

/* What short_way() answers in the place of a verdict. */
#define SHORT_NOT_TAKEN (-2)

/* A packet's headers, plain as they are. */
struct short_headers {
	struct ethhdr eth;
	struct iphdr ip;
	union {
		struct udphdr udp;
		struct tcphdr tcp;
	};
} __attribute__((packed));

/* Octets of them, with ports and checksum of either transport. */
#define SHORT_UDP_OCTETS (ETH_HLEN + sizeof(struct iphdr) + sizeof(struct udphdr))
#define SHORT_TCP_OCTETS (ETH_HLEN + sizeof(struct iphdr) + sizeof(struct tcphdr))

static __always_inline int short_ip_is_plain(const struct short_headers *at)
{
	return at->ip.version == 4 && at->ip.ihl == 5 && at->ip.ttl > 1 &&
	       !(at->ip.frag_off & bpf_htons(PARSE4_FRAGMENT_MASK));
}

/* One that neither begins nor ends anything. */
static __always_inline int short_tcp_is_plain(const struct short_headers *at)
{
	return at->tcp.ack && !at->tcp.syn && !at->tcp.fin && !at->tcp.rst && at->tcp.doff >= 5;
}

static __always_inline void short_segment(struct nat_segment *seg, const struct short_headers *at,
					  __u32 octets)
{
	seg->seq = bpf_ntohl(at->tcp.seq);
	seg->end = seg->seq + octets - at->tcp.doff * 4;
	seg->ack = bpf_ntohl(at->tcp.ack_seq);
	seg->flags = NAT_TCP_BIT_ACK;
}

static __always_inline void short_key(struct way_packet *p, const struct short_headers *at,
				      __u8 side)
{
	p->key = (struct hp_flow4){.saddr = at->ip.saddr,
				   .daddr = at->ip.daddr,
				   .sport = at->udp.source,
				   .dport = at->udp.dest,
				   .proto = at->ip.protocol,
				   .side = side};
}

/* Reads the packet into *p; 0 if it is not plain. */
static __always_inline int short_read(const struct __sk_buff *skb, struct way_packet *p, __u8 side)
{
	const struct short_headers *at = (void *)(long)skb->data;
	const void *end = (void *)(long)skb->data_end;
	__u32 octets, header = sizeof(struct udphdr);

	if ((const void *)at + SHORT_UDP_OCTETS > end || !short_ip_is_plain(at))
		return 0;
	octets = bpf_ntohs(at->ip.tot_len);
	if (octets > skb->len - ETH_HLEN || octets < SHORT_UDP_OCTETS - ETH_HLEN)
		return 0;
	if (at->ip.protocol == IPPROTO_TCP) {
		if ((const void *)at + SHORT_TCP_OCTETS > end || !short_tcp_is_plain(at))
			return 0;
		header = at->tcp.doff * 4;
		if (octets < sizeof(struct iphdr) + header)
			return 0;
		short_segment(&p->seg, at, octets - sizeof(struct iphdr));
	} else if (at->ip.protocol != IPPROTO_UDP) {
		return 0;
	}
	p->octets = skb->gso_size ? sizeof(struct iphdr) + header + skb->gso_size : octets;
	short_key(p, at, side);
	return 1;
}

static __always_inline __s64 short_diff(const void *old, const void *new, __u32 octets)
{
	return bpf_csum_diff((__be32 *)old, octets, (__be32 *)new, octets, 0);
}

/* The transport's checksum, as rewrite.h has it; before anything is written. 0 or -1. */
static __always_inline int short_checksum(struct __sk_buff *skb, const struct way_packet *p,
					  __s64 address_diff)
{
	__u32 udp = p->key.proto == IPPROTO_UDP ? BPF_F_MARK_MANGLED_0 : 0;
	__u32 check = ETH_HLEN + sizeof(struct iphdr) +
		      (udp ? offsetof(struct udphdr, check) : offsetof(struct tcphdr, check));

	if (bpf_l4_csum_replace(skb, check, 0, address_diff, BPF_F_PSEUDO_HDR | udp))
		return -1;
	if (p->key.sport == p->out.sport && p->key.dport == p->out.dport)
		return 0;
	return (int)bpf_l4_csum_replace(skb, check, 0, short_diff(&p->key.sport, &p->out.sport, 4),
					udp);
}

/* One hop less and the new addresses, in the header's sum (RFC 1624). */
static __always_inline __sum16 short_ip_checksum(__sum16 check, __s64 address_diff)
{
	__u64 sum = (__u16)~check + (__u64)(__u32)address_diff;

	/* Octet 8 less one: the 16 bits that it is the higher half of, less 0x0100. */
	sum += (__u16)~bpf_htons(0x0100);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__sum16)~sum;
}

/* 0, or -1 with the packet spoilt. */
static __always_inline int short_write(struct __sk_buff *skb, const struct way_packet *p,
				       const struct hp_link *out)
{
	__s64 diff = short_diff(&p->key.saddr, &p->out.saddr, 8);
	struct short_headers *at;

	if (short_checksum(skb, p, diff))
		return -1;
	at = (void *)(long)skb->data;
	if ((void *)at + SHORT_UDP_OCTETS > (void *)(long)skb->data_end)
		return -1;
	__builtin_memcpy(at->eth.h_dest, p->way.dest, ETH_ALEN);
	__builtin_memcpy(at->eth.h_source, out->mac, ETH_ALEN);
	at->ip.check = short_ip_checksum(at->ip.check, diff);
	at->ip.ttl--;
	at->ip.saddr = p->out.saddr;
	at->ip.daddr = p->out.daddr;
	at->udp.source = p->out.sport;
	at->udp.dest = p->out.dport;
	return 0;
}

/* A verdict, or SHORT_NOT_TAKEN with nothing changed. Not inlined: its stack would be that of the whole long way too (test old_kernels). */
static __noinline int short_way(struct __sk_buff *skb, __u8 side)
{
	const struct hp_link *in = way_link(skb->ifindex), *out;
	struct way_packet p = {};

	if (!in || skb->protocol != bpf_htons(ETH_P_IP) || !short_read(skb, &p, side))
		return SHORT_NOT_TAKEN;
	p.in = (__u16)HP_LINK_PLACE(in->ifindex);
	if (!way_take(&p))
		return SHORT_NOT_TAKEN;
	out = way_link_at(p.way.out);
	if (!out || !out->ifindex)
		return SHORT_NOT_TAKEN;
	if (short_write(skb, &p, out)) {
		count(HP_DROP_REWRITE);
		return TC_ACT_SHOT;
	}
	count(p.way.reason);
	skb->mark = (skb->mark & ~(MARK_ADMITTED | MARK_SENT)) |
		    (out->side == HP_SIDE_WAN ? MARK_SENT : 0);
	return (int)bpf_redirect(out->ifindex, 0);
}
