// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache.h"

#include <hairpin/limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS_MIN 1024
/* What of a query makes another answer, beside name, type and class. */
#define VARIANT_DNSSEC 1
#define VARIANT_UNCHECKED 2

struct dns_entry {
	struct dns_entry *chain; /* of its bucket */
	struct dns_entry *next, *previous; /* the ring in which the hand goes round */
	__u64 hash, stored_ms;
	__u32 ttl_s;
	__u32 *mark; /* mark_room of this one: written also where the entry is only looked at */
	__u32 mark_room;
	__u32 failed_s; /* its age when upstreams had no answer last; 0: they had */
	__u16 type, class;
	__u16 length; /* octets of the message */
	__u16 n_ttls;
	__u8 name_length, variant;
	bool was_used; /* since the hand came by */
	bool is_failure;
	__u16 ttl_at[]; /* n_ttls, then the name, then the message */
};

struct dns_cache {
	struct dns_entry **buckets; /* mask + 1, owned */
	size_t mask;
	struct dns_entry *hand; /* NULL: empty */
	size_t octets_max;
	__u64 seed;
	struct dns_cache_stats stats;
};

static __u8 *entry_name(struct dns_entry *entry)
{
	return (__u8 *)&entry->ttl_at[entry->n_ttls];
}

static const __u8 *entry_message(const struct dns_entry *entry)
{
	return (const __u8 *)&entry->ttl_at[entry->n_ttls] + entry->name_length;
}

/* With what malloc() adds: it is memory that is bounded, and 60,000 entries round up to a megabyte. */
static size_t entry_octets(struct dns_entry *entry)
{
	return malloc_usable_size(entry) + sizeof(size_t);
}

static __u8 variant_of(const struct dns_query *query)
{
	return (__u8)((query->wants_dnssec ? VARIANT_DNSSEC : 0) |
		      (query->flags & DNS_CD ? VARIANT_UNCHECKED : 0));
}

static __u64 entry_age_s(const struct dns_entry *entry, __u64 now_ms)
{
	return (now_ms - entry->stored_ms) / 1000;
}

/* RFC 8767 section 4: only these two say something about the name. */
static bool is_failure(__u16 flags)
{
	return DNS_RCODE(flags) != DNS_NOERROR && DNS_RCODE(flags) != DNS_NXDOMAIN;
}

struct dns_reply dns_entry_reply(const struct dns_entry *entry)
{
	return (struct dns_reply){.message = entry_message(entry), .length = entry->length};
}

__u32 *dns_entry_mark(const struct dns_entry *entry)
{
	return entry->mark;
}

/* --- the table ---------------------------------------------------------------------------------------- */

struct dns_cache *dns_cache_make(size_t octets_max, __u64 seed)
{
	struct dns_cache *cache = calloc(1, sizeof(*cache));
	size_t size = BUCKETS_MIN;

	if (!cache)
		return NULL;
	/* An entry is some 250 octets; a bucket for each. */
	while (size * 256 < octets_max)
		size *= 2;
	cache->buckets = calloc(size, sizeof(struct dns_entry *));
	if (!cache->buckets)
		return dns_cache_free(cache);
	cache->mask = size - 1;
	cache->octets_max = octets_max;
	cache->seed = seed;
	return cache;
}

struct dns_cache_stats dns_cache_stats(const struct dns_cache *cache)
{
	return cache->stats;
}

static struct dns_entry **place_of(struct dns_cache *cache, const struct dns_query *query,
				   __u64 hash)
{
	struct dns_entry **place = &cache->buckets[hash & cache->mask];

	for (; *place; place = &(*place)->chain) {
		struct dns_entry *e = *place;

		if (e->hash == hash && e->type == query->type && e->class == query->class &&
		    e->variant == variant_of(query) && e->name_length == query->name.length &&
		    !memcmp(entry_name(e), query->name.wire, e->name_length))
			break;
	}
	return place;
}

/* Takes what @place leads to out of table and ring. */
static void entry_drop(struct dns_cache *cache, struct dns_entry **place)
{
	struct dns_entry *entry = *place;

	*place = entry->chain;
	entry->next->previous = entry->previous;
	entry->previous->next = entry->next;
	if (cache->hand == entry)
		cache->hand = entry->next == entry ? NULL : entry->next;
	cache->stats.entries--;
	cache->stats.octets -= entry_octets(entry);
	free(entry);
}

static void entry_add(struct dns_cache *cache, struct dns_entry **place, struct dns_entry *entry)
{
	entry->chain = *place;
	*place = entry;
	/* Behind the hand: the last that it comes to. */
	if (!cache->hand)
		cache->hand = entry->next = entry->previous = entry;
	entry->next = cache->hand;
	entry->previous = cache->hand->previous;
	entry->previous->next = entry;
	entry->next->previous = entry;
	cache->stats.entries++;
	cache->stats.octets += entry_octets(entry);
}

static void hand_drop(struct dns_cache *cache)
{
	struct dns_entry **place = &cache->buckets[cache->hand->hash & cache->mask];

	while (*place != cache->hand)
		place = &(*place)->chain;
	entry_drop(cache, place);
}

/* Room for @octets more: entries that nobody asked for since the hand came by last go. */
static void room_make(struct dns_cache *cache, size_t octets)
{
	while (cache->hand && cache->stats.octets + octets > cache->octets_max) {
		if (cache->hand->was_used) {
			cache->hand->was_used = false;
			cache->hand = cache->hand->next;
			continue;
		}
		hand_drop(cache);
		cache->stats.evicted++;
	}
}

void dns_cache_clear(struct dns_cache *cache)
{
	while (cache->hand)
		hand_drop(cache);
}

void dns_cache_forget(struct dns_cache *cache, bool (*is)(void *data, struct dns_reply reply),
		      void *data)
{
	for (size_t i = 0; i <= cache->mask; i++) {
		struct dns_entry **place = &cache->buckets[i];

		while (*place) {
			const struct dns_reply reply = {.message = entry_message(*place),
							.length = (*place)->length};

			if (is(data, reply))
				entry_drop(cache, place);
			else
				place = &(*place)->chain;
		}
	}
}

struct dns_cache *dns_cache_free(struct dns_cache *cache)
{
	if (!cache)
		return NULL;
	dns_cache_clear(cache);
	free(cache->buckets);
	free(cache);
	return NULL;
}

/* --- putting in --------------------------------------------------------------------------------------- */

/* What one pass over a message finds. */
struct scan {
	__u32 ttl_s; /* the least of all */
	__u32 soa_ttl_s; /* of what there is not */
	__u16 soa_ttl_at; /* 0: there is no SOA among the authorities */
	bool has_answer;
	__u16 end; /* of the last record that is kept: OPT and what stands behind it is not */
	__u16 counts[3];
	__u16 n_ttls;
	__u16 ttl_at[DNS_MESSAGE_MAX / 11];
};

/* RFC 2181 section 8: the upper half of the numbers means 0. */
static __u32 ttl_bounded(__u32 ttl_s)
{
	if (ttl_s >> 31)
		return 0;
	return ttl_s < LIMIT_DNS_TTL_S ? ttl_s : LIMIT_DNS_TTL_S;
}

static void scan_least(struct scan *scan, __u32 ttl_s)
{
	if (ttl_bounded(ttl_s) < scan->ttl_s)
		scan->ttl_s = ttl_bounded(ttl_s);
}

/* RFC 2308 section 5: the last number of an SOA limits what there is not. */
static void scan_soa(struct scan *scan, const __u8 *message, const struct dns_record *record)
{
	if (record->data_length >= 4)
		scan_least(scan, dns_get32(message + record->data_at + record->data_length - 4));
	scan->soa_ttl_at = record->ttl_at;
	scan->soa_ttl_s = scan->ttl_s;
}

/* CNAMEs that lead to nothing are no answer: what there is not is not kept for as long as they are. */
static bool is_asked(__u16 type, const struct dns_record *record)
{
	return record->section == DNS_ANSWER &&
	       (record->type == type || (type >= DNS_MAILB && type <= DNS_ANY));
}

/* @type: that was asked for. */
static int scan_message(struct scan *scan, __u16 type, struct dns_reply reply)
{
	struct dns_cursor cursor;
	struct dns_record record;
	int ret = dns_cursor_begin(reply.message, reply.length, &cursor);

	if (ret)
		return ret;
	*scan = (struct scan){.ttl_s = LIMIT_DNS_TTL_S, .end = (__u16)cursor.at};
	while ((ret = dns_cursor_next(&cursor, &record)) > 0) {
		if (record.type == DNS_OPT)
			return 0;
		scan->has_answer |= is_asked(type, &record);
		scan_least(scan, record.ttl_s);
		if (record.section == DNS_AUTHORITY && record.type == DNS_SOA)
			scan_soa(scan, reply.message, &record);
		scan->ttl_at[scan->n_ttls++] = record.ttl_at;
		scan->counts[record.section]++;
		scan->end = (__u16)cursor.at;
	}
	return ret;
}

/* For how long the message may be kept; 0: not at all. */
static __u32 scan_lifetime(const struct scan *scan, __u16 flags)
{
	switch (DNS_RCODE(flags)) {
	case DNS_SERVFAIL:
		return LIMIT_DNS_FAILURE_TTL_S;
	case DNS_NOERROR:
		return scan->has_answer || scan->soa_ttl_at ? scan->ttl_s : 0;
	case DNS_NXDOMAIN:
		return scan->soa_ttl_at ? scan->ttl_s : 0;
	default:
		return 0;
	}
}

static struct dns_entry *entry_make(const struct scan *scan, const struct dns_query *query,
				    struct dns_reply reply)
{
	size_t ttls = scan->n_ttls * sizeof(__u16);
	struct dns_entry *entry = malloc(sizeof(*entry) + ttls + query->name.length + scan->end);
	__u8 *message;

	if (!entry)
		return NULL;
	*entry = (struct dns_entry){
		.type = query->type,
		.class = query->class,
		.ttl_s = scan->ttl_s,
		.length = scan->end,
		.n_ttls = scan->n_ttls,
		.name_length = query->name.length,
		.variant = variant_of(query),
		.is_failure = DNS_RCODE(dns_get16(reply.message + 2)) == DNS_SERVFAIL,
	};
	entry->mark = &entry->mark_room;
	memcpy(entry->ttl_at, scan->ttl_at, ttls);
	memcpy(entry_name(entry), query->name.wire, query->name.length);
	message = entry_name(entry) + query->name.length;
	memcpy(message, reply.message, scan->end);
	for (int i = 0; i < 3; i++)
		dns_put16(message + 6 + 2 * i, scan->counts[i]);
	/* Who keeps it behind us must not do so for longer than we (RFC 2308 section 5: it counts down like any TTL). */
	if (!scan->has_answer && scan->soa_ttl_at)
		dns_put32(message + scan->soa_ttl_at, scan->soa_ttl_s);
	return entry;
}

/* 0: over for good. */
static bool is_worth(const struct dns_entry *entry, __u64 now_ms)
{
	return !entry->is_failure && entry_age_s(entry, now_ms) < entry->ttl_s + LIMIT_DNS_STALE_S;
}

void dns_cache_put(struct dns_cache *cache, const struct dns_query *query, struct dns_reply reply,
		   __u64 now_ms)
{
	__u64 hash = dns_name_hash(&query->name, cache->seed);
	struct dns_entry **place = place_of(cache, query, hash), *entry;
	struct scan scan;
	__u16 flags;

	if (reply.length < DNS_HEADER || scan_message(&scan, query->type, reply))
		return;
	flags = dns_get16(reply.message + 2);
	if (is_failure(flags) && *place && is_worth(*place, now_ms)) {
		(*place)->failed_s = (__u32)entry_age_s(*place, now_ms);
		return;
	}
	scan.ttl_s = scan_lifetime(&scan, flags);
	if (!scan.ttl_s || flags & DNS_TC)
		return;
	entry = entry_make(&scan, query, reply);
	if (!entry)
		return;
	entry->hash = hash;
	entry->stored_ms = now_ms;
	if (*place)
		entry_drop(cache, place);
	/* What is larger than all of it must not empty it. */
	if (entry_octets(entry) > cache->octets_max) {
		free(entry);
		return;
	}
	room_make(cache, entry_octets(entry));
	entry_add(cache, place_of(cache, query, hash), entry);
}

void dns_cache_fail(struct dns_cache *cache, const struct dns_query *query, __u64 now_ms)
{
	__u8 message[DNS_HEADER + DNS_NAME_MAX + 4] = {0};
	__u8 *p = message + DNS_HEADER;

	dns_put16(message + 2, DNS_QR | DNS_RD | DNS_RA | DNS_SERVFAIL);
	dns_put16(message + 4, 1);
	memcpy(p, query->name.wire, query->name.length);
	p += query->name.length;
	dns_put16(p, query->type);
	dns_put16(p + 2, query->class);
	dns_cache_put(cache, query, (struct dns_reply){message, (size_t)(p + 4 - message)}, now_ms);
}

/* --- taking out --------------------------------------------------------------------------------------- */

enum dns_freshness dns_cache_find(struct dns_cache *cache, const struct dns_query *query,
				  __u64 now_ms, const struct dns_entry **ret_entry)
{
	struct dns_entry *entry = *place_of(cache, query, dns_name_hash(&query->name, cache->seed));
	bool was_failed;
	__u64 age_s;

	if (!entry)
		return DNS_MISS;
	age_s = entry_age_s(entry, now_ms);
	if (age_s >= entry->ttl_s && !is_worth(entry, now_ms))
		return DNS_MISS;
	entry->was_used = true;
	*ret_entry = entry;
	was_failed = entry->failed_s && age_s < (__u64)entry->failed_s + LIMIT_DNS_STALE_RETRY_S;
	if (age_s >= entry->ttl_s)
		return was_failed ? DNS_STALE_NOW : DNS_STALE;
	return (entry->ttl_s - age_s) * LIMIT_DNS_PREFETCH_SHARE > entry->ttl_s || was_failed
		       ? DNS_FRESH
		       : DNS_AGEING;
}

static void ttls_age(const struct dns_entry *entry, __u8 *message, size_t length, __u64 age_s)
{
	/* Those behind @length were left out. */
	for (unsigned int i = 0; i < entry->n_ttls && entry->ttl_at[i] < length; i++) {
		__u8 *ttl = message + entry->ttl_at[i];
		__u32 left_s = ttl_bounded(dns_get32(ttl));

		if (age_s >= entry->ttl_s)
			left_s = LIMIT_DNS_STALE_TTL_S;
		else
			left_s = left_s > age_s ? left_s - (__u32)age_s : 0;
		dns_put32(ttl, left_s);
	}
}

/* RFC 6840 section 5.7: AD is for those who say that they know what it means. */
static bool is_authentic_for(const struct dns_query *query, __u16 flags)
{
	return flags & DNS_AD && (query->flags & DNS_AD || query->wants_dnssec);
}

/* What may be left out of @message where it does not fit: where its sections end, up to which it is then as long. 0: all is needed. */
static size_t length_needed(const struct dns_answer *answer, struct dns_reply message)
{
	size_t ends[3] = {0}, needed;
	struct dns_cursor cursor;
	struct dns_record record;

	if (dns_cursor_begin(message.message, message.length, &cursor))
		return 0;
	while (dns_cursor_next(&cursor, &record) > 0) {
		for (unsigned int i = record.section; i < 3; i++)
			ends[i] = cursor.at;
	}
	needed = ends[DNS_AUTHORITY];
	/* Signed answers are proved there; of others it says only who else might be asked. */
	if (needed > answer->room.size && ends[DNS_ANSWER] && !answer->query->wants_dnssec)
		needed = ends[DNS_ANSWER];
	return needed <= answer->room.size ? needed : 0;
}

/* How many records of each section of @from stand in its first @length octets. */
static void records_count(struct dns_answer *answer, struct dns_reply from, size_t length)
{
	struct dns_cursor cursor;
	struct dns_record record;

	if (dns_cursor_begin(from.message, from.length, &cursor))
		return;
	while (cursor.at < length && dns_cursor_next(&cursor, &record) > 0)
		answer->counts[record.section]++;
}

/* The records of @from, a message whose OPT is behind its end, into the answer. */
static void records_copy(struct dns_answer *answer, struct dns_reply from, const __u16 counts[3])
{
	size_t question_end = answer->length, length = from.length;

	if (length > answer->room.size)
		length = length_needed(answer, from);
	if (!length) {
		answer->is_truncated = true;
		return;
	}
	memcpy(answer->room.message + question_end, from.message + question_end,
	       length - question_end);
	answer->length = length;
	answer->is_authentic = is_authentic_for(answer->query, dns_get16(from.message + 2));
	if (length == from.length)
		memcpy(answer->counts, counts, sizeof(answer->counts));
	else
		records_count(answer, from, length);
}

size_t dns_entry_answer(const struct dns_entry *entry, struct dns_answer *answer, __u64 now_ms)
{
	const struct dns_reply from = {entry_message(entry), entry->length};
	unsigned int rcode = DNS_RCODE(dns_get16(from.message + 2));
	__u64 age_s = entry_age_s(entry, now_ms);
	__u16 counts[3];

	for (int i = 0; i < 3; i++)
		counts[i] = dns_get16(from.message + 6 + 2 * i);
	records_copy(answer, from, counts);
	ttls_age(entry, answer->room.message, answer->length, age_s);
	if (age_s >= entry->ttl_s)
		answer->ede = rcode == DNS_NXDOMAIN ? DNS_EDE_STALE_NXDOMAIN : DNS_EDE_STALE;
	return dns_answer_end(answer, rcode);
}

size_t dns_reply_answer(struct dns_reply reply, struct dns_answer *answer)
{
	struct scan scan;

	if (scan_message(&scan, answer->query->type, reply))
		return dns_answer_end(answer, DNS_SERVFAIL);
	records_copy(answer, (struct dns_reply){reply.message, scan.end}, scan.counts);
	return dns_answer_end(answer, DNS_RCODE(dns_get16(reply.message + 2)));
}
