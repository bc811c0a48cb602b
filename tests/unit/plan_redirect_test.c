// SPDX-License-Identifier: GPL-2.0-or-later
/* dns.redirect: whose questions are led to which of our addresses, and who is left alone. */
#include "plan_fixture.h"

#define DNS(more) "dns: { upstream: 192.0.2.53, redirect: yes" more " }\n"
#define PORTS(ports) SERVICES("  - { name: a, host: 192.168.11.20, ports: [" ports "] }\n") DNS("")
#define TWO_NETS                                                                                  \
	FACTS(WAN                                                                                 \
	      "," LINK("br-lan", 3, ADDR("192.168.11.1", 24) "," ADDR("10.1.0.1", 24)) "," GUEST, \
	      "")
#define LOOPBACK FACTS(WAN "," LAN "," GUEST "," LINK("lo", 1, ADDR("127.0.0.1", 8)), "")
#define USUAL_LEADS "br-lan to 192.168.11.1\nbr-guest to 192.168.12.1\n"

static const struct {
	const char *conf, *facts, *leads;
} cases[] = {
	{HEAD, USUAL, ""},
	{HEAD "dns: { upstream: 192.0.2.53 }\n", USUAL, ""},
	{HEAD DNS(""), USUAL, USUAL_LEADS},
	/* While a segment is missing its hosts are led all the same: they may come before its address. */
	{HEAD DNS(""), FACTS(WAN "," LAN "," MISSING("br-guest"), ""),
	 "br-lan to 192.168.11.1\nbr-guest to 192.168.11.1\n"},
	{HEAD DNS(""), FACTS(WAN "," MISSING("br-lan") "," GUEST, ""),
	 "br-lan to 192.168.12.1\nbr-guest to 192.168.12.1\n"},
	/* Answers depend on the network of who asks; hosts behind another router are in none. */
	{HEAD DNS(""), TWO_NETS,
	 "br-lan 192.168.11.0/24 to 192.168.11.1\nbr-lan 10.1.0.0/24 to 10.1.0.1\n"
	 "br-lan to 192.168.11.1\nbr-guest to 192.168.12.1\n"},
	{HEAD DNS(", listen: [192.168.12.1]"), USUAL,
	 "br-lan to 192.168.12.1\nbr-guest to 192.168.12.1\n"},
	/* No host can be led to loopback. */
	{HEAD DNS(", listen: [127.0.0.1]"), LOOPBACK, "none\n"},
	{HEAD DNS(", listen: [127.0.0.1, 192.168.12.1]"), LOOPBACK,
	 "br-lan to 192.168.12.1\nbr-guest to 192.168.12.1\n"},
	/* Upstreams inside; one outside is no host of ours. */
	{HEAD
	 "dns: { upstream: [192.168.12.53, 192.0.2.53, \"tls://192.168.11.53\"], redirect: yes }\n",
	 USUAL, USUAL_LEADS "192.168.11.53 asks\n192.168.12.53 asks\n"},
	{HEAD "dns: { upstream: [192.168.12.53] }\n", USUAL, ""},
	/* Who is asked for names by the internet. */
	{PORTS("53/udp, 53/tcp"), USUAL, USUAL_LEADS "192.168.11.20 asks\n"},
	{PORTS("\"5353:53/udp\""), USUAL, USUAL_LEADS "192.168.11.20 asks\n"},
	{PORTS("50-53/udp"), USUAL, USUAL_LEADS "192.168.11.20 asks\n"},
	{PORTS("53-60/tcp"), USUAL, USUAL_LEADS "192.168.11.20 asks\n"},
	{PORTS("\"53:5353/udp\", 50-52/udp, 54/tcp"), USUAL, USUAL_LEADS},
};

static void print_leads(const struct plan *plan, struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < plan->n_leads; i++) {
		const struct plan_lead *lead = &plan->leads[i];

		strbuf_add(out, "%s", lead->interface);
		if (lead->has_clients)
			strbuf_add(out, " %s", ip_net_format(&lead->clients, text));
		strbuf_add(out, " to %s\n", ip_addr_format(&lead->server, text));
	}
	if (strstr(strbuf_text(&plan->waits), "dns: redirect: no IPv4 address"))
		strbuf_add(out, "none\n");
	for (size_t i = 0; i < plan->n_rules; i++) {
		struct ip_addr host = ip_addr_from_v6(plan->rules[i].key.addr);

		if (plan->rules[i].key.kind == HP_RULE_ASKER)
			strbuf_add(out, "%s asks\n", ip_addr_format(&host, text));
	}
}

static void test_leads(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_plan_ struct plan *plan = plan_of(cases[i].conf, cases[i].facts);
		_strbuf_ struct strbuf leads = {0};

		print_leads(plan, &leads);
		if (strcmp(strbuf_text(&leads), cases[i].leads))
			fail_msg("case %zu: \"%s\"", i, strbuf_text(&leads));
		/* The programs pass what the guard then leads, and nothing else. */
		assert_int_equal(plan->settings.lead_questions, plan->n_leads > 0);
	}
}

static void test_equal(void **state _unused_)
{
	_plan_ struct plan *plan = plan_of(HEAD DNS(""), TWO_NETS);
	_plan_ struct plan *same = plan_of(HEAD DNS(""), TWO_NETS);
	_plan_ struct plan *listens = plan_of(HEAD DNS(", listen: [192.168.12.1]"), TWO_NETS);

	assert_true(plan_equal(plan, same));
	assert_false(plan_equal(plan, listens));
	same->leads[0].clients.length--;
	assert_false(plan_equal(plan, same));
	same->leads[0].clients.length++;
	same->leads[0].has_clients = false;
	assert_false(plan_equal(plan, same));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leads),
		cmocka_unit_test(test_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
