// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Filtering of dynamic mappings: three kinds, two protocols, three sources; connections from outside; what refreshes and what does not.
 */
/* Requirements: 8, 10, 14, 23, 25, 54, 55, 56, 65. */
#include "native/traffic.h"

/* --- the table ---------------------------------------------------------------------------------- */

static const struct {
	__u8 filtering;
	bool same_address, stranger; /* let in? The endpoint that was spoken to always is. */
} kinds[] = {
	{HP_FILTER_ENDPOINT_INDEPENDENT, true, true},
	{HP_FILTER_ADDRESS_DEPENDENT, true, false},
	{HP_FILTER_ADDRESS_AND_PORT_DEPENDENT, false, false},
};

static void test_kinds(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	for (size_t i = 0; i < 2 * ARRAY_SIZE(kinds); i++) {
		__u8 proto = protocols[i % 2];

		set_filtering(world, proto, kinds[i / 2].filtering);
		assert_int_equal(run_out(&c, proto, REMOTE(7), 443, NOW_S), NAT_SEND);
		assert_int_equal(c.out.sport, htons(5000));
		expect_in(&c, proto, REMOTE(7), 443, true);
		expect_in(&c, proto, REMOTE(7), 9999, kinds[i / 2].same_address);
		expect_in(&c, proto, REMOTE(8), 443, kinds[i / 2].stranger);
		world_check(world);
		for (__u32 j = 0; j < world->n_sessions; j++) {
			if (nat_word_life(world->sessions[j].word) == HP_LIFE_ACTIVE)
				end(world, j);
		}
		assert_int_equal(world->mappings.n + world_bound(world) + world_peers(world), 0);
	}
}

/* Outsiders fill no table: however many send, there is the one session of the host's own. */
static void test_datagrams_leave_nothing(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	set_filtering(world, UDP, HP_FILTER_ENDPOINT_INDEPENDENT);
	run_out(&c, UDP, REMOTE(7), 443, NOW_S);
	for (__u16 port = 1; port < 500; port++)
		expect_in(&c, UDP, REMOTE(8), port, true);
	assert_int_equal(world_active(world), 1);
	assert_int_equal(world->flows4.n, 2);
	assert_int_equal(world->sessions[0].last_seen_s, NOW_S);
	world_check(world);
	/* The answer is the host's own, out of the same endpoint. */
	assert_int_equal(run_out(&c, UDP, REMOTE(8), 80, NOW_S), NAT_SEND);
	assert_int_equal(c.out.saddr, PUBLIC);
	assert_int_equal(c.out.sport, htons(5000));
	assert_int_equal(world->mappings.n, 1);
}

static void test_host_of_its_own(void **state)
{
	struct nat_world *world = *state;
	const struct packet other = {UDP, 0, LAN_HOST(31), REMOTE(7), 5001, 443};
	const struct packet to_other = {UDP, 0, REMOTE(8), PUBLIC, 443, 5001};
	struct nat_ctx c = {0};

	world_filter(world, 0, UDP, HOST, HP_FILTER_ENDPOINT_INDEPENDENT);
	run_out(&c, UDP, REMOTE(7), 443, NOW_S);
	run_out(&c, TCP, REMOTE(7), 443, NOW_S);
	run(&c, &other, NOW_S);
	expect_in(&c, UDP, REMOTE(8), 443, true);
	/* Neither the other protocol nor another host. */
	expect_in(&c, TCP, REMOTE(8), 443, false);
	assert_int_equal(run(&c, &to_other, NOW_S), NAT_DROP);
	assert_int_equal(c.reason, HP_DROP_FILTERED);
}

/* A port that rests is nobody's, and a binding that is just being given away is asked again by the next packet. */
static void test_binding_of_nobody(void **state)
{
	struct nat_world *world = *state;
	struct hp_binding_key key = {.addr = PUBLIC, .port = htons(5000), .proto = UDP};
	struct hp_binding *binding;
	struct nat_ctx c = {0};
	__u64 word;

	set_filtering(world, UDP, HP_FILTER_ENDPOINT_INDEPENDENT);
	run_out(&c, UDP, REMOTE(7), 443, NOW_S);
	binding = nat_env_binding(&key);
	assert_non_null(binding);
	word = binding->word;
	binding->word |= (__u64)NOW_S << HP_BINDING_FREED_SHIFT;
	assert_int_equal(run_in(&c, UDP, REMOTE(8), 443, NOW_S), NAT_DROP);
	assert_int_equal(c.reason, HP_DROP_CLOSED);
	binding->word = word;
	/* Its mapping is somebody's who has another endpoint outside. */
	nat_env_mapping(&binding->mapping)->ext_port = htons(5001);
	assert_int_equal(run_in(&c, UDP, REMOTE(8), 443, NOW_S), NAT_DROP);
	assert_int_equal(c.reason, HP_DROP_RACE);
	nat_env_mapping(&binding->mapping)->ext_port = htons(5000);
	nat_env_mapping(&binding->mapping)->word |= HP_MAPPING_DYING;
	assert_int_equal(run_in(&c, UDP, REMOTE(8), 443, NOW_S), NAT_DROP);
	assert_int_equal(c.reason, HP_DROP_RACE);
}

/* --- connections from outside ------------------------------------------------------------------------- */

/* It holds the mapping that it came by, also when the flow that made it is over. */
static void test_incoming_holds_its_mapping(void **state)
{
	struct nat_world *world = *state;
	const struct packet other = {TCP, SYN, LAN_HOST(31), REMOTE(7), 5000, 443};
	struct nat_ctx c = {0};

	set_filtering(world, TCP, HP_FILTER_ENDPOINT_INDEPENDENT);
	run_out(&c, TCP, REMOTE(7), 443, NOW_S);
	expect_in(&c, TCP, REMOTE(8), 443, true);
	assert_int_equal(world->sessions[1].kind, HP_KIND_INCOMING);
	end(world, 0);
	assert_int_equal(run(&c, &other, NOW_S), NAT_SEND);
	assert_int_not_equal(c.out.sport, htons(5000));
	world_check(world);
	end(world, 1);
	assert_int_equal(run_in(&c, TCP, REMOTE(8), 443, NOW_S), NAT_DROP);
	assert_int_equal(c.reason, HP_DROP_CLOSED);
	assert_int_equal(world->mappings.n, 1);
}

/* A stricter plan ends what nobody inside has answered, a declared port ends all of them. */
static void test_audit_of_incoming(void **state)
{
	struct nat_world *world = *state;
	const struct packet answer = {TCP, SYN_ACK, HOST, REMOTE(8), 5000, 443};
	struct nat_ctx c = {0};

	set_filtering(world, TCP, HP_FILTER_ENDPOINT_INDEPENDENT);
	run_out(&c, TCP, REMOTE(7), 443, NOW_S);
	expect_in(&c, TCP, REMOTE(8), 443, true);
	expect_in(&c, TCP, REMOTE(9), 443, true);
	expect_in(&c, TCP, REMOTE(7), 9, true);
	run(&c, &answer, NOW_S);
	assert_true(audit(world, 1) && audit(world, 2) && audit(world, 3));
	set_filtering(world, TCP, HP_FILTER_ADDRESS_DEPENDENT);
	assert_true(audit(world, 0) && audit(world, 1) && !audit(world, 2) && audit(world, 3));
	set_filtering(world, TCP, HP_FILTER_ADDRESS_AND_PORT_DEPENDENT);
	assert_true(audit(world, 1) && !audit(world, 2) && !audit(world, 3));
	world_forward(world, 0, &(struct world_forward){TCP, 5000, HOST, 5000, 0});
	assert_false(audit(world, 1));
}

/* --- what refreshes ------------------------------------------------------------------------------------ */

static void test_refresh(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		__u8 proto = protocols[i];
		const __u32 *seen = &world->sessions[i].last_seen_s;

		set_filtering(world, proto, HP_FILTER_ADDRESS_DEPENDENT);
		run_out(&c, proto, REMOTE(7), 443, NOW_S);
		/* Turned away: as if it had never come. */
		assert_int_equal(run_in(&c, proto, REMOTE(8), 443, NOW_S + 50), NAT_DROP);
		assert_int_equal(*seen, NOW_S);
		run_out(&c, proto, REMOTE(7), 443, NOW_S + 60);
		assert_int_equal(*seen, NOW_S + 60);
		run_in(&c, proto, REMOTE(7), 443, NOW_S + 70);
		assert_int_equal(*seen, NOW_S + 70);
	}
}

/* The host's connection to its server, established, with nothing under way. */
static void establish(struct nat_ctx *c)
{
	const struct packet syn = {TCP, SYN, HOST, REMOTE(7), 5000, 443, 1000, 0};
	const struct packet answer = {TCP, SYN_ACK, REMOTE(7), PUBLIC, 443, 5000, 7000, 1001};
	const struct packet ack = {TCP, ACK, HOST, REMOTE(7), 5000, 443, 1001, 7001};

	assert_int_equal(run(c, &syn, NOW_S), NAT_SEND);
	assert_int_equal(run(c, &answer, NOW_S), NAT_SEND);
	assert_int_equal(run(c, &ack, NOW_S), NAT_SEND);
}

static void run_reset(struct nat_ctx *c, __u32 now_s)
{
	const struct packet reset = {TCP, RST, HOST, REMOTE(7), 5000, 443, 1001, 0};

	assert_int_equal(run(c, &reset, now_s), NAT_SEND);
}

/* A host that answers what comes in with resets keeps nothing alive: a connection from outside that it refuses, ... */
static void test_reset_of_the_refused(void **state)
{
	struct nat_world *world = *state;
	const struct packet syn = {TCP, SYN, REMOTE(8), PUBLIC, 443, 5000, 1000, 0};
	const struct packet reset = {TCP, RST | ACK, HOST, REMOTE(8), 5000, 443, 0, 1001};
	struct nat_ctx c = {0};

	set_filtering(world, TCP, HP_FILTER_ENDPOINT_INDEPENDENT);
	run_out(&c, TCP, REMOTE(7), 443, NOW_S);
	assert_int_equal(run(&c, &syn, NOW_S), NAT_SEND);
	assert_int_equal(run(&c, &reset, NOW_S + 100), NAT_SEND);
	assert_int_equal(nat_word_tcp(world->sessions[1].word), HP_TCP_CLOSED);
	assert_int_equal(world->sessions[1].last_seen_s, NOW_S);
	assert_int_equal(run(&c, &reset, NOW_S + 200), NAT_SEND);
	assert_int_equal(world->sessions[1].last_seen_s, NOW_S);
	assert_int_equal(world->sessions[0].last_seen_s, NOW_S);
}

/* ... or an established one, which has its transitory time from the first reset on, but no more than it had left. */
static void test_reset_of_the_established(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	establish(&c);
	run_reset(&c, NOW_S + 1000);
	assert_int_equal(nat_word_tcp(world->sessions[0].word), HP_TCP_RESET);
	assert_int_equal(world->sessions[0].last_seen_s, NOW_S + 1000);
	run_reset(&c, NOW_S + 1100);
	assert_int_equal(world->sessions[0].last_seen_s, NOW_S + 1000);
	end(world, 0);
	establish(&c);
	run_reset(&c, NOW_S + 7439);
	assert_int_equal(world->sessions[1].last_seen_s, NOW_S + 7440 - 240);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_kinds),
		TEST(test_datagrams_leave_nothing),
		TEST(test_host_of_its_own),
		TEST(test_binding_of_nobody),
		TEST(test_incoming_holds_its_mapping),
		TEST(test_audit_of_incoming),
		TEST(test_refresh),
		TEST(test_reset_of_the_refused),
		TEST(test_reset_of_the_established),
	};

	return cmocka_run_group_tests_name("nat filter", tests, NULL, NULL);
}
