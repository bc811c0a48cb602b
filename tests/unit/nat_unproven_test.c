// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What outsiders may take of the table: unproven sessions an eighth, where the oldest makes room, all of them three quarters. Nothing
 * else is ever ended to make room (RFC 6888 REQ-11).
 */
/* Requirements: 68. */
#include "cleanup.h"
#include "native/world.h"

#include "nat/lan.h"
#include "nat/wan.h"

#define SESSIONS 64
#define RING (SESSIONS / LIMIT_UNPROVEN_SHARE)
#define OUTSIDE_MAX (SESSIONS - SESSIONS / LIMIT_INSIDE_SHARE)
#define NOW_S 1000
#define SERVER_SEQ 7000

static int setup(void **state)
{
	const struct world_forward tcp = {
		.proto = 6, .port = 443, .host = LAN_HOST(20), .host_port = 443};
	const struct world_forward udp = {
		.proto = 17, .port = 6000, .host = LAN_HOST(20), .host_port = 6000};
	struct nat_world *world = world_new(SESSIONS);

	world_forward(world, world->slot, &tcp);
	world_forward(world, world->slot, &udp);
	*state = world;
	return 0;
}

/* One TCP segment of the client @n outside, or of the server to it. */
static int run_tcp(__u32 n, bool server, __u8 flags, __u32 seq, __u32 ack)
{
	const struct world_tuple in = {htonl(0x0a000000 + n), PUBLIC, 50000, 443};
	const struct world_tuple out = {LAN_HOST(20), htonl(0x0a000000 + n), 443, 50000};
	struct nat_ctx c = {0};

	world_begin(&c, server ? WORLD_LAN : WORLD_WAN, server ? HP_SIDE_LAN : HP_SIDE_WAN, NOW_S);
	world_packet(&c, 6, server ? &out : &in);
	c.in.tcp_flags = flags;
	c.in.tcp_seq = htonl(seq);
	c.in.tcp_ack = htonl(ack);
	c.in.tcp_octets = !!(flags & NAT_TCP_BIT_SYN);
	if ((server ? nat_lan(NULL, &c) : nat_wan(NULL, &c)) == NAT_SEND)
		return 0;
	return (int)c.reason;
}

static int run_syn(__u32 n)
{
	return run_tcp(n, false, NAT_TCP_BIT_SYN, n, 0);
}

/* All of the handshake; 0, or why the SYN was dropped. */
static int connect_client(__u32 n)
{
	int ret = run_syn(n);

	if (ret)
		return ret;
	assert_int_equal(run_tcp(n, true, NAT_TCP_BIT_SYN | NAT_TCP_BIT_ACK, SERVER_SEQ, n + 1), 0);
	assert_int_equal(run_tcp(n, false, NAT_TCP_BIT_ACK, n + 1, SERVER_SEQ + 1), 0);
	return 0;
}

/* A UDP flow to the internet, of a host for each port: no limit of one host is met. */
static int run_inside(__u16 port)
{
	const struct world_tuple out = {LAN_HOST(30u + port % 200), REMOTE(7), port, 53};
	struct nat_ctx c = {0};

	world_begin(&c, WORLD_LAN, HP_SIDE_LAN, NOW_S);
	world_packet(&c, 17, &out);
	return nat_lan(NULL, &c) == NAT_SEND ? 0 : (int)c.reason;
}

/* Whether the client's next segment finds its session. */
static bool lives(__u32 n)
{
	return !run_tcp(n, false, NAT_TCP_BIT_ACK, n + 1, SERVER_SEQ + 1);
}

static size_t count_outside(struct nat_world *world)
{
	world_check(world);
	return world->totals[HP_TOTAL_OUTSIDE];
}

static void test_oldest_makes_room(void **state)
{
	struct nat_world *world = *state;

	assert_int_equal(run_inside(40000), 0);
	for (__u32 n = 1; n <= RING; n++)
		assert_int_equal(run_syn(n), 0);
	assert_int_equal(world->stats[HP_STAT_REPLACED], 0);
	assert_true(lives(1));
	for (__u32 n = RING + 1; n <= 1000; n++) {
		assert_int_equal(run_syn(n), 0);
		assert_int_equal(count_outside(world), RING);
		assert_false(lives(n - RING));
		assert_true(lives(n - RING + 1));
	}
	assert_int_equal(world->stats[HP_STAT_REPLACED], 1000 - RING);
	assert_int_equal(world_active(world), RING + 1);
	/* The inside's own goes on, and there is room for more of them. */
	for (__u16 port = 40000; port < 40000 + SESSIONS - RING; port++)
		assert_int_equal(run_inside(port), 0);
	assert_int_equal(run_inside(50000), HP_DROP_TABLE_FULL);
	/* A full table does not stop the ring: who comes takes the oldest one's place. */
	assert_int_equal(run_syn(2000), 0);
	assert_true(lives(2000));
	assert_int_equal(world_active(world), SESSIONS);
	for (__u16 port = 40000; port < 40000 + SESSIONS - RING; port++)
		assert_int_equal(run_inside(port), 0);
	world_check(world);
}

/* Whoever answered the server's answer stays, however many come later. */
static void test_proven_stay(void **state)
{
	struct nat_world *world = *state;

	assert_int_equal(connect_client(1), 0);
	for (__u32 n = 1000; n < 1100; n++)
		assert_int_equal(run_syn(n), 0);
	assert_true(lives(1));
	assert_int_equal(count_outside(world), RING + 1);
	assert_int_equal(connect_client(2), 0);
	assert_int_equal(count_outside(world), RING + 1);
}

/* Real clients, a multitude of them, leave the inside a quarter. */
static void test_inside_keeps_its_share(void **state)
{
	struct nat_world *world = *state;

	for (__u32 n = 1; n <= OUTSIDE_MAX; n++)
		assert_int_equal(connect_client(n), 0);
	assert_int_equal(connect_client(900), HP_DROP_TABLE_FULL);
	assert_int_equal(count_outside(world), OUTSIDE_MAX);
	for (__u16 port = 40000; port < 40000 + SESSIONS - OUTSIDE_MAX; port++)
		assert_int_equal(run_inside(port), 0);
	assert_int_equal(run_inside(50000), HP_DROP_TABLE_FULL);
	for (__u32 n = 1; n <= OUTSIDE_MAX; n++)
		assert_true(lives(n));
	assert_int_equal(world->stats[HP_STAT_REPLACED], 0);
}

/* A session that ended gives its share back, and nobody ends who has its index now. */
static void test_given_back(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	for (__u32 n = 1; n <= OUTSIDE_MAX; n++)
		assert_int_equal(connect_client(n), 0);
	for (__u32 i = 0; i < world->n_sessions; i++) {
		if (nat_word_life(world->sessions[i].word) == HP_LIFE_ACTIVE)
			nat_session_end(&c, i, world->sessions[i].word);
	}
	assert_int_equal(count_outside(world), 0);
	/* Every index is the inside's now, with another generation than the ring remembers. */
	for (__u16 port = 40000; port < 40000 + SESSIONS; port++)
		assert_int_equal(run_inside(port), 0);
	for (__u32 n = 1; n <= 2 * RING; n++)
		assert_int_equal(run_syn(n), HP_DROP_TABLE_FULL);
	assert_int_equal(count_outside(world), 0);
	assert_int_equal(world_active(world), SESSIONS);
	assert_int_equal(world->stats[HP_STAT_REPLACED], 0);
}

/* A datagram proves nothing but that somebody goes on after an answer. */
static void test_udp(void **state)
{
	const struct world_tuple in = {REMOTE(9), PUBLIC, 50000, 6000};
	const struct world_tuple out = {LAN_HOST(20), REMOTE(9), 6000, 50000};
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	for (unsigned int round = 0; round < 4; round++) {
		bool server = round == 2;

		world_begin(&c, server ? WORLD_LAN : WORLD_WAN, server ? HP_SIDE_LAN : HP_SIDE_WAN,
			    NOW_S);
		world_packet(&c, 17, server ? &out : &in);
		assert_int_equal(server ? nat_lan(NULL, &c) : nat_wan(NULL, &c), NAT_SEND);
		assert_int_equal(!!(nat_word_flags(world->sessions[0].word) & HP_SESSION_PROVEN),
				 round == 3);
	}
}

/* What another CPU does between the look at the oldest and its end. */
static void prove(struct nat_world *world, __u64 *word)
{
	(void)world;
	*word |= nat_word(0, 0, 0, HP_SESSION_PROVEN);
}

static void answer(struct nat_world *world, __u64 *word)
{
	(void)world;
	*word |= nat_word(0, 0, 0, HP_SESSION_REPLIED);
}

static void test_proven_just_in_time(void **state)
{
	struct nat_world *world = *state;

	for (__u32 n = 1; n <= RING; n++)
		assert_int_equal(run_syn(n), 0);
	world->before_cas = prove;
	assert_int_equal(run_syn(100), 0);
	assert_true(lives(1));
	assert_int_equal(count_outside(world), RING + 1);
	world->before_cas = answer;
	assert_int_equal(run_syn(101), 0);
	assert_false(lives(2));
	assert_int_equal(count_outside(world), RING + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_oldest_makes_room, setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_proven_stay, setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_inside_keeps_its_share, setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_given_back, setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_udp, setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_proven_just_in_time, setup, world_teardown),
	};

	return cmocka_run_group_tests_name("nat unproven", tests, NULL, NULL);
}
