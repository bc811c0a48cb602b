// SPDX-License-Identifier: GPL-2.0-or-later
/* Which answers lead inside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cleanup.h"
#include "dns_fixture.h"
#include "inward.h"

static void test_addresses(void **state _unused_)
{
	static const struct {
		const char *text;
		bool is;
	} rows[] = {
		{"0.0.0.0", true},
		{"0.255.255.255", true},
		{"1.0.0.0", false},
		{"9.255.255.255", false},
		{"10.0.0.1", true},
		{"11.0.0.0", false},
		{"100.63.255.255", false},
		{"100.64.0.0", true},
		{"100.127.255.255", true},
		{"100.128.0.0", false},
		{"127.0.0.1", true},
		{"128.0.0.1", false},
		{"169.254.1.1", true},
		{"169.253.255.255", false},
		{"172.15.255.255", false},
		{"172.16.0.0", true},
		{"172.31.255.255", true},
		{"172.32.0.0", false},
		{"192.167.255.255", false},
		{"192.168.0.0", true},
		{"192.169.0.0", false},
		{"203.0.113.7", false},
		{"::", true},
		{"::1", true},
		{"::ffff:192.168.1.1", true},
		{"::ffff:203.0.113.7", false},
		{"::192.168.1.1", true},
		{"fbff::1", false},
		{"fc00::1", true},
		{"fdff::1", true},
		{"fe00::1", false},
		{"fe80::1", true},
		{"febf::1", true},
		{"fec0::1", false},
		{"64:ff9b::192.168.1.1", true},
		{"64:ff9b::203.0.113.7", false},
		{"64:ff9b:1::1", true},
		{"64:ff9b:2::1", false},
		{"2001:db8::1", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ip_addr addr;

		assert_int_equal(ip_addr_parse(rows[i].text, &addr), 0);
		if (dns_addr_is_inward(&addr) != rows[i].is)
			fail_msg("%s", rows[i].text);
	}
}

#define HTTPS_HEAD "\0\1\0\0\1\0\3\2h3"

static void test_records(void **state _unused_)
{
	static const struct {
		const char *what;
		__u16 type;
		const char *data;
		unsigned int n;
		bool is;
	} rows[] = {
		{"A outside", DNS_A, "\313\0\161\7", 4, false},
		{"A inside", DNS_A, "\300\250\1\1", 4, true},
		{"A that is none", DNS_A, "\313\0\161", 3, true},
		{"AAAA outside", DNS_AAAA, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16, false},
		{"AAAA inside", DNS_AAAA, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16, true},
		{"no address", DNS_TXT, "\4\300\250\1\1", 5, false},
		{"HTTPS without hints", DNS_HTTPS, HTTPS_HEAD, 10, false},
		{"HTTPS, hint outside", DNS_HTTPS, HTTPS_HEAD "\0\4\0\4\313\0\161\7", 18, false},
		{"HTTPS, hint inside", DNS_HTTPS, HTTPS_HEAD "\0\4\0\4\300\250\1\1", 18, true},
		{"HTTPS, the second of two", DNS_HTTPS, HTTPS_HEAD "\0\4\0\10\313\0\161\7\12\0\0\1",
		 22, true},
		{"SVCB, IPv6 hint", DNS_SVCB,
		 HTTPS_HEAD "\0\6\0\20\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 30, true},
		{"HTTPS, a hint cut short", DNS_HTTPS, HTTPS_HEAD "\0\4\0\4\313\0", 16, true},
		{"HTTPS, half a parameter", DNS_HTTPS, HTTPS_HEAD "\0\4", 12, true},
		{"HTTPS without a target", DNS_HTTPS, "\0\1", 2, true},
		{"HTTPS, a target that goes on", DNS_HTTPS, "\0\1\7", 3, true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		/* Once as an answer, once beside it. */
		for (unsigned int section = 0; section < 3; section++) {
			unsigned int counts[4] = {1, 0, 0, 0};
			struct octets o;

			counts[1 + section] = 1;
			o = message_begin(DNS_QR, counts);
			question_add(&o, "x", rows[i].type);
			octets_add(&o, "\xc0\x0c", 2);
			record_add(&o, rows[i].type, 60, rows[i].data, rows[i].n);
			if (dns_reply_is_inward((struct dns_reply){o.at, o.n}) != rows[i].is)
				fail_msg("%s, section %u", rows[i].what, section);
		}
	}
}

static void test_broken(void **state _unused_)
{
	struct octets o = query_make("x", DNS_A);

	dns_put16(o.at + 6, 1);
	assert_true(dns_reply_is_inward((struct dns_reply){o.at, o.n}));
	assert_true(dns_reply_is_inward((struct dns_reply){o.at, 11}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
