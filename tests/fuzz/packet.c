// SPDX-License-Identifier: GPL-2.0-or-later
#include "packet.h"

#include <string.h>

#define TCP 6
#define UDP 17
#define ICMP 1
#define IP (frame->octets + FRAME_L3)

static void put16(__u8 *at, unsigned int value)
{
	at[0] = (__u8)(value >> 8);
	at[1] = (__u8)value;
}

static unsigned int get16(const __u8 *at)
{
	return at[0] * 256u + at[1];
}

static void put32(__u8 *at, __u32 value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

/* The complement of the sum over @octets and @start, as it is written. */
static unsigned int check_of(const __u8 *octets, size_t length, unsigned long start)
{
	for (size_t i = 0; i < length; i++)
		start += i % 2 ? octets[i] : octets[i] * 256ul;
	while (start > 0xffff)
		start = (start & 0xffff) + (start >> 16);
	return ~(unsigned int)start & 0xffff;
}

/* Addresses, protocol and length, for the sum of a transport at @header octets of the IP packet. */
static unsigned long pseudo(const struct frame *frame, size_t header)
{
	unsigned long total = IP[9] + (frame->length - FRAME_L3 - header);

	for (size_t i = 12; i < 20; i += 2)
		total += get16(IP + i);
	return total;
}

static size_t check_offset(__u8 proto)
{
	return proto == TCP ? 16 : proto == UDP ? 6 : 2;
}

static size_t transport_octets(const struct packet *p)
{
	if (p->proto == TCP)
		return p->mss ? 24 : 20;
	return 8;
}

static void put_header(struct frame *frame, const struct packet *p, size_t header)
{
	IP[0] = (__u8)(0x40 | header / 4);
	IP[1] = p->tos;
	put16(IP + 2, (unsigned int)(frame->length - FRAME_L3));
	put16(IP + 4, p->id);
	put16(IP + 6, p->frag_off);
	IP[8] = p->ttl;
	IP[9] = p->proto;
	memcpy(IP + 12, &p->saddr, 4);
	memcpy(IP + 16, &p->daddr, 4);
	memset(IP + 20, 1, header - 20);
	put16(IP + 10, check_of(IP, header, 0));
}

static void put_transport(__u8 *l4, const struct packet *p, size_t octets)
{
	if (p->proto == ICMP) {
		l4[0] = p->reply ? 0 : 8;
		put16(l4 + 4, p->reply ? p->dport : p->sport);
		put16(l4 + 6, 1);
		return;
	}
	if (p->proto != TCP && p->proto != UDP)
		return;
	put16(l4, p->sport);
	put16(l4 + 2, p->dport);
	if (p->proto == UDP) {
		put16(l4 + 4, (unsigned int)octets);
		return;
	}
	put32(l4 + 4, p->seq);
	put32(l4 + 8, p->ack);
	l4[12] = p->mss ? 6 << 4 : 5 << 4;
	l4[13] = p->flags;
	put16(l4 + 14, 0xffff);
	if (p->mss) {
		put16(l4 + 20, 2 << 8 | 4);
		put16(l4 + 22, p->mss);
	}
}

static void put_check(struct frame *frame, const struct packet *p, size_t header)
{
	__u8 *l4 = IP + header;
	size_t octets = frame->length - FRAME_L3 - header;
	unsigned int check;

	if (p->proto != TCP && p->proto != UDP && p->proto != ICMP)
		return;
	check = check_of(l4, octets, p->proto == ICMP ? 0 : pseudo(frame, header));
	if (p->proto == UDP && !check)
		check = 0xffff;
	if (p->proto == UDP && p->nocheck)
		check = 0;
	put16(l4 + check_offset(p->proto), check);
}

void packet_build(struct frame *frame, const struct packet *p)
{
	size_t header = 20 + 4u * (p->options % 11);
	size_t octets = transport_octets(p) + p->payload;

	memset(frame, 0, sizeof(*frame));
	if (octets > 1480)
		octets = 1480;
	frame->length = FRAME_L3 + header + octets;
	frame->octets[12] = 8; /* IPv4 */
	for (size_t i = transport_octets(p); i < octets; i++)
		IP[header + i] = (__u8)(i * 7 + i / 256 + 3);
	put_header(frame, p, header);
	put_transport(IP + header, p, octets);
	put_check(frame, p, header);
}

void packet_build_error(struct frame *frame, const struct packet_error *error,
			const struct frame *about)
{
	const struct packet head = {
		.saddr = error->from, .daddr = error->to, .proto = ICMP, .ttl = 64};
	size_t quoted = about->length - FRAME_L3;

	if (quoted > error->octets)
		quoted = error->octets;
	if (quoted > PACKET_QUOTE_MAX)
		quoted = PACKET_QUOTE_MAX;
	memset(frame, 0, sizeof(*frame));
	frame->length = FRAME_L3 + 20 + 8 + quoted;
	frame->octets[12] = 8;
	put_header(frame, &head, 20);
	IP[20] = error->type;
	IP[21] = error->code;
	memcpy(IP + 28, about->octets + FRAME_L3, quoted);
	put16(IP + 22, check_of(IP + 20, frame->length - FRAME_L3 - 20, 0));
}

bool packet_read(const struct frame *frame, struct packet *p)
{
	size_t header = (IP[0] & 15) * 4u;
	const __u8 *l4 = IP + header;

	if (frame->length < FRAME_L3 + 28 || frame->octets[12] != 8 || frame->octets[13] ||
	    IP[0] >> 4 != 4 || header < 20 || frame->length < FRAME_L3 + header + 8)
		return false;
	memset(p, 0, sizeof(*p));
	memcpy(&p->saddr, IP + 12, 4);
	memcpy(&p->daddr, IP + 16, 4);
	p->tos = IP[1];
	p->id = (__u16)get16(IP + 4);
	p->frag_off = (__u16)get16(IP + 6);
	p->ttl = IP[8];
	p->proto = IP[9];
	p->options = (__u8)(header / 4 - 5);
	if (p->proto == TCP || p->proto == UDP) {
		p->sport = (__u16)get16(l4);
		p->dport = (__u16)get16(l4 + 2);
		if (p->proto == TCP && frame->length >= FRAME_L3 + header + 24 && l4[12] >> 4 > 5)
			p->mss = (__u16)get16(l4 + 22);
	} else if (p->proto == ICMP && l4[0] == 8) {
		p->sport = (__u16)get16(l4 + 4);
	} else if (p->proto == ICMP && l4[0] == 0) {
		p->dport = (__u16)get16(l4 + 4);
		p->reply = true;
	}
	return true;
}

bool packet_read_quote(const struct frame *frame, struct frame *ret_quote)
{
	size_t header = (IP[0] & 15) * 4u, start = FRAME_L3 + header + 8;
	__u8 type;

	if (frame->length < start + 28 || IP[9] != ICMP)
		return false;
	type = IP[header];
	if (type != 3 && type != 11 && type != 12)
		return false;
	memset(ret_quote, 0, sizeof(*ret_quote));
	ret_quote->length = FRAME_L3 + frame->length - start;
	ret_quote->octets[12] = 8;
	memcpy(ret_quote->octets + FRAME_L3, frame->octets + start, frame->length - start);
	return true;
}

bool packet_check(const struct frame *frame, __u16 *ret_check)
{
	size_t at = FRAME_L3 + (IP[0] & 15) * 4u + check_offset(IP[9]);

	if (frame->length < at + 2)
		return false;
	*ret_check = (__u16)get16(frame->octets + at);
	return true;
}

bool packet_header_fits(const struct frame *frame)
{
	size_t header = (IP[0] & 15) * 4u;

	return header >= 20 && frame->length >= FRAME_L3 + header && !check_of(IP, header, 0);
}
