/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv6: header, extension headers, transport, and the packet that an ICMPv6 error quotes. */
#pragma once

#include "parse.h"

/* Walks the extension headers from @next at *offset. Returns the transport protocol, or -enum parse_result. */
static __attribute__((noinline)) int parse6_extensions(struct __sk_buff *skb, __u8 next,
						       __u32 *offset)
{
	__u8 header[2];

	for (int i = 0; i <= PARSE_EXTENSIONS_MAX; i++) {
		switch (next) {
		case IPPROTO_HOPOPTS:
		case IPPROTO_DSTOPTS:
			break;
		case IPPROTO_FRAGMENT:
			return next;
		case IPPROTO_ROUTING:
		case 135: /* mobility */
		case 139: /* host identity */
		case 140: /* shim6 */
			return -PARSE_EXTENSION6;
		default:
			return next;
		}
		if (bpf_skb_load_bytes(skb, *offset, header, sizeof(header)))
			return -PARSE_MALFORMED;
		next = header[0];
		*offset += (header[1] + 1u) * 8;
	}
	return -PARSE_EXTENSION6;
}

static __attribute__((noinline)) int parse6_quote(struct __sk_buff *skb, struct nat_ctx *c,
						  __u32 offset)
{
	struct parse_ports ports;
	struct icmp_header echo;
	struct ipv6hdr ip;

	if (bpf_skb_load_bytes(skb, offset, &ip, sizeof(ip)) || ip.version != 6)
		return -1;
	__builtin_memset(&c->in.quote6, 0, sizeof(c->in.quote6));
	__builtin_memcpy(c->in.quote6.saddr, &ip.saddr, 16);
	__builtin_memcpy(c->in.quote6.daddr, &ip.daddr, 16);
	c->in.quote6.proto = ip.nexthdr;
	offset += sizeof(ip);
	if (ip.nexthdr == IPPROTO_ICMPV6) {
		if (bpf_skb_load_bytes(skb, offset, &echo, sizeof(echo)))
			return -1;
		if (echo.type == ICMPV6_ECHO_REQUEST)
			c->in.quote6.sport = echo.first;
		else
			c->in.quote6.dport = echo.first;
	} else if (ip.nexthdr == IPPROTO_TCP || ip.nexthdr == IPPROTO_UDP) {
		if (bpf_skb_load_bytes(skb, offset, &ports, sizeof(ports)))
			return -1;
		c->in.quote6.sport = ports.source;
		c->in.quote6.dport = ports.dest;
	}
	c->in.quoted = 1;
	return 0;
}

static __attribute__((noinline)) int parse6(struct __sk_buff *skb, struct nat_ctx *c,
					    struct parse_layout *at)
{
	struct ipv6hdr ip;
	int proto;

	if (bpf_skb_load_bytes(skb, at->l3, &ip, sizeof(ip)) || ip.version != 6)
		return PARSE_MALFORMED;
	c->in.v6 = 1;
	c->in.ttl = ip.hop_limit;
	__builtin_memcpy(c->in.flow6.saddr, &ip.saddr, 16);
	__builtin_memcpy(c->in.flow6.daddr, &ip.daddr, 16);
	c->in.flow6.zero = 0;
	at->l3_octets = sizeof(ip) + bpf_ntohs(ip.payload_len);
	/* More than 64 KiB of TCP in one GSO packet has no length that fits. */
	if (!ip.payload_len && skb->gso_size)
		at->l3_octets = skb->len - at->l3;
	at->l4 = at->l3 + sizeof(ip);
	proto = parse6_extensions(skb, ip.nexthdr, &at->l4);
	if (proto < 0)
		return -proto;
	c->in.proto = c->in.flow6.proto = (__u8)proto;
	c->in.fragment = proto == IPPROTO_FRAGMENT;
	if (c->in.fragment)
		return PARSE_OK;
	if (parse_transport(skb, c, at->l4, &c->in.flow6.sport, &c->in.flow6.dport))
		return PARSE_MALFORMED;
	if (proto == IPPROTO_TCP && (at->l4 > at->l3 + at->l3_octets ||
				     parse_tcp(skb, c, at->l4, at->l3 + at->l3_octets - at->l4)))
		return PARSE_MALFORMED;
	if (c->in.icmp == NAT_ICMP_ERROR)
		parse6_quote(skb, c, at->l4 + 8);
	return PARSE_OK;
}
