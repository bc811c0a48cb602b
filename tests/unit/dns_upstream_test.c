// SPDX-License-Identifier: GPL-2.0-or-later
/* Whom a question goes to, how often, and what is believed: two upstreams on loopback that do as they are told. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <hairpin/limits.h>
#include <sys/resource.h>

#include "cleanup.h"
#include "dns_asker.h"

/* Where nobody is silent, so that a machine which is busy elsewhere changes nothing; and where somebody is. */
static const struct dns_upstream_times patient = {
	.ask_ms = 10000, .try_min_ms = 3000, .try_max_ms = 3000, .out_ms = 150, .slow_ms = 100};
static const struct dns_upstream_times quick = {
	.ask_ms = 1000, .try_min_ms = 150, .try_max_ms = 150, .out_ms = 300, .slow_ms = 100};

struct bench {
	struct asker asked;
	uv_loop_t loop;
	struct fake fakes[2];
	struct dns_upstreams *upstreams;
	unsigned int slow;
	bool helps_itself;
};

static void bench_open(struct bench *bench, void (*first)(struct fake_question *question),
		       void (*second)(struct fake_question *question))
{
	void (*const behave[])(struct fake_question *) = {first, second};

	*bench = (struct bench){0};
	assert_int_equal(uv_loop_init(&bench->loop), 0);
	bench->upstreams = fakes_open(&bench->loop, bench->fakes, 2, behave);
	dns_upstreams_set_times(bench->upstreams, first && second ? &patient : &quick);
}

static void bench_close(struct bench *bench)
{
	dns_upstreams_free(bench->upstreams);
	for (int i = 0; i < 2; i++)
		fake_close(&bench->fakes[i]);
	loop_end(&bench->loop);
}

static struct dns_upstream_stats stats_of(const struct bench *bench, size_t i)
{
	return dns_upstreams_stats(bench->upstreams, i);
}

static bool slow(void *data, const struct dns_query *query _unused_)
{
	struct bench *bench = data;

	bench->slow++;
	return bench->helps_itself;
}

static int ask_for(struct bench *bench, const struct dns_query *query)
{
	uv_update_time(&bench->loop);
	return dns_upstreams_ask(bench->upstreams, query,
				 (struct dns_asker){.replied = asker_replied, .data = bench});
}

/* Asks for @name and waits for the answer. */
static void ask(struct bench *bench, const char *name)
{
	struct dns_query query = query_of(name);
	unsigned int before = bench->asked.called;

	assert_int_equal(dns_upstreams_waiting(bench->upstreams), 0);
	assert_int_equal(ask_for(bench, &query), 0);
	assert_int_equal(dns_upstreams_waiting(bench->upstreams), 1);
	assert_int_equal(bench->asked.called, before);
	run_until(&bench->loop, &bench->asked.called, before + 1);
	assert_int_equal(dns_upstreams_waiting(bench->upstreams), 0);
}

static void test_answer(void **state _unused_)
{
	struct dns_name expected = name_of("www.example.com");
	struct bench bench;
	struct dns_query query;

	bench_open(&bench, fake_honest, fake_honest);
	ask(&bench, "www.example.com");
	assert_int_equal(bench.asked.ret, 0);
	assert_string_equal(bench.asked.address, "192.0.2.1");
	assert_int_equal(bench.fakes[0].over_udp, 1);
	assert_int_equal(bench.fakes[1].over_udp, 0);
	assert_int_equal(dns_query_parse(bench.fakes[0].last.message.at,
					 bench.fakes[0].last.message.n, &query),
			 0);
	assert_true(dns_name_equal(&query.name, &expected));
	assert_true(query.has_edns);
	assert_int_equal(query.payload, DNS_UDP_MAX);
	assert_int_equal(stats_of(&bench, 0).answered, 1);
	assert_true(stats_of(&bench, 0).rtt_us > 0);
	bench_close(&bench);
}

/* Each question from a port of its own, with an id and letters of its own. */
static void test_random(void **state _unused_)
{
	unsigned int ports = 0, ids = 0, letters = 0;
	struct fake_question before = {0};
	struct bench bench;

	bench_open(&bench, fake_honest, fake_honest);
	for (int i = 0; i < 20; i++) {
		const struct fake_question *now = &bench.fakes[0].last;

		ask(&bench, "a-name-with-many-letters.example.com");
		ports += now->from.sin_port != before.from.sin_port;
		ids += memcmp(now->message.at, before.message.at, 2) != 0;
		letters += memcmp(now->message.at + DNS_HEADER, before.message.at + DNS_HEADER,
				  37) != 0;
		before = *now;
	}
	assert_true(ports >= 18 && ids >= 18 && letters >= 18);
	bench_close(&bench);
}

static void test_timeout(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, NULL, fake_honest);
	ask(&bench, "x.test");
	assert_string_equal(bench.asked.address, "192.0.2.2");
	assert_int_equal(bench.fakes[0].over_udp, 1);
	assert_int_equal(stats_of(&bench, 0).timed_out, 1);
	bench_close(&bench);
}

static struct fake_question held;

static void hold(struct fake_question *question)
{
	held = *question;
}

static void release(struct fake_question *question _unused_)
{
	fake_honest(&held);
}

/* What comes when the next upstream is asked already is an answer all the same. */
static void test_late(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, hold, release);
	ask(&bench, "x.test");
	assert_string_equal(bench.asked.address, "192.0.2.1");
	assert_int_equal(bench.fakes[1].over_udp, 1);
	bench_close(&bench);
}

static void all_silent_expect(struct bench *bench)
{
	ask(bench, "x.test");
	assert_int_equal(bench->asked.ret, -ETIMEDOUT);
	/* One failure a try, none told twice. */
	assert_int_equal(stats_of(bench, 0).timed_out + stats_of(bench, 1).timed_out,
			 stats_of(bench, 0).asked + stats_of(bench, 1).asked);
}

static void test_silent(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, NULL, NULL);
	all_silent_expect(&bench);
	assert_int_equal(bench.fakes[0].over_udp + bench.fakes[1].over_udp, LIMIT_DNS_TRIES);
	bench_close(&bench);
}

static void test_truncated(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, fake_truncating, fake_honest);
	ask(&bench, "x.test");
	assert_string_equal(bench.asked.address, "192.0.2.1");
	assert_int_equal(bench.fakes[0].over_udp, 1);
	assert_int_equal(bench.fakes[0].over_tcp, 1);
	assert_int_equal(stats_of(&bench, 0).over_tcp, 1);
	bench_close(&bench);
}

/* Truncated over TCP too, or not the answer: it is broken, and another is asked. */
static void truncating_always(struct fake_question *question)
{
	struct octets o = fake_answer(question);

	o.at[2] |= DNS_TC >> 8;
	if (question->connection)
		o.at[DNS_HEADER + 1] ^= 0x20;
	fake_reply(question, &o);
}

static void test_truncated_over_tcp(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, truncating_always, fake_honest);
	ask(&bench, "x.test");
	assert_string_equal(bench.asked.address, "192.0.2.2");
	assert_int_equal(bench.fakes[0].over_tcp, 1);
	bench_close(&bench);
}

static void guess(struct fake_question *question, unsigned int times)
{
	struct octets o = fake_answer(question);

	o.at[o.n - 1] = 66; /* where the forger wants us */
	o.at[0] ^= 1;
	while (times--)
		fake_reply(question, &o);
}

static void two_guesses(struct fake_question *question)
{
	guess(question, LIMIT_DNS_MISMATCHES - 1);
	fake_honest(question);
}

/* What does not match is as if it had not come. */
static void test_mismatch(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, two_guesses, fake_honest);
	ask(&bench, "x.test");
	assert_string_equal(bench.asked.address, "192.0.2.1");
	assert_int_equal(stats_of(&bench, 0).mismatched, LIMIT_DNS_MISMATCHES - 1);
	assert_int_equal(bench.fakes[0].over_udp, 1);
	assert_int_equal(bench.fakes[0].over_tcp, 0);
	bench_close(&bench);
}

/* The guess that hits comes after those that did not. */
static void three_guesses(struct fake_question *question)
{
	struct octets o = fake_answer(question);

	if (question->connection) {
		fake_honest(question);
		return;
	}
	guess(question, LIMIT_DNS_MISMATCHES);
	o.at[o.n - 1] = 66;
	fake_reply(question, &o);
}

static void test_attack(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, three_guesses, fake_honest);
	ask(&bench, "x.test");
	assert_string_equal(bench.asked.address, "192.0.2.1");
	assert_int_equal(bench.fakes[0].over_tcp, 1);
	assert_int_equal(stats_of(&bench, 0).mismatched, LIMIT_DNS_MISMATCHES);
	bench_close(&bench);
}

static bool has_upper(const struct octets *o)
{
	for (size_t i = DNS_HEADER; i < o->n; i++) {
		if (isupper(o->at[i]))
			return true;
	}
	return false;
}

/* Answers in lower case whatever it is asked in. */
static void lowering(struct fake_question *question)
{
	struct octets o = fake_answer(question);

	dns_octets_lower(o.at + DNS_HEADER, 39);
	fake_reply(question, &o);
}

static void test_other_case(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, lowering, fake_honest);
	for (unsigned int i = 1; i <= LIMIT_DNS_OTHER_CASE; i++) {
		ask(&bench, "a-name-with-many-letters.example.com");
		assert_string_equal(bench.asked.address, "192.0.2.1");
		assert_int_equal(bench.fakes[0].over_tcp, i);
		/* Over TCP after the last of them it is asked in lower case already. */
		assert_int_equal(has_upper(&bench.fakes[0].last.message), i < LIMIT_DNS_OTHER_CASE);
	}
	/* From now on it is asked as it can answer. */
	ask(&bench, "a-name-with-many-letters.example.com");
	assert_string_equal(bench.asked.address, "192.0.2.1");
	assert_int_equal(bench.fakes[0].over_tcp, LIMIT_DNS_OTHER_CASE);
	assert_false(has_upper(&bench.fakes[0].last.message));
	bench_close(&bench);
}

static void test_health(void **state _unused_)
{
	struct dns_upstream_times times = quick;
	struct bench bench;
	unsigned int before;

	bench_open(&bench, NULL, fake_honest);
	/* An answer takes it back in, and nothing else does so soon. */
	times.out_ms = 60000;
	dns_upstreams_set_times(bench.upstreams, &times);
	for (unsigned int i = 1; i <= LIMIT_DNS_UPSTREAM_FAILURES; i++) {
		assert_false(stats_of(&bench, 0).is_out);
		ask(&bench, "x.test");
	}
	uv_update_time(&bench.loop);
	assert_true(stats_of(&bench, 0).is_out);
	assert_int_equal(bench.fakes[0].over_udp, LIMIT_DNS_UPSTREAM_FAILURES);
	/* Left out: nobody waits for it. */
	ask(&bench, "x.test");
	assert_string_equal(bench.asked.address, "192.0.2.2");
	assert_int_equal(bench.fakes[0].over_udp, LIMIT_DNS_UPSTREAM_FAILURES);

	/* The other dies while it is out: better somebody who may be dead than nobody. */
	bench.fakes[1].behave = NULL;
	bench.fakes[0].behave = fake_honest;
	before = bench.fakes[0].over_udp;
	ask(&bench, "x.test");
	assert_string_equal(bench.asked.address, "192.0.2.1");
	assert_true(bench.fakes[0].over_udp > before);
	assert_false(stats_of(&bench, 0).is_out);
	bench_close(&bench);
}

static void test_health_back(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, NULL, fake_honest);
	for (unsigned int i = 0; i < LIMIT_DNS_UPSTREAM_FAILURES; i++)
		ask(&bench, "x.test");
	bench.fakes[0].behave = fake_honest;
	run_for(&bench.loop, (unsigned int)quick.out_ms + 10);
	assert_false(stats_of(&bench, 0).is_out);
	ask(&bench, "x.test");
	assert_string_equal(bench.asked.address, "192.0.2.1");
	bench_close(&bench);
}

/* Nobody there, and the kernel says so: the client is told at once and not when its time is over. */
static void test_nobody(void **state _unused_)
{
	struct bench bench;
	__u64 begun;

	bench_open(&bench, NULL, NULL);
	fake_close(&bench.fakes[0]);
	fake_close(&bench.fakes[1]);
	begun = uv_hrtime();
	ask(&bench, "x.test");
	assert_int_equal(bench.asked.ret, -ETIMEDOUT);
	assert_true(uv_hrtime() - begun < quick.ask_ms * 1000000u / 2);
	assert_int_equal(stats_of(&bench, 0).asked + stats_of(&bench, 1).asked, LIMIT_DNS_TRIES);
	bench_close(&bench);
}

static void refusing(struct fake_question *question)
{
	struct octets o = fake_answer_begin(question, DNS_REFUSED);

	fake_reply(question, &o);
}

static void failing(struct fake_question *question)
{
	struct octets o = fake_answer_begin(question, DNS_SERVFAIL);

	fake_reply(question, &o);
}

/* Who cannot help is no reason not to ask the other; if he cannot either, what one of them said is the answer. */
static void test_refused(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, refusing, fake_honest);
	ask(&bench, "x.test");
	assert_string_equal(bench.asked.address, "192.0.2.2");
	bench.fakes[1].behave = failing;
	ask(&bench, "x.test");
	assert_int_equal(bench.asked.ret, 0);
	assert_int_equal(bench.asked.rcode, DNS_SERVFAIL);
	/* And where the other is silent. */
	dns_upstreams_set_times(bench.upstreams, &quick);
	bench.fakes[1].behave = NULL;
	ask(&bench, "x.test");
	assert_int_equal(bench.asked.ret, 0);
	assert_int_equal(bench.asked.rcode, DNS_REFUSED);
	bench_close(&bench);
}

/* --- who waits --------------------------------------------------------------------------------------- */

/* --- EDNS ------------------------------------------------------------------------------------------------ */

static bool has_opt(const struct fake_question *question)
{
	return dns_get16(question->message.at + 10) != 0;
}

static void formerr_on_opt(struct fake_question *question)
{
	struct octets o = fake_answer_begin(question, DNS_FORMERR);

	if (!has_opt(question)) {
		fake_honest(question);
		return;
	}
	fake_reply(question, &o);
}

static void header_on_opt(struct fake_question *question)
{
	struct octets o = fake_answer_begin(question, DNS_NOTIMP);

	if (!has_opt(question)) {
		fake_honest(question);
		return;
	}
	o.n = DNS_HEADER;
	dns_put16(o.at + 4, 0);
	fake_reply(question, &o);
}

static void silent_on_opt(struct fake_question *question)
{
	if (!has_opt(question))
		fake_honest(question);
}

static void formerr(struct fake_question *question)
{
	struct octets o = fake_answer_begin(question, DNS_FORMERR);

	fake_reply(question, &o);
}

/* Asked once more without, at once, and from then on without. */
static void test_edns_refused(void **state _unused_)
{
	void (*const behaves[])(struct fake_question *) = {formerr_on_opt, header_on_opt};

	for (size_t i = 0; i < ARRAY_SIZE(behaves); i++) {
		struct bench bench;

		bench_open(&bench, behaves[i], fake_honest);
		ask(&bench, "a.test");
		assert_string_equal(bench.asked.address, "192.0.2.1");
		assert_int_equal(bench.fakes[0].over_udp, 2);
		assert_int_equal(bench.fakes[1].over_udp, 0);
		ask(&bench, "b.test");
		assert_string_equal(bench.asked.address, "192.0.2.1");
		assert_int_equal(bench.fakes[0].over_udp, 3);
		assert_false(has_opt(&bench.fakes[0].last));
		assert_false(stats_of(&bench, 0).is_out);
		bench_close(&bench);
	}
}

/* The question is what it does not like: that says nothing of EDNS. */
static void test_edns_innocent(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, formerr, fake_honest);
	ask(&bench, "a.test");
	assert_string_equal(bench.asked.address, "192.0.2.2");
	assert_int_equal(bench.fakes[0].over_udp, 2);
	bench.fakes[0].behave = fake_honest;
	ask(&bench, "b.test");
	assert_string_equal(bench.asked.address, "192.0.2.1");
	assert_true(has_opt(&bench.fakes[0].last));
	bench_close(&bench);
}

/* Silent with EDNS, always: found out in some rounds, and then it is as fast as any. */
static void test_edns_dropped(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, silent_on_opt, NULL);
	for (int i = 0; i < 12 && stats_of(&bench, 0).answered < LIMIT_DNS_PLAIN_PROOFS; i++)
		ask(&bench, "a.test");
	assert_int_equal(stats_of(&bench, 0).answered, LIMIT_DNS_PLAIN_PROOFS);
	bench.fakes[0].over_udp = 0;
	ask(&bench, "b.test");
	assert_string_equal(bench.asked.address, "192.0.2.1");
	assert_int_equal(bench.fakes[0].over_udp, 1);
	assert_false(has_opt(&bench.fakes[0].last));
	bench_close(&bench);
}

/* One that has spoken it was away, and is back: it is asked with it as before. */
static void test_edns_away(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, fake_honest, NULL);
	dns_upstreams_set_times(bench.upstreams, &quick);
	ask(&bench, "a.test");
	bench.fakes[0].behave = NULL;
	for (int i = 0; i < 3; i++)
		ask(&bench, "b.test");
	assert_true(has_opt(&bench.fakes[0].last));
	bench.fakes[0].behave = fake_honest;
	ask(&bench, "c.test");
	assert_string_equal(bench.asked.address, "192.0.2.1");
	assert_true(has_opt(&bench.fakes[0].last));
	bench_close(&bench);
}

static void test_coalescing(void **state _unused_)
{
	struct dns_query query = query_of("x.test"), dnssec = query, unchecked = query;
	struct bench bench;

	bench_open(&bench, fake_honest, fake_honest);
	dnssec.wants_dnssec = true;
	unchecked.flags |= DNS_CD;
	assert_false(dns_upstreams_is_asking(bench.upstreams, &query));
	for (int i = 0; i < 100; i++)
		assert_int_equal(ask_for(&bench, &query), 0);
	assert_true(dns_upstreams_is_asking(bench.upstreams, &query));
	assert_int_equal(ask_for(&bench, &dnssec), 0);
	assert_int_equal(ask_for(&bench, &unchecked), 0);
	run_until(&bench.loop, &bench.asked.called, 102);
	assert_int_equal(bench.fakes[0].over_udp, 3);
	assert_false(dns_upstreams_is_asking(bench.upstreams, &query));
	bench_close(&bench);
}

static void test_waiters_limit(void **state _unused_)
{
	struct dns_query query = query_of("x.test");
	struct bench bench;

	bench_open(&bench, NULL, NULL);
	for (int i = 0; i < LIMIT_DNS_WAITERS; i++)
		assert_int_equal(ask_for(&bench, &query), 0);
	assert_int_equal(ask_for(&bench, &query), -EBUSY);
	run_until(&bench.loop, &bench.asked.called, LIMIT_DNS_WAITERS);
	assert_int_equal(ask_for(&bench, &query), 0);
	bench_close(&bench);
}

/* Many questions and few descriptors: that is our own fault, and no upstream is left out for it. */
static void test_pending_limit(void **state _unused_)
{
	struct rlimit before, few;
	struct bench bench;

	bench_open(&bench, NULL, NULL);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = 100;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	for (int i = 0; i <= LIMIT_DNS_PENDING; i++) {
		struct dns_query query;
		char name[32];

		snprintf(name, sizeof(name), "n%d.test", i);
		query = query_of(name);
		assert_int_equal(ask_for(&bench, &query), i == LIMIT_DNS_PENDING ? -EBUSY : 0);
	}
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_false(stats_of(&bench, 0).is_out);
	assert_false(stats_of(&bench, 1).is_out);
	bench_close(&bench);
	assert_int_equal(bench.asked.called, LIMIT_DNS_PENDING);
}

static void asks_again(void *data, const struct dns_query *query, int ret,
		       struct dns_reply reply _unused_)
{
	struct bench *bench = data;

	bench->asked.called++;
	bench->asked.ret = ret;
	assert_int_equal(ask_for(bench, query), -ENOTCONN);
}

/* Upstreams are replaced while somebody waits: he is told, and cannot wait there once more. */
static void test_freed(void **state _unused_)
{
	struct dns_query query = query_of("x.test");
	struct bench bench;

	bench_open(&bench, NULL, NULL);
	dns_upstreams_ask(bench.upstreams, &query,
			  (struct dns_asker){.replied = asks_again, .data = &bench});
	run_for(&bench.loop, 10);
	bench_close(&bench);
	assert_int_equal(bench.asked.called, 1);
	assert_int_equal(bench.asked.ret, -ECANCELED);
}

static void test_none(void **state _unused_)
{
	struct dns_query query = query_of("x.test");
	struct dns_upstreams *none;
	uv_loop_t loop;

	uv_loop_init(&loop);
	none = dns_upstreams_make(&loop, NULL, 0);
	assert_non_null(none);
	assert_int_equal(
		dns_upstreams_ask(none, &query, (struct dns_asker){.replied = asker_replied}),
		-ENOTCONN);
	dns_upstreams_free(none);
	loop_end(&loop);
}

/* Who can help himself is gone then; the question goes on for who cannot. */
static void test_slow(void **state _unused_)
{
	struct dns_query query = query_of("x.test");
	struct bench bench;

	bench_open(&bench, NULL, NULL);
	bench.helps_itself = true;
	assert_int_equal(dns_upstreams_ask(bench.upstreams, &query,
					   (struct dns_asker){asker_replied, slow, &bench}),
			 0);
	assert_int_equal(ask_for(&bench, &query), 0);
	run_until(&bench.loop, &bench.slow, 1);
	assert_int_equal(bench.asked.called, 0);
	bench.fakes[0].behave = bench.fakes[1].behave = fake_honest;
	run_until(&bench.loop, &bench.asked.called, 1);
	assert_int_equal(bench.asked.ret, 0);
	/* Nobody was slow: nobody is asked. */
	ask(&bench, "y.test");
	assert_int_equal(bench.slow, 1);
	/* Asked, and had nothing: waits to the end. */
	bench.fakes[0].behave = bench.fakes[1].behave = NULL;
	bench.helps_itself = false;
	bench.asked.called = 0;
	dns_upstreams_ask(bench.upstreams, &query, (struct dns_asker){asker_replied, slow, &bench});
	run_until(&bench.loop, &bench.asked.called, 1);
	assert_int_equal(bench.slow, 2);
	assert_int_equal(bench.asked.ret, -ETIMEDOUT);
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_truncated_over_tcp),
		cmocka_unit_test(test_mismatch),
		cmocka_unit_test(test_attack),
		cmocka_unit_test(test_other_case),
		cmocka_unit_test(test_health),
		cmocka_unit_test(test_health_back),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_edns_refused),
		cmocka_unit_test(test_edns_innocent),
		cmocka_unit_test(test_edns_dropped),
		cmocka_unit_test(test_edns_away),
		cmocka_unit_test(test_coalescing),
		cmocka_unit_test(test_waiters_limit),
		cmocka_unit_test(test_pending_limit),
		cmocka_unit_test(test_freed),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_slow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
