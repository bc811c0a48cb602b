// SPDX-License-Identifier: GPL-2.0-or-later
/* hosts-service: at which addresses machines ask for names, and that the names are there without a DNS server of ours. */
#include "plan_fixture.h"

#define ON "hosts-service: yes\n"
#define OPEN_GUEST                         \
	"wan: { interface: eth0 }\nlan:\n" \
	"  - interface: br-lan\n"          \
	"  - interface: br-guest\n"        \
	"services: [{ name: a, domain: a.example.com, host: 192.168.11.20, ports: [80/tcp] }]\n"
#define MANY                                                                              \
	FACTS(WAN "," LINK("br-lan", 3,                                                   \
			   ADDR("192.168.11.1", 24) "," ADDR("169.254.1.1", 16) "," ADDR( \
				   "fd00::1", 64) "," ADDR("10.1.0.1", 24)) "," GUEST,    \
	      "")

static const struct {
	const char *conf, *facts, *listeners;
} cases[] = {
	{HEAD, USUAL, ""},
	{HEAD ON, USUAL, "br-lan 3 192.168.11.1\n"},
	{OPEN_GUEST ON, USUAL, "br-lan 3 192.168.11.1\nbr-guest 4 192.168.12.1\n"},
	{HEAD ON, FACTS(WAN "," MISSING("br-lan") "," GUEST, ""), ""},
	{HEAD ON, MANY, "br-lan 3 192.168.11.1\nbr-lan 3 10.1.0.1\n"},
};

static void test_listeners(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_plan_ struct plan *plan = plan_of(cases[i].conf, cases[i].facts);
		_strbuf_ struct strbuf out = {0};
		char text[IP_TEXT_MAX];

		for (size_t k = 0; k < plan->hosts.n_listeners; k++) {
			const struct plan_hosts_listener *one = &plan->hosts.listeners[k];

			strbuf_add(&out, "%s %u %s\n", one->interface, one->ifindex,
				   ip_addr_format(&one->addr, text));
		}
		if (strcmp(strbuf_text(&out), cases[i].listeners))
			fail_msg("case %zu: \"%s\"", i, strbuf_text(&out));
	}
}

static void test_names(void **state _unused_)
{
	_plan_ struct plan *off = plan_of(OPEN_GUEST, USUAL);
	_plan_ struct plan *on = plan_of(OPEN_GUEST ON, USUAL);

	assert_int_equal(off->dns.n_names, 0);
	assert_int_equal(on->dns.n_names, 1);
	assert_false(on->dns.on);
	/* Packets are none of its business. */
	assert_true(plan_equal(off, on));
}

static void test_equal(void **state _unused_)
{
	_plan_ struct plan *off = plan_of(HEAD, USUAL);
	_plan_ struct plan *on = plan_of(HEAD ON, USUAL);
	_plan_ struct plan *same = plan_of(HEAD ON, USUAL);
	_plan_ struct plan *more = plan_of(HEAD ON, MANY);

	assert_true(plan_hosts_equal(&on->hosts, &same->hosts));
	assert_false(plan_hosts_equal(&on->hosts, &off->hosts));
	assert_false(plan_hosts_equal(&on->hosts, &more->hosts));
	/* A device that was made anew has another number, and the socket of the one before hears nothing. */
	same->hosts.listeners[0].ifindex++;
	assert_false(plan_hosts_equal(&on->hosts, &same->hosts));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_listeners),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
