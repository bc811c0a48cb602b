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
	/* AD always: who forwards tells it only to those who ask (RFC 6840 section 5.7), and the answer is kept for those who do. */
	dns_put16(p + 2, DNS_RD | DNS_AD | (query->flags & DNS_CD));
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

void dns_question_strip(struct dns_question *question)
{
	question->length -= OPT_OCTETS;
	dns_put16(question->message + 10, 0);
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

/* Whether an OPT stands where it may, and adds nothing to the RCODE: our question gives no cause for what is above 15 (BADVERS, BADCOOKIE). */
static bool is_opt_right(const struct dns_record *opt)
{
	return opt->section == DNS_ADDITIONAL && !(opt->ttl_s >> 24);
}

static bool is_readable(struct dns_reply reply)
{
	struct dns_cursor cursor;
	struct dns_record record;
	unsigned int opts = 0;
	int ret;

	if (dns_cursor_begin(reply.message, reply.length, &cursor))
		return false;
	while ((ret = dns_cursor_next(&cursor, &record)) > 0) {
		if (record.type == DNS_OPT && (opts++ || !is_opt_right(&record)))
			return false;
	}
	return !ret;
}

/* Old servers answer what they do not understand with a header alone. Port and id are all that speaks for it, and all that it brings about is that they are asked once more. */
static bool is_unread(struct dns_reply reply, __u16 flags)
{
	unsigned int rcode = DNS_RCODE(flags);

	return reply.length == DNS_HEADER && flags & DNS_QR && !DNS_OPCODE(flags) &&
	       !dns_get16(reply.message + 4) && (rcode == DNS_FORMERR || rcode == DNS_NOTIMP);
}

enum dns_match_verdict dns_question_match(const struct dns_question *question,
					  struct dns_reply reply)
{
	const __u8 *ours = question->message + DNS_HEADER, *theirs = reply.message + DNS_HEADER;
	size_t n = question->question_length;
	bool is_other_case;
	__u16 flags;

	if (reply.length < DNS_HEADER || memcmp(reply.message, question->message, 2))
		return DNS_REPLY_ALIEN;
	flags = dns_get16(reply.message + 2);
	if (is_unread(reply, flags))
		return DNS_REPLY_UNREAD;
	if (reply.length < DNS_HEADER + n)
		return DNS_REPLY_ALIEN;
	if (!(flags & DNS_QR) || DNS_OPCODE(flags) || dns_get16(reply.message + 4) != 1)
		return DNS_REPLY_ALIEN;
	is_other_case = memcmp(ours, theirs, n) != 0;
	if (is_other_case && !is_same_but_case(ours, theirs, n))
		return DNS_REPLY_ALIEN;
	/* Before the case, which over TCP does not count: there too a reply has to be whole. */
	if (flags & DNS_TC)
		return DNS_REPLY_TRUNCATED;
	if (!is_readable(reply))
		return DNS_REPLY_BROKEN;
	return is_other_case ? DNS_REPLY_OTHER_CASE : DNS_REPLY_MATCHES;
}
