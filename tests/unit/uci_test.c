// SPDX-License-Identifier: GPL-2.0-or-later
#include "uci.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* One option of one section, and what libuci makes of it. */
static void test_words(void **state _unused_)
{
	static const struct {
		const char *text, *value;
	} rows[] = {
		{"option k v", "v"},
		{"option k 'a b'", "a b"},
		{"option k \"a b\"", "a b"},
		{"\toption\tk\t'v'\r", "v"},
		{"option k ''", ""},
		{"option k a'b c'\"d\"e", "ab cde"},
		{"option k 'it'\\''s'", "it's"},
		{"option k 'a\\b'", "a\\b"},
		{"option k \"a\\\"b\\\\c\"", "a\"b\\c"},
		{"option k a\\ b", "a b"},
		{"option k a\\\nb", "ab"},
		{"option k 'a\nb'", "a\nb"},
		{"option k '#;'", "#;"},
		{"option k v # 'w", "v"},
		{"option k v#w", "v"},
		{"option k v; option k w", "w"},
		{"option k v\noption k w", "w"},
		{"list k v\noption k w", "w"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_strbuf_ struct strbuf text = {0}, why = {0};
		_uci_ struct uci uci = {0};

		strbuf_add(&text, "config t\n%s", rows[i].text);
		if (uci_parse(strbuf_text(&text), &uci, &why))
			fail_msg("%s: %s", rows[i].text, strbuf_text(&why));
		assert_int_equal(uci.n_sections, 1);
		assert_string_equal(uci_value(&uci.sections[0], "k"), rows[i].value);
	}
}

static void test_faults(void **state _unused_)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"", "no section of UCI in it; OpenWrt has them in /etc/config"},
		{"package p\n", "no section of UCI in it; OpenWrt has them in /etc/config"},
		{"config t\n\n option k 'v\n\n", "line 3: a quote that nothing ends"},
		{"config t\noption k",
		 "line 2: no statement of UCI: package, config, option and list begin one"},
		{"config t n m",
		 "line 1: no statement of UCI: package, config, option and list begin one"},
		{"config t\npackage p\noption k v", "line 3: an option before any section"},
		{"config t\noption k-k v", "line 2: no name of an option"},
		{"config t 'a.b'", "line 1: no name of a section"},
		{"config 'a b'", "line 1: no name of a section"},
		{"config \"a\nb\"\n", "line 1: no name of a section"},
		{"config t n\nconfig u n", "line 2: the name of a section of another type"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_strbuf_ struct strbuf why = {0};
		struct uci uci = {0};

		assert_int_equal(uci_parse(rows[i].text, &uci, &why), -EINVAL);
		assert_string_equal(strbuf_text(&why), rows[i].why);
		assert_null(uci.sections);
	}
}

static void test_sections(void **state _unused_)
{
	static const char *const places[] = {"line 1: t", "p.@t[0]", "p.n",
					     "p.@t[2]",	  "p.@u[0]", "q.@t[0]"};
	_strbuf_ struct strbuf why = {0};
	_uci_ struct uci uci = {0};

	assert_int_equal(
		uci_parse("config t\npackage p\nconfig t\nlist k 1\nlist k 2\nconfig t n\n"
			  "config t\nconfig u\npackage q\nconfig t\npackage p\nconfig t n\n"
			  "option later 1\n",
			  &uci, &why),
		0);
	assert_int_equal(uci.n_sections, ARRAY_SIZE(places));
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		_strbuf_ struct strbuf place = {0};

		uci_place(&uci.sections[i], &place);
		assert_string_equal(strbuf_text(&place), places[i]);
	}
	assert_true(uci_is_of(&uci.sections[0], "p") && uci_is_of(&uci.sections[0], "q"));
	assert_true(uci_is_type(&uci.sections[1], "p", "t"));
	assert_false(uci_is_of(&uci.sections[1], "q") || uci_is_type(&uci.sections[1], "p", "u"));
	assert_int_equal(uci_option(&uci.sections[1], "k")->n_values, 2);
	assert_string_equal(uci_option(&uci.sections[1], "k")->values[1], "2");
	assert_true(uci_is_on(&uci.sections[2], "later", false));
}

static void test_switches(void **state _unused_)
{
	_strbuf_ struct strbuf why = {0};
	_uci_ struct uci uci = {0};

	assert_int_equal(uci_parse("config t\noption a 0\noption b off\noption c 1\noption d odd",
				   &uci, &why),
			 0);
	assert_false(uci_is_on(&uci.sections[0], "a", true));
	assert_false(uci_is_on(&uci.sections[0], "b", true));
	assert_true(uci_is_on(&uci.sections[0], "c", false));
	assert_true(uci_is_on(&uci.sections[0], "d", false));
	assert_true(uci_is_on(&uci.sections[0], "absent", true));
	assert_false(uci_is_on(&uci.sections[0], "absent", false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_switches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
