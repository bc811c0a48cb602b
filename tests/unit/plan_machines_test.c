// SPDX-License-Identifier: GPL-2.0-or-later
/* Which machines the plan names, and whose reverse names are ours. */
#include "plan_fixture.h"

#define DNS "dns: { upstream: 192.0.2.53 }\n"
#define SERVICE(name, domain, more) "  - { name: " name ", domain: " domain ", " more " }\n"
#define HOST_20 "host: 192.168.11.20, "
#define HOST_21 "host: 192.168.11.21, "
#define HOST6_20 "host6: \"2001:db8:11::20\", "
#define BR_LAN_WITH(addrs) FACTS(WAN "," LINK("br-lan", 3, addrs) "," GUEST, "")
#define GATEWAYS "gateway.home.arpa=192.168.11.1 gateway.home.arpa=192.168.12.1"

/* "gateway.home.arpa=192.168.11.1 (a.example=192.168.11.20)": in brackets what is said in reverse only. */
static void print_machines(const struct plan_dns *dns, struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < dns->n_hosts; i++) {
		const struct plan_dns_host *host = &dns->hosts[i];

		strbuf_add(out, "%s%s%s=%s%s", i ? " " : "", host->is_reverse_only ? "(" : "",
			   host->name, ip_addr_format(&host->addr, text),
			   host->is_reverse_only ? ")" : "");
	}
}

static const struct {
	const char *conf, *facts, *machines;
} cases[] = {
	{HEAD, USUAL, ""},
	{HEAD DNS, USUAL, GATEWAYS},
	{HEAD DNS, FACTS(WAN "," MISSING("br-lan") "," GUEST, ""),
	 "gateway.home.arpa=192.168.12.1"},
	{HEAD DNS,
	 BR_LAN_WITH(ADDR("192.168.11.1", 24) "," ADDR("2001:db8:11::1", 64) "," ADDR(
		 "fe80::1", 64) "," ADDR("169.254.7.7", 16)),
	 "gateway.home.arpa=192.168.11.1 (gateway.home.arpa=2001:db8:11::1) "
	 "gateway.home.arpa=192.168.12.1"},
	{SERVICES(SERVICE("web", "[b.example, a.example]", HOST_20 HOST6_20 "ports: [80/tcp]")) DNS,
	 USUAL, GATEWAYS " (b.example=192.168.11.20) (b.example=2001:db8:11::20)"},
	/* A pattern is no name, and one that is kept leads elsewhere. */
	{SERVICES(SERVICE("web", "[\"*.a.example\", b.example]", HOST_20 "ports: [80/tcp]")) DNS,
	 USUAL, GATEWAYS " (b.example=192.168.11.20)"},
	{SERVICES(SERVICE("web", "a.example", HOST_20 "ports: [\"8443:443/tcp\"]")) DNS, USUAL,
	 GATEWAYS},
	{SERVICES(SERVICE("web", "a.example", HOST_20 "rewrite: off, ports: [80/tcp]")
			  SERVICE("ssh", "b.example", HOST_20 "ports: [22/tcp]")) DNS,
	 USUAL, GATEWAYS " (b.example=192.168.11.20)"},
	/* Two services on one host: the first in the configuration names it. */
	{SERVICES(SERVICE("web", "z.example", HOST_20 "ports: [80/tcp]")
			  SERVICE("ssh", "a.example", HOST_20 "ports: [22/tcp]")
				  SERVICE("mail", "m.example", HOST_21 "ports: [25/tcp]")) DNS,
	 USUAL,
	 GATEWAYS " (z.example=192.168.11.20) (a.example=192.168.11.20) (m.example=192.168.11.21)"},
	{SERVICES("  - { name: web, " HOST_20 "ports: [80/tcp] }\n") DNS, USUAL, GATEWAYS},
	/* A name of dns.rewrites is nobody's service. */
	{SERVICES(SERVICE(
		 "cam", "d.example",
		 HOST_21
		 "rewrite: off, ports: [554/tcp]")) "dns: { upstream: 192.0.2.53, rewrites: [{domain: d.example, answer: 192.168.11.31}] }\n",
	 USUAL, GATEWAYS},
};

static void test_machines(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_plan_ struct plan *plan = plan_of(cases[i].conf, cases[i].facts);
		_strbuf_ struct strbuf machines = {0};

		print_machines(&plan->dns, &machines);
		if (strcmp(strbuf_text(&machines), cases[i].machines))
			fail_msg("case %zu: \"%s\", not \"%s\"", i, strbuf_text(&machines),
				 cases[i].machines);
	}
}

#define DHCP(more) "dhcp: [{ interface: br-lan, range: 192.168.11.100-192.168.11.199" more " }]\n"

static void test_domains(void **state _unused_)
{
	_plan_ struct plan *plan = plan_of(HEAD DNS, USUAL);
	_plan_ struct plan *same = plan_of(HEAD DNS DHCP(""), USUAL);
	_plan_ struct plan *other = plan_of(HEAD DNS DHCP(", domain: Lan.example"), USUAL);
	_strbuf_ struct strbuf machines = {0};

	assert_int_equal(plan->dns.n_local_domains, 1);
	assert_string_equal(plan->dns.local_domains[0], "home.arpa");
	assert_int_equal(same->dns.n_local_domains, 1);
	assert_int_equal(other->dns.n_local_domains, 2);
	assert_string_equal(other->dns.local_domains[1], "lan.example");
	/* In each segment as its hosts are. */
	print_machines(&other->dns, &machines);
	assert_string_equal(strbuf_text(&machines),
			    "gateway.lan.example=192.168.11.1 gateway.home.arpa=192.168.12.1");
}

static void test_networks(void **state _unused_)
{
	static const char *const expected[] = {"192.168.11.0/24", "2001:db8:11::/64",
					       "192.168.12.0/24"};
	_plan_ struct plan *plan =
		plan_of(HEAD DNS, BR_LAN_WITH(ADDR("192.168.11.1", 24) "," ADDR(
					  "2001:db8:11::1", 64) "," ADDR("fe80::1", 64)));
	char text[IP_TEXT_MAX];

	assert_int_equal(plan->dns.n_networks, ARRAY_SIZE(expected));
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		assert_string_equal(ip_net_format(&plan->dns.networks[i], text), expected[i]);
}

/* A host that cannot be right while following is nobody's name. */
static void test_following(void **state _unused_)
{
	static const struct plan_options following = {.memory_bytes = 1ULL << 30,
						      .following = true};
	_plan_ struct plan *plan = plan_with(
		SERVICES(SERVICE("web", "a.example", HOST_20 "ports: [80/tcp]")) DNS,
		BR_LAN_WITH(ADDR("192.168.11.1", 24) "," ADDR("192.168.11.20", 24)), &following);
	_strbuf_ struct strbuf machines = {0};

	print_machines(&plan->dns, &machines);
	assert_null(strstr(strbuf_text(&machines), "a.example"));
}

/* Machines alone make two plans different: two services on one host, of which another is the first. */
static void test_equal(void **state _unused_)
{
	static const char *const confs[] = {
		SERVICES(SERVICE("web", "z.example", HOST_20 "ports: [80/tcp]")
				 SERVICE("ssh", "a.example", HOST_20 "ports: [22/tcp]")) DNS,
		SERVICES(SERVICE("ssh", "a.example", HOST_20 "ports: [22/tcp]")
				 SERVICE("web", "z.example", HOST_20 "ports: [80/tcp]")) DNS,
	};
	static const char *const facts[] = {
		USUAL, BR_LAN_WITH(ADDR("192.168.11.1", 24) "," ADDR("2001:db8:11::1", 64)),
		BR_LAN_WITH(ADDR("192.168.11.1", 24) "," ADDR("2001:db8:11::1", 56))};
	struct plan *plans[6];

	for (size_t i = 0; i < ARRAY_SIZE(plans); i++)
		plans[i] = plan_of(confs[i / 3], facts[i % 3]);
	for (size_t i = 0; i < ARRAY_SIZE(plans); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(plans); k++) {
			if (plan_dns_equal(&plans[i]->dns, &plans[k]->dns) != (i == k))
				fail_msg("%zu and %zu", i, k);
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(plans); i++)
		plan_free(plans[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_machines), cmocka_unit_test(test_domains),
		cmocka_unit_test(test_networks), cmocka_unit_test(test_following),
		cmocka_unit_test(test_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
