// SPDX-License-Identifier: GPL-2.0-or-later
#include "opt.h"

#include <errno.h>
#include <string.h>

#include "layout.h"

#define POINTER 0xc0

struct cut {
	__u8 *message; /* the copy, in which everything still stands where it stood */
	size_t begin, end;
};

/* Has the name at @at, if it ends in a pointer, lead where its target is to stand. Where it ends; -EBADMSG: it leads into what is cut out. */
static int name_move(const struct cut *cut, size_t length, size_t at)
{
	int end = dns_name_skip(cut->message, length, at);
	unsigned int target;

	if (end < 0)
		return end;
	while (cut->message[at] && cut->message[at] < POINTER)
		at += 1u + cut->message[at];
	if (!cut->message[at])
		return end;
	target = dns_get16(cut->message + at) & ~(POINTER << 8);
	if (target >= cut->begin && target < cut->end)
		return -EBADMSG;
	if (target >= cut->end)
		dns_put16(cut->message + at,
			  (__u16)(POINTER << 8 | (target - (cut->end - cut->begin))));
	return end;
}

static int record_move(const struct cut *cut, const struct dns_record *record)
{
	struct dns_layout layout = dns_layout_of(record->type);
	size_t at = record->data_at + (size_t)layout.before,
	       end = record->data_at + (size_t)record->data_length;
	int ret = name_move(cut, end, record->name_at);

	for (unsigned int i = 0; ret >= 0 && i < layout.names; i++) {
		ret = name_move(cut, end, at);
		at = (size_t)ret;
	}
	return ret < 0 ? ret : 0;
}

/* The first @length octets of the message, without what is cut out. */
static struct dns_reply close_up(const struct cut *cut, struct dns_reply reply, size_t length)
{
	memmove(cut->message + cut->begin, cut->message + cut->end, length - cut->end);
	dns_put16(cut->message + 10, (__u16)(dns_get16(cut->message + 10) - 1));
	reply.message = cut->message;
	reply.length = length - (cut->end - cut->begin);
	return reply;
}

struct dns_reply dns_opt_cut(struct dns_reply reply, __u8 *room)
{
	struct cut cut = {.message = room};
	struct dns_cursor cursor;
	struct dns_record record;
	int ret = dns_cursor_begin(reply.message, reply.length, &cursor);

	/* A record before it may not point behind itself, so what is before stays as it is. */
	while (!ret && !cut.end && (ret = dns_cursor_next(&cursor, &record)) > 0) {
		ret = 0;
		if (record.type != DNS_OPT)
			continue;
		cut.begin = record.name_at;
		cut.end = cursor.at;
	}
	if (ret || !cut.end || !cursor.left[DNS_ADDITIONAL])
		return reply;
	memcpy(room, reply.message, reply.length);
	while (!ret && (ret = dns_cursor_next(&cursor, &record)) > 0)
		ret = record_move(&cut, &record);
	return ret ? reply : close_up(&cut, reply, cursor.at);
}
