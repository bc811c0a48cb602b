/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plain packet, which may take its flow's noted way (way.h): Ethernet, IPv4 without options and no fragment, UDP or a segment of TCP that neither begins nor
 * ends anything, all headers where they can be read and written in place. short.h and fast.h share how it is read and what its new addresses do to the sums.
 */
#pragma once

#include "parse4.h"
#include "way.h"

/* Addresses by what they are aligned to: struct ethhdr is packed, and read and written octet by octet. */
struct plain_ether {
	__u16 dest[3], source[3];
	__be16 proto;
};

/* What stands behind it. One struct of both would be packed, and what has four octets be read and written in halves. */
struct plain_headers {
	struct iphdr ip;
	union {
		__u32 ports; /* of either transport, as in struct way_tuple */
		struct udphdr udp;
		struct tcphdr tcp;
	};
};

/* Octets of them with either transport, from the Ethernet header on; the first includes the ports of both. */
#define PLAIN_UDP_OCTETS (ETH_HLEN + sizeof(struct iphdr) + sizeof(struct udphdr))
#define PLAIN_TCP_OCTETS (ETH_HLEN + sizeof(struct iphdr) + sizeof(struct tcphdr))

static __always_inline struct plain_headers *plain_headers(struct plain_ether *eth)
{
	return (void *)eth + ETH_HLEN;
}

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
 * Reads the frame of @frame_octets at @eth, of which what lies before @end can be seen, into *p: key, segment and octets. The length of the transport's header,
 * or 0: it is not plain.
 */
static __always_inline __u32 plain_read(struct way_packet *p, struct plain_ether *eth,
					const void *end, __u32 frame_octets)
{
	const struct plain_headers *at = plain_headers(eth);
	__u32 octets, header = sizeof(struct udphdr);

	if ((const void *)eth + PLAIN_UDP_OCTETS > end || eth->proto != bpf_htons(ETH_P_IP) ||
	    !plain_ip(at))
		return 0;
	octets = bpf_ntohs(at->ip.tot_len);
	if (octets > frame_octets - ETH_HLEN || octets < PLAIN_UDP_OCTETS - ETH_HLEN)
		return 0;
	if (at->ip.protocol == IPPROTO_TCP) {
		if ((const void *)eth + PLAIN_TCP_OCTETS > end || !plain_tcp(at))
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
	p->tuple.saddr = at->ip.saddr;
	p->tuple.daddr = at->ip.daddr;
	p->tuple.ports = at->ports;
	p->proto = at->ip.protocol;
	return header;
}

/* --- sums (RFC 1624), in the order that the octets have in the packet ------------------------------- */

/* Of less than 2^36: what is left after the second step is 0x1000f at most. */
static __always_inline __u16 plain_fold(__u64 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)((sum & 0xffff) + (sum >> 16));
}

/* What other addresses, and other ports, add to a sum; to be folded with it. */
static __always_inline __u64 plain_address_diff(const struct way_packet *p)
{
	return (__u64)(__u32)~p->tuple.saddr + (__u32)~p->tuple.daddr + p->out.saddr + p->out.daddr;
}

static __always_inline __u64 plain_port_diff(const struct way_packet *p)
{
	return (__u64)(__u32)~p->tuple.ports + p->out.ports;
}

static __always_inline __u16 plain_sum(__u16 check, __u64 diff)
{
	return (__u16)~plain_fold((__u16)~check + diff);
}

/* One hop less: octet 8 is the higher half of its 16 bits. */
#define PLAIN_HOP_DIFF ((__u16)~bpf_htons(0x0100))

static __always_inline const __u16 *plain_mac(const struct hp_link *link)
{
	return __builtin_assume_aligned(link->mac, sizeof(__u16));
}

/* All of the header but the transport's sum: Ethernet addresses, one hop less, the new tuple. */
static __always_inline void plain_write(struct plain_ether *eth, const struct way_packet *p,
					const struct hp_link *out, __u64 address_diff)
{
	struct plain_headers *at = plain_headers(eth);

	__builtin_memcpy(eth->dest, p->dest, sizeof(eth->dest));
	__builtin_memcpy(eth->source, plain_mac(out), sizeof(eth->source));
	at->ip.check = plain_sum(at->ip.check, address_diff + PLAIN_HOP_DIFF);
	at->ip.ttl--;
	at->ip.saddr = p->out.saddr;
	at->ip.daddr = p->out.daddr;
	at->ports = p->out.ports;
}
