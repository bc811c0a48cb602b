// SPDX-License-Identifier: GPL-2.0-or-later
#include "duration.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cleanup.h"

static void test_parse(void **state _unused_)
{
	static const struct {
		const char *text;
		int ret;
		unsigned int seconds;
	} rows[] = {
		{"60s", 0, 60},	       {"5m", 0, 300},
		{"2h", 0, 7200},       {"1h30m", 0, 5400},
		{"2h4m1s", 0, 7441},   {"0s", 0, 0},
		{"7d", 0, 604800},     {"1d2h3m4s", 0, 93784},
		{"367d", -ERANGE, 0},  {"8784h", 0, 31622400},
		{"", -EINVAL, 0},      {"60", -EINVAL, 0},
		{"s", -EINVAL, 0},     {"1s2s", -EINVAL, 0},
		{"5m1h", -EINVAL, 0},  {"-5s", -EINVAL, 0},
		{"+5s", -EINVAL, 0},   {" 5s", -EINVAL, 0},
		{"5s ", -EINVAL, 0},   {"5 s", -EINVAL, 0},
		{"1.5h", -EINVAL, 0},  {"1h1d", -EINVAL, 0},
		{"8785h", -ERANGE, 0}, {"99999999999999999999s", -ERANGE, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned int seconds = 12345;
		int ret = duration_parse(rows[i].text, &seconds);

		if (ret != rows[i].ret || seconds != (ret ? 12345 : rows[i].seconds))
			fail_msg("\"%s\": %d, %u", rows[i].text, ret, seconds);
	}
}

static void test_format(void **state _unused_)
{
	static const struct {
		unsigned int seconds;
		const char *text;
	} rows[] = {
		{0, "0s"},	  {59, "59s"},	   {60, "1m"},	      {61, "1m1s"},
		{3599, "59m59s"}, {3600, "1h"},	   {3661, "1h1m"},    {86399, "23h59m"},
		{86400, "1d"},	  {90061, "1d1h"}, {~0u, "49710d6h"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[DURATION_TEXT_MAX];

		assert_string_equal(duration_format(rows[i].seconds, text), rows[i].text);
	}
}

/* What is printed in full is read back as the same. */
static void test_format_exact(void **state _unused_)
{
	static const struct {
		unsigned int seconds;
		const char *text;
	} rows[] = {
		{0, "0s"},	     {60, "1m"},      {7440, "2h4m"},	  {604800, "7d"},
		{93784, "1d2h3m4s"}, {86401, "1d1s"}, {31622400, "366d"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[DURATION_TEXT_MAX];
		unsigned int seconds = 12345;

		assert_string_equal(duration_format_exact(rows[i].seconds, text), rows[i].text);
		assert_int_equal(duration_parse(text, &seconds), 0);
		assert_int_equal(seconds, rows[i].seconds);
	}
}

/* A machine that was just switched on has stamps of before its clock's first second: the lab ages sessions so. */
static void test_since(void **state _unused_)
{
	assert_int_equal(duration_since(900, 100), 800);
	assert_int_equal(duration_since(900, 900), 0);
	assert_int_equal(duration_since(900, 901), 0);
	assert_int_equal(duration_since(900, (unsigned int)-100), 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_since),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_format_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
