// SPDX-License-Identifier: GPL-2.0-or-later
/* When a machine's block is in its hosts file, with a clock of the test's. */
#include "hosts_watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <hairpin/limits.h>

#include "cleanup.h"

struct act {
	enum hosts_event event;
	enum hosts_order order;
	enum hosts_place place;
	unsigned int ask_ms; /* until the next question */
};

#define BEGIN_MS 1000000
/* A change comes so long after what was before it; all else when a question was due. */
#define BETWEEN_MS 10

/* clang-format off */
static const struct act
	comes_home[] = {
		{HOSTS_SILENT,  HOSTS_TAKE, HOSTS_AWAY, HOSTS_WATCH_MISSED_MS},
		{HOSTS_SILENT,  HOSTS_KEEP, HOSTS_AWAY, HOSTS_WATCH_MISSED_MS},
		{HOSTS_SILENT,  HOSTS_KEEP, HOSTS_AWAY, 2 * HOSTS_WATCH_MISSED_MS},
		{HOSTS_CHANGED, HOSTS_KEEP, HOSTS_AWAY, HOSTS_WATCH_SETTLE_MS},
		{HOSTS_SILENT,  HOSTS_KEEP, HOSTS_AWAY, HOSTS_WATCH_MISSED_MS},
		{HOSTS_PROVED,  HOSTS_PUT,  HOSTS_HOME, HOSTS_WATCH_HOME_MS},
		{HOSTS_PROVED,  HOSTS_PUT,  HOSTS_HOME, HOSTS_WATCH_HOME_MS},
		{0}},
	loses_answers[] = {
		{HOSTS_PROVED,  HOSTS_PUT,  HOSTS_HOME,  HOSTS_WATCH_HOME_MS},
		{HOSTS_SILENT,  HOSTS_KEEP, HOSTS_DOUBT, HOSTS_WATCH_MISSED_MS},
		{HOSTS_SILENT,  HOSTS_KEEP, HOSTS_DOUBT, HOSTS_WATCH_MISSED_MS},
		{HOSTS_PROVED,  HOSTS_PUT,  HOSTS_HOME,  HOSTS_WATCH_HOME_MS},
		{HOSTS_SILENT,  HOSTS_KEEP, HOSTS_DOUBT, HOSTS_WATCH_MISSED_MS},
		{HOSTS_SILENT,  HOSTS_KEEP, HOSTS_DOUBT, HOSTS_WATCH_MISSED_MS},
		{HOSTS_SILENT,  HOSTS_TAKE, HOSTS_AWAY,  HOSTS_WATCH_MISSED_MS},
		{0}},
	/* Changes neither count nor put the end off. */
	leaves[] = {
		{HOSTS_PROVED,  HOSTS_PUT,  HOSTS_HOME,  HOSTS_WATCH_HOME_MS},
		{HOSTS_CHANGED, HOSTS_KEEP, HOSTS_DOUBT, HOSTS_WATCH_SETTLE_MS},
		{HOSTS_CHANGED, HOSTS_KEEP, HOSTS_DOUBT, HOSTS_WATCH_SETTLE_MS - BETWEEN_MS},
		{HOSTS_CHANGED, HOSTS_KEEP, HOSTS_DOUBT, HOSTS_WATCH_SETTLE_MS - 2 * BETWEEN_MS},
		{HOSTS_SILENT,  HOSTS_KEEP, HOSTS_DOUBT, HOSTS_WATCH_MISSED_MS},
		{HOSTS_CHANGED, HOSTS_KEEP, HOSTS_DOUBT, HOSTS_WATCH_SETTLE_MS},
		{HOSTS_SILENT,  HOSTS_KEEP, HOSTS_DOUBT, HOSTS_WATCH_MISSED_MS},
		{HOSTS_CHANGED, HOSTS_KEEP, HOSTS_DOUBT, HOSTS_WATCH_SETTLE_MS},
		{HOSTS_SILENT,  HOSTS_TAKE, HOSTS_AWAY,  HOSTS_WATCH_MISSED_MS},
		{0}},
	other_lan[] = {
		{HOSTS_PROVED,  HOSTS_PUT,  HOSTS_HOME,  HOSTS_WATCH_HOME_MS},
		{HOSTS_OTHER,   HOSTS_TAKE, HOSTS_AWAY,  HOSTS_WATCH_MISSED_MS},
		{HOSTS_OTHER,   HOSTS_KEEP, HOSTS_AWAY,  HOSTS_WATCH_AWAY_MS},
		{HOSTS_PROVED,  HOSTS_PUT,  HOSTS_HOME,  HOSTS_WATCH_HOME_MS},
		{HOSTS_CHANGED, HOSTS_KEEP, HOSTS_DOUBT, HOSTS_WATCH_SETTLE_MS},
		{HOSTS_OTHER,   HOSTS_TAKE, HOSTS_AWAY,  HOSTS_WATCH_MISSED_MS},
		{0}},
	begins_elsewhere[] = {
		{HOSTS_OTHER,   HOSTS_TAKE, HOSTS_AWAY,    HOSTS_WATCH_AWAY_MS},
		{0}};
/* clang-format on */

static const struct act *const stories[] = {comes_home, loses_answers, leaves, other_lan,
					    begins_elsewhere};

static void test_stories(void **state _unused_)
{
	for (size_t s = 0; s < ARRAY_SIZE(stories); s++) {
		struct hosts_watch watch = {0};
		__u64 now = BEGIN_MS;

		for (const struct act *act = stories[s]; act->ask_ms; act++) {
			enum hosts_order order = hosts_watch_step(&watch, act->event, now);

			if (order != act->order || watch.place != act->place ||
			    watch.ask_ms != now + act->ask_ms)
				fail_msg("story %zu, act %zu: order %d, %s, asks in %lld ms", s,
					 (size_t)(act - stories[s]), (int)order,
					 hosts_place_name(watch.place),
					 (long long)(watch.ask_ms - now));
			hosts_watch_done(&watch, order, true, now);
			now = act[1].event == HOSTS_CHANGED ? now + BETWEEN_MS : watch.ask_ms;
		}
	}
}

/* At the beginning it is asked at once, whatever happens. */
static void test_begins(void **state _unused_)
{
	struct hosts_watch watch = {0};

	assert_true(hosts_watch_next(&watch, false) <= BEGIN_MS);
	assert_int_equal(hosts_watch_step(&watch, HOSTS_CHANGED, BEGIN_MS), HOSTS_KEEP);
	assert_int_equal(watch.place, HOSTS_UNKNOWN);
	assert_true(hosts_watch_next(&watch, false) <= BEGIN_MS);
}

/* However long it is away, it is asked for once a minute. */
static void test_away_long(void **state _unused_)
{
	struct hosts_watch watch = {0};

	for (unsigned int i = 0; i < 1000; i++)
		hosts_watch_step(&watch, HOSTS_SILENT, BEGIN_MS);
	assert_int_equal(watch.ask_ms - BEGIN_MS, HOSTS_WATCH_AWAY_MS);
}

/* What could not be written is tried again, until it could or the opposite is ordered. */
static void test_failed_write(void **state _unused_)
{
	struct hosts_watch watch = {0};
	__u64 now = BEGIN_MS;

	assert_int_equal(hosts_watch_step(&watch, HOSTS_PROVED, now), HOSTS_PUT);
	hosts_watch_done(&watch, HOSTS_PUT, false, now);
	assert_int_equal(hosts_watch_due(&watch, now), HOSTS_KEEP);
	assert_int_equal(hosts_watch_next(&watch, false), now + HOSTS_WATCH_AGAIN_MS);
	assert_int_equal(hosts_watch_next(&watch, true), now + HOSTS_WATCH_AGAIN_MS);
	now += HOSTS_WATCH_AGAIN_MS;
	assert_int_equal(hosts_watch_due(&watch, now), HOSTS_PUT);
	hosts_watch_done(&watch, HOSTS_PUT, false, now);
	/* It left meanwhile: what was due is not any more. */
	assert_int_equal(hosts_watch_step(&watch, HOSTS_OTHER, now), HOSTS_TAKE);
	hosts_watch_done(&watch, HOSTS_TAKE, true, now);
	assert_int_equal(hosts_watch_due(&watch, now + HOSTS_WATCH_AGAIN_MS), HOSTS_KEEP);
	assert_int_equal(hosts_watch_next(&watch, false), watch.ask_ms);
	/* While it asks, the clock of the next question does not run. */
	assert_true(hosts_watch_next(&watch, true) > watch.ask_ms);
}

/* The laptop slept: all that was due is due when it wakes up. */
static void test_sleep(void **state _unused_)
{
	struct hosts_watch watch = {0};

	hosts_watch_step(&watch, HOSTS_PROVED, BEGIN_MS);
	assert_true(hosts_watch_next(&watch, false) < BEGIN_MS + 8ULL * 3600 * 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stories),	  cmocka_unit_test(test_begins),
		cmocka_unit_test(test_away_long), cmocka_unit_test(test_failed_write),
		cmocka_unit_test(test_sleep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
