// SPDX-License-Identifier: GPL-2.0-or-later
/* Behind another router: whose address is the public one, and what a server sees of whom, by what was observed of it. */
#include <arpa/inet.h>

#include "plan_fixture.h"

#define ARM LINK("eth0", 2, ADDR("192.168.11.3", 24))
#define SEEN(links, publics, answering)                                                      \
	"{'links':[" links "],'routes':[],'neighs':[],'others':[],'publics':[" publics "],'" \
	"answering':[" answering "]}"
#define SERVER "'192.168.11.20'"
#define PUBLIC "'203.0.113.7'"

#define BYPASS_AS(wan, service, nat)        \
	"role: bypass\n"                    \
	"wan: { interface: eth0" wan " }\n" \
	"lan: [{ interface: eth0 }]\n"      \
	"services: [{ name: a, host: 192.168.11.20, ports: [80/tcp]" service " }]\n" nat
#define BYPASS(service) BYPASS_AS("", service, "")

/* --- whose address it is ---------------------------------------------------------------------------------- */

#define WAN_OF(addrs) SEEN(LINK("eth0", 2, addrs) "," LAN "," GUEST, PUBLIC, "")

static const struct {
	const char *conf, *facts;
	bool is_behind;
	const char *public; /* NULL: not known */
} places[] = {
	{HEAD, WAN_OF(ADDR("203.0.113.5", 24)), false, "203.0.113.5"},
	{HEAD, WAN_OF(ADDR("10.0.0.5", 24)), true, "203.0.113.7"},
	{HEAD, WAN_OF(ADDR("100.64.0.5", 24)), true, "203.0.113.7"},
	/* Beside an address in the network of a modem; which of both came first says nothing. */
	{HEAD, WAN_OF(ADDR("10.0.0.5", 24) "," ADDR("203.0.113.5", 24)), false, "203.0.113.5"},
	{HEAD, WAN_OF(ADDR("203.0.113.5", 24) "," ADDR("10.0.0.5", 24)), false, "203.0.113.5"},
	{HEAD, WAN_OF(ADDR("2001:db8::5", 64)), false, "203.0.113.7"},
	{HEAD, SEEN(LINK("eth0", 2, ADDR("10.0.0.5", 24)) "," LAN "," GUEST, "", ""), true, NULL},
	{BYPASS(""), SEEN(ARM, "", ""), true, NULL},
	{BYPASS(""), SEEN(ARM, PUBLIC, ""), true, "203.0.113.7"},
	{BYPASS_AS(", public-address: 198.51.100.9", "", ""), SEEN(ARM, PUBLIC, ""), true,
	 "198.51.100.9"},
	/* What strangers say and cannot be: our own address, one that is no public one. */
	{BYPASS(""), SEEN(ARM, "'192.168.11.3'", ""), true, NULL},
	{BYPASS(""), SEEN(ARM, "'100.64.0.2'", ""), true, NULL},
};

static void test_places(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		_plan_ struct plan *plan = plan_of(places[i].conf, places[i].facts);
		const struct ip_addr *public = plan_public(plan);
		char text[IP_TEXT_MAX] = "";

		if (public)
			ip_addr_format(public, text);
		if (plan_is_behind(plan) != places[i].is_behind ||
		    strcmp(text, places[i].public ? places[i].public : "") != 0)
			fail_msg("place %zu: behind %d, public %s", i, plan_is_behind(plan), text);
	}
}

static const struct {
	const char *conf, *facts;
	const char *wan[2]; /* the primary one first */
} primaries[] = {
	{HEAD,
	 WAN_OF(ADDR("10.0.0.5", 24) "," ADDR("203.0.113.5", 24)),
	 {"203.0.113.5", "10.0.0.5"}},
	{HEAD,
	 WAN_OF(ADDR("203.0.113.5", 24) "," ADDR("10.0.0.5", 24)),
	 {"203.0.113.5", "10.0.0.5"}},
	{HEAD, WAN_OF(ADDR("100.64.0.5", 24) "," ADDR("10.0.0.5", 24)), {"100.64.0.5", "10.0.0.5"}},
	/* On one arm it is our address in the LAN, which is the first that somebody gave it. */
	{BYPASS(""),
	 SEEN(LINK("eth0", 2, ADDR("192.168.11.3", 24) "," ADDR("203.0.113.5", 24)), "", ""),
	 {"192.168.11.3", "203.0.113.5"}},
};

/* What hosts go out with, beside an address in the network of a modem. */
static void test_primaries(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(primaries); i++) {
		_plan_ struct plan *plan = plan_of(primaries[i].conf, primaries[i].facts);
		char text[IP_TEXT_MAX];

		assert_int_equal(plan->n_wan_addrs, 2);
		for (size_t k = 0; k < 2; k++)
			assert_string_equal(ip_addr_format(&plan->wan_addrs[k], text),
					    primaries[i].wan[k]);
		assert_int_equal(plan->settings.wan_addr, inet_addr(primaries[i].wan[0]));
		if (!plan->has_public)
			assert_int_equal(plan->settings.loop_addr, plan->settings.wan_addr);
	}
}

/* --- what a server sees ----------------------------------------------------------------------------------- */

static const struct {
	const char *conf, *facts;
	bool outside_gateway;
	enum hp_hairpin_source hairpin;
} sources[] = {
	/* Until it is proved that the server answers by us, our own address. */
	{BYPASS(""), SEEN(ARM, "", ""), true, HP_HAIRPIN_GATEWAY},
	{BYPASS(""), SEEN(ARM, "", "'192.168.11.21'"), true, HP_HAIRPIN_GATEWAY},
	{BYPASS(""), SEEN(ARM, "", SERVER), false, HP_HAIRPIN_EXTERNAL},
	{BYPASS(", outside-source: client"), SEEN(ARM, "", ""), false, HP_HAIRPIN_EXTERNAL},
	{BYPASS(", outside-source: gateway"), SEEN(ARM, "", SERVER), true, HP_HAIRPIN_EXTERNAL},
	{BYPASS(", outside-source: gateway"), SEEN(ARM, "", ""), true, HP_HAIRPIN_GATEWAY},
	{BYPASS_AS("", "", "nat: { hairpin-source: gateway }\n"), SEEN(ARM, "", SERVER), false,
	 HP_HAIRPIN_GATEWAY},
	/* A gateway is that of its LANs. */
	{WEB, USUAL, false, HP_HAIRPIN_EXTERNAL},
};

static void test_sources(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		_plan_ struct plan *plan = plan_of(sources[i].conf, sources[i].facts);
		const struct plan_service *service = &plan->services[0];
		bool is_in_rules = false;

		for (size_t k = 0; k < plan->n_rules; k++)
			is_in_rules |= plan->rules[k].rule.outside_gateway;
		if (service->outside_gateway != sources[i].outside_gateway ||
		    is_in_rules != sources[i].outside_gateway ||
		    service->hairpin_source != sources[i].hairpin)
			fail_msg("case %zu: outside %d (rules %d), hairpin %d", i,
				 service->outside_gateway, is_in_rules, service->hairpin_source);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_primaries),
		cmocka_unit_test(test_sources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
