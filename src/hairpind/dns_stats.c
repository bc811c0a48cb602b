// SPDX-License-Identifier: GPL-2.0-or-later
#include "dns_stats.h"

#include <string.h>

#include "cleanup.h"

/* Buckets between the one that was filled and that of now are empty. */
static void move_on(struct dns_stats *stats, __u64 now_s)
{
	__u64 now = now_s / DNS_STATS_BUCKET_S;

	if (now - stats->at >= DNS_STATS_BUCKETS) {
		memset(stats->buckets, 0, sizeof(stats->buckets));
		stats->at = now;
	}
	while (stats->at < now) {
		stats->at++;
		memset(stats->buckets[stats->at % DNS_STATS_BUCKETS], 0, sizeof(stats->buckets[0]));
	}
}

void dns_stats_take(struct dns_stats *stats, const __u64 counts[DNS_COUNT_MAX], __u64 now_s)
{
	__u64 *bucket;

	move_on(stats, now_s);
	bucket = stats->buckets[stats->at % DNS_STATS_BUCKETS];
	for (size_t i = 0; i < DNS_COUNT_MAX; i++) {
		if (counts[i] > stats->last[i])
			bucket[i] += counts[i] - stats->last[i];
		stats->last[i] = counts[i];
	}
}

void dns_stats_anew(struct dns_stats *stats)
{
	memset(stats->last, 0, sizeof(stats->last));
}

static double percent(__u64 part, __u64 whole)
{
	__u64 tenths = whole ? part * 1000 / whole : 0;

	return (double)tenths / 10;
}

json_t *dns_stats_counts(const __u64 counts[DNS_COUNT_MAX])
{
	static const char *const keys[] = {
#define X(name, key, text) [name] = (key),
		DNS_COUNTS(X)
#undef X
	};
	json_t *answer = json_object();

	for (size_t i = 0; i < DNS_COUNT_MAX; i++)
		json_object_set_new(answer, keys[i], json_integer((json_int_t)counts[i]));
	return answer;
}

json_t *dns_stats_answer(struct dns_stats *stats, __u64 now_s)
{
	__u64 sums[DNS_COUNT_MAX] = {0}, total = 0, looked;
	json_t *answer;

	move_on(stats, now_s);
	for (size_t b = 0; b < DNS_STATS_BUCKETS; b++) {
		for (size_t i = 0; i < DNS_COUNT_MAX; i++)
			sums[i] += stats->buckets[b][i];
	}
	for (size_t i = 0; i < DNS_COUNT_MAX; i++)
		total += i == DNS_COUNT_IGNORED ? 0 : sums[i];
	/* Of those that the cache could have had. */
	looked = sums[DNS_COUNT_CACHED] + sums[DNS_COUNT_FORWARDED] + sums[DNS_COUNT_STALE] +
		 sums[DNS_COUNT_FAILED];
	answer = dns_stats_counts(sums);
	json_object_set_new(answer, "all", json_integer((json_int_t)total));
	json_object_set_new(answer, "blocked_percent",
			    json_real(percent(sums[DNS_COUNT_BLOCKED], total)));
	json_object_set_new(answer, "cache_percent",
			    json_real(percent(sums[DNS_COUNT_CACHED], looked)));
	return answer;
}
