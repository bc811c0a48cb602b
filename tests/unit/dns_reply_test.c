// SPDX-License-Identifier: GPL-2.0-or-later
/* Records of messages that nobody vouches for. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cleanup.h"
#include "dns_fixture.h"

/* A reply for "x": a CNAME to y, its address, an SOA behind it as authority, OPT. */
static struct octets reply_make(void)
{
	struct octets o =
		message_begin(DNS_QR | DNS_RD | DNS_RA, (const unsigned int[4]){1, 2, 1, 1});

	question_add(&o, "x", DNS_A);
	octets_add(&o, "\xc0\x0c", 2);
	record_add(&o, DNS_CNAME, 300, "\1Y", 3);
	octets_add(&o, "\xc0\x1f", 2);
	record_add(&o, DNS_A, 70000, "\300\250\13\24", 4);
	octets_add(&o, "", 1);
	record_add(&o, DNS_SOA, 60, "", 0);
	octets_add(&o, "", 1);
	record_add(&o, DNS_OPT, 0, "", 0);
	return o;
}

static void test_records(void **state _unused_)
{
	static const struct {
		enum dns_section section;
		__u16 type;
		__u32 ttl_s;
		__u16 data_length;
	} expected[] = {
		{DNS_ANSWER, DNS_CNAME, 300, 3},
		{DNS_ANSWER, DNS_A, 70000, 4},
		{DNS_AUTHORITY, DNS_SOA, 60, 0},
		{DNS_ADDITIONAL, DNS_OPT, 0, 0},
	};
	struct octets o = reply_make();
	struct dns_cursor cursor;
	struct dns_record record;

	assert_int_equal(dns_cursor_begin(o.at, o.n, &cursor), 0);
	assert_int_equal(cursor.question_length, 7);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		assert_int_equal(dns_cursor_next(&cursor, &record), 1);
		assert_int_equal(record.section, expected[i].section);
		assert_int_equal(record.type, expected[i].type);
		assert_int_equal(record.ttl_s, expected[i].ttl_s);
		assert_int_equal(record.data_length, expected[i].data_length);
		assert_int_equal(dns_get32(o.at + record.ttl_at), expected[i].ttl_s);
	}
	assert_int_equal(dns_cursor_next(&cursor, &record), 0);
	assert_int_equal(cursor.at, o.n);
}

/* However it is cut off, the cursor says so and never that it is at the end. */
static void test_cut(void **state _unused_)
{
	const struct octets whole = reply_make();

	for (size_t n = 0; n < whole.n; n++) {
		struct octets o = whole;
		struct dns_cursor cursor;
		struct dns_record record;
		int ret = dns_cursor_begin(o.at, n, &cursor);

		while (!ret || ret > 0) {
			ret = dns_cursor_next(&cursor, &record);
			if (!ret)
				fail_msg("%zu of %zu octets are enough", n, whole.n);
		}
		assert_int_equal(ret, -EBADMSG);
	}
}

static void test_names(void **state _unused_)
{
	static const struct {
		const char *what, *octets;
		size_t n, at;
		const char *name; /* NULL: it is none */
		int end;
	} rows[] = {
		{"plain", "\1A\1b", 5, 0, "a.b", 5},
		{"one pointer", "\1b\0\1a\xc0\x0c", 7, 3, "a.b", 7},
		{"pointer to pointer", "\1c\0\1b\xc0\x0c\1a\xc0\x0f", 11, 7, "a.b.c", 11},
		{"forward", "\1a\xc0\x10\1b", 7, 0, NULL, 0},
		{"to itself", "\xc0\x0c", 2, 0, NULL, 0},
		{"to its own beginning", "\1a\xc0\x0c", 4, 0, NULL, 0},
		{"into the header", "\1a\xc0\x04", 4, 0, NULL, 0},
		{"two that lead to each other", "\xc0\x0e\xc0\x0c", 4, 2, NULL, 0},
		{"half a pointer", "\1a\xc0", 3, 0, NULL, 0},
		{"no end", "\1a", 2, 0, NULL, 0},
		{"a label beyond the end", "\5a", 2, 0, NULL, 0},
		{"bits of 1999", "\x80", 1, 0, NULL, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct octets o = message_begin(0, (const unsigned int[4]){0});
		struct dns_name name, expected;
		int ret;

		octets_add(&o, rows[i].octets, rows[i].n);
		ret = dns_name_read(o.at, o.n, DNS_HEADER + rows[i].at, &name);
		if (ret != (rows[i].name ? DNS_HEADER + rows[i].end : -EBADMSG))
			fail_msg("%s: %d", rows[i].what, ret);
		if (!rows[i].name)
			continue;
		expected = name_of(rows[i].name);
		assert_true(dns_name_equal(&name, &expected));
		assert_int_equal(dns_name_skip(o.at, o.n, DNS_HEADER + rows[i].at), ret);
	}
}

/* 128 labels of one octet, each of which points back: the name ends at 255 octets, the work with it. */
static void test_chain(void **state _unused_)
{
	struct octets o = message_begin(0, (const unsigned int[4]){0});
	struct dns_name name;

	octets_add(&o, "\1a\0", 3);
	for (size_t at = DNS_HEADER, i = 0; i < 300; i++) {
		size_t next = o.n;

		octets_add(&o, "\1a", 2);
		octets_add16(&o, 0xc000 | (unsigned int)at);
		at = next;
	}
	assert_int_equal(dns_name_read(o.at, o.n, o.n - 4, &name), -EBADMSG);
	/* 126 labels in front of the first one are the last that fit. */
	assert_int_equal(dns_name_read(o.at, o.n, DNS_HEADER + 3 + 125 * 4, &name),
			 DNS_HEADER + 3 + 126 * 4);
	assert_int_equal(name.length, 255);
	assert_int_equal(dns_name_read(o.at, o.n, DNS_HEADER + 3 + 126 * 4, &name), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
