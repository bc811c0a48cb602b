// SPDX-License-Identifier: GPL-2.0-or-later
/* Requirements: 7. */
/* What the keys below `nat` become in the settings of the data plane, each in its own field and in no other. */
#include "plan_fixture.h"

/* Every field of a key, by name. */
/* clang-format off */
#define FIELDS(X)                                                                              \
	X(hairpin_filtered) X(filtering_udp) X(filtering_tcp) X(peers_udp) X(peers_tcp)        \
	X(port_parity) X(pickup) X(silent) X(wan_no_ethernet) X(lan_no_ethernet) X(mss_wan)    \
	X(sorter_mtu) X(udp_s) X(tcp_established_s) X(tcp_transitory_s) X(icmp_s) X(other_s)   \
	X(mappings_per_host) X(sessions_per_host) X(new_per_host)
/* clang-format on */

/* "udp_s=600 silent=1": fields of @is that differ from those of @usual, in the order above. */
static void print_difference(const struct hp_settings *is, const struct hp_settings *usual,
			     struct strbuf *out)
{
#define X(field)                       \
	if (is->field != usual->field) \
		strbuf_add(out, "%s" #field "=%u", out->length ? " " : "", is->field);
	FIELDS(X)
#undef X
}

/* 1 GiB of memory: a table of 186413 sessions. */
static const struct hp_settings defaults = {
	HP_SETTINGS_DEFAULTS,
	.filtering_udp = HP_FILTER_ADDRESS_DEPENDENT,
	.filtering_tcp = HP_FILTER_ADDRESS_AND_PORT_DEPENDENT,
	.peers_udp = 1,
	.mss_wan = 1460,
	.sorter_mtu = 1500,
	.mappings_per_host = LIMIT_MAPPINGS_PER_HOST,
	.sessions_per_host = 23301,
	.new_per_host = LIMIT_NEW_PER_HOST,
};

#define CONSOLE(filtering)                        \
	SERVICES("  - name: console\n"            \
		 "    host: 192.168.11.20\n"      \
		 "    ports: [3074/udp]\n"        \
		 "    filtering: " filtering "\n" \
		 "nat: { filtering: endpoint-independent }\n")
#define PHONE(filtering) \
	HEAD "nat: { hosts: [{ address: 192.168.11.40, filtering: " filtering " }] }\n"

#define ETH0(mtu) FACTS(LINK_MTU("eth0", 2, mtu, ADDR("203.0.113.5", 24)) "," LAN "," GUEST, "")
#define PPP(name, ifindex, addrs) LINK_ODD(name, ifindex, 1492, false, true, addrs)
#define BR_LAN(mtu) \
	FACTS(WAN "," LINK_MTU("br-lan", 3, mtu, ADDR("192.168.11.1", 24)) "," GUEST, "")

static const struct {
	const char *conf, *facts;
	const char *difference; /* from the defaults */
} cases[] = {
	{HEAD, USUAL, ""},
	{HEAD "nat: { filtering: endpoint-independent }\n", USUAL,
	 "filtering_udp=0 filtering_tcp=0 peers_udp=0"},
	{HEAD "nat: { filtering: { udp: endpoint-independent } }\n", USUAL,
	 "filtering_udp=0 peers_udp=0"},
	{HEAD "nat: { filtering: { udp: address-and-port-dependent } }\n", USUAL,
	 "filtering_udp=2 peers_udp=0"},
	{HEAD "nat: { filtering: { tcp: address-dependent } }\n", USUAL,
	 "filtering_tcp=1 peers_tcp=1"},
	{HEAD "nat: { filtering: { tcp: endpoint-independent } }\n", USUAL, "filtering_tcp=0"},
	/* One host that needs them is enough, of its own protocol. */
	{CONSOLE("endpoint-independent"), USUAL, "filtering_udp=0 filtering_tcp=0 peers_udp=0"},
	{CONSOLE("{ udp: address-dependent }"), USUAL, "filtering_udp=0 filtering_tcp=0"},
	{CONSOLE("{ tcp: address-dependent }"), USUAL,
	 "filtering_udp=0 filtering_tcp=0 peers_udp=0 peers_tcp=1"},
	{PHONE("address-dependent"), USUAL, "peers_tcp=1"},
	{PHONE("{ udp: endpoint-independent }"), USUAL, ""},
	{HEAD "nat: { hairpin-filtering: same }\n", USUAL, "hairpin_filtered=1"},
	{HEAD "nat: { port-parity: yes }\n", USUAL, "port_parity=1"},
	{HEAD "nat: { tcp-pickup: yes }\n", USUAL, "pickup=1"},
	{HEAD "nat: { unsolicited: silent }\n", USUAL, "silent=1"},
	{HEAD "nat: { timeouts: { udp: 10m } }\n", USUAL, "udp_s=600"},
	{HEAD "nat: { timeouts: { tcp-established: 1d } }\n", USUAL, "tcp_established_s=86400"},
	{HEAD "nat: { timeouts: { tcp-transitory: 5m } }\n", USUAL, "tcp_transitory_s=300"},
	{HEAD "nat: { timeouts: { icmp: 61s } }\n", USUAL, "icmp_s=61"},
	{HEAD "nat: { timeouts: { other: 2m } }\n", USUAL, "other_s=120"},
	{HEAD "nat: { limits: { mappings-per-host: 16 } }\n", USUAL, "mappings_per_host=16"},
	{HEAD "nat: { limits: { mappings-per-host: unlimited } }\n", USUAL, "mappings_per_host=0"},
	{HEAD "nat: { limits: { new-per-host: 10 } }\n", USUAL, "new_per_host=10"},
	{HEAD "nat: { limits: { new-per-host: unlimited } }\n", USUAL, "new_per_host=0"},
	{HEAD "nat: { limits: { sessions-per-host: 100 } }\n", USUAL, "sessions_per_host=100"},
	{HEAD "nat: { limits: { sessions-per-host: unlimited } }\n", USUAL, "sessions_per_host=0"},
	/* An eighth of the table, and never less than what a browser needs. */
	{HEAD "nat: { limits: { sessions: 80000 } }\n", USUAL, "sessions_per_host=10000"},
	{HEAD "nat: { limits: { sessions: 8192 } }\n", USUAL, "sessions_per_host=1024"},
	{HEAD "nat: { limits: { sessions: 256 } }\n", USUAL, "sessions_per_host=1024"},
	{HEAD "nat: { mss-clamp: 1412 }\n", USUAL, "mss_wan=1412"},
	{HEAD "nat: { mss-clamp: off }\n", USUAL, "mss_wan=0"},
	/* The segment size follows the WAN device, the sorter the smallest of all. */
	{HEAD, ETH0(1492), "mss_wan=1452 sorter_mtu=1492"},
	{HEAD, ETH0(9000), "mss_wan=8960"},
	{HEAD, ETH0(576), "mss_wan=536 sorter_mtu=576"},
	{HEAD, ETH0(575), "mss_wan=536 sorter_mtu=575"},
	{HEAD, ETH0(65536), "mss_wan=65495"},
	{HEAD, ETH0(0), "mss_wan=0"},
	{HEAD "nat: { mss-clamp: 1412 }\n", ETH0(9000), "mss_wan=1412"},
	/* Devices that have no Ethernet header, PPPoE and WireGuard say. */
	{HEAD, FACTS(PPP("eth0", 2, ADDR("203.0.113.5", 32)) "," LAN "," GUEST, ""),
	 "wan_no_ethernet=1 mss_wan=1452 sorter_mtu=1492"},
	{HEAD, FACTS(WAN "," LAN "," PPP("br-guest", 4, ADDR("192.168.12.1", 24)), ""),
	 "lan_no_ethernet=1 sorter_mtu=1492"},
	{HEAD, BR_LAN(1400), "sorter_mtu=1400"},
	{HEAD, BR_LAN(9000), ""},
	{HEAD, FACTS(MISSING("eth0") "," LAN "," GUEST, ""), "mss_wan=0"},
	{HEAD, FACTS(MISSING("eth0") "," MISSING("br-lan") "," MISSING("br-guest"), ""),
	 "mss_wan=0 sorter_mtu=0"},
	{HEAD,
	 FACTS(LINK_MTU("eth0", 2, 65536,
			ADDR("203.0.113.5", 24)) "," MISSING("br-lan") "," MISSING("br-guest"),
	       ""),
	 "mss_wan=65495 sorter_mtu=65535"},
};

static void test_keys(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_plan_ struct plan *plan = plan_of(cases[i].conf, cases[i].facts);
		_strbuf_ struct strbuf difference = {0};

		print_difference(&plan->settings, &defaults, &difference);
		if (strcmp(strbuf_text(&difference), cases[i].difference))
			fail_msg("case %zu: \"%s\", not \"%s\"", i, strbuf_text(&difference),
				 cases[i].difference);
	}
}

/* What changes the settings is a plan of its own, so that a reload puts it in force. */
static void test_plans_differ(void **state _unused_)
{
	_plan_ struct plan *usual = plan_of(HEAD, USUAL);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_plan_ struct plan *plan = plan_of(cases[i].conf, cases[i].facts);

		if (*cases[i].difference)
			assert_false(plan_equal(usual, plan));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_plans_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
