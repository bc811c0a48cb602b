/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plain packet, which may take its flow's noted way (way.h): Ethernet, IPv4 without options and no fragment, UDP or a segment of TCP that neither begins nor
 * ends anything, all headers where they can be read and written in place. short.h and fast.h share how it is read and what its new addresses do to the sums.
 */
#pragma once

#include "parse4.h"
#include "way.h"

struct plain_headers {
	struct ethhdr eth;
	struct iphdr ip;
	union {
		struct udphdr udp;
		struct tcphdr tcp;
	};
} __attribute__((packed, aligned(2)));

/* Octets of them with either transport; the first includes the ports of both. */
#define PLAIN_UDP_OCTETS (ETH_HLEN + sizeof(struct iphdr) + sizeof(struct udphdr))
#define PLAIN_TCP_OCTETS (ETH_HLEN + sizeof(struct iphdr) + sizeof(struct tcphdr))

static __always_inline int plain_ip(const struct plain_headers *at)
{
	return at->ip.version == 4 && at->ip.ihl == 5 && at->ip.ttl > 1 &&
	       !(at->ip.frag_off & bpf_htons(PARSE4_FRAGMENT_MASK));
}

static __always_inline int plain_tcp(const struct plain_headers *at)
{
	return at->tcp.ack && !at->tcp.syn && !at->tcp.fin && !at->tcp.rst && at->tcp.doff >= 5;
}

static __always_inline void plain_segment(struct nat_segment *seg, const struct plain_headers *at,
					  __u32 octets)
{
	seg->seq = bpf_ntohl(at->tcp.seq);
	seg->end = seg->seq + octets - at->tcp.doff * 4;
	seg->ack = bpf_ntohl(at->tcp.ack_seq);
	seg->flags = NAT_TCP_BIT_ACK;
}

/*
 * Reads the frame of @frame_octets at @at, of which what lies before @end can be seen, into *p: key, segment and octets. The length of the transport's header,
 * or 0: it is not plain.
 */
static __always_inline __u32 plain_read(struct way_packet *p, const struct plain_headers *at,
					const void *end, __u32 frame_octets)
{
	__u32 octets, header = sizeof(struct udphdr);

	if ((const void *)at + PLAIN_UDP_OCTETS > end || at->eth.h_proto != bpf_htons(ETH_P_IP) ||
	    !plain_ip(at))
		return 0;
	octets = bpf_ntohs(at->ip.tot_len);
	if (octets > frame_octets - ETH_HLEN || octets < PLAIN_UDP_OCTETS - ETH_HLEN)
		return 0;
	if (at->ip.protocol == IPPROTO_TCP) {
		if ((const void *)at + PLAIN_TCP_OCTETS > end || !plain_tcp(at))
			return 0;
		header = at->tcp.doff * 4;
		if (octets < sizeof(struct iphdr) + header)
			return 0;
		plain_segment(&p->seg, at, octets - sizeof(struct iphdr));
	} else if (at->ip.protocol != IPPROTO_UDP) {
		return 0;
	}
	p->octets = octets;
	p->dscp = at->ip.tos & WAY_DSCP;
	p->key.saddr = at->ip.saddr;
	p->key.daddr = at->ip.daddr;
	p->key.sport = at->udp.source;
	p->key.dport = at->udp.dest;
	p->key.proto = at->ip.protocol;
	return header;
}

/* --- sums (RFC 1624), in the order that the octets have in the packet ------------------------------- */

static __always_inline __u16 plain_fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)((sum & 0xffff) + (sum >> 16));
}

/* What other addresses, and other ports, add to a sum. */
static __always_inline __u32 plain_address_diff(const struct way_packet *p)
{
	return plain_fold((__u64)(__u32)~p->key.saddr + (__u32)~p->key.daddr + p->out.saddr +
			  p->out.daddr);
}

static __always_inline __u32 plain_port_diff(const struct way_packet *p)
{
	return plain_fold((__u64)(__u16)~p->key.sport + (__u16)~p->key.dport + p->out.sport +
			  p->out.dport);
}

static __always_inline __u16 plain_sum(__u16 check, __u64 diff)
{
	return (__u16)~plain_fold((__u16)~check + diff);
}

/* One hop less: octet 8 is the higher half of its 16 bits. */
#define PLAIN_HOP_DIFF ((__u16)~bpf_htons(0x0100))

/* All of the header but the transport's sum: Ethernet addresses, one hop less, the new tuple. */
static __always_inline void plain_write(struct plain_headers *at, const struct way_packet *p,
					const struct hp_link *out, __u32 address_diff)
{
	__builtin_memcpy(at->eth.h_dest, p->way.dest, ETH_ALEN);
	__builtin_memcpy(at->eth.h_source, out->mac, ETH_ALEN);
	at->ip.check = plain_sum(at->ip.check, (__u64)address_diff + PLAIN_HOP_DIFF);
	at->ip.ttl--;
	at->ip.saddr = p->out.saddr;
	at->ip.daddr = p->out.daddr;
	at->udp.source = p->out.sport;
	at->udp.dest = p->out.dport;
}
