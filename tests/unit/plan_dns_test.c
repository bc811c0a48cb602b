// SPDX-License-Identifier: GPL-2.0-or-later
/* What the DNS server is told: listeners, upstreams, and of each name whether it is answered inside. */
#include "plan_fixture.h"

#define DNS "dns: { upstream: [192.0.2.53, \"[2001:db8::53]:5353\"] }\n"
#define REWRITES(items) "dns: { upstream: 192.0.2.53, rewrites: [" items "] }\n"
#define SERVICE(name, domain, more) "  - { name: " name ", domain: " domain ", " more " }\n"
#define SELF "host: self, "
#define HOST_20 "host: 192.168.11.20, "
#define HOST_21 "host: 192.168.11.21, "
#define HOST6_20 "host6: \"2001:db8:11::20\", "
#define HOST6_21 "host6: \"2001:db8:11::21\", "

static void add_pattern(struct strbuf *out, enum plan_match match, const char *domain)
{
	static const char *const prefixes[] = {"", "*.", "."};

	strbuf_add(out, "%s%s", prefixes[match], domain);
}

/* "a.example=192.168.11.20,2001:db8:11::20 *.b.example=>a.example kept.example(why)": names, then what is kept. */
static void print_names(const struct plan_dns *dns, struct strbuf *out)
{
	char text[IP_TEXT_MAX], https[HTTPS_TEXT_MAX];

	for (size_t i = 0; i < dns->n_names; i++) {
		const struct plan_name *name = &dns->names[i];

		strbuf_add(out, "%s", out->length ? " " : "");
		add_pattern(out, name->match, name->domain);
		strbuf_add(out, "=%s%s", name->target ? ">" : "", name->target ? name->target : "");
		for (size_t k = 0; k < name->n_addrs; k++)
			strbuf_add(out, "%s%s", k ? "," : "",
				   ip_addr_format(&name->addrs[k], text));
		strbuf_add(out, "%s%s", name->has_h3 ? "+h3" : "", name->from_service ? "" : "!");
		for (size_t k = 0; k < name->n_https; k++)
			strbuf_add(out, "<%s>", https_format(&name->https[k], https));
		for (size_t k = 0; k < name->n_pass; k++)
			strbuf_add(out, "|%u", name->pass[k]);
		if (name->broken)
			strbuf_add(out, "[%s]", name->broken);
	}
	for (size_t i = 0; i < dns->n_kept; i++) {
		strbuf_add(out, "%s", out->length ? " " : "");
		add_pattern(out, dns->kept[i].match, dns->kept[i].domain);
		strbuf_add(out, "(%s)", dns->kept[i].why);
	}
}

static const struct {
	const char *conf, *names;
} cases[] = {
	/* No server, no names. */
	{SERVICES(SERVICE("web", "a.example", HOST_20 "ports: [80/tcp]")), ""},
	{SERVICES(SERVICE("web", "a.example", HOST_20 "ports: [80/tcp]")) DNS,
	 "a.example=192.168.11.20"},
	{SERVICES(SERVICE("web", "[B.example, a.example]", HOST_20 "preset: rustdesk")) DNS,
	 "a.example=192.168.11.20 b.example=192.168.11.20"},
	{SERVICES(SERVICE("web", "a.example", HOST_20 HOST6_20 "ports: [80/tcp]")) DNS,
	 "a.example=192.168.11.20,2001:db8:11::20"},
	/* Over IPv6 the port inside is what everybody uses. */
	{SERVICES(SERVICE("web", "a.example", HOST6_20 "ports: [\"8443:443/tcp\"]")) DNS,
	 "a.example=2001:db8:11::20"},
	/* The issue's own example. */
	{SERVICES(SERVICE("web", "a.example",
			  HOST_20 "ports: [80/tcp, 443/tcp, 443/udp, \"8443:443/tcp\"]")) DNS,
	 "a.example(8443/tcp goes to 443)"},
	{SERVICES(SERVICE("web", "a.example",
			  HOST_20
			  "ports: [\"8443:443/tcp\", 443/tcp, \"2000-2009:3000-3009/udp\"]")) DNS,
	 "a.example(8443/tcp goes to 443, 2000-2009/udp goes to 3000-3009)"},
	{SERVICES(SERVICE("web", "a.example",
			  HOST_20 "rewrite: on, ports: [\"8443:443/tcp\", 80/tcp]")) DNS,
	 "a.example=192.168.11.20[8443/tcp goes to 443]"},
	{SERVICES(SERVICE("web", "a.example", HOST_20 "rewrite: on, ports: [80/tcp]")) DNS,
	 "a.example=192.168.11.20"},
	{SERVICES(SERVICE("web", "a.example", HOST_20 "rewrite: off, ports: [80/tcp]")) DNS,
	 "a.example(service web has `rewrite: off`)"},
	/* All services of a name count, in whatever order. */
	{SERVICES(SERVICE("web", "[a.example, b.example]", HOST_20 "ports: [80/tcp]")
			  SERVICE("mail", "a.example", HOST_21 "ports: [25/tcp]")) DNS,
	 "b.example=192.168.11.20 a.example(services web and mail are on different hosts)"},
	{SERVICES(SERVICE("web", "a.example", HOST_20 "ports: [80/tcp]")
			  SERVICE("ssh", "a.example", HOST_20 "ports: [\"2222:22/tcp\"]")) DNS,
	 "a.example(2222/tcp goes to 22)"},
	{SERVICES(SERVICE("web", "a.example", HOST_20 "ports: [80/tcp]") SERVICE(
		 "ssh", "a.example", HOST_20 "rewrite: on, ports: [\"2222:22/tcp\"]")) DNS,
	 "a.example=192.168.11.20[2222/tcp goes to 22]"},
	{SERVICES(SERVICE("web", "a.example", HOST_20 "rewrite: on, ports: [80/tcp]")
			  SERVICE("ssh", "a.example", HOST_20 "rewrite: off, ports: [22/tcp]")) DNS,
	 "a.example(service ssh has `rewrite: off`)"},
	{SERVICES(SERVICE("web", "a.example", HOST_20 "ports: [80/tcp]")
			  SERVICE("six", "a.example", HOST6_21 "ports: [25/tcp]")) DNS,
	 "a.example=192.168.11.20,2001:db8:11::21"},
	{SERVICES(SERVICE("web", "a.example", HOST_20 HOST6_20 "ports: [80/tcp]")
			  SERVICE("six", "a.example", HOST6_21 "ports: [25/tcp]")) DNS,
	 "a.example(services web and six are on different hosts)"},
	/* The gateway itself: its address in each segment, and elsewhere as any other host. */
	{SERVICES(SERVICE("web", "a.example", SELF "ports: [443/tcp, 443/udp]")) DNS,
	 "a.example=192.168.11.1,192.168.12.1+h3"},
	{SERVICES(SERVICE("web", "a.example", SELF "ports: [\"8443:443/tcp\", 80/tcp]")) DNS,
	 "a.example(8443/tcp goes to 443)"},
	{SERVICES(SERVICE("web", "a.example", SELF "ports: [80/tcp]")
			  SERVICE("mail", "a.example", HOST_21 "ports: [25/tcp]")) DNS,
	 "a.example(services web and mail are on different hosts)"},
	{SERVICES(SERVICE("six", "a.example", HOST6_21 "ports: [25/tcp]")
			  SERVICE("web", "a.example", SELF "ports: [80/tcp]")) DNS,
	 "a.example(services six and web are on different hosts)"},
	{SERVICES(SERVICE("web", "a.example", SELF "ports: [80/tcp]")
			  SERVICE("vpn", "a.example", SELF "ports: [51820/udp]")) DNS,
	 "a.example=192.168.11.1,192.168.12.1"},
	{SERVICES(SERVICE(
		 "web", "a.example",
		 SELF "ports: [80/tcp]")) "dns: { upstream: 192.0.2.53, listen: 192.168.11.1 }\n",
	 "a.example=192.168.11.1,192.168.12.1"},
	/* HTTP/3 is offered where both protocols reach the host on the port that everybody takes. */
	{SERVICES(SERVICE("web", "a.example", HOST_20 "preset: https")) DNS,
	 "a.example=192.168.11.20+h3"},
	{SERVICES(SERVICE("web", "a.example", HOST6_20 "ports: [\"8443:443/tcp\", 443/udp]")) DNS,
	 "a.example=2001:db8:11::20+h3"},
	{SERVICES(SERVICE("web", "a.example", HOST_20 "ports: [443/tcp]")) DNS,
	 "a.example=192.168.11.20"},
	{SERVICES(SERVICE("web", "a.example", HOST_20 "ports: [443/udp, 80/tcp]")) DNS,
	 "a.example=192.168.11.20"},
	{SERVICES(SERVICE("web", "a.example", HOST_20 "ports: [443/tcp]")
			  SERVICE("quic", "a.example", HOST_20 "ports: [400-443/udp]")) DNS,
	 "a.example=192.168.11.20+h3"},
	{SERVICES(SERVICE("web", "a.example",
			  HOST_20 "rewrite: on, ports: [\"8443:443/tcp\", 443/udp]")) DNS,
	 "a.example=192.168.11.20[8443/tcp goes to 443]"},
	{SERVICES(SERVICE("web", "a.example",
			  HOST_20 "rewrite: on, ports: [443/tcp, 443/udp, \"8443:443/tcp\"]")) DNS,
	 "a.example=192.168.11.20+h3[8443/tcp goes to 443]"},
	{SERVICES(SERVICE("web", "a.example", HOST_20 "ports: [444/tcp, 442/udp]")) DNS,
	 "a.example=192.168.11.20"},
	/* A pattern and a name of it are two; the one that is kept says so, so that the other does not take it. */
	{SERVICES(SERVICE("web", "\"*.a.example\"", HOST_20 "ports: [80/tcp]")
			  SERVICE("git", "git.a.example", HOST_21 "ports: [\"2222:22/tcp\"]")) DNS,
	 "*.a.example=192.168.11.20 git.a.example(2222/tcp goes to 22)"},
	/* Answers of the operator's own, sorted among the others by name and then by what they stand for. */
	{HEAD REWRITES("{ domain: .b.example, answer: 192.168.11.30 }, "
		       "{ domain: b.example, answer: [\"2001:db8::30\", 198.51.100.1] }, "
		       "{ domain: \"*.b.example\", answer: a.example }"),
	 "b.example=2001:db8::30,198.51.100.1! *.b.example=>a.example! .b.example=192.168.11.30!"},
	{SERVICES(SERVICE("web", "[c.example, a.example]", HOST_20 "ports: [80/tcp]")
			  SERVICE("cam", "d.example", HOST_21 "rewrite: off, ports: [554/tcp]"))
		 REWRITES("{ domain: b.example, answer: 192.168.11.30 }, "
			  "{ domain: d.example, answer: 192.168.11.31 }"),
	 "a.example=192.168.11.20 b.example=192.168.11.30! c.example=192.168.11.20 "
	 "d.example=192.168.11.31!"},
	/* How a web server is reached: of a service's name, and of one of our own. */
	{SERVICES(SERVICE("web", "a.example", HOST_20 "preset: https"))
		 REWRITES("{ domain: a.example, answer: HTTPS 1 . alpn=h2 }"),
	 "a.example=192.168.11.20+h3<HTTPS 1 . alpn=h2>"},
	{HEAD REWRITES(
		 "{ domain: b.example, answer: [HTTPS 1 . alpn=h2 port=8443, 192.168.11.30] }"),
	 "b.example=192.168.11.30!<HTTPS 1 . alpn=h2 port=8443>"},
	/* What goes upstream all the same: of a service's name, of one of our own, of nothing else; and a name that is wholly there. */
	{SERVICES(SERVICE("web", "a.example", HOST_20 "ports: [80/tcp]"))
		 REWRITES("{ domain: a.example, pass: [MX, TXT] }"),
	 "a.example=192.168.11.20|15|16"},
	{SERVICES(SERVICE("web", "a.example", HOST_20 "rewrite: off, ports: [80/tcp]"))
		 REWRITES("{ domain: a.example, pass: [MX, TXT] }"),
	 "a.example(service web has `rewrite: off`)"},
	{HEAD REWRITES("{ domain: \"*.b.example\", answer: 192.168.11.30, pass: AAAA }, "
		       "{ domain: git.b.example, pass: all }, { domain: vpn.b.example, pass: A }"),
	 "*.b.example=192.168.11.30!|28 vpn.b.example=!|1 "
	 "git.b.example(`pass: all` in dns.rewrites)"},
};

static void test_names(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_plan_ struct plan *plan = plan_of(cases[i].conf, USUAL);
		_strbuf_ struct strbuf names = {0};

		print_names(&plan->dns, &names);
		if (strcmp(strbuf_text(&names), cases[i].names))
			fail_msg("case %zu: \"%s\", not \"%s\"", i, strbuf_text(&names),
				 cases[i].names);
	}
}

/* --- listeners and upstreams --------------------------------------------------------------------- */

/* "br-lan 192.168.11.1 of 192.168.11.0/24, ..." */
static void print_listeners(const struct plan_dns *dns, struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < dns->n_listeners; i++) {
		const struct plan_listener *listener = &dns->listeners[i];

		strbuf_add(out, "%s%s %s", i ? ", " : "", listener->interface,
			   ip_addr_format(&listener->addr, text));
		strbuf_add(out, " of %s", ip_net_format(&listener->segment, text));
	}
}

#define BR_LAN_WITH(addrs) FACTS(WAN "," LINK("br-lan", 3, addrs) "," GUEST, "")
#define GUEST_TEXT ", br-guest 192.168.12.1 of 192.168.12.0/24"

static const struct {
	const char *facts, *listeners;
} networks[] = {
	{USUAL, "br-lan 192.168.11.1 of 192.168.11.0/24" GUEST_TEXT},
	{FACTS(WAN "," MISSING("br-lan") "," GUEST, ""),
	 "br-guest 192.168.12.1 of 192.168.12.0/24"},
	{FACTS(MISSING("eth0") "," MISSING("br-lan") "," MISSING("br-guest"), ""), ""},
	/* Each IPv4 address; neither IPv6's nor one that a machine gives itself. */
	{BR_LAN_WITH(ADDR("192.168.11.1", 24) "," ADDR("10.9.0.1", 16) "," ADDR(
		 "2001:db8:11::1", 64) "," ADDR("169.254.7.7", 16)),
	 "br-lan 192.168.11.1 of 192.168.11.0/24, br-lan 10.9.0.1 of 10.9.0.0/16" GUEST_TEXT},
	/* An address that two routers share is asked by those of the network around it. */
	{BR_LAN_WITH(ADDR("192.168.11.254", 32) "," ADDR("192.168.11.2", 24)),
	 "br-lan 192.168.11.254 of 192.168.11.0/24, br-lan 192.168.11.2 of "
	 "192.168.11.0/24" GUEST_TEXT},
	{BR_LAN_WITH(ADDR("192.168.11.254", 32)),
	 "br-lan 192.168.11.254 of 192.168.11.254/32" GUEST_TEXT},
	/* One that its clients still use although it is not given to new ones. */
	{BR_LAN_WITH(ADDR_OLD("192.168.11.1", 24)),
	 "br-lan 192.168.11.1 of 192.168.11.0/24" GUEST_TEXT},
};

static void test_listeners(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(networks); i++) {
		_plan_ struct plan *plan = plan_of(HEAD DNS, networks[i].facts);
		_strbuf_ struct strbuf listeners = {0};

		assert_true(plan->dns.on);
		print_listeners(&plan->dns, &listeners);
		if (strcmp(strbuf_text(&listeners), networks[i].listeners))
			fail_msg("case %zu: \"%s\", not \"%s\"", i, strbuf_text(&listeners),
				 networks[i].listeners);
	}
}

/* What is missing is waited for as before, and nothing is said twice. */
static void test_waits(void **state _unused_)
{
	const char *facts = FACTS(WAN "," MISSING("br-lan") "," GUEST, "");
	_plan_ struct plan *with = plan_of(HEAD DNS, facts);
	_plan_ struct plan *without = plan_of(HEAD, facts);

	assert_string_equal(strbuf_text(&with->waits), strbuf_text(&without->waits));
	assert_false(without->dns.on);
	assert_int_equal(without->dns.n_listeners, 0);
}

static void test_listeners_limit(void **state _unused_)
{
	_strbuf_ struct strbuf addrs = {0}, facts = {0};
	struct plan *plan;

	for (unsigned int i = 1; i <= LIMIT_DNS_LISTENERS + 1; i++)
		strbuf_add(&addrs, "%s" ADDR("192.168.11.%u", 24), i > 1 ? "," : "", i);
	strbuf_add(&facts, FACTS(WAN "," LINK("br-lan", 3, "%s") "," GUEST, ""),
		   strbuf_text(&addrs));
	plan = plan_of(HEAD DNS, strbuf_text(&facts));
	assert_int_equal(plan->dns.n_listeners, LIMIT_DNS_LISTENERS);
	assert_non_null(strstr(strbuf_text(&plan->waits),
			       "dns: 64 addresses of segments are taken, "
			       "those of br-lan are too many\n"));
	plan_free(plan);
}

#define LISTEN(addrs) "dns: { upstream: 192.0.2.53, listen: [" addrs "] }\n"
#define RESOLVER(more) "role: resolver\n" more

static const struct {
	const char *conf, *facts, *listeners, *waits;
} chosen[] = {
	/* These alone, of either family, each with the network that its interface has. */
	{HEAD LISTEN("192.168.12.1, 192.168.11.1"), USUAL,
	 "br-guest 192.168.12.1 of 192.168.12.0/24, br-lan 192.168.11.1 of 192.168.11.0/24", ""},
	{HEAD LISTEN("\"2001:db8:11::1\""),
	 BR_LAN_WITH(ADDR("192.168.11.1", 24) "," ADDR("2001:db8:11::1", 64)),
	 "br-lan 2001:db8:11::1 of 2001:db8:11::/64", ""},
	/* One of neither side, as a container's bridge. */
	{HEAD LISTEN("172.17.0.1"),
	 FACTS(WAN "," LAN "," GUEST "," LINK("docker0", 5, ADDR("172.17.0.1", 16)), ""),
	 "docker0 172.17.0.1 of 172.17.0.0/16", ""},
	{HEAD LISTEN("192.168.11.1, 192.168.11.9"), USUAL, "br-lan 192.168.11.1 of 192.168.11.0/24",
	 "dns: no interface has 192.168.11.9\n"},
	/* Without a WAN side there is none that it could be on. */
	{RESOLVER(LISTEN("203.0.113.5")), USUAL, "eth0 203.0.113.5 of 203.0.113.0/24", ""},
	{RESOLVER("lan: [{ interface: br-lan }]\n" DNS), USUAL,
	 "br-lan 192.168.11.1 of 192.168.11.0/24", ""},
};

static void test_listen(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(chosen); i++) {
		_plan_ struct plan *plan = plan_of(chosen[i].conf, chosen[i].facts);
		_strbuf_ struct strbuf listeners = {0};

		print_listeners(&plan->dns, &listeners);
		if (strcmp(strbuf_text(&listeners), chosen[i].listeners) ||
		    strcmp(strbuf_text(&plan->waits), chosen[i].waits))
			fail_msg("case %zu: \"%s\", waits \"%s\"", i, strbuf_text(&listeners),
				 strbuf_text(&plan->waits));
	}
}

static void test_listen_wan(void **state _unused_)
{
	_conf_ struct conf *conf = conf_of(HEAD LISTEN("192.168.11.1, 203.0.113.5"));
	_facts_ struct facts *facts = facts_of(USUAL);
	_strbuf_ struct strbuf errors = {0};
	struct plan *plan = NULL;

	assert_int_equal(plan_make(conf, facts, &usual_options, &plan, &errors), -EINVAL);
	assert_string_equal(
		strbuf_text(&errors),
		"t.yaml:8: listen: 203.0.113.5: an address of the WAN interface; DNS is "
		"for the LAN, list addresses there\n");
}

/* Names as ever, hosts wherever they are, this machine included, and nothing for a data plane. */
static void test_resolver(void **state _unused_)
{
	const char *services =
		"services:\n" SERVICE("web", "a.example", "host: 192.168.11.1, ports: [80/tcp]")
			SERVICE("far", "b.example", "host: 10.7.7.7, ports: [80/tcp]")
				SERVICE("odd", "c.example", HOST_20 "ports: [\"8443:443/tcp\"]");
	_strbuf_ struct strbuf text = {0}, names = {0};
	_plan_ struct plan *plan = NULL;

	strbuf_add(&text, "%s%s", RESOLVER(LISTEN("192.168.11.1")), services);
	plan = plan_of(strbuf_text(&text), USUAL);
	print_names(&plan->dns, &names);
	assert_string_equal(
		strbuf_text(&names),
		"a.example=192.168.11.1 b.example=10.7.7.7 c.example(8443/tcp goes to 443)");
	assert_string_equal(strbuf_text(&plan->waits), "");
	assert_int_equal(plan->n_devices + plan->n_rules + plan->n_prefixes + plan->n_wan_addrs, 0);
	assert_int_equal(plan->sessions, 0);
}

static void test_upstreams(void **state _unused_)
{
	_plan_ struct plan *plan = plan_of(HEAD DNS, USUAL);
	char text[IP_TEXT_MAX];

	assert_int_equal(plan->dns.n_upstreams, 2);
	assert_string_equal(ip_addr_format(&plan->dns.upstreams[0].addr, text), "192.0.2.53");
	assert_int_equal(plan->dns.upstreams[0].port, 53);
	assert_string_equal(ip_addr_format(&plan->dns.upstreams[1].addr, text), "2001:db8::53");
	assert_int_equal(plan->dns.upstreams[1].port, 5353);
}

/* Whom a question would come back from; another port of ours is another program's. */
#define OURSELVES                                                                            \
	HEAD "dns:\n" /* 8 */ "  upstream:\n    - 192.0.2.53\n    - 192.168.11.1\n" /* 11 */ \
	     "    - 192.168.11.1:5353\n"
#define OURSELVES_TEXT \
	"t.yaml:11: upstream: 192.168.11.1: an address that we answer on ourselves; another server\n"

static void test_upstream_ourselves(void **state _unused_)
{
	_conf_ struct conf *conf = conf_of(OURSELVES);
	_facts_ struct facts *facts = facts_of(USUAL);
	_strbuf_ struct strbuf errors = {0};
	struct plan *plan = NULL;

	assert_int_equal(plan_make(conf, facts, &usual_options, &plan, &errors), -EINVAL);
	assert_string_equal(strbuf_text(&errors), OURSELVES_TEXT);
}

/* --- private domains ----------------------------------------------------------------------------- */

#define PRIVATE(items) "dns: { upstream: 192.0.2.53, private-domains: [" items "] }\n"

static void test_private_domains(void **state _unused_)
{
	_plan_ struct plan *some = plan_of(HEAD PRIVATE("Plex.direct, lan"), USUAL);
	_plan_ struct plan *none = plan_of(HEAD DNS, USUAL);

	assert_int_equal(some->dns.n_private_domains, 2);
	assert_string_equal(some->dns.private_domains[0], "plex.direct");
	assert_string_equal(some->dns.private_domains[1], "lan");
	assert_int_equal(some->dns.n_names + some->dns.n_kept, 0);
	assert_int_equal(none->dns.n_private_domains, 0);
}

/* --- while following ----------------------------------------------------------------------------- */

static const struct plan_options following = {.memory_bytes = 1ULL << 30, .following = true};

static void test_following_upstream(void **state _unused_)
{
	_plan_ struct plan *plan = plan_with(OURSELVES, USUAL, &following);

	assert_int_equal(plan->dns.n_upstreams, 2);
	assert_int_equal(plan->dns.upstreams[0].port, 53);
	assert_int_equal(plan->dns.upstreams[1].port, 5353);
	assert_non_null(strstr(strbuf_text(&plan->waits), OURSELVES_TEXT));
}

/* Nobody is sent to a host that cannot be right; its LAN being away is no such fault. */
static void test_following_host(void **state _unused_)
{
	static const char conf[] =
		SERVICES(SERVICE("web", "a.example", HOST_20 "ports: [80/tcp]")) DNS;
	_plan_ struct plan *own =
		plan_with(conf, BR_LAN_WITH(ADDR("192.168.11.1", 24) "," ADDR("192.168.11.20", 24)),
			  &following);
	_plan_ struct plan *away =
		plan_with(conf, FACTS(WAN "," MISSING("br-lan") "," GUEST, ""), &following);
	_strbuf_ struct strbuf names = {0}, names_away = {0};

	print_names(&own->dns, &names);
	assert_string_equal(strbuf_text(&names), "a.example(the host of service web is left out)");
	print_names(&away->dns, &names_away);
	assert_string_equal(strbuf_text(&names_away), "a.example=192.168.11.20");
}

/* --- equal --------------------------------------------------------------------------------------- */

#define WEB_OF(host, more) SERVICES(SERVICE("web", "a.example", host more "ports: [80/tcp]"))

/* Each differs from all others in what the server is told. */
static const struct {
	const char *conf, *facts;
} different[] = {
	{WEB_OF(HOST_20, ""), USUAL},
	{WEB_OF(HOST_20, "") DNS, USUAL},
	{WEB_OF(HOST_21, "") DNS, USUAL},
	{WEB_OF(HOST_20, HOST6_20) DNS, USUAL},
	{WEB_OF(HOST_20, "rewrite: off, ") DNS, USUAL},
	{HEAD DNS, USUAL},
	{WEB_OF(HOST_20, "") DNS, FACTS(WAN "," LAN "," MISSING("br-guest"), "")},
	{WEB_OF(HOST_20, "") DNS, BR_LAN_WITH(ADDR("192.168.11.2", 24))},
	{WEB_OF(HOST_20, "") DNS, BR_LAN_WITH(ADDR("192.168.11.1", 23))},
	{WEB_OF(HOST_20, "") "dns: { upstream: [192.0.2.53] }\n", USUAL},
	{WEB_OF(HOST_20, "") "dns: { upstream: [192.0.2.54] }\n", USUAL},
	{WEB_OF(HOST_20, "") "dns: { upstream: [192.0.2.53:54] }\n", USUAL},
	{WEB_OF(HOST_20, "") "dns: { upstream: [192.0.2.53], upstream-choice: parallel }\n", USUAL},
	{WEB_OF(HOST_20, "") "dns: { upstream: [192.0.2.53, \"[/a/]10.0.0.1\"] }\n", USUAL},
	{WEB_OF(HOST_20, "") "dns: { upstream: [192.0.2.53, \"[/b/]10.0.0.1\"] }\n", USUAL},
	{WEB_OF(HOST_20, "") "dns: { upstream: [192.0.2.53, \"[/a/b/]10.0.0.1\"] }\n", USUAL},
	{WEB_OF(HOST_20, "") "dns: { upstream: [192.0.2.53, \"[/a/]#\"] }\n", USUAL},
	{WEB_OF(HOST_20, "") PRIVATE("b.example"), USUAL},
	{WEB_OF(HOST_20, "") PRIVATE("c.example"), USUAL},
	{WEB_OF(HOST_20, "") PRIVATE("b.example, c.example"), USUAL},
	{WEB_OF(HOST_20, "") REWRITES("{ domain: b.example, answer: c.example }"), USUAL},
	{WEB_OF(HOST_20, "") REWRITES("{ domain: b.example, answer: d.example }"), USUAL},
	{WEB_OF(HOST_20, "") REWRITES("{ domain: b.example, answer: d.example, pass: MX }"), USUAL},
	{WEB_OF(HOST_20, "") REWRITES("{ domain: b.example, answer: d.example, pass: TXT }"),
	 USUAL},
	{WEB_OF(HOST_20, "") REWRITES("{ domain: b.example, pass: all }"), USUAL},
	{WEB_OF(HOST_20, "") REWRITES("{ domain: a.example, answer: HTTPS 1 . alpn=h2 }"), USUAL},
	{WEB_OF(HOST_20, "") REWRITES("{ domain: a.example, answer: HTTPS 1 . alpn=h3 }"), USUAL},
	{WEB_OF(HOST_20, "") REWRITES("{ domain: .b.example, answer: d.example }"), USUAL},
	{WEB_OF(HOST_20, "") REWRITES("{ domain: b.example, answer: 192.168.11.30 }"), USUAL},
	{SERVICES(SERVICE("web", "a.example", HOST_20 "preset: https")) DNS, USUAL},
};

static void test_equal(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(different); i++) {
		_plan_ struct plan *a = plan_of(different[i].conf, different[i].facts);

		for (size_t k = 0; k < ARRAY_SIZE(different); k++) {
			_plan_ struct plan *b = plan_of(different[k].conf, different[k].facts);

			if (plan_dns_equal(&a->dns, &b->dns) != (i == k))
				fail_msg("cases %zu and %zu", i, k);
		}
	}
}

/* What only people read, and what only the data plane sees, is no reason to tell the server anything. */
static void test_equal_apart(void **state _unused_)
{
	_plan_ struct plan *a = plan_of(WEB_OF(HOST_20, "") DNS, USUAL);
	_plan_ struct plan *b = plan_of(WEB_OF(HOST_20, "allow: [203.0.113.0/24], ") DNS, USUAL);
	_plan_ struct plan *off = plan_of(WEB_OF(HOST_20, "rewrite: off, ") DNS, USUAL);
	_plan_ struct plan *other = plan_of(
		SERVICES(SERVICE("www", "a.example", HOST_20 "rewrite: off, ports: [80/tcp]")) DNS,
		USUAL);

	assert_true(plan_dns_equal(&a->dns, &b->dns));
	assert_false(plan_equal(a, b));
	assert_true(plan_dns_equal(&off->dns, &other->dns));
	assert_true(plan_equal(a, off));
	assert_false(plan_dns_equal(&a->dns, &off->dns));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_listeners),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_listeners_limit),
		cmocka_unit_test(test_listen),
		cmocka_unit_test(test_listen_wan),
		cmocka_unit_test(test_resolver),
		cmocka_unit_test(test_upstreams),
		cmocka_unit_test(test_upstream_ourselves),
		cmocka_unit_test(test_private_domains),
		cmocka_unit_test(test_following_upstream),
		cmocka_unit_test(test_following_host),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_equal_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
