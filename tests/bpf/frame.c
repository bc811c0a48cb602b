// SPDX-License-Identifier: GPL-2.0-or-later
#include "frame.h"

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "frame_text.h"

/* An ICMP header of either family: eight octets. */
struct icmp_header {
	__u8 type, code;
	__be16 check;
	__be16 id, sequence; /* of an error: unused, and the MTU of type 3/4 */
};

static void *put(struct frame *f, const void *octets, size_t length)
{
	void *at = f->octets + f->length;

	assert_true(f->length + length <= FRAME_MAX);
	memcpy(at, octets, length);
	f->length += length;
	return at;
}

/* Octets that repeat late, so that a shift of the payload shows. */
static void put_payload(struct frame *f, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		__u8 octet = (__u8)(i * 7 + i / 256 + 3);

		put(f, &octet, 1);
	}
}

/* RFC 1071, sixteen bits at a time in the order of the packet. */
static __u32 sum(__u32 start, const __u8 *octets, size_t length)
{
	__u16 word;

	for (size_t i = 0; i + 1 < length; i += 2) {
		memcpy(&word, octets + i, 2);
		start += word;
	}
	if (length % 2)
		start += ntohs((__u16)(octets[length - 1] << 8));
	return start;
}

static __u16 finish(__u32 total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (__u16)~total;
}

static __u32 pseudo_sum(const struct frame_text *t, size_t l4_octets)
{
	size_t skip = t->v6 ? 0 : 12;
	__u32 total = sum(0, t->source.b + skip, 16 - skip);

	total = sum(total, t->destination.b + skip, 16 - skip);
	return total + htons((__u16)l4_octets) + htons((__u16)t->proto);
}

/* Writes the checksum at @check for what stands from @start to the end of the frame. */
static void put_check(const struct frame_text *t, struct frame *f, size_t start, __be16 *check)
{
	size_t length = f->length - start;
	__u32 total = t->proto == IPPROTO_ICMP ? 0 : pseudo_sum(t, length);
	__u16 result = finish(sum(total, f->octets + start, length));

	if (t->proto == IPPROTO_UDP && !result)
		result = 0xffff; /* RFC 768 */
	memcpy(check, &result, sizeof(result));
}

static void put_tcp(const struct frame_text *t, struct frame *f)
{
	struct tcphdr tcp = {
		.source = htons(t->sport),
		.dest = htons(t->dport),
		.seq = htonl(t->seq),
		.doff = (__u16)(5 + t->n_tcp_options / 4) & 0xf,
		.window = htons(0x4000),
	};
	struct tcphdr *at;

	((__u8 *)&tcp)[13] = t->tcp_flags;
	if (t->tcp_flags & 0x10)
		tcp.ack_seq = htonl(t->ack);
	at = put(f, &tcp, sizeof(tcp));
	put(f, t->tcp_options, t->n_tcp_options);
	put_payload(f, t->payload);
	put_check(t, f, (size_t)((__u8 *)at - f->octets), &at->check);
}

static void put_udp(const struct frame_text *t, struct frame *f)
{
	struct udphdr udp = {
		.source = htons(t->sport),
		.dest = htons(t->dport),
		.len = htons((__u16)(sizeof(udp) + t->payload)),
	};
	struct udphdr *at = put(f, &udp, sizeof(udp));

	put_payload(f, t->payload);
	if (!t->nocheck)
		put_check(t, f, (size_t)((__u8 *)at - f->octets), &at->check);
}

/* The packet that an error is about: its headers and the first octets of its transport. */
static void put_quote(const struct frame_text *t, struct frame *f)
{
	struct frame quoted;
	size_t headers;

	frame_build(&quoted, t->quote, 64);
	headers = t->v6 ? sizeof(struct ipv6hdr) : (quoted.octets[FRAME_L3] & 0xf) * 4u;
	assert_true(FRAME_L3 + headers + t->quote_octets <= quoted.length);
	put(f, quoted.octets + FRAME_L3, headers + t->quote_octets);
	put_payload(f, t->pad);
}

static void put_icmp(const struct frame_text *t, struct frame *f)
{
	struct icmp_header icmp = {
		.type = t->icmp_type,
		.code = t->icmp_code,
		.id = htons(t->icmp_id),
		.sequence = htons(t->mtu),
	};
	struct icmp_header *at = put(f, &icmp, sizeof(icmp));

	if (t->quote)
		put_quote(t, f);
	else
		put_payload(f, t->payload);
	put_check(t, f, (size_t)((__u8 *)at - f->octets), &at->check);
}

static void put_transport(const struct frame_text *t, struct frame *f)
{
	if (t->offset) {
		put_payload(f, t->payload);
		return;
	}
	switch (t->proto) {
	case IPPROTO_TCP:
		put_tcp(t, f);
		break;
	case IPPROTO_UDP:
		put_udp(t, f);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		put_icmp(t, f);
		break;
	default:
		put_payload(f, t->payload);
	}
}

static void put_ip4(const struct frame_text *t, struct frame *f)
{
	/* Three NOPs, then a record route option without room, then the end of the list. */
	static const __u8 options[8] = {1, 1, 1, 7, 3, 4, 0, 0};
	struct iphdr ip = {
		.version = 4,
		.ihl = t->options ? 7 : 5,
		.tos = t->tos,
		.id = htons(t->ip_id),
		.frag_off = htons((__u16)(t->df << 14 | t->mf << 13 | t->offset / 8)),
		.ttl = t->ttl,
		.protocol = (__u8)t->proto,
		.saddr = ip_addr_v4(&t->source),
		.daddr = ip_addr_v4(&t->destination),
	};
	struct iphdr *at = put(f, &ip, sizeof(ip));

	if (t->options)
		put(f, options, sizeof(options));
	put_transport(t, f);
	at->tot_len = htons((__u16)(f->length - FRAME_L3));
	at->check = finish(sum(0, f->octets + FRAME_L3, at->ihl * 4u));
}

static void put_ip6(const struct frame_text *t, struct frame *f)
{
	struct ipv6hdr ip = {.version = 6, .hop_limit = t->ttl};
	struct ipv6hdr *at;
	__u8 *next;

	memcpy(&ip.saddr, t->source.b, 16);
	memcpy(&ip.daddr, t->destination.b, 16);
	at = put(f, &ip, sizeof(ip));
	next = &at->nexthdr;
	for (size_t i = 0; i < t->n_extensions; i++) {
		/* Eight octets: the next header, no more length, an option that pads. */
		static const __u8 header[8] = {0, 0, 1, 4};

		*next = t->extensions[i];
		next = put(f, header, sizeof(header));
	}
	*next = (__u8)t->proto;
	put_transport(t, f);
	at->payload_len = htons((__u16)(f->length - FRAME_L3 - sizeof(ip)));
}

void frame_build(struct frame *ret_frame, const char *text, __u8 ttl)
{
	struct ethhdr ether = {
		.h_dest = {2, 0, 0, 0, 0, 1},
		.h_source = {2, 0, 0, 0, 0, 2},
	};
	struct frame_text t;
	char words[512];

	assert_true(strlen(text) < sizeof(words));
	strcpy(words, text);
	frame_text_read(&t, words);
	if (!t.ttl)
		t.ttl = ttl;
	ret_frame->length = 0;
	ether.h_proto = htons(t.proto == FRAME_PROTO_ETHER ? t.ethertype
			      : t.v6			   ? ETH_P_IPV6
							   : ETH_P_IP);
	put(ret_frame, &ether, sizeof(ether));
	if (t.proto == FRAME_PROTO_ETHER)
		put_payload(ret_frame, 46);
	else if (t.v6)
		put_ip6(&t, ret_frame);
	else
		put_ip4(&t, ret_frame);
}

void frame_set_ip_id(struct frame *frame, __be16 id)
{
	struct iphdr *ip = (struct iphdr *)(frame->octets + FRAME_L3);

	ip->id = id;
	ip->check = 0;
	ip->check = finish(sum(0, frame->octets + FRAME_L3, ip->ihl * 4u));
}
