/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Carries a new tuple into an IPv4 packet: transport checksum first (it is computed from what still stands there), then ports,
 * then the IP header.
 *
 * Two differences, addresses with the pseudo-header flag and ports without: that is what stays right for complete, partial and
 * GSO checksums alike. Folding by hand breaks a partial one, which holds the pseudo-header sum only.
 */
#pragma once

#include "parse.h"

static inline int rewrite_transport(struct __sk_buff *skb, const struct nat_ctx *c,
				    const struct parse_layout *at, __s64 address_diff)
{
	struct parse_ports old = {c->in.flow4.sport, c->in.flow4.dport};
	struct parse_ports new = {c->out.sport, c->out.dport};
	__s64 port_diff =
		bpf_csum_diff((__be32 *)&old, sizeof(old), (__be32 *)&new, sizeof(new), 0);
	__u32 check = at->l4 + (c->in.proto == IPPROTO_TCP ? offsetof(struct tcphdr, check)
							   : offsetof(struct udphdr, check));
	/* A UDP checksum of 0 means none and stays; a computed 0 is sent as 0xffff (RFC 768). */
	__u64 udp = c->in.proto == IPPROTO_UDP ? BPF_F_MARK_MANGLED_0 : 0;

	if (bpf_l4_csum_replace(skb, check, 0, address_diff, BPF_F_PSEUDO_HDR | udp))
		return -1;
	if (port_diff && bpf_l4_csum_replace(skb, check, 0, port_diff, udp))
		return -1;
	return (int)bpf_skb_store_bytes(skb, at->l4, &new, sizeof(new), 0);
}

/* An echo's id is the only thing in it that changes; ICMP has no pseudo-header. */
static inline int rewrite_echo(struct __sk_buff *skb, const struct nat_ctx *c,
			       const struct parse_layout *at)
{
	__be16 old = c->in.icmp == NAT_ICMP_REQUEST ? c->in.flow4.sport : c->in.flow4.dport;
	__be16 new = c->in.icmp == NAT_ICMP_REQUEST ? c->out.sport : c->out.dport;

	if (bpf_l4_csum_replace(skb, at->l4 + offsetof(struct icmp_header, check), old, new,
				sizeof(new)))
		return -1;
	return (int)bpf_skb_store_bytes(skb, at->l4 + offsetof(struct icmp_header, first), &new,
					sizeof(new), 0);
}

/* Another number of hops; octet 8 of the header, checked as the 16 bits that it shares with the protocol. */
static inline int rewrite_ttl(struct __sk_buff *skb, const struct nat_ctx *c,
			      const struct parse_layout *at, __u8 ttl)
{
	__be16 old = bpf_htons((__u16)(c->in.ttl << 8 | c->in.proto));
	__be16 new = bpf_htons((__u16)(ttl << 8 | c->in.proto));

	if (bpf_l3_csum_replace(skb, at->l3 + offsetof(struct iphdr, check), old, new, sizeof(new)))
		return -1;
	return (int)bpf_skb_store_bytes(skb, at->l3 + offsetof(struct iphdr, ttl), &ttl,
					sizeof(ttl), 0);
}

/* What the transport has of the tuple; of a protocol that only its number is known of, nothing. */
static inline int rewrite_l4(struct __sk_buff *skb, const struct nat_ctx *c,
			     const struct parse_layout *at, __s64 address_diff)
{
	switch (c->in.proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
		return rewrite_transport(skb, c, at, address_diff);
	case IPPROTO_ICMP:
		return rewrite_echo(skb, c, at);
	}
	return 0;
}

static inline __s64 rewrite_address_diff(const struct nat_ctx *c)
{
	__be32 old[2] = {c->in.flow4.saddr, c->in.flow4.daddr};
	__be32 new[2] = {c->out.saddr, c->out.daddr};

	return bpf_csum_diff(old, sizeof(old), new, sizeof(new), 0);
}

/* The IP header alone; @diff is rewrite_address_diff(). */
static inline int rewrite_addresses(struct __sk_buff *skb, const struct nat_ctx *c,
				    const struct parse_layout *at, __s64 diff)
{
	__be32 new[2] = {c->out.saddr, c->out.daddr};

	if (bpf_l3_csum_replace(skb, at->l3 + offsetof(struct iphdr, check), 0, diff, 0))
		return -1;
	return (int)bpf_skb_store_bytes(skb, at->l3 + offsetof(struct iphdr, saddr), new,
					sizeof(new), 0);
}

/* Writes c->out into the packet. 0, or -1 with the packet spoilt: drop it. */
static __attribute__((noinline)) int rewrite4(struct __sk_buff *skb, struct nat_ctx *c,
					      struct parse_layout *at)
{
	__s64 diff = rewrite_address_diff(c);

	/* A fragment that is not the first has no transport header; the checksum in the first one is that of the datagram. */
	if ((!c->in.fragment || c->in.first) && rewrite_l4(skb, c, at, diff))
		return -1;
	return rewrite_addresses(skb, c, at, diff);
}
