// SPDX-License-Identifier: GPL-2.0-or-later
#include "alias.h"

#include <errno.h>
#include <string.h>

#include "layout.h"

/* The data of @record with its names written out. Its octets; -EBADMSG. */
static int data_expand(struct dns_reply reply, const struct dns_record *record, __u8 *to)
{
	size_t at = record->data_at, end = at + record->data_length, n;
	struct dns_layout layout = dns_layout_of(record->type);

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
