// SPDX-License-Identifier: GPL-2.0-or-later
/* What one host inside may hold: mappings, sessions, new ones in a second; and what a flood leaves to the others. */
/* Requirements: 62, 63, 68. */
#include "cleanup.h"
#include "native/world.h"

#include "nat/audit.h"
#include "nat/lan.h"
#include "nat/v6.h"
#include "nat/wan.h"

#define UDP 17
#define NOW_S 1000

static __u32 now_s;
static struct nat_ctx c; /* of the packet last run */

static int run(__be32 host, __u16 sport, __be32 to, __u16 dport)
{
	const struct world_tuple tuple = {host, to, sport, dport};

	world_begin(&c, WORLD_LAN, HP_SIDE_LAN, now_s);
	world_packet(&c, UDP, &tuple);
	return nat_lan(nat_world, &c);
}

/* To one and the same remote. */
static int out(__be32 host, __u16 sport)
{
	return run(host, sport, REMOTE(7), 53);
}

static void expect_refused(int action, enum hp_reason reason)
{
	assert_int_equal(action, NAT_REFUSE);
	assert_int_equal(c.reason, reason);
	assert_int_equal(c.say_type, NAT_SAY_UNREACHABLE);
	assert_int_equal(c.say_code, NAT_SAY_PROHIBITED);
}

static void end(struct nat_world *world, __u32 index)
{
	world_begin(&c, WORLD_LAN, HP_SIDE_LAN, now_s);
	assert_int_equal(nat_session_end(&c, index, world->sessions[index].word), 1);
	world_check(world);
}

static void end_all(struct nat_world *world)
{
	for (__u32 i = 0; i < world->n_sessions; i++) {
		if (nat_word_life(world->sessions[i].word) == HP_LIFE_ACTIVE)
			end(world, i);
	}
	assert_int_equal(world->hosts.n, 0);
}

static const struct hp_host *find(struct nat_world *world, __be32 addr)
{
	struct hp_host_key key;

	nat_v4_mapped(key.addr, addr);
	return nat_table_find(&world->hosts, &key);
}

static __u64 mappings_of(struct nat_world *world, __be32 addr)
{
	const struct hp_host *h = find(world, addr);

	return h ? (h->word & HP_HOST_MAPPINGS_MASK) >> HP_HOST_MAPPING_SHIFT : 0;
}

static __u64 sessions_of(struct nat_world *world, __be32 addr)
{
	const struct hp_host *h = find(world, addr);

	return h ? h->word & HP_HOST_SESSIONS_MASK : 0;
}

static int setup(void **state)
{
	now_s = NOW_S;
	memset(&c, 0x5a, sizeof(c));
	return world_setup(state);
}

/* --- the limits ------------------------------------------------------------------------------------ */

static void test_mappings(void **state)
{
	struct nat_world *world = *state;

	world->settings[0].mappings_per_host = 3;
	for (__u16 i = 0; i < 3; i++)
		assert_int_equal(out(LAN_HOST(30), (__u16)(40000 + i)), NAT_SEND);
	expect_refused(out(LAN_HOST(30), 40003), HP_DROP_HOST_LIMIT);
	world_check(world);
	assert_int_equal(mappings_of(world, LAN_HOST(30)), 3);
	/* What it has goes on, also towards others; and other hosts notice nothing. */
	assert_int_equal(out(LAN_HOST(30), 40000), NAT_SEND);
	assert_int_equal(run(LAN_HOST(30), 40000, REMOTE(8), 53), NAT_SEND);
	assert_int_equal(out(LAN_HOST(31), 40003), NAT_SEND);
	/* One that goes makes room for one; a port that rests is nobody's. */
	end(world, 1);
	assert_int_equal(out(LAN_HOST(30), 40003), NAT_SEND);
	expect_refused(out(LAN_HOST(30), 40004), HP_DROP_HOST_LIMIT);
	end_all(world);
}

/* A limit that was lowered ends nothing. */
static void test_lowered(void **state)
{
	struct nat_world *world = *state;

	for (__u16 i = 0; i < 5; i++)
		assert_int_equal(out(LAN_HOST(30), (__u16)(40000 + i)), NAT_SEND);
	world->settings[0].mappings_per_host = 2;
	world->settings[0].sessions_per_host = 2;
	assert_int_equal(out(LAN_HOST(30), 40004), NAT_SEND);
	expect_refused(out(LAN_HOST(30), 40005), HP_DROP_HOST_LIMIT);
	assert_int_equal(world_active(world), 5);
	world_check(world);
}

static void test_sessions(void **state)
{
	struct nat_world *world = *state;

	world->settings[0].sessions_per_host = 4;
	/* From one port: sessions, not mappings. */
	for (__u16 i = 0; i < 4; i++)
		assert_int_equal(run(LAN_HOST(30), 40000, REMOTE(7), (__u16)(53 + i)), NAT_SEND);
	assert_int_equal(mappings_of(world, LAN_HOST(30)), 1);
	assert_int_equal(sessions_of(world, LAN_HOST(30)), 4);
	expect_refused(run(LAN_HOST(30), 40000, REMOTE(8), 53), HP_DROP_HOST_LIMIT);
	expect_refused(out(LAN_HOST(30), 41000), HP_DROP_HOST_LIMIT);
	world_check(world);
	assert_int_equal(mappings_of(world, LAN_HOST(30)), 1);
	end(world, 0);
	assert_int_equal(run(LAN_HOST(30), 40000, REMOTE(8), 53), NAT_SEND);
	end_all(world);
}

/* A hairpinned session is its client's, and so is its mapping; the host that it leads to has nothing of it. */
static void test_whose(void **state)
{
	struct nat_world *world = *state;

	world_forward(world, 0, &(struct world_forward){UDP, 6000, LAN_HOST(20), 5000, 0});
	assert_int_equal(run(LAN_HOST(30), 40000, PUBLIC, 6000), NAT_SEND);
	assert_int_equal(sessions_of(world, LAN_HOST(30)), 1);
	assert_int_equal(mappings_of(world, LAN_HOST(30)), 1);
	assert_null(find(world, LAN_HOST(20)));
	world_check(world);
	/* From outside nobody inside is asked. */
	world_begin(&c, WORLD_WAN, HP_SIDE_WAN, now_s);
	world_packet(&c, UDP, &(const struct world_tuple){REMOTE(7), PUBLIC, 53, 6000});
	assert_int_equal(nat_wan(NULL, &c), NAT_SEND);
	assert_null(find(world, LAN_HOST(20)));
	/* A declared endpoint takes no port of the pool. */
	assert_int_equal(run(LAN_HOST(20), 5000, REMOTE(8), 53), NAT_SEND);
	assert_int_equal(mappings_of(world, LAN_HOST(20)), 0);
	assert_int_equal(sessions_of(world, LAN_HOST(20)), 1);
	end_all(world);
}

static void test_rate(void **state)
{
	struct nat_world *world = *state;

	world->settings[0].new_per_host = 5;
	for (__u32 second = 0; second < 3; second++, now_s++) {
		for (__u16 i = 0; i < 5; i++)
			assert_int_equal(out(LAN_HOST(30), (__u16)(40000 + second * 10 + i)),
					 NAT_SEND);
		/* Not told: its repetition may get through. */
		assert_int_equal(out(LAN_HOST(30), 50000), NAT_DROP);
		assert_int_equal(c.reason, HP_DROP_HOST_RATE);
		/* A known flow is not new; another host has a rate of its own. */
		assert_int_equal(out(LAN_HOST(30), 40000), NAT_SEND);
		assert_int_equal(out(LAN_HOST(31), (__u16)(40000 + second)), NAT_SEND);
	}
	world_check(world);
	/* Refused for its rate, it has not even a port for it. */
	assert_int_equal(mappings_of(world, LAN_HOST(30)), 15);
}

static void set_address6(__u8 to[16], bool inside, __u8 n)
{
	static const __u8 prefix[4] = {0x20, 0x01, 0x0d, 0xb8};

	memset(to, 0, 16);
	memcpy(to, prefix, sizeof(prefix));
	to[5] = inside ? 0x11 : 0x77;
	to[15] = n;
}

static int out6(__u8 host, __u16 sport)
{
	world_begin(&c, WORLD_LAN, 0, now_s);
	c.in.v6 = 1;
	set_address6(c.in.flow6.saddr, true, host);
	set_address6(c.in.flow6.daddr, false, 7);
	c.in.flow6.sport = htons(sport);
	c.in.flow6.dport = htons(53);
	c.in.proto = c.in.flow6.proto = UDP;
	c.in.flow6.side = HP_SIDE_LAN;
	return nat_lan6(nat_world, &c);
}

static void test_v6(void **state)
{
	struct nat_world *world = *state;

	world->settings[0].sessions_per_host = 2;
	assert_int_equal(out6(30, 1), NAT_PASS);
	assert_int_equal(out6(30, 2), NAT_PASS);
	assert_int_equal(out6(30, 3), NAT_DROP);
	assert_int_equal(c.reason, HP_DROP_HOST_LIMIT);
	assert_int_equal(out6(31, 3), NAT_PASS);
	assert_int_equal(world->hosts.n, 2);
	world_check(world);
	end_all(world);
}

/* A session from the @n-th address that somebody invents in the /64 of @net. */
static int out6_invented(__u8 net, __u32 n)
{
	world_begin(&c, WORLD_LAN, 0, now_s);
	c.in.v6 = 1;
	set_address6(c.in.flow6.saddr, true, 0);
	set_address6(c.in.flow6.daddr, false, 7);
	c.in.flow6.saddr[7] = net;
	c.in.flow6.saddr[8] = 2;
	memcpy(c.in.flow6.saddr + 12, &n, sizeof(n));
	c.in.flow6.sport = htons(40000);
	c.in.flow6.dport = htons(53);
	c.in.proto = c.in.flow6.proto = UDP;
	c.in.flow6.side = HP_SIDE_LAN;
	return nat_lan6(nat_world, &c);
}

/* A table that has room for such a flood, and a segment of a /48. */
static struct nat_world *begin_invented(void **state)
{
	const struct hp_prefix lan = {.kind = HP_NET_LAN, .ifindex = WORLD_LAN};
	struct hp_prefix_key key = {.prefixlen = 32 + 48};
	void *small = *state;
	struct nat_world *world;

	world_teardown(&small);
	*state = world = world_new(2 * LIMIT_HOSTS6 + 512);
	set_address6(key.addr, true, 0);
	assert_int_equal(nat_table_add(&world->prefixes[0], &key, &lan), 0);
	return world;
}

/*
 * Addresses of one /64, invented by the thousand: those beyond LIMIT_HOSTS6 are one host together, which is refused at its limit. Hosts that are
 * counted, of other networks and of IPv4 notice nothing; and nothing is left behind.
 */
static void test_invented_v6(void **state)
{
	struct nat_world *world = begin_invented(state);
	__u32 n = 0;

	world->settings[0].sessions_per_host = 100;
	assert_int_equal(out6(30, 1), NAT_PASS);
	while (out6_invented(0, n) == NAT_PASS)
		n++;
	assert_int_equal(c.reason, HP_DROP_HOST_LIMIT);
	assert_int_equal(n, LIMIT_HOSTS6 - 1 + 100);
	assert_int_equal(world->hosts.n, LIMIT_HOSTS6 + 1);
	assert_int_equal(out6(31, 1), NAT_DROP);
	assert_int_equal(out6(30, 2), NAT_PASS);
	assert_int_equal(out6_invented(1, 0), NAT_PASS);
	assert_int_equal(out(LAN_HOST(30), 40000), NAT_SEND);
	world_check(world);
	/* So many of those that are counted by themselves end that there are fewer than that, both networks included: the next one is, too. */
	world_begin(&c, WORLD_LAN, HP_SIDE_LAN, now_s);
	for (__u32 i = 1; i <= 3; i++)
		assert_int_equal(nat_session_end(&c, i, world->sessions[i].word), 1);
	assert_int_equal(out6(31, 1), NAT_PASS);
	assert_int_equal(world->totals[HP_TOTAL_HOSTS6], LIMIT_HOSTS6);
}

/* Networks can be invented, too, where a segment is as wide as that: not beyond what IPv4 has to be left. */
static void test_invented_nets(void **state)
{
	struct nat_world *world = begin_invented(state);
	__u32 n = 0;

	world->totals[HP_TOTAL_HOSTS6] = 2 * LIMIT_HOSTS6 - 2;
	while (out6_invented((__u8)n, 0) == NAT_PASS)
		n++;
	assert_int_equal(c.reason, HP_DROP_HOST_LIMIT);
	assert_int_equal(n, 2);
	assert_int_equal(out6_invented(0, 1), NAT_PASS);
	assert_int_equal(out(LAN_HOST(30), 40000), NAT_SEND);
}

/* --- what a flood leaves ----------------------------------------------------------------------------- */

/* One host alone, whatever the limits: eight ninths of the table, and of the ports. */
static void test_flood(void **state)
{
	struct nat_world *world = *state;
	__u16 n = 0;

	while (out(LAN_HOST(30), (__u16)(40000 + n)) == NAT_SEND)
		n++;
	expect_refused(NAT_REFUSE, HP_DROP_HOST_LIMIT);
	/* 64 places: 57 held against 7 free. */
	assert_int_equal(n, 57);
	assert_int_equal(out(LAN_HOST(31), 40000), NAT_SEND);
	world_check(world);
	end_all(world);

	n = 0;
	world->settings[0].port_first = 50000;
	world->settings[0].port_last = 50017;
	now_s += PORT_REST_S;
	while (nat_rest_sweep(&c))
		continue;
	world_begin(&c, WORLD_LAN, HP_SIDE_LAN, now_s);
	while (nat_rest_sweep(&c))
		continue;
	while (out(LAN_HOST(30), (__u16)(50000 + n)) == NAT_SEND)
		n++;
	assert_int_equal(c.reason, HP_DROP_HOST_LIMIT);
	assert_int_equal(n, 16);
	assert_int_equal(out(LAN_HOST(31), 50017), NAT_SEND);
	world_check(world);
}

/* Every address of the segment takes all it can get: another one still finds something. */
static void test_forged_flood(void **state)
{
	void *small = *state;
	struct nat_world *world;

	world_teardown(&small);
	*state = world = world_new(4096);
	for (unsigned int round = 0; round < 40; round++) {
		for (__u32 host = 2; host < 254; host++)
			out(LAN_HOST(host), (__u16)(1024 + host + 256 * round));
	}
	assert_int_equal(c.reason, HP_DROP_HOST_LIMIT);
	assert_int_equal(out(LAN_HOST(254), 40000), NAT_SEND);
	assert_int_equal(sessions_of(world, LAN_HOST(254)), 1);
}

/* A host for which there is no room to count is refused; those that are counted go on. */
static void test_hosts_full(void **state)
{
	struct nat_world *world = *state;
	size_t room = world->hosts.max_entries;

	world->hosts.max_entries = 2;
	assert_int_equal(out(LAN_HOST(30), 40000), NAT_SEND);
	assert_int_equal(out(LAN_HOST(31), 40001), NAT_SEND);
	expect_refused(out(LAN_HOST(32), 40002), HP_DROP_HOST_LIMIT);
	assert_int_equal(out(LAN_HOST(30), 40003), NAT_SEND);
	world_check(world);
	end(world, 1);
	assert_int_equal(out(LAN_HOST(32), 40002), NAT_SEND);
	world->hosts.max_entries = room;
	world_check(world);
}

/* What is refused leaves nothing: no port that rests, and no host that holds nothing. */
static void test_nothing_left(void **state)
{
	struct nat_world *world = *state;
	size_t room = world->flows4.max_entries;

	world->flows4.max_entries = 1;
	assert_int_equal(out(LAN_HOST(30), 40000), NAT_REFUSE);
	assert_int_equal(c.reason, HP_DROP_TABLE_FULL);
	world->flows4.max_entries = room;
	assert_int_equal(world->hosts.n + world->bindings.n + world->rest_n, 0);
	world_check(world);
}

/* --- another CPU ----------------------------------------------------------------------------------- */

static void open_another(struct nat_world *world)
{
	struct nat_ctx mine = c;

	assert_int_equal(run(LAN_HOST(30), 41000, REMOTE(8), 53), NAT_SEND);
	(void)world;
	c = mine;
}

/* The first two packets of a host come to two CPUs. */
static void test_both_first(void **state)
{
	struct nat_world *world = *state;

	world->before_host_add = open_another;
	assert_int_equal(out(LAN_HOST(30), 40000), NAT_SEND);
	assert_int_equal(sessions_of(world, LAN_HOST(30)), 2);
	assert_int_equal(mappings_of(world, LAN_HOST(30)), 2);
	world_check(world);
}

/* Its last session ends while this CPU counts a new one. */
static void end_the_last(struct nat_world *world, __u64 *word)
{
	struct nat_ctx mine = c;

	(void)word;
	end(world, 0);
	c = mine;
}

static void test_last_and_first(void **state)
{
	struct nat_world *world = *state;

	assert_int_equal(out(LAN_HOST(30), 40000), NAT_SEND);
	world->before_cas = end_the_last;
	assert_int_equal(out(LAN_HOST(30), 40001), NAT_SEND);
	assert_int_equal(sessions_of(world, LAN_HOST(30)), 1);
	world_check(world);
}

/* The same, and the element is another host's by then, with a word that happens to be the same. */
static void recycle(struct nat_world *world, __u64 *word)
{
	struct nat_ctx mine = c;
	__u64 old = *word;
	struct hp_host_key key;
	struct hp_host *h;

	end(world, 0);
	assert_int_equal(out(LAN_HOST(31), 41000), NAT_SEND);
	nat_v4_mapped(key.addr, LAN_HOST(31));
	h = nat_table_find(&world->hosts, &key);
	assert_ptr_equal(&h->word, word);
	*word = old;
	c = mine;
}

static void test_recycled(void **state)
{
	struct nat_world *world = *state;

	assert_int_equal(out(LAN_HOST(30), 40000), NAT_SEND);
	world->before_cas = recycle;
	assert_int_equal(out(LAN_HOST(30), 40001), NAT_SEND);
	assert_int_equal(sessions_of(world, LAN_HOST(30)), 1);
	assert_int_equal(sessions_of(world, LAN_HOST(31)), 1);
	world_check(world);
	end_all(world);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_mappings),	 TEST(test_lowered),	  TEST(test_sessions),
		TEST(test_whose),	 TEST(test_rate),	  TEST(test_v6),
		TEST(test_flood),	 TEST(test_forged_flood), TEST(test_hosts_full),
		TEST(test_nothing_left), TEST(test_both_first),	  TEST(test_last_and_first),
		TEST(test_recycled),	 TEST(test_invented_v6),  TEST(test_invented_nets),
	};

	return cmocka_run_group_tests_name("nat host limit", tests, NULL, NULL);
}
