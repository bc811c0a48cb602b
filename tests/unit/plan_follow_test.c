// SPDX-License-Identifier: GPL-2.0-or-later
/* What the network can become under a configuration in force: what is at fault is named and left out, the rest is planned. */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "plan_fixture.h"

static const struct plan_options following = {.memory_bytes = 1ULL << 30, .following = true};

/* Two services on two hosts and two LANs; the ports say whose rules are there. */
#define TWO(first, second)                        \
	SERVICES("  - name: web\n"                \
		 "    host: " first "\n" /* 10 */ \
		 "    ports: [80/tcp]\n"          \
		 "  - name: game\n"               \
		 "    host: " second "\n"         \
		 "    ports: [90/tcp]\n")
#define USUAL_TWO TWO("192.168.11.20", "192.168.12.20")

#define MOVED LINK("br-lan", 3, ADDR("192.168.21.1", 24))
#define NEW_WAN LINK("eth0", 2, ADDR("198.51.100.7", 24))

static const struct plan_rule *rule_of_port(const struct plan *plan, __u16 port)
{
	for (size_t i = 0; i < plan->n_rules; i++)
		if (plan->rules[i].key.kind == HP_RULE_EXTERNAL &&
		    plan->rules[i].key.port == htons(port))
			return &plan->rules[i];
	return NULL;
}

static const struct plan_rule *rule_of_host(const struct plan *plan, const char *host)
{
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(host, &addr), 0);
	for (size_t i = 0; i < plan->n_rules; i++)
		if (plan->rules[i].key.kind == HP_RULE_HOST &&
		    !memcmp(plan->rules[i].key.addr, addr.b, sizeof(addr.b)))
			return &plan->rules[i];
	return NULL;
}

/* Set 0 of the table: what is known of exactly that network or address. */
static const struct hp_prefix *prefix_of(const struct plan *plan, const char *text)
{
	struct ip_net net;

	assert_int_equal(ip_net_parse(text, &net), 0);
	for (size_t i = 0; i < plan->n_prefixes; i++) {
		const struct hp_prefix_key *key = &plan->prefixes[i].key;
		unsigned int length = net.length + (ip_addr_is_v4(&net.addr) ? 96u : 0u);

		if (key->set == 0 && key->prefixlen == 32 + length &&
		    !memcmp(key->addr, net.addr.b, sizeof(net.addr.b)))
			return &plan->prefixes[i].prefix;
	}
	return NULL;
}

static const struct plan_case {
	const char *conf, *facts, *waits;
	unsigned int ifindex[3]; /* of eth0, br-lan and br-guest in the plan */
	bool web, game; /* have rules */
	bool web_left_out;
} plan_cases[] = {
	{USUAL_TWO, USUAL, "", {2, 3, 4}, true, true, false},
	/* The LAN got another network, and a host stayed behind. */
	{USUAL_TWO,
	 FACTS(NEW_WAN "," MOVED "," GUEST, ""),
	 "t.yaml:10: host: 192.168.11.20: outside every LAN; an address in one of their networks: "
	 "192.168.12.0/24 (br-guest), 192.168.21.0/24 (br-lan)\n",
	 {2, 3, 4},
	 false,
	 true,
	 true},
	/* The gateway took the address of the host. */
	{USUAL_TWO,
	 FACTS(NEW_WAN "," LINK("br-lan", 3, ADDR("192.168.11.20", 24)) "," GUEST, ""),
	 "t.yaml:10: host: 192.168.11.20: the gateway itself; a host behind a LAN, or "
	 "`self` in a service\n",
	 {2, 3, 4},
	 false,
	 true,
	 true},
	{TWO("192.168.11.127", "192.168.12.20"),
	 FACTS(NEW_WAN "," LINK("br-lan", 3, ADDR("192.168.11.1", 25)) "," GUEST, ""),
	 "t.yaml:10: host: 192.168.11.127: the broadcast address of 192.168.11.0/25, which is no "
	 "host's; another one\n",
	 {2, 3, 4},
	 false,
	 true,
	 true},
	/* A missing LAN keeps the rules of its hosts, so that their sessions go on when it is back. */
	{USUAL_TWO,
	 FACTS(NEW_WAN "," PORT("br-lan", 3, 9, "'br0'") "," GUEST, ""),
	 "service web: no LAN has the network of 192.168.11.20\n"
	 "t.yaml:5: interface: br-lan: a port of br0; name br0 instead, or take it out\n",
	 {2, 0, 4},
	 true,
	 true,
	 false},
	{USUAL_TWO,
	 FACTS(WAN "," LINK_AS("br-lan", 3, true, true, false, ADDR("192.168.11.1", 24)) "," GUEST,
	       ""),
	 "service web: no LAN has the network of 192.168.11.20\n"
	 "t.yaml:5: interface: br-lan: has a link header that is not Ethernet's; take an Ethernet, "
	 "PPP or tunnel interface\n",
	 {2, 0, 4},
	 true,
	 true,
	 false},
	{USUAL_TWO,
	 FACTS(PORT("eth0", 2, 9, "'br0'") "," LAN "," GUEST, ""),
	 "t.yaml:3: interface: eth0: a port of br0; name br0 instead, or take it out\n",
	 {0, 3, 4},
	 true,
	 true,
	 false},
	/* The provider's network is that of the LAN. */
	{USUAL_TWO,
	 FACTS(LINK("eth0", 2, ADDR("192.168.11.77", 24)) "," LAN "," GUEST,
	       ROUTE("192.168.11.0/24", 3, 0) "," ROUTE("10.9.0.0/16", 3, 0)),
	 "service web: no LAN has the network of 192.168.11.20\n"
	 "t.yaml:5: lan: 192.168.11.0/24: overlaps 192.168.11.0/24 of the WAN interface; give "
	 "br-lan another network\n",
	 {2, 0, 4},
	 true,
	 true,
	 false},
	/* A route through the LAN that covers the provider's network goes alone. */
	{TWO("10.9.0.20", "192.168.12.20"),
	 FACTS(LINK("eth0", 2, ADDR("10.1.2.3", 24)) "," LAN "," GUEST, ROUTE("10.0.0.0/8", 3, 0)),
	 "t.yaml:5: lan: 10.0.0.0/8: overlaps 10.1.2.0/24 of the WAN interface; give br-lan another "
	 "network\n"
	 "t.yaml:10: host: 10.9.0.20: outside every LAN; an address in one of their networks: "
	 "192.168.11.0/24 (br-lan), 192.168.12.0/24 (br-guest)\n",
	 {2, 3, 4},
	 false,
	 true,
	 true},
};

static void test_left_out(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(plan_cases); i++) {
		const struct plan_case *c = &plan_cases[i];
		_plan_ struct plan *plan = plan_with(c->conf, c->facts, &following);

		print_message("# %zu\n", i);
		assert_string_equal(strbuf_text(&plan->waits), c->waits);
		for (size_t j = 0; j < 3; j++)
			assert_int_equal(plan->devices[j].ifindex, c->ifindex[j]);
		assert_int_equal(plan->settings.wan_ifindex, c->ifindex[0]);
		assert_int_equal(rule_of_port(plan, 80) != NULL, c->web);
		assert_int_equal(rule_of_port(plan, 90) != NULL, c->game);
		assert_int_equal(plan->services[0].left_out, c->web_left_out);
		assert_false(plan->services[1].left_out);
	}
}

/* The rule for what the host itself sends goes with the forward, and the address of WAN is the new one. */
static void test_host_outside(void **state _unused_)
{
	_plan_ struct plan *plan =
		plan_with(USUAL_TWO, FACTS(NEW_WAN "," MOVED "," GUEST, ""), &following);

	assert_null(rule_of_host(plan, "192.168.11.20"));
	assert_non_null(rule_of_host(plan, "192.168.12.20"));
	assert_int_equal(plan->settings.wan_addr, inet_addr("198.51.100.7"));
	assert_string_equal(plan->services[0].segment, "");
	assert_string_equal(plan->services[1].segment, "br-guest");
}

static bool has_filter(const struct plan *plan, const char *host)
{
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(host, &addr), 0);
	for (size_t i = 0; i < plan->n_rules; i++)
		if (plan->rules[i].key.kind == HP_RULE_FILTER &&
		    !memcmp(plan->rules[i].key.addr, addr.b, sizeof(addr.b)))
			return true;
	return false;
}

/* The filtering of a host goes with its network, and that of others stays. */
static void test_filtering(void **state _unused_)
{
	static const char conf[] =
		USUAL_TWO "    filtering: endpoint-independent\n"
			  "nat:\n"
			  "  hosts:\n"
			  "    - { address: 192.168.11.30, filtering: endpoint-independent }\n"
			  "    - { address: 192.168.12.30, filtering: endpoint-independent }\n";
	_plan_ struct plan *plan =
		plan_with(conf, FACTS(NEW_WAN "," MOVED "," GUEST, ""), &following);

	assert_false(has_filter(plan, "192.168.11.30"));
	assert_true(has_filter(plan, "192.168.12.30"));
	assert_true(has_filter(plan, "192.168.12.20"));
	assert_non_null(
		strstr(strbuf_text(&plan->waits), "address: 192.168.11.30: outside every LAN"));
}

#define BOTH                                        \
	SERVICES("  - name: web\n"                  \
		 "    host: 192.168.11.20\n"        \
		 "    host6: \"2001:db8:11::20\"\n" \
		 "    ports: [80/tcp]\n")
#define LAN6(addr) LINK("br-lan", 3, addr "," ADDR("2001:db8:11::1", 64))

/* Of two addresses the one that is right keeps its rules. */
static void test_one_family(void **state _unused_)
{
	_plan_ struct plan *no_v4 = plan_with(
		BOTH, FACTS(WAN "," LAN6(ADDR("192.168.21.1", 24)) "," GUEST, ""), &following);
	_plan_ struct plan *no_v6 = plan_with(BOTH,
					      FACTS(WAN "," LAN6(ADDR("192.168.11.1", 24) "," ADDR(
							    "2001:db8:11::20", 64)) "," GUEST,
						    ""),
					      &following);

	assert_null(rule_of_host(no_v4, "192.168.11.20"));
	assert_null(rule_of_port(no_v4, 80));
	assert_non_null(rule_of_host(no_v4, "2001:db8:11::20"));
	assert_true(no_v4->services[0].left_out);
	assert_non_null(rule_of_host(no_v6, "192.168.11.20"));
	assert_non_null(rule_of_port(no_v6, 80));
	assert_null(rule_of_host(no_v6, "2001:db8:11::20"));
	assert_true(no_v6->services[0].left_out);
}

/* Addresses of an interface that is left out stay the gateway's, and its network is nobody's. */
static void test_own_addresses(void **state _unused_)
{
	_plan_ struct plan *plan =
		plan_with(USUAL_TWO,
			  FACTS(LINK("eth0", 2, ADDR("192.168.11.77", 24)) "," LAN "," GUEST,
				ROUTE("192.168.11.0/24", 3, 0) "," ROUTE("10.9.0.0/16", 3, 0)),
			  &following);
	const struct hp_prefix *own = prefix_of(plan, "192.168.11.1");

	assert_non_null(own);
	assert_int_equal(own->kind, HP_NET_LOCAL);
	assert_int_equal(own->ifindex, 0);
	assert_int_equal(prefix_of(plan, "192.168.11.77")->kind, HP_NET_WAN_LOCAL);
	assert_null(prefix_of(plan, "192.168.11.0/24"));
	assert_null(prefix_of(plan, "10.9.0.0/16"));
	assert_non_null(prefix_of(plan, "192.168.12.0/24"));
}

/* What is written down for a LAN that is left out stays its network, as while it is missing. */
static void test_written_network(void **state _unused_)
{
	static const char conf[] = "role: gateway\n"
				   "wan:\n"
				   "  interface: eth0\n"
				   "lan:\n"
				   "  - interface: br-lan\n"
				   "    network: 192.168.30.0/24\n";
	_plan_ struct plan *plan = plan_with(
		conf, FACTS(LINK("eth0", 2, ADDR("192.168.11.77", 24)) "," LAN, ""), &following);
	_plan_ struct plan *on_wan =
		plan_with(conf,
			  FACTS(LINK("eth0", 2, ADDR("192.168.30.77", 24)) "," LAN,
				ROUTE("10.9.0.0/16", 3, 0)),
			  &following);

	assert_int_equal(plan->devices[1].ifindex, 0);
	assert_non_null(prefix_of(plan, "192.168.30.0/24"));
	assert_int_equal(prefix_of(plan, "192.168.30.0/24")->ifindex, 0);
	assert_null(prefix_of(plan, "192.168.11.0/24"));
	/* The LAN itself is elsewhere: only what is written about it is wrong. */
	assert_int_equal(on_wan->devices[1].ifindex, 3);
	assert_null(prefix_of(on_wan, "192.168.30.0/24"));
	assert_non_null(prefix_of(on_wan, "192.168.11.0/24"));
	assert_non_null(prefix_of(on_wan, "10.9.0.0/16"));
}

/* Of too many networks the LAN's own stays, wherever it stands in the order. */
static void test_nets_limit(void **state _unused_)
{
	_strbuf_ struct strbuf facts = {0};
	_plan_ struct plan *plan = NULL;

	strbuf_add(&facts, "{'links':[%s,%s,%s],'neighs':[],'others':[],'routes':[", WAN, LAN,
		   GUEST);
	for (unsigned int i = 0; i < LIMIT_NETS_PER_LAN; i++)
		strbuf_add(&facts,
			   "%s{'net':'10.0.%u.0/24','gateway':'192.168.11.2','ifindex':3,"
			   "'metric':0,'table':254}",
			   i ? "," : "", i);
	strbuf_add(&facts, "]}");
	plan = plan_with(TWO("10.0.63.20", "10.0.62.20"), strbuf_text(&facts), &following);

	assert_int_equal(plan->devices[1].ifindex, 3);
	assert_non_null(prefix_of(plan, "192.168.11.0/24"));
	assert_non_null(prefix_of(plan, "192.168.12.0/24"));
	assert_non_null(prefix_of(plan, "10.0.62.0/24"));
	assert_null(prefix_of(plan, "10.0.63.0/24"));
	assert_null(rule_of_port(plan, 80));
	assert_non_null(rule_of_port(plan, 90));
	assert_non_null(strstr(strbuf_text(&plan->waits),
			       "t.yaml:5: lan: br-lan: has 65 networks, more than 64; summarise "
			       "its routes\n"));
}

/* `::/0` is as many entries of the table, to spare those of IPv4. */
#define ENTRIES_OF_ALL6 96

/* As many entries of `allow` as there is room for beside those @beside of set 0. */
static void allow_fill(struct strbuf *conf, unsigned int beside)
{
	unsigned int left = LIMIT_PREFIXES - beside, port = 1;

	strbuf_add(conf, "%s", SERVICES(""));
	for (; left >= ENTRIES_OF_ALL6; left -= ENTRIES_OF_ALL6, port++)
		strbuf_add(conf,
			   "  - name: s%u\n    host: 192.168.11.20\n    ports: [%u/tcp]\n"
			   "    allow: [\"::/0\"]\n",
			   port, port);
	strbuf_add(conf,
		   "  - name: last\n    host: 192.168.11.20\n    ports: [%u/tcp]\n    allow: [",
		   port);
	for (unsigned int i = 0; i < left; i++)
		strbuf_add(conf, "%s198.51.100.%u", i ? "," : "", i);
	strbuf_add(conf, "]\n");
}

/* The configuration fits; one more address of whatever interface must not stop the plan, nor open anything. */
static void test_prefixes_limit(void **state _unused_)
{
	_strbuf_ struct strbuf conf = {0};
	_plan_ struct plan *full = NULL, *over = NULL;

	/* Two networks and three addresses of ours. */
	allow_fill(&conf, 5);
	full = plan_of(strbuf_text(&conf), USUAL);
	assert_int_equal(full->n_prefixes, LIMIT_PREFIXES);
	over = plan_with(strbuf_text(&conf),
			 FACTS_AS(WAN "," LAN "," GUEST, "", "'10.99.0.1','10.99.0.2'"),
			 &following);
	check_order(over);
	assert_int_equal(over->n_prefixes, LIMIT_PREFIXES);
	assert_non_null(prefix_of(over, "10.99.0.1"));
	assert_non_null(prefix_of(over, "10.99.0.2"));
	assert_non_null(prefix_of(over, "192.168.11.0/24"));
	assert_string_equal(strbuf_text(&over->waits),
			    "t.yaml: 131074 networks, addresses and `allow` entries; at most "
			    "131072\n");
}

/* One service on every port over both families: as many rules as there is room for beside those of @links. */
static void rules_fill(struct strbuf *conf, unsigned int links)
{
	unsigned int left = LIMIT_RULES - links;

	strbuf_add(conf, "%s",
		   SERVICES("  - name: all\n"
			    "    host: 192.168.11.20\n"
			    "    ports: [1-65535/tcp, 1-65535/udp]\n"));
	left -= 4 * 65535;
	if (left > 0)
		strbuf_add(conf,
			   "  - name: six\n"
			   "    host6: \"2001:db8:11::20\"\n"
			   "    ports: [1-%u/tcp]\n",
			   left);
}

/* What was accepted while an interface was missing is not too much when it comes. */
static void test_rules_limit(void **state _unused_)
{
	static const char missing[] = FACTS(WAN "," LAN "," MISSING("br-guest"), "");
	_strbuf_ struct strbuf most = {0}, more = {0}, errors = {0};
	_plan_ struct plan *before = NULL, *after = NULL, *none = NULL;
	_conf_ struct conf *conf = NULL;
	_facts_ struct facts *facts = facts_of(missing);

	rules_fill(&most, 3);
	before = plan_of(strbuf_text(&most), missing);
	assert_int_equal(before->n_rules, LIMIT_RULES - 1);
	after = plan_with(strbuf_text(&most), USUAL, &following);
	assert_int_equal(after->n_rules, LIMIT_RULES);
	assert_string_equal(strbuf_text(&after->waits),
			    "service six: no LAN has the network of 2001:db8:11::20\n");

	rules_fill(&more, 2);
	conf = conf_of(strbuf_text(&more));
	assert_int_equal(plan_make(conf, facts, &usual_options, &none, &errors), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filtering),     cmocka_unit_test(test_left_out),
		cmocka_unit_test(test_host_outside),  cmocka_unit_test(test_one_family),
		cmocka_unit_test(test_own_addresses), cmocka_unit_test(test_written_network),
		cmocka_unit_test(test_nets_limit),    cmocka_unit_test(test_prefixes_limit),
		cmocka_unit_test(test_rules_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
