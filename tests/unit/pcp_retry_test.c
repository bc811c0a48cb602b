// SPDX-License-Identifier: GPL-2.0-or-later
/* The times of RFC 6887: retransmission, renewal, and what a router's clock says. */
#include "retry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Section 8.1.1, with RAND from -0.1 to +0.1. */
static void test_retransmission(void **state)
{
	static const struct {
		__u32 before, least, most;
	} rows[] = {
		{0, 2700, 3300},	   {3000, 5400, 6600},	       {6000, 10800, 13200},
		{512000, 921600, 1126400}, {1024000, 921600, 1126400}, {1126400, 921600, 1126400},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(retry_next_ms(rows[i].before, 0), rows[i].least);
		assert_int_equal(retry_next_ms(rows[i].before, 200), rows[i].most);
		for (__u32 random = 0; random < 1000; random += 7)
			assert_in_range(retry_next_ms(rows[i].before, random), rows[i].least,
					rows[i].most);
	}
}

/* Section 11.2.1: in the first eighth of what is left behind its half. */
static void test_renewal(void **state)
{
	static const struct {
		unsigned int n;
		__u64 from, to;
	} rows[] = {
		{0, 3600000, 4500000},
		{1, 5400000, 5850000},
		{2, 6300000, 6525000},
		{3, 6750000, 6862500},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(renewal_after_ms(7200, rows[i].n, 0), rows[i].from);
		for (__u32 random = 0; random < 5000; random += 13)
			assert_in_range(renewal_after_ms(7200, rows[i].n, random), rows[i].from,
					rows[i].to);
	}
}

/* Tries are in order, before the end, at least 4 s before it; and there is an end of them. */
static void test_renewal_end(void **state)
{
	(void)state;
	for (__u32 lifetime = 0; lifetime < 3000; lifetime += 7) {
		__u64 before = 0;
		unsigned int n = 0;

		for (__u64 after; (after = renewal_after_ms(lifetime, n, 1023)); n++) {
			assert_true(after > before);
			assert_true(after < lifetime * 1000ULL);
			before = after;
		}
		assert_true(n < 16);
		assert_int_equal(n > 0, lifetime >= 8);
	}
	assert_int_equal(renewal_after_ms(86400, 40, 0), 0);
}

/* Section 8.5. */
static void test_epoch(void **state)
{
	static const struct {
		__u32 server_s; /* after 1000 */
		__u64 client_ms; /* after 50000 */
		bool stays;
	} rows[] = {
		{1000, 50000, true},   {999, 50000, true},	{998, 50000, false},
		{0, 50000, false},     {1060, 110000, true},	{1002, 50000, true},
		{1010, 50000, false},  {1060, 50000, false},	{1000, 110000, false},
		{1057, 110000, true},  {1050, 110000, false},	{1064, 110000, true},
		{1070, 110000, false}, {90000, 89050000, true},
	};
	struct epoch epoch = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		epoch = (struct epoch){0};
		assert_true(epoch_take(&epoch, 1000, 50000));
		assert_int_equal(epoch_take(&epoch, rows[i].server_s, rows[i].client_ms),
				 rows[i].stays);
		/* What was said last is what the next one is compared with. */
		assert_true(epoch_take(&epoch, rows[i].server_s, rows[i].client_ms));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_retransmission),
		cmocka_unit_test(test_renewal),
		cmocka_unit_test(test_renewal_end),
		cmocka_unit_test(test_epoch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
