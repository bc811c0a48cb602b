// SPDX-License-Identifier: GPL-2.0-or-later
/* How much may wait in the sorter, and what a first fragment's decision is worth to those that follow it. */
/* Requirements: 21. */
#include "native/world.h"

#include "nat/fragment.h"

#define START_S 1000 /* the first second of a window */
#define SMALL 600 /* octets of a fragment that counts for one */

_Static_assert(START_S % SORTER_WAIT_S == 0, "a window begins");

static struct nat_ctx from(__u8 side, __be32 source, __u32 now_s)
{
	struct nat_ctx c = {0};

	world_begin(&c, side == HP_SIDE_LAN ? WORLD_LAN : WORLD_WAN, side, now_s);
	c.in.flow4.saddr = source;
	c.in.octets = SMALL;
	return c;
}

/* How many of @n fragments go in. */
static int admit(__u8 side, __be32 source, __u32 now_s, int n)
{
	struct nat_ctx c = from(side, source, now_s);
	int admitted = 0;

	while (n--)
		admitted += nat_sorter_admit(&c);
	return admitted;
}

static void come_back(__u8 side, __be32 source, __u32 now_s, int n)
{
	struct nat_ctx c = from(side, source, now_s);

	while (n--)
		nat_sorter_return(&c);
}

static void know(__be32 remote, __u32 now_s)
{
	struct nat_ctx c = from(HP_SIDE_WAN, remote, now_s);

	nat_sorter_know(&c, remote);
}

static void test_source(void **state)
{
	(void)state;
	assert_int_equal(admit(HP_SIDE_WAN, REMOTE(1), START_S, 1000), LIMIT_SORTER_SOURCE);
	assert_int_equal(admit(HP_SIDE_WAN, REMOTE(2), START_S, 10), 10);
	/* What did not come back by the end of the next window never will. */
	assert_int_equal(admit(HP_SIDE_WAN, REMOTE(1), START_S + SORTER_WAIT_S, 1000), 0);
	assert_int_equal(admit(HP_SIDE_WAN, REMOTE(1), START_S + 2 * SORTER_WAIT_S, 1000),
			 LIMIT_SORTER_SOURCE);
	/* As after a long silence. */
	assert_int_equal(admit(HP_SIDE_WAN, REMOTE(1), START_S + 100 * SORTER_WAIT_S, 1000),
			 LIMIT_SORTER_SOURCE);
}

static void test_whole_datagrams(void **state)
{
	int admitted = 0;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		admitted += admit(HP_SIDE_WAN, REMOTE(1), START_S, 45);
		come_back(HP_SIDE_WAN, REMOTE(1), START_S, 45);
	}
	assert_int_equal(admitted, 45 * 10000);
	/* And no credit comes of it, in this window or the next. */
	come_back(HP_SIDE_WAN, REMOTE(1), START_S, 1000);
	assert_int_equal(admit(HP_SIDE_WAN, REMOTE(1), START_S, 1000), LIMIT_SORTER_SOURCE);
	come_back(HP_SIDE_WAN, REMOTE(1), START_S + SORTER_WAIT_S, LIMIT_SORTER_SOURCE);
	come_back(HP_SIDE_WAN, REMOTE(1), START_S + SORTER_WAIT_S, LIMIT_SORTER_SOURCE);
	assert_int_equal(admit(HP_SIDE_WAN, REMOTE(1), START_S + 2 * SORTER_WAIT_S, 1000),
			 LIMIT_SORTER_SOURCE);
}

static void test_size(void **state)
{
	struct nat_ctx c = from(HP_SIDE_LAN, LAN_HOST(30), START_S);
	int admitted = 0;

	(void)state;
	c.in.octets = 9000;
	for (int i = 0; i < 1000; i++)
		admitted += nat_sorter_admit(&c);
	assert_int_equal(admitted, LIMIT_SORTER_SOURCE / 5);
}

/* Invented sources take what strangers have; neither LANs nor acquaintances lose anything. */
static void test_flood(void **state)
{
	int admitted = 0;

	(void)state;
	know(REMOTE(1), START_S);
	for (__u32 i = 0; i < 5000; i++)
		admitted += admit(HP_SIDE_WAN, htonl(0x0a000000 + i), START_S, 1);
	assert_int_equal(admitted, LIMIT_SORTER_STRANGERS);
	assert_int_equal(admit(HP_SIDE_WAN, REMOTE(2), START_S, 1), 0);
	assert_int_equal(admit(HP_SIDE_WAN, REMOTE(1), START_S, 1000), LIMIT_SORTER_SOURCE);
	assert_int_equal(admit(HP_SIDE_LAN, LAN_HOST(30), START_S, 1000), LIMIT_SORTER_SOURCE);
	assert_int_equal(admit(HP_SIDE_LAN, LAN_HOST(31), START_S, 1000), LIMIT_SORTER_SOURCE);
	/* Known by now, by a word from inside, although it was a stranger before. */
	assert_int_equal(admit(HP_SIDE_WAN, htonl(0x0a000001), START_S, 1), 0);
	know(htonl(0x0a000001), START_S);
	assert_int_equal(admit(HP_SIDE_WAN, htonl(0x0a000001), START_S, 1), 1);
}

/* A class is bounded too: hosts of a LAN that invent addresses of their segment stay among themselves. */
static void test_class(void **state)
{
	int admitted = 0;

	(void)state;
	for (__u32 i = 0; i < 900; i++)
		admitted += admit(HP_SIDE_LAN, htonl(0xc0a80b00 + i), START_S, 1);
	assert_int_equal(admitted, LIMIT_SORTER_LAN);
	assert_int_equal(admit(HP_SIDE_WAN, REMOTE(2), START_S, 1), 1);
}

static void test_forgotten(void **state)
{
	(void)state;
	know(REMOTE(1), START_S);
	for (__u32 i = 0; i < LIMIT_SORTER_STRANGERS; i++)
		admit(HP_SIDE_WAN, htonl(0x0a000000 + i), START_S + SORTER_KNOWN_S, 1);
	assert_int_equal(admit(HP_SIDE_WAN, REMOTE(1), START_S + SORTER_KNOWN_S, 1), 0);
}

/* --- notes ------------------------------------------------------------------------------------------------ */

static struct nat_ctx fragment(__u16 id)
{
	struct nat_ctx c = from(HP_SIDE_LAN, LAN_HOST(30), START_S);

	c.in.flow4.daddr = REMOTE(1);
	c.in.proto = 17;
	c.in.id = htons(id);
	return c;
}

static void test_note(void **state)
{
	struct nat_ctx c = fragment(7);

	(void)state;
	c.out = (struct hp_tuple4){PUBLIC, REMOTE(1), htons(1), htons(2)};
	c.to_wan = 1;
	c.reason = HP_SENT_OUTGOING;
	assert_int_equal(nat_fragment_note(&c, NAT_SEND), NAT_SEND);
	c = fragment(7);
	assert_int_equal(nat_fragment_follow(&c), NAT_SEND);
	assert_int_equal(c.out.saddr, PUBLIC);
	assert_int_equal(c.out.daddr, REMOTE(1));
	assert_int_equal(c.to_wan, 1);
	assert_int_equal(c.reason, HP_SENT_OUTGOING);
	c = fragment(8);
	assert_int_equal(nat_fragment_follow(&c), NAT_DROP);
	assert_int_equal(c.reason, HP_DROP_FRAGMENT);
	/* The others of a datagram come right behind the first. */
	c = fragment(7);
	c.in.now_s += SORTER_WAIT_S + 1;
	assert_int_equal(nat_fragment_follow(&c), NAT_DROP);
}

static void test_note_refused(void **state)
{
	static const enum nat_action ends[] = {NAT_DROP, NAT_REFUSE, NAT_SORT};
	struct nat_ctx c;

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		c = fragment(7);
		nat_fragment_note(&c, NAT_PASS);
		assert_int_equal(nat_fragment_follow(&c), NAT_PASS);
		nat_fragment_note(&c, ends[i]);
		assert_int_equal(nat_fragment_follow(&c), NAT_DROP);
		assert_int_equal(c.reason, HP_DROP_FRAGMENT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_source, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_whole_datagrams, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_size, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_flood, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_class, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_forgotten, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_note, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_note_refused, world_setup, world_teardown),
	};

	return cmocka_run_group_tests_name("nat_fragment", tests, NULL, NULL);
}
