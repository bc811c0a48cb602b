// SPDX-License-Identifier: GPL-2.0-or-later
/* The guard's rules, as text. What they do to packets is in tests/bpf and tests/lab. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"

static struct plan_device devices[] = {
	{.name = "wan0", .ifindex = 2, .side = HP_SIDE_WAN},
	{.name = "br-lan", .ifindex = 3, .side = HP_SIDE_LAN},
	{.name = "br-guest", .ifindex = 0, .side = HP_SIDE_LAN, .isolated = true},
};

#define HTONS(port) (__be16) __builtin_bswap16(port)

static struct strbuf compile(const struct plan *plan)
{
	struct strbuf out = {0};

	guard_compile(plan, &out);
	return out;
}

static void has(const struct strbuf *text, const char *line)
{
	_strbuf_ struct strbuf whole = {0};

	strbuf_add(&whole, "\n%s\n", line);
	if (!strstr(strbuf_text(text), whole.text))
		fail_msg("no line \"%s\" in:\n%s", line, strbuf_text(text));
}

static void unjudged_packets_are_dropped_on_the_way_in(void **state)
{
	const struct plan plan = {.devices = devices, .n_devices = ARRAY_SIZE(devices)};
	_strbuf_ struct strbuf text = compile(&plan);

	(void)state;
	has(&text, "add rule inet hairpin input iifname \"wan0\" meta mark & 0x10000000 == 0 "
		   "counter name dropped drop");
	/* Also while the device is away, and an isolated segment like WAN ... */
	has(&text, "add rule inet hairpin input iifname \"br-guest\" meta mark & 0x10000000 == 0 "
		   "counter name dropped drop");
	/* ... but an open segment may use the gateway. */
	assert_null(strstr(strbuf_text(&text), "input iifname \"br-lan\""));
}

static void unjudged_packets_are_dropped_on_the_way_through(void **state)
{
	const struct plan plan = {.devices = devices, .n_devices = ARRAY_SIZE(devices)};
	_strbuf_ struct strbuf text = compile(&plan);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		_strbuf_ struct strbuf line = {0};

		/* From a bridge to itself is what br_netfilter shows of bridged packets. */
		strbuf_add(&line,
			   "add rule inet hairpin forward iifname \"%s\" oifname != \"%s\" "
			   "meta mark & 0x10000000 == 0 counter name dropped drop",
			   devices[i].name, devices[i].name);
		has(&text, line.text);
	}
}

static void public_addresses_are_not_tracked_behind_bridge_ports(void **state)
{
	struct ip_addr addrs[2];
	const struct plan plan = {
		.devices = devices, .n_devices = 2, .wan_addrs = addrs, .n_wan_addrs = 2};
	_strbuf_ struct strbuf text = {0};

	(void)state;
	assert_int_equal(ip_addr_parse("198.51.100.2", &addrs[0]), 0);
	assert_int_equal(ip_addr_parse("2001:db8::2", &addrs[1]), 0);
	text = compile(&plan);
	has(&text,
	    "add rule inet hairpin prerouting iifname != \"wan0\" meta mark & 0x10000000 == 0 "
	    "ip daddr 198.51.100.2 notrack");
	has(&text,
	    "add rule inet hairpin prerouting iifname != \"wan0\" meta mark & 0x10000000 == 0 "
	    "ip saddr 198.51.100.2 notrack");
	/* IPv6 is not translated: its flows make sense to conntrack. */
	assert_null(strstr(strbuf_text(&text), "2001:db8"));
}

/* As the rules of the plan have it; of other kinds none is a host's that asks. */
static struct plan_rule rule_of(enum hp_rule_kind kind, const char *host)
{
	struct plan_rule rule = {.key = {.kind = (__u8)kind}};
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(host, &addr), 0);
	memcpy(rule.key.addr, addr.b, sizeof(rule.key.addr));
	return rule;
}

#define UDP53 "udp dport 53 fib daddr oifname \"wan0\" "
#define TCP53 "tcp dport 53 fib daddr oifname \"wan0\" "

static void questions_are_led_and_keep_their_conntrack(void **state)
{
	struct plan_lead leads[] = {{.interface = "br-lan", .has_clients = true},
				    {.interface = "br-guest"}};
	const struct plan plan = {.devices = devices,
				  .n_devices = ARRAY_SIZE(devices),
				  .leads = leads,
				  .n_leads = ARRAY_SIZE(leads)};
	_strbuf_ struct strbuf text = {0};

	(void)state;
	assert_int_equal(ip_net_parse("192.168.11.0/24", &leads[0].clients), 0);
	assert_int_equal(ip_addr_parse("192.168.11.1", &leads[0].server), 0);
	assert_int_equal(ip_addr_parse("192.168.12.1", &leads[1].server), 0);
	text = compile(&plan);
	has(&text, "add chain inet hairpin questions { type nat hook prerouting priority -100; "
		   "policy accept; }");
	has(&text, "add rule inet hairpin questions meta nfproto ipv4 iifname \"br-lan\" "
		   "ip saddr 192.168.11.0/24 " UDP53 "dnat ip to 192.168.11.1:53");
	has(&text, "add rule inet hairpin questions meta nfproto ipv4 iifname \"br-guest\" " TCP53
		   "dnat ip to 192.168.12.1:53");
	has(&text, "add rule inet hairpin prerouting meta nfproto ipv4 iifname \"br-guest\" " TCP53
		   "accept");
	/* Before what would take it away from them. */
	assert_true(strstr(text.text, UDP53 "accept") < strstr(text.text, "\"wan0\" notrack"));
}

static void who_asks_outside_is_not_led(void **state)
{
	struct plan_lead lead = {.interface = "br-lan"};
	struct plan_rule rules[] = {rule_of(HP_RULE_HOST, "192.168.11.19"),
				    rule_of(HP_RULE_ASKER, "192.168.11.20"),
				    rule_of(HP_RULE_ASKER, "192.168.11.53")};
	const struct plan plan = {.devices = devices,
				  .n_devices = ARRAY_SIZE(devices),
				  .rules = rules,
				  .n_rules = ARRAY_SIZE(rules),
				  .leads = &lead,
				  .n_leads = 1};
	_strbuf_ struct strbuf text = {0};

	(void)state;
	assert_int_equal(ip_addr_parse("192.168.11.1", &lead.server), 0);
	text = compile(&plan);
	has(&text, "add rule inet hairpin questions meta nfproto ipv4 iifname \"br-lan\" ip saddr "
		   "!= { 192.168.11.20, 192.168.11.53 } " UDP53 "dnat ip to 192.168.11.1:53");
	/* Theirs is translated by the programs, which conntrack would not understand. */
	has(&text, "add rule inet hairpin prerouting meta nfproto ipv4 iifname \"br-lan\" ip saddr "
		   "!= { 192.168.11.20, 192.168.11.53 } " UDP53 "accept");
}

/* Of the gateway itself, and only where another port is inside. */
static void moved_ports_are_led(void **state)
{
	static struct plan_rule rules[] = {
		{.key = {.port = HTONS(22), .proto = 6, .kind = HP_RULE_EXTERNAL},
		 .rule = {.action = HP_ACTION_PASS, .host_port = HTONS(22)}},
		{.key = {.port = HTONS(8443), .proto = 6, .kind = HP_RULE_EXTERNAL},
		 .rule = {.action = HP_ACTION_PASS, .host_port = HTONS(443)}},
		{.key = {.port = HTONS(9000), .proto = 6, .kind = HP_RULE_EXTERNAL},
		 .rule = {.action = HP_ACTION_PASS, .host_port = HTONS(9001)}},
		{.key = {.port = HTONS(80), .proto = 17, .kind = HP_RULE_EXTERNAL},
		 .rule = {.action = HP_ACTION_FORWARD, .host_port = HTONS(81)}},
	};
	static struct ip_addr publics[2];
	const struct plan plan = {.devices = devices,
				  .n_devices = ARRAY_SIZE(devices),
				  .rules = rules,
				  .n_rules = ARRAY_SIZE(rules),
				  .wan_addrs = publics,
				  .n_wan_addrs = ARRAY_SIZE(publics)};
	_strbuf_ struct strbuf text = {0};

	(void)state;
	assert_int_equal(ip_addr_parse("203.0.113.5", &publics[0]), 0);
	assert_int_equal(ip_addr_parse("2001:db8::5", &publics[1]), 0);
	text = compile(&plan);
	has(&text, "add rule inet hairpin questions ip daddr 203.0.113.5 tcp dport { 8443, 9000 } "
		   "dnat ip to 203.0.113.5 : tcp dport map { 8443 : 443, 9000 : 9001 }");
	has(&text, "add rule inet hairpin prerouting ip daddr 203.0.113.5 tcp dport { 8443, 9000 } "
		   "accept");
	assert_null(strstr(strbuf_text(&text), "2001:db8::5"));
	assert_null(strstr(strbuf_text(&text), "udp dport { "));
}

/* Who is inside on one arm reaches the gateway also while its filter is away, but for what the filter would translate back. */
static void on_one_arm_a_source_says_where(void **state)
{
	static struct plan_device arm[] = {{.name = "eth0", .ifindex = 2, .side = HP_SIDE_WAN},
					   {.name = "eth0", .ifindex = 2, .side = HP_SIDE_LAN}};
	struct plan_prefix lan = {.key = {.prefixlen = 32 + 96 + 24},
				  .prefix = {.kind = HP_NET_LAN, .ifindex = 2}};
	struct ip_addr addr, own;
	const struct plan plan = {
		.devices = arm,
		.n_devices = ARRAY_SIZE(arm),
		.prefixes = &lan,
		.n_prefixes = 1,
		.wan_addrs = &own,
		.n_wan_addrs = 1,
		.settings = {.one_arm = 1, .port_first = 1024, .port_last = 65535},
	};
	_strbuf_ struct strbuf text = {0};
	const char *inside, *rest;

	(void)state;
	assert_int_equal(ip_addr_parse("192.168.11.0", &addr), 0);
	assert_int_equal(ip_addr_parse("192.168.11.3", &own), 0);
	memcpy(lan.key.addr, addr.b, sizeof(lan.key.addr));
	text = compile(&plan);
	has(&text,
	    "add rule inet hairpin input iifname \"eth0\" ip saddr 192.168.11.0/24 meta mark & "
	    "0x10000000 == 0 meta l4proto { tcp, udp } th dport 1024-65535 counter name dropped drop");
	inside = strstr(text.text, "input iifname \"eth0\" ip saddr 192.168.11.0/24 accept\n");
	rest = strstr(text.text, "input iifname \"eth0\" meta mark & 0x10000000 == 0 counter");
	assert_true(inside && rest && inside < rest);
	/* Through, to a neighbour only: untranslated, what is translated else would be ended from outside. */
	inside = strstr(text.text,
			"forward iifname \"eth0\" ip saddr 192.168.11.0/24 jump neighbours\n");
	rest = strstr(text.text, "forward iifname \"eth0\" meta mark & 0x10000000 == 0 counter");
	assert_true(inside && rest && inside < rest);
	/* What the stack routes there is tracked by whoever does. */
	assert_null(strstr(text.text, "notrack"));
}

static void nobody_led_means_no_nat(void **state)
{
	const struct plan plan = {.devices = devices, .n_devices = ARRAY_SIZE(devices)};
	_strbuf_ struct strbuf text = compile(&plan);

	(void)state;
	assert_null(strstr(strbuf_text(&text), "questions"));
	assert_null(strstr(strbuf_text(&text), " nat "));
}

static void without_devices_there_is_nothing_to_drop(void **state)
{
	const struct plan plan = {0};
	_strbuf_ struct strbuf text = compile(&plan);

	(void)state;
	assert_null(strstr(strbuf_text(&text), "add rule"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unjudged_packets_are_dropped_on_the_way_in),
		cmocka_unit_test(unjudged_packets_are_dropped_on_the_way_through),
		cmocka_unit_test(public_addresses_are_not_tracked_behind_bridge_ports),
		cmocka_unit_test(questions_are_led_and_keep_their_conntrack),
		cmocka_unit_test(who_asks_outside_is_not_led),
		cmocka_unit_test(moved_ports_are_led),
		cmocka_unit_test(on_one_arm_a_source_says_where),
		cmocka_unit_test(nobody_led_means_no_nat),
		cmocka_unit_test(without_devices_there_is_nothing_to_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
