// SPDX-License-Identifier: GPL-2.0-or-later
/* What the daemon writes for the DNS process is what that reads, and nothing else is taken. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "setup.h"

/* The plan owns its words, so they are not const there. */
#define TEXT(text) ((char[]){text})

static struct ip_addr addr_of(const char *text)
{
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	return addr;
}

static void assert_name(const struct dns_name *name, const char *expected)
{
	char text[DNS_NAME_TEXT_MAX];

	assert_string_equal(dns_name_format(name, text), expected);
}

/* Writes @dns and reads it back. */
static struct dns_setup carried(const struct plan_dns *dns)
{
	_close_ int fd = dns_setup_write(dns);
	struct dns_setup setup;

	assert_true(fd >= 0);
	assert_int_equal(dns_setup_read(fd, &setup), 0);
	return setup;
}

static void test_nothing(void **state _unused_)
{
	_dns_setup_ struct dns_setup setup = carried(&(struct plan_dns){.on = true});

	assert_int_equal(setup.n_segments + setup.n_upstreams + setup.n_names, 0);
	assert_int_equal(setup.n_private_domains, 0);
}

static void test_private_domains(void **state _unused_)
{
	char *names[] = {TEXT("plex.direct"), TEXT("lan"), TEXT("_x.lan")};
	struct plan_dns dns = {.private_domains = names, .n_private_domains = ARRAY_SIZE(names)};
	_dns_setup_ struct dns_setup setup = carried(&dns);

	assert_int_equal(setup.n_private_domains, ARRAY_SIZE(names));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_name(&setup.private_domains[i], names[i]);
	assert_int_equal(setup.n_names, 0);
}

/* What is kept stands behind what is answered. */
static void test_names(void **state _unused_)
{
	struct ip_addr addrs[] = {addr_of("192.168.11.20"), addr_of("2001:db8:11::20")};
	struct plan_name names[] = {
		{.domain = TEXT("a.example"),
		 .match = PLAN_MATCH_BELOW,
		 .addrs = addrs,
		 .n_addrs = ARRAY_SIZE(addrs),
		 .has_h3 = true},
		{.domain = TEXT("b.example"),
		 .target = TEXT("a.example"),
		 .has_h3 = true,
		 .https = {{.priority = 2,
			    .port = 8443,
			    .alpn = {CONF_ALPN_H2, CONF_ALPN_HTTP11, CONF_ALPN_H3},
			    .n_alpn = 3,
			    .no_default_alpn = true},
			   {.priority = 65535, .port = 1}},
		 .n_https = 2,
		 .pass = {DNS_MX, 65280},
		 .n_pass = 2}};
	struct plan_kept kept = {.domain = TEXT("c.example"), .match = PLAN_MATCH_TREE};
	struct plan_dns dns = {
		.names = names, .n_names = ARRAY_SIZE(names), .kept = &kept, .n_kept = 1};
	_dns_setup_ struct dns_setup setup = carried(&dns);

	assert_int_equal(setup.n_names, 3);
	assert_name(&setup.names[0].name, "a.example");
	assert_int_equal(setup.names[0].match, DNS_MATCH_BELOW);
	assert_int_equal(setup.names[0].n_https, 1);
	assert_int_equal(setup.names[0].https[0].length, 13);
	assert_memory_equal(setup.names[0].https[0].data, "\0\1\0\0\1\0\6\2h3\2h2", 13);
	/* What is said goes before what the ports say. */
	assert_int_equal(setup.names[1].n_https, 2);
	assert_int_equal(setup.names[1].https[0].length, 32);
	assert_memory_equal(setup.names[1].https[0].data,
			    "\0\2\0\0\1\0\17\2h2\10http/1.1\2h3\0\2\0\0\0\3\0\2\x20\xfb", 32);
	assert_int_equal(setup.names[1].https[1].length, 9);
	assert_memory_equal(setup.names[1].https[1].data, "\377\377\0\0\3\0\2\0\1", 9);
	assert_int_equal(setup.names[0].n_addrs, 2);
	assert_true(ip_addr_equal(&setup.names[0].addrs[0], &addrs[0]));
	assert_true(ip_addr_equal(&setup.names[0].addrs[1], &addrs[1]));
	assert_name(&setup.names[1].name, "b.example");
	assert_name(&setup.names[1].target, "a.example");
	assert_false(setup.names[1].is_kept);
	assert_int_equal(setup.names[0].n_pass, 0);
	assert_int_equal(setup.names[1].n_pass, 2);
	assert_int_equal(setup.names[1].pass[0], DNS_MX);
	assert_int_equal(setup.names[1].pass[1], 65280);
	assert_name(&setup.names[2].name, "c.example");
	assert_int_equal(setup.names[2].match, DNS_MATCH_TREE);
	assert_true(setup.names[2].is_kept);
}

static void test_hosts(void **state _unused_)
{
	struct plan_dns_host hosts[] = {{TEXT("gateway.home.arpa"), addr_of("192.168.11.1"), false},
					{TEXT("a.example"), addr_of("2001:db8:11::20"), true}};
	char *domains[] = {TEXT("home.arpa"), TEXT("lan")};
	struct ip_net network;
	struct plan_dns dns = {.hosts = hosts,
			       .n_hosts = ARRAY_SIZE(hosts),
			       .local_domains = domains,
			       .n_local_domains = ARRAY_SIZE(domains),
			       .networks = &network,
			       .n_networks = 1};
	struct dns_setup setup;

	assert_int_equal(ip_net_parse("192.168.11.0/24", &network), 0);
	setup = carried(&dns);
	assert_int_equal(setup.hosts.n_hosts, 2);
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		assert_name(&setup.hosts.hosts[i].name, hosts[i].name);
		assert_true(ip_addr_equal(&setup.hosts.hosts[i].addr, &hosts[i].addr));
		assert_int_equal(setup.hosts.hosts[i].is_reverse_only, hosts[i].is_reverse_only);
	}
	assert_int_equal(setup.hosts.n_domains, 2);
	assert_name(&setup.hosts.domains[0], "home.arpa");
	assert_name(&setup.hosts.domains[1], "lan");
	assert_int_equal(setup.hosts.n_networks, 1);
	assert_true(ip_net_equal(&setup.hosts.networks[0], &network));
	dns_setup_fini(&setup);
}

static void test_doctor(void **state _unused_)
{
	struct plan_doctor rules[] = {
		{addr_of("203.0.113.5"), addr_of("192.168.11.20"), true, true},
		{addr_of("2001:db8:ff::5"), addr_of("::"), true, false},
		{addr_of("203.0.113.6"), addr_of("::"), false, false}};
	struct plan_dns dns = {.doctoring = true, .doctor = rules, .n_doctor = ARRAY_SIZE(rules)};
	struct dns_setup setup = carried(&dns);

	assert_true(setup.doctor.is_on);
	assert_int_equal(setup.doctor.n, ARRAY_SIZE(rules));
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		const struct dns_doctor_rule *rule = &setup.doctor.rules[i];

		assert_true(ip_addr_equal(&rule->public, &rules[i].public));
		assert_int_equal(rule->has_host, rules[i].has_host);
		assert_int_equal(rule->has_inside, rules[i].has_inside);
		if (rule->has_inside)
			assert_true(ip_addr_equal(&rule->inside, &rules[i].inside));
	}
	dns_setup_fini(&setup);
	dns.doctoring = false;
	setup = carried(&dns);
	assert_false(setup.doctor.is_on);
	dns_setup_fini(&setup);
}

static void test_servers(void **state _unused_)
{
	struct plan_listener listener = {.addr = addr_of("192.168.11.1")};
	struct plan_upstream upstreams[] = {
		{addr_of("192.0.2.53"), 53},
		{addr_of("2001:db8::53"), 5353},
		{addr_of("192.0.2.54"), 443, CONF_DNS_HTTPS, "dns.example.net", "/dns-query"}};
	struct plan_dns dns = {.listeners = &listener,
			       .n_listeners = 1,
			       .upstreams = upstreams,
			       .n_upstreams = ARRAY_SIZE(upstreams)};
	struct dns_setup setup;

	assert_int_equal(ip_net_parse("192.168.11.0/24", &listener.segment), 0);
	setup = carried(&dns);
	assert_int_equal(setup.n_segments, 1);
	assert_true(ip_net_equal(&setup.segments[0], &listener.segment));
	assert_int_equal(setup.n_upstreams, 3);
	for (size_t i = 0; i < ARRAY_SIZE(upstreams); i++) {
		assert_true(ip_addr_equal(&setup.upstreams[i].addr, &upstreams[i].addr));
		assert_int_equal(setup.upstreams[i].port, upstreams[i].port);
		assert_int_equal((int)setup.upstreams[i].kind, (int)upstreams[i].transport);
		assert_string_equal(setup.upstreams[i].name, upstreams[i].name);
		assert_string_equal(setup.upstreams[i].path, upstreams[i].path);
	}
	dns_setup_fini(&setup);
}

static void test_routes(void **state _unused_)
{
	char *first[] = {TEXT("corp.example"), TEXT("")}, *second[] = {TEXT("corp.example")};
	char *general[] = {TEXT("www.corp.example")};
	struct plan_upstream upstreams[] = {
		{.addr = addr_of("10.0.0.1"), .port = 53, .domains = first, .n_domains = 2},
		{.addr = addr_of("192.0.2.53"), .port = 53},
		{.addr = addr_of("10.0.0.2"),
		 .port = 53,
		 .domains = second,
		 .n_domains = 1,
		 .is_named = true}};
	struct plan_dns dns = {.upstreams = upstreams,
			       .n_upstreams = ARRAY_SIZE(upstreams),
			       .general_domains = general,
			       .n_general_domains = 1,
			       .upstreams_parallel = true,
			       .bootstraps = &upstreams[1],
			       .n_bootstraps = 1};
	struct dns_setup setup = carried(&dns);
	struct dns_routes *routes = dns_routes_make(setup.routes, setup.n_routes, setup.general);
	static const struct {
		const char *name;
		dns_servers servers;
	} asked[] = {
		{"git.corp.example", 5}, {"www.corp.example", 2}, {"nas", 1}, {"a.example", 2}};

	assert_non_null(routes);
	assert_true(setup.is_parallel);
	assert_int_equal(setup.n_bootstraps, 1);
	assert_true(ip_addr_equal(&setup.bootstraps[0].addr, &upstreams[1].addr));
	assert_int_equal(setup.bootstraps[0].port, 53);
	assert_true(setup.upstreams[2].is_named);
	assert_false(setup.upstreams[1].is_named);
	assert_int_equal(setup.n_upstreams, 3);
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		struct dns_name name;

		assert_int_equal(dns_name_parse(asked[i].name, &name), 0);
		assert_int_equal(dns_routes_servers(routes, &name), asked[i].servers);
	}
	dns_routes_free(routes);
	dns_setup_fini(&setup);
}

/* Nobody but the daemon can have written these; the process goes on with what it has. */
static void test_refused(void **state _unused_)
{
	static const char *const texts[] = {
		"",
		"{",
		"{\"segments\":[\"192.168.11.1/24\"]}",
		"{\"upstreams\":[{\"address\":\"dns.example\",\"port\":53}]}",
		"{\"names\":[{\"name\":\"a.example\"}]}",
		("{\"upstreams\":[{\"address\":\"192.0.2.53\",\"port\":53,\"name\":\"\",\"path\":\"\","
		 "\"domains\":[\"a..b\"]}]}"),
		"{\"policy\":{\"general_domains\":[1]}}",
		"{\"kept\":[{\"match\":0}]}",
		"{\"names\":[{\"name\":\"a\",\"target\":\"b\",\"pass\":[1,2,3,4,5,6,7,8,9]}]}",
		"{\"private\":[\"a..b\"]}",
		"{\"hosts\":{\"hosts\":[[\"a\",\"b\",false]]}}",
		"{\"hosts\":{\"hosts\":[]},\"doctor\":{\"rules\":[{\"public\":\"x\"}]}}",
		"{\"hosts\":{\"hosts\":[]},\"doctor\":{\"rules\":[{\"public\":\"192.0.2.1\",\"inside\":\"x\"}]}}",
		"{\"hosts\":{\"hosts\":[],\"domains\":[\"a..b\"]}}",
		"{\"hosts\":{\"hosts\":[],\"networks\":[\"192.168.11.1/24\"]}}",
		"{\"private\":[\"a.example\",1]}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_close_ int fd = memfd_create("text", MFD_CLOEXEC);
		struct dns_setup setup = {.n_names = 7};

		assert_int_equal(write(fd, texts[i], strlen(texts[i])), strlen(texts[i]));
		if (dns_setup_read(fd, &setup) != -EINVAL || setup.n_names != 7)
			fail_msg("text %zu is taken", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing), cmocka_unit_test(test_private_domains),
		cmocka_unit_test(test_names),	cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_doctor),	cmocka_unit_test(test_servers),
		cmocka_unit_test(test_routes),	cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
