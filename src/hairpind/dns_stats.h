/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Queries by what became of them, over the last 24 hours: in memory, by counters alone, whether or not there is a query log. A DNS process that is started anew counts
 * from zero; what it counted before stays.
 */
#pragma once

#include <jansson.h>

#include "outcome.h"

#define DNS_STATS_BUCKETS 144
#define DNS_STATS_BUCKET_S 600

struct dns_stats {
	__u64 last[DNS_COUNT_MAX]; /* of the process that runs */
	__u64 buckets[DNS_STATS_BUCKETS][DNS_COUNT_MAX];
	__u64 at; /* the bucket that is filled, by its number since the clock began */
};

/* What the process counts now. @now_s: of a clock that does not jump. */
void dns_stats_take(struct dns_stats *stats, const __u64 counts[DNS_COUNT_MAX], __u64 now_s);

/* Another process counts from here on. */
void dns_stats_anew(struct dns_stats *stats);

/* New reference: @counts by the keys of their outcomes. */
json_t *dns_stats_counts(const __u64 counts[DNS_COUNT_MAX]);

/* New reference: by outcome, and what that means in shares. */
json_t *dns_stats_answer(struct dns_stats *stats, __u64 now_s);
