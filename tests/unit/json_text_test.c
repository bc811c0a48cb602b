// SPDX-License-Identifier: GPL-2.0-or-later
/* Text that others chose: a document of it can always be written, and nothing in it moves a cursor. */
#include "json_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"

static void test_text(void **state _unused_)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"", ""},
		{"plain\ttext", "plain\ttext"},
		{"gr\xc3\xbc\xc3\x9f \xe2\x82\xac", "gr\xc3\xbc\xc3\x9f \xe2\x82\xac"},
		{"\x1b[2J and \x7f", "?[2J and ?"},
		{"a\nb", "a?b"},
		{"C1: \xc2\x9b", "C1: ??"},
		{"not \xff UTF-8", "not ? UTF-8"},
		{"cut \xe2\x82", "cut ??"},
		{"overlong \xc0\xaf", "overlong ??"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_t *json = json_text(rows[i].text, strlen(rows[i].text));
		_free_ char *written = json_dumps(json, JSON_ENCODE_ANY);

		assert_non_null(written);
		assert_string_equal(json_string_value(json), rows[i].want);
		json_decref(json);
	}
}

static void test_lines(void **state _unused_)
{
	json_t *lines = json_lines("one\n\n\xfftwo\nthree");

	assert_int_equal(json_array_size(lines), 3);
	assert_string_equal(json_string_value(json_array_get(lines, 0)), "one");
	assert_string_equal(json_string_value(json_array_get(lines, 1)), "?two");
	assert_string_equal(json_string_value(json_array_get(lines, 2)), "three");
	json_decref(lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
