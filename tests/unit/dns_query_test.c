// SPDX-License-Identifier: GPL-2.0-or-later
/* What a client may send, and what it is told where it may not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "answer.h"
#include "cleanup.h"
#include "dns_fixture.h"

static void test_plain(void **state _unused_)
{
	struct octets o = query_make("WWW.example.com", DNS_AAAA);
	struct dns_name name = name_of("www.example.com");
	struct dns_query query;

	o.at[13] = 'W';
	assert_int_equal(dns_query_parse(o.at, o.n, &query), 0);
	assert_int_equal(query.id, 0x1234);
	assert_int_equal(query.flags, DNS_RD);
	assert_int_equal(query.type, DNS_AAAA);
	assert_int_equal(query.class, DNS_CLASS_IN);
	assert_true(dns_name_equal(&query.name, &name));
	assert_int_equal(query.question_length, 21);
	assert_false(query.has_edns);
	assert_int_equal(query.payload, 512);
}

static void test_edns(void **state _unused_)
{
	static const struct {
		unsigned int payload, flags;
		size_t room;
		bool dnssec;
	} rows[] = {{4096, 0x8000, 1232, true}, {1000, 0, 1000, false}, {100, 0, 512, false}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct octets o = query_make("x", DNS_A);
		struct dns_query query;

		opt_append(&o, rows[i].payload, 0, rows[i].flags);
		assert_int_equal(dns_query_parse(o.at, o.n, &query), 0);
		assert_true(query.has_edns);
		assert_int_equal(query.wants_dnssec, rows[i].dnssec);
		assert_int_equal(dns_query_room(&query), rows[i].room);
	}
}

/* --- what is refused: each row changes a good query ---------------------------------------------------- */

static void two_questions(struct octets *o)
{
	question_add(o, "y", DNS_A);
	dns_put16(o->at + 4, 2);
}

static void no_question(struct octets *o)
{
	dns_put16(o->at + 4, 0);
	o->n = DNS_HEADER;
}

static void pointer_in_question(struct octets *o)
{
	memcpy(o->at + DNS_HEADER, "\xc0\x0c\0\1\0\1", 6);
	o->n = DNS_HEADER + 6;
}

static void unknown_label(struct octets *o)
{
	o->at[DNS_HEADER] = 0x41;
}

static void cut_in_name(struct octets *o)
{
	o->n = DNS_HEADER + 1;
}

static void cut_in_class(struct octets *o)
{
	o->n--;
}

static void octet_behind(struct octets *o)
{
	octets_add(o, "", 1);
}

static void record_missing(struct octets *o)
{
	dns_put16(o->at + 8, 1);
}

static void two_opts(struct octets *o)
{
	opt_append(o, 1232, 0, 0);
	opt_append(o, 1232, 0, 0);
}

static void opt_of_a_name(struct octets *o)
{
	octets_add(o, "\1x\0\0\x29\0\0\0\0\0\0\0\0", 13);
	dns_put16(o->at + 10, 1);
}

static void opt_in_answer(struct octets *o)
{
	octets_add(o, "\0\0\x29\0\0\0\0\0\0\0\0", 11);
	dns_put16(o->at + 6, 1);
}

static void option_too_long(struct octets *o)
{
	opt_append(o, 1232, 0, 0);
	dns_put16(o->at + o->n - 2, 5);
	octets_add(o, "\0\x0a\0\2x", 5);
}

static void edns_version(struct octets *o)
{
	opt_append(o, 1232, 1, 0);
}

static void version_and_garbage(struct octets *o)
{
	edns_version(o);
	octet_behind(o);
}

static void opcode_notify(struct octets *o)
{
	dns_put16(o->at + 2, 4 << 11);
}

static void transfer(struct octets *o)
{
	dns_put16(o->at + o->n - 4, DNS_AXFR);
}

static void an_answer(struct octets *o)
{
	dns_put16(o->at + 2, DNS_QR);
}

static void half_a_header(struct octets *o)
{
	o->n = 11;
}

static void test_refused(void **state _unused_)
{
	static const struct {
		const char *what;
		void (*spoil)(struct octets *o);
		int ret;
	} rows[] = {
		{"two questions", two_questions, DNS_FORMERR},
		{"no question", no_question, DNS_FORMERR},
		{"a pointer in the question", pointer_in_question, DNS_FORMERR},
		{"an unknown kind of label", unknown_label, DNS_FORMERR},
		{"cut in the name", cut_in_name, DNS_FORMERR},
		{"cut in the class", cut_in_class, DNS_FORMERR},
		{"an octet behind", octet_behind, DNS_FORMERR},
		{"a record that is not there", record_missing, DNS_FORMERR},
		{"two OPT", two_opts, DNS_FORMERR},
		{"OPT of a name", opt_of_a_name, DNS_FORMERR},
		{"OPT as an answer", opt_in_answer, DNS_FORMERR},
		{"an option beyond OPT", option_too_long, DNS_FORMERR},
		{"EDNS version 1", edns_version, DNS_BADVERS},
		{"EDNS version 1, and garbage", version_and_garbage, DNS_FORMERR},
		{"NOTIFY", opcode_notify, DNS_NOTIMP},
		{"AXFR", transfer, DNS_NOTIMP},
		{"an answer", an_answer, -EBADMSG},
		{"half a header", half_a_header, -EBADMSG},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct octets o = query_make("x", DNS_A);
		struct dns_query query;
		int ret;

		rows[i].spoil(&o);
		ret = dns_query_parse(o.at, o.n, &query);
		if (ret != rows[i].ret)
			fail_msg("%s: %d, expected %d", rows[i].what, ret, rows[i].ret);
	}
}

/* What cannot be read is answered with its header alone, and an error above 15 in two parts. */
static void test_error_answers(void **state _unused_)
{
	static const __u8 formerr[] = {0x12, 0x34, 0x81, 0x81, 0, 0, 0, 0, 0, 0, 0, 0};
	struct octets o = query_make("x", DNS_A);
	__u8 message[DNS_UDP_MAX];
	struct dns_answer answer;
	struct dns_query query;
	size_t n;

	two_questions(&o);
	assert_int_equal(dns_query_parse(o.at, o.n, &query), DNS_FORMERR);
	dns_answer_begin(&answer, &query, o.at, (struct dns_room){message, DNS_UDP_PLAIN});
	assert_int_equal(dns_answer_end(&answer, DNS_FORMERR), sizeof(formerr));
	assert_memory_equal(message, formerr, sizeof(formerr));

	o = query_make("x", DNS_A);
	edns_version(&o);
	assert_int_equal(dns_query_parse(o.at, o.n, &query), DNS_BADVERS);
	dns_answer_begin(&answer, &query, o.at, (struct dns_room){message, dns_query_room(&query)});
	n = dns_answer_end(&answer, DNS_BADVERS);
	assert_int_equal(n, DNS_HEADER + 7 + 11);
	assert_int_equal(DNS_RCODE(dns_get16(message + 2)), 0);
	assert_int_equal(message[n - 6], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_edns),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_error_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
