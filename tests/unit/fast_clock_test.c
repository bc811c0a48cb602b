// SPDX-License-Identifier: GPL-2.0-or-later
/* Two clocks at one moment, though the reader is stopped between them. */
#include "bpf/fast_clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define STOPPED_NS 10000000000ULL
#define OFFSET_NS 5000000000ULL
#define READING_NS 100

/* The reader is stopped before readings of these numbers, counted from 0. */
static _Thread_local struct {
	__u64 now_ns;
	int readings, stop_from, stop_to;
} world;

static __u64 now_ns(clockid_t clock)
{
	world.now_ns += READING_NS;
	if (world.readings >= world.stop_from && world.readings < world.stop_to)
		world.now_ns += STOPPED_NS;
	world.readings++;
	return world.now_ns + (clock == CLOCK_BOOTTIME ? OFFSET_NS : 0);
}

static struct fast_clock read_stopped(int from, int to)
{
	struct fast_clock clock;

	world.now_ns = READING_NS;
	world.readings = 0;
	world.stop_from = from;
	world.stop_to = to;
	fast_clock_read(now_ns, &clock);
	return clock;
}

static void test_one_moment(void **state)
{
	(void)state;
	for (int stop = 0; stop < 6; stop++) {
		struct fast_clock clock = read_stopped(stop, stop + 1);

		assert_in_range(clock.offset_ns, OFFSET_NS, OFFSET_NS + 2 * READING_NS);
		assert_in_range(world.now_ns + OFFSET_NS - clock.boot_ns, 0, 2 * READING_NS);
	}
}

/* It does not go on for ever, and what it has then is no earlier than the time. */
static void test_never_one_moment(void **state)
{
	struct fast_clock clock = read_stopped(0, INT32_MAX);

	(void)state;
	assert_true(clock.offset_ns >= OFFSET_NS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_moment),
		cmocka_unit_test(test_never_one_moment),
	};

	return cmocka_run_group_tests_name("fast clock", tests, NULL, NULL);
}
