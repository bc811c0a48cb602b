// SPDX-License-Identifier: GPL-2.0-or-later
/* Names that never go upstream, and their neighbours that do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cleanup.h"
#include "dns_fixture.h"
#include "special.h"

enum answered { FORWARDED, ABSENT, EMPTY, LOOPBACK };

/* What a question for @name is answered with; @records: how many addresses. */
static enum answered ask(const struct dns_rewrites *table, const char *name, unsigned int type)
{
	struct octets o = query_make(name, type);
	const struct dns_rewrite *found;
	enum dns_rewritten verdict;
	struct dns_answer answer;
	struct dns_name target;
	struct dns_query query;
	__u8 message[DNS_UDP_MAX];

	assert_int_equal(dns_query_parse(o.at, o.n, &query), 0);
	found = dns_rewrites_find(table, &query.name, query.type);
	if (!found)
		return FORWARDED;
	dns_answer_begin(&answer, &query, o.at, (struct dns_room){message, sizeof(message)});
	verdict = dns_rewrite_answer(table, found, NULL, &answer, &target);
	/* Whatever there is not has an SOA, so that it may be kept. */
	assert_int_equal(answer.counts[DNS_ANSWER] + answer.counts[DNS_AUTHORITY], 1);
	if (verdict == DNS_REWRITTEN_ABSENT)
		return ABSENT;
	assert_int_equal(verdict, DNS_REWRITTEN_WHOLE);
	if (!answer.counts[DNS_ANSWER])
		return EMPTY;
	dns_answer_end(&answer, DNS_NOERROR);
	if (type == DNS_A)
		assert_memory_equal(message + answer.length - 4, "\177\0\0\1", 4);
	else
		assert_memory_equal(message + answer.length - 16,
				    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	return LOOPBACK;
}

static void expect(const struct dns_rewrites *table, const char *name, unsigned int type,
		   enum answered expected)
{
	enum answered got = ask(table, name, type);

	if (got != expected)
		fail_msg("%s %u: %u, expected %u", name, type, got, expected);
}

static void test_names(void **state _unused_)
{
	/* Of the name, of what is below it. */
	static const struct {
		const char *name;
		enum answered itself, below;
	} rows[] = {
		{"localhost", LOOPBACK, LOOPBACK},
		{"invalid", ABSENT, ABSENT},
		{"test", ABSENT, ABSENT},
		{"onion", ABSENT, ABSENT},
		{"local", ABSENT, ABSENT},
		{"internal", ABSENT, ABSENT},
		{"home.arpa", EMPTY, ABSENT},
		{"resolver.arpa", EMPTY, EMPTY},
		{"use-application-dns.net", ABSENT, ABSENT},
		{"mask.icloud.com", ABSENT, ABSENT},
		{"mask-h2.icloud.com", ABSENT, ABSENT},
		{"10.in-addr.arpa", EMPTY, ABSENT},
		{"168.192.in-addr.arpa", EMPTY, ABSENT},
		{"254.169.in-addr.arpa", EMPTY, ABSENT},
		{"127.in-addr.arpa", EMPTY, ABSENT},
		{"0.in-addr.arpa", EMPTY, ABSENT},
		{"2.0.192.in-addr.arpa", EMPTY, ABSENT},
		{"100.51.198.in-addr.arpa", EMPTY, ABSENT},
		{"113.0.203.in-addr.arpa", EMPTY, ABSENT},
		{"255.255.255.255.in-addr.arpa", EMPTY, ABSENT},
		{"d.f.ip6.arpa", EMPTY, ABSENT},
		{"8.b.d.0.1.0.0.2.ip6.arpa", EMPTY, ABSENT},
		{"8.e.f.ip6.arpa", EMPTY, ABSENT},
		{"9.e.f.ip6.arpa", EMPTY, ABSENT},
		{"a.e.f.ip6.arpa", EMPTY, ABSENT},
		{"b.e.f.ip6.arpa", EMPTY, ABSENT},
		{"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa", EMPTY,
		 ABSENT},
		{"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa", EMPTY,
		 ABSENT},
		/* Their neighbours. */
		{"localhost.example.com", FORWARDED, FORWARDED},
		{"notlocalhost", FORWARDED, FORWARDED},
		{"home", FORWARDED, FORWARDED},
		{"arpa", FORWARDED, FORWARDED},
		{"in-addr.arpa", FORWARDED, FORWARDED},
		{"ip6.arpa", FORWARDED, FORWARDED},
		{"icloud.com", FORWARDED, FORWARDED},
		{"application-dns.net", FORWARDED, FORWARDED},
		{"11.in-addr.arpa", FORWARDED, FORWARDED},
		{"172.in-addr.arpa", FORWARDED, FORWARDED},
		{"15.172.in-addr.arpa", FORWARDED, FORWARDED},
		{"32.172.in-addr.arpa", FORWARDED, FORWARDED},
		{"63.100.in-addr.arpa", FORWARDED, FORWARDED},
		{"128.100.in-addr.arpa", FORWARDED, FORWARDED},
		{"192.in-addr.arpa", FORWARDED, FORWARDED},
		{"254.255.255.255.in-addr.arpa", FORWARDED, FORWARDED},
		{"c.f.ip6.arpa", FORWARDED, FORWARDED},
		{"7.e.f.ip6.arpa", FORWARDED, FORWARDED},
		{"c.e.f.ip6.arpa", FORWARDED, FORWARDED},
		{"2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa",
		 FORWARDED, FORWARDED},
	};
	struct dns_rewrites *table = dns_special_make();

	assert_non_null(table);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char below[DNS_NAME_TEXT_MAX];

		snprintf(below, sizeof(below), "a.b.%s", rows[i].name);
		expect(table, rows[i].name, DNS_A, rows[i].itself);
		expect(table, below, DNS_A, rows[i].below);
		expect(table, below, DNS_AAAA, rows[i].below);
	}
	dns_rewrites_free(table);
}

/* Each number of a range, and its whole: 16 to 31 and 64 to 127. */
static void test_ranges(void **state _unused_)
{
	struct dns_rewrites *table = dns_special_make();

	assert_non_null(table);
	for (unsigned int i = 0; i < 256; i++) {
		char name[64];

		snprintf(name, sizeof(name), "1.%u.172.in-addr.arpa", i);
		expect(table, name, DNS_PTR, i >= 16 && i <= 31 ? ABSENT : FORWARDED);
		snprintf(name, sizeof(name), "1.%u.100.in-addr.arpa", i);
		expect(table, name, DNS_PTR, i >= 64 && i <= 127 ? ABSENT : FORWARDED);
	}
	dns_rewrites_free(table);
}

/* Other types of what there is: "no data", and nothing upstream. */
static void test_types(void **state _unused_)
{
	struct dns_rewrites *table = dns_special_make();

	assert_non_null(table);
	expect(table, "localhost", DNS_HTTPS, EMPTY);
	expect(table, "localhost", DNS_MX, EMPTY);
	expect(table, "_dns.resolver.arpa", DNS_SVCB, EMPTY);
	expect(table, "_dns.resolver.arpa", DNS_A, EMPTY);
	expect(table, "home.arpa", DNS_SOA, EMPTY);
	dns_rewrites_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
