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
	X(DNS_COUNT_BLOCKED, "blocked", "answered as a block list says")                         \
	X(DNS_COUNT_FORWARDED, "forwarded", "answered by an upstream")                           \
	X(DNS_COUNT_STALE, "stale", "answered with what was over: upstreams were silent")        \
	X(DNS_COUNT_FAILED, "failed", "SERVFAIL: upstreams were silent")                         \
	X(DNS_COUNT_BUSY, "busy", "SERVFAIL: too many questions wait")                           \
	X(DNS_COUNT_REFUSED, "refused", "a query that is malformed or not for us")               \
	X(DNS_COUNT_INWARD, "inward",                                                            \
	  "an upstream's answer that led into a private network, and was not passed on")         \
	X(DNS_COUNT_DOCTORED, "doctored",                                                        \
	  "an upstream's answer that led to our public address, told with the host inside")      \
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

/* Of what dns_outcome's numbers stand for. */
enum dns_label_kind { DNS_LABEL_UPSTREAM, DNS_LABEL_LIST, DNS_LABEL_KIND_MAX };

/* NUL included. What is longer is cut. */
#define DNS_LABEL_TEXT_MAX 64

struct dns_label {
	enum dns_label_kind kind;
	__u8 number; /* as dns_outcome has it: 1 is the first */
	char text[DNS_LABEL_TEXT_MAX];
};

struct dns_ring;

/* All-zero: counts, and there is no query log. */
struct dns_log {
	__u64 counts[DNS_COUNT_MAX];
	struct dns_ring *ring; /* NULL: no query log */
	struct dns_label *labels; /* n_labels, owned: all that were told, for logs to come */
	size_t n_labels;
	bool labels_due; /* the log does not have them all yet */
};

/*
 * The query log is written to @fd (ring.h), which stays the caller's; -1: there is none any more. Labels are told again, for a reader that knows none. 0, or -errno and what was is.
 */
int dns_log_open(struct dns_log *log, int fd);
void dns_log_fini(struct dns_log *log);

/* What @number stands for in queries from now on: called where upstreams or lists are replaced, before anything is answered by the new ones. */
void dns_log_label(struct dns_log *log, enum dns_label_kind kind, __u8 number, const char *text);

/* Once for each query that has an answer. */
void dns_log_note(struct dns_log *log, const struct dns_note *note);

/* What has no answer: datagrams that are no query. */
static inline void dns_log_count(struct dns_log *log, enum dns_count count)
{
	log->counts[count]++;
}
