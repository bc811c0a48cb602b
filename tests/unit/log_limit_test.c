// SPDX-License-Identifier: GPL-2.0-or-later
/* Which of many lines are written, by a clock of the test's. */
#include "log_limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"

#define NOW 1000000

static const char format[] = "of one place";

static bool pass(struct log_limit *limit, const char *text, __u64 now_ms)
{
	const struct log_line line = {1, format, text};

	return log_limit_pass(limit, &line, now_ms);
}

static void test_window(void **state _unused_)
{
	static struct log_limit limit;
	struct log_held held;
	unsigned int n = 0;

	for (unsigned int i = 0; i < 100; i++)
		n += pass(&limit, "text", NOW + 10 * i);
	assert_int_equal(n, LIMIT_LOG_SAME);
	assert_false(log_limit_due(&limit, NOW + LIMIT_LOG_WINDOW_MS - 1, false, &held));
	assert_true(log_limit_due(&limit, NOW + LIMIT_LOG_WINDOW_MS, false, &held));
	assert_int_equal(held.n, 100 - LIMIT_LOG_SAME);
	assert_true(held.is_same);
	assert_int_equal(held.level, 1);
	assert_int_equal(held.seconds, 1);
	assert_string_equal(held.text, "text");
	assert_false(log_limit_due(&limit, NOW + LIMIT_LOG_WINDOW_MS, true, &held));
	/* A new window has as many again. */
	for (n = 0; pass(&limit, "text", NOW + LIMIT_LOG_WINDOW_MS); n++)
		assert_true(n < 100);
	assert_int_equal(n, LIMIT_LOG_SAME);
}

/* Told early, they are not written the more. */
static void test_all(void **state _unused_)
{
	static struct log_limit limit;
	struct log_held held;

	while (pass(&limit, "text", NOW))
		;
	assert_true(log_limit_due(&limit, NOW, true, &held));
	assert_int_equal(held.n, 1);
	assert_false(pass(&limit, "text", NOW + 1));
	assert_true(log_limit_due(&limit, NOW + 2, true, &held));
	assert_int_equal(held.n, 1);
}

/* Texts that never come again do not put out of mind the one that does, nor what counts them. */
static void test_many_texts(void **state _unused_)
{
	static struct log_limit limit;
	struct log_held held;
	unsigned int n = 0, again = 0, told = 0;

	for (unsigned int i = 0; i < 10000; i++) {
		char text[32];

		snprintf(text, sizeof(text), "name %u", i);
		n += pass(&limit, text, NOW + i);
		again += pass(&limit, "again", NOW + i);
	}
	assert_int_equal(again, LIMIT_LOG_SAME);
	assert_int_equal(n, LIMIT_LOG_LIKE - LIMIT_LOG_SAME);
	while (log_limit_due(&limit, NOW, true, &held))
		told += held.n;
	assert_int_equal(told, 20000 - LIMIT_LOG_LIKE);
}

/* Where all have something to tell, a line is rather written than lost. */
static void test_full(void **state _unused_)
{
	static struct log_limit limit;
	char text[32];

	for (unsigned int i = 0; i < LIMIT_LOG_TEXTS; i++) {
		const struct log_line line = {1, text, text};

		snprintf(text, sizeof(text), "text %u", i);
		/* Each by a format of its own, else that ends it. */
		for (unsigned int k = 0; k <= LIMIT_LOG_SAME; k++)
			log_limit_pass(
				&limit,
				&(struct log_line){1, format + i % sizeof(format), line.text}, NOW);
	}
	for (unsigned int i = 0; i < 3 * LIMIT_LOG_SAME; i++)
		assert_true(log_limit_pass(&limit, &(struct log_line){1, "else", "else"}, NOW));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_many_texts),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
