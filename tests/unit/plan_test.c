// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tables of a plan, from configuration text and facts in JSON to what the data plane looks up.
 * They are compared as text, one line an entry, in the plan's order:
 *
 *   tcp 8443 -> 192.168.11.20:443 via 192.168.11.1 external s0 a0     EXTERNAL: service, allow set
 *   192.168.11.20 tcp 443 <- 8443 via 192.168.11.1 external s0 a0     HOST: its external port
 *   192.168.11.20 udp filter address                                  FILTER: of its dynamic mappings
 */
#include <arpa/inet.h>

#include "plan_fixture.h"

static const char *v4_text(__be32 v4, char *text)
{
	struct ip_addr addr = ip_addr_from_v4(v4);

	return ip_addr_format(&addr, text);
}

/* Checks what the key leaves open, too: octets that mean nothing are zero. */
static void print_key(const struct hp_rule_key *key, struct strbuf *out)
{
	struct ip_addr addr = ip_addr_from_v6(key->addr);
	char text[IP_TEXT_MAX];
	__u32 ifindex;

	if (key->kind == HP_RULE_LINK) {
		memcpy(&ifindex, key->addr + 12, sizeof(ifindex));
		memset(addr.b + 12, 0, sizeof(ifindex));
		assert_true(ip_addr_is_zero(&addr));
		assert_int_equal(key->port, 0);
		assert_int_equal(key->proto, 0);
		strbuf_add(out, "link %u:", ifindex);
		return;
	}
	if (key->kind == HP_RULE_EXTERNAL)
		assert_true(ip_addr_is_zero(&addr));
	else
		strbuf_add(out, "%s ", ip_addr_format(&addr, text));
	assert_true(key->proto == IPPROTO_TCP || key->proto == IPPROTO_UDP);
	if (key->kind == HP_RULE_FILTER) {
		assert_int_equal(key->port, 0);
		strbuf_add(out, "%s", key->proto == IPPROTO_TCP ? "tcp" : "udp");
		return;
	}
	strbuf_add(out, "%s %u", key->proto == IPPROTO_TCP ? "tcp" : "udp", ntohs(key->port));
}

static void print_forward(const struct plan_rule *rule, struct strbuf *out)
{
	static const char *const sources[] = {"external", "client", "gateway"};
	const struct hp_rule *r = &rule->rule;
	char text[IP_TEXT_MAX];

	if (rule->key.kind == HP_RULE_EXTERNAL) {
		assert_int_equal(r->ext_port, rule->key.port);
		strbuf_add(out, " -> %s:%u", v4_text(r->host, text), ntohs(r->host_port));
	} else {
		assert_memory_equal(&r->host, rule->key.addr + 12, sizeof(r->host));
		assert_int_equal(r->host_port, rule->key.port);
		strbuf_add(out, " <- %u", ntohs(r->ext_port));
	}
	strbuf_add(out, " via %s %s s%u a%u\n", v4_text(r->gateway, text),
		   sources[r->hairpin_source], r->service, r->allow);
}

static void print_pass(const struct plan_rule *rule, struct strbuf *out)
{
	const struct hp_rule *r = &rule->rule;

	strbuf_add(out, " pass");
	if (r->service != HP_SERVICE_NONE)
		strbuf_add(out, " s%u a%u", r->service, r->allow);
	else
		assert_int_equal(r->allow, 0);
	if (r->host_port != rule->key.port)
		strbuf_add(out, " as %u", ntohs(r->host_port));
	strbuf_add(out, "\n");
}

/* Of its MTU only what is not the usual one. */
static void print_link(const struct hp_rule *r, struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	strbuf_add(out, " %s%s %s", r->link_side == HP_SIDE_WAN ? "wan" : "lan",
		   r->isolated ? " isolated" : "", v4_text(r->gateway, text));
	if (r->mtu != 1500)
		strbuf_add(out, " mtu %u", r->mtu);
	strbuf_add(out, "%s\n", r->no_ethernet ? " no ethernet" : "");
}

static void print_rule(const struct plan_rule *rule, struct strbuf *out)
{
	static const char *const filterings[] = {"everybody", "address", "endpoint"};
	const struct hp_rule *r = &rule->rule;

	print_key(&rule->key, out);
	assert_true(r->action == HP_ACTION_LINK || (!r->mtu && !r->no_ethernet));
	assert_true(r->action == HP_ACTION_FILTER || !r->filtering);
	assert_int_equal(r->action == HP_ACTION_FILTER, rule->key.kind == HP_RULE_FILTER);
	switch (r->action) {
	case HP_ACTION_FORWARD:
		print_forward(rule, out);
		break;
	case HP_ACTION_LINK:
		print_link(r, out);
		break;
	case HP_ACTION_FILTER:
		strbuf_add(out, " filter %s\n", filterings[r->filtering]);
		break;
	case HP_ACTION_PINHOLE:
		assert_int_equal(r->ext_port, 0);
		strbuf_add(out, " pinhole s%u a%u\n", r->service, r->allow);
		break;
	default:
		assert_int_equal(r->action, HP_ACTION_PASS);
		print_pass(rule, out);
	}
}

static void print_prefix(const struct plan_prefix *p, struct strbuf *out)
{
	static const char *const kinds[HP_NET_MAX] = {
		[HP_NET_LAN] = "lan",
		[HP_NET_LOCAL] = "local",
		[HP_NET_WAN_LOCAL] = "wan-local",
		[HP_NET_ALLOWED] = "allowed",
	};
	struct ip_net net = {.addr = ip_addr_from_v6(p->key.addr)};
	char text[IP_TEXT_MAX];

	net.length = (__u8)(p->key.prefixlen - 32 - (ip_addr_is_v4(&net.addr) ? 96 : 0));
	strbuf_add(out, "%u %s %s %u%s\n", p->key.set, ip_net_format(&net, text),
		   kinds[p->prefix.kind], p->prefix.ifindex, p->prefix.isolated ? " isolated" : "");
}

/*
 * --- whole plans ---------------------------------------------------------------------------------
 */

/* A text that is NULL is not compared. */
struct plan_case {
	const char *name, *conf, *facts;
	const char *rules, *prefixes, *waits;
};

#define LINKS_RULES                  \
	"link 2: wan 203.0.113.5\n"  \
	"link 3: lan 192.168.11.1\n" \
	"link 4: lan isolated 192.168.12.1\n"

#define WEB_OUTSIDE "tcp 8443 -> 192.168.11.20:443 via 192.168.11.1 external s0 a0\n"
#define WEB_HOST "192.168.11.20 tcp 443 <- 8443 via 192.168.11.1 external s0 a0\n"

static const struct plan_case plan_cases[] = {
	{
		"one forward, a LAN and an isolated one",
		WEB,
		FACTS_AS(WAN "," LAN "," GUEST, "", "'127.0.0.1','::1'"),
		WEB_OUTSIDE LINKS_RULES WEB_HOST,
		"0 192.168.11.0/24 lan 3\n"
		"0 192.168.12.0/24 lan 4 isolated\n"
		"0 ::1/128 local 0\n"
		"0 127.0.0.1/32 local 0\n"
		"0 192.168.11.1/32 local 3\n"
		"0 192.168.12.1/32 local 4 isolated\n"
		"0 203.0.113.5/32 wan-local 2\n",
		"",
	},
	{
		"a range whose internal ports are others, up to the last port",
		SERVICES("  - name: game\n"
			 "    host: 192.168.11.20\n"
			 "    ports: [\"65534-65535:7000-7001/udp\"]\n"),
		USUAL,
		"udp 65534 -> 192.168.11.20:7000 via 192.168.11.1 external s0 a0\n"
		"udp 65535 -> 192.168.11.20:7001 via 192.168.11.1 external s0 a0\n" LINKS_RULES
		"192.168.11.20 udp 7000 <- 65534 via 192.168.11.1 external s0 a0\n"
		"192.168.11.20 udp 7001 <- 65535 via 192.168.11.1 external s0 a0\n",
		NULL,
		"",
	},
	{
		"both sides on one interface",
		"role: bypass\n"
		"wan: { interface: br-lan }\n"
		"lan: [{ interface: br-lan }]\n"
		"services: [{ name: web, host: 192.168.11.20, ports: [443/tcp] }]\n",
		FACTS_AS(LAN, "", "'127.0.0.1'"),
		"tcp 443 -> 192.168.11.20:443 via 192.168.11.1 gateway s0 a0\n"
		"link 3: lan 192.168.11.1\n"
		"192.168.11.20 tcp 443 <- 443 via 192.168.11.1 gateway s0 a0\n",
		"0 192.168.11.0/24 lan 3\n"
		"0 127.0.0.1/32 local 0\n"
		"0 192.168.11.1/32 wan-local 3\n",
		"",
	},
	{
		"services of the gateway itself, and wan.pass",
		"role: gateway\n"
		"wan: { interface: eth0, pass: [22/tcp] }\n"
		"lan:\n"
		"  - interface: br-lan\n"
		"  - { interface: br-guest, isolate: yes }\n"
		"services:\n"
		"  - name: web\n"
		"    host: self\n"
		"    ports: [80/tcp, \"8443:443/tcp\"]\n"
		"    allow: [198.51.100.0/24]\n"
		"  - name: vpn\n"
		"    host: self\n"
		"    ports: [51820/udp]\n",
		USUAL,
		"tcp 22 pass\n"
		"tcp 80 pass s0 a1\n"
		"tcp 8443 pass s0 a1 as 443\n"
		"udp 51820 pass s1 a0\n" LINKS_RULES,
		NULL,
		"",
	},
	{
		"two services on one host port: outside both, inside the name of the first",
		SERVICES("  - name: b\n"
			 "    host: 192.168.11.20\n"
			 "    ports: [\"9443:443/tcp\"]\n"
			 "  - name: a\n"
			 "    host: 192.168.11.20\n"
			 "    ports: [\"8443:443/tcp\"]\n"
			 "    allow: [198.51.100.0/24]\n"),
		USUAL,
		"tcp 8443 -> 192.168.11.20:443 via 192.168.11.1 external s1 a1\n"
		"tcp 9443 -> 192.168.11.20:443 via 192.168.11.1 external s0 a0\n" LINKS_RULES
		"192.168.11.20 tcp 443 <- 9443 via 192.168.11.1 external s0 a0\n",
		NULL,
		"",
	},
	{
		"allow lists are sets of their own, services without one take no number",
		SERVICES("  - name: a\n"
			 "    host: 192.168.11.20\n"
			 "    ports: [80/tcp]\n"
			 "    allow: [198.51.100.0/24, \"2001:db8:5::/48\"]\n"
			 "  - name: b\n"
			 "    host: 192.168.11.20\n"
			 "    ports: [81/tcp]\n"
			 "  - name: c\n"
			 "    host: 192.168.11.20\n"
			 "    ports: [82/tcp]\n"
			 "    allow: [198.51.100.0/24]\n"),
		USUAL,
		"tcp 80 -> 192.168.11.20:80 via 192.168.11.1 external s0 a1\n"
		"tcp 81 -> 192.168.11.20:81 via 192.168.11.1 external s1 a0\n"
		"tcp 82 -> 192.168.11.20:82 via 192.168.11.1 external s2 a2\n" LINKS_RULES
		"192.168.11.20 tcp 80 <- 80 via 192.168.11.1 external s0 a1\n"
		"192.168.11.20 tcp 81 <- 81 via 192.168.11.1 external s1 a0\n"
		"192.168.11.20 tcp 82 <- 82 via 192.168.11.1 external s2 a2\n",
		"1 2001:db8:5::/48 allowed 0\n"
		"0 192.168.11.0/24 lan 3\n"
		"0 192.168.12.0/24 lan 4 isolated\n"
		"1 198.51.100.0/24 allowed 0\n"
		"2 198.51.100.0/24 allowed 0\n"
		"0 192.168.11.1/32 local 3\n"
		"0 192.168.12.1/32 local 4 isolated\n"
		"0 203.0.113.5/32 wan-local 2\n",
		"",
	},
	{
		"a service's own hairpin-source, and a host in the isolated segment",
		SERVICES("  - name: a\n"
			 "    host: 192.168.12.20\n"
			 "    ports: [80/tcp]\n"
			 "    hairpin-source: gateway\n"),
		USUAL,
		"tcp 80 -> 192.168.12.20:80 via 192.168.12.1 gateway s0 a0\n" LINKS_RULES
		"192.168.12.20 tcp 80 <- 80 via 192.168.12.1 gateway s0 a0\n",
		NULL,
		"",
	},
	{
		"hairpin-source of nat where the service has none",
		WEB "nat: { hairpin-source: client }\n",
		USUAL,
		"tcp 8443 -> 192.168.11.20:443 via 192.168.11.1 client s0 a0\n" LINKS_RULES
		"192.168.11.20 tcp 443 <- 8443 via 192.168.11.1 client s0 a0\n",
		NULL,
		"",
	},
	{
		"host6: a pinhole on the internal port, named once",
		SERVICES("  - name: a\n"
			 "    host: 192.168.11.20\n"
			 "    host6: \"2001:db8:11::20\"\n"
			 "    ports: [\"8443:443/tcp\", 443/tcp]\n"
			 "    allow: [\"2001:db8:5::/48\"]\n"),
		FACTS(WAN "," LINK("br-lan", 3,
				   ADDR("192.168.11.1", 24) "," ADDR("2001:db8:11::1", 64) "," ADDR(
					   "fe80::1", 64)) "," GUEST,
		      ""),
		"tcp 443 -> 192.168.11.20:443 via 192.168.11.1 external s0 a1\n"
		"tcp 8443 -> 192.168.11.20:443 via 192.168.11.1 external s0 a1\n" LINKS_RULES
		"192.168.11.20 tcp 443 <- 8443 via 192.168.11.1 external s0 a1\n"
		"2001:db8:11::20 tcp 443 pinhole s0 a1\n",
		"1 2001:db8:5::/48 allowed 0\n"
		"0 2001:db8:11::/64 lan 3\n"
		"0 192.168.11.0/24 lan 3\n"
		"0 192.168.12.0/24 lan 4 isolated\n"
		"0 192.168.11.1/32 local 3\n"
		"0 192.168.12.1/32 local 4 isolated\n"
		"0 203.0.113.5/32 wan-local 2\n"
		"0 2001:db8:11::1/128 local 3\n"
		"0 fe80::1/128 local 3\n",
		"",
	},
	{
		"a provider's prefix that went leaves the pinhole waiting, and the rest alone",
		SERVICES("  - name: a\n"
			 "    host: 192.168.11.20\n"
			 "    host6: \"2001:db8:11::20\"\n"
			 "    ports: [80/tcp]\n"),
		FACTS(WAN
		      "," LINK("br-lan", 3,
			       ADDR("192.168.11.1", 24) "," ADDR("2001:db8:12::1", 64)) "," GUEST,
		      ""),
		"tcp 80 -> 192.168.11.20:80 via 192.168.11.1 external s0 a0\n" LINKS_RULES
		"192.168.11.20 tcp 80 <- 80 via 192.168.11.1 external s0 a0\n"
		"2001:db8:11::20 tcp 80 pinhole s0 a0\n",
		NULL,
		"service a: no LAN has the network of 2001:db8:11::20\n",
	},
	{
		"wan.pass",
		"role: gateway\n"
		"wan:\n"
		"  interface: eth0\n"
		"  pass: [22/tcp, 500-501/udp]\n"
		"lan:\n"
		"  - interface: br-lan\n",
		FACTS(WAN "," LAN, ""),
		"tcp 22 pass\n"
		"udp 500 pass\n"
		"udp 501 pass\n"
		"link 2: wan 203.0.113.5\n"
		"link 3: lan 192.168.11.1\n",
		NULL,
		"",
	},
	{
		"the host's LAN does not exist: its rules stay, without a gateway",
		WEB,
		FACTS(WAN "," MISSING("br-lan") "," GUEST, ""),
		"tcp 8443 -> 192.168.11.20:443 via 0.0.0.0 external s0 a0\n"
		"link 2: wan 203.0.113.5\n"
		"link 4: lan isolated 192.168.12.1\n"
		"192.168.11.20 tcp 443 <- 8443 via 0.0.0.0 external s0 a0\n",
		"0 192.168.12.0/24 lan 4 isolated\n"
		"0 192.168.12.1/32 local 4 isolated\n"
		"0 203.0.113.5/32 wan-local 2\n",
		"lan br-lan: does not exist\n"
		"service web: no LAN has the network of 192.168.11.20\n",
	},
	{
		"a written network keeps what is behind a missing LAN closed",
		"role: gateway\n"
		"wan: { interface: eth0 }\n"
		"lan:\n"
		"  - interface: br-lan\n"
		"    network: 192.168.11.0/24\n"
		"services:\n"
		"  - name: web\n"
		"    host: 192.168.11.20\n"
		"    ports: [80/tcp]\n",
		FACTS(WAN "," MISSING("br-lan"), ""),
		NULL,
		"0 192.168.11.0/24 lan 0\n"
		"0 203.0.113.5/32 wan-local 2\n",
		"lan br-lan: does not exist\n",
	},
	{
		"the LAN was made anew under another index",
		WEB,
		FACTS(WAN "," LINK("br-lan", 7, ADDR("192.168.11.1", 24)) "," GUEST, ""),
		WEB_OUTSIDE "link 2: wan 203.0.113.5\n"
			    "link 4: lan isolated 192.168.12.1\n"
			    "link 7: lan 192.168.11.1\n" WEB_HOST,
		"0 192.168.11.0/24 lan 7\n"
		"0 192.168.12.0/24 lan 4 isolated\n"
		"0 192.168.11.1/32 local 7\n"
		"0 192.168.12.1/32 local 4 isolated\n"
		"0 203.0.113.5/32 wan-local 2\n",
		"",
	},
	{
		"no WAN at all",
		WEB,
		FACTS(MISSING("eth0") "," LAN "," GUEST, ""),
		WEB_OUTSIDE "link 3: lan 192.168.11.1\n"
			    "link 4: lan isolated 192.168.12.1\n" WEB_HOST,
		"0 192.168.11.0/24 lan 3\n"
		"0 192.168.12.0/24 lan 4 isolated\n"
		"0 192.168.11.1/32 local 3\n"
		"0 192.168.12.1/32 local 4 isolated\n",
		"wan eth0: does not exist\n",
	},
	{
		"interfaces that nobody told about, down, without carrier, without address",
		WEB,
		FACTS(LINK_AS("eth0", 2, true, false, true, ADDR("169.254.1.2", 16)) "," LINK_AS(
			      "br-lan", 3, false, false, true, ADDR("fe80::1", 64)),
		      ""),
		NULL,
		"0 169.254.1.2/32 wan-local 2\n"
		"0 fe80::1/128 local 3\n",
		"wan eth0: has no carrier\n"
		"wan eth0: has no IPv4 address\n"
		"lan br-lan: is down\n"
		"lan br-lan: has no address\n"
		"lan br-guest: does not exist\n"
		"service web: no LAN has the network of 192.168.11.20\n",
	},
	{
		"a host behind another router: our own address on the link that leads there",
		SERVICES("  - name: web\n"
			 "    host: 10.8.0.20\n"
			 "    ports: [80/tcp]\n"),
		FACTS(WAN "," LAN "," GUEST,
		      ROUTE("192.168.11.0/24", 3, 0) "," ROUTE("10.8.0.0/24", 3, 100) "," ROUTE(
			      "0.0.0.0/0", 3, 900) "," ROUTE("0.0.0.0/0", 2,
							     0) "," ROUTE("198.18.0.0/15", 2, 0)),
		"tcp 80 -> 10.8.0.20:80 via 192.168.11.1 external s0 a0\n" LINKS_RULES
		"10.8.0.20 tcp 80 <- 80 via 192.168.11.1 external s0 a0\n",
		"0 10.8.0.0/24 lan 3\n"
		"0 192.168.11.0/24 lan 3\n"
		"0 192.168.12.0/24 lan 4 isolated\n"
		"0 192.168.11.1/32 local 3\n"
		"0 192.168.12.1/32 local 4 isolated\n"
		"0 203.0.113.5/32 wan-local 2\n",
		"",
	},
	{
		"a host in the second prefix of its link: the gateway is our address there",
		SERVICES("  - name: web\n"
			 "    host: 10.9.0.20\n"
			 "    ports: [80/tcp]\n"),
		FACTS(WAN "," LINK("br-lan", 3,
				   ADDR("192.168.11.1", 24) "," ADDR("10.9.0.1", 24)) "," GUEST,
		      ""),
		"tcp 80 -> 10.9.0.20:80 via 10.9.0.1 external s0 a0\n" LINKS_RULES
		"10.9.0.20 tcp 80 <- 80 via 10.9.0.1 external s0 a0\n",
		NULL,
		"",
	},
	{
		"the longest route has a host; of two equal routes the one with the lower metric",
		SERVICES("  - name: web\n"
			 "    host: 10.1.2.20\n"
			 "    ports: [80/tcp]\n"),
		FACTS(WAN "," LAN "," GUEST,
		      ROUTE("10.0.0.0/8", 3, 0) "," ROUTE("10.1.0.0/16", 3,
							  200) "," ROUTE("10.1.0.0/16", 4, 100)),
		"tcp 80 -> 10.1.2.20:80 via 192.168.12.1 external s0 a0\n" LINKS_RULES
		"10.1.2.20 tcp 80 <- 80 via 192.168.12.1 external s0 a0\n",
		"0 10.0.0.0/8 lan 3\n"
		"0 10.1.0.0/16 lan 4 isolated\n"
		"0 192.168.11.0/24 lan 3\n"
		"0 192.168.12.0/24 lan 4 isolated\n"
		"0 192.168.11.1/32 local 3\n"
		"0 192.168.12.1/32 local 4 isolated\n"
		"0 203.0.113.5/32 wan-local 2\n",
		"",
	},
	{
		"one link-local address on WAN and LAN (VLANs of one card) is ours on WAN",
		WEB,
		FACTS_AS(LINK("eth0", 2, ADDR("203.0.113.5", 24) "," ADDR("fe80::1", 64)) "," LINK(
				 "br-lan", 3,
				 ADDR("192.168.11.1", 24) "," ADDR("fe80::1", 64)) "," GUEST,
			 "", "'fe80::1'"),
		WEB_OUTSIDE LINKS_RULES WEB_HOST,
		"0 192.168.11.0/24 lan 3\n"
		"0 192.168.12.0/24 lan 4 isolated\n"
		"0 192.168.11.1/32 local 3\n"
		"0 192.168.12.1/32 local 4 isolated\n"
		"0 203.0.113.5/32 wan-local 2\n"
		"0 fe80::1/128 wan-local 2\n",
		"",
	},
	{
		"an address that is on its way out is ours as long as it is there",
		HEAD,
		FACTS(LINK("eth0", 2,
			   ADDR_OLD("203.0.113.4", 24) "," ADDR("203.0.113.5", 24)) "," LAN,
		      ""),
		NULL,
		"0 192.168.11.0/24 lan 3\n"
		"0 192.168.11.1/32 local 3\n"
		"0 203.0.113.4/32 wan-local 2\n"
		"0 203.0.113.5/32 wan-local 2\n",
		"lan br-guest: does not exist\n",
	},
	{
		"a link of two hosts has no network address, an address alone is no network",
		HOST("10.5.0.0"),
		FACTS(WAN "," LINK("br-lan", 3,
				   ADDR("10.5.0.1", 31) "," ADDR("10.6.0.1", 32)) "," GUEST,
		      ""),
		"tcp 80 -> 10.5.0.0:80 via 10.5.0.1 external s0 a0\n"
		"link 2: wan 203.0.113.5\n"
		"link 3: lan 10.5.0.1\n"
		"link 4: lan isolated 192.168.12.1\n"
		"10.5.0.0 tcp 80 <- 80 via 10.5.0.1 external s0 a0\n",
		"0 192.168.12.0/24 lan 4 isolated\n"
		"0 10.5.0.0/31 lan 3\n"
		"0 10.5.0.1/32 local 3\n"
		"0 10.6.0.1/32 local 3\n"
		"0 192.168.12.1/32 local 4 isolated\n"
		"0 203.0.113.5/32 wan-local 2\n",
		"",
	},
	{
		"an IPv6 address alone on WAN may come from what the LAN has",
		WEB,
		FACTS(LINK("eth0", 2,
			   ADDR("203.0.113.5", 24) "," ADDR(
				   "2001:db8:11::ffff",
				   128)) "," LINK("br-lan", 3,
						  ADDR("192.168.11.1", 24) "," ADDR(
							  "2001:db8:11::1", 64)) "," GUEST,
		      ""),
		WEB_OUTSIDE LINKS_RULES WEB_HOST,
		"0 2001:db8:11::/64 lan 3\n"
		"0 192.168.11.0/24 lan 3\n"
		"0 192.168.12.0/24 lan 4 isolated\n"
		"0 192.168.11.1/32 local 3\n"
		"0 192.168.12.1/32 local 4 isolated\n"
		"0 203.0.113.5/32 wan-local 2\n"
		"0 2001:db8:11::1/128 local 3\n"
		"0 2001:db8:11::ffff/128 wan-local 2\n",
		"",
	},
	{
		"filtering of single hosts: what is said of a protocol, once",
		SERVICES("  - name: a\n"
			 "    host: 192.168.11.20\n"
			 "    ports: [80/tcp]\n"
			 "    filtering: { udp: address-dependent }\n"
			 "  - name: b\n"
			 "    host: 192.168.11.20\n"
			 "    ports: [81/tcp]\n"
			 "    filtering: { udp: address-dependent, tcp: endpoint-independent }\n"
			 "  - name: c\n"
			 "    host: 192.168.11.21\n"
			 "    ports: [82/tcp]\n"
			 "nat:\n"
			 "  filtering: endpoint-independent\n"
			 "  hosts:\n"
			 "    - address: 192.168.12.30\n"
			 "      filtering: address-and-port-dependent\n"),
		USUAL,
		"tcp 80 -> 192.168.11.20:80 via 192.168.11.1 external s0 a0\n"
		"tcp 81 -> 192.168.11.20:81 via 192.168.11.1 external s1 a0\n"
		"tcp 82 -> 192.168.11.21:82 via 192.168.11.1 external s2 a0\n" LINKS_RULES
		"192.168.11.20 tcp filter everybody\n"
		"192.168.11.20 udp filter address\n"
		"192.168.11.20 tcp 80 <- 80 via 192.168.11.1 external s0 a0\n"
		"192.168.11.20 tcp 81 <- 81 via 192.168.11.1 external s1 a0\n"
		"192.168.11.21 tcp 82 <- 82 via 192.168.11.1 external s2 a0\n"
		"192.168.12.30 tcp filter endpoint\n"
		"192.168.12.30 udp filter endpoint\n",
		NULL,
		"",
	},
	{
		"a host of nat.hosts whose LAN does not exist keeps its filtering",
		HEAD "nat: { hosts: [{ address: 192.168.11.30, filtering: { tcp: address-dependent "
		     "} }] }\n",
		FACTS(WAN "," MISSING("br-lan") "," GUEST, ""),
		"link 2: wan 203.0.113.5\n"
		"link 4: lan isolated 192.168.12.1\n"
		"192.168.11.30 tcp filter address\n",
		NULL,
		"lan br-lan: does not exist\n"
		"nat.hosts: no LAN has the network of 192.168.11.30\n",
	},
	{
		"links of other MTUs; one that no datagram fills counts as the largest",
		HEAD,
		FACTS(LINK_MTU("eth0", 2, 1492, ADDR("203.0.113.5", 24)) "," LINK_MTU(
			      "br-lan", 3, 9000,
			      ADDR("192.168.11.1", 24)) "," LINK_MTU("br-guest", 4, 65536,
								     ADDR("192.168.12.1", 24)),
		      ""),
		"link 2: wan 203.0.113.5 mtu 1492\n"
		"link 3: lan 192.168.11.1 mtu 9000\n"
		"link 4: lan isolated 192.168.12.1 mtu 65535\n",
		NULL,
		"",
	},
	{
		"devices of VLANs, on WAN and LAN",
		"role: gateway\n"
		"wan: { interface: eth0.7 }\n"
		"lan:\n"
		"  - interface: eth0.10\n",
		FACTS(LINK("eth0.7", 8, ADDR("203.0.113.5", 24)) "," LINK("eth0.10", 9,
									  ADDR("192.168.10.1", 24)),
		      ""),
		"link 8: wan 203.0.113.5\n"
		"link 9: lan 192.168.10.1\n",
		NULL,
		"",
	},
};

static void test_plans(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(plan_cases); i++) {
		const struct plan_case *c = &plan_cases[i];
		_strbuf_ struct strbuf rules = {0}, prefixes = {0};
		_plan_ struct plan *plan = NULL;

		print_message("# %s\n", c->name);
		plan = plan_of(c->conf, c->facts);
		for (size_t j = 0; j < plan->n_rules; j++)
			print_rule(&plan->rules[j], &rules);
		for (size_t j = 0; j < plan->n_prefixes; j++)
			print_prefix(&plan->prefixes[j], &prefixes);
		if (c->rules)
			assert_string_equal(strbuf_text(&rules), c->rules);
		if (c->prefixes)
			assert_string_equal(strbuf_text(&prefixes), c->prefixes);
		assert_string_equal(strbuf_text(&plan->waits), c->waits);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
