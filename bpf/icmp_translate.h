/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Carries c->quote_out and c->out into an ICMP error (RFC 5508 section 4.2). All of the message is checked before, and of what it quotes the IP
 * header (REQ-3, REQ-3a); the quoted transport's checksum is not, since the quote is rarely long enough (REQ-3c).
 *
 * Changed are the quoted addresses, ports or query id, and the quoted checksums that hang on them, as far as they were quoted: eight octets
 * of transport are all that a sender owes, and TCP's checksum stands in the seventeenth. What follows (more of the payload, padding, the extensions
 * of RFC 4884) stays as it is, and the ICMP checksum is carried along by the difference. Of an error that comes in fragments only the first one is
 * seen here, so its checksum is left to the receiver.
 *
 * The difference is right whatever the device knows of the packet: the sum over the ICMP message is the same before and after,
 * and a message of ICMP never has a partial checksum, since no device fills one in.
 */
#pragma once

#include "icmp_error.h"
#include "rewrite.h"

/* Of the quoted transport: to the end of TCP's checksum, and whole words. */
#define ICMP_RESTORE_TRANSPORT 20
#define ICMP_SUM_CHUNK 64
/* In the quoted transport: UDP's and TCP's checksum, ICMP's and its id. */
#define ICMP_RESTORE_UDP_CHECK 6
#define ICMP_RESTORE_TCP_CHECK 16
#define ICMP_RESTORE_ICMP_CHECK 2
#define ICMP_RESTORE_ICMP_ID 4

/* The part of the quote that may change, zero-padded. */
struct icmp_quoted {
	__u8 ip[60];
	__u8 transport[ICMP_RESTORE_TRANSPORT];
};

struct icmp_summing {
	struct __sk_buff *skb;
	__u32 offset, octets;
	__u32 sum;
	__u32 fault;
};

static long icmp_sum_chunk(__u32 i, void *data)
{
	struct icmp_summing *s = data;
	__u8 chunk[ICMP_SUM_CHUNK] = {};
	__u32 done = i * ICMP_SUM_CHUNK, left;
	long ret;

	if (done >= s->octets)
		return 1;
	left = s->octets - done;
	if (left > ICMP_SUM_CHUNK)
		left = ICMP_SUM_CHUNK;
	/* From 1 to the chunk, said so that a verifier sees it which learns nothing of 0 from a comparison with it (Linux 6.1). */
	left--;
	barrier_var(left);
	left &= ICMP_SUM_CHUNK - 1;
	ret = bpf_skb_load_bytes(s->skb, s->offset + done, chunk, left + 1);
	if (ret) {
		s->fault = 1;
		return 1;
	}
	s->sum = (__u32)bpf_csum_diff(NULL, 0, (__be32 *)chunk, sizeof(chunk), s->sum);
	return 0;
}

/*
 * Whether the checksum of the whole message is right, however long it is: one that is cut at some length to save time could be forged past
 * it. Its length is bounded by what the sender had to send.
 */
static inline int icmp_sum_is_right(struct __sk_buff *skb, const struct parse_layout *at)
{
	struct icmp_summing s = {
		.skb = skb, .offset = at->l4, .octets = at->l3_octets - (at->l4 - at->l3)};

	bpf_loop(s.octets / ICMP_SUM_CHUNK + 1, icmp_sum_chunk, &s, 0);
	return !s.fault && icmp_fold(s.sum) == 0xffff;
}

/* A checksum after what it covers has changed by @diff (RFC 1624). */
static inline __u16 icmp_check_after(__u16 check, __s64 diff)
{
	return (__u16)~icmp_fold((__u64)(__u16)~check + (__u32)diff);
}

static inline void icmp_check_update(__u8 *at, __s64 diff)
{
	__u16 *check = (__u16 *)at;

	*check = icmp_check_after(*check, diff);
}

/* The quoted ICMP message is a query or a reply, with its id where the others have their ports. */
static inline void icmp_restore_query(const struct nat_ctx *c, struct icmp_quoted *q)
{
	struct icmp_header *icmp = (struct icmp_header *)q->transport;
	int request = parse_icmp4_class(icmp->type) == NAT_ICMP_REQUEST;
	__be32 old = icmp->first, new = request ? c->quote_out.sport : c->quote_out.dport;

	icmp->first = (__be16) new;
	icmp->check = icmp_check_after(icmp->check,
				       bpf_csum_diff(&old, sizeof(old), &new, sizeof(new), 0));
}

static inline void icmp_restore_transport(const struct nat_ctx *c, struct icmp_quoted *q,
					  __u32 transport, __s64 address_diff)
{
	struct parse_ports *ports = (struct parse_ports *)q->transport;
	struct parse_ports old = *ports, new = {c->quote_out.sport, c->quote_out.dport};
	struct udphdr *udp = (struct udphdr *)q->transport;
	__u32 seed = icmp_fold((__u32)address_diff);
	__s64 diff = bpf_csum_diff((__be32 *)&old, sizeof(old), (__be32 *)&new, sizeof(new), seed);

	if (c->in.quote4.proto == IPPROTO_UDP) {
		*ports = new;
		/* No checksum stays none, and one that comes out as 0 is sent as 0xffff (RFC 768). */
		if (!udp->check)
			return;
		udp->check = icmp_check_after(udp->check, diff);
		if (!udp->check)
			udp->check = 0xffff;
	} else if (c->in.quote4.proto == IPPROTO_TCP) {
		*ports = new;
		if (transport >= ICMP_RESTORE_TCP_CHECK + 2)
			icmp_check_update(&q->transport[ICMP_RESTORE_TCP_CHECK], diff);
	}
}

/* The quote as it was sent, in place of the quote as it arrived. */
static inline void icmp_restore(const struct nat_ctx *c, struct icmp_quoted *q, __u32 transport)
{
	struct iphdr *ip = (struct iphdr *)q->ip;
	__be32 old[2] = {ip->saddr, ip->daddr};
	__be32 new[2] = {c->quote_out.saddr, c->quote_out.daddr};
	__s64 diff = bpf_csum_diff(old, sizeof(old), new, sizeof(new), 0);

	ip->saddr = new[0];
	ip->daddr = new[1];
	ip->check = icmp_check_after(ip->check, diff);
	if (c->in.quote4.proto == IPPROTO_ICMP)
		icmp_restore_query(c, q);
	else
		icmp_restore_transport(c, q, transport, diff);
}

/* Reads what may change into @q; the octets of transport among them, or -1. */
static __attribute__((noinline)) int icmp_read_quote(struct __sk_buff *skb,
						     const struct parse_layout *at,
						     struct icmp_quoted *q)
{
	__u32 start = at->l4 + sizeof(struct icmp_header), octets, ip, transport;
	__u8 first;

	__builtin_memset(q, 0, sizeof(*q));
	if (bpf_skb_load_bytes(skb, start, &first, sizeof(first)))
		return -1;
	ip = (first & 15) * 4u;
	octets = at->l3_octets - (start - at->l3);
	if (ip < sizeof(struct iphdr) || ip > sizeof(q->ip) || octets < ip + 8 ||
	    octets > at->l3_octets)
		return -1;
	transport = octets - ip;
	if (transport > sizeof(q->transport))
		transport = sizeof(q->transport);
	if (transport < 8 || bpf_skb_load_bytes(skb, start, q->ip, ip) ||
	    bpf_skb_load_bytes(skb, start + ip, q->transport, transport))
		return -1;
	return (int)transport;
}

/* Writes the quote back, the ICMP checksum first. */
static __attribute__((noinline)) int icmp_write_quote(struct __sk_buff *skb,
						      const struct parse_layout *at,
						      const struct icmp_quoted *old,
						      const struct icmp_quoted *new)
{
	__u32 start = at->l4 + sizeof(struct icmp_header);
	__u32 ip = (new->ip[0] & 15) * 4u;
	__u32 transport = at->l3_octets - (start - at->l3) - ip;
	__s64 diff = bpf_csum_diff((__be32 *)old, sizeof(*old), (__be32 *)new, sizeof(*new), 0);

	if (transport > sizeof(new->transport))
		transport = sizeof(new->transport);
	if (ip < sizeof(struct iphdr) || ip > sizeof(new->ip) || transport < 8)
		return -1;
	if (bpf_l4_csum_replace(skb, at->l4 + offsetof(struct icmp_header, check), 0, diff, 0) ||
	    bpf_skb_store_bytes(skb, start, new->ip, ip, 0))
		return -1;
	return (int)bpf_skb_store_bytes(skb, start + ip, new->transport, transport, 0);
}

/* Writes c->quote_out and c->out into the ICMP error. 0, or the reason for a drop. */
NAT_GLOBAL int icmp_translate(struct __sk_buff *skb, struct nat_ctx *c, struct parse_layout *at)
{
	struct icmp_quoted old, new;
	int transport;

	c = nat_env_own(c);
	if (!c || !at)
		return HP_DROP_MALFORMED;
	transport = icmp_read_quote(skb, at, &old);
	if (transport < 0)
		return HP_DROP_MALFORMED;
	if (icmp_fold((__u32)bpf_csum_diff(NULL, 0, (__be32 *)old.ip, sizeof(old.ip), 0)) !=
		    0xffff ||
	    (!c->in.fragment && !icmp_sum_is_right(skb, at)))
		return HP_DROP_ICMP_CHECKSUM;
	new = old;
	icmp_restore(c, &new, (__u32)transport);
	if (icmp_write_quote(skb, at, &old, &new) ||
	    rewrite_addresses(skb, c, at, rewrite_address_diff(c)))
		return HP_DROP_REWRITE;
	return 0;
}
