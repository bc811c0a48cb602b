// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of forwards that a router is asked for: what is asked when, what comes of each answer, and what is given back. */
#include "holds.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOBODY PORTMAP_PROTOCOLS

static struct holds holds;

static struct portmap_forward forward_make(__u16 port)
{
	return (struct portmap_forward){.proto = IPPROTO_TCP,
					.external_port = port,
					.internal_port = port,
					.service = "web"};
}

/* One forward that is wanted and due at 1000. */
static int world_make(void **state)
{
	const struct portmap_forward forward = forward_make(443);

	(void)state;
	memset(&holds, 0, sizeof(holds));
	holds_set(&holds, &forward, 1, 1000);
	return 0;
}

static struct portmap_request ask(unsigned int chosen, unsigned int by, __u64 now_ms)
{
	struct portmap_request request = {0};

	assert_true(holds_next(&holds, chosen, by, now_ms, &request));
	return request;
}

static void refute(unsigned int chosen, unsigned int by, __u64 now_ms)
{
	struct portmap_request request;

	assert_false(holds_next(&holds, chosen, by, now_ms, &request));
}

static bool reply(const struct portmap_request *to, unsigned int by, enum portmap_outcome outcome,
		  __u16 port, __u64 now_ms)
{
	const struct portmap_reply said = {.token = to->token,
					   .outcome = outcome,
					   .external_port = port,
					   .lifetime_s = outcome == PORTMAP_GRANTED ? 7200 : 0,
					   .words = "so it is"};

	return holds_replied(&holds, by, &said, now_ms, 0);
}

static struct portmap_result result(void)
{
	const struct portmap_forward forward = forward_make(443);

	return holds_result(&holds, &forward);
}

/* As far as granted by PCP at 2000. */
static void map(void)
{
	struct portmap_request request = ask(PORTMAP_PCP, PORTMAP_PCP, 2000);

	assert_false(reply(&request, PORTMAP_PCP, PORTMAP_GRANTED, 443, 2000));
	assert_int_equal(result().state, PORTMAP_STATE_MAPPED);
}

static void test_mapped(void **state)
{
	struct portmap_request request;

	(void)state;
	refute(NOBODY, NOBODY, 2000);
	refute(NOBODY, PORTMAP_PCP, 2000);
	refute(PORTMAP_PCP, PORTMAP_NATPMP, 2000);
	refute(PORTMAP_PCP, PORTMAP_PCP, 999);
	map();
	assert_int_equal(result().protocol, PORTMAP_PCP);
	assert_int_equal(result().until_ms, 2000 + 7200000);
	/* Nothing is due before half of its time, and then it is a renewal. */
	assert_int_equal(holds_next_ms(&holds, PORTMAP_PCP, PORTMAP_PCP), 2000 + 3600000);
	refute(PORTMAP_PCP, PORTMAP_PCP, 2000 + 3599999);
	request = ask(PORTMAP_PCP, PORTMAP_PCP, 2000 + 3600000);
	assert_true(request.is_renewal);
	assert_int_equal(request.lifetime_s, PORTMAP_LIFETIME_S);
	/* What is on its way is not asked again. */
	refute(PORTMAP_PCP, PORTMAP_PCP, 2000 + 7200000);
}

/* A router that does not answer renewals: further ones at 3/4 and 7/8, and at the end it is asked for as new. */
static void test_unanswered_renewals(void **state)
{
	__u64 now = 2000, before = 0;
	unsigned int tries = 0;

	(void)state;
	map();
	for (;;) {
		struct portmap_request request;

		before = now;
		now = holds_next_ms(&holds, PORTMAP_PCP, PORTMAP_PCP);
		assert_true(tries == 0 || now - before >= 4000);
		request = ask(PORTMAP_PCP, PORTMAP_PCP, now);
		if (!request.is_renewal)
			break;
		tries++;
		assert_int_equal(result().state, PORTMAP_STATE_MAPPED);
		assert_true(reply(&request, PORTMAP_PCP, PORTMAP_NO_ANSWER, 0, now + 4000));
	}
	assert_in_range(tries, 7, 10);
	assert_int_equal(result().state, PORTMAP_STATE_ASKING);
	assert_true(now <= 2000 + 7200000);
}

static void test_refused(void **state)
{
	struct portmap_request request = ask(PORTMAP_PCP, PORTMAP_PCP, 2000);

	(void)state;
	assert_false(reply(&request, PORTMAP_PCP, PORTMAP_REFUSED, 0, 2000));
	assert_int_equal(result().state, PORTMAP_STATE_REFUSED);
	assert_int_equal(result().protocol, PORTMAP_PCP);
	assert_string_equal(result().words, "so it is");
	assert_int_equal(holds_next_ms(&holds, PORTMAP_PCP, PORTMAP_PCP), 62000);
}

static void test_taken(void **state)
{
	struct portmap_request request = ask(PORTMAP_IGD, PORTMAP_IGD, 2000);

	(void)state;
	reply(&request, PORTMAP_IGD, PORTMAP_TAKEN, 0, 2000);
	assert_int_equal(result().state, PORTMAP_STATE_CONFLICT);
	assert_int_equal(holds_next_ms(&holds, PORTMAP_IGD, PORTMAP_IGD), 122000);
}

/* Another external port is given back at once, and reported; it is not held on to. */
static void test_other_port(void **state)
{
	struct portmap_request request = ask(PORTMAP_NATPMP, PORTMAP_NATPMP, 2000);

	(void)state;
	reply(&request, PORTMAP_NATPMP, PORTMAP_GRANTED, 444, 2000);
	assert_int_equal(result().state, PORTMAP_STATE_OTHER_PORT);
	assert_int_equal(result().other_port, 444);
	request = ask(PORTMAP_NATPMP, PORTMAP_NATPMP, 2000);
	assert_int_equal(request.lifetime_s, 0);
	reply(&request, PORTMAP_NATPMP, PORTMAP_GRANTED, 0, 2100);
	assert_int_equal(result().state, PORTMAP_STATE_OTHER_PORT);
	assert_int_equal(holds_next_ms(&holds, PORTMAP_NATPMP, PORTMAP_NATPMP), 122100);
	/* Asked again later, it may be had. */
	request = ask(PORTMAP_NATPMP, PORTMAP_NATPMP, 122100);
	reply(&request, PORTMAP_NATPMP, PORTMAP_GRANTED, 443, 122100);
	assert_int_equal(result().state, PORTMAP_STATE_MAPPED);
}

/* Without PREFER_FAILURE where the router does not know it, once. */
static void test_inexact(void **state)
{
	struct portmap_request request = ask(PORTMAP_PCP, PORTMAP_PCP, 2000);

	(void)state;
	assert_true(request.is_exact);
	reply(&request, PORTMAP_PCP, PORTMAP_INEXACT, 0, 2000);
	request = ask(PORTMAP_PCP, PORTMAP_PCP, 2000);
	assert_false(request.is_exact);
	reply(&request, PORTMAP_PCP, PORTMAP_INEXACT, 0, 2000);
	assert_int_equal(result().state, PORTMAP_STATE_REFUSED);
}

/* What is no longer wanted goes back by whoever made it, also when another one is chosen now. */
static void test_given_back(void **state)
{
	struct portmap_request request;

	(void)state;
	map();
	holds_set(&holds, NULL, 0, 3000);
	assert_int_equal(holds_left(&holds), 1);
	refute(PORTMAP_IGD, PORTMAP_IGD, 3000);
	request = ask(PORTMAP_IGD, PORTMAP_PCP, 3000);
	assert_int_equal(request.lifetime_s, 0);
	assert_int_equal(holds_left(&holds), 1);
	reply(&request, PORTMAP_PCP, PORTMAP_GRANTED, 0, 3000);
	assert_int_equal(holds_left(&holds), 0);
	assert_int_equal(holds.n, 0);
}

/* Nobody answers: it is not waited for for ever. */
static void test_given_back_in_vain(void **state)
{
	struct portmap_request request;

	(void)state;
	map();
	holds_set(&holds, NULL, 0, 3000);
	request = ask(PORTMAP_PCP, PORTMAP_PCP, 3000);
	reply(&request, PORTMAP_PCP, PORTMAP_NO_ANSWER, 0, 3000);
	assert_int_equal(holds.n, 0);
}

/* The answer to a request comes when the forward is not wanted any more: what was granted goes back. */
static void test_unwanted_meanwhile(void **state)
{
	struct portmap_request request = ask(PORTMAP_PCP, PORTMAP_PCP, 2000);

	(void)state;
	holds_set(&holds, NULL, 0, 2050);
	assert_int_equal(holds_left(&holds), 1);
	reply(&request, PORTMAP_PCP, PORTMAP_GRANTED, 443, 2100);
	request = ask(PORTMAP_PCP, PORTMAP_PCP, 2100);
	assert_int_equal(request.lifetime_s, 0);
	/* And wanted again before that is answered. */
	holds_set(&holds, &request.forward, 1, 2150);
	assert_int_equal(holds_left(&holds), 0);
	reply(&request, PORTMAP_PCP, PORTMAP_GRANTED, 0, 2200);
	request = ask(PORTMAP_PCP, PORTMAP_PCP, 2200);
	assert_int_equal(request.lifetime_s, PORTMAP_LIFETIME_S);
}

/* A reload asks for the difference and nothing else. */
static void test_difference(void **state)
{
	const struct portmap_forward both[] = {forward_make(443), forward_make(80)};
	struct portmap_request request;

	(void)state;
	map();
	holds_set(&holds, both, 2, 3000);
	request = ask(PORTMAP_PCP, PORTMAP_PCP, 3000);
	assert_int_equal(request.forward.external_port, 80);
	refute(PORTMAP_PCP, PORTMAP_PCP, 3000);
}

static void test_lost(void **state)
{
	struct portmap_request request;

	(void)state;
	map();
	holds_lost(&holds, PORTMAP_NATPMP, 3000);
	assert_int_equal(result().state, PORTMAP_STATE_MAPPED);
	holds_lost(&holds, PORTMAP_PCP, 3000);
	assert_int_equal(result().state, PORTMAP_STATE_ASKING);
	request = ask(PORTMAP_PCP, PORTMAP_PCP, 3000);
	assert_false(request.is_renewal);
	/* Another network: nobody says what came of that, and it is asked there. */
	holds_lost(&holds, NOBODY, 4000);
	ask(PORTMAP_PCP, PORTMAP_PCP, 4000);
}

static void test_unanswered(void **state)
{
	(void)state;
	holds_unanswered(&holds);
	assert_int_equal(result().state, PORTMAP_STATE_UNANSWERED);
	holds_again(&holds, 1500);
	assert_int_equal(result().state, PORTMAP_STATE_ASKING);
	map();
	holds_unanswered(&holds);
	assert_int_equal(result().state, PORTMAP_STATE_UNANSWERED);
	/* Why it was refused stays said. */
	world_make(NULL);
	test_refused(NULL);
	holds_unanswered(&holds);
	assert_int_equal(result().state, PORTMAP_STATE_REFUSED);
}

/* What UPnP made and its list does not have (any more) is asked for anew. */
static void test_compare(void **state)
{
	struct ip_addr own = ip_addr_from_v4(htonl(0xc0a80b03));
	struct ip_addr other = ip_addr_from_v4(htonl(0xc0a80b09));
	struct portmap_entry entry = {IPPROTO_TCP, 443, 443, own, 7000, ""};
	struct portmap_request request = ask(PORTMAP_IGD, PORTMAP_IGD, 2000);

	(void)state;
	reply(&request, PORTMAP_IGD, PORTMAP_GRANTED, 443, 2000);
	holds_compare(&holds, &entry, 1, &own, 3000);
	assert_int_equal(result().state, PORTMAP_STATE_MAPPED);
	holds_compare(&holds, &entry, 1, &other, 3000);
	assert_int_equal(result().state, PORTMAP_STATE_ASKING);
	ask(PORTMAP_IGD, PORTMAP_IGD, 3000);
}

/* Answers to what was not asked, or of one that is gone, change nothing. */
static void test_stale(void **state)
{
	struct portmap_request request = {.token = 99};

	(void)state;
	reply(&request, PORTMAP_PCP, PORTMAP_GRANTED, 443, 2000);
	request.token = 1;
	reply(&request, PORTMAP_PCP, PORTMAP_GRANTED, 443, 2000);
	assert_int_equal(result().state, PORTMAP_STATE_ASKING);
	assert_int_equal(holds_left(&holds), 0);
}

/* As many as there may be, wanted and given back at once. */
static void test_full(void **state)
{
	static struct portmap_forward first[LIMIT_UPSTREAM_FORWARDS], next[LIMIT_UPSTREAM_FORWARDS];

	(void)state;
	for (__u16 i = 0; i < LIMIT_UPSTREAM_FORWARDS; i++) {
		first[i] = forward_make((__u16)(1000 + i));
		next[i] = forward_make((__u16)(3000 + i));
	}
	holds_set(&holds, first, LIMIT_UPSTREAM_FORWARDS, 1000);
	assert_int_equal(holds.n, LIMIT_UPSTREAM_FORWARDS);
	for (size_t i = 0; i < LIMIT_UPSTREAM_FORWARDS; i++) {
		struct portmap_request request = ask(PORTMAP_PCP, PORTMAP_PCP, 2000);

		reply(&request, PORTMAP_PCP, PORTMAP_GRANTED, request.forward.external_port, 2000);
	}
	holds_set(&holds, next, LIMIT_UPSTREAM_FORWARDS, 3000);
	assert_int_equal(holds.n, HOLDS_MAX);
	assert_int_equal(holds_left(&holds), LIMIT_UPSTREAM_FORWARDS);
	/* A third set finds no place until something has gone back. */
	holds_set(&holds, first, 1, 3000);
	assert_int_equal(holds_left(&holds), LIMIT_UPSTREAM_FORWARDS - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_mapped, world_make),
		cmocka_unit_test_setup(test_unanswered_renewals, world_make),
		cmocka_unit_test_setup(test_refused, world_make),
		cmocka_unit_test_setup(test_taken, world_make),
		cmocka_unit_test_setup(test_other_port, world_make),
		cmocka_unit_test_setup(test_inexact, world_make),
		cmocka_unit_test_setup(test_given_back, world_make),
		cmocka_unit_test_setup(test_given_back_in_vain, world_make),
		cmocka_unit_test_setup(test_unwanted_meanwhile, world_make),
		cmocka_unit_test_setup(test_difference, world_make),
		cmocka_unit_test_setup(test_lost, world_make),
		cmocka_unit_test_setup(test_unanswered, world_make),
		cmocka_unit_test_setup(test_compare, world_make),
		cmocka_unit_test_setup(test_stale, world_make),
		cmocka_unit_test_setup(test_full, world_make),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
