// SPDX-License-Identifier: GPL-2.0-or-later
#include "strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_empty(void **state _unused_)
{
	struct strbuf buf = {0};

	assert_string_equal(strbuf_text(&buf), "");
	strbuf_reset(&buf);
	assert_string_equal(strbuf_text(&buf), "");
	strbuf_fini(&buf);
	assert_null(buf.text);
}

static void test_add(void **state _unused_)
{
	_strbuf_ struct strbuf buf = {0};

	strbuf_add(&buf, "%s:%u", "port", 443u);
	strbuf_add(&buf, "%s", "");
	strbuf_add(&buf, "/%c", 't');
	assert_string_equal(strbuf_text(&buf), "port:443/t");
	assert_int_equal(buf.length, 10);
	strbuf_reset(&buf);
	assert_string_equal(strbuf_text(&buf), "");
	assert_int_equal(buf.length, 0);
	strbuf_add(&buf, "again");
	assert_string_equal(strbuf_text(&buf), "again");
}

static void test_bytes(void **state _unused_)
{
	_strbuf_ struct strbuf buf = {0};

	strbuf_add_bytes(&buf, "a\0b", 3);
	strbuf_add_bytes(&buf, "", 0);
	strbuf_add_bytes(&buf, "cd", 1);
	assert_int_equal(buf.length, 4);
	assert_memory_equal(buf.text, "a\0bc", 5);
}

/* Every length up to some that are grown into, in one piece and by characters. */
static void test_growth(void **state _unused_)
{
	_strbuf_ struct strbuf slow = {0}, want = {0};

	for (size_t length = 1; length <= 1100; length++) {
		_strbuf_ struct strbuf once = {0};
		char c = (char)('a' + length % 26);

		strbuf_add_bytes(&slow, &c, 1);
		strbuf_add(&want, "%c", c);
		strbuf_add(&once, "%s", strbuf_text(&slow));
		assert_int_equal(once.length, length);
		assert_int_equal(strlen(strbuf_text(&once)), length);
		assert_string_equal(strbuf_text(&once), strbuf_text(&want));
		assert_true(slow.length < slow.size);
	}
}

static void test_fini(void **state _unused_)
{
	struct strbuf buf = {0};

	strbuf_add(&buf, "text");
	strbuf_fini(&buf);
	assert_null(buf.text);
	assert_int_equal(buf.length, 0);
	assert_int_equal(buf.size, 0);
	strbuf_add(&buf, "more");
	assert_string_equal(strbuf_text(&buf), "more");
	strbuf_fini(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty), cmocka_unit_test(test_add),
		cmocka_unit_test(test_bytes), cmocka_unit_test(test_growth),
		cmocka_unit_test(test_fini),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
