// SPDX-License-Identifier: GPL-2.0-or-later
/* Where clients are sent that ask how else we answer; and messages as they stand in addresses of pages. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cleanup.h"
#include "designated.h"
#include "dns_fixture.h"
#include "doh_message.h"

static struct dns_designated_place place_of(const char *addr, const char *segment)
{
	struct dns_designated_place place = {0};

	assert_int_equal(ip_addr_parse(addr, &place.addr), 0);
	assert_int_equal(ip_net_parse(segment, &place.segment), 0);
	return place;
}

/* Data of each record, one behind the other. -ENOENT: it is for nobody here to say. */
static int ask(const struct dns_designated *designated, const char *name, unsigned int type,
	       const char *segment, struct octets *ret)
{
	struct octets o = query_make(name, type);
	struct dns_record record;
	struct dns_cursor cursor;
	struct dns_answer answer;
	struct dns_query query;
	struct ip_net net;
	__u8 message[DNS_UDP_MAX];
	int n;

	*ret = (struct octets){0};
	if (segment)
		assert_int_equal(ip_net_parse(segment, &net), 0);
	assert_int_equal(dns_query_parse(o.at, o.n, &query), 0);
	dns_answer_begin(&answer, &query, o.at, (struct dns_room){message, sizeof(message)});
	n = dns_designated_answer(designated, segment ? &net : NULL, &answer);
	if (n < 0)
		return n;
	assert_int_equal(dns_cursor_begin(message, (size_t)n, &cursor), 0);
	while (dns_cursor_next(&cursor, &record) > 0) {
		assert_int_equal(record.type, DNS_SVCB);
		assert_int_equal(record.section, DNS_ANSWER);
		octets_add(ret, message + record.data_at, record.data_length);
	}
	return 0;
}

#define TARGET "\3dns\7example\3net\0"
#define TLS_1 "\0\1" TARGET "\0\1\0\4\3dot\0\3\0\2\3\125"
#define HTTPS_2(port) "\0\2" TARGET "\0\1\0\3\2h2\0\3\0\2" port
#define PATH "\0\7\0\20/dns-query{?dns}"
#define V4(last) "\0\4\0\4\300\250\13" last
#define V6 "\0\6\0\20\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\1"

static void expect(const struct octets *got, const char *octets, size_t n)
{
	assert_int_equal(got->n, n);
	assert_memory_equal(got->at, octets, n);
}
#define EXPECT(got, text) expect(&(got), text, sizeof(text) - 1)

static void test_designated(void **state _unused_)
{
	struct dns_designated_place places[] = {
		place_of("192.168.11.1", "192.168.11.0/24"),
		place_of("192.168.12.1", "192.168.12.0/24"),
		place_of("2001:db8::1", "2001:db8::/64"),
		place_of("192.168.11.2", "192.168.11.0/25"),
	};
	struct dns_designated designated = {
		.name = name_of("dns.example.net"), .https = 8443, .places = places, .n_places = 4};
	struct octets got;

	assert_int_equal(ask(&designated, "_dns.resolver.arpa", DNS_SVCB, "192.168.11.0/24", &got),
			 0);
	EXPECT(got, TLS_1 V4("\1") HTTPS_2("\40\373") V4("\1") PATH);
	assert_int_equal(ask(&designated, "_DNS.Resolver.arpa", DNS_SVCB, "2001:db8::/64", &got),
			 0);
	EXPECT(got, TLS_1 V6 HTTPS_2("\40\373") V6 PATH);
	assert_int_equal(ask(&designated, "_dns.resolver.arpa", DNS_SVCB, NULL, &got), 0);
	EXPECT(got, TLS_1 HTTPS_2("\40\373") PATH);
	designated.https = 0;
	assert_int_equal(ask(&designated, "_dns.resolver.arpa", DNS_SVCB, "192.168.11.0/25", &got),
			 0);
	EXPECT(got, TLS_1 V4("\2"));
	/* Nobody is sent where nobody is let in. */
	places[3].is_closed = true;
	assert_int_equal(ask(&designated, "_dns.resolver.arpa", DNS_SVCB, "192.168.11.0/25", &got),
			 -ENOENT);
}

static void test_not_designated(void **state _unused_)
{
	struct dns_designated_place places[] = {place_of("192.168.11.1", "192.168.11.0/24")};
	const struct dns_designated designated = {
		.name = name_of("dns.example.net"), .places = places, .n_places = 1};
	const struct dns_designated none = {0};
	struct octets got;

	assert_int_equal(ask(&none, "_dns.resolver.arpa", DNS_SVCB, NULL, &got), -ENOENT);
	assert_int_equal(ask(&designated, "_dns.resolver.arpa", DNS_A, NULL, &got), -ENOENT);
	assert_int_equal(ask(&designated, "resolver.arpa", DNS_SVCB, NULL, &got), -ENOENT);
	assert_int_equal(ask(&designated, "_dot.resolver.arpa", DNS_SVCB, NULL, &got), -ENOENT);
	assert_int_equal(ask(&designated, "a._dns.resolver.arpa", DNS_SVCB, NULL, &got), -ENOENT);
}

static void test_query_read(void **state _unused_)
{
	static const struct {
		const char *query, *octets;
		int ret;
	} rows[] = {
		{"dns=AAEC", "\0\1\2", 3},
		{"dns=AAE", "\0\1", 2},
		{"dns=AA", "\0", 1},
		{"dns=-_-_", "\373\377\277", 3},
		{"dns=", "", 0},
		{"a=b&dns=AAEC&c=d", "\0\1\2", 3},
		{"dns=AAEC&dns=AA", "\0\1\2", 3},
		{"&&dns=AA", "\0", 1},
		{"", NULL, -EINVAL},
		{"dns", NULL, -EINVAL},
		{"xdns=AAEC", NULL, -EINVAL},
		{"dns=A", NULL, -EINVAL},
		{"dns=AAECA", NULL, -EINVAL},
		{"dns=AAE=", NULL, -EINVAL},
		{"dns=+/+/", NULL, -EINVAL},
		{"dns=AA C", NULL, -EINVAL},
		/* Bits that are no octet's. */
		{"dns=AB", NULL, -EINVAL},
		{"dns=AAECAwQF", NULL, -EFBIG},
		{"dns=AAECAwQ", NULL, -EFBIG},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		__u8 room[4];
		ssize_t n =
			doh_query_read(rows[i].query, strlen(rows[i].query), room, sizeof(room));

		if (n != rows[i].ret)
			fail_msg("%s: %zd", rows[i].query, n);
		if (n > 0)
			assert_memory_equal(room, rows[i].octets, n);
	}
}

static void test_max_age(void **state _unused_)
{
	struct octets o = query_make("a.example", DNS_A), none = o;

	dns_put16(o.at + 2, DNS_QR | DNS_RD | DNS_RA);
	dns_put16(o.at + 6, 2);
	octets_add(&o, "\xc0\x0c", 2);
	record_add(&o, DNS_A, 300, "\1\2\3\4", 4);
	octets_add(&o, "\xc0\x0c", 2);
	record_add(&o, DNS_A, 70, "\1\2\3\5", 4);
	/* Its fields are no time to live. */
	opt_append(&o, 1232, 0, 0);
	assert_int_equal(doh_max_age(o.at, o.n), 70);
	dns_put16(o.at + 2, DNS_QR | DNS_SERVFAIL);
	assert_int_equal(doh_max_age(o.at, o.n), 0);
	assert_int_equal(doh_max_age(o.at, 11), 0);
	dns_put16(none.at + 2, DNS_QR);
	assert_int_equal(doh_max_age(none.at, none.n), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_designated),
		cmocka_unit_test(test_not_designated),
		cmocka_unit_test(test_query_read),
		cmocka_unit_test(test_max_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
