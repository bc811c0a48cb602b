// SPDX-License-Identifier: GPL-2.0-or-later
/* Upstreams that have a name: when they have an address, whose, and for how long. The server of names and the upstream itself are on loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cleanup.h"
#include "dns_asker.h"
#include "upstream_internal.h"

static const struct dns_upstream_times patient = {
	.ask_ms = 10000, .try_min_ms = 100, .try_max_ms = 3000, .out_ms = 150, .slow_ms = 10000};

struct bench {
	struct asker asked;
	uv_loop_t loop;
	struct fake names, upstream; /* who is asked for the address; who has it */
	struct dns_upstreams *upstreams;
};

static void bench_open(struct bench *bench, void (*behave)(struct fake_question *question))
{
	struct dns_upstream_conf conf = {.is_named = true, .name = "dns.example.net"}, names = {0};

	*bench = (struct bench){0};
	assert_int_equal(uv_loop_init(&bench->loop), 0);
	fake_open(&bench->names, &bench->loop, "127.0.0.1", behave);
	fake_open(&bench->upstream, &bench->loop, "203.0.113.7", fake_honest);
	conf.port = bench->upstream.port;
	names.port = bench->names.port;
	assert_int_equal(ip_addr_parse("127.0.0.1", &names.addr), 0);
	bench->upstreams = dns_upstreams_make(&bench->loop, &conf, 1);
	assert_non_null(bench->upstreams);
	dns_upstreams_set_times(bench->upstreams, &patient);
	assert_int_equal(dns_upstreams_set_bootstrap(bench->upstreams, &names, 1), 0);
}

static void bench_close(struct bench *bench)
{
	dns_upstreams_free(bench->upstreams);
	fake_close(&bench->names);
	fake_close(&bench->upstream);
	loop_end(&bench->loop);
}

static void ask_begin(struct bench *bench, const char *name)
{
	struct octets o = query_make(name, DNS_A);
	struct dns_query query;

	assert_int_equal(dns_query_parse(o.at, o.n, &query), 0);
	uv_update_time(&bench->loop);
	assert_int_equal(
		dns_upstreams_ask(bench->upstreams, &query,
				  (struct dns_asker){.replied = asker_replied, .data = bench}),
		0);
}

static int ask(struct bench *bench, const char *name)
{
	unsigned int before = bench->asked.called;

	ask_begin(bench, name);
	run_until(&bench->loop, &bench->asked.called, before + 1);
	return bench->asked.ret;
}

/* The first question waits for the address, and the name is what was asked for. */
static void test_asked(void **state _unused_)
{
	struct dns_name expected = name_of("dns.example.net");
	struct dns_query query;
	struct bench bench;

	bench_open(&bench, fake_honest);
	assert_int_equal(ask(&bench, "a.test"), 0);
	assert_int_equal(bench.upstream.over_udp, 1);
	assert_int_equal(bench.names.over_udp, 1);
	assert_int_equal(
		dns_query_parse(bench.names.last.message.at, bench.names.last.message.n, &query),
		0);
	assert_true(dns_name_equal(&query.name, &expected));
	/* Not again before it is over. */
	assert_int_equal(ask(&bench, "b.test"), 0);
	assert_int_equal(bench.names.over_udp, 1);
	assert_false(dns_upstreams_stats(bench.upstreams, 0).is_out);
	bench_close(&bench);
}

/* AAAA where there is no A. */
static void only_v6(struct fake_question *question)
{
	static const __u8 mapped[16] = {[10] = 0xff, 0xff, 127, 0, 0, 1};
	struct octets o = fake_answer_begin(question, 0);
	struct dns_query query;

	assert_int_equal(dns_query_parse(question->message.at, question->message.n, &query), 0);
	if (query.type == DNS_AAAA) {
		dns_put16(o.at + 6, 1);
		octets_add(&o, "\xc0\x0c", 2);
		record_add(&o, DNS_AAAA, 300, mapped, 16);
	}
	fake_reply(question, &o);
}

static void test_v6(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, only_v6);
	run_until(&bench.loop, &bench.names.over_udp, 2);
	run_for(&bench.loop, 20);
	assert_true(bench.upstreams->list[0].has_addr);
	bench_close(&bench);
}

static void absent(struct fake_question *question)
{
	struct octets o = fake_answer_begin(question, DNS_NXDOMAIN);

	fake_reply(question, &o);
}

/* There is none: it is not asked, and not told off for that. */
static void test_none(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, absent);
	assert_int_equal(ask(&bench, "a.test"), -ETIMEDOUT);
	assert_int_equal(bench.upstream.over_udp, 0);
	assert_int_equal(bench.upstreams->list[0].failures, 0);
	assert_true(dns_upstreams_stats(bench.upstreams, 0).is_out);
	bench_close(&bench);
}

/* The answer is over, the servers are dead: the last address stays. */
static void test_kept(void **state _unused_)
{
	struct dns_upstream_conf names = {0};
	struct bench bench;

	bench_open(&bench, fake_honest);
	assert_int_equal(ask(&bench, "a.test"), 0);
	/* As when its time is over. */
	names.port = bench.names.port;
	assert_int_equal(ip_addr_parse("127.0.0.1", &names.addr), 0);
	bench.names.behave = absent;
	assert_int_equal(dns_upstreams_set_bootstrap(bench.upstreams, &names, 1), 0);
	run_until(&bench.loop, &bench.names.over_udp, 3);
	assert_int_equal(ask(&bench, "b.test"), 0);
	/* Another one is taken. */
	bench.names.behave = fake_honest;
	bench.names.address = "192.0.2.99";
	assert_int_equal(dns_upstreams_set_bootstrap(bench.upstreams, &names, 1), 0);
	run_until(&bench.loop, &bench.names.over_udp, 4);
	run_for(&bench.loop, 20);
	assert_true(ip_addr_is_v4(&bench.upstreams->list[0].conf.addr));
	assert_int_equal(bench.upstreams->list[0].conf.addr.b[15], 99);
	bench_close(&bench);
}

/* Freed while it asks. */
static void test_freed(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, NULL);
	ask_begin(&bench, "a.test");
	run_for(&bench.loop, 20);
	bench_close(&bench);
	assert_int_equal(bench.asked.ret, -ECANCELED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asked), cmocka_unit_test(test_v6),
		cmocka_unit_test(test_none),  cmocka_unit_test(test_kept),
		cmocka_unit_test(test_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
