/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4: header, transport, and the packet that an ICMP error quotes. */
#pragma once

#include "parse.h"

#define PARSE4_FRAGMENT_MASK 0x3fff /* MF and offset */
#define PARSE4_OFFSET_MASK 0x1fff
/* RFC 792: an error quotes at least this much of the transport. */
#define PARSE4_QUOTED_OCTETS 8

/*
 * The tuple of the packet quoted after an ICMP error's 8 octets, as it arrived where the error comes from. Not quoted counts what names no flow: a later
 * fragment, too short a piece, and ICMP that is no query, since an error about an error is none (RFC 1122 section 3.2.2).
 */
static __attribute__((noinline)) int parse4_quote(struct __sk_buff *skb, struct nat_ctx *c,
						  const struct parse_layout *at)
{
	__u32 offset = at->l4 + sizeof(struct icmp_header);
	struct parse_ports ports;
	struct icmp_header echo;
	struct iphdr ip;
	__u8 class;

	if (bpf_skb_load_bytes(skb, offset, &ip, sizeof(ip)) || ip.version != 4 || ip.ihl < 5 ||
	    ip.frag_off & bpf_htons(PARSE4_OFFSET_MASK) ||
	    offset + ip.ihl * 4 + PARSE4_QUOTED_OCTETS > at->l3 + at->l3_octets)
		return -1;
	c->in.quote4 =
		(struct hp_flow4){.saddr = ip.saddr, .daddr = ip.daddr, .proto = ip.protocol};
	offset += ip.ihl * 4;
	if (ip.protocol == IPPROTO_ICMP) {
		if (bpf_skb_load_bytes(skb, offset, &echo, sizeof(echo)))
			return -1;
		class = parse_icmp4_class(echo.type);
		if (class == NAT_ICMP_REQUEST)
			c->in.quote4.sport = echo.first;
		else if (class == NAT_ICMP_REPLY)
			c->in.quote4.dport = echo.first;
		else
			return -1;
	} else if (ip.protocol == IPPROTO_TCP || ip.protocol == IPPROTO_UDP) {
		if (bpf_skb_load_bytes(skb, offset, &ports, sizeof(ports)))
			return -1;
		c->in.quote4.sport = ports.source;
		c->in.quote4.dport = ports.dest;
	}
	c->in.quoted = 1;
	return 0;
}

static __attribute__((noinline)) int parse4(struct __sk_buff *skb, struct nat_ctx *c,
					    struct parse_layout *at)
{
	struct iphdr ip;

	if (bpf_skb_load_bytes(skb, at->l3, &ip, sizeof(ip)))
		return PARSE_MALFORMED;
	at->l3_octets = bpf_ntohs(ip.tot_len);
	/* More than 64 KiB of TCP in one GSO packet has no length that fits. */
	if (!at->l3_octets && skb->gso_size)
		at->l3_octets = skb->len - at->l3;
	if (ip.version != 4 || ip.ihl < 5 || at->l3_octets < ip.ihl * 4u ||
	    at->l3_octets > skb->len - at->l3)
		return PARSE_MALFORMED;
	at->l4 = at->l3 + ip.ihl * 4;
	c->in.v6 = 0;
	c->in.proto = ip.protocol;
	c->in.ttl = ip.ttl;
	c->in.tos = ip.tos;
	c->in.flow4.saddr = ip.saddr;
	c->in.flow4.daddr = ip.daddr;
	c->in.flow4.proto = ip.protocol;
	c->in.flow4.zero = 0;
	c->in.dont_fragment = (ip.frag_off & bpf_htons(0x4000)) != 0;
	c->in.id = ip.id;
	c->in.octets = at->l3_octets;
	c->in.fragment = (ip.frag_off & bpf_htons(PARSE4_FRAGMENT_MASK)) != 0;
	c->in.first = c->in.fragment && !(ip.frag_off & bpf_htons(PARSE4_OFFSET_MASK));
	if (c->in.fragment && !(c->in.first && c->in.sorted))
		return PARSE_OK;
	if (at->l3_octets < ip.ihl * 4u + parse_transport_octets(ip.protocol))
		return PARSE_MALFORMED;
	if (parse_transport(skb, c, at->l4, &c->in.flow4.sport, &c->in.flow4.dport))
		return PARSE_MALFORMED;
	if (ip.protocol == IPPROTO_TCP && parse_tcp(skb, c, at->l4, at->l3_octets - ip.ihl * 4))
		return PARSE_MALFORMED;
	if (c->in.icmp == NAT_ICMP_ERROR)
		parse4_quote(skb, c, at);
	return PARSE_OK;
}
