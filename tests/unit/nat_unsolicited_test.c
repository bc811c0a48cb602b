// SPDX-License-Identifier: GPL-2.0-or-later
/* Unsolicited SYNs: to the second, when there is silence and when an answer (RFC 5382 REQ-4). */
/* Requirements: 24, 26, 27. */
#include "native/traffic.h"

#include "nat/host.h"

/* The SYN of a stranger, @after seconds after the first one. */
static int knock(struct nat_ctx *c, __u32 after_s)
{
	return run_in(c, TCP, REMOTE(8), 443, NOW_S + after_s);
}

static const struct {
	__u32 after_s;
	int action;
} times[] = {
	{0, NAT_DROP},	 {3, NAT_DROP},	    {6, NAT_DROP},   {7, NAT_REFUSE},
	{8, NAT_REFUSE}, {127, NAT_REFUSE}, {128, NAT_DROP}, {100000, NAT_DROP},
};

/* @after counts in seconds that are cut off: 6 may be five and a bit, which is too soon. */
static void test_second_syn(void **state)
{
	struct nat_world *world = *state;

	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		struct nat_ctx c = {0};

		nat_table_clear(&world->notes);
		assert_int_equal(knock(&c, 0), NAT_DROP);
		assert_int_equal(knock(&c, times[i].after_s), times[i].action);
		assert_int_equal(c.reason, HP_DROP_CLOSED);
		if (times[i].action == NAT_DROP)
			continue;
		assert_int_equal(c.say_type, 3);
		assert_int_equal(c.say_code, 3);
		assert_int_equal(world->notes.n, 0);
	}
	assert_int_equal(world_active(world), 0);
}

/* Repetitions do not put the answer off: it counts from the first. */
static void test_from_the_first(void **state)
{
	struct nat_ctx c = {0};

	(void)state;
	for (__u32 after_s = 0; after_s <= 6; after_s++)
		assert_int_equal(knock(&c, after_s), NAT_DROP);
	assert_int_equal(knock(&c, 7), NAT_REFUSE);
	/* And the next one is a first again. */
	assert_int_equal(knock(&c, 8), NAT_DROP);
	assert_int_equal(knock(&c, 14), NAT_DROP);
	assert_int_equal(knock(&c, 15), NAT_REFUSE);
}

/* Too late to be a repetition: it is noted as the first. */
static void test_too_late(void **state)
{
	struct nat_ctx c = {0};

	(void)state;
	knock(&c, 0);
	assert_int_equal(knock(&c, 1000), NAT_DROP);
	assert_int_equal(knock(&c, 1006), NAT_DROP);
	assert_int_equal(knock(&c, 1007), NAT_REFUSE);
}

/* Another CPU, whose second is already the next, noted it. */
static void test_noted_later(void **state)
{
	struct nat_ctx c = {0};

	(void)state;
	knock(&c, 1);
	assert_int_equal(knock(&c, 0), NAT_DROP);
	assert_int_equal(knock(&c, 7), NAT_DROP);
	assert_int_equal(knock(&c, 8), NAT_REFUSE);
}

static void test_silent(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	world->settings[0].silent = 1;
	assert_int_equal(knock(&c, 0), NAT_DROP);
	assert_int_equal(knock(&c, 7), NAT_DROP);
	assert_int_equal(world->notes.n, 0);
}

/* Only what opens a connection is noted. */
static void test_other_segments(void **state)
{
	static const __u8 flags[] = {ACK, SYN_ACK, RST, RST | SYN, 0x11, 0x00};
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		const struct packet p = {TCP, flags[i], REMOTE(8), PUBLIC, 443, 5000};

		assert_int_equal(run(&c, &p, NOW_S), NAT_DROP);
		assert_int_equal(run(&c, &p, NOW_S + 7), NAT_DROP);
	}
	run_in(&c, UDP, REMOTE(8), 443, NOW_S);
	assert_int_equal(run_in(&c, UDP, REMOTE(8), 443, NOW_S + 7), NAT_DROP);
	assert_int_equal(world->notes.n, 0);
}

/* The mapping of another flow is on the port, and its filtering turns the SYN away. */
static void test_filtered(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	run_out(&c, TCP, REMOTE(7), 443, NOW_S);
	assert_int_equal(knock(&c, 0), NAT_DROP);
	assert_int_equal(c.reason, HP_DROP_FILTERED);
	assert_int_equal(knock(&c, 7), NAT_REFUSE);
	assert_int_equal(c.reason, HP_DROP_FILTERED);
	assert_int_equal(world_active(world), 1);
}

/* The host's own SYN passes meanwhile: no answer any more, and the next SYN from outside comes in. */
static void test_forgotten(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	knock(&c, 0);
	assert_int_equal(world->notes.n, 1);
	assert_int_equal(run_out(&c, TCP, REMOTE(8), 443, NOW_S + 1), NAT_SEND);
	assert_int_equal(world->notes.n, 0);
	assert_int_equal(knock(&c, 7), NAT_SEND);
	assert_int_equal(c.reason, HP_SENT_INCOMING);
	assert_int_equal(c.out.daddr, HOST);
	assert_int_equal(nat_word_tcp(world->sessions[0].word), HP_TCP_SYN_ACK);
}

/* Only a SYN to that very remote, from that very endpoint. */
static void test_remembered(void **state)
{
	const struct packet others[] = {
		{TCP, SYN, HOST, REMOTE(8), 5000, 444},
		{TCP, SYN, HOST, REMOTE(9), 5000, 443},
		{TCP, SYN, HOST, REMOTE(8), 5001, 443},
		{UDP, 0, HOST, REMOTE(8), 5000, 443},
	};
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	knock(&c, 0);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_int_equal(run(&c, &others[i], NOW_S), NAT_SEND);
	assert_int_equal(world->notes.n, 1);
}

/* Connections of the gateway itself open simultaneously like those of a host. */
static void test_gateway(void **state)
{
	const struct world_tuple tuple = {PUBLIC, REMOTE(8), 5000, 443};
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	knock(&c, 0);
	world_begin(&c, WORLD_WAN, HP_SIDE_HOST, NOW_S);
	world_packet(&c, TCP, &tuple);
	c.in.tcp_flags = SYN;
	assert_int_equal(nat_host(NULL, &c), NAT_PASS);
	assert_int_equal(world->notes.n, 0);
	assert_int_equal(knock(&c, 7), NAT_PASS);
}

/* Notes never grow beyond their table, and a new one is always taken. */
static void test_flood(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	for (__u16 port = 1; port < 100; port++)
		assert_int_equal(run_in(&c, TCP, REMOTE(8), port, NOW_S), NAT_DROP);
	assert_int_equal(world->notes.n, world->notes.max_entries);
	assert_int_equal(run_in(&c, TCP, REMOTE(8), 99, NOW_S + 7), NAT_REFUSE);
	assert_int_equal(world_active(world), 0);
}

/* A forward for others: a datagram is answered at once, a SYN as any other. */
static void test_not_allowed(void **state)
{
	struct nat_world *world = *state;
	struct hp_rule_key key = {.kind = HP_RULE_EXTERNAL, .port = htons(5000)};
	struct nat_ctx c = {0};

	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		world_forward(world, 0, &(struct world_forward){protocols[i], 5000, HOST, 5000, 0});
		key.proto = protocols[i];
		((struct hp_rule *)nat_table_find(&world->rules[0], &key))->allow = 7;
	}
	assert_int_equal(run_in(&c, UDP, REMOTE(8), 443, NOW_S), NAT_REFUSE);
	assert_int_equal(c.reason, HP_DROP_NOT_ALLOWED);
	assert_int_equal(c.say_code, 3);
	assert_int_equal(knock(&c, 0), NAT_DROP);
	assert_int_equal(c.reason, HP_DROP_NOT_ALLOWED);
	assert_int_equal(knock(&c, 7), NAT_REFUSE);
	world->settings[0].silent = 1;
	assert_int_equal(run_in(&c, UDP, REMOTE(8), 443, NOW_S), NAT_DROP);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_second_syn),	TEST(test_from_the_first), TEST(test_too_late),
		TEST(test_noted_later), TEST(test_silent),	   TEST(test_other_segments),
		TEST(test_filtered),	TEST(test_forgotten),	   TEST(test_remembered),
		TEST(test_gateway),	TEST(test_flood),	   TEST(test_not_allowed),
	};

	return cmocka_run_group_tests_name("nat unsolicited", tests, NULL, NULL);
}
