// SPDX-License-Identifier: GPL-2.0-or-later
#include "hosts_rate.h"

/* An answer, in the bucket's measure: what flows out in a millisecond is then a whole number. */
#define ONE 1000u

struct limit {
	__u64 per_s, burst;
};

static bool has_room(struct hosts_bucket *bucket, const struct limit *limit, __u64 now_ms)
{
	__u64 gone = (now_ms - bucket->filled_ms) * limit->per_s * ONE / 1000;

	bucket->used = bucket->used > gone ? bucket->used - gone : 0;
	bucket->filled_ms = now_ms;
	return bucket->used + ONE <= limit->burst * ONE;
}

static unsigned int place_of(const struct ip_addr *addr)
{
	__u32 hash =
		2166136261u; /* FNV-1a: who looks for a neighbour to share with only hurts that one */

	for (unsigned int i = 0; i < sizeof(addr->b); i++)
		hash = (hash ^ addr->b[i]) * 16777619u;
	return (hash >> 8) % LIMIT_HOSTS_BUCKETS;
}

bool hosts_rate_take(struct hosts_rate *rate, const struct ip_addr *client, __u64 now_ms)
{
	static const struct limit all = {LIMIT_HOSTS_ANSWERS_PER_S, LIMIT_HOSTS_ANSWERS_PER_S};
	static const struct limit one = {LIMIT_HOSTS_CLIENT_PER_S, LIMIT_HOSTS_CLIENT_BURST};
	struct hosts_bucket *bucket = &rate->clients[place_of(client)];

	/* Its own first: what it is refused is not taken from the others. */
	if (!has_room(bucket, &one, now_ms) || !has_room(&rate->all, &all, now_ms))
		return false;
	bucket->used += ONE;
	rate->all.used += ONE;
	return true;
}
