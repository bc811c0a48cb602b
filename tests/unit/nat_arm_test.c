// SPDX-License-Identifier: GPL-2.0-or-later
/* Role bypass (nat/arm.h): what a session of one arm holds, who may use it, and what a change of the plan leaves of it. */
/* Requirements: 2, 11. */
#include "cleanup.h"
#include "native/world.h"

#include "nat/audit.h"
#include "nat/host.h"
#include "nat/import.h"
#include "nat/lan.h"
#include "nat/wan.h"

#define TCP 6
#define UDP 17
#define SYN 0x02
#define SYN_ACK 0x12
#define NOW_S 1000
#define SERVER LAN_HOST(20)
#define CLIENT LAN_HOST(30)

/* One packet that comes in by the one device. Its action. */
static int run(struct nat_ctx *c, __u8 proto, __u8 flags, const struct world_tuple *tuple)
{
	world_begin(c, WORLD_WAN, 0, NOW_S);
	world_packet(c, proto, tuple);
	c->in.tcp_flags = flags;
	c->in.tcp_octets = (flags & SYN) != 0;
	c->in.flow4.side = nat_arm_side4(c);
	return c->in.flow4.side == HP_SIDE_LAN ? nat_lan(NULL, c) : nat_wan(NULL, c);
}

static int run_udp(struct nat_ctx *c, __be32 from, __u16 sport, __be32 to, __u16 dport)
{
	const struct world_tuple tuple = {from, to, sport, dport};

	return run(c, UDP, 0, &tuple);
}

/* One of our own stack. */
static int run_own(struct nat_ctx *c, __u8 proto, __u8 flags, const struct world_tuple *tuple)
{
	world_begin(c, WORLD_WAN, HP_SIDE_HOST, NOW_S);
	world_packet(c, proto, tuple);
	c->in.tcp_flags = flags;
	return nat_host(NULL, c);
}

static int stays(struct nat_world *world, __u32 index)
{
	struct nat_ctx c = {0};

	world_begin(&c, 0, 0, NOW_S);
	return nat_audit(&c, &world->sessions[index]);
}

static void forward(struct nat_world *world, __u8 outside_gateway)
{
	const struct world_forward echo = {.proto = UDP,
					   .port = 7000,
					   .host = SERVER,
					   .host_port = 7,
					   .outside_gateway = outside_gateway};

	world_plan_arm(world, 0);
	world_forward(world, 0, &echo);
}

static void expect(const struct nat_ctx *c, const struct world_tuple *tuple)
{
	assert_int_equal(c->out.saddr, tuple->saddr);
	assert_int_equal(c->out.daddr, tuple->daddr);
	assert_int_equal(ntohs(c->out.sport), tuple->sport);
	assert_int_equal(ntohs(c->out.dport), tuple->dport);
}

static void test_sides(void **state)
{
	struct nat_world *world = *state;
	static const struct {
		__be32 source;
		__u8 proto, side;
	} rows[] = {
		{CLIENT, TCP, HP_SIDE_LAN},    {ARM_ADDR, TCP, HP_SIDE_LAN},
		{0, UDP, HP_SIDE_LAN},	       {0, 2, HP_SIDE_WAN},
		{REMOTE(7), TCP, HP_SIDE_WAN}, {MAIN_ADDR, TCP, HP_SIDE_WAN},
		{LAN_HOST(1), 1, HP_SIDE_LAN},
	};
	struct nat_ctx c = {0};

	world_plan_arm(world, 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct world_tuple tuple = {rows[i].source, ARM_ADDR, 1, 2};

		world_begin(&c, WORLD_WAN, 0, NOW_S);
		world_packet(&c, rows[i].proto, &tuple);
		assert_int_equal(nat_arm_side4(&c), rows[i].side);
	}
}

/* The main router's errors are of the side that it is asked for, whatever its own address; and no outsider's is of the other. */
static void test_side_of_errors(void **state)
{
	struct nat_world *world = *state;
	static const struct {
		__be32 source, quoted;
		__u8 side;
	} rows[] = {
		{LAN_HOST(1), REMOTE(7), HP_SIDE_WAN}, {LAN_HOST(1), MAIN_ADDR, HP_SIDE_WAN},
		{SERVER, SERVER, HP_SIDE_LAN},	       {REMOTE(1), REMOTE(7), HP_SIDE_WAN},
		{REMOTE(1), SERVER, HP_SIDE_WAN},
	};
	struct nat_ctx c = {0};

	world_plan_arm(world, 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct world_tuple tuple = {rows[i].source, ARM_ADDR, 0, 0};

		world_begin(&c, WORLD_WAN, 0, NOW_S);
		world_packet(&c, 1, &tuple);
		c.in.icmp = NAT_ICMP_ERROR;
		c.in.quoted = 1;
		c.in.quote4 = (struct hp_flow4){.saddr = ARM_ADDR, .daddr = rows[i].quoted};
		assert_int_equal(nat_arm_side4(&c), rows[i].side);
	}
}

/* Nobody reaches the one for whom an address of ours stands, neither a neighbour nor a stranger, nor does his port become a mapping's. */
static void test_stand_in_leads_nowhere(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	forward(world, 1);
	assert_int_equal(run_udp(&c, REMOTE(7), 5000, ARM_ADDR, 7000), NAT_SEND);
	expect(&c, &(struct world_tuple){ARM_ADDR, SERVER, 5000, 7});
	assert_int_equal(run_udp(&c, CLIENT, 6000, ARM_ADDR, 5000), NAT_PASS);
	assert_int_equal(c.reason, HP_PASS_OWN_SERVICE);
	assert_int_equal(run_udp(&c, REMOTE(8), 6000, ARM_ADDR, 5000), NAT_DROP);
	assert_int_equal(c.reason, HP_DROP_CLOSED);
	/* Whoever has that port himself gets another one. */
	assert_int_equal(run_udp(&c, CLIENT, 5000, REMOTE(9), 53), NAT_SEND);
	assert_int_not_equal(c.out.sport, htons(5000));
	/* And the server's answer finds back. */
	assert_int_equal(run_udp(&c, SERVER, 7, ARM_ADDR, 5000), NAT_SEND);
	expect(&c, &(struct world_tuple){ARM_ADDR, REMOTE(7), 7000, 5000});
	world_check(world);
}

/* No port of what is declared stands in for anybody, since it is declared at the same address. */
static void test_stand_in_spares_the_declared(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	forward(world, 1);
	assert_int_equal(run_udp(&c, REMOTE(7), 7000, ARM_ADDR, 7000), NAT_SEND);
	assert_int_equal(c.out.saddr, ARM_ADDR);
	assert_int_not_equal(c.out.sport, htons(7000));
}

static void test_audit_of_forward(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	forward(world, 1);
	run_udp(&c, REMOTE(7), 5000, ARM_ADDR, 7000);
	world_check(world);
	assert_true(stays(world, 0));
	/* A server that is proved meanwhile keeps what has begun. */
	forward(world, 0);
	assert_true(stays(world, 0));
	world_plan_arm(world, 0);
	assert_false(stays(world, 0));
}

/* With the main router's address as source, and the port that it has at ours. */
static void test_loopback(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};

	forward(world, 0);
	assert_int_equal(run_udp(&c, CLIENT, 5000, MAIN_ADDR, 7000), NAT_SEND);
	expect(&c, &(struct world_tuple){MAIN_ADDR, SERVER, 5000, 7});
	assert_int_equal(run_udp(&c, SERVER, 7, MAIN_ADDR, 5000), NAT_SEND);
	expect(&c, &(struct world_tuple){MAIN_ADDR, CLIENT, 7000, 5000});
	assert_int_equal(run_udp(&c, CLIENT, 5000, REMOTE(9), 53), NAT_SEND);
	expect(&c, &(struct world_tuple){ARM_ADDR, REMOTE(9), 5000, 53});
	assert_true(stays(world, 0) && stays(world, 1));
	world_check(world);
	/* Another source for what begins from now on. */
	world->settings[0].loop_addr = V4(192, 0, 2, 2);
	assert_true(stays(world, 0) && stays(world, 1));
	/* Our own address has become another one: the port was its. */
	world_arm_moves(world, 0);
	assert_false(stays(world, 0) || stays(world, 1));
}

static void test_import_of_loopback(void **state)
{
	struct nat_world *world = *state;
	struct nat_ctx c = {0};
	struct hp_session old;

	forward(world, 0);
	run_udp(&c, CLIENT, 5000, MAIN_ADDR, 7000);
	old = world->sessions[0];
	assert_int_equal(nat_session_end(&c, 0, old.word), 1);
	world_begin(&c, 0, 0, NOW_S);
	c.draft = old;
	assert_int_equal(nat_import(&c), 0);
	world_check(world);
	assert_int_equal(run_udp(&c, SERVER, 7, MAIN_ADDR, 5000), NAT_SEND);
	expect(&c, &(struct world_tuple){MAIN_ADDR, CLIENT, 7000, 5000});
}

/* Who answers past us is noted, once: by TCP what only an answer can be, by UDP what comes from a declared port. */
static void test_past_us(void **state)
{
	struct nat_world *world = *state;
	const struct world_tuple tcp = {SERVER, REMOTE(7), 443, 40000};
	const struct hp_flow4 notes[] = {
		{.daddr = SERVER, .dport = htons(443), .proto = TCP, .side = HP_SIDE_ARM},
		{.daddr = SERVER, .dport = htons(7), .proto = UDP, .side = HP_SIDE_ARM},
	};
	struct nat_ctx c = {0};

	forward(world, 0);
	assert_int_equal(run(&c, TCP, 0x10, &tcp), NAT_SEND);
	assert_int_equal(c.reason, HP_PASS_UNSEEN);
	assert_int_equal(world->notes.n, 0);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(run(&c, TCP, SYN_ACK, &tcp), NAT_SEND);
		assert_int_equal(c.reason, HP_PASS_UNSEEN);
		assert_int_equal(run_udp(&c, SERVER, 7, REMOTE(7), 40000), NAT_SEND);
		assert_int_equal(c.reason, HP_PASS_UNSEEN);
		expect(&c, &(struct world_tuple){SERVER, REMOTE(7), 7, 40000});
	}
	assert_int_equal(world->notes.n, ARRAY_SIZE(notes));
	for (size_t i = 0; i < ARRAY_SIZE(notes); i++)
		assert_non_null(nat_table_find(&world->notes, &notes[i]));
	assert_int_equal(world_active(world), 0);
}

/* Our own port is not a host's, and a listening socket of ours needs no session to answer whoever is inside. */
static void test_own_flows(void **state)
{
	struct nat_world *world = *state;
	const struct world_tuple asks = {ARM_ADDR, LAN_HOST(1), 40000, 53};
	const struct world_tuple answers = {ARM_ADDR, CLIENT, 53, 40000};
	struct nat_ctx c = {0};

	world_plan_arm(world, 0);
	assert_int_equal(run_own(&c, UDP, 0, &asks), NAT_PASS);
	assert_int_equal(world_active(world), 1);
	assert_int_equal(run_udp(&c, LAN_HOST(1), 53, ARM_ADDR, 40000), NAT_PASS);
	assert_int_equal(c.reason, HP_PASS_OWN_FLOW);
	assert_int_equal(run_udp(&c, CLIENT, 40000, REMOTE(7), 53), NAT_SEND);
	assert_int_not_equal(c.out.sport, htons(40000));
	world->listens_port = htons(53);
	assert_int_equal(run_own(&c, UDP, 0, &answers), NAT_PASS);
	assert_int_equal(c.reason, HP_PASS_OWN_SERVICE);
	assert_int_equal(run_own(&c, TCP, SYN_ACK, &answers), NAT_PASS);
	assert_int_equal(c.reason, HP_PASS_OWN_SERVICE);
	assert_int_equal(world_active(world), 2);
	world_check(world);
}

/* A service of our own at the main router's address. */
static void test_own_service(void **state)
{
	struct nat_world *world = *state;
	struct hp_rule_key key = {.kind = HP_RULE_EXTERNAL, .proto = UDP, .port = htons(8080)};
	const struct hp_rule rule = {.action = HP_ACTION_PASS, .host_port = htons(80)};
	const struct world_tuple answer = {ARM_ADDR, CLIENT, 80, 5000};
	struct nat_ctx c = {0};

	world_plan_arm(world, 0);
	assert_int_equal(nat_table_add(&world->rules[0], &key, &rule), 0);
	assert_int_equal(run_udp(&c, CLIENT, 5000, MAIN_ADDR, 8080), NAT_DELIVER);
	expect(&c, &(struct world_tuple){CLIENT, ARM_ADDR, 5000, 80});
	assert_int_equal(run_own(&c, UDP, 0, &answer), NAT_DELIVER);
	expect(&c, &(struct world_tuple){MAIN_ADDR, CLIENT, 8080, 5000});
	world_check(world);
	assert_true(stays(world, 0));
	world_plan_arm(world, 0);
	assert_false(stays(world, 0));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_sides),
		TEST(test_side_of_errors),
		TEST(test_stand_in_leads_nowhere),
		TEST(test_stand_in_spares_the_declared),
		TEST(test_audit_of_forward),
		TEST(test_loopback),
		TEST(test_import_of_loopback),
		TEST(test_past_us),
		TEST(test_own_flows),
		TEST(test_own_service),
	};

	return cmocka_run_group_tests_name("nat arm", tests, NULL, NULL);
}
