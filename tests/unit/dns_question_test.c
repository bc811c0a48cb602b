// SPDX-License-Identifier: GPL-2.0-or-later
/* What upstream is asked, and what is taken for an answer to it. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cleanup.h"
#include "dns_fixture.h"
#include "question.h"

static struct dns_query query_of(const char *name, unsigned int type)
{
	struct octets o = query_make(name, type);
	struct dns_query query;

	assert_int_equal(dns_query_parse(o.at, o.n, &query), 0);
	return query;
}

/* Octet by octet: nothing of the client's is in it but name, type, class, CD and DO. */
static void test_make(void **state _unused_)
{
	static const __u8 expected[] = "\xab\xcd\1\x20\0\1\0\0\0\0\0\1"
				       "\3www\7example\3com\0\0\x1c\0\1"
				       "\0\0\x29\4\xd0\0\0\0\0\0\0";
	__u8 random[34] = {0xab, 0xcd};
	struct dns_query query = query_of("www.example.com", DNS_AAAA);
	struct dns_question question;

	query.id = 0x7777;
	query.payload = 4096;
	query.has_edns = true;
	dns_question_make(&question, &query, random, false);
	assert_int_equal(question.length, sizeof(expected) - 1);
	assert_int_equal(question.question_length, 21);
	assert_memory_equal(question.message, expected, question.length);

	query.flags |= DNS_CD | DNS_TC | DNS_AA;
	query.wants_dnssec = true;
	dns_question_make(&question, &query, random, false);
	assert_int_equal(dns_get16(question.message + 2), DNS_RD | DNS_AD | DNS_CD);
	assert_int_equal(dns_get16(question.message + question.length - 4), 0x8000);
}

/* A bit for each octet of the name: letters take it, and nothing else does. */
static void test_case(void **state _unused_)
{
	char text[256] = "";
	struct dns_question question;
	struct dns_query query;
	__u8 random[34];
	unsigned int upper = 0;

	/* 254 octets and the root: the last bit is the last of @random that a name can use. */
	for (int i = 0; i < 3; i++)
		strcat(text, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0123456-_ab.");
	strcat(text, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0123456-z");
	query = query_of(text, DNS_A);
	assert_int_equal(query.name.length, 255);

	memset(random, 0xff, sizeof(random));
	dns_question_make(&question, &query, random, false);
	for (size_t i = 0; i < query.name.length; i++)
		assert_int_equal(question.message[DNS_HEADER + i],
				 i && query.name.wire[i] >= 'a' && query.name.wire[i] <= 'z'
					 ? query.name.wire[i] - 32
					 : query.name.wire[i]);
	dns_question_make(&question, &query, random, true);
	assert_memory_equal(question.message + DNS_HEADER, query.name.wire, query.name.length);

	memset(random, 0, sizeof(random));
	random[2 + 31] = 0x20; /* of octet 253, the last letter */
	dns_question_make(&question, &query, random, false);
	for (size_t i = 0; i < query.name.length; i++)
		upper += isupper(question.message[DNS_HEADER + i]) != 0;
	assert_int_equal(upper, 1);
	assert_int_equal(question.message[DNS_HEADER + 253], 'Z');
}

/* --- verdicts: each row changes a good reply ------------------------------------------------------------- */

static void nothing(struct octets *o _unused_)
{
}

static void another_id(struct octets *o)
{
	o->at[1] ^= 1;
}

static void a_query(struct octets *o)
{
	o->at[2] &= 0x7f;
}

static void another_opcode(struct octets *o)
{
	o->at[2] |= 4 << 3;
}

static void another_name(struct octets *o)
{
	o->at[DNS_HEADER + 1] = 'v';
}

static void another_type(struct octets *o)
{
	o->at[DNS_HEADER + 18] ^= 1;
}

static void another_class(struct octets *o)
{
	o->at[DNS_HEADER + 20] ^= 2;
}

/* The letters of type and class are none: 'A' and 'a' are two types. */
static void type_in_other_case(struct octets *o)
{
	o->at[DNS_HEADER + 18] ^= 0x20;
}

static void other_case(struct octets *o)
{
	o->at[DNS_HEADER + 1] ^= 0x20;
}

static void no_question(struct octets *o)
{
	dns_put16(o->at + 4, 0);
}

static void two_questions(struct octets *o)
{
	dns_put16(o->at + 4, 2);
}

static void truncated(struct octets *o)
{
	o->at[2] |= DNS_TC >> 8;
}

static void truncated_other_case(struct octets *o)
{
	truncated(o);
	other_case(o);
}

static void cut_short(struct octets *o)
{
	o->n--;
}

static void cut_short_other_case(struct octets *o)
{
	cut_short(o);
	other_case(o);
}

static void cut_in_question(struct octets *o)
{
	o->n = DNS_HEADER + 20;
}

static void behind(struct octets *o)
{
	octets_add(o, "garbage", 7);
}

static void opt(struct octets *o)
{
	opt_append(o, 1232, 0, 0);
}

static void opt_badvers(struct octets *o)
{
	opt_append(o, 1232, 0x100, 0);
}

static void two_opts(struct octets *o)
{
	opt(o);
	opt(o);
}

static void opt_as_answer(struct octets *o)
{
	opt(o);
	dns_put16(o->at + 6, 2);
	dns_put16(o->at + 10, 0);
}

static void servfail(struct octets *o)
{
	o->at[3] |= DNS_SERVFAIL;
}

static void header_with(struct octets *o, unsigned int rcode)
{
	o->n = DNS_HEADER;
	o->at[3] |= (__u8)rcode;
	memset(o->at + 4, 0, 8);
}

static void header_formerr(struct octets *o)
{
	header_with(o, DNS_FORMERR);
}

static void header_notimp(struct octets *o)
{
	header_with(o, DNS_NOTIMP);
}

static void header_servfail(struct octets *o)
{
	header_with(o, DNS_SERVFAIL);
}

static void header_formerr_alien(struct octets *o)
{
	header_with(o, DNS_FORMERR);
	another_id(o);
}

static void test_match(void **state _unused_)
{
	static const struct {
		const char *what;
		void (*change)(struct octets *o);
		enum dns_match_verdict verdict;
	} rows[] = {
		{"the answer", nothing, DNS_REPLY_MATCHES},
		{"another id", another_id, DNS_REPLY_ALIEN},
		{"a query", a_query, DNS_REPLY_ALIEN},
		{"another opcode", another_opcode, DNS_REPLY_ALIEN},
		{"another name", another_name, DNS_REPLY_ALIEN},
		{"another type", another_type, DNS_REPLY_ALIEN},
		{"another class", another_class, DNS_REPLY_ALIEN},
		{"the type in another case", type_in_other_case, DNS_REPLY_ALIEN},
		{"no question", no_question, DNS_REPLY_ALIEN},
		{"two questions", two_questions, DNS_REPLY_ALIEN},
		{"cut in the question", cut_in_question, DNS_REPLY_ALIEN},
		{"another case", other_case, DNS_REPLY_OTHER_CASE},
		{"truncated", truncated, DNS_REPLY_TRUNCATED},
		{"truncated, another case", truncated_other_case, DNS_REPLY_TRUNCATED},
		{"cut short", cut_short, DNS_REPLY_BROKEN},
		{"cut short, another case", cut_short_other_case, DNS_REPLY_BROKEN},
		{"octets behind", behind, DNS_REPLY_MATCHES},
		{"OPT", opt, DNS_REPLY_MATCHES},
		{"two OPT", two_opts, DNS_REPLY_BROKEN},
		{"OPT as an answer", opt_as_answer, DNS_REPLY_BROKEN},
		{"BADVERS", opt_badvers, DNS_REPLY_BROKEN},
		{"SERVFAIL", servfail, DNS_REPLY_MATCHES},
		{"a header that says FORMERR", header_formerr, DNS_REPLY_UNREAD},
		{"a header that says NOTIMP", header_notimp, DNS_REPLY_UNREAD},
		{"a header that says SERVFAIL", header_servfail, DNS_REPLY_ALIEN},
		{"FORMERR under another id", header_formerr_alien, DNS_REPLY_ALIEN},
	};
	static const __u8 random[34] = {0x12, 0x34};
	struct dns_query query = query_of("www.example.com", DNS_A);
	struct dns_question question;

	dns_question_make(&question, &query, random, false);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct octets o = message_begin(DNS_QR | DNS_RD | DNS_RA,
						(const unsigned int[4]){1, 1, 0, 0});
		enum dns_match_verdict verdict;

		question_add(&o, "www.example.com", DNS_A);
		octets_add(&o, "\xc0\x0c", 2);
		record_add(&o, DNS_A, 300, "\300\250\13\24", 4);
		rows[i].change(&o);
		verdict = dns_question_match(&question, (struct dns_reply){o.at, o.n});
		if (verdict != rows[i].verdict)
			fail_msg("%s: %u, expected %u", rows[i].what, verdict, rows[i].verdict);
	}
}

/* However short it is, no octet behind its end is looked at (the address sanitizer and valgrind see that). */
static void test_short(void **state _unused_)
{
	static const __u8 random[34] = {0x12, 0x34};
	struct dns_query query = query_of("www.example.com", DNS_A);
	struct octets o = query_make("www.example.com", DNS_A);
	struct dns_question question;

	o.at[2] |= DNS_QR >> 8;
	dns_question_make(&question, &query, random, false);
	for (size_t n = 0; n < o.n; n++) {
		_free_ __u8 *exact = malloc(n + 1);

		assert_non_null(exact);
		memcpy(exact, o.at, n);
		assert_int_equal(dns_question_match(&question, (struct dns_reply){exact, n}),
				 DNS_REPLY_ALIEN);
	}
	assert_int_equal(dns_question_match(&question, (struct dns_reply){o.at, o.n}),
			 DNS_REPLY_MATCHES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_make),
		cmocka_unit_test(test_case),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
