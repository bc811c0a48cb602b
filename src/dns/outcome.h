/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What became of a query, told once for each: the counters hear of it, and the query log where there is one.
 *
 * Whoever answers says so in answer->outcome (answer.h); the resolver tells it here when the answer is sent. It is in the path of every query: no system
 * call, no lock, no memory is taken.
 */
#pragma once

#include "addr.h"
#include "wire.h"

/* Messages by what became of them. */
#define DNS_COUNTS(X)                                                                            \
	X(DNS_COUNT_REWRITTEN, "rewritten", "answered with a name of ours")                      \
	X(DNS_COUNT_HOST, "host", "answered with a machine of the house, or that there is none") \
	X(DNS_COUNT_SPECIAL, "special", "answered here, as such names are")                      \
	X(DNS_COUNT_CACHED, "cached", "answered from the cache")                                 \
	X(DNS_COUNT_FORWARDED, "forwarded", "answered by an upstream")                           \
	X(DNS_COUNT_STALE, "stale", "answered with what was over: upstreams were silent")        \
	X(DNS_COUNT_FAILED, "failed", "SERVFAIL: upstreams were silent")                         \
	X(DNS_COUNT_BUSY, "busy", "SERVFAIL: too many questions wait")                           \
	X(DNS_COUNT_REFUSED, "refused", "a query that is malformed or not for us")               \
	X(DNS_COUNT_INWARD, "inward",                                                            \
	  "an upstream's answer that led into a private network, and was not passed on")         \
	X(DNS_COUNT_IGNORED, "ignored", "no query at all")

enum dns_count {
#define X(name, key, text) name,
	DNS_COUNTS(X)
#undef X
		DNS_COUNT_MAX
};

struct dns_outcome {
	enum dns_count count;
	__u8 upstream; /* whose answer it is: 1 + its place in the configuration; 0: nobody's */
	__u8 list; /* that blocked it: 1 + its number; 0: none */
};

/* An answered query. */
struct dns_note {
	const struct ip_addr *client;
	const struct dns_query *query; /* without a name where it could not be read */
	struct dns_outcome outcome;
	unsigned int rcode;
	__u32 took_us; /* 0: answered where it was read, which is not measured */
	__u64 now_ms; /* of the loop */
};

struct dns_log {
	__u64 counts[DNS_COUNT_MAX];
};

/* Once for each query that has an answer. */
void dns_log_note(struct dns_log *log, const struct dns_note *note);

/* What has no answer: datagrams that are no query. */
static inline void dns_log_count(struct dns_log *log, enum dns_count count)
{
	log->counts[count]++;
}
