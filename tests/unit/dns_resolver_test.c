// SPDX-License-Identifier: GPL-2.0-or-later
/* What becomes of a query: whose answer it gets, in which order, and when upstreams are slow, dead or replaced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <hairpin/limits.h>

#include "dns_bench.h"

/* --- the order --------------------------------------------------------------------------------------- */

static void test_order(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, fake_honest, bench_rows);
	/* A name of ours before what the cache and upstream know of it. */
	learn(&bench, "app.example.com", 0);
	expect(&bench, "app.example.com", DNS_A, "192.168.11.20");
	expect(&bench, "app.example.com", DNS_AAAA, "type6");
	expect(&bench, "a.example.com", DNS_A, "=app.example.com 192.168.11.20");
	assert_int_equal(count(&bench, DNS_COUNT_REWRITTEN), 3);
	/* Before a special one that it is below of; the others there are nobody's. */
	expect(&bench, "nas.home.arpa", DNS_A, "192.168.11.21");
	expect(&bench, "tv.home.arpa", DNS_A, "rcode3 type6");
	expect(&bench, "localhost", DNS_A, "127.0.0.1");
	assert_int_equal(count(&bench, DNS_COUNT_SPECIAL), 2);
	/* The cache before upstream. */
	learn(&bench, "known.example.net", 0);
	expect(&bench, "known.example.net", DNS_A, "203.0.113.1");
	assert_int_equal(count(&bench, DNS_COUNT_CACHED), 1);
	assert_int_equal(bench.fake.over_udp, 0);
	/* Upstream, once. */
	expect(&bench, "new.example.net", DNS_A, "203.0.113.7");
	expect(&bench, "NEW.example.net", DNS_A, "203.0.113.7");
	assert_int_equal(count(&bench, DNS_COUNT_FORWARDED), 1);
	assert_int_equal(count(&bench, DNS_COUNT_CACHED), 2);
	assert_int_equal(bench.fake.over_udp, 1);
	bench_close(&bench);
}

static void test_refused(void **state _unused_)
{
	struct octets chaos = query_make("version.bind", DNS_TXT), broken = chaos, answer = chaos,
		      transfer = query_make("app.example.com", DNS_AXFR);
	static const struct {
		const char *name, *text;
	} alone[] = {{"app.example.com", "192.168.11.20"},
		     {"localhost", "127.0.0.1"},
		     {"away.example.com", "=cdn.example.net"},
		     {"known.example.net", "rcode5"},
		     {"other.example.net", "rcode5"}};
	struct bench bench;

	bench_open(&bench, fake_honest, bench_rows);
	expect(&bench, "app.example.com", DNS_ANY, "192.168.11.20");
	expect(&bench, "a.example.com", DNS_ANY, "=app.example.com 192.168.11.20");
	expect(&bench, "away.example.com", DNS_ANY, "=cdn.example.net");
	/* RFC 8482 */
	expect(&bench, "example.net", DNS_ANY, "type13");

	dns_put16(chaos.at + chaos.n - 2, 3);
	ask_message(&bench, &chaos);
	assert_string_equal(answer_text(&bench), "rcode5");
	broken.n--;
	ask_message(&bench, &broken);
	assert_string_equal(answer_text(&bench), "rcode1");
	ask_message(&bench, &transfer);
	assert_string_equal(answer_text(&bench), "rcode4");
	assert_int_equal(count(&bench, DNS_COUNT_REFUSED), 3);
	answer.at[2] |= DNS_QR >> 8;
	ask_message(&bench, &answer);
	assert_int_equal(bench.n, 0);
	/* Without recursion: what is ours, and neither the cache nor upstream. */
	expect(&bench, "known.example.net", DNS_A, "203.0.113.7");
	for (size_t i = 0; i < ARRAY_SIZE(alone); i++) {
		struct octets o = query_make(alone[i].name, DNS_A);

		o.at[2] = 0;
		ask_message(&bench, &o);
		assert_string_equal(answer_text(&bench), alone[i].text);
	}
	assert_int_equal(count(&bench, DNS_COUNT_IGNORED), 1);
	assert_int_equal(bench.fake.over_udp, 1);
	bench_close(&bench);
}

/* --- aliases ----------------------------------------------------------------------------------------- */

static void only_cdn(struct fake_question *question)
{
	struct dns_name cdn = name_of("cdn.example.net");
	struct dns_query query;

	assert_int_equal(dns_query_parse(question->message.at, question->message.n, &query), 0);
	assert_true(dns_name_equal(&query.name, &cdn));
	fake_honest(question);
}

static void nodata(struct fake_question *question)
{
	struct octets o = fake_answer_begin(question, 0);

	dns_put16(o.at + 8, 1);
	octets_add(&o, "\xc0\x0c", 2);
	record_add(&o, DNS_SOA, 60, "\0\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5", 22);
	fake_reply(question, &o);
}

/* As some servers write it: OPT, and behind it an address that is an addition. */
static void opt_first(struct fake_question *question)
{
	struct octets o = fake_answer(question);

	opt_append(&o, 1232, 0, 0);
	dns_put16(o.at + 10, 2);
	octets_add(&o, "\xc0\x0c", 2);
	record_add(&o, DNS_AAAA, 300, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\7", 16);
	fake_reply(question, &o);
}

/* Just now and from the cache, with OPT of ours and without. */
static void test_opt_first(void **state _unused_)
{
	struct octets o = query_make("x.example.net", DNS_A);
	struct bench bench;

	bench_open(&bench, opt_first, bench_rows);
	for (int i = 0; i < 2; i++)
		expect(&bench, "x.example.net", DNS_A, "203.0.113.7 2001:db8::7");
	opt_append(&o, 1232, 0, 0);
	ask_message(&bench, &o);
	assert_int_equal(dns_get16(bench.message + 10), 2);
	assert_int_equal(bench.fake.over_udp, 1);
	bench_close(&bench);
}

static void nxdomain(struct fake_question *question)
{
	struct octets o = fake_answer_begin(question, DNS_NXDOMAIN);

	fake_reply(question, &o);
}

static void test_alias(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, only_cdn, bench_rows);
	expect(&bench, "away.example.com", DNS_A, "=cdn.example.net 203.0.113.7");
	/* Known by its own name now, and so is what the alias leads to. */
	expect(&bench, "cdn.example.net", DNS_A, "203.0.113.7");
	expect(&bench, "away.example.com", DNS_A, "=cdn.example.net 203.0.113.7");
	assert_int_equal(bench.fake.over_udp, 1);
	bench.fake.behave = nodata;
	expect(&bench, "away.example.com", DNS_AAAA, "=cdn.example.net type6");
	bench.fake.behave = nxdomain;
	expect(&bench, "away.example.com", DNS_MX, "rcode3 =cdn.example.net");
	/* Special names do not go upstream by way of an alias either. */
	expect(&bench, "lost.example.com", DNS_A, "rcode3 =x.invalid type6");
	expect(&bench, "here.example.com", DNS_A, "=localhost 127.0.0.1");
	assert_int_equal(bench.fake.over_udp, 3);
	/* What was over, where upstream is dead. */
	bench.fake.behave = NULL;
	dns_cache_clear(bench.resolver.cache);
	learn(&bench, "cdn.example.net", 200);
	expect(&bench, "away.example.com", DNS_A, "=cdn.example.net 203.0.113.1");
	assert_int_equal(count(&bench, DNS_COUNT_STALE), 1);
	bench_close(&bench);
}

/* --- what is replaced while somebody waits ---------------------------------------------------------------- */

static void names_replace(struct bench *bench, const char *const *to)
{
	struct dns_rewrites *before = bench->resolver.rewrites;

	bench->resolver.rewrites = table_of(to);
	dns_rewrites_free(before);
}

static void upstreams_replace(struct bench *bench)
{
	struct dns_upstreams *before = bench->resolver.upstreams;

	bench->resolver.upstreams = upstreams_of(bench);
	dns_upstreams_free(before);
}

/* The question that is on its way is about another name then, and not even as long as the asker's. */
static void test_names_replaced(void **state _unused_)
{
	static const char *const alias[] = {
		"a-long-name-that-leads-to-a-short-one.example.com =b.c", NULL};
	static const char *const other[] = {
		"a-long-name-that-leads-to-a-short-one.example.com =cdn.example.net", NULL};
	static const char *const ours[] = {
		"a-long-name-that-leads-to-a-short-one.example.com 192.168.11.20", NULL};
	static const char *const none[] = {NULL};
	static const struct {
		const char *const *from, *const *to;
		const char *expected;
	} cases[] = {
		{alias, none, "203.0.113.7"},	{alias, other, "=cdn.example.net 203.0.113.7"},
		{alias, ours, "192.168.11.20"}, {none, alias, "=b.c 203.0.113.7"},
		{none, ours, "192.168.11.20"},	{alias, alias, "=b.c 203.0.113.7"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct bench bench;

		bench_open(&bench, fake_honest, cases[i].from);
		ask_begin(&bench, "a-long-name-that-leads-to-a-short-one.example.com", DNS_A);
		assert_int_equal(bench.answers, 0);
		names_replace(&bench, cases[i].to);
		run_until(&bench.loop, &bench.answers, 1);
		if (strcmp(answer_text(&bench), cases[i].expected))
			fail_msg("%zu: \"%s\"", i, answer_text(&bench));
		bench_close(&bench);
	}
}

/* Who waits for upstreams that are no more is answered by the new ones. */
static void test_upstreams_replaced(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, NULL, bench_rows);
	for (int i = 0; i < 50; i++)
		ask_begin(&bench, i % 2 ? "x.example.net" : "away.example.com", DNS_A);
	run_until(&bench.loop, &bench.fake.over_udp, 2);
	assert_int_equal(bench.answers, 0);
	bench.fake.behave = fake_honest;
	upstreams_replace(&bench);
	run_until(&bench.loop, &bench.answers, 50);
	assert_non_null(strstr(answer_text(&bench), "203.0.113.7"));
	assert_int_equal(count(&bench, DNS_COUNT_FAILED), 0);
	bench_close(&bench);
}

/* --- upstreams that are slow or dead --------------------------------------------------------------------- */

static bool has_ede(const struct bench *bench, unsigned int code)
{
	return bench->n > 6 && dns_get16(bench->message + bench->n - 6) == 15 &&
	       dns_get16(bench->message + bench->n - 2) == code;
}

static void ask_edns(struct bench *bench, const char *name)
{
	struct octets o = query_make(name, DNS_A);

	opt_append(&o, 1232, 0, 0);
	ask_message(bench, &o);
}

static __u32 answer_ttl(const struct bench *bench)
{
	struct dns_cursor cursor;
	struct dns_record record;

	assert_int_equal(dns_cursor_begin(bench->message, bench->n, &cursor), 0);
	assert_int_equal(dns_cursor_next(&cursor, &record), 1);
	return record.ttl_s;
}

static struct fake_question held;

static void hold(struct fake_question *question)
{
	held = *question;
}

/* RFC 8767 section 5: before the client gives up; and the question goes on, for the cache. */
static void test_stale(void **state _unused_)
{
	struct octets o = query_make("x.example.net", DNS_A);
	struct bench bench;
	struct dns_query query;
	__u64 begun;

	assert_int_equal(dns_query_parse(o.at, o.n, &query), 0);
	bench_open(&bench, hold, bench_rows);
	learn(&bench, "x.example.net", 200);
	begun = uv_hrtime();
	ask_edns(&bench, "x.example.net");
	assert_int_equal(bench.answers, 0);
	run_until(&bench.loop, &bench.answers, 1);
	assert_string_equal(answer_text(&bench), "203.0.113.1 type41");
	assert_true(has_ede(&bench, DNS_EDE_STALE));
	assert_int_equal(answer_ttl(&bench), LIMIT_DNS_STALE_TTL_S);
	assert_true(uv_hrtime() - begun >= (patient.slow_ms - 1) * 1000000ull);
	assert_true(dns_upstreams_is_asking(bench.resolver.upstreams, &query));
	/* The next need not wait. */
	ask_edns(&bench, "x.example.net");
	assert_int_equal(bench.answers, 2);
	assert_int_equal(count(&bench, DNS_COUNT_STALE), 2);
	/* The answer comes after all, and is kept. */
	fake_honest(&held);
	while (dns_upstreams_is_asking(bench.resolver.upstreams, &query))
		uv_run(&bench.loop, UV_RUN_ONCE);
	assert_int_equal(bench.answers, 2);
	expect(&bench, "x.example.net", DNS_A, "203.0.113.7");
	assert_int_equal(count(&bench, DNS_COUNT_CACHED), 1);
	bench_close(&bench);
}

/* The first try is upstream, however much is there: it may have moved. */
static void test_stale_not_first(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, fake_honest, bench_rows);
	learn(&bench, "x.example.net", 200);
	expect(&bench, "x.example.net", DNS_A, "203.0.113.7");
	assert_int_equal(count(&bench, DNS_COUNT_STALE), 0);
	bench_close(&bench);
}

static void servfail(struct fake_question *question)
{
	struct octets o = fake_answer_begin(question, DNS_SERVFAIL);

	fake_reply(question, &o);
}

/* RFC 8767 section 4: SERVFAIL says nothing about the name. */
static void test_stale_servfail(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, servfail, bench_rows);
	learn(&bench, "x.example.net", 200);
	expect(&bench, "x.example.net", DNS_A, "203.0.113.1");
	expect(&bench, "y.example.net", DNS_A, "rcode2");
	assert_int_equal(count(&bench, DNS_COUNT_STALE), 1);
	assert_int_equal(count(&bench, DNS_COUNT_FORWARDED), 1);
	bench_close(&bench);
}

static void test_silent(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, NULL, bench_rows);
	ask_edns(&bench, "x.example.net");
	run_until(&bench.loop, &bench.answers, 1);
	assert_string_equal(answer_text(&bench), "rcode2 type41");
	assert_true(has_ede(&bench, DNS_EDE_NETWORK));
	assert_int_equal(count(&bench, DNS_COUNT_FAILED), 1);
	/* Kept for two seconds (RFC 9520). */
	expect(&bench, "x.example.net", DNS_A, "rcode2");
	assert_int_equal(count(&bench, DNS_COUNT_CACHED), 1);
	bench_close(&bench);
}

/* Near its end: one question, however many ask, and none of them waits. */
static void test_prefetch(void **state _unused_)
{
	struct octets o = query_make("x.example.net", DNS_A);
	struct bench bench;
	struct dns_query query;

	assert_int_equal(dns_query_parse(o.at, o.n, &query), 0);
	bench_open(&bench, hold, bench_rows);
	learn(&bench, "x.example.net", 95);
	for (int i = 0; i <= LIMIT_DNS_WAITERS; i++) {
		ask_begin(&bench, "x.example.net", DNS_A);
		assert_string_equal(answer_text(&bench), "203.0.113.1");
	}
	run_until(&bench.loop, &bench.fake.over_udp, 1);
	/* They took nobody's place. */
	ask_begin(&bench, "y.example.net", DNS_A);
	assert_int_equal(count(&bench, DNS_COUNT_BUSY), 0);
	fake_honest(&held);
	while (dns_upstreams_is_asking(bench.resolver.upstreams, &query))
		uv_run(&bench.loop, UV_RUN_ONCE);
	expect(&bench, "x.example.net", DNS_A, "203.0.113.7");
	assert_int_equal(bench.fake.over_udp, 2);
	bench_close(&bench);
}

static void test_coalescing(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, fake_honest, bench_rows);
	for (int i = 0; i < 100; i++)
		ask_begin(&bench, i % 2 ? "x.example.net" : "X.Example.net", DNS_A);
	run_until(&bench.loop, &bench.answers, 100);
	assert_int_equal(bench.fake.over_udp, 1);
	bench_close(&bench);
}

/* As many wait as may, upstream is dead: not one name of ours is lost, not one answer from the cache, and the others are told at once. */
static void test_dead(void **state _unused_)
{
	struct bench bench;
	unsigned int waiting;

	bench_open(&bench, NULL, bench_rows);
	learn(&bench, "known.example.net", 0);
	learn(&bench, "old.example.net", 200);
	for (waiting = 0; !count(&bench, DNS_COUNT_BUSY); waiting++) {
		ask_begin(&bench, "x.example.net", DNS_A);
		assert_true(waiting <= LIMIT_DNS_WAITERS);
	}
	assert_int_equal(bench.answers, 1);
	assert_string_equal(answer_text(&bench), "rcode2");
	for (int i = 0; i < 1000; i++) {
		ask_begin(&bench, "app.example.com", DNS_A);
		assert_string_equal(answer_text(&bench), "192.168.11.20");
	}
	ask_begin(&bench, "known.example.net", DNS_A);
	assert_string_equal(answer_text(&bench), "203.0.113.1");
	ask_begin(&bench, "old.example.net", DNS_A);
	assert_string_equal(answer_text(&bench), "203.0.113.1");
	assert_int_equal(bench.answers, 1003);
	run_until(&bench.loop, &bench.answers, 1003 + waiting - 1);
	assert_string_equal(answer_text(&bench), "rcode2");
	bench_close(&bench);
}

/* What a datagram holds, and a stream. */
static void large(struct fake_question *question)
{
	struct octets o;

	if (!question->connection) {
		o = fake_answer_begin(question, 0);
		o.at[2] |= DNS_TC >> 8;
		fake_reply(question, &o);
		return;
	}
	o = fake_answer(question);
	dns_put16(o.at + 6, 101);
	for (int i = 0; i < 100; i++) {
		octets_add(&o, "\xc0\x0c", 2);
		record_add(&o, DNS_A, 60, "\300\250\13\24", 4);
	}
	fake_reply(question, &o);
}

static void test_large(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, large, bench_rows);
	expect(&bench, "x.example.net", DNS_A, "");
	assert_true(dns_get16(bench.message + 2) & DNS_TC);
	bench.is_stream = true;
	ask_begin(&bench, "x.example.net", DNS_A);
	assert_int_equal(bench.answers, 2);
	assert_int_equal(dns_get16(bench.message + 6), 101);
	assert_false(dns_get16(bench.message + 2) & DNS_TC);
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),	       cmocka_unit_test(test_refused),
		cmocka_unit_test(test_opt_first),      cmocka_unit_test(test_alias),
		cmocka_unit_test(test_names_replaced), cmocka_unit_test(test_upstreams_replaced),
		cmocka_unit_test(test_stale),	       cmocka_unit_test(test_stale_not_first),
		cmocka_unit_test(test_stale_servfail), cmocka_unit_test(test_silent),
		cmocka_unit_test(test_prefetch),       cmocka_unit_test(test_coalescing),
		cmocka_unit_test(test_dead),	       cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
