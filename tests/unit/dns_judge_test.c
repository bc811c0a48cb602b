// SPDX-License-Identifier: GPL-2.0-or-later
/* What is ours by no word of the operator's, and what of upstreams' answers is heard otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns_bench.h"

/* What leads into a private network is heard as "there is none", but of names that are exempt; aliases of ours are no way round. */
static void test_inward(void **state _unused_)
{
	static const char *const exempt[] = {".plex.direct 0.0.0.0", NULL};
	struct bench bench;

	bench_open(&bench, fake_honest, bench_rows);
	bench.resolver.private = table_of(exempt);
	dns_upstreams_set_judge(bench.resolver.upstreams, dns_resolver_judge, &bench.resolver);
	bench.fake.address = "192.168.11.7";
	expect(&bench, "evil.example.net", DNS_A, "type6");
	assert_int_equal(count(&bench, DNS_COUNT_INWARD), 1);
	/* Once for all who ask. */
	expect(&bench, "EVIL.example.net", DNS_A, "type6");
	assert_int_equal(count(&bench, DNS_COUNT_INWARD), 1);
	assert_int_equal(bench.fake.over_udp, 1);
	expect(&bench, "away.example.com", DNS_A, "=cdn.example.net type6");
	assert_int_equal(count(&bench, DNS_COUNT_INWARD), 2);
	expect(&bench, "192-168-11-7.abc.plex.direct", DNS_A, "192.168.11.7");
	bench.fake.address = "203.0.113.7";
	expect(&bench, "good.example.net", DNS_A, "203.0.113.7");
	assert_int_equal(count(&bench, DNS_COUNT_INWARD), 2);
	dns_rewrites_free(bench.resolver.private);
	bench_close(&bench);
}

/* A domain's own upstream may answer inward and is asked for what has a meaning of itself; the others as ever. */
static void test_routed(void **state _unused_)
{
	struct dns_route routes[] = {{.name = name_of("corp.example"), .servers = 1},
				     {.name = name_of("168.192.in-addr.arpa"), .servers = 1},
				     {.name = name_of("arpa"), .servers = 1},
				     {.is_single_label = true, .servers = 1}};
	static const char *const none[] = {NULL};
	struct bench bench;

	bench_open(&bench, fake_honest, bench_rows);
	bench.resolver.private = table_of(none);
	dns_upstreams_set_judge(bench.resolver.upstreams, dns_resolver_judge, &bench.resolver);
	dns_upstreams_set_routes(bench.resolver.upstreams,
				 dns_routes_make(routes, ARRAY_SIZE(routes), 1));
	bench.fake.address = "192.168.11.7";
	/* Everybody's: the same server, but not as the domain's own. */
	expect(&bench, "git.corp.example", DNS_A, "type6");
	dns_upstreams_set_routes(bench.resolver.upstreams,
				 dns_routes_make(routes, ARRAY_SIZE(routes), 0));
	expect(&bench, "wiki.corp.example", DNS_A, "192.168.11.7");
	expect(&bench, "nas", DNS_A, "192.168.11.7");
	expect(&bench, "7.11.168.192.in-addr.arpa", DNS_A, "192.168.11.7");
	assert_int_equal(bench.fake.over_udp, 4);
	expect(&bench, "7.11.0.10.in-addr.arpa", DNS_PTR, "rcode3 type6");
	expect(&bench, "localhost", DNS_A, "127.0.0.1");
	assert_int_equal(bench.fake.over_udp, 4);
	dns_rewrites_free(bench.resolver.private);
	bench_close(&bench);
}

static struct dns_hosts *house(void)
{
	struct dns_host own = {.name = name_of("nas.home.arpa")};
	struct dns_name domains[] = {name_of("home.arpa"), name_of("kept.example")};
	struct ip_net network;
	struct dns_hosts *made;

	assert_int_equal(ip_addr_parse("198.18.0.9", &own.addr), 0);
	assert_int_equal(ip_net_parse("198.18.0.0/24", &network), 0);
	made = dns_hosts_make(
		&(struct dns_hosts_source){&own, 1, NULL, 0, domains, 2, &network, 1});
	assert_non_null(made);
	return made;
}

/*
 * Machines of the house stand behind the operator's names and before all else; nobody is asked for those that nobody has, but where the operator names
 * a server for them.
 */
static void test_hosts(void **state _unused_)
{
	static const char *const more[] = {"nas.example.com =nas.home.arpa",
					   "gone.example.com =gone.home.arpa",
					   "tv.home.arpa 192.168.11.40", NULL};
	struct dns_route routes[] = {{.name = name_of("home.arpa"), .servers = 1},
				     {.name = name_of("18.198.in-addr.arpa"), .servers = 1}};
	struct dns_route above[] = {{.name = name_of("arpa"), .servers = 1}};
	struct bench bench;

	bench_open(&bench, fake_honest, more);
	bench.resolver.hosts = house();
	expect(&bench, "nas.home.arpa", DNS_A, "198.18.0.9");
	expect(&bench, "nas.home.arpa", DNS_MX, "type6");
	expect(&bench, "gone.home.arpa", DNS_A, "rcode3 type6");
	expect(&bench, "tv.home.arpa", DNS_A, "192.168.11.40");
	expect(&bench, "9.0.18.198.in-addr.arpa", DNS_PTR, "type12");
	expect(&bench, "10.0.18.198.in-addr.arpa", DNS_PTR, "rcode3 type6");
	/* Aliases of ours lead there too. */
	expect(&bench, "nas.example.com", DNS_A, "=nas.home.arpa 198.18.0.9");
	expect(&bench, "gone.example.com", DNS_A, "rcode3 =gone.home.arpa type6");
	assert_int_equal(count(&bench, DNS_COUNT_HOST), 7);
	assert_int_equal(count(&bench, DNS_COUNT_REWRITTEN), 1);
	assert_int_equal(bench.fake.over_udp, 0);
	/* A server for a domain above says nothing of it; one for the domain itself knows better than "nobody", and not than we do. */
	dns_upstreams_set_routes(bench.resolver.upstreams,
				 dns_routes_make(above, ARRAY_SIZE(above), 1));
	expect(&bench, "gone.home.arpa", DNS_A, "rcode3 type6");
	assert_int_equal(bench.fake.over_udp, 0);
	dns_upstreams_set_routes(bench.resolver.upstreams,
				 dns_routes_make(routes, ARRAY_SIZE(routes), 1));
	expect(&bench, "gone.home.arpa", DNS_A, "203.0.113.7");
	expect(&bench, "10.0.18.198.in-addr.arpa", DNS_A, "203.0.113.7");
	assert_int_equal(bench.fake.over_udp, 2);
	expect(&bench, "nas.home.arpa", DNS_A, "198.18.0.9");
	assert_int_equal(bench.fake.over_udp, 2);
	dns_hosts_free(bench.resolver.hosts);
	bench_close(&bench);
}

/* What leads to our own address is told with the host inside: to who waits, from the cache, and behind an alias of ours. */
static void test_doctored(void **state _unused_)
{
	static const char *const none[] = {NULL};
	struct dns_doctor_rule rule = {.has_host = true, .has_inside = true};
	struct bench bench;

	bench_open(&bench, fake_honest, bench_rows);
	assert_int_equal(ip_addr_parse("203.0.113.7", &rule.public), 0);
	assert_int_equal(ip_addr_parse("192.168.11.20", &rule.inside), 0);
	bench.resolver.private = table_of(none);
	bench.resolver.doctor = (struct dns_doctor){true, &rule, 1};
	dns_upstreams_set_judge(bench.resolver.upstreams, dns_resolver_judge, &bench.resolver);
	bench.fake.address = "203.0.113.7";
	expect(&bench, "home.example.net", DNS_A, "192.168.11.20");
	expect(&bench, "HOME.example.net", DNS_A, "192.168.11.20");
	expect(&bench, "away.example.com", DNS_A, "=cdn.example.net 192.168.11.20");
	assert_int_equal(count(&bench, DNS_COUNT_DOCTORED), 2);
	assert_int_equal(count(&bench, DNS_COUNT_CACHED), 1);
	bench.fake.address = "203.0.113.8";
	expect(&bench, "other.example.net", DNS_A, "203.0.113.8");
	dns_rewrites_free(bench.resolver.private);
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inward),
		cmocka_unit_test(test_routed),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_doctored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
