// SPDX-License-Identifier: GPL-2.0-or-later
/* What upstream says of an alias' target, behind our CNAME: every name in it has to be whole there. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alias.h"
#include "cleanup.h"
#include "dns_fixture.h"

/* The target's name as upstream's question has it: at octet 12. "cdn.example.net": "example" at 16, "net" at 24. */
#define TARGET "cdn.example.net"
#define AT_TARGET "\xc0\x0c"
#define AT_EXAMPLE "\xc0\x10"
#define AT_NET "\xc0\x18"

static struct octets reply_begin(unsigned int type, unsigned int answers, unsigned int authorities)
{
	struct octets o = message_begin(DNS_QR | DNS_RD | DNS_RA,
					(const unsigned int[4]){1, answers, authorities, 0});

	question_add(&o, TARGET, type);
	return o;
}

struct bench {
	struct octets asked;
	struct dns_query query;
	struct dns_answer answer;
	__u8 message[DNS_UDP_MAX];
	size_t n; /* of the finished answer */
};

/* "a.b" is asked, and answered with a CNAME already. */
static int append(struct bench *bench, unsigned int type, const struct octets *reply)
{
	struct dns_name target = name_of(TARGET);
	int ret;

	*bench = (struct bench){.asked = query_make("a.b", type)};
	assert_int_equal(dns_query_parse(bench->asked.at, bench->asked.n, &bench->query), 0);
	dns_answer_begin(&bench->answer, &bench->query, bench->asked.at,
			 (struct dns_room){bench->message, DNS_UDP_PLAIN});
	assert_int_not_equal(dns_answer_add(&bench->answer, DNS_ANSWER,
					    &(struct dns_rr){.owner_at = DNS_AT_QUESTION,
							     .type = DNS_CNAME,
							     .ttl_s = 60,
							     .data = target.wire,
							     .data_length = target.length}),
			     0);
	ret = dns_alias_append(&bench->answer, (struct dns_reply){reply->at, reply->n});
	bench->n = dns_answer_end(&bench->answer, DNS_NOERROR);
	return ret;
}

/* The answer's record number @i, the CNAME of ours being 0. */
static struct dns_record record_at(const struct bench *bench, unsigned int i)
{
	struct dns_cursor cursor;
	struct dns_record record;

	assert_int_equal(dns_cursor_begin(bench->message, bench->n, &cursor), 0);
	do
		assert_int_equal(dns_cursor_next(&cursor, &record), 1);
	while (i--);
	return record;
}

static void expect_name(const struct bench *bench, size_t at, const char *text)
{
	struct dns_name name, expected = name_of(text);

	assert_true(dns_name_read(bench->message, bench->n, at, &name) > 0);
	assert_true(dns_name_equal(&name, &expected));
}

/* Each type whose data has names: octets before them, the names compressed as upstream may, octets behind. */
static void test_expansion(void **state _unused_)
{
	static const struct {
		__u16 type;
		const char *data;
		size_t n;
		const char *expected;
		size_t n_expected;
	} rows[] = {
#define ROW(type, data, expected) {type, data, sizeof(data) - 1, expected, sizeof(expected) - 1}
#define NET "\3net\0"
#define EXAMPLE "\7example" NET
		ROW(DNS_A, "\300\250\13\24", "\300\250\13\24"),
		ROW(DNS_NS, "\2ns" AT_EXAMPLE, "\2ns" EXAMPLE),
		ROW(DNS_PTR, AT_NET, NET),
		ROW(DNS_MX, "\0\12\4mail" AT_EXAMPLE, "\0\12\4mail" EXAMPLE),
		ROW(DNS_SRV, "\0\1\0\2\0\120\3srv" AT_EXAMPLE, "\0\1\0\2\0\120\3srv" EXAMPLE),
		ROW(DNS_SOA,
		    "\2ns" AT_EXAMPLE "\1h" AT_NET "\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5",
		    "\2ns" EXAMPLE "\1h" NET "\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5"),
		ROW(17, "\1h" AT_NET AT_EXAMPLE, "\1h" NET EXAMPLE),
		ROW(DNS_DNAME, AT_EXAMPLE, EXAMPLE),
		/* Opaque, and what looks like a pointer in it is none. */
		ROW(DNS_TXT, "\2\xc0\x0c", "\2\xc0\x0c"),
		ROW(DNS_HTTPS, "\0\1\0", "\0\1\0"),
		ROW(4711, AT_TARGET, AT_TARGET),
		ROW(DNS_TXT, "", ""),
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct octets o = reply_begin(rows[i].type, 1, 0);
		struct dns_record record;
		struct bench bench;

		octets_add(&o, AT_TARGET, 2);
		record_add(&o, rows[i].type, 300, rows[i].data, (unsigned int)rows[i].n);
		assert_int_equal(append(&bench, rows[i].type, &o), 0);
		record = record_at(&bench, 1);
		if (record.type != rows[i].type || record.data_length != rows[i].n_expected ||
		    memcmp(bench.message + record.data_at, rows[i].expected, record.data_length))
			fail_msg("type %u: %u octets", rows[i].type, record.data_length);
		assert_int_equal(record.ttl_s, 300);
		assert_int_equal(record.section, DNS_ANSWER);
		expect_name(&bench, record.name_at, TARGET);
	}
}

/* A chain of upstream's own; signatures and other classes stay away, and so do authorities but for an SOA. */
static void test_sections(void **state _unused_)
{
	struct octets o = reply_begin(DNS_AAAA, 3, 2);
	struct dns_record record;
	struct bench bench;

	octets_add(&o, AT_TARGET, 2);
	record_add(&o, DNS_CNAME, 20, "\4edge" AT_EXAMPLE, 7);
	octets_add(&o, AT_TARGET, 2);
	record_add(&o, DNS_RRSIG, 20, "x", 1);
	octets_add(&o, AT_TARGET, 2);
	record_add(&o, DNS_TXT, 20, "\0", 1);
	dns_put16(o.at + o.n - 9, 3); /* of class CHAOS */
	octets_add(&o, AT_NET, 2);
	record_add(&o, DNS_NS, 20, AT_NET, 2);
	octets_add(&o, AT_NET, 2);
	record_add(&o, DNS_SOA, 77, "\0\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5", 22);
	assert_int_equal(append(&bench, DNS_AAAA, &o), 0);
	assert_int_equal(dns_get16(bench.message + 6), 2);
	assert_int_equal(dns_get16(bench.message + 8), 1);
	record = record_at(&bench, 1);
	assert_int_equal(record.type, DNS_CNAME);
	expect_name(&bench, record.data_at, "edge.example.net");
	record = record_at(&bench, 2);
	assert_int_equal(record.type, DNS_SOA);
	assert_int_equal(record.section, DNS_AUTHORITY);
	assert_int_equal(record.ttl_s, 77);
	expect_name(&bench, record.name_at, "net");
}

static void test_broken(void **state _unused_)
{
	static const struct {
		const char *what;
		__u16 type;
		const char *data;
		size_t n;
	} rows[] = {
		{"a name beyond the record", DNS_CNAME, "\4ed", 3},
		{"octets behind the name", DNS_CNAME, "\1a\0x", 4},
		{"a pointer into itself", DNS_CNAME, "\xc0\x2d", 2},
		{"less than the preference", DNS_MX, "\0", 1},
		{"one name of two", DNS_SOA, "\1a\0", 3},
		{"an SOA without its numbers", DNS_SOA, "\0\0\0\0", 4},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct octets o = reply_begin(rows[i].type, 1, 0);
		struct bench bench;

		octets_add(&o, AT_TARGET, 2);
		record_add(&o, rows[i].type, 300, rows[i].data, (unsigned int)rows[i].n);
		if (append(&bench, rows[i].type, &o) != -EBADMSG)
			fail_msg("%s: taken", rows[i].what);
	}
}

/* What does not fit is told, whole: no CNAME without what it leads to. */
static void test_truncation(void **state _unused_)
{
	struct octets o = reply_begin(DNS_A, 30, 0);
	struct bench bench;

	for (int i = 0; i < 30; i++) {
		octets_add(&o, AT_TARGET, 2);
		record_add(&o, DNS_A, 300, "\300\250\13\24", 4);
	}
	assert_int_equal(append(&bench, DNS_A, &o), 0);
	assert_true(dns_get16(bench.message + 2) & DNS_TC);
	assert_int_equal(dns_get16(bench.message + 6), 0);
	assert_int_equal(bench.n, bench.asked.n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expansion),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_truncation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
