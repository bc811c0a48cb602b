// SPDX-License-Identifier: GPL-2.0-or-later
/* Sessions: made, found, ended; what is left when something fails on the way, and what another CPU may do in between. */
/* Requirements: 11. */
#include "cleanup.h"
#include "native/world.h"

#include "nat/audit.h"
#include "nat/lan.h"
#include "nat/wan.h"

#define UDP 17
#define NOW_S 1000

/* A UDP packet that a LAN host sends, through the core. Its action. */
static int run_lan(struct nat_ctx *c, const struct world_tuple *tuple, __u32 now_s)
{
	world_begin(c, WORLD_LAN, HP_SIDE_LAN, now_s);
	world_packet(c, UDP, tuple);
	return nat_lan(NULL, c);
}

/* The same to one and the same server in the internet. */
static int run_out(struct nat_ctx *c, __be32 host, __u16 port, __u32 now_s)
{
	const struct world_tuple tuple = {host, REMOTE(7), port, 53};

	return run_lan(c, &tuple, now_s);
}

/* A UDP packet from the internet to a port of ours. */
static int run_in(struct nat_ctx *c, __be32 to, __u16 port, __u32 now_s)
{
	const struct world_tuple tuple = {REMOTE(7), to, 53, port};

	world_begin(c, WORLD_WAN, HP_SIDE_WAN, now_s);
	world_packet(c, UDP, &tuple);
	return nat_wan(NULL, c);
}

/* Whether the plan in force admits the session. */
static int admits(struct nat_world *world, __u32 index)
{
	struct nat_ctx c = {0};

	world_begin(&c, 0, 0, NOW_S);
	return nat_audit(&c, &world->sessions[index]);
}

static void end_all(struct nat_world *world)
{
	struct nat_ctx other = {0};

	for (__u32 i = 0; i < world->n_sessions; i++) {
		if (nat_word_life(world->sessions[i].word) == HP_LIFE_ACTIVE)
			nat_session_end(&other, i, world->sessions[i].word);
	}
}

static void test_made_and_found(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	assert_int_equal(run_out(&c, LAN_HOST(30), 40000, NOW_S), NAT_SEND);
	assert_int_equal(c.reason, HP_SENT_OUTGOING);
	assert_int_equal(c.to_wan, 1);
	assert_int_equal(c.out.saddr, PUBLIC);
	assert_int_equal(c.out.sport, htons(40000));
	assert_int_equal(world_active(world), 1);
	world_check(world);

	assert_int_equal(run_in(&c, PUBLIC, 40000, NOW_S + 5), NAT_SEND);
	assert_int_equal(c.reason, HP_SENT_INCOMING);
	assert_int_equal(c.to_wan, 0);
	assert_int_equal(c.out.daddr, LAN_HOST(30));
	assert_int_equal(c.out.dport, htons(40000));
	assert_int_equal(world->sessions[0].last_seen_s, NOW_S + 5);
	assert_int_equal(world->sessions[0].created_s, NOW_S);
	world_check(world);
}

/* The generation of an index that is used again is another one, and the free list hands out what rested longest. */
static void test_index_rests(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};
	__u32 generation;

	for (unsigned int round = 0; round < 3; round++) {
		run_out(&c, LAN_HOST(30), 40000, NOW_S);
		assert_int_equal(c.ref.index, round);
		assert_int_equal(nat_session_end(&c, round, world->sessions[round].word), 1);
		assert_int_equal(world_active(world), 0);
		world_check(world);
	}
	generation = (__u32)world->sessions[0].word;
	for (unsigned int round = 3; round <= world->n_sessions; round++) {
		run_out(&c, LAN_HOST(30), 40000, NOW_S);
		nat_session_end(&c, c.ref.index, world->sessions[c.ref.index].word);
	}
	assert_int_equal(c.ref.index, 0);
	assert_int_not_equal((__u32)world->sessions[0].word, generation);
	assert_int_equal(nat_generation_next(0xffffffff), 1);
}

/* Who saw an older word has not won. */
static void test_ended_once(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};
	__u64 word;

	run_out(&c, LAN_HOST(30), 40000, NOW_S);
	word = world->sessions[0].word;
	assert_int_equal(nat_session_end(&c, 0, word ^ 1), 0);
	assert_int_equal(nat_session_end(&c, 0, word), 1);
	assert_int_equal(nat_session_end(&c, 0, word), 0);
	assert_int_equal(nat_session_end(&c, 99, word), 0);
	world_check(world);
}

/* A flow whose session was taken by another one is no flow. */
static void test_stale_flow(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};
	struct hp_flow_ref *ref;

	run_out(&c, LAN_HOST(30), 40000, NOW_S);
	ref = nat_env_flow4(&c.key4_reply);
	assert_non_null(ref);
	ref->generation++;
	assert_int_equal(run_in(&c, PUBLIC, 40000, NOW_S), NAT_DROP);
	ref = nat_env_flow4(&c.in.flow4);
	ref->generation--;
	assert_int_equal(run_in(&c, PUBLIC, 40000, NOW_S), NAT_SEND);
	ref->index = world->n_sessions;
	assert_int_equal(run_in(&c, PUBLIC, 40000, NOW_S), NAT_DROP);
	ref->index = 0;
	world_check(world);
}

static void test_table_full(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	for (__u32 i = 0; i < world->n_sessions; i++)
		assert_int_equal(run_out(&c, LAN_HOST(30 + i % 8), (__u16)(40000 + i), NOW_S),
				 NAT_SEND);
	assert_int_equal(run_out(&c, LAN_HOST(29), 50000, NOW_S), NAT_REFUSE);
	assert_int_equal(c.reason, HP_DROP_TABLE_FULL);
	assert_int_equal(c.say_code, NAT_SAY_PROHIBITED);
	world_check(world);
	/* Nothing kept of the refused one: its port is another host's to have, and need not rest. */
	nat_session_end(&c, 5, world->sessions[5].word);
	assert_int_equal(run_out(&c, LAN_HOST(28), 50000, NOW_S), NAT_SEND);
	assert_int_equal(c.out.sport, htons(50000));
	world_check(world);
}

/* No room for the second flow: the first one goes, too. */
static void test_flow_table_full(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};
	size_t room = world->flows4.max_entries;

	world->flows4.max_entries = 3;
	assert_int_equal(run_out(&c, LAN_HOST(30), 40000, NOW_S), NAT_SEND);
	assert_int_equal(run_out(&c, LAN_HOST(31), 41000, NOW_S), NAT_REFUSE);
	assert_int_equal(c.reason, HP_DROP_TABLE_FULL);
	world_check(world);
	world->flows4.max_entries = room;
}

static void test_clash(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	world_forward(world, 0, &(struct world_forward){UDP, 6000, LAN_HOST(20), 6000, 0});
	assert_int_equal(run_in(&c, PUBLIC, 6000, NOW_S), NAT_SEND);
	assert_int_equal(run_in(&c, PUBLIC2, 6000, NOW_S), NAT_DROP);
	assert_int_equal(c.reason, HP_DROP_CLASH);
	world_check(world);
	/* Once the first one's time is up, its tuple is free, whether anybody swept or not. */
	assert_int_equal(run_in(&c, PUBLIC2, 6000, NOW_S + TIMEOUT_UDP_S), NAT_SEND);
	assert_int_equal(world_active(world), 1);
	world_check(world);
}

/* While a hairpinned flow lives, the external port that it came to stays its target's, whatever became of the flow that made it. */
static void test_hairpin_keeps_its_target(void **state)
{
	struct nat_world *world = *state;
	const struct world_tuple loop = {LAN_HOST(30), PUBLIC, 41000, 5000};
	const struct world_tuple second = {LAN_HOST(32), PUBLIC, 42000, 5000};
	struct nat_ctx c = {0};

	assert_int_equal(run_out(&c, LAN_HOST(31), 5000, NOW_S), NAT_SEND);
	assert_int_equal(run_lan(&c, &loop, NOW_S), NAT_SEND);
	assert_int_equal(c.reason, HP_SENT_HAIRPIN);
	nat_session_end(&c, 0, world->sessions[0].word);
	world_check(world);
	assert_int_equal(admits(world, 1), 1);
	assert_int_equal(run_out(&c, LAN_HOST(33), 5000, NOW_S), NAT_SEND);
	assert_int_not_equal(c.out.sport, htons(5000));
	assert_int_equal(run_lan(&c, &second, NOW_S), NAT_SEND);
	assert_int_equal(c.out.daddr, LAN_HOST(31));
	world_check(world);
	end_all(world);
	world_check(world);
	assert_int_equal(world->mappings.n + world_bound(world), 0);
}

/* --- another CPU ------------------------------------------------------------------------------ */

/* The audit ends the session before its flows are there. */
static void test_ended_before_its_flows(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	world->before_flow_add = end_all;
	assert_int_equal(run_out(&c, LAN_HOST(30), 40000, NOW_S), NAT_DROP);
	assert_int_equal(c.reason, HP_DROP_RACE);
	assert_int_equal(world_active(world), 0);
	world_check(world);
	assert_int_equal(run_out(&c, LAN_HOST(30), 40000, NOW_S), NAT_SEND);
	world_check(world);
}

/* The same, and the flow cannot be added either. */
static void end_and_take_its_flow(struct nat_world *world)
{
	end_all(world);
	world->flows4.max_entries = 0;
}

static void test_ended_before_its_flows_failed(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};
	size_t room = world->flows4.max_entries;

	world->before_flow_add = end_and_take_its_flow;
	assert_int_equal(run_out(&c, LAN_HOST(30), 40000, NOW_S), NAT_REFUSE);
	world->flows4.max_entries = room;
	assert_int_equal(world_active(world), 0);
	world_check(world);
}

/* Another CPU makes the same session first. */
static void make_the_same(struct nat_world *world)
{
	struct nat_ctx other = {0};

	(void)world;
	assert_int_equal(run_out(&other, LAN_HOST(30), 40000, NOW_S), NAT_SEND);
}

static void test_two_at_once(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	world->before_flow_add = make_the_same;
	assert_int_equal(run_out(&c, LAN_HOST(30), 40000, NOW_S), NAT_DROP);
	assert_int_equal(c.reason, HP_DROP_RACE);
	assert_int_equal(world_active(world), 1);
	world_check(world);
	/* As the reason says: the next packet finds its session. */
	assert_int_equal(run_out(&c, LAN_HOST(30), 40000, NOW_S), NAT_SEND);
	world_check(world);
}

static void end_under_the_note(struct nat_world *world, __u64 *word)
{
	(void)word;
	end_all(world);
}

/* Ended between being found and being noted: the note must not bring it back to life. */
static void test_note_revives_nothing(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	run_out(&c, LAN_HOST(30), 40000, NOW_S);
	world->before_cas = end_under_the_note;
	run_in(&c, PUBLIC, 40000, NOW_S);
	assert_int_equal(world_active(world), 0);
	world_check(world);
}

/* --- the audit -------------------------------------------------------------------------------- */

/*
 * A declared endpoint has no binding, so when its rule is gone its port looks free, and another host may have claimed it before the
 * audit comes: the claim is not the old session's.
 */
static void test_audit_of_a_port_with_a_new_owner(void **state)
{
	struct nat_world *world = *state;
	const struct world_tuple elsewhere = {LAN_HOST(30), REMOTE(8), 6000, 53};
	struct nat_ctx c = {0};

	world_forward(world, 0, &(struct world_forward){UDP, 6000, LAN_HOST(20), 5000, 0});
	assert_int_equal(run_out(&c, LAN_HOST(20), 5000, NOW_S), NAT_SEND);
	assert_int_equal(c.out.sport, htons(6000));
	world->slot = 1;
	assert_int_equal(run_lan(&c, &elsewhere, NOW_S), NAT_SEND);
	assert_int_equal(c.out.sport, htons(6000));
	assert_int_equal(admits(world, 0), 0);
	assert_int_equal(admits(world, 1), 1);
}

static void test_audit_of_a_public_address(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};
	struct hp_prefix_key key = {.prefixlen = 32 + 128};

	run_out(&c, LAN_HOST(30), 40000, NOW_S);
	assert_int_equal(admits(world, 0), 1);
	nat_v4_mapped(key.addr, PUBLIC);
	nat_table_delete(&world->prefixes[0], &key);
	assert_int_equal(admits(world, 0), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_made_and_found),
		TEST(test_index_rests),
		TEST(test_ended_once),
		TEST(test_stale_flow),
		TEST(test_table_full),
		TEST(test_flow_table_full),
		TEST(test_clash),
		TEST(test_hairpin_keeps_its_target),
		TEST(test_ended_before_its_flows),
		TEST(test_ended_before_its_flows_failed),
		TEST(test_two_at_once),
		TEST(test_note_revives_nothing),
		TEST(test_audit_of_a_port_with_a_new_owner),
		TEST(test_audit_of_a_public_address),
	};

	return cmocka_run_group_tests_name("nat session", tests, NULL, NULL);
}
