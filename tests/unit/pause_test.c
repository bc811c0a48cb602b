// SPDX-License-Identifier: GPL-2.0-or-later
/* How long blocking stays off, while clocks run, jump and begin anew. */
#include "pause.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"

#define WALL 1700000000

static struct pause_now clocks(__s64 wall_s, __u64 boot_s, const char *boot)
{
	struct pause_now now = {.wall_s = wall_s, .boot_ms = boot_s * 1000};

	strcpy(now.boot, boot);
	return now;
}

/* A pause of @total_s that began at WALL, 100 s after boot "a". */
static struct pause begun(__u32 total_s)
{
	const struct pause_now now = clocks(WALL, 100, "a");
	struct pause pause;

	pause_begin(&pause, total_s, &now);
	return pause;
}

/* One look at the clocks after a pause of 600 s has begun. */
static const struct {
	const char *what;
	__s64 wall_s; /* since it began */
	__u64 boot_s;
	const char *boot;
	bool changed;
	__u32 left_s; /* 0: over */
	__s64 until_s; /* since it began */
} looks[] = {
	{"at once", 0, 100, "a", false, 600, 600},
	{"half of it", 300, 400, "a", false, 300, 600},
	{"the last second", 599, 699, "a", false, 1, 600},
	{"its end", 600, 700, "a", true, 0, 0},
	{"long after", 9999, 9999, "a", true, 0, 0},
	{"a drift", 302, 400, "a", false, 300, 600},
	{"the wall clock jumps ahead", 1000000, 400, "a", true, 300, 1000300},
	{"the wall clock jumps back", -1000000, 400, "a", true, 300, -999700},
	{"ahead, and the time is over", -1000000, 700, "a", true, 0, 0},
	{"after a restart of the machine", 200, 5, "b", false, 400, 600},
	{"after one that took longer", 601, 5, "b", true, 0, 0},
	{"after one with the clock in the past", -1000000, 5, "b", false, 600, 600},
	{"after one, boots cannot be told apart", 200, 5, "", false, 400, 600},
};

static void test_looks(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(looks); i++) {
		struct pause_now now =
			clocks(WALL + looks[i].wall_s, looks[i].boot_s, looks[i].boot);
		struct pause pause = begun(600);

		if (pause_follow(&pause, &now) != looks[i].changed)
			fail_msg("%s: changed: %d", looks[i].what, !looks[i].changed);
		if (pause_left_s(&pause, &now) != looks[i].left_s)
			fail_msg("%s: %u s left", looks[i].what, pause_left_s(&pause, &now));
		if (pause.is_off != !!looks[i].left_s)
			fail_msg("%s: off: %d", looks[i].what, pause.is_off);
		if (pause.is_off && pause.until_s != WALL + looks[i].until_s)
			fail_msg("%s: until %lld", looks[i].what, (long long)pause.until_s - WALL);
		/* A second look at the same clocks changes nothing more. */
		assert_false(pause_follow(&pause, &now));
	}
}

/* A router without a battery: it starts in the past, and the right time comes by network. */
static void test_later_boot(void **state _unused_)
{
	struct pause pause = begun(600);
	struct pause_now now = clocks(0, 5, "b");

	assert_false(pause_follow(&pause, &now));
	now = clocks(60, 65, "b");
	assert_false(pause_follow(&pause, &now));
	assert_int_equal(pause_left_s(&pause, &now), 540);
	/* It was away for 400 s. */
	now = clocks(WALL + 460, 66, "b");
	assert_false(pause_follow(&pause, &now));
	assert_int_equal(pause_left_s(&pause, &now), 140);
	now = clocks(WALL + 600, 206, "b");
	assert_true(pause_follow(&pause, &now));
	assert_false(pause.is_off);
}

/* Where the right time never comes, it ends all the same. */
static void test_later_boot_bounded(void **state _unused_)
{
	struct pause pause = begun(600);
	struct pause_now now = clocks(0, 5, "b");

	assert_false(pause_follow(&pause, &now));
	now = clocks(-5000, 604, "b");
	assert_false(pause_follow(&pause, &now));
	assert_int_equal(pause_left_s(&pause, &now), 1);
	now = clocks(-5000, 605, "b");
	assert_true(pause_follow(&pause, &now));
	assert_false(pause.is_off);
}

static void test_no_end(void **state _unused_)
{
	struct pause pause = begun(0);
	struct pause_now now = clocks(WALL + 1000000, 1, "b");

	assert_false(pause_follow(&pause, &now));
	assert_true(pause.is_off);
	assert_int_equal(pause_left_s(&pause, &now), 0);
}

static void test_on(void **state _unused_)
{
	struct pause pause = {0};
	struct pause_now now;

	pause_clocks(&now);
	assert_int_equal(strlen(now.boot), 36);
	assert_true(now.boot_ms > 0 && now.wall_s > 0);
	assert_false(pause_follow(&pause, &now));
	assert_false(pause.is_off);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_looks),
		cmocka_unit_test(test_later_boot),
		cmocka_unit_test(test_later_boot_bounded),
		cmocka_unit_test(test_no_end),
		cmocka_unit_test(test_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
