// SPDX-License-Identifier: GPL-2.0-or-later
/* A plan apart from its tables, and one plan against another. */
#include <arpa/inet.h>

#include "plan_fixture.h"

static void test_settings(void **state _unused_)
{
	_plan_ struct plan *plan = plan_of(WEB "nat:\n"
					       "  ports: 2000-3000\n"
					       "  hairpin-source: client\n",
					   USUAL);
	_plan_ struct plan *no_wan = plan_of(WEB, FACTS(MISSING("eth0") "," LAN "," GUEST, ""));

	assert_int_equal(plan->settings.generation, 0);
	assert_int_equal(plan->settings.wan_ifindex, 2);
	assert_int_equal(plan->settings.wan_addr, inet_addr("203.0.113.5"));
	assert_int_equal(plan->settings.port_first, 2000);
	assert_int_equal(plan->settings.port_last, 3000);
	assert_int_equal(plan->settings.hairpin_source, HP_HAIRPIN_CLIENT);
	assert_int_equal(plan->settings.pass_icmp_echo, 1);
	assert_int_equal(no_wan->settings.wan_ifindex, 0);
	assert_int_equal(no_wan->settings.wan_addr, 0);
	assert_int_equal(no_wan->n_wan_addrs, 0);
}

#define WAN_OLD             \
	ADDR("fe80::2", 64) \
	"," ADDR("2001:db8::5", 64) "," ADDR("169.254.3.4", 16) "," ADDR_OLD("203.0.113.4", 24)
#define WAN_NEW ADDR("203.0.113.9", 24) "," ADDR("203.0.113.5", 24) "," ADDR_OLD("2001:db8::6", 64)

/* The first address that lasts and is good beyond the link, in the kernel's order. */
static void test_wan_address(void **state _unused_)
{
	static const char *const expected[] = {"203.0.113.9", "203.0.113.5", "2001:db8::5"};
	static const char facts[] =
		FACTS(LINK("eth0", 2, WAN_OLD "," WAN_NEW) "," LAN "," GUEST, "");
	_plan_ struct plan *plan = plan_of(HEAD, facts);
	char text[IP_TEXT_MAX];

	assert_int_equal(plan->settings.wan_addr, inet_addr("203.0.113.9"));
	assert_int_equal(plan->n_wan_addrs, ARRAY_SIZE(expected));
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		assert_string_equal(ip_addr_format(&plan->wan_addrs[i], text), expected[i]);
}

static void test_devices(void **state _unused_)
{
	_plan_ struct plan *plan = plan_of(HEAD, FACTS(WAN "," GUEST, ""));

	assert_int_equal(plan->n_devices, 3);
	assert_string_equal(plan->devices[0].name, "eth0");
	assert_int_equal(plan->devices[0].ifindex, 2);
	assert_int_equal(plan->devices[0].side, HP_SIDE_WAN);
	assert_string_equal(plan->devices[1].name, "br-lan");
	assert_int_equal(plan->devices[1].ifindex, 0);
	assert_int_equal(plan->devices[1].side, HP_SIDE_LAN);
	assert_false(plan->devices[1].isolated);
	assert_string_equal(plan->devices[2].name, "br-guest");
	assert_int_equal(plan->devices[2].ifindex, 4);
	assert_true(plan->devices[2].isolated);
}

static void test_services(void **state _unused_)
{
	_plan_ struct plan *plan = plan_of(
		SERVICES("  - name: web\n"
			 "    domain: [a.example.com, b.example.com]\n"
			 "    host: 192.168.12.20\n"
			 "    ports: [80/tcp, 9000-9009:7000-7009/udp]\n"
			 "  - name: six\n"
			 "    host6: \"2001:db8:11::20\"\n"
			 "    ports: [80/tcp]\n"),
		FACTS(WAN
		      "," LINK("br-lan", 3,
			       ADDR("192.168.11.1", 24) "," ADDR("2001:db8:11::1", 64)) "," GUEST,
		      ""));
	const struct plan_service *web = &plan->services[0], *six = &plan->services[1];

	assert_int_equal(plan->n_services, 2);
	assert_string_equal(web->name, "web");
	assert_int_equal(web->n_domains, 2);
	assert_string_equal(web->domains[1], "b.example.com");
	assert_string_equal(web->segment, "br-guest");
	assert_true(web->has_host && !web->has_host6);
	assert_int_equal(web->n_forwards, 2);
	assert_int_equal(web->forwards[1].proto, IPPROTO_UDP);
	assert_int_equal(web->forwards[1].external_first, 9000);
	assert_int_equal(web->forwards[1].external_last, 9009);
	assert_int_equal(web->forwards[1].internal_first, 7000);
	assert_string_equal(six->segment, "br-lan");
	assert_true(!six->has_host && six->has_host6);
}

static void test_sessions(void **state _unused_)
{
	static const struct {
		__u64 memory;
		unsigned int sessions;
	} cases[] = {
		{0, LIMIT_SESSIONS_MIN},
		{1ULL << 19, LIMIT_SESSIONS_MIN},
		{1ULL << 20, LIMIT_SESSIONS_MIN},
		{64ULL << 20, 11650},
		{1ULL << 30, 186413},
		{4ULL << 30, 745654},
		{1ULL << 40, LIMIT_SESSIONS_AUTO_MAX},
		{UINT64_MAX, LIMIT_SESSIONS_AUTO_MAX},
	};
	_conf_ struct conf *conf = conf_of(HEAD);
	_conf_ struct conf *written = conf_of(HEAD "nat: { limits: { sessions: 5000 } }\n");
	_facts_ struct facts *facts = facts_of(USUAL);
	_strbuf_ struct strbuf errors = {0};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct plan_options options = {.memory_bytes = cases[i].memory};
		_plan_ struct plan *automatic = NULL, *fixed = NULL;

		assert_int_equal(plan_make(conf, facts, &options, &automatic, &errors), 0);
		assert_int_equal(automatic->sessions, cases[i].sessions);
		assert_int_equal(plan_make(written, facts, &options, &fixed, &errors), 0);
		assert_int_equal(fixed->sessions, 5000);
	}
}

/*
 * --- one plan against another --------------------------------------------------------------------
 */

static void test_diff(void **state _unused_)
{
	static const struct {
		const char *old, *old_facts, *next, *next_facts;
		struct plan_diff diff;
		bool equal;
	} cases[] = {
		{WEB, USUAL, WEB, USUAL, {0, 0, 0}, true},
		/* An address of some other interface is no rule, but the data plane sees it. */
		{WEB,
		 USUAL,
		 WEB,
		 FACTS_AS(WAN "," LAN "," GUEST, "", "'10.99.0.1'"),
		 {0, 0, 0},
		 false},
		/* The WAN address is in the rule of its link. */
		{WEB,
		 USUAL,
		 WEB,
		 FACTS(LINK("eth0", 2, ADDR("198.51.100.7", 24)) "," LAN "," GUEST, ""),
		 {0, 0, 1},
		 false},
		{WEB,
		 USUAL,
		 WEB,
		 FACTS(LINK("eth0", 9, ADDR("203.0.113.5", 24)) "," LAN "," GUEST, ""),
		 {1, 1, 0},
		 false},
		{WEB, USUAL, WEB, FACTS(WAN "," MISSING("br-lan") "," GUEST, ""), {0, 1, 2}, false},
		{HEAD, USUAL, WEB, USUAL, {2, 0, 0}, false},
		{WEB, USUAL, HEAD, USUAL, {0, 2, 0}, false},
		{WEB, USUAL, HOST("192.168.11.20"), USUAL, {2, 2, 0}, false},
		{WEB, USUAL, WEB "nat: { ports: 2000-3000 }\n", USUAL, {0, 0, 0}, false},
		{WEB, USUAL, WEB "nat: { limits: { sessions: 5000 } }\n", USUAL, {0, 0, 0}, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_plan_ struct plan *old = plan_of(cases[i].old, cases[i].old_facts);
		_plan_ struct plan *next = plan_of(cases[i].next, cases[i].next_facts);
		struct plan_diff diff = plan_diff(old, next), first = plan_diff(NULL, next);

		assert_int_equal(diff.added, cases[i].diff.added);
		assert_int_equal(diff.removed, cases[i].diff.removed);
		assert_int_equal(diff.changed, cases[i].diff.changed);
		assert_int_equal(plan_equal(old, next), cases[i].equal);
		assert_int_equal(plan_equal(next, old), cases[i].equal);
		assert_int_equal(first.added, next->n_rules);
		assert_int_equal(first.removed + first.changed, 0);
	}
}

/* Generation and waits are no reason to apply a plan again. */
static void test_equal_apart(void **state _unused_)
{
	_plan_ struct plan *a = plan_of(WEB, USUAL);
	_plan_ struct plan *b =
		plan_of(WEB, FACTS(LINK_AS("eth0", 2, true, false, true,
					   ADDR("203.0.113.5", 24)) "," LAN "," GUEST,
				   ""));

	assert_string_not_equal(strbuf_text(&a->waits), strbuf_text(&b->waits));
	a->settings.generation = 7;
	assert_true(plan_equal(a, b));
	b->settings.wan_addr ^= 1;
	assert_false(plan_equal(a, b));
}

/* The kernel lists things in any order; that alone must never look like a change. */
static void test_order_of_facts(void **state _unused_)
{
	_plan_ struct plan *a = plan_of(
		WEB, FACTS_AS(WAN "," LAN "," GUEST,
			      ROUTE("10.1.0.0/16", 3, 0) "," ROUTE("10.1.0.0/16", 4, 0) "," ROUTE(
				      "10.2.0.0/16", 4, 5) "," ROUTE("10.2.0.0/16", 3, 6),
			      "'10.99.0.1','192.168.11.1','127.0.0.1'"));
	_plan_ struct plan *b = plan_of(
		WEB, FACTS_AS(GUEST "," LAN "," WAN,
			      ROUTE("10.2.0.0/16", 3, 6) "," ROUTE("10.2.0.0/16", 4, 5) "," ROUTE(
				      "10.1.0.0/16", 4, 0) "," ROUTE("10.1.0.0/16", 3, 0),
			      "'127.0.0.1','192.168.11.1','10.99.0.1'"));

	assert_true(plan_equal(a, b));
}

static void test_free_nothing(void **state _unused_)
{
	assert_null(plan_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings),     cmocka_unit_test(test_wan_address),
		cmocka_unit_test(test_devices),	     cmocka_unit_test(test_services),
		cmocka_unit_test(test_sessions),     cmocka_unit_test(test_diff),
		cmocka_unit_test(test_equal_apart),  cmocka_unit_test(test_order_of_facts),
		cmocka_unit_test(test_free_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
