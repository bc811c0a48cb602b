/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From packet bytes to struct nat_packet. Before the IP header stands Ethernet's, or none at all (PPP, tunnels).
 *
 * Large and tunnelled packets may have no header in their linear part. The helpers that read and write octets find them wherever they are; all
 * access is by those. Nothing is pulled into the linear part in advance (bpf_skb_pull_data), as this
 * packet may stand for several that hang at it as a list, and what is taken of the first of them makes all of them worthless:
 * SCTP's receiver ends the association (lab outgoing_sctp).
 */
#pragma once

#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include <nat_env.h>

/* Extension headers of one packet that are walked; RFC 8200 knows four that can precede a transport. */
#define PARSE_EXTENSIONS_MAX 4

/* Where things stand in the packet, from the start of the frame. */
struct parse_layout {
	__u32 l3, l4;
	__u32 l3_octets; /* length of the IP packet as its header says */
};

enum parse_result { PARSE_OK = 0, PARSE_NOT_IP, PARSE_MALFORMED, PARSE_EXTENSION6 };

/* <linux/icmp.h> draws in the C library's socket headers, which do not compile for this target. */
enum parse_icmp_type {
	ICMP_ECHOREPLY = 0,
	ICMP_DEST_UNREACH = 3,
	ICMP_ECHO = 8,
	ICMP_TIME_EXCEEDED = 11,
	ICMP_PARAMETERPROB = 12,
	ICMP_TIMESTAMP = 13,
	ICMP_TIMESTAMPREPLY = 14,
};

enum parse_icmp_code {
	ICMP_NET_UNREACH = 0,
	ICMP_EXC_TTL = 0,
	ICMP_HOST_UNREACH = 1,
	ICMP_FRAG_NEEDED = 4,
};

/* Every ICMP message; `first` and `second` are the id and sequence of an echo, unused and MTU of an error. */
struct icmp_header {
	__u8 type, code;
	__be16 check;
	__be16 first, second;
};

struct parse_ports {
	__be16 source, dest;
};

static inline __u8 parse_icmp4_class(__u8 type)
{
	switch (type) {
	case ICMP_ECHO:
	case ICMP_TIMESTAMP:
		return NAT_ICMP_REQUEST;
	case ICMP_ECHOREPLY:
	case ICMP_TIMESTAMPREPLY:
		return NAT_ICMP_REPLY;
	case ICMP_DEST_UNREACH:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETERPROB:
		return NAT_ICMP_ERROR;
	}
	return NAT_ICMP_OTHER;
}

static inline __u8 parse_icmp6_class(__u8 type)
{
	if (type < 128)
		return NAT_ICMP_ERROR;
	if (type == ICMPV6_ECHO_REQUEST)
		return NAT_ICMP_REQUEST;
	if (type == ICMPV6_ECHO_REPLY)
		return NAT_ICMP_REPLY;
	/* 130-132 and 143: MLD; 133-136: router and neighbour discovery. A redirect (137) is not the link's life. */
	if ((type >= 130 && type <= 136) || type == ICMPV6_MLD2_REPORT)
		return NAT_ICMP_LINK;
	return NAT_ICMP_OTHER;
}

/* The least that a header of @proto takes. */
static inline __u32 parse_transport_octets(__u8 proto)
{
	if (proto == IPPROTO_TCP)
		return sizeof(struct tcphdr);
	return proto == IPPROTO_UDP || proto == IPPROTO_ICMP ? 8 : 0;
}

/* Ports, or the id of a query in the place of the port of who asked, from @offset. 0 or -1. */
static __attribute__((noinline)) int parse_transport(struct __sk_buff *skb, struct nat_ctx *c,
						     __u32 offset, __be16 *ret_sport,
						     __be16 *ret_dport)
{
	struct parse_ports ports;
	struct icmp_header echo;

	*ret_sport = *ret_dport = 0;
	if (c->in.proto == IPPROTO_TCP || c->in.proto == IPPROTO_UDP) {
		if (bpf_skb_load_bytes(skb, offset, &ports, sizeof(ports)))
			return -1;
		*ret_sport = ports.source;
		*ret_dport = ports.dest;
		return 0;
	}
	/* The other family's ICMP is a protocol like any other. */
	if (c->in.proto != (c->in.v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP))
		return 0;
	if (bpf_skb_load_bytes(skb, offset, &echo, sizeof(echo)))
		return -1;
	c->in.icmp = c->in.proto == IPPROTO_ICMP ? parse_icmp4_class(echo.type)
						 : parse_icmp6_class(echo.type);
	c->in.timestamp = echo.type == ICMP_TIMESTAMP;
	if (c->in.icmp == NAT_ICMP_REQUEST)
		*ret_sport = echo.first;
	else if (c->in.icmp == NAT_ICMP_REPLY)
		*ret_dport = echo.first;
	return 0;
}

/*
 * The TCP header at @offset of the frame, of a segment of @octets. 0, or -1: its length is none. A GSO packet counts as the one
 * segment that it is to whoever only adds up octets.
 */
static __attribute__((noinline)) int parse_tcp(struct __sk_buff *skb, struct nat_ctx *c,
					       __u32 offset, __u32 octets)
{
	struct tcphdr tcp;

	if (bpf_skb_load_bytes(skb, offset, &tcp, sizeof(tcp)))
		return -1;
	if (tcp.doff < 5 || octets < tcp.doff * 4u)
		return -1;
	c->in.tcp_flags = ((__u8 *)&tcp)[13];
	c->in.tcp_seq = tcp.seq;
	c->in.tcp_ack = tcp.ack_seq;
	c->in.tcp_octets = octets - tcp.doff * 4 + tcp.syn + tcp.fin;
	return 0;
}
