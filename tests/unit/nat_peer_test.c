// SPDX-License-Identifier: GPL-2.0-or-later
/* The remote addresses that a mapping's host has spoken to: what keeps them, what ends them, and what another CPU may do in between. */
/* Requirements: 10, 25, 65. */
#include "native/traffic.h"

/* As long as one session speaks to the address, and no longer. */
static void test_peer_ends_with_its_sessions(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	set_filtering(world, UDP, HP_FILTER_ADDRESS_DEPENDENT);
	run_out(&c, UDP, REMOTE(7), 443, NOW_S);
	run_out(&c, UDP, REMOTE(7), 444, NOW_S);
	run_out(&c, UDP, REMOTE(8), 443, NOW_S);
	assert_int_equal(world_peers(world), 2);
	end(world, 0);
	expect_in(&c, UDP, REMOTE(7), 9, true);
	end(world, 1);
	expect_in(&c, UDP, REMOTE(7), 9, false);
	expect_in(&c, UDP, REMOTE(8), 9, true);
	end(world, 2);
	assert_int_equal(world_peers(world), 0);
}

/* A plan that begins to ask for addresses knows those that are being spoken to already. */
static void test_peers_of_a_new_plan(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	run_out(&c, UDP, REMOTE(7), 443, NOW_S);
	run_out(&c, TCP, REMOTE(7), 443, NOW_S);
	assert_int_equal(world_peers(world), 0);
	set_filtering(world, UDP, HP_FILTER_ADDRESS_DEPENDENT);
	assert_int_equal(audit(world, 0) && audit(world, 1), 1);
	assert_int_equal(world_peers(world), 1);
	expect_in(&c, UDP, REMOTE(7), 9, true);
	expect_in(&c, UDP, REMOTE(8), 9, false);
	/* Twice is once, and one that nobody asks for any more is given back by its session. */
	audit(world, 0);
	set_filtering(world, UDP, HP_FILTER_ENDPOINT_INDEPENDENT);
	run_out(&c, UDP, REMOTE(8), 443, NOW_S);
	assert_int_equal(world_peers(world), 1);
	end(world, 0);
	assert_int_equal(world_peers(world), 0);
}

/* No room for the peer: no session, and nothing of it stays. */
static void test_no_room_for_peers(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};
	size_t room = world->peers.max_entries;

	set_filtering(world, UDP, HP_FILTER_ADDRESS_DEPENDENT);
	world->peers.max_entries = world->n_peer_sets = 0;
	assert_int_equal(run_out(&c, UDP, REMOTE(7), 443, NOW_S), NAT_REFUSE);
	assert_int_equal(c.reason, HP_DROP_TABLE_FULL);
	world_check(world);
	assert_int_equal(world->mappings.n, 0);
	world->peers.max_entries = room;
}

static void note_the_same(struct nat_world *world)
{
	struct nat_ctx other = {0};

	(void)world;
	assert_int_equal(run_out(&other, UDP, REMOTE(7), 444, NOW_S), NAT_SEND);
}

/* Another CPU notes the same address first: both hold it. */
static void test_peer_made_twice(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	set_filtering(world, UDP, HP_FILTER_ADDRESS_DEPENDENT);
	world->n_peer_sets = 0;
	world->before_peer_add = note_the_same;
	assert_int_equal(run_out(&c, UDP, REMOTE(7), 443, NOW_S), NAT_SEND);
	assert_int_equal(world_active(world), 2);
	assert_int_equal(world_peers(world), 1);
	world_check(world);
}

static void end_the_first(struct nat_world *world, __u64 *word)
{
	struct nat_ctx other = {0};

	(void)word;
	nat_session_end(&other, 0, world->sessions[0].word);
	run_out(&other, UDP, REMOTE(9), 443, NOW_S);
}

/* Between finding an entry and holding it, the entry goes, and its place in memory is another address's. */
static void test_peer_recycled(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	set_filtering(world, UDP, HP_FILTER_ADDRESS_DEPENDENT);
	world->n_peer_sets = 0;
	run_out(&c, UDP, REMOTE(7), 443, NOW_S);
	c.peer_key = (struct hp_peer_key){
		.ext_addr = PUBLIC, .remote = REMOTE(7), .ext_port = htons(5000), .proto = UDP};
	world->before_cas = end_the_first;
	assert_int_equal(nat_peer_get(&c), HP_DROP_RACE);
	assert_int_equal(world_peers(world), 1);
	world_check(world);
}

/* Answered, its initiator has been spoken to; unanswered, it has not. */
static void test_incoming_and_peers(void **state)
{
	struct nat_world *world = *state;
	const struct packet answer = {TCP, SYN_ACK, HOST, REMOTE(8), 5000, 443};
	struct nat_ctx c = {0};

	set_filtering(world, TCP, HP_FILTER_ENDPOINT_INDEPENDENT);
	world->settings[0].peers_tcp = 1;
	run_out(&c, TCP, REMOTE(7), 443, NOW_S);
	expect_in(&c, TCP, REMOTE(8), 443, true);
	expect_in(&c, TCP, REMOTE(9), 443, true);
	assert_int_equal(run(&c, &answer, NOW_S), NAT_SEND);
	world_check(world);
	set_filtering(world, TCP, HP_FILTER_ADDRESS_DEPENDENT);
	expect_in(&c, TCP, REMOTE(8), 444, true);
	expect_in(&c, TCP, REMOTE(9), 444, false);
	end(world, 1);
	expect_in(&c, TCP, REMOTE(8), 445, false);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_peer_ends_with_its_sessions),
		TEST(test_peers_of_a_new_plan),
		TEST(test_no_room_for_peers),
		TEST(test_peer_made_twice),
		TEST(test_peer_recycled),
		TEST(test_incoming_and_peers),
	};

	return cmocka_run_group_tests_name("nat peer", tests, NULL, NULL);
}
