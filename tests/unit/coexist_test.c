// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What of other people's rules is found to stand against a plan, and what is not. Rulesets of real programs are in coexist/, with what is expected of them beside (NAME.out); what a rule of
 * one line does is in the tables here.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "coexist.h"
#include "file.h"

/* --- the plan: wan, br-lan (192.168.11.0/24), lan2 (192.168.12.0/24); web 8443:443/tcp, echo 7000/udp and a range, for some outside ----- */

static struct plan_device devices[] = {
	{.name = "wan", .side = HP_SIDE_WAN, .ifindex = 1},
	{.name = "br-lan", .side = HP_SIDE_LAN, .ifindex = 2},
	{.name = "lan2", .side = HP_SIDE_LAN, .ifindex = 3},
};
static struct plan_forward web[] = {{IPPROTO_TCP, 8443, 8443, 443}};
static struct plan_forward echo[] = {{IPPROTO_UDP, 7000, 7000, 7000},
				     {IPPROTO_UDP, 9000, 9009, 9000}};
static struct plan_service services[] = {
	{.name = "web", .has_host = true, .segment = "br-lan", .forwards = web, .n_forwards = 1},
	{.name = "echo", .has_host = true, .segment = "br-lan", .forwards = echo, .n_forwards = 2},
};
static struct plan_listener listeners[] = {{.interface = "br-lan"}};
static struct plan_prefix prefixes[3];
static struct plan_rule rules[2];
static struct plan plan = {
	.devices = devices,
	.n_devices = ARRAY_SIZE(devices),
	.services = services,
	.n_services = ARRAY_SIZE(services),
	.prefixes = prefixes,
	.n_prefixes = ARRAY_SIZE(prefixes),
	.rules = rules,
	.n_rules = ARRAY_SIZE(rules),
	.dns = {.on = true, .listeners = listeners, .n_listeners = 1},
};

static struct ip_addr addr(const char *text)
{
	struct ip_addr parsed = {{0}};

	assert_int_equal(ip_addr_parse(text, &parsed), 0);
	return parsed;
}

static void prefix_set(struct plan_prefix *prefix, const char *text, unsigned int ifindex)
{
	struct ip_addr net = addr(text);

	prefix->key.prefixlen = 32 + 96 + 24;
	memcpy(prefix->key.addr, net.b, sizeof(net.b));
	prefix->prefix = (struct hp_prefix){.kind = HP_NET_LAN, .ifindex = ifindex};
}

static int plan_make_by_hand(void **state)
{
	(void)state;
	plan.settings.wan_addr = htonl(0xc6336401); /* 198.51.100.1 */
	for (size_t i = 0; i < ARRAY_SIZE(services); i++)
		services[i].host = addr("192.168.11.20");
	prefix_set(&prefixes[0], "192.168.11.0", 2);
	prefix_set(&prefixes[1], "192.168.12.0", 3);
	prefix_set(&prefixes[2], "2001:db8:11::", 2);
	prefixes[2].key.prefixlen = 32 + 64;
	listeners[0].addr = addr("192.168.11.1");
	listeners[0].segment = ip_net_of(&listeners[0].addr, 24);
	/* wan.pass: 22/tcp, and echo's port; sorted as a plan's rules are. */
	rules[0] = (struct plan_rule){
		.key = {.port = htons(22), .proto = IPPROTO_TCP, .kind = HP_RULE_EXTERNAL},
		.rule = {.action = HP_ACTION_PASS,
			 .host_port = htons(22),
			 .service = HP_SERVICE_NONE}};
	rules[1] = (struct plan_rule){
		.key = {.port = htons(7000), .proto = IPPROTO_UDP, .kind = HP_RULE_EXTERNAL},
		.rule = {.action = HP_ACTION_FORWARD, .host_port = htons(7000), .service = 1}};
	return 0;
}

/* --- rulesets of real programs ---------------------------------------------------------------------------- */

static char *data_read(const char *name, const char *end)
{
	char path[512], *text = NULL;
	size_t length;

	snprintf(path, sizeof(path), "%s/coexist/%s%s", getenv("UNIT_DATA"), name, end);
	return file_read(path, 1 << 20, &text, &length) ? NULL : text;
}

static void findings_print(const struct coexist *coexist, struct strbuf *out)
{
	for (size_t i = 0; i < coexist->n_findings; i++) {
		const struct coexist_finding *finding = &coexist->findings[i];

		strbuf_add(out, "%s: %s\n", coexist_harms(finding) ? "harm" : "note",
			   finding->text);
		if (*finding->fix)
			strbuf_add(out, "  %s\n", finding->fix);
	}
}

static void ruleset_read(const char *name, struct rules *ret_rules)
{
	_free_ char *json = data_read(name, ".json"), *text = data_read(name, ".nft");
	_free_ char *save = data_read(name, ".save"), *save6 = data_read(name, ".save6");

	if (json) {
		json_t *root = json_loads(json, 0, NULL);

		assert_int_equal(rules_read_nft(ret_rules, root, text), 0);
		json_decref(root);
	}
	if (save)
		rules_read_iptables(ret_rules, "ip", "iptables", save);
	if (save6)
		rules_read_iptables(ret_rules, "ip6", "ip6tables", save6);
	assert_true(json || save);
}

static void each_ruleset(void **state)
{
	static const char *const names[] = {"clash",
					    "docker",
					    "docker-own",
					    "docker-same-port",
					    "firewalld",
					    "firewalld-leads",
					    "firewalld-mended",
					    "fw4",
					    "fw4-redirects",
					    "ufw",
					    "ufw-mended",
					    "sets"};

	bool failed = false;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_rules_ struct rules ruleset = {0};
		_coexist_ struct coexist coexist = {0};
		_strbuf_ struct strbuf out = {0};
		_free_ char *want = data_read(names[i], ".out");

		print_message("# %s\n", names[i]);
		ruleset_read(names[i], &ruleset);
		coexist_judge(&plan, false, &ruleset, &coexist);
		findings_print(&coexist, &out);
		if (strcmp(strbuf_text(&out), want ? want : "none")) {
			/* print_message() cuts. */
			fprintf(stderr, "# %s\n%s", names[i], strbuf_text(&out));
			failed = true;
		}
	}
	assert_false(failed);
}

/* --- rules of one line ----------------------------------------------------------------------------------------- */

#define DROPS_FORWARD "drops what comes from WAN"
#define FORWARD_OPEN "*filter\n:FORWARD ACCEPT [0:0]\n"
#define NAT "*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n"
#define MANGLE "*mangle\n:PREROUTING ACCEPT [0:0]\n:CLASH - [0:0]\n"
#define CLASH                                                                                               \
	"-A PREROUTING -j CLASH\n-A CLASH -d 127.0.0.0/8 -j RETURN\n-A CLASH -d 192.168.0.0/16 -j RETURN\n" \
	"-A CLASH -m addrtype --dst-type LOCAL -j RETURN\n"
#define RAW "*raw\n:PREROUTING ACCEPT [0:0]\n"

static const struct {
	const char *what, *save;
	size_t n; /* findings */
	const char *has; /* words of the first; NULL: there is none */
} cases[] = {
	{"nothing", "", 0, NULL},
	{"a chain that accepts", FORWARD_OPEN, 0, NULL},
	{"on other devices",
	 FORWARD_OPEN "-A FORWARD -i tun0 -j DROP\n-A FORWARD -o tun+ -j DROP\n", 0, NULL},
	{"on all that begin as ours", FORWARD_OPEN "-A FORWARD -i br+ -p tcp --dport 443 -j DROP\n",
	 1, "loopback to web"},
	{"another port", FORWARD_OPEN "-A FORWARD -p tcp -m tcp --dport 25 -j DROP\n", 0, NULL},
	{"the port outside is not the one that is forwarded",
	 FORWARD_OPEN "-A FORWARD -p tcp -m tcp --dport 8443 -j DROP\n", 0, NULL},
	{"the port inside is", FORWARD_OPEN "-A FORWARD -p tcp -m tcp --dport 443 -j DROP\n", 1,
	 DROPS_FORWARD " for web"},
	{"... and not by the other protocol",
	 FORWARD_OPEN "-A FORWARD -p udp -m udp --dport 443 -j DROP\n", 0, NULL},
	{"among several",
	 FORWARD_OPEN "-A FORWARD -p tcp -m multiport --dports 25,400:450 -j DROP\n", 1, "web"},
	{"one of a range", FORWARD_OPEN "-A FORWARD -p udp -m udp --dport 9005 -j DROP\n", 1,
	 DROPS_FORWARD " for echo"},
	{"a range accepted in two parts",
	 "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -p udp -m multiport --dports 7000,9000:9004,9005:9009 -j ACCEPT\n"
	 "-A FORWARD -p tcp -j ACCEPT\n-A FORWARD -m state --state ESTABLISHED -j ACCEPT\n-A FORWARD -o wan -j ACCEPT\n",
	 0, NULL},
	{"a range accepted in part",
	 "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -p udp -m multiport --dports 7000,9000:9004,9006:9009 -j ACCEPT\n"
	 "-A FORWARD -p tcp -j ACCEPT\n-A FORWARD -m state --state ESTABLISHED -j ACCEPT\n-A FORWARD -o wan -j ACCEPT\n",
	 1, "echo"},
	{"one address outside",
	 FORWARD_OPEN
	 "-A FORWARD -s 203.0.113.9/32 -j REJECT --reject-with icmp-port-unreachable\n",
	 0, NULL},
	{"all but one address",
	 FORWARD_OPEN "-A FORWARD ! -s 203.0.113.9/32 -i wan -p tcp --dport 443 -j DROP\n", 1,
	 DROPS_FORWARD " for web"},
	{"all of a LAN", FORWARD_OPEN "-A FORWARD -s 192.168.12.0/24 -j DROP\n", 1,
	 "loopback to web, echo; what goes out"},
	{"one host of a LAN", FORWARD_OPEN "-A FORWARD -s 192.168.12.7/32 -j DROP\n", 0, NULL},
	{"what is invalid", FORWARD_OPEN "-A FORWARD -m conntrack --ctstate INVALID -j DROP\n", 0,
	 NULL},
	{"what is translated", FORWARD_OPEN "-A FORWARD -m conntrack --ctstate DNAT -j DROP\n", 1,
	 DROPS_FORWARD},
	{"answers alone",
	 FORWARD_OPEN "-A FORWARD -i br-lan -o wan -m conntrack --ctstate ESTABLISHED -j DROP\n", 1,
	 "the answers of"},
	{"too many at once",
	 FORWARD_OPEN
	 "-A FORWARD -m hashlimit --hashlimit-above 10/sec --hashlimit-mode srcip --hashlimit-name x -j DROP\n",
	 0, NULL},
	{"no beginning of a connection",
	 FORWARD_OPEN
	 "-A FORWARD -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -m conntrack --ctstate NEW -j DROP\n",
	 0, NULL},
	{"a chain that it jumps to",
	 FORWARD_OPEN
	 ":other - [0:0]\n-A FORWARD -i wan -j other\n-A other -p tcp -j RETURN\n-A other -j DROP\n",
	 1, DROPS_FORWARD " for echo"},
	{"behind a goto nothing is asked",
	 FORWARD_OPEN ":other - [0:0]\n-A FORWARD -g other\n-A FORWARD -j DROP\n", 0, NULL},
	{"a set", FORWARD_OPEN "-A FORWARD -m set --match-set bad src -j DROP\n", 1,
	 "cannot be told"},
	{"a set that may let it in",
	 "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -m set --match-set good src -j ACCEPT\n", 1,
	 "cannot be told"},
	{"a queue", FORWARD_OPEN "-A FORWARD -j NFQUEUE --queue-num 1\n", 1, "cannot be told"},
	{"our port led elsewhere",
	 NAT
	 "-A PREROUTING -i wan -p tcp -m tcp --dport 8443 -j DNAT --to-destination 172.17.0.2:443\n",
	 1, "leads elsewhere"},
	{"... where we lead it",
	 NAT
	 "-A PREROUTING -i wan -p tcp -m tcp --dport 8443 -j DNAT --to-destination 192.168.11.20:443\n",
	 0, NULL},
	{"another port led elsewhere",
	 NAT
	 "-A PREROUTING -i wan -p tcp -m tcp --dport 8444 -j DNAT --to-destination 172.17.0.2:443\n",
	 0, NULL},
	{"masquerade on WAN", NAT "-A POSTROUTING -o wan -j MASQUERADE\n", 0, NULL},
	{"masquerade on all", NAT "-A POSTROUTING -j MASQUERADE\n", 1,
	 "hides the clients of what comes from WAN for web, echo; loopback to"},
	{"masquerade of containers",
	 NAT "-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE\n", 0, NULL},
	{"no tracking", RAW "-A PREROUTING -i wan -p udp -m udp --dport 7000 -j CT --notrack\n", 1,
	 "takes from connection tracking"},
	{"no tracking of others",
	 RAW "-A PREROUTING -i wan -p udp -m udp --dport 123 -j CT --notrack\n", 0, NULL},
	{"input",
	 "*filter\n:INPUT DROP [0:0]\n-A INPUT -p udp -m udp --dport 53 -j ACCEPT\n-A INPUT -p tcp -m multiport --dports 22 -j ACCEPT\n"
	 "-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\n",
	 1, "answers: dns"},
	{"what cannot be answered", RAW "-A PREROUTING -m rpfilter --validmark --invert -j DROP\n",
	 0, NULL},
	{"what can", RAW "-A PREROUTING -m rpfilter -j DROP\n", 1, "drops"},
	{"into a flowtable, and then dropped",
	 "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -j FLOWOFFLOAD\n", 1,
	 "harm: table ip filter, chain FORWARD: policy drop"},
	{"into a flowtable",
	 FORWARD_OPEN "-A FORWARD -m conntrack --ctstate ESTABLISHED -j FLOWOFFLOAD\n", 1,
	 "note: "},
	{"marked packets", FORWARD_OPEN "-A FORWARD -m mark --mark 0x1/0xff -j DROP\n", 0, NULL},
	{"those that are not", FORWARD_OPEN "-A FORWARD -m mark ! --mark 0x1/0xff -j DROP\n", 1,
	 "drops"},
	{"a proxy, of what is for none of its own networks",
	 MANGLE CLASH
	 "-A CLASH -p tcp -j TPROXY --on-port 7893 --on-ip 0.0.0.0 --tproxy-mark 0x1/0x1\n",
	 1, "hands to a proxy of this machine the answers of what comes from WAN for web"},
	{"a proxy, where ours are let past",
	 MANGLE "-A PREROUTING -i br-lan -m conntrack --ctstate DNAT -j ACCEPT\n" CLASH
		"-A CLASH -p tcp -j TPROXY --on-port 7893 --on-ip 0.0.0.0 --tproxy-mark 0x1/0x1\n",
	 0, NULL},
	{"... or all that is an answer",
	 MANGLE "-A PREROUTING -m conntrack --ctdir REPLY -j ACCEPT\n" CLASH
		"-A CLASH -p tcp -j TPROXY --on-port 7893 --on-ip 0.0.0.0 --tproxy-mark 0x1/0x1\n",
	 0, NULL},
	{"... or all that is none",
	 MANGLE "-A PREROUTING -m conntrack --ctdir ORIGINAL -j ACCEPT\n" CLASH
		"-A CLASH -p tcp -j TPROXY --on-port 7893 --on-ip 0.0.0.0 --tproxy-mark 0x1/0x1\n",
	 1, "hands to a proxy"},
	{"a mark for whoever routes by it",
	 MANGLE CLASH "-A CLASH -j MARK --set-xmark 0x162/0xffffffff\n", 1,
	 "MARK --set-xmark 0x162/0xffffffff: marks the answers of what comes from WAN for web, echo"},
	{"a mark of the connection",
	 MANGLE CLASH "-A CLASH -j CONNMARK --set-xmark 0x162/0xffffffff\n", 0, NULL},
	{"a comment in quotes",
	 FORWARD_OPEN "-A FORWARD -i tun0 -m comment --comment \"all \\\"of\\\" it\" -j DROP\n", 0,
	 NULL},
};

static void each_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_rules_ struct rules ruleset = {0};
		_coexist_ struct coexist coexist = {0};
		_strbuf_ struct strbuf out = {0};

		print_message("# %s\n", cases[i].what);
		rules_read_iptables(&ruleset, "ip", "iptables", cases[i].save);
		coexist_judge(&plan, false, &ruleset, &coexist);
		findings_print(&coexist, &out);
		if (coexist.n_findings != cases[i].n ||
		    (cases[i].has && !strstr(strbuf_text(&out), cases[i].has)))
			fail_msg("%s: %s", cases[i].what, strbuf_text(&out));
	}
}

/* Beside the bpf backend, only what is for the gateway itself meets them. */
static void beside_bpf(void **state)
{
	_rules_ struct rules ruleset = {0};
	_coexist_ struct coexist coexist = {0};

	(void)state;
	rules_read_iptables(&ruleset, "ip", "iptables",
			    "*filter\n:FORWARD DROP [0:0]\n:INPUT DROP [0:0]\n");
	coexist_judge(&plan, true, &ruleset, &coexist);
	assert_int_equal(coexist.n_findings, 1);
	assert_non_null(strstr(coexist.findings[0].text, "chain INPUT: policy drop"));
	assert_non_null(
		strstr(coexist.findings[0].fix,
		       "iptables -I INPUT -i br-lan -d 192.168.11.1 -p udp --dport 53 -j ACCEPT"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_ruleset),
		cmocka_unit_test(each_case),
		cmocka_unit_test(beside_bpf),
	};

	return cmocka_run_group_tests(tests, plan_make_by_hand, NULL);
}
