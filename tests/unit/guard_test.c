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
		cmocka_unit_test(without_devices_there_is_nothing_to_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
