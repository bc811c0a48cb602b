// SPDX-License-Identifier: GPL-2.0-or-later
/* facts_read() against a real kernel, each test in a network namespace of its own. */
#include "facts.h"

#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "netns.h"
#include "nl.h"

static struct facts *facts_of(const char *first, const char *second)
{
	const char *const names[] = {first, second};
	struct facts *facts = NULL;

	assert_int_equal(facts_read(names, second ? 2 : 1, &facts), 0);
	assert_non_null(facts);
	assert_int_equal(facts->n_links, second ? 2 : 1);
	return facts;
}

static const struct fact_addr *link_addr(const struct fact_link *link, const char *text)
{
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	for (size_t i = 0; i < link->n_addrs; i++) {
		if (ip_addr_equal(&link->addrs[i].addr, &addr))
			return &link->addrs[i];
	}
	return NULL;
}

static bool others_have(const struct facts *facts, const char *text)
{
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	for (size_t i = 0; i < facts->n_others; i++) {
		if (ip_addr_equal(&facts->others[i], &addr))
			return true;
	}
	return false;
}

/* The one route to @net, NULL for none; of several the first, and their number. */
static const struct fact_route *route_to(const struct facts *facts, const char *net, size_t *ret_n)
{
	const struct fact_route *found = NULL;
	struct ip_net wanted;

	assert_int_equal(ip_net_parse(net, &wanted), 0);
	*ret_n = 0;
	for (size_t i = 0; i < facts->n_routes; i++) {
		if (!ip_net_equal(&facts->routes[i].net, &wanted))
			continue;
		found = found ? found : &facts->routes[i];
		++*ret_n;
	}
	return found;
}

static void assert_addr(const struct ip_addr *addr, const char *text)
{
	char buffer[IP_TEXT_MAX];

	assert_string_equal(ip_addr_format(addr, buffer), text);
}

static int enter(void **state)
{
	*state = NULL;
	netns_enter();
	return 0;
}

static int enter_with_veth(void **state)
{
	enter(state);
	run("ip link add v0 address 02:00:00:00:00:0a type veth peer name v1 address 02:00:00:00:00:0b");
	run("ip link set lo up && ip link set v0 up && ip link set v1 up");
	return 0;
}

/* --- links ---------------------------------------------------------------------------------------- */

static void link_attributes(void **state _unused_)
{
	const __u8 mac[6] = {2, 0, 0, 0, 0, 0x0a};
	struct facts *facts _facts_ = NULL;
	const struct fact_link *a, *br;

	run("ip link add br0 type bridge && ip link set v0 master br0 mtu 1400");
	facts = facts_of("v0", "br0");
	a = facts_link(facts, "v0");
	br = facts_link(facts, "br0");
	assert_ptr_equal(a, &facts->links[0]);
	assert_ptr_equal(br, &facts->links[1]);
	assert_null(facts_link(facts, "v1"));

	assert_int_equal(a->ifindex, if_nametoindex("v0"));
	assert_int_equal(a->master, br->ifindex);
	assert_string_equal(a->master_name, "br0");
	assert_string_equal(br->master_name, "");
	assert_int_equal(a->mtu, 1400);
	assert_memory_equal(a->mac, mac, sizeof(mac));
	assert_true(a->up && a->running && a->ethernet);
	assert_false(a->bridge);
	assert_true(br->bridge && br->ethernet);
	assert_false(br->up || br->running);
}

static void link_without_carrier(void **state _unused_)
{
	struct facts *facts _facts_ = NULL;

	run("ip link set v1 down");
	facts = facts_of("v0", "v1");
	assert_true(facts->links[0].up);
	assert_false(facts->links[0].running);
	assert_false(facts->links[1].up);
}

static void link_without_ethernet_header(void **state _unused_)
{
	struct facts *facts _facts_ = facts_of("lo", NULL);

	assert_false(facts->links[0].ethernet);
	/* Loopback has a header of Ethernet's size all the same. */
	assert_false(facts->links[0].layer3);
	assert_int_equal(facts->links[0].ifindex, 1);
}

static void link_without_any_header(void **state _unused_)
{
	struct facts *facts _facts_ = NULL;

	run("ip tuntap add dev t0 mode tun");
	run("ip link set t0 mtu 1280");
	facts = facts_of("t0", "v0");
	run("ip link del t0");
	assert_true(facts->links[0].layer3);
	assert_false(facts->links[0].ethernet);
	assert_int_equal(facts->links[0].mtu, 1280);
	assert_false(facts->links[1].layer3);
	assert_int_equal(facts->links[1].mtu, 1500);
}

static void missing_link_is_a_link_with_index_0(void **state _unused_)
{
	struct facts *facts _facts_ = facts_of("nowhere", "v0");

	assert_string_equal(facts->links[0].name, "nowhere");
	assert_int_equal(facts->links[0].ifindex, 0);
	assert_int_equal(facts->links[0].n_addrs, 0);
	assert_int_not_equal(facts->links[1].ifindex, 0);
}

static void link_made_anew_has_its_new_index(void **state _unused_)
{
	struct facts *before _facts_ = facts_of("v0", NULL), *after _facts_ = NULL;

	run("ip link del v0 && ip link add v0 type veth peer name v1 && ip link set v0 up");
	run("ip addr add 192.0.2.1/24 dev v0");
	after = facts_of("v0", NULL);
	assert_int_not_equal(after->links[0].ifindex, before->links[0].ifindex);
	assert_int_equal(after->links[0].ifindex, if_nametoindex("v0"));
	assert_non_null(link_addr(&after->links[0], "192.0.2.1"));
}

static void name_too_long_is_refused(void **state _unused_)
{
	const char *const names[] = {"0123456789abcdef"};
	struct facts *facts = NULL;

	assert_int_equal(facts_read(names, 1, &facts), -EINVAL);
	assert_null(facts);
}

/* The dump comes in many parts, and the array of addresses grows through many sizes. */
static void many_links_and_addresses(void **state _unused_)
{
	struct facts *facts _facts_ = NULL;

	run("for i in $(seq 200); do echo link add l$i type veth peer name p$i; done | ip -batch -");
	run("for i in $(seq 200); do echo addr add 198.51.100.$i/32 dev l200; done | ip -batch -");
	facts = facts_of("l200", "p1");
	assert_int_equal(facts->links[0].n_addrs, 200);
	assert_non_null(link_addr(&facts->links[0], "198.51.100.1"));
	assert_non_null(link_addr(&facts->links[0], "198.51.100.200"));
	assert_int_equal(facts->links[1].ifindex, if_nametoindex("p1"));
}

/* --- addresses ------------------------------------------------------------------------------------ */

static void address_is_the_local_one_not_the_peer(void **state _unused_)
{
	struct facts *facts _facts_ = NULL;
	const struct fact_link *a;

	run("ip addr add 203.0.113.1 peer 203.0.113.2/32 dev v0");
	run("ip addr add 2001:db8::1 peer 2001:db8::2/128 dev v0 nodad");
	facts = facts_of("v0", NULL);
	a = &facts->links[0];
	assert_non_null(link_addr(a, "203.0.113.1"));
	assert_null(link_addr(a, "203.0.113.2"));
	assert_non_null(link_addr(a, "2001:db8::1"));
	assert_null(link_addr(a, "2001:db8::2"));
}

static void address_lengths_and_states(void **state _unused_)
{
	struct facts *facts _facts_ = NULL;
	const struct fact_link *a;

	run("ip addr add 192.0.2.1/24 dev v0 && ip addr add 192.0.2.2/24 dev v0 preferred_lft 0");
	run("ip addr add 2001:db8::1/64 dev v0 nodad");
	/* Detection of duplicates runs for a second or more: tentative as long as v1 is down. */
	run("ip link set v1 down && ip addr add 2001:db8::2/64 dev v0");
	facts = facts_of("v0", NULL);
	a = &facts->links[0];
	assert_int_equal(link_addr(a, "192.0.2.1")->length, 24);
	assert_true(link_addr(a, "192.0.2.1")->permanent);
	assert_false(link_addr(a, "192.0.2.2")->permanent);
	assert_int_equal(link_addr(a, "2001:db8::1")->length, 64);
	assert_true(link_addr(a, "2001:db8::1")->permanent);
	assert_false(link_addr(a, "2001:db8::2")->permanent);
}

static void other_interfaces_give_their_addresses(void **state _unused_)
{
	struct facts *facts _facts_ = NULL;

	run("ip addr add 192.0.2.1/24 dev v0 && ip addr add 198.51.100.1/24 dev v1");
	facts = facts_of("v0", NULL);
	assert_true(others_have(facts, "127.0.0.1"));
	assert_true(others_have(facts, "::1"));
	assert_true(others_have(facts, "198.51.100.1"));
	assert_false(others_have(facts, "192.0.2.1"));
	assert_null(link_addr(&facts->links[0], "198.51.100.1"));
}

/* --- routes --------------------------------------------------------------------------------------- */

static void routes_of_the_named_links(void **state _unused_)
{
	struct facts *facts _facts_ = NULL;
	const struct fact_route *route;
	size_t n;

	run("ip addr add 192.0.2.1/24 dev v0 && ip addr add 198.51.100.1/24 dev v1");
	run("ip route add default via 192.0.2.254 metric 50");
	run("ip route add 10.1.0.0/16 via 198.51.100.254");
	run("ip -6 route add 2001:db8:1::/48 via fe80::1 dev v0");
	facts = facts_of("v0", NULL);

	route = route_to(facts, "0.0.0.0/0", &n);
	assert_int_equal(n, 1);
	assert_addr(&route->gateway, "192.0.2.254");
	assert_int_equal(route->metric, 50);
	assert_int_equal(route->table, RT_TABLE_MAIN);
	assert_int_equal(route->ifindex, facts->links[0].ifindex);

	route = route_to(facts, "192.0.2.0/24", &n);
	assert_int_equal(n, 1);
	assert_true(ip_addr_is_zero(&route->gateway));
	assert_addr(&route_to(facts, "2001:db8:1::/48", &n)->gateway, "fe80::1");
	assert_null(route_to(facts, "10.1.0.0/16", &n));
	assert_null(route_to(facts, "198.51.100.0/24", &n));
}

static void routes_that_do_not_count(void **state _unused_)
{
	struct facts *facts _facts_ = NULL;
	size_t n;

	run("ip addr add 192.0.2.1/24 dev v0");
	run("ip route add 10.2.0.0/16 dev v0 table 100 && ip route add blackhole 10.3.0.0/16");
	run("ip -6 route add 2001:db8:2::/48 dev v0 table 100");
	run("ip route add local 10.6.0.0/16 dev v0 table main");
	facts = facts_of("v0", NULL);
	assert_null(route_to(facts, "10.2.0.0/16", &n));
	assert_null(route_to(facts, "10.3.0.0/16", &n));
	assert_null(route_to(facts, "10.6.0.0/16", &n));
	assert_null(route_to(facts, "2001:db8:2::/48", &n));
	assert_null(route_to(facts, "192.0.2.1/32", &n)); /* the local table's */
}

static void each_hop_of_a_multipath_route(void **state _unused_)
{
	struct facts *facts _facts_ = NULL, *one _facts_ = NULL;
	const struct fact_route *route;
	size_t n;

	run("ip addr add 192.0.2.1/24 dev v0 && ip addr add 198.51.100.1/24 dev v1");
	run("ip route add 10.4.0.0/16 nexthop via 192.0.2.254 nexthop via 198.51.100.254");
	run("ip -6 route add 2001:db8:4::/48 nexthop via fe80::1 dev v0 nexthop via fe80::2 dev v1");
	facts = facts_of("v0", "v1");
	route_to(facts, "10.4.0.0/16", &n);
	assert_int_equal(n, 2);
	route_to(facts, "2001:db8:4::/48", &n);
	assert_int_equal(n, 2);

	one = facts_of("v1", NULL);
	route = route_to(one, "10.4.0.0/16", &n);
	assert_int_equal(n, 1);
	assert_addr(&route->gateway, "198.51.100.254");
	route = route_to(one, "2001:db8:4::/48", &n);
	assert_int_equal(n, 1);
	assert_addr(&route->gateway, "fe80::2");
}

static void ipv4_route_by_way_of_an_ipv6_router(void **state _unused_)
{
	struct facts *facts _facts_ = NULL;
	size_t n;

	run("ip addr add 192.0.2.1/24 dev v0 && ip route add 10.5.0.0/16 via inet6 fe80::9 dev v0");
	facts = facts_of("v0", NULL);
	assert_addr(&route_to(facts, "10.5.0.0/16", &n)->gateway, "fe80::9");
}

/* A home network whose switch is off keeps its route: the plan must not forget the segment. */
static void route_of_a_link_without_carrier_stays(void **state _unused_)
{
	struct facts *facts _facts_ = NULL;
	size_t n;

	run("ip addr add 192.0.2.1/24 dev v0 && ip link set v1 down");
	facts = facts_of("v0", NULL);
	assert_non_null(route_to(facts, "192.0.2.0/24", &n));
}

/* --- neighbours ----------------------------------------------------------------------------------- */

static void neighbours_with_address_and_state(void **state _unused_)
{
	const __u8 mac[6] = {2, 0, 0, 0, 0, 0x77};
	struct facts *facts _facts_ = NULL;
	bool seen_valid = false, seen_failed = false;

	run("ip addr add 192.0.2.1/24 dev v0");
	run("ip neigh add 192.0.2.7 lladdr 02:00:00:00:00:77 dev v0");
	run("ip neigh add 192.0.2.8 dev v0 nud failed");
	run("ip neigh add 2001:db8::7 lladdr 02:00:00:00:00:77 dev v1");
	facts = facts_of("v0", NULL);
	for (size_t i = 0; i < facts->n_neighs; i++) {
		const struct fact_neigh *neigh = &facts->neighs[i];
		char text[IP_TEXT_MAX];

		ip_addr_format(&neigh->addr, text);
		assert_string_not_equal(text, "2001:db8::7");
		assert_int_equal(neigh->ifindex, facts->links[0].ifindex);
		if (!strcmp(text, "192.0.2.7")) {
			assert_memory_equal(neigh->mac, mac, sizeof(mac));
			seen_valid = neigh->reachable;
		}
		if (!strcmp(text, "192.0.2.8"))
			seen_failed = !neigh->reachable;
	}
	assert_true(seen_valid);
	assert_true(seen_failed);
}

/* --- a whole namespace ---------------------------------------------------------------------------- */

/* No main table and no address: what a namespace is when it is new. */
static void empty_namespace(void **state _unused_)
{
	struct facts *facts _facts_ = facts_of("lo", "eth0");

	assert_int_equal(facts->links[0].ifindex, 1);
	assert_int_equal(facts->links[1].ifindex, 0);
	assert_int_equal(facts->n_routes, 0);
	assert_int_equal(facts->n_neighs, 0);
	assert_int_equal(facts->n_others, 0);
}

static int no_answer(const struct nlmsghdr *nlh _unused_, void *data _unused_)
{
	errno = EEXIST;
	return MNL_CB_ERROR;
}

/* The kernel says so in the message that ends the dump; one that looks at its type alone reads "no routes". */
static void failed_dump_is_not_an_empty_one(void **state _unused_)
{
	_Alignas(struct nlmsghdr) char buffer[NL_REQUEST_MAX];
	struct nlmsghdr *nlh =
		nl_request_init(buffer, RTM_GETROUTE, NLM_F_DUMP, sizeof(struct rtmsg));
	struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);

	rtm->rtm_family = AF_INET;
	rtm->rtm_table = 77;
	assert_int_equal(nl_request(NETLINK_ROUTE, nlh, no_answer, NULL), -ENOENT);
}

#define WITH_VETH(test) cmocka_unit_test_setup(test, enter_with_veth)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(empty_namespace, enter),
		cmocka_unit_test_setup(failed_dump_is_not_an_empty_one, enter),
		WITH_VETH(link_attributes),
		WITH_VETH(link_without_carrier),
		WITH_VETH(link_without_ethernet_header),
		WITH_VETH(link_without_any_header),
		WITH_VETH(missing_link_is_a_link_with_index_0),
		WITH_VETH(link_made_anew_has_its_new_index),
		cmocka_unit_test(name_too_long_is_refused),
		cmocka_unit_test_setup(many_links_and_addresses, enter),
		WITH_VETH(address_is_the_local_one_not_the_peer),
		WITH_VETH(address_lengths_and_states),
		WITH_VETH(other_interfaces_give_their_addresses),
		WITH_VETH(routes_of_the_named_links),
		WITH_VETH(routes_that_do_not_count),
		WITH_VETH(each_hop_of_a_multipath_route),
		WITH_VETH(ipv4_route_by_way_of_an_ipv6_router),
		WITH_VETH(route_of_a_link_without_carrier_stays),
		WITH_VETH(neighbours_with_address_and_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
