// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cleanup.h"
#include "dns_fixture.h"

#define L63 "a23456789012345678901234567890123456789012345678901234567890123"

static void test_parse(void **state _unused_)
{
	static const struct {
		const char *text;
		int ret;
		const char *wire;
		size_t length;
	} rows[] = {
		{"example.com", 0, "\7example\3com", 13},
		{"example.com.", 0, "\7example\3com", 13},
		{"EXAMPLE.Com", 0, "\7example\3com", 13},
		{".", 0, "", 1},
		{"a\\.b.c", 0, "\3a.b\1c", 7},
		{"\\065.c", 0, "\1a\1c", 5},
		{L63, 0, "\77" L63, 65},
		{"*.x", 0, "\1*\1x", 5},
		{"", -EINVAL, NULL, 0},
		{"a..b", -EINVAL, NULL, 0},
		{".a", -EINVAL, NULL, 0},
		{"a\\", -EINVAL, NULL, 0},
		{"\\256", -EINVAL, NULL, 0},
		{"\\25", -EINVAL, NULL, 0},
		{L63 "4", -ENAMETOOLONG, NULL, 0},
		/* Three of 64 octets leave 62 for the last label, its length and the root. */
		{L63 "." L63 "." L63 "." L63, -ENAMETOOLONG, NULL, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct dns_name name = {.length = 77};
		int ret = dns_name_parse(rows[i].text, &name);

		if (ret != rows[i].ret || name.length != (ret ? 77 : rows[i].length))
			fail_msg("\"%s\": %d, %u octets", rows[i].text, ret, name.length);
		if (!ret)
			assert_memory_equal(name.wire, rows[i].wire, name.length);
	}
}

static void test_longest(void **state _unused_)
{
	char text[256] = L63 "." L63 "." L63 ".";
	struct dns_name name;

	memset(text + 192, 'z', 61);
	text[253] = '\0';
	assert_int_equal(dns_name_parse(text, &name), 0);
	assert_int_equal(name.length, 255);
	text[253] = 'z';
	text[254] = '\0';
	assert_int_equal(dns_name_parse(text, &name), -ENAMETOOLONG);
}

static void test_format(void **state _unused_)
{
	static const char *const rows[] = {"example.com", ".",	       "_8443._https.x",
					   "*.x",	  "a\\046b.c", "\\000.c"};
	char text[DNS_NAME_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct dns_name name = name_of(rows[i]);

		assert_string_equal(dns_name_format(&name, text), rows[i]);
	}
}

/* Each suffix hashes as it would alone, so that a table of names can be asked for any of them. */
static void test_suffixes(void **state _unused_)
{
	static const char *const rest[] = {"a.b.example.com", "b.example.com", "example.com", "com",
					   "."};
	struct dns_name name = name_of(rest[0]);
	struct dns_suffixes suffixes;

	dns_name_suffixes(&name, 42, &suffixes);
	assert_int_equal(suffixes.n, ARRAY_SIZE(rest));
	for (size_t i = 0; i < ARRAY_SIZE(rest); i++) {
		struct dns_name one = name_of(rest[i]);

		assert_int_equal(name.length - suffixes.at[i], one.length);
		assert_memory_equal(&name.wire[suffixes.at[i]], one.wire, one.length);
		assert_true(suffixes.hash[i] == dns_name_hash(&one, 42));
		assert_true(suffixes.hash[i] != dns_name_hash(&one, 43));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_suffixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
