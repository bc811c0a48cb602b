// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "ring_internal.h"

/* Readers in a row that let go of nothing: the third takes nothing of what kills them. */
#define OPENED_MAX 3

struct dns_ring_reader {
	struct ring_head *head;
	__u64 id, at;
	__u64 skipped;
};

/* The other end's word: anything at all. */
static __u64 written(const struct dns_ring_reader *reader)
{
	return atomic_load_explicit(&reader->head->written, memory_order_acquire);
}

/* Whether what was written is some octets behind @at, and no more than there can be. */
static bool is_in(__u64 at, __u64 end)
{
	return !(at % RING_ALIGN) && !(end % RING_ALIGN) && at <= end && end - at <= RING_BYTES;
}

/* What lies there is no record, and so where the next begins is not known. */
static void skip_all(struct dns_ring_reader *reader)
{
	__u64 end = written(reader) & ~(__u64)(RING_ALIGN - 1);

	/* Told as it is where the other end told anything else but nonsense. */
	reader->skipped += end - reader->at <= RING_BYTES ? end - reader->at : RING_ALIGN;
	reader->at = end;
}

static void place_choose(struct dns_ring_reader *reader, struct dns_ring_place place)
{
	__u64 end = written(reader), released = atomic_load(&reader->head->released);

	reader->at = released;
	/* Written down with what was read, and so it is right where the reader died before it let go. */
	if (place.ring == reader->id && place.at >= released && is_in(place.at, end))
		reader->at = place.at;
	if (!is_in(reader->at, end) ||
	    atomic_fetch_add(&reader->head->opened, 1) + 1 >= OPENED_MAX) {
		skip_all(reader);
		dns_ring_release(reader);
	}
}

struct dns_ring_reader *dns_ring_reader_open(int fd, struct dns_ring_place place)
{
	struct dns_ring_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return NULL;
	reader->head = ring_map(fd);
	if (!reader->head) {
		free(reader);
		return NULL;
	}
	reader->id = reader->head->id;
	place_choose(reader, place);
	return reader;
}

struct dns_ring_reader *dns_ring_reader_close(struct dns_ring_reader *reader)
{
	if (reader)
		ring_unmap(reader->head);
	free(reader);
	return NULL;
}

/* --- records ------------------------------------------------------------------------------------------ */

/* A copy: what is looked at does not change any more. */
union record {
	struct ring_record any;
	struct ring_query query;
	struct ring_label label;
	__u8 octets[RING_RECORD_MAX];
};

/* 1: *ret_record has the octets of one, of which its length is right; 0: none is there; -1: it is none. */
static int record_copy(const struct dns_ring_reader *reader, union record *ret_record)
{
	size_t offset = reader->at & (RING_BYTES - 1);
	const __u8 *at = ring_data(reader->head) + offset;
	__u64 end = written(reader);
	size_t n;

	if (end == reader->at)
		return 0;
	if (!is_in(reader->at, end))
		return -1;
	memcpy(ret_record, at, sizeof(ret_record->any));
	n = ret_record->any.length;
	if (n < RING_ALIGN || n % RING_ALIGN || n > end - reader->at || n > RING_BYTES - offset)
		return -1;
	if (ret_record->any.kind == RING_SKIP)
		return n == RING_BYTES - offset ? 1 : -1;
	if (n > sizeof(*ret_record))
		return -1;
	memcpy(ret_record, at, n);
	/* It may have changed under the first look. */
	return ret_record->any.length == n && ret_record->any.kind != RING_SKIP ? 1 : -1;
}

/* Labels in lower case that end with the root at the last octet: whatever else trusts a struct dns_name may trust this one. */
static bool is_name(const __u8 *wire, size_t length)
{
	size_t at = 0;

	while (at < length && wire[at]) {
		size_t label = wire[at++];

		if (label > DNS_LABEL_MAX || label >= length - at)
			return false;
		for (; label; label--, at++) {
			if (wire[at] >= 'A' && wire[at] <= 'Z')
				return false;
		}
	}
	return at + 1 == length;
}

static bool query_read(const union record *record, struct dns_ring_record *to)
{
	const struct ring_query *query = &record->query;
	size_t length = record->any.name_length;

	if (record->any.length != ring_align(sizeof(*query) + length) ||
	    query->count >= DNS_COUNT_MAX || (length && !is_name(query->name, length)))
		return false;
	*to = (struct dns_ring_record){
		.kind = DNS_RING_QUERY,
		.client = query->client,
		.type = query->type,
		.rcode = query->rcode,
		.outcome = {(enum dns_count)query->count, query->upstream, query->list},
		.took_us = query->took_us,
		.at_ms = query->at_ms,
	};
	to->name.length = (__u8)length;
	memcpy(to->name.wire, query->name, length);
	return true;
}

static bool label_read(const union record *record, struct dns_ring_record *to)
{
	const struct ring_label *label = &record->label;

	if (record->any.length != ring_align(sizeof(*label)) || label->kind >= DNS_LABEL_KIND_MAX)
		return false;
	*to = (struct dns_ring_record){
		.kind = DNS_RING_LABEL,
		.label = {.kind = (enum dns_label_kind)label->kind, .number = label->number}};
	for (size_t i = 0; i < DNS_LABEL_TEXT_MAX - 1 && label->text[i]; i++) {
		char c = label->text[i];

		to->label.text[i] = c >= ' ' && c < 0x7f ? c : '?';
	}
	return true;
}

static bool record_read(const union record *record, struct dns_ring_record *to)
{
	switch (record->any.kind) {
	case DNS_RING_QUERY:
		return query_read(record, to);
	case DNS_RING_LABEL:
		return label_read(record, to);
	default:
		return false;
	}
}

int dns_ring_next(struct dns_ring_reader *reader, struct dns_ring_record *ret_record)
{
	union record record;

	/* Twice: the rest of the ring may be skipped once. */
	for (unsigned int i = 0; i < 2; i++) {
		int ret = record_copy(reader, &record);

		if (!ret)
			return 0;
		if (ret < 0)
			break;
		if (record.any.kind == RING_SKIP) {
			reader->at += record.any.length;
			continue;
		}
		if (!record_read(&record, ret_record))
			break;
		reader->at += record.any.length;
		return 1;
	}
	skip_all(reader);
	return 0;
}

struct dns_ring_place dns_ring_place(const struct dns_ring_reader *reader)
{
	return (struct dns_ring_place){reader->id, reader->at};
}

void dns_ring_rewind(struct dns_ring_reader *reader)
{
	reader->at = atomic_load_explicit(&reader->head->released, memory_order_relaxed);
	/* It is our own word, but anybody may write there; and behind it may stand what cannot be any more. */
	if (!is_in(reader->at, written(reader)))
		skip_all(reader);
}

void dns_ring_release(struct dns_ring_reader *reader)
{
	atomic_store_explicit(&reader->head->opened, 0, memory_order_relaxed);
	atomic_store_explicit(&reader->head->released, reader->at, memory_order_release);
}

struct dns_ring_state dns_ring_state(const struct dns_ring_reader *reader)
{
	__u64 waiting = written(reader) - reader->at;

	return (struct dns_ring_state){
		.dropped = atomic_load_explicit(&reader->head->dropped, memory_order_relaxed),
		.skipped_octets = reader->skipped,
		.waiting_octets = waiting <= RING_BYTES ? waiting : 0};
}
