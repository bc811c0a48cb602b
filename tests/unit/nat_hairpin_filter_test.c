// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nat.hairpin-filtering. With `same`, who may send to a mapping through the public address follows from its host's filtering, as outside: here
 * two hosts, and what each of them has sent before.
 */
/* Requirements: 11, 12, 14, 24, 26, 27, 32, 55. */
#include "native/traffic.h"

/* HOST has port 5000 outside, OTHER port 6000; both speak to somebody outside. */
#define OTHER LAN_HOST(31)

static int run_other(struct nat_ctx *c, __u8 proto, __be32 to, __u16 port, __u32 now_s)
{
	const struct packet p = {proto, proto == TCP ? SYN : 0, OTHER, to, 6000, port};

	return run(c, &p, now_s);
}

static void set_up(struct nat_world *world, __u8 proto, __u8 filtering)
{
	struct nat_ctx c = {0};

	set_filtering(world, proto, filtering);
	world->settings[0].hairpin_filtered = 1;
	assert_int_equal(run_out(&c, proto, REMOTE(7), 443, NOW_S), NAT_SEND);
	assert_int_equal(run_other(&c, proto, REMOTE(7), 443, NOW_S), NAT_SEND);
	assert_int_equal(c.out.sport, htons(6000));
}

static void end_all(struct nat_world *world)
{
	for (__u32 i = 0; i < world->n_sessions; i++) {
		if (nat_word_life(world->sessions[i].word) == HP_LIFE_ACTIVE)
			end(world, i);
	}
	assert_int_equal(world->mappings.n + world_bound(world) + world_peers(world), 0);
	nat_table_clear(&world->notes);
}

/* When the first session of the target's own was last refreshed. */
static __u32 seen_of_host(const struct nat_world *world)
{
	for (__u32 i = 0; i < world->n_sessions; i++) {
		const struct hp_session *s = &world->sessions[i];

		if (nat_word_life(s->word) == HP_LIFE_ACTIVE && s->v4.orig.saddr == HOST)
			return s->last_seen_s;
	}
	fail();
	return 0;
}

static void expect_hairpin(struct nat_ctx *c, int action)
{
	assert_int_equal(action, NAT_SEND);
	assert_int_equal(c->reason, HP_SENT_HAIRPIN);
	assert_int_equal(c->out.saddr, PUBLIC);
}

/* The packet of a host that its target has never heard of. */
static void test_stranger(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		for (__u8 filtering = 0; filtering < 3; filtering++) {
			int action;

			set_up(world, protocols[i], filtering);
			action = run_other(&c, protocols[i], PUBLIC, 5000, NOW_S + 5);
			if (filtering == HP_FILTER_ENDPOINT_INDEPENDENT) {
				expect_hairpin(&c, action);
			} else {
				assert_int_equal(action, NAT_DROP);
				assert_int_equal(c.reason, HP_DROP_FILTERED);
				assert_int_equal(world_active(world), 2);
			}
			assert_int_equal(seen_of_host(world), NOW_S);
			world_check(world);
			end_all(world);
		}
	}
}

/* By default the filtering is for those outside. */
static void test_open(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	set_up(world, UDP, HP_FILTER_ADDRESS_AND_PORT_DEPENDENT);
	world->settings[0].hairpin_filtered = 0;
	expect_hairpin(&c, run_other(&c, UDP, PUBLIC, 5000, NOW_S));
}

/* A source that has no mapping gets none by being turned away. */
static void test_nothing_left(void **state)
{
	struct nat_world *world = *state;
	const struct packet p = {UDP, 0, OTHER, PUBLIC, 6001, 5000};
	struct nat_ctx c = {0};

	set_up(world, UDP, HP_FILTER_ADDRESS_DEPENDENT);
	assert_int_equal(run(&c, &p, NOW_S), NAT_DROP);
	assert_int_equal(c.reason, HP_DROP_FILTERED);
	assert_int_equal(world->mappings.n, 2);
	assert_int_equal(world->notes.n, 0);
	world_check(world);
}

/* Who has spoken to an address outside that is ours has spoken to all who are behind it. */
static void test_address_spoken_to(void **state)
{
	struct nat_world *world = *state;
	const struct packet third = {UDP, 0, LAN_HOST(32), PUBLIC, 7000, 5000};
	struct nat_ctx c = {0};

	set_up(world, UDP, HP_FILTER_ADDRESS_DEPENDENT);
	world_filter(world, 0, UDP, OTHER, HP_FILTER_ENDPOINT_INDEPENDENT);
	expect_hairpin(&c, run_out(&c, UDP, PUBLIC, 6000, NOW_S));
	world_check(world);
	expect_hairpin(&c, run(&c, &third, NOW_S));
	assert_int_equal(c.out.daddr, HOST);
	world_check(world);
}

/* Both send, as they would outside: the first is turned away, and lets the other's in. */
static void test_hole_punching(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		__u8 proto = protocols[i];

		set_up(world, proto, HP_FILTER_ADDRESS_AND_PORT_DEPENDENT);
		assert_int_equal(run_out(&c, proto, PUBLIC, 6000, NOW_S), NAT_DROP);
		assert_int_equal(c.reason, HP_DROP_FILTERED);
		expect_hairpin(&c, run_other(&c, proto, PUBLIC, 5000, NOW_S + 1));
		assert_int_equal(c.out.sport, htons(6000));
		assert_int_equal(c.out.daddr, HOST);
		assert_int_equal(c.out.dport, htons(5000));
		assert_int_equal(world->notes.n, 0);
		/* And the one that was turned away at first is in that session. */
		expect_hairpin(&c, run_out(&c, proto, PUBLIC, 6000, NOW_S + 2));
		assert_int_equal(c.out.daddr, OTHER);
		assert_int_equal(world_active(world), 3);
		world_check(world);
		end_all(world);
	}
}

/* A hole is for the one who was called, and for as long as a session of the call would last. */
static void test_hole_of_others(void **state)
{
	struct nat_world *world = *state;
	const struct packet third = {UDP, 0, LAN_HOST(32), PUBLIC, 7000, 5000};
	struct nat_ctx c = {0};

	set_up(world, UDP, HP_FILTER_ADDRESS_AND_PORT_DEPENDENT);
	run(&c, &(struct packet){UDP, 0, LAN_HOST(32), REMOTE(7), 7000, 443}, NOW_S);
	assert_int_equal(run_out(&c, UDP, PUBLIC, 6000, NOW_S), NAT_DROP);
	assert_int_equal(run(&c, &third, NOW_S), NAT_DROP);
	run_other(&c, UDP, REMOTE(7), 443, NOW_S + 299);
	run_out(&c, UDP, REMOTE(7), 443, NOW_S + 299);
	assert_int_equal(run_other(&c, UDP, PUBLIC, 5000, NOW_S + 300), NAT_DROP);
	/* Its own call was noted, and the other's comes again. */
	expect_hairpin(&c, run_out(&c, UDP, PUBLIC, 6000, NOW_S + 301));
}

/* A socket that sends to its own mapping is spoken to by itself, whatever the filtering. */
static void test_own_mapping(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	for (__u8 filtering = 0; filtering < 3; filtering++) {
		set_up(world, UDP, filtering);
		expect_hairpin(&c, run_out(&c, UDP, PUBLIC, 5000, NOW_S));
		assert_int_equal(c.out.daddr, HOST);
		assert_int_equal(c.out.dport, htons(5000));
		world_check(world);
		end_all(world);
	}
}

/* As from outside, also in this: the SYN that is repeated is answered. */
static void test_repeated_syn(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	set_up(world, TCP, HP_FILTER_ADDRESS_AND_PORT_DEPENDENT);
	assert_int_equal(run_other(&c, TCP, PUBLIC, 5000, NOW_S), NAT_DROP);
	assert_int_equal(run_other(&c, TCP, PUBLIC, 5000, NOW_S + 6), NAT_DROP);
	assert_int_equal(run_other(&c, TCP, PUBLIC, 5000, NOW_S + 7), NAT_REFUSE);
	assert_int_equal(c.reason, HP_DROP_FILTERED);
}

/* Isolation is another question, and its answer comes first. */
static void test_isolated(void **state)
{
	struct nat_world *world = *state;
	const struct world_tuple tuple = {GUEST(20), PUBLIC, 6000, 5000};
	struct nat_ctx c = {0};

	set_up(world, UDP, HP_FILTER_ENDPOINT_INDEPENDENT);
	world_begin(&c, WORLD_ISO, HP_SIDE_LAN, NOW_S);
	world_packet(&c, UDP, &tuple);
	assert_int_equal(nat_lan(NULL, &c), NAT_DROP);
	assert_int_equal(c.reason, HP_DROP_ISOLATED);
}

/* A plan that begins to judge ends the hairpins that it would not let in and that nobody has answered. */
static void test_audit(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	set_up(world, UDP, HP_FILTER_ADDRESS_AND_PORT_DEPENDENT);
	world->settings[0].hairpin_filtered = 0;
	run_other(&c, UDP, PUBLIC, 5000, NOW_S);
	run_out(&c, UDP, PUBLIC, 5000, NOW_S);
	assert_true(audit(world, 2) && audit(world, 3));
	world->settings[0].hairpin_filtered = 1;
	assert_true(audit(world, 0) && !audit(world, 2) && audit(world, 3));
	run_out(&c, UDP, PUBLIC, 6000, NOW_S);
	assert_true(audit(world, 2));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_stranger),	  TEST(test_open),
		TEST(test_nothing_left),  TEST(test_address_spoken_to),
		TEST(test_hole_punching), TEST(test_hole_of_others),
		TEST(test_own_mapping),	  TEST(test_repeated_syn),
		TEST(test_isolated),	  TEST(test_audit),
	};

	return cmocka_run_group_tests_name("nat hairpin filter", tests, NULL, NULL);
}
