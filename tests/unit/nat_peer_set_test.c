// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the remote addresses are noted: in their set, beside it where there is no room, and what two CPUs do to one word. */
/* Requirements: 10, 25, 65. */
#include "native/traffic.h"

/* All peers in one set. */
static struct nat_world *one_set(void **state)
{
	struct nat_world *world = *state;

	world->totals[HP_TOTAL_SESSIONS] = LIMIT_PEER_SET_SHARE;
	set_filtering(world, UDP, HP_FILTER_ADDRESS_DEPENDENT);
	return world;
}

/* Sessions 0 to n - 1, one to each of the first addresses. */
static void speak_to(unsigned int n)
{
	struct nat_ctx c = {0};

	for (unsigned int i = 0; i < n; i++)
		assert_int_equal(run_out(&c, UDP, REMOTE(1 + i), 443, NOW_S), NAT_SEND);
}

static void test_first_ones_are_in_the_set(void **state)
{
	struct nat_world *world = one_set(state);
	struct nat_ctx c = {0};

	speak_to(HP_PEER_SET_WORDS - 1);
	assert_int_equal(run_out(&c, UDP, REMOTE(1), 444, NOW_S), NAT_SEND);
	assert_int_equal(world->peers.n, 0);
	assert_int_equal(world_peers(world), HP_PEER_SET_WORDS - 1);
	world_check(world);
	for (unsigned int i = 1; i < HP_PEER_SET_WORDS; i++)
		expect_in(&c, UDP, REMOTE(i), 9, true);
	expect_in(&c, UDP, REMOTE(HP_PEER_SET_WORDS), 9, false);
}

/* Who finds the set full has an entry, and keeps it; a word that is free again is the next one's. */
static void test_full_set(void **state)
{
	struct nat_world *world = one_set(state);
	struct nat_ctx c = {0};

	speak_to(HP_PEER_SET_WORDS);
	assert_int_equal(world->peers.n, 1);
	world_check(world);
	expect_in(&c, UDP, REMOTE(HP_PEER_SET_WORDS), 9, true);
	end(world, 2);
	expect_in(&c, UDP, REMOTE(3), 9, false);
	assert_int_equal(run_out(&c, UDP, REMOTE(200), 443, NOW_S), NAT_SEND);
	assert_int_equal(world->peers.n, 1);
	world_check(world);
	expect_in(&c, UDP, REMOTE(200), 9, true);
	end(world, HP_PEER_SET_WORDS - 1);
	assert_int_equal(world->peers.n, 0);
	expect_in(&c, UDP, REMOTE(HP_PEER_SET_WORDS), 9, false);
}

/* Noted beside its set, and then in it as well: it is admitted until both are given back, in either order. */
static void test_noted_in_both(void **state)
{
	const unsigned int last = HP_PEER_SET_WORDS;
	struct nat_world *world = one_set(state);
	struct nat_ctx c = {0};

	speak_to(last);
	end(world, 0);
	assert_int_equal(run_out(&c, UDP, REMOTE(last), 444, NOW_S), NAT_SEND);
	assert_int_equal(world->peers.n, 1);
	assert_int_equal(world_peers(world), last);
	world_check(world);
	/* Its entry goes, its word stays. */
	end(world, last - 1);
	assert_int_equal(world->peers.n, 0);
	expect_in(&c, UDP, REMOTE(last), 9, true);
	end(world, last);
	expect_in(&c, UDP, REMOTE(last), 9, false);
}

static struct hp_peer_key key_of(__be32 ext_addr, __be32 remote)
{
	return (struct hp_peer_key){
		.ext_addr = ext_addr, .remote = remote, .ext_port = htons(5000), .proto = UDP};
}

/* A set is one external address's at a time: what another one notes there is beside it, and neither hears the other's remotes. */
static void test_two_external_addresses(void **state)
{
	struct nat_world *world = one_set(state);
	struct nat_ctx first = {.peer_key = key_of(PUBLIC, REMOTE(7))};
	struct nat_ctx second = {.peer_key = key_of(PUBLIC2, REMOTE(7))};

	assert_int_equal(nat_peer_get(&first), 0);
	assert_false(nat_peer_lives(&second));
	assert_int_equal(nat_peer_get(&second), 0);
	assert_int_equal(world->peers.n, 1);
	assert_true(nat_peer_lives(&first) && nat_peer_lives(&second));
	nat_peer_give(&first, first.peer_flags);
	assert_true(!nat_peer_lives(&first) && nat_peer_lives(&second));
	nat_peer_give(&second, second.peer_flags);
	assert_int_equal(world_peers(world), 0);
	/* Nobody's any more, so the second one's now. */
	assert_int_equal(nat_peer_get(&second), 0);
	assert_int_equal(world->peers.n, 0);
	assert_true(nat_peer_lives(&second));
	assert_false(nat_peer_lives(&first));
}

/* A word counts to 255: the next session of the same peer has another one. */
static void test_word_is_full(void **state)
{
	const unsigned int n = (unsigned int)HP_PEER_REFS_MASK + 1;
	struct nat_world *world = one_set(state);
	struct nat_ctx c = {.peer_key = key_of(PUBLIC, REMOTE(7))};
	__u16 flags[HP_PEER_REFS_MASK + 1];

	for (unsigned int i = 0; i < n; i++) {
		assert_int_equal(nat_peer_get(&c), 0);
		flags[i] = c.peer_flags;
	}
	assert_int_equal(flags[n - 2], flags[0]);
	assert_int_not_equal(flags[n - 1], flags[0]);
	assert_int_equal(world_peers(world), 2);
	for (unsigned int i = 0; i < n; i++) {
		assert_true(nat_peer_lives(&c));
		nat_peer_give(&c, flags[i]);
	}
	assert_false(nat_peer_lives(&c));
	assert_int_equal(world->peer_sets[0].word[0] << 32, 0);
}

/* --- another CPU ---------------------------------------------------------------------------------- */

/* Before the exchange of a peer's word, not that of the set's head or of anything else. */
static void on_word(struct nat_world *world, __u64 *word)
{
	struct nat_ctx other = {0};

	if (word <= world->peer_sets[0].word || word >= world->peer_sets[1].word)
		world->before_cas = on_word;
	else
		assert_int_equal(run_out(&other, UDP, *(__be32 *)world->data, 444, NOW_S),
				 NAT_SEND);
}

/* Another CPU takes the free word that was found, for the same peer or for another one: there is no waiting, ours is beside the set. */
static void test_word_is_taken(void **state)
{
	struct nat_world *world = one_set(state);
	__be32 remotes[] = {REMOTE(7), REMOTE(8)};
	struct nat_ctx c = {0};

	for (unsigned int i = 0; i < 2; i++) {
		world->data = &remotes[i];
		world->before_cas = on_word;
		assert_int_equal(run_out(&c, UDP, REMOTE(7), 443, NOW_S), NAT_SEND);
		assert_int_equal(world_active(world), 2);
		assert_int_equal(world->peers.n, 1);
		assert_int_equal(world_peers(world), 2);
		world_check(world);
		expect_in(&c, UDP, REMOTE(7), 9, true);
		for (__u32 j = 0; j < world->n_sessions; j++) {
			if (nat_word_life(world->sessions[j].word) == HP_LIFE_ACTIVE)
				end(world, j);
		}
		assert_int_equal(world_peers(world), 0);
	}
}

static void on_head(struct nat_world *world, __u64 *word)
{
	struct nat_ctx other = {.peer_key = key_of(PUBLIC2, REMOTE(7))};

	if (word == world->peer_sets[0].word)
		assert_int_equal(nat_peer_get(&other), 0);
	else
		world->before_cas = on_head;
}

/* Another external address takes the empty set first. */
static void test_set_is_taken(void **state)
{
	struct nat_world *world = one_set(state);
	struct nat_ctx c = {.peer_key = key_of(PUBLIC, REMOTE(8))};

	world->before_cas = on_head;
	assert_int_equal(nat_peer_get(&c), 0);
	assert_int_equal(world->peers.n, 1);
	assert_int_equal(world->peer_sets[0].word[0] >> HP_PEER_ADDR_SHIFT, PUBLIC2);
	assert_int_equal((__u32)world->peer_sets[0].word[0], 1);
	assert_true(nat_peer_lives(&c));
}

static void end_the_first(struct nat_world *world, __u64 *word)
{
	struct nat_ctx other = {0};

	if (word <= world->peer_sets[0].word || word >= world->peer_sets[1].word) {
		world->before_cas = end_the_first;
		return;
	}
	assert_int_equal(nat_session_end(&other, 0, world->sessions[0].word), 1);
	assert_int_equal(run_out(&other, UDP, REMOTE(9), 443, NOW_S), NAT_SEND);
}

/* Between finding the word and holding it, it becomes another address's. */
static void test_word_is_recycled(void **state)
{
	struct nat_world *world = one_set(state);
	struct nat_ctx c = {0};

	speak_to(1);
	world->before_cas = end_the_first;
	assert_int_equal(run_out(&c, UDP, REMOTE(1), 444, NOW_S), NAT_SEND);
	assert_int_equal(world->peers.n, 1);
	world_check(world);
	expect_in(&c, UDP, REMOTE(1), 9, true);
	expect_in(&c, UDP, REMOTE(9), 9, true);
}

static void hand_over(struct nat_world *world, __u64 *word)
{
	struct nat_ctx other = {.peer_key = key_of(PUBLIC, REMOTE(7))};

	assert_ptr_equal(word, &world->peer_sets[0].word[0]);
	nat_peer_give(&other, *(__u16 *)world->data);
	other.peer_key = key_of(PUBLIC2, REMOTE(7));
	assert_int_equal(nat_peer_get(&other), 0);
}

/* Between finding the word and asking whose the set is, both become another address's: its remote is none of ours. */
static void test_set_is_handed_over(void **state)
{
	struct nat_world *world = one_set(state);
	struct nat_ctx c = {.peer_key = key_of(PUBLIC, REMOTE(7))};

	assert_int_equal(nat_peer_get(&c), 0);
	assert_true(nat_peer_lives(&c));
	world->data = &c.peer_flags;
	world->before_subtract = hand_over;
	assert_false(nat_peer_lives(&c));
	assert_null(world->before_subtract);
	c.peer_key = key_of(PUBLIC2, REMOTE(7));
	assert_true(nat_peer_lives(&c));
}

/* --- which set ------------------------------------------------------------------------------------- */

/* Ports in a row and addresses in a row are spread over the sets, and another seed spreads them otherwise. */
static void test_spread(void **state)
{
	enum { SETS = 16, KEYS = 4096 };
	struct nat_world *world = *state;
	unsigned int in[SETS] = {0}, same = 0;

	for (unsigned int i = 0; i < KEYS; i++) {
		struct hp_peer_key key = key_of(PUBLIC, REMOTE(i % 64));
		struct hp_peer_set *set;

		key.ext_port = htons((__u16)(1024 + i / 64));
		world->totals[HP_TOTAL_SEED] = 0;
		set = nat_peer_set(&key);
		in[set - world->peer_sets]++;
		world->totals[HP_TOTAL_SEED] = 0x123456789abcdef1;
		same += set == nat_peer_set(&key);
	}
	/* 256 on average, with a deviation of 16. */
	for (unsigned int i = 0; i < SETS; i++)
		assert_in_range(in[i], 256 - 80, 256 + 80);
	assert_in_range(same, 256 - 80, 256 + 80);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_first_ones_are_in_the_set),
		TEST(test_full_set),
		TEST(test_noted_in_both),
		TEST(test_two_external_addresses),
		TEST(test_word_is_full),
		TEST(test_word_is_taken),
		TEST(test_set_is_taken),
		TEST(test_word_is_recycled),
		TEST(test_set_is_handed_over),
		TEST(test_spread),
	};

	return cmocka_run_group_tests_name("nat peer set", tests, NULL, NULL);
}
