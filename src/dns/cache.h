/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What upstreams have answered, whole messages by their question.
 *
 * Whole, because a forwarder that keeps records apart can be made to put one message's records under another's name; here an answer is found by its
 * own question alone. An entry is the message without OPT and a list of where its TTLs stand: a hit is a copy, the asker's question over
 * ours, and the TTLs aged.
 *
 * One process and one thread has it. Bounded by octets: what was not asked for goes first (second chance). Times are milliseconds of one clock that
 * does not jump.
 */
#pragma once

#include "answer.h"

enum dns_freshness {
	DNS_MISS,
	DNS_FRESH,
	DNS_AGEING, /* good, and near enough to its end to be asked for anew (prefetch) */
	DNS_STALE, /* over, and good enough where upstreams are silent (RFC 8767) */
	DNS_STALE_NOW, /* the same, and upstreams failed just now: it is not worth to wait for them */
};

struct dns_cache;
struct dns_entry;

struct dns_cache_stats {
	size_t entries, octets;
	__u64 evicted;
};

/* NULL: no memory. @seed: random, strangers choose what is in it. */
struct dns_cache *dns_cache_make(size_t octets_max, __u64 seed);
struct dns_cache *dns_cache_free(struct dns_cache *cache);
struct dns_cache_stats dns_cache_stats(const struct dns_cache *cache);
void dns_cache_clear(struct dns_cache *cache);

struct dns_reply {
	const __u8 *message;
	size_t length;
	struct dns_outcome outcome; /* set by upstream.c, and by whoever judges it */
};

/*
 * Keeps @reply, which answers @query's question and can be read to its end (dns_question_match()). Not kept: what is
 * truncated, a failure other than SERVFAIL, "there is none" without an SOA (RFC 2308 section 5), what may not be kept for a second. A failure
 * does not take the place of what was good: that is noted as with dns_cache_fail().
 */
void dns_cache_put(struct dns_cache *cache, const struct dns_query *query, struct dns_reply reply,
		   __u64 now_ms);

/* Drops every entry of which @is says so; its message is as upstream sent it, without OPT. */
void dns_cache_forget(struct dns_cache *cache, bool (*is)(void *data, struct dns_reply reply),
		      void *data);

/*
 * Upstreams had no answer for @query's question. What is there of it, good or over, is not asked for again for LIMIT_DNS_STALE_RETRY_S; where there is nothing, a
 * SERVFAIL is kept (RFC 9520).
 */
void dns_cache_fail(struct dns_cache *cache, const struct dns_query *query, __u64 now_ms);

/* *ret_entry is valid until the next call with @cache that is not const. */
enum dns_freshness dns_cache_find(struct dns_cache *cache, const struct dns_query *query,
				  __u64 now_ms, const struct dns_entry **ret_entry);

/*
 * Writes @entry as the answer of answer->query (dns_answer_begin() was called, nothing added) and ends it; the octets of the message. Stale: every TTL is
 * LIMIT_DNS_STALE_TTL_S, and EDE says so. What nobody needs is left out if then the rest fits (RFC 2181 section 9).
 */
size_t dns_entry_answer(const struct dns_entry *entry, struct dns_answer *answer, __u64 now_ms);

/* The message of @entry, with the TTLs that it came with; valid as long as @entry. */
struct dns_reply dns_entry_reply(const struct dns_entry *entry);
/* A word that whoever looks at answers may keep with @entry; 0 until then. It says nothing of the answer, so it may be written although the entry may not. */
__u32 *dns_entry_mark(const struct dns_entry *entry);

/* The same from a message that came just now, kept or not. */
size_t dns_reply_answer(struct dns_reply reply, struct dns_answer *answer);
