// SPDX-License-Identifier: GPL-2.0-or-later
/* Which upstreams a name is asked of, and two of them at once: three on loopback that do as they are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cleanup.h"
#include "dns_asker.h"

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
	struct asker asked;
	uv_loop_t loop;
	struct fake fakes[FAKES];
	struct dns_upstreams *upstreams;
};

static void bench_open(struct bench *bench, void (*const behave[FAKES])(struct fake_question *))
{
	*bench = (struct bench){0};
	assert_int_equal(uv_loop_init(&bench->loop), 0);
	bench->upstreams = fakes_open(&bench->loop, bench->fakes, FAKES, behave);
	dns_upstreams_set_times(bench->upstreams, &patient);
}

static void bench_close(struct bench *bench)
{
	dns_upstreams_free(bench->upstreams);
	for (int i = 0; i < FAKES; i++)
		fake_close(&bench->fakes[i]);
	loop_end(&bench->loop);
}

static int ask_begin(struct bench *bench, const char *name)
{
	struct octets o = query_make(name, DNS_A);
	struct dns_query query;

	assert_int_equal(dns_query_parse(o.at, o.n, &query), 0);
	uv_update_time(&bench->loop);
	return dns_upstreams_ask(bench->upstreams, &query,
				 (struct dns_asker){.replied = asker_replied, .data = bench});
}

/* Whose address the answer is; "": it has none. */
static const char *ask(struct bench *bench, const char *name)
{
	unsigned int before = bench->asked.called;

	assert_int_equal(ask_begin(bench, name), 0);
	run_until(&bench->loop, &bench->asked.called, before + 1);
	return bench->asked.address;
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
	assert_int_equal(bench.asked.rcode, DNS_SERVFAIL);
	assert_int_equal(bench.fakes[0].over_udp, 1);
	/* The general one refuses, and that is all: names of others are no business of the company's. */
	bench.fakes[0].behave = refusing;
	ask(&bench, "www.example.org");
	assert_int_equal(bench.asked.rcode, DNS_REFUSED);
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
	assert_int_equal(bench.asked.ret, -ETIMEDOUT);
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
	assert_true(bench.asked.rcode == DNS_SERVFAIL || bench.asked.rcode == DNS_REFUSED);
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

static void test_parallel_truncated(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, (void (*const[])(struct fake_question *)){NULL, fake_truncating, NULL});
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
