// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules of others, made with the tools that people use, as foreign_rules() finds them in the kernel. */
#include <string.h>

#include "foreign.h"
#include "guard.h"
#include "place.h"
#include "test.h"

/* The lines about what is there now; freed by the caller. */
static struct strbuf find(struct place *place)
{
	struct strbuf lines = {0};
	int ret = foreign_rules(&place->plan, &lines, &place->why);

	if (ret)
		fail_msg("%s: %s", strerror(-ret), strbuf_text(&place->why));
	return lines;
}

static void expect(struct place *place, const char *want)
{
	_strbuf_ struct strbuf lines = find(place);

	assert_string_equal(strbuf_text(&lines), want);
}

static void nothing_is_found_where_nothing_is(void **state)
{
	expect(*state, "");
}

static void our_own_table_is_not_foreign(void **state)
{
	struct place *place = *state;
	struct guard guard = {0};

	assert_int_equal(guard_apply(&guard, &place->plan, &place->why), 0);
	guard_fini(&guard);
	expect(place, "");
}

static void nft_rules_are_listed_in_nft_s_words(void **state)
{
	place_run(
		"nft add table inet fw && "
		"nft add chain inet fw forw '{ type filter hook forward priority 0; policy drop; }' && "
		"nft add rule inet fw forw ct state established accept && "
		"nft add rule inet fw forw tcp dport 25 counter reject && "
		"nft add table ip nat && "
		"nft add chain ip nat post '{ type nat hook postrouting priority 100; }' && "
		"nft add rule ip nat post oifname wan masquerade && "
		"nft add rule ip nat post oifname tun0 masquerade");
	expect(*state, "table inet fw, chain forw: policy drop\n"
		       "table inet fw, chain forw: tcp dport 25 counter reject\n"
		       "table ip nat, chain post: oifname \"wan\" masquerade\n");
}

static void rules_of_iptables_nft_are_found(void **state)
{
	place_run("iptables-nft -P FORWARD DROP && iptables-nft -A FORWARD -j REJECT && "
		  "iptables-nft -t nat -A POSTROUTING -o wan -j MASQUERADE && "
		  "iptables-nft -t nat -N PORTS && iptables-nft -t nat -A PREROUTING -j PORTS && "
		  "iptables-nft -t nat -A PORTS -p tcp --dport 80 -j DNAT --to 192.168.11.9");
	expect(*state, "table ip filter, chain FORWARD: policy drop\n"
		       "table ip filter, chain FORWARD: counter reject\n"
		       "table ip nat, chain POSTROUTING: oifname \"wan\" counter masquerade\n"
		       "table ip nat, chain PORTS: tcp dport 80 counter dnat to 192.168.11.9\n");
}

static void rules_of_the_old_iptables_are_found(void **state)
{
	place_run("iptables-legacy -A INPUT -p tcp --dport 22 -j ACCEPT");
	expect(*state, "");
	place_run(
		"iptables-legacy -P FORWARD DROP && iptables-legacy -t nat -A POSTROUTING -j MASQUERADE "
		"&& ip6tables-legacy -A FORWARD -j DROP");
	expect(*state, "iptables-legacy, table nat, chain POSTROUTING: has rules\n"
		       "iptables-legacy, table filter, chain FORWARD: policy drop\n"
		       "ip6tables-legacy, table filter, chain FORWARD: has rules\n");
}

/* Only the hooks of the plan's own devices matter. */
static void ingress_hooks_count_on_our_devices(void **state)
{
	place_run(
		"nft add table netdev n && ip link set br-other up && "
		"nft add chain netdev n mine '{ type filter hook ingress device wan priority 0; policy "
		"drop; }' && nft add chain netdev n theirs '{ type filter hook ingress device lan2-peer "
		"priority 0; policy drop; }'");
	expect(*state, "table netdev n, chain mine: policy drop\n");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, place_setup, place_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_found_where_nothing_is),   TEST(our_own_table_is_not_foreign),
		TEST(nft_rules_are_listed_in_nft_s_words), TEST(rules_of_iptables_nft_are_found),
		TEST(rules_of_the_old_iptables_are_found), TEST(ingress_hooks_count_on_our_devices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
