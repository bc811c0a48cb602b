// SPDX-License-Identifier: GPL-2.0-or-later
#include "question.h"

#include <string.h>

#define OPT_OCTETS 11

/* draft-vixie-dnsext-dns0x20: a bit a letter that a forger has to guess besides id and port. */
static void case_shuffle(__u8 *name, size_t length, const __u8 *random)
{
	for (size_t i = 0; i < length; i++) {
		if (name[i] >= 'a' && name[i] <= 'z' && random[i / 8] >> (i % 8) & 1)
			name[i] &= (__u8)~0x20;
	}
}

void dns_question_make(struct dns_question *question, const struct dns_query *query,
		       const __u8 random[34], bool keep_case)
{
	__u8 *p = question->message;

	memset(p, 0, DNS_HEADER);
	memcpy(p, random, 2);
	dns_put16(p + 2, DNS_RD | (query->flags & DNS_CD));
	dns_put16(p + 4, 1);
	dns_put16(p + 10, 1);
	p += DNS_HEADER;
	memcpy(p, query->name.wire, query->name.length);
	if (!keep_case)
		case_shuffle(p, query->name.length, random + 2);
	p += query->name.length;
	dns_put16(p, query->type);
	dns_put16(p + 2, query->class);
	p += 4;
	question->question_length = (__u16)(query->name.length + 4);
	memset(p, 0, OPT_OCTETS);
	dns_put16(p + 1, DNS_OPT);
	dns_put16(p + 3, DNS_UDP_MAX);
	dns_put16(p + 7, query->wants_dnssec ? 0x8000 : 0);
	question->length = (size_t)(p + OPT_OCTETS - question->message);
}

/* The question section in lower case, type and class as they are: all octets of them below 'A' or not letters of a name. */
static bool is_same_but_case(const __u8 *a, const __u8 *b, size_t length)
{
	__u8 lower[2][DNS_NAME_MAX];
	size_t name = length - 4;

	memcpy(lower[0], a, name);
	memcpy(lower[1], b, name);
	dns_octets_lower(lower[0], name);
	dns_octets_lower(lower[1], name);
	return !memcmp(lower[0], lower[1], name) && !memcmp(a + name, b + name, 4);
}

static bool is_readable(struct dns_reply reply)
{
	struct dns_cursor cursor;
	struct dns_record record;
	int ret = dns_cursor_begin(reply.message, reply.length, &cursor);

	while (!ret) {
		ret = dns_cursor_next(&cursor, &record);
		if (!ret)
			return true;
		ret = ret < 0 ? ret : 0;
	}
	return false;
}

enum dns_match_verdict dns_question_match(const struct dns_question *question,
					  struct dns_reply reply)
{
	const __u8 *ours = question->message + DNS_HEADER, *theirs = reply.message + DNS_HEADER;
	size_t n = question->question_length;
	__u16 flags;

	if (reply.length < DNS_HEADER + n || memcmp(reply.message, question->message, 2))
		return DNS_REPLY_ALIEN;
	flags = dns_get16(reply.message + 2);
	if (!(flags & DNS_QR) || DNS_OPCODE(flags) || dns_get16(reply.message + 4) != 1)
		return DNS_REPLY_ALIEN;
	if (memcmp(ours, theirs, n))
		return is_same_but_case(ours, theirs, n) ? DNS_REPLY_OTHER_CASE : DNS_REPLY_ALIEN;
	if (flags & DNS_TC)
		return DNS_REPLY_TRUNCATED;
	return is_readable(reply) ? DNS_REPLY_MATCHES : DNS_REPLY_BROKEN;
}
