// SPDX-License-Identifier: GPL-2.0-or-later
/* What a plan refuses on this network: the whole text of each error. */
#include "plan_fixture.h"

#define NETS "192.168.11.0/24 (br-lan), 192.168.12.0/24 (br-guest)\n"
#define OUTSIDE ": outside every LAN; an address in one of their networks: " NETS
#define ITSELF ": the gateway itself; a host behind a LAN, or `self` in a service\n"
#define ODD_HEADER                                                       \
	": has a link header that is not Ethernet's; take an Ethernet, " \
	"PPP or tunnel interface\n"
#define THREE_TIMES(item) item "," item "," item
#define NINE_TIMES(item) THREE_TIMES(item) "," THREE_TIMES(item) "," THREE_TIMES(item)
#define TOO_MANY_RULES                                                                         \
	"t.yaml: services: more than 262144 rules, two for each forwarded port, one for each " \
	"that is opened over IPv6 and up to two for each host with a filtering of its own; "   \
	"forward fewer ports\n"
#define RESERVED(kind, net) ": the " kind " address of " net ", which is no host's; another one\n"

#define FILTERED(address) \
	HEAD "nat: { hosts: [{ address: " address ", filtering: address-dependent }] }\n"

static const struct error_case {
	const char *conf, *facts, *errors;
} error_cases[] = {
	{HOST("192.168.99.5"), USUAL, "t.yaml:10: host: 192.168.99.5" OUTSIDE},
	{HOST("203.0.113.20"), USUAL, "t.yaml:10: host: 203.0.113.20" OUTSIDE},
	{HOST("192.168.12.1"), USUAL, "t.yaml:10: host: 192.168.12.1" ITSELF},
	{HOST("203.0.113.5"), USUAL, "t.yaml:10: host: 203.0.113.5" ITSELF},
	{HOST("172.17.0.1"), FACTS_AS(WAN "," LAN "," GUEST, "", "'172.17.0.1'"),
	 "t.yaml:10: host: 172.17.0.1" ITSELF},
	{HOST("192.168.11.0"), USUAL,
	 "t.yaml:10: host: 192.168.11.0" RESERVED("network", "192.168.11.0/24")},
	{HOST("192.168.11.255"), USUAL,
	 "t.yaml:10: host: 192.168.11.255" RESERVED("broadcast", "192.168.11.0/24")},
	/* Behind another router, too. */
	{HOST("10.8.0.127"), FACTS(WAN "," LAN "," GUEST, ROUTE("10.8.0.0/25", 3, 0)),
	 "t.yaml:10: host: 10.8.0.127" RESERVED("broadcast", "10.8.0.0/25")},
	{SERVICES("  - name: web\n"
		  "    host6: \"2001:db8:11::\"\n" /* 10 */
		  "    ports: [80/tcp]\n"),
	 FACTS(WAN "," LINK("br-lan", 3, ADDR("2001:db8:11::1", 64)), ""),
	 "t.yaml:10: host6: 2001:db8:11::" RESERVED("subnet-router anycast", "2001:db8:11::/64")},
	{FILTERED("192.168.99.5"), USUAL, "t.yaml:8: address: 192.168.99.5" OUTSIDE},
	{FILTERED("192.168.12.1"), USUAL, "t.yaml:8: address: 192.168.12.1" ITSELF},
	{FILTERED("192.168.11.255"), USUAL,
	 "t.yaml:8: address: 192.168.11.255" RESERVED("broadcast", "192.168.11.0/24")},
	{HEAD, FACTS(PORT("eth0", 2, 3, "'bond0'") "," LAN "," GUEST, ""),
	 "t.yaml:3: interface: eth0: a port of bond0; name bond0 instead, or take it out\n"},
	{HEAD, FACTS(WAN "," PORT("br-lan", 3, 9, "null") "," GUEST, ""),
	 "t.yaml:5: interface: br-lan: a port of the interface with index 9; "
	 "name that one instead, or take it out\n"},
	{HEAD,
	 FACTS(LINK_AS("eth0", 2, true, true, false, "") "," LAN "," LINK_AS("br-guest", 4, true,
									     true, false, ""),
	       ""),
	 "t.yaml:3: interface: eth0" ODD_HEADER "t.yaml:6: interface: br-guest" ODD_HEADER},
	{HEAD, FACTS(LINK("eth0", 2, ADDR("192.168.12.77", 24)) "," LAN "," GUEST, ""),
	 "t.yaml:6: lan: 192.168.12.0/24: overlaps 192.168.12.0/24 of the WAN interface; "
	 "give br-guest another network\n"},
	{HEAD,
	 FACTS(LINK("eth0", 2, ADDR("10.1.2.3", 24)) "," LAN "," GUEST, ROUTE("10.0.0.0/8", 3, 0)),
	 "t.yaml:5: lan: 10.0.0.0/8: overlaps 10.1.2.0/24 of the WAN interface; "
	 "give br-lan another network\n"},
	{SERVICES("  - name: all\n"
		  "    host: 192.168.11.20\n"
		  "    host6: \"2001:db8:11::20\"\n"
		  "    ports: [1-65535/tcp, 1-65535/udp]\n"),
	 FACTS(WAN "," LINK("br-lan", 3, ADDR("192.168.11.1", 24) "," ADDR("2001:db8:11::1", 64)),
	       ""),
	 TOO_MANY_RULES},
	/* Few rules in the end, but the drafts of nine times the same are bounded. */
	{SERVICES("  - name: again\n"
		  "    host6: \"2001:db8:11::20\"\n"
		  "    ports: [" NINE_TIMES("1-65535/tcp") "]\n"),
	 FACTS(WAN "," LINK("br-lan", 3, ADDR("2001:db8:11::1", 64)), ""), TOO_MANY_RULES},
};

static void check_refused(const char *conf_text, const char *facts_text, const char *expected)
{
	_conf_ struct conf *conf = conf_of(conf_text);
	_facts_ struct facts *facts = facts_of(facts_text);
	_strbuf_ struct strbuf errors = {0};
	struct plan *untouched = NULL, *plan = untouched;

	assert_int_equal(plan_make(conf, facts, &usual_options, &plan, &errors), -EINVAL);
	assert_string_equal(strbuf_text(&errors), expected);
	assert_ptr_equal(plan, untouched);
}

static void test_errors(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(error_cases); i++)
		check_refused(error_cases[i].conf, error_cases[i].facts, error_cases[i].errors);
}

/* All faults at once, but no more than a person reads. */
static void test_many_errors(void **state _unused_)
{
	_strbuf_ struct strbuf conf = {0}, expected = {0};

	strbuf_add(&conf, "%s", SERVICES(""));
	for (unsigned int i = 0; i < LIMIT_CONF_ERRORS + 3; i++) {
		strbuf_add(&conf,
			   "  - name: s%u\n"
			   "    host: 192.168.11.255\n"
			   "    ports: [%u/tcp]\n",
			   i, i + 1);
		if (i < LIMIT_CONF_ERRORS)
			strbuf_add(&expected,
				   "t.yaml:%u: host: 192.168.11.255" RESERVED("broadcast",
									      "192.168.11.0/24"),
				   10 + 3 * i);
	}
	check_refused(strbuf_text(&conf), USUAL, strbuf_text(&expected));
}

static void routes_add(struct strbuf *facts, unsigned int n)
{
	strbuf_add(facts, "{'links':[%s,%s,%s],'neighs':[],'others':[],'routes':[", WAN, LAN,
		   GUEST);
	for (unsigned int i = 0; i < n; i++)
		strbuf_add(facts,
			   "%s{'net':'10.0.%u.0/24','gateway':'192.168.11.2','ifindex':3,"
			   "'metric':0,'table':254}",
			   i ? "," : "", i);
	strbuf_add(facts, "]}");
}

static void test_nets_limit(void **state _unused_)
{
	_strbuf_ struct strbuf most = {0}, more = {0};
	_plan_ struct plan *plan = NULL;

	/* One is connected. */
	routes_add(&most, LIMIT_NETS_PER_LAN - 1);
	plan = plan_of(HEAD, strbuf_text(&most));
	routes_add(&more, LIMIT_NETS_PER_LAN);
	check_refused(
		HEAD, strbuf_text(&more),
		"t.yaml:5: lan: br-lan: has 65 networks, more than 64; summarise its routes\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_many_errors),
		cmocka_unit_test(test_nets_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
