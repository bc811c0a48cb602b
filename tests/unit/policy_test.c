// SPDX-License-Identifier: GPL-2.0-or-later
/* Which way the rules of routing lead a packet: those of a TUN proxy above all. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "policy.h"

#define ETH 2
#define TUN 5
#define MAIN 254
#define LOCAL 255
#define PROXY 2022

static struct ip_net net(const char *text)
{
	struct ip_net net = {0};

	assert_int_equal(ip_net_parse(text, &net), 0);
	return net;
}

static struct ip_addr addr(const char *text)
{
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	return addr;
}

/* --- rules as mihomo and sing-box write them with auto-route ---------------------------------------------- */

static struct policy_rule table_rule(__u32 priority, __u32 table)
{
	return (struct policy_rule){.priority = priority, .table = table, .suppress_length = -1};
}

struct world {
	struct policy policy;
	struct policy_rule rules[16];
	struct policy_route routes[8];
};

static void world_rule(struct world *world, struct policy_rule rule)
{
	world->policy.rules = world->rules;
	world->rules[world->policy.n_rules++] = rule;
}

static void world_routes(struct world *world)
{
	struct policy_route routes[] = {
		{.table = LOCAL,
		 .net = net("192.168.11.3/32"),
		 .kind = POLICY_LOCAL,
		 .ifindex = ETH},
		{.table = MAIN, .net = net("192.168.11.0/24"), .ifindex = ETH},
		{.table = MAIN, .ifindex = ETH, .metric = 100},
		{.table = MAIN, .ifindex = 9, .metric = 200},
		{.table = PROXY, .ifindex = TUN},
	};

	memcpy(world->routes, routes, sizeof(routes));
	world->policy.routes = world->routes;
	world->policy.n_routes = ARRAY_SIZE(routes);
}

static void world_make(struct world *world)
{
	struct policy_rule rule;

	*world = (struct world){0};
	world_routes(world);
	world_rule(world, table_rule(0, LOCAL));
	rule = table_rule(9000, PROXY);
	rule.to = net("198.18.0.0/30");
	world_rule(world, rule);
	rule = table_rule(9001, 0);
	rule.action = POLICY_GOTO;
	rule.proto = IPPROTO_ICMP;
	rule.target = 9010;
	world_rule(world, rule);
	rule = table_rule(9002, MAIN);
	rule.inverted = true;
	rule.dport_first = rule.dport_last = 53;
	rule.suppress_length = 0;
	world_rule(world, rule);
	rule = table_rule(9003, PROXY);
	rule.inverted = true;
	strcpy(rule.iif, "lo");
	world_rule(world, rule);
	rule = table_rule(9010, 0);
	rule.action = POLICY_NOP;
	world_rule(world, rule);
	world_rule(world, table_rule(32766, MAIN));
}

/* The answer of a server to somebody outside. */
static struct policy_packet answer_packet(void)
{
	return (struct policy_packet){.from = addr("192.168.11.20"),
				      .to = addr("203.0.113.9"),
				      .iif = "eth0",
				      .proto = IPPROTO_TCP,
				      .sport = 443};
}

static unsigned int way(const struct world *world, const struct policy_packet *packet)
{
	return policy_ask(&world->policy, packet).ifindex;
}

static void tun_takes_answers(void **state)
{
	struct policy_packet packet = answer_packet();
	_strbuf_ struct strbuf text = {0};
	struct policy_answer answer;
	struct world world;

	(void)state;
	world_make(&world);
	answer = policy_ask(&world.policy, &packet);
	assert_int_equal(answer.ifindex, TUN);
	assert_false(answer.doubt);
	policy_rule_print(answer.rule, &text);
	assert_string_equal(strbuf_text(&text), "9003: not from all iif lo lookup 2022");
	assert_int_equal(policy_front(&world.policy), 8999);

	packet.to = addr("192.168.11.2");
	assert_int_equal(way(&world, &packet), ETH);
	packet.to = addr("192.168.11.3");
	assert_int_equal(policy_ask(&world.policy, &packet).kind, POLICY_LOCAL);
	packet = answer_packet();
	packet.proto = IPPROTO_ICMP;
	assert_int_equal(way(&world, &packet), ETH);
}

/* The line that check prints: @rule comes in front. */
static unsigned int way_past(struct policy_rule rule, const struct policy_packet *packet)
{
	struct world world;

	world_make(&world);
	memmove(world.rules + 2, world.rules + 1, (world.policy.n_rules - 1) * sizeof(rule));
	world.policy.n_rules++;
	rule.priority = 8999;
	rule.suppress_length = -1;
	rule.table = MAIN;
	world.rules[1] = rule;
	return way(&world, packet);
}

static void exemption_lets_past(void **state)
{
	struct policy_packet packet = answer_packet();
	struct policy_rule by_port = {.from = net("192.168.11.20/32"),
				      .iif = "eth0",
				      .proto = IPPROTO_TCP,
				      .sport_first = 440,
				      .sport_last = 443};
	struct policy_rule by_mark = {.mark = 0x100, .mask = 0x100};

	(void)state;
	assert_int_equal(way_past(by_port, &packet), ETH);
	packet.sport = 444;
	assert_int_equal(way_past(by_port, &packet), TUN);
	packet.sport = 0;
	assert_int_equal(way_past(by_port, &packet), TUN);
	assert_int_equal(way_past(by_mark, &packet), TUN);
	packet.mark = 0x101;
	assert_int_equal(way_past(by_mark, &packet), ETH);
}

static void whatever_is_unknown_is_doubt(void **state)
{
	struct policy_packet packet = answer_packet();
	struct policy_answer answer;
	struct world world;

	(void)state;
	world_make(&world);
	world.rules[4].unknown = true;
	answer = policy_ask(&world.policy, &packet);
	assert_int_equal(answer.ifindex, ETH);
	assert_true(answer.doubt);
}

static void refused_and_nowhere(void **state)
{
	struct policy_packet packet = answer_packet();
	struct policy_answer answer;
	struct world world;

	(void)state;
	world_make(&world);
	world.rules[4].action = POLICY_REFUSE;
	answer = policy_ask(&world.policy, &packet);
	assert_int_equal(answer.kind, POLICY_DEAD);
	assert_ptr_equal(answer.rule, &world.rules[4]);
	world.rules[4].action = POLICY_TABLE;
	world.routes[4].kind = POLICY_THROW;
	assert_int_equal(way(&world, &packet), ETH);
	world.policy.n_routes = 0;
	answer = policy_ask(&world.policy, &packet);
	assert_int_equal(answer.kind, POLICY_DEAD);
	assert_null(answer.rule);
}

static void rules_are_printed(void **state)
{
	static const struct {
		struct policy_rule rule;
		const char *text;
	} cases[] = {
		{{.priority = 5, .mark = 1, .mask = ~0u, .table = 100, .suppress_length = -1},
		 "5: from all fwmark 0x1 lookup 100"},
		{{.priority = 5,
		  .mark = 1,
		  .mask = 3,
		  .table = MAIN,
		  .suppress_length = 0,
		  .proto = 6,
		  .sport_first = 7,
		  .sport_last = 9,
		  .dport_first = 53,
		  .dport_last = 53},
		 "5: from all fwmark 0x1/0x3 ipproto 6 sport 7-9 dport 53 lookup main suppress_prefixlength 0"},
		{{.action = POLICY_GOTO, .target = 9010, .oif = "eth0"},
		 "0: from all oif eth0 goto 9010"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_strbuf_ struct strbuf text = {0};

		policy_rule_print(&cases[i].rule, &text);
		assert_string_equal(strbuf_text(&text), cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tun_takes_answers),
		cmocka_unit_test(exemption_lets_past),
		cmocka_unit_test(whatever_is_unknown_is_doubt),
		cmocka_unit_test(refused_and_nowhere),
		cmocka_unit_test(rules_are_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
