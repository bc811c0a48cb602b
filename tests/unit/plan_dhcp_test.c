// SPDX-License-Identifier: GPL-2.0-or-later
/* What the DHCP server is told: segments, and what their hosts are told of us. */
#include "plan_fixture.h"

#include "plan_dhcp.h"

#define DNS "dns: { upstream: 192.0.2.53 }\n"
#define DHCP(more) \
	HEAD DNS "dhcp:\n  - { interface: br-lan, range: 192.168.11.100-192.168.11.199" more " }\n"
#define GUESTS "  - { interface: br-guest, range: 192.168.12.9-192.168.12.9 }\n"
#define RESERVE(items) ", reservations: [" items "]"
#define MAC "mac: \"52:54:00:12:34:56\", "

#define LAN_OF(addrs) FACTS(WAN "," LINK("br-lan", 3, addrs) "," GUEST, "")
#define OWN ADDR("192.168.11.1", 24)

/* "br-lan own 192.168.11.1 of 192.168.11.0/24 43200s via ... dns ... 2001:... in home.arpa ra; mac=addr(name); code=octets" */
static void print_segment(const struct plan_segment *segment, struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	strbuf_add(out, "%s%s own %s", out->length ? "\n" : "", segment->interface,
		   ip_addr_format(&segment->own, text));
	strbuf_add(out, " of %s", ip_net_format(&segment->net, text));
	strbuf_add(out, " %s", ip_addr_format(&segment->first, text));
	strbuf_add(out, "-%s", ip_addr_format(&segment->last, text));
	strbuf_add(out, " %us via %s dns", segment->lease_s,
		   ip_addr_format(&segment->gateway, text));
	for (size_t i = 0; i < segment->n_dns; i++)
		strbuf_add(out, " %s", ip_addr_format(&segment->dns[i], text));
	for (size_t i = 0; i < segment->n_dns6; i++)
		strbuf_add(out, " %s", ip_addr_format(&segment->dns6[i], text));
	strbuf_add(out, " in %s%s", segment->domain, segment->ra ? " ra" : "");
	for (size_t i = 0; i < segment->n_reservations; i++)
		strbuf_add(out, " %02x=%s(%s)", segment->reservations[i].mac[5],
			   ip_addr_format(&segment->reservations[i].addr, text),
			   segment->reservations[i].name);
	for (size_t i = 0; i < segment->n_options; i++)
		strbuf_add(out, " %u:%zu", segment->options[i].code, segment->options[i].n_octets);
}

#define USUAL_SEGMENT                                                                          \
	"br-lan own 192.168.11.1 of 192.168.11.0/24 192.168.11.100-192.168.11.199 43200s via " \
	"192.168.11.1 dns 192.168.11.1"

static const struct {
	const char *conf, *facts, *segments;
} cases[] = {
	{HEAD DNS, USUAL, ""},
	{DHCP(""), USUAL, USUAL_SEGMENT " in home.arpa"},
	{DHCP("") GUESTS, USUAL,
	 USUAL_SEGMENT " in home.arpa\nbr-guest own 192.168.12.1 of 192.168.12.0/24 "
		       "192.168.12.9-192.168.12.9 43200s via 192.168.12.1 dns 192.168.12.1 in "
		       "home.arpa"},
	/* No server of ours, no address of ours. */
	{HEAD
	 "dhcp:\n  - { interface: br-lan, range: 192.168.11.100-192.168.11.199, dns: 192.0.2.1 }\n",
	 USUAL,
	 "br-lan own 192.168.11.1 of 192.168.11.0/24 192.168.11.100-192.168.11.199 43200s via "
	 "192.168.11.1 dns 192.0.2.1 in home.arpa"},
	/* Ours first, and once. */
	{DHCP(", dns: [192.0.2.1, 192.168.11.1, \"2001:db8::53\"], domain: lan.example"), USUAL,
	 USUAL_SEGMENT " 192.0.2.1 2001:db8::53 in lan.example"},
	{DHCP(", gateway: 192.168.11.2, lease: 2m, options: [\"43 hex 01:02:03\"]"), USUAL,
	 "br-lan own 192.168.11.1 of 192.168.11.0/24 192.168.11.100-192.168.11.199 120s via "
	 "192.168.11.2 dns 192.168.11.1 in home.arpa 43:3"},
	{DHCP(RESERVE("{ " MAC "address: 192.168.11.20, name: Nas }")), USUAL,
	 USUAL_SEGMENT " in home.arpa 56=192.168.11.20(nas)"},
	/* The network of the range, not the first one; a lasting address before one that goes. */
	{DHCP(""), LAN_OF(ADDR("10.0.0.1", 8) "," ADDR_OLD("192.168.11.2", 24) "," OWN),
	 USUAL_SEGMENT " in home.arpa"},
	/* A host makes no address of a prefix that is not 64 bits long, or goes away. */
	{DHCP(""), LAN_OF(OWN "," ADDR("fd00:11::1", 64)),
	 USUAL_SEGMENT " fd00:11::1 in home.arpa ra"},
	/* Our unique local address before one that a provider changes, and ours before others. */
	{DHCP(", dns: \"2001:db8::53\""),
	 LAN_OF(OWN "," ADDR("2001:db8:11::1", 64) "," ADDR("fd00:11::1", 64)),
	 USUAL_SEGMENT " fd00:11::1 2001:db8::53 in home.arpa ra"},
	{DHCP(""), LAN_OF(OWN "," ADDR_OLD("fd00:11::1", 64) "," ADDR("2001:db8:11::1", 64)),
	 USUAL_SEGMENT " 2001:db8:11::1 in home.arpa ra"},
	{HEAD
	 "dns: { upstream: 192.0.2.53, listen: 192.168.11.1 }\ndhcp:\n  - { interface: br-lan, range: "
	 "192.168.11.100-192.168.11.199 }\n",
	 LAN_OF(OWN "," ADDR("fd00:11::1", 64)), USUAL_SEGMENT " in home.arpa ra"},
	{DHCP(", ra: off"), LAN_OF(OWN "," ADDR("fd00:11::1", 64)), USUAL_SEGMENT " in home.arpa"},
	{DHCP(""), LAN_OF(OWN "," ADDR("fe80::1", 64) "," ADDR("2001:db8:11::1", 56)),
	 USUAL_SEGMENT " in home.arpa"},
	{DHCP(""), LAN_OF(OWN "," ADDR_OLD("2001:db8:11::1", 64)), USUAL_SEGMENT " in home.arpa"},
	/* What is not there is waited for. */
	{DHCP(""), FACTS(WAN "," MISSING("br-lan") "," GUEST, ""), ""},
	{DHCP(""), LAN_OF(""), ""},
	{DHCP(""), LAN_OF(ADDR("fd00:11::1", 64)), ""},
};

static void test_segments(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_plan_ struct plan *plan = plan_of(cases[i].conf, cases[i].facts);
		_strbuf_ struct strbuf text = {0};

		for (size_t k = 0; k < plan->dhcp.n_segments; k++)
			print_segment(&plan->dhcp.segments[k], &text);
		assert_string_equal(strbuf_text(&text), cases[i].segments);
	}
}

static const struct {
	const char *conf, *facts, *errors;
} faults[] = {
	{HEAD "dhcp:\n  - { interface: br-lan, range: 192.168.13.1-192.168.13.9 }\n", USUAL,
	 "t.yaml:9: range: 192.168.13.1: in no network of the gateway on br-lan\n"},
	{HEAD "dhcp:\n  - { interface: br-lan, range: 192.168.11.1-192.168.11.9 }\n", USUAL,
	 "t.yaml:9: range: 192.168.11.1: the gateway's own address, which a host would get; a range "
	 "without it\n"},
	{HEAD "dhcp:\n  - { interface: br-lan, range: 192.168.11.9-192.168.12.9 }\n", USUAL,
	 "t.yaml:9: range: 192.168.12.9: another network than the range's; an address in "
	 "192.168.11.0/24\n"},
	{HEAD "dhcp:\n  - { interface: br-lan, range: 192.168.11.9-192.168.11.255 }\n", USUAL,
	 "t.yaml:9: range: 192.168.11.255: is no host's, as first or last address of its network; "
	 "another one\n"},
	{HEAD
	 "dhcp:\n  - { interface: br-lan, range: 192.168.11.9-192.168.11.19, gateway: 192.168.12.2 }\n",
	 USUAL,
	 "t.yaml:9: gateway: 192.168.12.2: another network than the range's; an address in "
	 "192.168.11.0/24\n"},
	{DHCP(RESERVE("{ " MAC "address: 192.168.11.1 }")), USUAL,
	 "t.yaml:10: address: 192.168.11.1: the gateway's own address; another one\n"},
	{DHCP(RESERVE("{ " MAC "address: 192.168.12.7 }")), USUAL,
	 "t.yaml:10: address: 192.168.12.7: another network than the range's; an address in "
	 "192.168.11.0/24\n"},
};

/* Refused at first; once in force, only what is at fault goes. */
static void test_faults(void **state _unused_)
{
	const struct plan_options following = {.memory_bytes = 1ULL << 30, .following = true};

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		_conf_ struct conf *conf = conf_of(faults[i].conf);
		_facts_ struct facts *facts = facts_of(faults[i].facts);
		_plan_ struct plan *refused = NULL, *followed = NULL;
		_strbuf_ struct strbuf errors = {0};

		assert_int_equal(plan_make(conf, facts, &usual_options, &refused, &errors),
				 -EINVAL);
		assert_string_equal(strbuf_text(&errors), faults[i].errors);
		assert_int_equal(plan_make(conf, facts, &following, &followed, &errors), 0);
		assert_non_null(strstr(strbuf_text(&followed->waits), faults[i].errors));
		assert_int_equal(followed->dhcp.n_segments, conf->n_reservations);
		for (size_t k = 0; k < followed->dhcp.n_segments; k++)
			assert_int_equal(followed->dhcp.segments[k].n_reservations, 0);
	}
}

/* One that was added at run time is its address's segment's. */
static void test_added(void **state _unused_)
{
	_conf_ struct conf *conf =
		conf_of(DHCP(RESERVE("{ " MAC "address: 192.168.12.7 }")) GUESTS);
	_facts_ struct facts *facts = facts_of(USUAL);
	_plan_ struct plan *plan = NULL;
	_strbuf_ struct strbuf errors = {0};

	conf->reservations[0].dhcp = CONF_ANY_DHCP;
	assert_int_equal(plan_make(conf, facts, &usual_options, &plan, &errors), 0);
	assert_int_equal(plan->dhcp.segments[0].n_reservations, 0);
	assert_int_equal(plan->dhcp.segments[1].n_reservations, 1);
	assert_string_equal(strbuf_text(&plan->waits), "");
	plan = plan_free(plan);
	assert_int_equal(ip_addr_parse("192.168.99.7", &conf->reservations[0].address), 0);
	assert_int_equal(plan_make(conf, facts, &usual_options, &plan, &errors), 0);
	assert_string_equal(
		strbuf_text(&plan->waits),
		"dhcp: the reservation of 192.168.99.7 is in no segment that gets leases "
		"now\n");
}

/* Each key by itself makes a difference. */
static void test_equal(void **state _unused_)
{
	static const char *const confs[] = {
		HEAD DNS,
		DHCP(""),
		DHCP(", lease: 1h"),
		DHCP(", gateway: 192.168.11.2"),
		DHCP(", dns: 192.0.2.1"),
		DHCP(", dns: \"2001:db8::53\""),
		DHCP(", domain: lan.example"),
		DHCP(", options: \"43 hex 01\""),
		DHCP(", options: \"43 hex 02\""),
		DHCP(", options: \"224 hex 02\""),
		DHCP(", options: \"224 hex 01:02:03:04\""),
		DHCP(", options: \"224 ips 1.2.3.4\""),
		DHCP(RESERVE("{ " MAC "address: 192.168.11.20 }")),
		DHCP(RESERVE("{ " MAC "address: 192.168.11.21 }")),
		DHCP(RESERVE("{ " MAC "address: 192.168.11.21, name: nas }")),
		DHCP(RESERVE("{ mac: \"52:54:00:12:34:57\", address: 192.168.11.21, name: nas }")),
		DHCP(", ra: off"),
		DHCP("") GUESTS,
		HEAD DNS "dhcp:\n  - { interface: br-lan, range: 192.168.11.100-192.168.11.198 }\n",
	};
	struct plan *plans[ARRAY_SIZE(confs)];

	for (size_t i = 0; i < ARRAY_SIZE(confs); i++)
		plans[i] = plan_of(confs[i], LAN_OF(OWN "," ADDR("fd00:11::1", 64)));
	for (size_t i = 0; i < ARRAY_SIZE(confs); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(confs); k++)
			assert_int_equal(plan_dhcp_equal(&plans[i]->dhcp, &plans[k]->dhcp), i == k);
	}
	for (size_t i = 0; i < ARRAY_SIZE(confs); i++)
		plan_free(plans[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_segments),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_added),
		cmocka_unit_test(test_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
