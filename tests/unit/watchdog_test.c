// SPDX-License-Identifier: GPL-2.0-or-later
/* When what was taken away is put back, by a clock of its own. */
#include "watchdog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cleanup.h"

#define S 1000ULL
#define TABLE 0x1
#define FILTER 0x2

/* A removal at @at_s and, where it is put back at once, the look behind that. */
static struct watchdog_verdict removed(struct watchdog *watchdog, __u64 at_s)
{
	struct watchdog_verdict verdict = watchdog_see(watchdog, at_s * S, TABLE);

	if (verdict.act == WATCHDOG_MEND)
		watchdog_mended(watchdog);
	return verdict;
}

static void make_slow(struct watchdog *watchdog, __u64 at_s)
{
	for (int i = 0; i < WATCHDOG_BURST; i++)
		assert_int_equal(removed(watchdog, at_s).act, WATCHDOG_MEND);
	assert_true(removed(watchdog, at_s).slows);
}

static void nothing_missing_is_nothing_to_do(void **state _unused_)
{
	struct watchdog watchdog = {0};
	struct watchdog_verdict verdict = watchdog_see(&watchdog, 0, 0);

	assert_int_equal(verdict.act, WATCHDOG_REST);
	assert_false(verdict.removed || verdict.slows || verdict.calms);
	assert_int_equal(watchdog.removals, 0);
}

/* Also in the first minute of a machine's life, where a ring of zeros would look like removals of just now. */
static void a_removal_is_put_back_at_once_and_counted_once(void **state _unused_)
{
	struct watchdog watchdog = {0};
	struct watchdog_verdict verdict = watchdog_see(&watchdog, 1, TABLE);

	assert_int_equal(verdict.act, WATCHDOG_MEND);
	assert_true(verdict.removed);
	/* It could not be put back. */
	verdict = watchdog_see(&watchdog, 2, TABLE);
	assert_int_equal(verdict.act, WATCHDOG_MEND);
	assert_false(verdict.removed);
	assert_int_equal(watchdog.removals, 1);
	/* Something else goes as well. */
	verdict = watchdog_see(&watchdog, 3, TABLE | FILTER);
	assert_true(verdict.removed);
	assert_int_equal(watchdog.removals, 2);
}

static void as_many_as_may_be_are_put_back_at_once(void **state _unused_)
{
	struct watchdog watchdog = {0};

	for (__u64 i = 0; i < WATCHDOG_BURST; i++)
		assert_int_equal(removed(&watchdog, 100 + i).act, WATCHDOG_MEND);
	/* One more, when the first of them is long enough ago. */
	assert_int_equal(removed(&watchdog, 100 + WATCHDOG_BURST_S).act, WATCHDOG_MEND);
	assert_false(watchdog.wait_s);
}

static void one_more_waits_and_is_said_once(void **state _unused_)
{
	struct watchdog watchdog = {0};
	struct watchdog_verdict verdict;

	for (int i = 0; i < WATCHDOG_BURST; i++)
		assert_int_equal(removed(&watchdog, 100).act, WATCHDOG_MEND);
	verdict = removed(&watchdog, 100);
	assert_int_equal(verdict.act, WATCHDOG_WAIT);
	assert_true(verdict.slows);
	verdict = watchdog_see(&watchdog, 101 * S, TABLE);
	assert_int_equal(verdict.act, WATCHDOG_WAIT);
	assert_false(verdict.slows);
	assert_int_equal(watchdog_left_s(101 * S, watchdog.due_ms), WATCHDOG_WAIT_MIN_S - 1);
	verdict = watchdog_see(&watchdog, (100 + WATCHDOG_WAIT_MIN_S) * S, TABLE);
	assert_int_equal(verdict.act, WATCHDOG_MEND);
	assert_false(verdict.removed);
}

static void the_wait_doubles_up_to_the_longest(void **state _unused_)
{
	struct watchdog watchdog = {0};
	__u64 now_s = 100;
	__u32 wait_s = WATCHDOG_WAIT_MIN_S;

	make_slow(&watchdog, now_s);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(watchdog.wait_s, wait_s);
		now_s += wait_s;
		assert_int_equal(watchdog_see(&watchdog, now_s * S - 1, TABLE).act, WATCHDOG_WAIT);
		assert_int_equal(watchdog_see(&watchdog, now_s * S, TABLE).act, WATCHDOG_MEND);
		watchdog_mended(&watchdog);
		assert_false(watchdog_see(&watchdog, now_s * S, TABLE).slows);
		wait_s = wait_s * 2 < WATCHDOG_WAIT_MAX_S ? wait_s * 2 : WATCHDOG_WAIT_MAX_S;
	}
	assert_int_equal(watchdog.wait_s, WATCHDOG_WAIT_MAX_S);
}

static void quiet_calms(void **state _unused_)
{
	struct watchdog watchdog = {0};

	make_slow(&watchdog, 100);
	assert_int_equal(watchdog_see(&watchdog, 110 * S, TABLE).act, WATCHDOG_MEND);
	watchdog_mended(&watchdog);
	assert_false(watchdog_see(&watchdog, (99 + WATCHDOG_QUIET_S) * S, 0).calms);
	assert_true(watchdog_see(&watchdog, (100 + WATCHDOG_QUIET_S) * S, 0).calms);
	assert_int_equal(removed(&watchdog, 101 + WATCHDOG_QUIET_S).act, WATCHDOG_MEND);
	/* As many as before. */
	for (int i = 1; i < WATCHDOG_BURST; i++)
		assert_int_equal(removed(&watchdog, 101 + WATCHDOG_QUIET_S).act, WATCHDOG_MEND);
	assert_true(removed(&watchdog, 101 + WATCHDOG_QUIET_S).slows);
}

static void a_pause_puts_nothing_back_and_counts_nothing(void **state _unused_)
{
	struct watchdog watchdog = {0};
	struct watchdog_verdict verdict;

	watchdog_pause(&watchdog, 100 * S, 0);
	verdict = watchdog_see(&watchdog, 101 * S, TABLE);
	assert_int_equal(verdict.act, WATCHDOG_REST);
	assert_false(verdict.removed);
	assert_true(verdict.passed);
	assert_false(watchdog_see(&watchdog, 101 * S, TABLE).passed);
	assert_int_equal(watchdog.removals, 0);
	assert_int_equal(watchdog.missing, TABLE);
	assert_false(watchdog_pause_ends(&watchdog, 1000000 * S));
	watchdog_resume(&watchdog);
	verdict = watchdog_see(&watchdog, 102 * S, TABLE);
	assert_int_equal(verdict.act, WATCHDOG_MEND);
	assert_false(verdict.removed);
}

static void a_pause_with_an_end_comes_to_it(void **state _unused_)
{
	struct watchdog watchdog = {0};

	watchdog_pause(&watchdog, 100 * S, 30);
	assert_false(watchdog_pause_ends(&watchdog, 130 * S - 1));
	assert_true(watchdog.paused);
	assert_true(watchdog_pause_ends(&watchdog, 130 * S));
	assert_false(watchdog.paused);
	assert_false(watchdog_pause_ends(&watchdog, 131 * S));
}

static void resume_does_not_wait(void **state _unused_)
{
	struct watchdog watchdog = {0};

	make_slow(&watchdog, 100);
	assert_int_equal(watchdog_see(&watchdog, 101 * S, TABLE).act, WATCHDOG_WAIT);
	watchdog_resume(&watchdog);
	assert_int_equal(watchdog_see(&watchdog, 101 * S, TABLE).act, WATCHDOG_MEND);
	watchdog_mended(&watchdog);
	assert_int_equal(removed(&watchdog, 102).act, WATCHDOG_MEND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_missing_is_nothing_to_do),
		cmocka_unit_test(a_removal_is_put_back_at_once_and_counted_once),
		cmocka_unit_test(as_many_as_may_be_are_put_back_at_once),
		cmocka_unit_test(one_more_waits_and_is_said_once),
		cmocka_unit_test(the_wait_doubles_up_to_the_longest),
		cmocka_unit_test(quiet_calms),
		cmocka_unit_test(a_pause_puts_nothing_back_and_counts_nothing),
		cmocka_unit_test(a_pause_with_an_end_comes_to_it),
		cmocka_unit_test(resume_does_not_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
