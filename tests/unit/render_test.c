// SPDX-License-Identifier: GPL-2.0-or-later
/* What people read, made of the JSON that -j prints. */
#include "render.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* JSON with ' for ", so that it can be read here. */
static json_t *json_of(const char *text)
{
	_free_ char *copy = strdup(text);
	json_error_t error;
	json_t *json;

	assert_non_null(copy);
	for (char *c = copy; *c; c++) {
		if (*c == '\'')
			*c = '"';
	}
	json = json_loads(copy, 0, &error);
	if (!json)
		fail_msg("%s at %d", error.text, error.position);
	return json;
}

static void assert_rendered(render_fn render, const char *json_text, const char *want)
{
	_strbuf_ struct strbuf out = {0};
	json_t *json = json_of(json_text);

	render(json, &out);
	json_decref(json);
	assert_string_equal(strbuf_text(&out), want);
}

#define TCP(first, last, internal, internal_last)                              \
	"{'protocol':'tcp','external_first':" #first ",'external_last':" #last \
	",'internal_first':" #internal ",'internal_last':" #internal_last "}"
#define WEB                                                                                                  \
	"{'name':'web','verdict':'serving','reason':null,'domains':['example.com','www.example.com'],"       \
	"'host':'192.168.11.21','host6':null,'segment':'br-lan','hairpin_source':'client','forwards':[" TCP( \
		80, 80, 80, 80) "," TCP(8443, 8443, 443, 443) "," TCP(2000, 2009, 3000, 3009) "]}"
#define GAME                                                                                                 \
	"{'name':'game','verdict':'waiting','reason':'the host does not answer on its LAN','domains':[],"    \
	"'host':null,'host6':'2001:db8::5','segment':'br-lan','hairpin_source':'external','forwards':[" TCP( \
		25565, 25565, 25565, 25565) "]}"
#define LINK(name, present, up, running, addresses)                                       \
	"{'interface':'" name "','present':" #present ",'up':" #up ",'running':" #running \
	",'addresses':[" addresses "]"
#define FAST(name, port, path, reason) \
	"{'interface':'" #name "','port':" #port ",'path':'" #path "','reason':" #reason "}"
#define BACKEND                                                                                           \
	"'backend':{'name':'bpf','why':'nat.backend: bpf','layout':1,'adopted':false,'fast_path':[" FAST( \
		eth0, false, xdp, null) "," FAST(br_lan, false, tc,                                       \
						 'a bridge') "," FAST(lan1, true, xdp, null) "]}"
#define FAST_TEXT                             \
	"fast path   eth0: XDP\n"             \
	"            br_lan: tc (a bridge)\n" \
	"              lan1: XDP\n"
#define NAT(mappings, sessions, opened)                                                \
	"'nat':{'filtering':{'udp':'address-dependent','tcp':'endpoint-independent'}," \
	"'limits':{'mappings_per_host':" #mappings ",'sessions_per_host':" #sessions   \
	",'new_per_host':" #opened "}}"
#define STATUS_OF(nat, rest)                                                        \
	"{'version':'1.2','role':'gateway','generation':7,'uptime_s':3700," BACKEND \
	",'sessions':{'active':12,'size':16384,'bytes':3250586}," nat "," rest "}"
#define STATUS(rest) STATUS_OF(NAT(4096, 2048, 4000), rest)

static void test_status(void **state _unused_)
{
	assert_rendered(
		render_status,
		STATUS("'wan':" LINK(
			"eth0", true, true, true,
			"'198.51.100.1/24'") ",'public_address':"
					     "'198.51.100.1'},'lans':[" LINK(
						     "br-lan", true, true, true,
						     "'192.168.11.1/24','2001:db8::1/64'") ",'isolated':"
											   "false}," LINK("br-guest", true, true, false, "'192.168.12.1/24'") ",'isolated':true}," LINK(
												   "lan3",
												   false,
												   false,
												   false,
												   "") ",'isolated':false}],'services':[" WEB
												       "," GAME
												       "],"
												       "'waits':['lan3: not there yet'],'warnings':[],'pending':null,'drops':[{'reason':"
												       "'drop-closed','drop':true,'packets':120,'text':'nothing forwarded'}]"),
		"role        gateway, hairpin 1.2, up 1h1m, generation 7\n"
		"backend     bpf (nat.backend: bpf), layout 1\n" FAST_TEXT
		"sessions    12 of 16384, 3.1 MiB\n"
		"limits      of each host: ports 4096, sessions 2048, new ones a second 4000\n"
		"filtering   udp address-dependent, tcp endpoint-independent\n"
		"wan         eth0        198.51.100.1/24\n"
		"lan         br-lan      192.168.11.1/24, 2001:db8::1/64\n"
		"lan         br-guest    192.168.12.1/24, no carrier, isolated\n"
		"lan         lan3        not there\n"
		"waits       lan3: not there yet\n"
		"drops       120 drop-closed: nothing forwarded\n"
		"\n"
		"SERVICE  HOST           PORTS                                          VERDICT\n"
		"web      192.168.11.21  80/tcp, 8443:443/tcp, 2000-2009:3000-3009/tcp  serving\n"
		"game     2001:db8::5    25565/tcp                                      waiting: the host does not "
		"answer on its LAN\n");
}

static void test_status_pending(void **state _unused_)
{
#define PENDING(reverting)                                                                                  \
	STATUS("'wan':" LINK(                                                                               \
		"eth0", true, false, false,                                                                 \
		"") "},'lans':[],'services':[],"                                                            \
		    "'waits':[],'warnings':['one','two'],'drops':[],'pending':{'confirm_s':60,'left_s':42," \
		    "'reverting':" #reverting "}")
#define HEAD                                                                            \
	"role        gateway, hairpin 1.2, up 1h1m, generation 7\n"                     \
	"backend     bpf (nat.backend: bpf), layout 1\n" FAST_TEXT                      \
	"sessions    12 of 16384, 3.1 MiB\n"                                            \
	"limits      of each host: ports 4096, sessions 2048, new ones a second 4000\n" \
	"filtering   udp address-dependent, tcp endpoint-independent\n"                 \
	"wan         eth0        down\n"
	assert_rendered(render_status, PENDING(false),
			HEAD "pending     goes back in 42s unless `hairpin confirm`\n"
			     "warnings    one\n"
			     "            two\n");
	assert_rendered(render_status, PENDING(true),
			HEAD "pending     was not confirmed in time and is being taken back\n"
			     "warnings    one\n"
			     "            two\n");
}

static void test_status_unlimited(void **state _unused_)
{
	assert_rendered(render_status,
			STATUS_OF(NAT(null, null, null),
				  "'wan':" LINK("eth0", true, true, true,
						"") "},'lans':[],'services':[],'waits':[],"
						    "'warnings':[],'drops':[],'pending':null"),
			"role        gateway, hairpin 1.2, up 1h1m, generation 7\n"
			"backend     bpf (nat.backend: bpf), layout 1\n" FAST_TEXT
			"sessions    12 of 16384, 3.1 MiB\n"
			"limits      of each host: ports unlimited, sessions unlimited, new ones a "
			"second unlimited\n"
			"filtering   udp address-dependent, tcp endpoint-independent\n"
			"wan         eth0        \n");
}

static void test_services(void **state _unused_)
{
	assert_rendered(render_services, "{'services':[" WEB "," GAME "]}",
			"web\n"
			"  serving\n"
			"  host     192.168.11.21 on br-lan\n"
			"  names    example.com, www.example.com\n"
			"  ports    80/tcp, 8443:443/tcp, 2000-2009:3000-3009/tcp\n"
			"  loopback shows the server the client address\n"
			"\n"
			"game\n"
			"  waiting: the host does not answer on its LAN\n"
			"  host     2001:db8::5 on br-lan\n"
			"  ports    25565/tcp\n"
			"  loopback shows the server the external address\n");
	assert_rendered(render_services, "{'services':[]}", "no services are declared\n");
}

static void test_drops(void **state _unused_)
{
	assert_rendered(
		render_drops,
		"{'reasons':[{'reason':'sent-hairpin','drop':false,'packets':7,'text':'a'},"
		"{'reason':'drop-ttl','drop':true,'packets':0,'text':'b'}],'guard_dropped':3}",
		"     PACKETS  REASON                 MEANING\n"
		"           7  sent-hairpin           a\n"
		"           3  guard                  reached the stack without having been judged by a "
		"filter\n");
	assert_rendered(render_drops,
			"{'reasons':[],'guard_dropped':0,'statistics':[{'name':'swept','count':0,"
			"'text':'c'},{'name':'reset-ignored','count':12,'text':'d'}]}",
			"     PACKETS  REASON                 MEANING\n"
			"\n       TIMES  WHAT ELSE HAPPENED     MEANING\n"
			"          12  reset-ignored          d\n");
}

static void test_facts(void **state _unused_)
{
	assert_rendered(
		render_facts,
		"{'links':[{'name':'eth0','ifindex':2,'mtu':1500,'up':true,'running':true,'bridge':false,"
		"'addrs':[{'addr':'198.51.100.1','length':24}]},{'name':'lan3','ifindex':0},"
		"{'name':'ppp0','ifindex':5,'mtu':1492,'up':true,'running':true,'bridge':false,"
		"'layer3':true,'addrs':[]}],"
		"'routes':[{'net':'0.0.0.0/0','gateway':'198.51.100.254','ifindex':2},"
		"{'net':'198.51.100.0/24','gateway':null,'ifindex':2}],"
		"'neighs':[{'addr':'198.51.100.9','ifindex':2,'reachable':false}]}",
		"eth0: index 2, mtu 1500, up\n"
		"  address 198.51.100.1/24\n"
		"lan3: not there\n"
		"ppp0: index 5, mtu 1492, up, no link header\n"
		"route 0.0.0.0/0 on eth0 through 198.51.100.254\n"
		"route 198.51.100.0/24 on eth0\n"
		"neighbour 198.51.100.9 on eth0, does not answer\n");
}

static void test_sessions(void **state _unused_)
{
	_strbuf_ struct strbuf out = {0};

	render_sessions.head(&out);
	assert_string_equal(
		strbuf_text(&out),
		"PROTO KIND     STATE        FROM                  TO                    SEEN FROM      "
		"       SEEN TO                  IDLE EXPIRES SERVICE\n");
	assert_rendered(
		render_sessions.row,
		"{'protocol':'tcp','kind':'hairpin','state':'established','replied':true,'original':"
		"{'source':'192.168.11.2','source_port':5000,'destination':'198.51.100.1',"
		"'destination_port':8443},'translated':{'source':'198.51.100.1','source_port':5000,"
		"'destination':'192.168.11.20','destination_port':443},'idle_s':3,'age_s':9,"
		"'expires_s':7437,'service':'web'}",
		"tcp   hairpin  established  192.168.11.2:5000     198.51.100.1:8443     "
		"198.51.100.1:5000     192.168.11.20:443          3s    2h3m web\n");
	assert_rendered(
		render_sessions.row,
		"{'protocol':'icmpv6','kind':'routed','state':'none','original':{'source':'2001:db8::2',"
		"'source_port':9,'destination':'2001:db8::3','destination_port':0},'translated':{'source':"
		"'2001:db8::2','source_port':9,'destination':'2001:db8::3','destination_port':0},"
		"'idle_s':0,'expires_s':60,'service':null}",
		"icmpv6 routed   none         [2001:db8::2]:9       2001:db8::3           "
		"[2001:db8::2]:9       2001:db8::3                0s      1m \n");
}

static void test_mappings(void **state _unused_)
{
	_strbuf_ struct strbuf out = {0};

	render_mappings.head(&out);
	assert_string_equal(strbuf_text(&out), "PROTO INTERNAL              EXTERNAL              "
					       "SESSIONS     AGE NOTE\n");
	assert_rendered(
		render_mappings.row,
		"{'protocol':'udp','internal':'192.168.11.2','internal_port':5000,'external':"
		"'198.51.100.1','external_port':5001,'pool':'wan','host':false,'fixed':false,"
		"'sessions':2,'age_s':61}",
		"udp   192.168.11.2:5000     198.51.100.1:5001            2    1m1s \n");
	assert_rendered(
		render_mappings.row,
		"{'protocol':'udp','internal':'198.51.100.1','internal_port':123,'external':"
		"'198.51.100.1','external_port':123,'pool':'wan','host':true,'fixed':false,"
		"'sessions':1,'age_s':0}",
		"udp   198.51.100.1:123      198.51.100.1:123             1      0s of the gateway "
		"itself\n");
}

static void test_check(void **state _unused_)
{
#define PLAN                                                                                  \
	"'would_apply':{'services':2,'devices':3,'rules':9,'sessions':1024,'public_address':" \
	"'198.51.100.1'}"
	assert_rendered(
		render_check,
		"{'configuration':'a.yaml','valid':true,'errors':[],'waits':[],'findings':[]," PLAN
		"}",
		"a.yaml: 2 services, 3 devices, 9 rules, room for 1024 sessions, public address "
		"198.51.100.1\n"
		"nothing stands against it\n");
	assert_rendered(
		render_check,
		"{'configuration':'a.yaml','valid':true,'errors':[],'waits':['lan3 is not there'],"
		"'findings':[{'kind':'listener','level':'finding','text':'nginx listens','fix':'move "
		"it'},{'kind':'name','level':'note','text':'resolves','fix':''}]," PLAN "}",
		"a.yaml: 2 services, 3 devices, 9 rules, room for 1024 sessions, public address "
		"198.51.100.1\n"
		"waits    lan3 is not there\n"
		"finding  nginx listens\n"
		"  fix    move it\n"
		"note     resolves\n");
	assert_rendered(
		render_check,
		"{'configuration':'a.yaml','valid':false,'errors':['a.yaml:3: x: unknown key'],"
		"'waits':[],'findings':[],'would_apply':null}",
		"a.yaml: cannot be applied\n"
		"error    a.yaml:3: x: unknown key\n");
}

static void test_ports(void **state _unused_)
{
	assert_rendered(
		render_ports,
		"{'ports':[{'protocol':'tcp','address':'198.51.100.2','pool':'wan','in_use':3,"
		"'resting':20,'free':65512}],'search':[{'found':'port-again','mappings':0,"
		"'text':'never'},{'found':'port-kept','mappings':7,'text':'kept'}],'hosts':["
		"{'address':'192.168.11.30','mappings':3,'sessions':12}],'hosts_counted':3}",
		"PROTOCOL  ADDRESS            IN USE   RESTING      FREE\n"
		"tcp       198.51.100.2            3        20     65512\n"
		"\n    MAPPINGS  PORT FOUND   MEANING\n"
		"           7  port-kept    kept\n"
		"\n    MAPPINGS      SESSIONS  HOST\n"
		"           3            12  192.168.11.30\n"
		"                              2 more hosts with less\n");
	/* Before anything was translated. */
	assert_rendered(render_ports, "{'ports':[],'search':[],'hosts':[],'hosts_counted':0}",
			"PROTOCOL  ADDRESS            IN USE   RESTING      FREE\n");
}

#define LIST(name, faults, first)                                                  \
	"{'name':'" name                                                           \
	"','kind':'block','from':'/etc/ads.txt','state':'read','error':''," faults \
	",'first_unsupported':" first "}"

static void test_lists(void **state _unused_)
{
	assert_rendered(
		render_block_lists,
		"{'lists':[" LIST(
			"ads",
			"'names':7,'invalid':1,'unsupported':2,'rewrites':0,'idn':0,"
			"'faults':[{'line':4,'text':'no name'}]",
			"{'line':6,'text':'/ads[0-9]/'}") "," LIST("kids", "'names':1",
								   "null") "],"
									   "'own_words':0,'names':8,'addresses':0,'bytes':100,'loading':false,'error':''}",
		"ads (block): 7 names, read\n"
		"  /etc/ads.txt\n"
		"  left out: 1 invalid, 2 not supported\n"
		"  line 4: no name\n"
		"  not supported, the first: /etc/ads.txt:6: /ads[0-9]/\n"
		"kids (block): 1 name, read\n"
		"  /etc/ads.txt\n"
		"8 names in all, 0 words of your own, 100 octets\n");
}

#define RULE(service, protocol, first, last, state, why)                              \
	"{'service':'" service "','protocol':'" protocol "','external_first':" #first \
	",'external_last':" #last ",'address':'192.168.11.3','port_first':" #first    \
	",'port_last':" #last ",'state':'" state "','by':null,'why':'" why "'}"
#define UPSTREAM(public_address, rules) \
	"{'router':'192.168.11.1','public':{" public_address "},'rules':[" rules "]}"

/* What is mapped in one line, what is to be entered as a table that keeps ranges. */
static void test_upstream(void **state _unused_)
{
	assert_rendered(render_upstream, "[]", "");
	assert_rendered(
		render_upstream,
		UPSTREAM("'address':'25.11.0.1','source':'router','nat_text':'','disagreement':''",
			 RULE("web", "tcp", 443, 443, "mapped",
			      "") "," RULE("voice", "udp", 7000, 7009, "mapped",
					   "") "," RULE("ssh", "tcp", 22, 22, "asking", "")),
		"upstream    router 192.168.11.1, public address 25.11.0.1 (by router)\n"
		"            443/tcp (web), 7000-7009/udp (voice): the router forwards it, as it was asked to\n"
		"            22/tcp (ssh): the router is being asked\n");
	assert_rendered(
		render_upstream,
		UPSTREAM(
			"'address':null,'source':'none','nat_text':'another NAT','disagreement':'A and B'",
			RULE("web", "tcp", 443, 443, "refused", "port 443: no") "," RULE(
				"voice", "udp", 7000, 7009, "by-hand", "off")),
		"upstream    router 192.168.11.1, public address not known\n"
		"            another NAT\n"
		"            A and B\n"
		"            to be entered in the router as port forwards, if it is not:\n"
		"              EXTERNAL     PROTOCOL  TO ADDRESS       TO PORT      WHY\n"
		"              443          tcp       192.168.11.3     443          port 443: no\n"
		"              7000-7009    udp       192.168.11.3     7000-7009    off\n");
}

/* A mapped port behind another NAT reads as what it is. */
static void test_upstream_nat(void **state _unused_)
{
	assert_rendered(
		render_upstream,
		UPSTREAM(
			"'address':'25.11.0.1','source':'stun','nat':'proved','nat_text':'another NAT','disagreement':''",
			RULE("web", "tcp", 443, 443, "mapped", "")),
		"upstream    router 192.168.11.1, public address 25.11.0.1 (by stun)\n"
		"            another NAT\n"
		"            443/tcp (web): the router forwards it, as it was asked to, and nobody on the internet gets as far as that router\n");
	assert_rendered(
		render_upstream,
		UPSTREAM(
			"'address':'25.11.0.1','source':'router','nat':'likely','nat_text':'perhaps','disagreement':''",
			RULE("web", "tcp", 443, 443, "mapped", "")),
		"upstream    router 192.168.11.1, public address 25.11.0.1 (by router)\n"
		"            perhaps\n"
		"            443/tcp (web): the router forwards it, as it was asked to; whether anybody on the internet gets as far as that router is not known\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_upstream),       cmocka_unit_test(test_upstream_nat),
		cmocka_unit_test(test_ports),	       cmocka_unit_test(test_status),
		cmocka_unit_test(test_status_pending), cmocka_unit_test(test_status_unlimited),
		cmocka_unit_test(test_services),       cmocka_unit_test(test_drops),
		cmocka_unit_test(test_facts),	       cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_mappings),       cmocka_unit_test(test_check),
		cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
