// SPDX-License-Identifier: GPL-2.0-or-later
#include "wire.h"

#include <errno.h>
#include <string.h>

/* The two upper bits of a length: a label, or a pointer (RFC 1035 section 4.1.4); the other two values were never used (RFC 6891 section 5). */
#define LABEL_KIND 0xc0
#define LABEL_POINTER 0xc0
/* Type, class, TTL and length of a record, behind its name. */
#define RECORD_FIXED 10
#define EDNS_DO 0x8000
#define EDNS_VERSION(ttl) (((ttl) >> 16) & 0xff)

int dns_name_skip(const __u8 *message, size_t length, size_t at)
{
	size_t begin = at;

	while (at < length) {
		__u8 n = message[at];

		if (!n)
			return at - begin < DNS_NAME_MAX ? (int)at + 1 : -EBADMSG;
		if ((n & LABEL_KIND) == LABEL_POINTER)
			return at + 2 <= length ? (int)at + 2 : -EBADMSG;
		if (n & LABEL_KIND)
			return -EBADMSG;
		at += 1u + n;
	}
	return -EBADMSG;
}

int dns_name_read(const __u8 *message, size_t length, size_t at, struct dns_name *ret_name)
{
	size_t floor = at; /* what this name has shown begins here */
	unsigned int n = 0;
	int end = 0;

	for (;;) {
		unsigned int label;

		if (at >= length)
			return -EBADMSG;
		label = message[at];
		if ((label & LABEL_KIND) == LABEL_POINTER) {
			if (at + 2 > length)
				return -EBADMSG;
			if (!end)
				end = (int)at + 2;
			at = dns_get16(message + at) & 0x3fff;
			if (at >= floor || at < DNS_HEADER)
				return -EBADMSG;
			floor = at;
			continue;
		}
		if (label & LABEL_KIND || at + label + 1 > length || n + label + 1 > DNS_NAME_MAX)
			return -EBADMSG;
		memcpy(&ret_name->wire[n], &message[at], label + 1);
		n += label + 1;
		at += label + 1;
		if (!label)
			break;
	}
	ret_name->length = (__u8)n;
	dns_octets_lower(ret_name->wire, n);
	return end ? end : (int)at;
}

/* --- records ------------------------------------------------------------------------------------------ */

int dns_cursor_begin(const __u8 *message, size_t length, struct dns_cursor *ret_cursor)
{
	struct dns_cursor c = {.message = message, .length = length, .at = DNS_HEADER};
	__u16 questions;
	int end;

	if (length < DNS_HEADER || length > DNS_MESSAGE_MAX)
		return -EBADMSG;
	c.flags = dns_get16(message + 2);
	questions = dns_get16(message + 4);
	for (int i = 0; i < 3; i++)
		c.left[i] = dns_get16(message + 6 + 2 * i);
	if (questions > 1)
		return -EBADMSG;
	if (questions) {
		end = dns_name_skip(message, length, DNS_HEADER);
		if (end < 0 || (size_t)end + 4 > length)
			return -EBADMSG;
		c.at = (size_t)end + 4;
		c.question_length = (__u16)(c.at - DNS_HEADER);
	}
	*ret_cursor = c;
	return 0;
}

int dns_cursor_next(struct dns_cursor *cursor, struct dns_record *ret_record)
{
	unsigned int section = DNS_ANSWER;
	const __u8 *fixed;
	size_t data_at;
	int end;

	while (section <= DNS_ADDITIONAL && !cursor->left[section])
		section++;
	if (section > DNS_ADDITIONAL)
		return 0;
	end = dns_name_skip(cursor->message, cursor->length, cursor->at);
	if (end < 0 || (size_t)end + RECORD_FIXED > cursor->length)
		return -EBADMSG;
	fixed = cursor->message + end;
	data_at = (size_t)end + RECORD_FIXED;
	*ret_record = (struct dns_record){
		.section = section,
		.type = dns_get16(fixed),
		.class = dns_get16(fixed + 2),
		.ttl_s = dns_get32(fixed + 4),
		.name_at = (__u16)cursor->at,
		.ttl_at = (__u16)(end + 4),
		.data_at = (__u16)data_at,
		.data_length = dns_get16(fixed + 8),
	};
	if (data_at + ret_record->data_length > cursor->length)
		return -EBADMSG;
	cursor->left[section]--;
	cursor->at = data_at + ret_record->data_length;
	return 1;
}

/* --- queries ------------------------------------------------------------------------------------------ */

/* The one OPT of a query (RFC 6891 section 6.1): class and TTL are not what they are called. */
static int edns_note(const struct dns_cursor *cursor, const struct dns_record *opt,
		     struct dns_query *query)
{
	if (query->has_edns || opt->section != DNS_ADDITIONAL || cursor->message[opt->name_at])
		return DNS_FORMERR;
	query->has_edns = true;
	query->payload = opt->class < DNS_UDP_PLAIN ? DNS_UDP_PLAIN : opt->class;
	query->wants_dnssec = opt->ttl_s & EDNS_DO;
	/* Options are not looked at: none that a client sends has to be honoured (section 6.1.2). But they have to be some. */
	for (size_t at = opt->data_at, end = at + opt->data_length; at < end;) {
		if (at + 4 > end)
			return DNS_FORMERR;
		at += 4u + dns_get16(cursor->message + at + 2);
		if (at > end)
			return DNS_FORMERR;
	}
	return EDNS_VERSION(opt->ttl_s) ? DNS_BADVERS : 0;
}

/* What stands behind the question. A wrong OPT is told before anything else is looked for, FORMERR before BADVERS. */
static int records_check(struct dns_cursor *cursor, struct dns_query *query)
{
	struct dns_record record;
	int ret, rcode = 0;

	while ((ret = dns_cursor_next(cursor, &record)) > 0) {
		if (record.type != DNS_OPT)
			continue;
		ret = edns_note(cursor, &record, query);
		if (ret == DNS_FORMERR)
			return ret;
		rcode = ret;
	}
	return ret < 0 || cursor->at != cursor->length ? DNS_FORMERR : rcode;
}

int dns_query_parse(const __u8 *message, size_t length, struct dns_query *ret_query)
{
	struct dns_query query = {.payload = DNS_UDP_PLAIN};
	struct dns_cursor cursor;
	int end, ret;

	if (length < DNS_HEADER)
		return -EBADMSG;
	query.id = dns_get16(message);
	query.flags = dns_get16(message + 2);
	if (query.flags & DNS_QR)
		return -EBADMSG;
	*ret_query = query;
	if (DNS_OPCODE(query.flags))
		return DNS_NOTIMP;
	if (dns_get16(message + 4) != 1 || dns_cursor_begin(message, length, &cursor))
		return DNS_FORMERR;
	/* There is nothing before the first name that a pointer could lead to. */
	end = dns_name_read(message, length, DNS_HEADER, &query.name);
	if (end != (int)(DNS_HEADER + cursor.question_length - 4))
		return DNS_FORMERR;
	query.type = dns_get16(message + end);
	query.class = dns_get16(message + end + 2);
	query.question_length = cursor.question_length;
	ret = records_check(&cursor, &query);
	*ret_query = query;
	if (ret)
		return ret;
	return query.type == DNS_AXFR || query.type == DNS_IXFR ? DNS_NOTIMP : 0;
}
