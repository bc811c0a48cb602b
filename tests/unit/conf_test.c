// SPDX-License-Identifier: GPL-2.0-or-later
/* What conf_parse() leaves in its object, its limits, and its overlap check against a bitmap. */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conf.h"

static const char whole[] = "role: gateway\n"
			    "wan:\n"
			    "  interface: eth0\n" /* 3 */
			    "  pass: [22/tcp, icmp-echo, 500-501/udp]\n"
			    "lan:\n"
			    "  - interface: br-lan\n" /* 6 */
			    "    network: 192.168.11.0/24\n" /* 7 */
			    "  - interface: br-guest\n" /* 8 */
			    "    isolate: yes\n"
			    "services:\n"
			    "  - name: desk\n" /* 11 */
			    "    ports: [\"8443-8444:443-444/tcp\"]\n" /* 12 */
			    "    host: 192.168.11.20\n" /* 13 */
			    "    preset: rustdesk\n" /* 14 */
			    "    hairpin-source: gateway\n"
			    "  - name: six\n"
			    "    domain: [Six.example.com, b.example.com]\n"
			    "    host6: \"2001:db8::20\"\n" /* 18 */
			    "    ports: [53/udp]\n"
			    "    allow: [203.0.113.0/24, \"2001:db8:1::/48\"]\n"
			    "nat:\n"
			    "  backend: bpf\n"
			    "  ignore-netfilter: yes\n"
			    "  hairpin-source: client\n"
			    "  ports: 2000-2999\n"
			    "  limits: { sessions: 1000 }\n";

static struct conf *parse(const char *text)
{
	_strbuf_ struct strbuf errors = {0};
	struct conf *conf = NULL;

	conf_parse("t.yaml", text, strlen(text), &conf, &errors);
	assert_string_equal(strbuf_text(&errors), "");
	assert_non_null(conf);
	return conf;
}

static void assert_addr(const struct ip_addr *addr, const char *expected)
{
	char text[IP_TEXT_MAX];

	assert_string_equal(ip_addr_format(addr, text), expected);
}

static void assert_net(const struct ip_net *net, const char *expected)
{
	char text[IP_TEXT_MAX];

	assert_string_equal(ip_net_format(net, text), expected);
}

static void test_gateway(void **state _unused_)
{
	_conf_ struct conf *conf = parse(whole);

	assert_string_equal(conf->path, "t.yaml");
	assert_string_equal(conf->wan_interface, "eth0");
	assert_int_equal(conf->wan_line, 3);
	assert_int_equal(conf->n_pass, 2);
	assert_true(conf->pass_icmp_echo);
	assert_int_equal(conf->pass[0].first, 22);
	assert_int_equal(conf->pass[0].last, 22);
	assert_int_equal(conf->pass[0].proto, IPPROTO_TCP);
	assert_int_equal(conf->pass[0].line, 4);
	assert_int_equal(conf->pass[1].last, 501);
	assert_int_equal(conf->pass[1].proto, IPPROTO_UDP);
	assert_int_equal(conf->n_lan, 2);
	assert_string_equal(conf->lan[0].interface, "br-lan");
	assert_true(conf->lan[0].has_network);
	assert_net(&conf->lan[0].network, "192.168.11.0/24");
	assert_int_equal(conf->lan[0].line, 6);
	assert_int_equal(conf->lan[0].network_line, 7);
	assert_false(conf->lan[0].isolate);
	assert_false(conf->lan[1].has_network);
	assert_true(conf->lan[1].isolate);
	assert_int_equal(conf->lan[1].line, 8);
}

static void test_nat(void **state _unused_)
{
	_conf_ struct conf *conf = parse(whole);

	assert_int_equal(conf->backend, CONF_BACKEND_BPF);
	assert_true(conf->ignore_netfilter);
	assert_int_equal(conf->hairpin_source, HP_HAIRPIN_CLIENT);
	assert_int_equal(conf->nat_port_first, 2000);
	assert_int_equal(conf->nat_port_last, 2999);
	assert_int_equal(conf->sessions, 1000);
}

static void test_defaults(void **state _unused_)
{
	_conf_ struct conf *conf =
		parse("wan: { interface: eth0 }\nlan: [{ interface: br-lan }]\n");

	assert_int_equal(conf->n_pass, 0);
	assert_true(conf->pass_icmp_echo);
	assert_int_equal(conf->n_services, 0);
	assert_int_equal(conf->backend, CONF_BACKEND_AUTO);
	assert_false(conf->ignore_netfilter);
	assert_int_equal(conf->hairpin_source, HP_HAIRPIN_EXTERNAL);
	assert_int_equal(conf->nat_port_first, 1);
	assert_int_equal(conf->nat_port_last, 65535);
	assert_int_equal(conf->sessions, CONF_AUTO);
	assert_int_equal(conf->filtering.udp, HP_FILTER_ADDRESS_DEPENDENT);
	assert_int_equal(conf->filtering.tcp, HP_FILTER_ADDRESS_AND_PORT_DEPENDENT);
	assert_int_equal(conf->hairpin_filtering, CONF_HAIRPIN_OPEN);
	assert_int_equal(conf->unsolicited, CONF_UNSOLICITED_ANSWER);
	assert_false(conf->port_parity || conf->tcp_pickup);
	assert_int_equal(conf->mss_clamp, CONF_AUTO);
	assert_int_equal(conf->mappings_per_host, LIMIT_MAPPINGS_PER_HOST);
	assert_int_equal(conf->sessions_per_host, CONF_AUTO);
	assert_int_equal(conf->new_per_host, LIMIT_NEW_PER_HOST);
	assert_int_equal(conf->udp_s, TIMEOUT_UDP_S);
	assert_int_equal(conf->tcp_established_s, TIMEOUT_TCP_ESTABLISHED_S);
	assert_int_equal(conf->tcp_transitory_s, TIMEOUT_TCP_TRANSITORY_S);
	assert_int_equal(conf->icmp_s, TIMEOUT_ICMP_QUERY_S);
	assert_int_equal(conf->other_s, TIMEOUT_OTHER_S);
}

/* The preset's ports come first, although `ports` was written before it. */
static void test_service_ports(void **state _unused_)
{
	static const struct {
		__u16 port;
		__u8 proto;
	} rustdesk[] = {{21115, IPPROTO_TCP},
			{21116, IPPROTO_TCP},
			{21116, IPPROTO_UDP},
			{21117, IPPROTO_TCP}};
	_conf_ struct conf *conf = parse(whole);
	const struct conf_service *service = &conf->services[0];

	assert_string_equal(service->name, "desk");
	assert_string_equal(service->preset, "rustdesk");
	assert_int_equal(service->n_ports, 5);
	for (size_t i = 0; i < ARRAY_SIZE(rustdesk); i++) {
		assert_int_equal(service->ports[i].external_first, rustdesk[i].port);
		assert_int_equal(service->ports[i].external_last, rustdesk[i].port);
		assert_int_equal(service->ports[i].internal_first, rustdesk[i].port);
		assert_int_equal(service->ports[i].proto, rustdesk[i].proto);
		assert_true(service->ports[i].from_preset);
		assert_int_equal(service->ports[i].line, 14);
	}
	assert_int_equal(service->ports[4].external_first, 8443);
	assert_int_equal(service->ports[4].external_last, 8444);
	assert_int_equal(service->ports[4].internal_first, 443);
	assert_false(service->ports[4].from_preset);
	assert_int_equal(service->ports[4].line, 12);
}

static void test_services(void **state _unused_)
{
	_conf_ struct conf *conf = parse(whole);
	const struct conf_service *desk = &conf->services[0], *six = &conf->services[1];

	assert_int_equal(conf->n_services, 2);
	assert_int_equal(desk->line, 11);
	assert_true(desk->has_host && !desk->has_host6);
	assert_addr(&desk->host, "192.168.11.20");
	assert_int_equal(desk->host_line, 13);
	assert_true(desk->has_hairpin_source);
	assert_int_equal(desk->hairpin_source, HP_HAIRPIN_GATEWAY);
	assert_int_equal(desk->n_domains, 0);
	assert_int_equal(desk->n_allow, 0);

	assert_true(!six->has_host && six->has_host6);
	assert_addr(&six->host6, "2001:db8::20");
	assert_int_equal(six->host6_line, 18);
	assert_null(six->preset);
	assert_int_equal(six->n_domains, 2);
	assert_string_equal(six->domains[0], "six.example.com");
	assert_string_equal(six->domains[1], "b.example.com");
	assert_int_equal(six->n_allow, 2);
	assert_net(&six->allow[0], "203.0.113.0/24");
	assert_net(&six->allow[1], "2001:db8:1::/48");
	/* nat's, where the service has none of its own */
	assert_false(six->has_hairpin_source);
	assert_int_equal(six->hairpin_source, HP_HAIRPIN_CLIENT);
}

/*
 * --- limits
 * ------------------------------------------------------------------------------------------
 */

static size_t count_lines(const struct strbuf *text)
{
	size_t n = 0;

	for (const char *c = strbuf_text(text); *c; c++)
		n += *c == '\n';
	return n;
}

static void assert_refused(const char *text, size_t length, const char *expected)
{
	_strbuf_ struct strbuf errors = {0};
	struct conf *conf = (struct conf *)&errors;

	assert_int_equal(conf_parse("t.yaml", text, length, &conf, &errors), -EINVAL);
	assert_ptr_equal(conf, &errors);
	assert_string_equal(strbuf_text(&errors), expected);
}

static void test_size(void **state _unused_)
{
	_strbuf_ struct strbuf text = {0}, errors = {0};
	_conf_ struct conf *conf = NULL;

	strbuf_add(&text, "%s#", whole);
	while (text.length < LIMIT_CONF_BYTES)
		strbuf_add_bytes(&text, "x", 1);
	assert_int_equal(conf_parse("t.yaml", text.text, text.length, &conf, &errors), 0);
	strbuf_add_bytes(&text, "x", 1);
	assert_refused(text.text, text.length,
		       "t.yaml: larger than 1048576 bytes; no configuration is\n");
}

static void test_not_terminated(void **state _unused_)
{
	static const char text[] = "wan: { interface: eth0 }\nlan: [{ interface: br-lan }]\n!";
	_strbuf_ struct strbuf errors = {0};
	_conf_ struct conf *conf = NULL;

	assert_int_equal(conf_parse("t.yaml", text, sizeof(text) - 2, &conf, &errors), 0);
}

static void add_services(struct strbuf *text, unsigned int n)
{
	strbuf_add(text, "wan: { interface: eth0 }\nlan: [{ interface: br-lan }]\nservices:\n");
	for (unsigned int i = 1; i <= n; i++)
		strbuf_add(text, "- { name: s%u, host: 192.0.2.1, ports: [%u/udp] }\n", i, i);
}

static void test_many_services(void **state _unused_)
{
	_strbuf_ struct strbuf most = {0}, more = {0}, expected = {0};
	_conf_ struct conf *conf = NULL;

	add_services(&most, LIMIT_SERVICES);
	conf = parse(strbuf_text(&most));
	assert_int_equal(conf->n_services, LIMIT_SERVICES);
	assert_string_equal(conf->services[LIMIT_SERVICES - 1].name, "s4096");

	add_services(&more, LIMIT_SERVICES + 1);
	strbuf_add(&expected, "t.yaml:%u: services: more than %u; leave some out\n",
		   3 + LIMIT_SERVICES + 1, LIMIT_SERVICES);
	assert_refused(strbuf_text(&more), more.length, strbuf_text(&expected));
}

static void test_many_errors(void **state _unused_)
{
	_strbuf_ struct strbuf text = {0}, errors = {0};
	struct conf *conf = NULL;

	for (unsigned int i = 0; i < 50000; i++)
		strbuf_add(&text, "key%u: 1\n", i);
	assert_int_equal(conf_parse("t.yaml", text.text, text.length, &conf, &errors), -EINVAL);
	assert_null(conf);
	assert_int_equal(count_lines(&errors), LIMIT_CONF_ERRORS);
}

/* A word that does its worst stays one short line. */
static void test_hostile_word(void **state _unused_)
{
	static const char text[] = "\"\\e[2J\\n\\x85\\u009b\\u2028x\": 1\n"
				   "wan: { interface: eth0 }\nlan: [{ interface: br-lan }]\n";
	_strbuf_ struct strbuf long_word = {0};

	assert_refused(text, strlen(text),
		       "t.yaml:1: ?[2J???\u2028x: no such key; known there: "
		       "role, wan, lan, services, nat, dns, dhcp, hosts-service\n");
	strbuf_add(&long_word, "wan: { interface: eth0 }\nlan: [{ interface: br-lan }]\n\"");
	for (unsigned int i = 0; i < 200; i++)
		strbuf_add(&long_word, "\u00e9");
	strbuf_add(&long_word, "\": 1\n");
	assert_refused(
		strbuf_text(&long_word), long_word.length,
		"t.yaml:3: \u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
		"\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
		"\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
		"...: no such key; known there: role, wan, lan, services, nat, dns, dhcp, hosts-service\n");
}

static void test_load(void **state _unused_)
{
	_strbuf_ struct strbuf errors = {0};
	struct conf *conf = NULL;

	assert_int_equal(conf_load("/nonexistent/hairpin.yaml", &conf, &errors), -ENOENT);
	assert_int_equal(conf_load("/", &conf, &errors), -EISDIR);
	assert_int_equal(conf_load("/dev/zero", &conf, &errors), -EFBIG);
	assert_null(conf);
	assert_string_equal(strbuf_text(&errors),
			    "/nonexistent/hairpin.yaml: cannot be read: No such file or directory\n"
			    "/: cannot be read: Is a directory\n"
			    "/dev/zero: larger than 1048576 bytes; no configuration is\n");
}

/*
 * --- overlap
 * -----------------------------------------------------------------------------------------
 */

#define PORTS 60
#define RANGES 8

struct random_range {
	unsigned int first, last, service;
	bool udp;
};

/* Whether two ranges share a port, found port by port. */
static bool overlap_twin(const struct random_range *ranges, size_t n)
{
	bool taken[2][PORTS + 1] = {0};

	for (size_t i = 0; i < n; i++) {
		for (unsigned int port = ranges[i].first; port <= ranges[i].last; port++) {
			if (taken[ranges[i].udp][port])
				return true;
			taken[ranges[i].udp][port] = true;
		}
	}
	return false;
}

/* The same for pinholes of one host, where a service may meet itself. */
static bool pinhole_twin(const struct random_range *ranges, size_t n)
{
	int owner[2][PORTS + 1];

	memset(owner, -1, sizeof(owner));
	for (size_t i = 0; i < n; i++) {
		for (unsigned int port = ranges[i].first; port <= ranges[i].last; port++) {
			int *at = &owner[ranges[i].udp][port];

			if (*at >= 0 && *at != (int)ranges[i].service)
				return true;
			*at = (int)ranges[i].service;
		}
	}
	return false;
}

static size_t random_ranges(unsigned int *seed, struct random_range *ranges)
{
	size_t n = 2 + (size_t)rand_r(seed) % (RANGES - 1);

	for (size_t i = 0; i < n; i++) {
		unsigned int first = 1 + (unsigned int)rand_r(seed) % PORTS;
		unsigned int last = first + (unsigned int)rand_r(seed) % 6;

		ranges[i] = (struct random_range){.first = first,
						  .last = last < PORTS ? last : PORTS,
						  .service = (unsigned int)(i * 3 / n),
						  .udp = rand_r(seed) % 4 == 0};
	}
	return n;
}

/* A file with the ranges in three services of one host, under @host. */
static void add_ranges(struct strbuf *text, const char *host, const struct random_range *ranges,
		       size_t n)
{
	unsigned int service = RANGES;

	strbuf_add(text, "wan: { interface: eth0 }\nlan: [{ interface: br-lan }]\nservices:\n");
	for (size_t i = 0; i < n; i++) {
		if (ranges[i].service != service)
			strbuf_add(text, "- name: s%u\n  %s\n  ports:\n", ranges[i].service, host);
		service = ranges[i].service;
		strbuf_add(text, "  - %u-%u/%s\n", ranges[i].first, ranges[i].last,
			   ranges[i].udp ? "udp" : "tcp");
	}
}

static bool is_refused(const struct strbuf *text)
{
	_strbuf_ struct strbuf errors = {0};
	_conf_ struct conf *conf = NULL;

	if (!conf_parse("t.yaml", text->text, text->length, &conf, &errors))
		return false;
	assert_true(strstr(errors.text, "taken by") || strstr(errors.text, "opened towards"));
	return true;
}

static void test_overlap(void **state _unused_)
{
	unsigned int seed = 4787, refused[2] = {0};
	struct random_range ranges[RANGES];

	for (unsigned int i = 0; i < 3000; i++) {
		_strbuf_ struct strbuf four = {0}, six = {0};
		size_t n = random_ranges(&seed, ranges);
		bool expected = overlap_twin(ranges, n), expected6 = pinhole_twin(ranges, n);

		add_ranges(&four, "host: 192.0.2.1", ranges, n);
		add_ranges(&six, "host6: \"2001:db8::1\"", ranges, n);
		if (is_refused(&four) != expected)
			fail_msg("%s", strbuf_text(&four));
		if (is_refused(&six) != expected6)
			fail_msg("%s", strbuf_text(&six));
		refused[0] += expected;
		refused[1] += expected6;
	}
	/* Both answers, and both kinds apart: else the loop compares nothing. */
	assert_in_range(refused[0], 500, 2500);
	assert_in_range(refused[1], 500, refused[0] - 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gateway),	       cmocka_unit_test(test_nat),
		cmocka_unit_test(test_defaults),       cmocka_unit_test(test_service_ports),
		cmocka_unit_test(test_services),       cmocka_unit_test(test_size),
		cmocka_unit_test(test_not_terminated), cmocka_unit_test(test_many_services),
		cmocka_unit_test(test_many_errors),    cmocka_unit_test(test_hostile_word),
		cmocka_unit_test(test_load),	       cmocka_unit_test(test_overlap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
