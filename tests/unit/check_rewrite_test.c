// SPDX-License-Identifier: GPL-2.0-or-later
/* What `hairpin check` says of names inside, each word of it. */
#include "findings.h"
#include "plan_fixture.h"

#define DNS(more) "dns: { upstream: 192.0.2.53, doctoring: off" more " }\n"
#define DNS_AUTO "dns: { upstream: 192.0.2.53 }\n"
#define LAN6 LINK("br-lan", 3, ADDR("192.168.11.1", 24) "," ADDR("2001:db8:11::1", 64))
#define WAN6 LINK("eth0", 2, ADDR("203.0.113.5", 24) "," ADDR("2001:db8:ff::5", 64))
#define BOTH(lan, wan) FACTS(wan "," lan "," GUEST, "")
#define SERVICE(name, domain, more) \
	"  - name: " name "\n"      \
	"    domain: " domain "\n"  \
	"    host: 192.168.11.20\n" more "\n"
#define RUSTDESK "    preset: rustdesk"
#define RUSTDESK_COST                                                                   \
	"note service desk: rustdesk: the ID server sees clients inside by their LAN "  \
	"addresses, so their direct connections to peers outside may fall back to the " \
	"relay; `rewrite: off` avoids that\n"

static const struct {
	const char *conf, *said;
} cases[] = {
	{HEAD, ""},
	{HEAD DNS(""), ""},
	/* Without a server nothing becomes of names. */
	{SERVICES(SERVICE("desk", "a.example", RUSTDESK)), ""},
	{SERVICES(SERVICE("desk", "[a.example, b.example]", RUSTDESK)) DNS(""),
	 "note a.example is answered with 192.168.11.20 inside\n"
	 "note b.example is answered with 192.168.11.20 inside\n" RUSTDESK_COST},
	{SERVICES(SERVICE("desk", "\"*.a.example\"", RUSTDESK)) DNS(""),
	 "note *.a.example is answered with 192.168.11.20 inside\n" RUSTDESK_COST},
	{SERVICES(SERVICE("desk", "a.example", RUSTDESK "\n    rewrite: off")) DNS(""),
	 "note a.example keeps the public address inside: service desk has `rewrite: off`\n"},
	/* A name of the operator's own is no work of the service. */
	{SERVICES(SERVICE("desk", "a.example", RUSTDESK "\n    rewrite: off"))
		 DNS(", rewrites: [{ domain: a.example, answer: 192.168.11.21 }]"),
	 "note a.example is answered with 192.168.11.21 inside\n"},
	{SERVICES(SERVICE("web", "example.com", "    ports: [443/tcp, \"8443:443/tcp\"]")) DNS(""),
	 "note example.com keeps the public address inside: 8443/tcp goes to 443\n"},
	{SERVICES(SERVICE("web", "example.com",
			  "    ports: [443/tcp, \"8443:443/tcp\"]\n    rewrite: on")) DNS(""),
	 "note example.com is answered with 192.168.11.20 inside, as `rewrite: on` asks; these "
	 "ports do not work by that name there: 8443/tcp goes to 443\n"},
	{SERVICES(SERVICE("web", "a.example",
			  "    host6: \"2001:db8:11::20\"\n    ports: [443/tcp]\n    rewrite: on"))
		 DNS(""),
	 "note a.example is answered with 192.168.11.20, 2001:db8:11::20 inside\n"},
	{HEAD DNS(", rewrites: [{ domain: .a.example, answer: b.example }, "
		  "{ domain: \"*.b.example\", answer: 192.168.11.21 }]"),
	 "note .a.example stands for b.example inside\n"
	 "note *.b.example is answered with 192.168.11.21 inside\n"},
	{HEAD DNS(", rewrites: [{ domain: a.example, answer: 192.168.11.21, pass: [MX, TXT] }, "
		  "{ domain: b.example, pass: all }, { domain: c.example, pass: A }]"),
	 "note a.example: records of these types are asked upstream: MX, TXT\n"
	 "note a.example is answered with 192.168.11.21 inside\n"
	 "note c.example: records of these types are asked upstream: A\n"
	 "note b.example keeps the public address inside: `pass: all` in dns.rewrites\n"},
	/* What is added to a name that is kept is added to nothing. */
	{SERVICES(SERVICE("web", "a.example", "    ports: [\"8443:443/tcp\"]"))
		 DNS(", rewrites: [{ domain: a.example, answer: \"HTTPS 1 . alpn=h2\" }]"),
	 "note a.example keeps the public address inside: 8443/tcp goes to 443\n"
	 "note a.example: `HTTPS` of dns.rewrites has no effect, since the name keeps the public "
	 "address inside\n"},
	{SERVICES(SERVICE("web", "a.example", "    ports: [\"8443:443/tcp\"]"))
		 DNS(", rewrites: [{ domain: a.example, pass: [MX] }]"),
	 "note a.example keeps the public address inside: 8443/tcp goes to 443\n"
	 "note a.example: `pass` of dns.rewrites has no effect, since the name keeps the public "
	 "address inside\n"},
	{SERVICES(SERVICE("web", "a.example", "    ports: [443/tcp]"))
		 DNS(", rewrites: [{ domain: a.example, answer: \"HTTPS 1 . alpn=h2\" }]"),
	 "note a.example is answered with 192.168.11.20 inside\n"},
	{SERVICES(SERVICE("web", "\"*.a.example\"", "    ports: [\"8443:443/tcp\"]"))
		 DNS(", rewrites: [{ domain: a.example, "
		     "answer: [192.168.11.21, \"HTTPS 1 . alpn=h2\"] }]"),
	 "note a.example is answered with 192.168.11.21 inside\n"
	 "note *.a.example keeps the public address inside: 8443/tcp goes to 443\n"},
	/* Names that nobody declared. */
	{HEAD DNS_AUTO, ""},
	{SERVICES(SERVICE("web", "[]", "    ports: [443/tcp]")) DNS_AUTO,
	 "note other names with 203.0.113.5 are told with 192.168.11.20 inside\n"},
	{SERVICES(SERVICE("web", "[]", "    ports: [\"8443:443/tcp\"]")) DNS_AUTO,
	 "note other names with our public address keep it inside: service web has a port that is "
	 "another one inside\n"},
	{SERVICES(SERVICE("web", "a.example", "    ports: [443/tcp]\n    rewrite: on")),
	 "note service web: `rewrite: on` has no effect without `dns`\n"},
	{SERVICES(SERVICE("web", "[]", "    ports: [443/tcp]\n    rewrite: on")) DNS(""),
	 "note service web: `rewrite: on` has no effect without `domain`\n"},
};

/* A line for each finding, "LEVEL TEXT"; all of them are of this kind. */
static void print_findings(const json_t *findings, struct strbuf *out)
{
	const json_t *finding;
	size_t i;

	json_array_foreach (findings, i, finding) {
		assert_string_equal(json_string_value(json_object_get(finding, "kind")), "rewrite");
		strbuf_add(out, "%s %s\n", json_string_value(json_object_get(finding, "level")),
			   json_string_value(json_object_get(finding, "text")));
	}
}

static void test_said(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_conf_ struct conf *conf = conf_of(cases[i].conf);
		_plan_ struct plan *plan = plan_of(cases[i].conf, USUAL);
		const struct candidate candidate = {.conf = conf, .plan = plan};
		struct check check = {.candidate = &candidate, .findings = json_array()};
		_strbuf_ struct strbuf said = {0};

		check_rewrites(&check);
		print_findings(check.findings, &said);
		json_decref(check.findings);
		if (strcmp(strbuf_text(&said), cases[i].said))
			fail_msg("case %zu: \"%s\"", i, strbuf_text(&said));
		/* As it was asked for: no reason to fail a script. */
		assert_false(check.found);
	}
}

/* Hosts that have IPv6 are told of by their network, not by the gateway's own addresses elsewhere. */
static void test_redirect(void **state _unused_)
{
	static const struct {
		const char *conf, *facts;
		bool said;
	} redirects[] = {
		{HEAD DNS(", redirect: yes"), USUAL, false},
		{HEAD DNS(", redirect: yes"), BOTH(LAN6, WAN), true},
		{HEAD DNS(", redirect: yes"), BOTH(LAN, WAN6), false},
		{HEAD DNS(""), BOTH(LAN6, WAN), false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(redirects); i++) {
		_plan_ struct plan *plan = plan_of(redirects[i].conf, redirects[i].facts);
		const struct candidate candidate = {.plan = plan};
		struct check check = {.candidate = &candidate, .findings = json_array()};

		check_redirect(&check);
		assert_int_equal(json_array_size(check.findings), redirects[i].said);
		assert_false(check.found);
		json_decref(check.findings);
	}
}

#define DHCP(domain)                     \
	"dhcp:\n  - interface: br-lan\n" \
	"    range: 192.168.11.100-192.168.11.199\n    domain: " domain "\n"

/* A domain that others have too, and what is hidden by it. */
static void test_dhcp_domain(void **state _unused_)
{
	static const struct {
		const char *conf;
		bool said;
	} domains[] = {
		{HEAD DNS("") DHCP("example.com"), true},
		{HEAD DNS("") DHCP("example.co.uk"), true},
		{HEAD DNS("") DHCP("co.example"), true},
		{HEAD DNS("") DHCP("lan.example.com"), false},
		{HEAD DNS("") DHCP("lan.example.co.uk"), false},
		{HEAD DNS("") DHCP("a.b.uk"), false},
		{HEAD DNS("") DHCP("home.arpa"), false},
		{HEAD DNS("") DHCP("a.home.arpa"), false},
		{HEAD DNS("") DHCP("house.lan"), false},
		{HEAD DNS("") DHCP("my.internal"), false},
		{HEAD DNS("") DHCP("lan"), false},
		/* Nobody hides anything. */
		{HEAD DHCP("example.com") "    dns: [192.168.11.2]\n", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(domains); i++) {
		_plan_ struct plan *plan = plan_of(domains[i].conf, USUAL);
		const struct candidate candidate = {.plan = plan};
		struct check check = {.candidate = &candidate, .findings = json_array()};
		const char *text;

		check_dhcp(&check);
		text = json_string_value(
			json_object_get(json_array_get(check.findings, 0), "text"));
		if (check.found != domains[i].said)
			fail_msg("case %zu", i);
		if (domains[i].said)
			assert_non_null(strstr(text, "is told not to exist"));
		json_decref(check.findings);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_said),
		cmocka_unit_test(test_redirect),
		cmocka_unit_test(test_dhcp_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
