// SPDX-License-Identifier: GPL-2.0-or-later
/* Counters over 24 hours: what is older goes, what another process counted stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cleanup.h"
#include "dns_stats.h"

static void expect(struct dns_stats *stats, __u64 now_s, const char *key, json_int_t value)
{
	json_t *answer = dns_stats_answer(stats, now_s);

	if (json_integer_value(json_object_get(answer, key)) != value)
		fail_msg("%s: %lld, expected %lld", key,
			 (long long)json_integer_value(json_object_get(answer, key)),
			 (long long)value);
	json_decref(answer);
}

static void test_day(void **state _unused_)
{
	__u64 counts[DNS_COUNT_MAX] = {0}, start_s = 1000000;
	struct dns_stats stats = {0};

	for (unsigned int hour = 0; hour < 48; hour++) {
		counts[DNS_COUNT_CACHED] += 10;
		counts[DNS_COUNT_IGNORED] += 1;
		dns_stats_take(&stats, counts, start_s + hour * 3600ull);
	}
	expect(&stats, start_s + 47 * 3600ull, "cached", 240);
	expect(&stats, start_s + 47 * 3600ull, "all", 240);
	/* Nothing more comes: an hour goes with each hour. */
	expect(&stats, start_s + 57 * 3600ull, "cached", 140);
	expect(&stats, start_s + 80 * 3600ull, "cached", 0);
}

static void test_anew(void **state _unused_)
{
	__u64 counts[DNS_COUNT_MAX] = {0};
	struct dns_stats stats = {0};

	counts[DNS_COUNT_FORWARDED] = 5;
	dns_stats_take(&stats, counts, 100);
	dns_stats_anew(&stats);
	/* More than the one before had by then: all of it is new. */
	counts[DNS_COUNT_FORWARDED] = 7;
	dns_stats_take(&stats, counts, 101);
	expect(&stats, 102, "forwarded", 12);
}

static void test_shares(void **state _unused_)
{
	__u64 counts[DNS_COUNT_MAX] = {0};
	struct dns_stats stats = {0};
	json_t *answer = dns_stats_answer(&stats, 50);

	assert_true(json_real_value(json_object_get(answer, "cache_percent")) == 0);
	json_decref(answer);
	counts[DNS_COUNT_CACHED] = 6;
	counts[DNS_COUNT_FORWARDED] = 2;
	counts[DNS_COUNT_BLOCKED] = 1;
	counts[DNS_COUNT_REWRITTEN] = 7;
	dns_stats_take(&stats, counts, 100);
	answer = dns_stats_answer(&stats, 100);
	assert_true(json_real_value(json_object_get(answer, "cache_percent")) == 75);
	assert_true(json_real_value(json_object_get(answer, "blocked_percent")) == 6.2);
	json_decref(answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_day),
		cmocka_unit_test(test_anew),
		cmocka_unit_test(test_shares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
