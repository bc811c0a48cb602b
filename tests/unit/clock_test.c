// SPDX-License-Identifier: GPL-2.0-or-later
/* Each clock in its unit: between two looks at the kernel's own. */
#include "clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "cleanup.h"

static __u64 kernel_ns(clockid_t clock)
{
	struct timespec now;

	assert_int_equal(clock_gettime(clock, &now), 0);
	return (__u64)now.tv_sec * 1000000000 + (__u64)now.tv_nsec;
}

static const struct {
	clockid_t clock;
	__u64 (*now)(void);
	__u64 unit_ns;
} clocks[] = {
	{CLOCK_MONOTONIC, clock_monotonic_ms, 1000000},
	{CLOCK_BOOTTIME, clock_boottime_ms, 1000000},
	{CLOCK_BOOTTIME, clock_boottime_s, 1000000000},
	{CLOCK_REALTIME, clock_realtime_ms, 1000000},
};

static void test_units(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		__u64 before = kernel_ns(clocks[i].clock) / clocks[i].unit_ns;
		__u64 now = clocks[i].now();
		__u64 after = kernel_ns(clocks[i].clock) / clocks[i].unit_ns;

		if (now < before || now > after)
			fail_msg("clock %zu: %llu, not in %llu to %llu", i, now, before, after);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
