// SPDX-License-Identifier: GPL-2.0-or-later
#include "alias.h"

#include <errno.h>
#include <string.h>

/*
 * Types whose data has names that may come compressed (RFC 3597 section 4; RFC 6672 section 2.5 for DNAME): octets before the names, how many names, octets
 * behind them. NAPTR is not here: RFC 3403 forbids it, and nobody does it.
 */
/* clang-format off */
static const struct layout {
	__u16 type;
	__u8 before, names, after;
} layouts[] = {
	{DNS_NS, 0, 1, 0},
	{DNS_CNAME, 0, 1, 0},
	{DNS_SOA, 0, 2, 20},
	{DNS_PTR, 0, 1, 0},
	{14 /* MINFO */, 0, 2, 0},
	{DNS_MX, 2, 1, 0},
	{17 /* RP */, 0, 2, 0},
	{18 /* AFSDB */, 2, 1, 0},
	{21 /* RT */, 2, 1, 0},
	{26 /* PX */, 2, 2, 0},
	{DNS_SRV, 6, 1, 0},
	{36 /* KX */, 2, 1, 0},
	{DNS_DNAME, 0, 1, 0},
};
/* clang-format on */

static struct layout layout_of(__u16 type)
{
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		if (layouts[i].type == type)
			return layouts[i];
	}
	return (struct layout){.type = type};
}

/* The data of @record with its names written out. Its octets; -EBADMSG. */
static int data_expand(struct dns_reply reply, const struct dns_record *record, __u8 *to)
{
	size_t at = record->data_at, end = at + record->data_length, n;
	struct layout layout = layout_of(record->type);

	n = layout.before;
	if (n > record->data_length)
		return -EBADMSG;
	memcpy(to, reply.message + at, n);
	at += n;
	for (unsigned int i = 0; i < layout.names; i++) {
		struct dns_name name;
		int ret = dns_name_read(reply.message, end, at, &name);

		if (ret < 0)
			return ret;
		memcpy(to + n, name.wire, name.length);
		n += name.length;
		at = (size_t)ret;
	}
	if (layout.names && end - at != layout.after)
		return -EBADMSG;
	memcpy(to + n, reply.message + at, end - at);
	return (int)(n + (end - at));
}

int dns_alias_append_record(struct dns_answer *answer, struct dns_reply reply,
			    const struct dns_record *record, __u32 ttl_s)
{
	__u8 data[DNS_MESSAGE_MAX];
	struct dns_name owner;
	int n = data_expand(reply, record, data);

	if (n < 0 || dns_name_read(reply.message, reply.length, record->name_at, &owner) < 0)
		return -EBADMSG;
	dns_answer_add_named(answer, record->section, &owner,
			     &(struct dns_rr){.type = record->type,
					      .ttl_s = ttl_s,
					      .data = data,
					      .data_length = (__u16)n});
	return 0;
}

/* Of the authority section only what makes "there is none" an answer that can be kept. */
static bool is_wanted(const struct dns_record *record)
{
	if (record->class != DNS_CLASS_IN || record->type == DNS_RRSIG)
		return false;
	return record->section == DNS_ANSWER ||
	       (record->section == DNS_AUTHORITY && record->type == DNS_SOA);
}

int dns_alias_append(struct dns_answer *answer, struct dns_reply reply)
{
	struct dns_cursor cursor;
	struct dns_record record;
	int ret = dns_cursor_begin(reply.message, reply.length, &cursor);

	while (!ret && (ret = dns_cursor_next(&cursor, &record)) > 0)
		ret = is_wanted(&record)
			      ? dns_alias_append_record(answer, reply, &record, record.ttl_s)
			      : 0;
	return ret;
}
