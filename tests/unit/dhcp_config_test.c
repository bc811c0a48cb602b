// SPDX-License-Identifier: GPL-2.0-or-later
/* What dnsmasq is told of a plan, whole. */
#include "plan_fixture.h"

#include "config.h"

#define DNS "dns: { upstream: 192.0.2.53 }\n"
#define ITEM(more) \
	"dhcp:\n  - { interface: br-lan, range: 192.168.11.100-192.168.11.199" more " }\n"
#define LAN_OF(addrs) FACTS(WAN "," LINK("br-lan", 3, addrs) "," GUEST, "")
#define OWN ADDR("192.168.11.1", 24)

#define COMMON                  \
	"port=0\n"              \
	"no-resolv\n"           \
	"no-hosts\n"            \
	"user=root\n"           \
	"pid-file=\n"           \
	"keep-in-foreground\n"  \
	"log-facility=-\n"      \
	"quiet-dhcp\n"          \
	"quiet-dhcp6\n"         \
	"quiet-ra\n"            \
	"bind-dynamic\n"        \
	"except-interface=lo\n" \
	"dhcp-authoritative\n"  \
	"dhcp-leasefile=/leases\n"
#define LAN_SEGMENT                                                               \
	"\n# device 3\n"                                                          \
	"interface=br-lan\n"                                                      \
	"dhcp-range=set:seg0,192.168.11.100,192.168.11.199,255.255.255.0,43200\n" \
	"dhcp-option=tag:seg0,option:router,192.168.11.1\n"
#define OURS "dhcp-option=tag:seg0,option:dns-server,192.168.11.1\n"
#define DOMAIN                                                  \
	"dhcp-option=tag:seg0,option:domain-name,home.arpa\n"   \
	"dhcp-option=tag:seg0,option:domain-search,home.arpa\n" \
	"domain=home.arpa,192.168.11.0/24\n"

static const struct {
	const char *conf, *facts, *text;
} cases[] = {
	{HEAD DNS ITEM(""), USUAL, COMMON "dhcp-lease-max=100\n" LAN_SEGMENT OURS DOMAIN},
	/* No DNS server is said rather than one that dnsmasq is not. */
	{HEAD ITEM(""), USUAL,
	 COMMON "dhcp-lease-max=100\n" LAN_SEGMENT
		"dhcp-option=tag:seg0,option:dns-server\n" DOMAIN},
	{HEAD DNS ITEM(", dns: [192.0.2.1, \"2001:db8::53\"]"), USUAL,
	 COMMON "dhcp-lease-max=100\n" LAN_SEGMENT
		"dhcp-option=tag:seg0,option:dns-server,192.168.11.1,192.0.2.1\n" DOMAIN},
	{HEAD DNS ITEM(
		 ", reservations: [{ mac: \"52:54:00:AB:34:56\", address: 192.168.11.20, name: "
		 "nas }, { mac: \"52:54:00:ab:34:57\", address: 192.168.11.21 }]"),
	 USUAL,
	 COMMON "dhcp-lease-max=102\n" LAN_SEGMENT OURS DOMAIN
		"dhcp-host=52:54:00:ab:34:56,192.168.11.20,nas\n"
		"dhcp-host=52:54:00:ab:34:57,192.168.11.21\n"},
	/* Nothing in a value ends its line or begins a comment. */
	{HEAD DNS ITEM(
		 ", options: [\"42 ips 192.168.11.1,192.168.11.2\", '66 text a, \"b\\c\" # d', "
		 "\"43 hex 1b\", \"224 hex 01:ff\", \"252 text http://x\"]"),
	 USUAL,
	 COMMON "dhcp-lease-max=100\n" LAN_SEGMENT OURS DOMAIN
		"dhcp-option=tag:seg0,42,192.168.11.1,192.168.11.2\n"
		"dhcp-option=tag:seg0,66,\"a, \\\"b\\\\c\\\" # d\"\n"
		"dhcp-option=tag:seg0,43,27b\n"
		"dhcp-option=tag:seg0,224,01:ff\n"
		"dhcp-option=tag:seg0,252,68:74:74:70:3a:2f:2f:78\n"},
	/* With IPv6: a prefix of its own leads nowhere else, so nobody shall take us for a router. */
	{HEAD DNS ITEM(", dns: \"2001:db8::53\""), LAN_OF(OWN "," ADDR("fd00:11::1", 64)),
	 COMMON "dhcp-lease-max=100\n" LAN_SEGMENT OURS DOMAIN
		"dhcp-range=set:seg0,::,constructor:br-lan,ra-stateless,64,43200\n"
		"ra-param=br-lan,0,0\n"
		"dhcp-option=tag:seg0,option6:dns-server,[fd00:11::1],[2001:db8::53]\n"
		"dhcp-option=tag:seg0,option6:domain-search,home.arpa\n"
		"\nenable-ra\n"},
	{HEAD ITEM(""), LAN_OF(OWN "," ADDR("2001:db8:11::1", 64)),
	 COMMON "dhcp-lease-max=100\n" LAN_SEGMENT "dhcp-option=tag:seg0,option:dns-server\n" DOMAIN
		"dhcp-range=set:seg0,::,constructor:br-lan,ra-stateless,64,43200\n"
		"dhcp-option=tag:seg0,option6:domain-search,home.arpa\n"
		"\nenable-ra\n"},
};

static void test_texts(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_plan_ struct plan *plan = plan_of(cases[i].conf, cases[i].facts);
		_strbuf_ struct strbuf text = {0};

		dhcp_config_write(&plan->dhcp, "/leases", &text);
		assert_string_equal(strbuf_text(&text), cases[i].text);
	}
}

/* dnsmasq reads 1024 characters of a line. */
static void test_longest_lines(void **state _unused_)
{
	_strbuf_ struct strbuf conf = {0}, text = {0};
	_plan_ struct plan *plan = NULL;
	size_t longest = 0;

	strbuf_add(&conf,
		   "%s%sdhcp:\n  - interface: br-lan\n    range: 192.168.11.100-192.168.11.199\n",
		   HEAD, DNS);
	strbuf_add(&conf, "    domain: %s\n    dns: [",
		   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
		   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
		   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
		   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	for (unsigned int i = 0; i < LIMIT_DHCP_DNS; i++)
		strbuf_add(&conf, "%s\"2001:db8:1111:2222:3333:4444:5555:666%u\"", i ? ", " : "",
			   i);
	strbuf_add(&conf, "]\n    options: [\"43 hex 00");
	for (unsigned int i = 1; i < LIMIT_DHCP_OPTION_BYTES; i++)
		strbuf_add(&conf, ":00");
	strbuf_add(&conf, "\", '66 text ");
	for (unsigned int i = 0; i < LIMIT_DHCP_OPTION_BYTES; i++)
		strbuf_add(&conf, "\"");
	strbuf_add(&conf, "']\n");
	plan = plan_of(strbuf_text(&conf), LAN_OF(OWN "," ADDR("2001:db8:11::1", 64)));
	dhcp_config_write(&plan->dhcp, "/leases", &text);
	for (const char *at = strbuf_text(&text); *at;) {
		size_t length = strcspn(at, "\n");

		longest = length > longest ? length : longest;
		at += length + 1;
	}
	assert_in_range(longest, 700, 1020);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_longest_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
