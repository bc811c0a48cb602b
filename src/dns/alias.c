// SPDX-License-Identifier: GPL-2.0-or-later
#include "alias.h"

#include <errno.h>
#include <string.h>

/* Types whose data ends in a name that may be compressed (RFC 3597 section 4), and how many octets stand before it. */
static const struct {
	__u16 type;
	__u8 before;
} compressed[] = {{DNS_NS, 0}, {DNS_CNAME, 0}, {DNS_PTR, 0}, {DNS_MX, 2}};

/* The data of @record with its name written out. Its octets; -EBADMSG. */
static int data_expand(struct dns_reply reply, const struct dns_record *record, __u8 *to)
{
	for (size_t i = 0; i < sizeof(compressed) / sizeof(compressed[0]); i++) {
		size_t before = compressed[i].before;
		struct dns_name name;

		if (record->type != compressed[i].type)
			continue;
		if (record->data_length < before ||
		    dns_name_read(reply.message, reply.length, record->data_at + before, &name) !=
			    record->data_at + record->data_length)
			return -EBADMSG;
		memcpy(to, reply.message + record->data_at, before);
		memcpy(to + before, name.wire, name.length);
		return (int)before + name.length;
	}
	memcpy(to, reply.message + record->data_at, record->data_length);
	return record->data_length;
}

static int record_append(struct dns_answer *answer, struct dns_reply reply,
			 const struct dns_record *record)
{
	__u8 data[DNS_MESSAGE_MAX];
	struct dns_name owner;
	int n = data_expand(reply, record, data);

	if (n < 0 || dns_name_read(reply.message, reply.length, record->name_at, &owner) < 0)
		return -EBADMSG;
	dns_answer_add_named(answer, &owner,
			     &(struct dns_rr){.type = record->type,
					      .ttl_s = record->ttl_s,
					      .data = data,
					      .data_length = (__u16)n});
	return 0;
}

int dns_alias_append(struct dns_answer *answer, struct dns_reply reply)
{
	struct dns_cursor cursor;
	struct dns_record record;
	int ret = dns_cursor_begin(reply.message, reply.length, &cursor);

	while (!ret && (ret = dns_cursor_next(&cursor, &record)) > 0) {
		if (record.section != DNS_ANSWER)
			return 0;
		if (record.type == DNS_RRSIG || record.class != DNS_CLASS_IN) {
			ret = 0;
			continue;
		}
		ret = record_append(answer, reply, &record);
	}
	return ret;
}
