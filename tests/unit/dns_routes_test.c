// SPDX-License-Identifier: GPL-2.0-or-later
/* Which upstreams a name is asked of, and two of them at once: three on loopback that do as they are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cleanup.h"
#include "dns_fake.h"
#include "upstream.h"

#define FAKES 3

/* --- the table ------------------------------------------------------------------------------------------ */

static struct dns_route route_of(const char *domain, dns_servers servers)
{
	struct dns_route route = {.is_single_label = !*domain, .servers = servers};

	if (*domain)
		route.name = name_of(domain);
	return route;
}

static void test_longest(void **state _unused_)
{
	static const struct {
		const char *name;
		dns_servers servers;
	} asked[] = {
		{"example.com", 1},
		{"xcorp.example", 1},
		{"example", 8},
		{"corp.example", 2},
		{"a.b.corp.example", 2},
		/* The longer one, also where it says "as everybody". */
		{"lab.corp.example", 12},
		{"x.lab.corp.example", 12},
		{"www.corp.example", 1},
		{"x.www.corp.example", 1},
		/* A single label, and one that has a domain of its own. */
		{"nas", 8},
		{"lan", 4},
		{"x.lan", 4},
		{".", 1},
	};
	const struct dns_route routes[] = {
		route_of("corp.example", 2),	 route_of("lab.corp.example", 4),
		route_of("www.corp.example", 0), route_of("", 8),
		route_of("lab.corp.example", 8), route_of("lan", 4),
	};
	struct dns_routes *made = dns_routes_make(routes, ARRAY_SIZE(routes), 1);

	assert_non_null(made);
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		struct dns_name name = name_of(asked[i].name);

		if (dns_routes_servers(made, &name) != asked[i].servers)
			fail_msg("%s: asked of %llu", asked[i].name,
				 (unsigned long long)dns_routes_servers(made, &name));
	}
	dns_routes_free(made);
}

static void test_own(void **state _unused_)
{
	const struct dns_route routes[] = {route_of("corp.example", 2),
					   route_of("www.corp.example", 0),
					   route_of("both.example", 3)};
	struct dns_routes *made = dns_routes_make(routes, ARRAY_SIZE(routes), 1);
	struct dns_name corp = name_of("x.corp.example"), www = name_of("www.corp.example"),
			both = name_of("both.example"), other = name_of("example");

	assert_true(dns_routes_find(made, &corp)->is_own);
	assert_false(dns_routes_find(made, &www)->is_own);
	assert_true(dns_routes_find(made, &both)->is_own);
	assert_null(dns_routes_find(made, &other));
	dns_routes_free(made);
}

static void test_equal(void **state _unused_)
{
	const struct dns_route a[] = {route_of("a.example", 2), route_of("b.example", 4)};
	const struct dns_route b[] = {route_of("b.example", 4), route_of("a.example", 2)};
	const struct dns_route c[] = {route_of("a.example", 2), route_of("b.example", 2)};
	struct dns_routes *made[] = {dns_routes_make(a, 2, 1), dns_routes_make(b, 2, 1),
				     dns_routes_make(c, 2, 1), dns_routes_make(a, 1, 1),
				     dns_routes_make(a, 2, 9)};

	assert_true(dns_routes_equal(made[0], made[1]));
	for (size_t i = 2; i < ARRAY_SIZE(made); i++)
		assert_false(dns_routes_equal(made[0], made[i]));
	for (size_t i = 0; i < ARRAY_SIZE(made); i++)
		dns_routes_free(made[i]);
}

/* --- upstreams ------------------------------------------------------------------------------------------- */

static const struct dns_upstream_times patient = {
	.ask_ms = 10000, .try_min_ms = 3000, .try_max_ms = 3000, .out_ms = 150, .slow_ms = 10000};
static const struct dns_upstream_times quick = {
	.ask_ms = 1000, .try_min_ms = 150, .try_max_ms = 150, .out_ms = 60000, .slow_ms = 10000};

struct bench {
	uv_loop_t loop;
	struct fake fakes[FAKES];
	struct dns_upstreams *upstreams;
	unsigned int called;
	int ret;
	unsigned int rcode;
	char address[INET_ADDRSTRLEN];
};

static void bench_open(struct bench *bench, void (*const behave[FAKES])(struct fake_question *))
{
	static const char *const addresses[FAKES] = {"192.0.2.1", "192.0.2.2", "192.0.2.3"};
	struct dns_upstream_conf conf[FAKES];

	*bench = (struct bench){0};
	assert_int_equal(uv_loop_init(&bench->loop), 0);
	for (int i = 0; i < FAKES; i++) {
		fake_open(&bench->fakes[i], &bench->loop, addresses[i], behave[i]);
		conf[i] = (struct dns_upstream_conf){.port = bench->fakes[i].port};
		assert_int_equal(ip_addr_parse("127.0.0.1", &conf[i].addr), 0);
	}
	bench->upstreams = dns_upstreams_make(&bench->loop, conf, FAKES);
	assert_non_null(bench->upstreams);
	dns_upstreams_set_times(bench->upstreams, &patient);
}

static void bench_close(struct bench *bench)
{
	dns_upstreams_free(bench->upstreams);
	for (int i = 0; i < FAKES; i++)
		fake_close(&bench->fakes[i]);
	loop_end(&bench->loop);
}

static void replied(void *data, const struct dns_query *query _unused_, int ret,
		    struct dns_reply reply)
{
	struct bench *bench = data;
	struct dns_cursor cursor;
	struct dns_record record;

	bench->called++;
	bench->ret = ret;
	*bench->address = '\0';
	if (ret)
		return;
	bench->rcode = DNS_RCODE(dns_get16(reply.message + 2));
	assert_int_equal(dns_cursor_begin(reply.message, reply.length, &cursor), 0);
	if (dns_cursor_next(&cursor, &record) > 0)
		inet_ntop(AF_INET, reply.message + record.data_at, bench->address,
			  sizeof(bench->address));
}

static int ask_begin(struct bench *bench, const char *name)
{
	struct octets o = query_make(name, DNS_A);
	struct dns_query query;

	assert_int_equal(dns_query_parse(o.at, o.n, &query), 0);
	uv_update_time(&bench->loop);
	return dns_upstreams_ask(bench->upstreams, &query,
				 (struct dns_asker){.replied = replied, .data = bench});
}

/* Whose address the answer is; "": it has none. */
static const char *ask(struct bench *bench, const char *name)
{
	unsigned int before = bench->called;

	assert_int_equal(ask_begin(bench, name), 0);
	run_until(&bench->loop, &bench->called, before + 1);
	return bench->address;
}

static void fail_with(struct fake_question *question, unsigned int rcode)
{
	struct octets o = fake_answer_begin(question, rcode);

	fake_reply(question, &o);
}

static void refusing(struct fake_question *question)
{
	fail_with(question, DNS_REFUSED);
}

static void failing(struct fake_question *question)
{
	fail_with(question, DNS_SERVFAIL);
}

static void routes_set(struct bench *bench, const struct dns_route *routes, size_t n,
		       dns_servers general)
{
	struct dns_routes *made = dns_routes_make(routes, n, general);

	assert_non_null(made);
	dns_upstreams_set_routes(bench->upstreams, made);
}

static void test_asked(void **state _unused_)
{
	const struct dns_route routes[] = {route_of("corp.example", 2 | 4)};
	struct bench bench;

	bench_open(&bench, (void (*const[])(struct fake_question *)){fake_honest, fake_honest,
								     fake_honest});
	routes_set(&bench, routes, 1, 1);
	assert_string_equal(ask(&bench, "www.example.com"), "192.0.2.1");
	assert_string_equal(ask(&bench, "git.corp.example"), "192.0.2.2");
	/* The second of the domain's own where its first refuses; nobody else, whatever they say. */
	bench.fakes[1].behave = refusing;
	assert_string_equal(ask(&bench, "b.corp.example"), "192.0.2.3");
	bench.fakes[2].behave = failing;
	ask(&bench, "c.corp.example");
	assert_int_equal(bench.rcode, DNS_SERVFAIL);
	assert_int_equal(bench.fakes[0].over_udp, 1);
	/* The general one refuses, and that is all: names of others are no business of the company's. */
	bench.fakes[0].behave = refusing;
	ask(&bench, "www.example.org");
	assert_int_equal(bench.rcode, DNS_REFUSED);
	assert_int_equal(bench.fakes[1].over_udp, 3);
	bench_close(&bench);
}

static void test_silent(void **state _unused_)
{
	const struct dns_route routes[] = {route_of("corp.example", 2)};
	struct bench bench;

	bench_open(&bench,
		   (void (*const[])(struct fake_question *)){fake_honest, NULL, fake_honest});
	dns_upstreams_set_times(bench.upstreams, &quick);
	routes_set(&bench, routes, 1, 1 | 4);
	ask(&bench, "git.corp.example");
	assert_int_equal(bench.ret, -ETIMEDOUT);
	assert_int_equal(bench.fakes[0].over_udp + bench.fakes[2].over_udp, 0);
	assert_string_equal(ask(&bench, "www.example.com"), "192.0.2.1");
	bench_close(&bench);
}

/* All have domains of their own: for other names there is nobody. */
static void test_nobody(void **state _unused_)
{
	const struct dns_route routes[] = {route_of("corp.example", 7)};
	struct bench bench;

	bench_open(&bench, (void (*const[])(struct fake_question *)){fake_honest, fake_honest,
								     fake_honest});
	routes_set(&bench, routes, 1, 0);
	assert_int_equal(ask_begin(&bench, "www.example.com"), -ENOTCONN);
	assert_string_equal(ask(&bench, "git.corp.example"), "192.0.2.1");
	bench_close(&bench);
}

/* --- two at once ------------------------------------------------------------------------------------------ */

static void test_parallel(void **state _unused_)
{
	struct bench bench;

	/* The first is silent, and nobody waits for it. */
	bench_open(&bench,
		   (void (*const[])(struct fake_question *)){NULL, fake_honest, fake_honest});
	dns_upstreams_set_parallel(bench.upstreams, true);
	assert_string_equal(ask(&bench, "a.test"), "192.0.2.2");
	assert_int_equal(bench.fakes[0].over_udp, 1);
	assert_int_equal(bench.fakes[2].over_udp, 0);
	bench_close(&bench);
}

static struct fake_question held;

static void hold(struct fake_question *question)
{
	held = *question;
}

static void refuse_then_release(struct fake_question *question)
{
	refusing(question);
	fake_honest(&held);
}

/* A refusal waits for the other, and the other is not asked again for that. */
static void test_parallel_refused(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, (void (*const[])(struct fake_question *)){hold, refuse_then_release,
								     fake_honest});
	dns_upstreams_set_parallel(bench.upstreams, true);
	assert_string_equal(ask(&bench, "a.test"), "192.0.2.1");
	assert_int_equal(bench.fakes[0].over_udp, 1);
	/* Both: the third is asked. */
	bench.fakes[0].behave = failing;
	bench.fakes[1].behave = refusing;
	assert_string_equal(ask(&bench, "b.test"), "192.0.2.3");
	/* All three: what the last of them said. */
	bench.fakes[2].behave = failing;
	ask(&bench, "c.test");
	assert_true(bench.rcode == DNS_SERVFAIL || bench.rcode == DNS_REFUSED);
	bench_close(&bench);
}

/* Both silent: the next is asked when their time is over, and both are told off for it. */
static void test_parallel_silent(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, (void (*const[])(struct fake_question *)){NULL, NULL, fake_honest});
	dns_upstreams_set_times(bench.upstreams, &quick);
	dns_upstreams_set_parallel(bench.upstreams, true);
	assert_string_equal(ask(&bench, "a.test"), "192.0.2.3");
	assert_int_equal(dns_upstreams_stats(bench.upstreams, 0).timed_out, 1);
	assert_int_equal(dns_upstreams_stats(bench.upstreams, 1).timed_out, 1);
	/* After some more of that they are left out. */
	ask(&bench, "b.test");
	ask(&bench, "c.test");
	ask(&bench, "d.test");
	assert_true(dns_upstreams_stats(bench.upstreams, 0).is_out);
	assert_true(dns_upstreams_stats(bench.upstreams, 1).is_out);
	bench_close(&bench);
}

static void truncating(struct fake_question *question)
{
	struct octets o = fake_answer_begin(question, 0);

	if (question->connection) {
		fake_honest(question);
		return;
	}
	o.at[2] |= DNS_TC >> 8;
	fake_reply(question, &o);
}

static void test_parallel_truncated(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, (void (*const[])(struct fake_question *)){NULL, truncating, NULL});
	dns_upstreams_set_parallel(bench.upstreams, true);
	assert_string_equal(ask(&bench, "a.test"), "192.0.2.2");
	assert_int_equal(bench.fakes[1].over_tcp, 1);
	assert_int_equal(bench.fakes[0].over_tcp + bench.fakes[2].over_tcp, 0);
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_longest),		cmocka_unit_test(test_own),
		cmocka_unit_test(test_equal),		cmocka_unit_test(test_asked),
		cmocka_unit_test(test_silent),		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_parallel),	cmocka_unit_test(test_parallel_refused),
		cmocka_unit_test(test_parallel_silent), cmocka_unit_test(test_parallel_truncated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
