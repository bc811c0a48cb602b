// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The prefix table asked as the data plane asks it: which entry of a set is the longest that holds an address, with IPv4
 * addresses as ::ffff:a.b.c.d. The entries themselves are compared in plan_test.c.
 */
#include "plan_fixture.h"

/* Bits of a key that an entry fixes: its set, and its part of the address. */
static bool entry_holds(const struct plan_prefix *entry, __u32 set, const struct ip_addr *addr)
{
	unsigned int bits = entry->key.prefixlen - 32;

	if (entry->key.set != set)
		return false;
	for (unsigned int bit = 0; bit < bits; bit++) {
		__u8 mask = (__u8)(0x80 >> bit % 8);

		if ((entry->key.addr[bit / 8] ^ addr->b[bit / 8]) & mask)
			return false;
	}
	return true;
}

static const struct plan_prefix *find(const struct plan *plan, __u32 set, const char *text)
{
	const struct plan_prefix *longest = NULL;
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	for (size_t i = 0; i < plan->n_prefixes; i++) {
		const struct plan_prefix *entry = &plan->prefixes[i];

		if (entry_holds(entry, set, &addr) &&
		    (!longest || entry->key.prefixlen > longest->key.prefixlen))
			longest = entry;
	}
	return longest;
}

#define ALLOW(list)                          \
	SERVICES("  - name: web\n"           \
		 "    host: 192.168.11.20\n" \
		 "    ports: [80/tcp]\n"     \
		 "    allow: [" list "]\n")

static const struct {
	const char *conf, *yes[6], *no[6];
} allow_cases[] = {
	{ALLOW("198.51.100.0/24"),
	 {"198.51.100.0", "198.51.100.255"},
	 {"198.51.101.0", "::", "2001:db8::1"}},
	{ALLOW("0.0.0.0/0"),
	 {"0.0.0.1", "255.255.255.254"},
	 {"::", "::fffe:0:1", "::1:0:0:1", "2001:db8::1"}},
	{ALLOW("\"::/0\""),
	 {"::1", "2001:db8::1", "::fffe:ffff:ffff", "::1:0:0:0", "ffff:ffff::", "8000::"},
	 {"0.0.0.0", "127.255.255.255", "128.0.0.0", "198.51.100.7", "255.255.255.255"}},
	{ALLOW("\"::/0\", 198.51.100.0/24"),
	 {"2001:db8::1", "198.51.100.7"},
	 {"198.51.101.7", "203.0.113.5"}},
	{ALLOW("\"::/80\""), {"::1", "::fffe:0:1"}, {"198.51.100.7", "::1:0:0:1", "2001:db8::1"}},
	{ALLOW("\"::fff0:0:0/92\""),
	 {"::fff0:0:1", "::fffe:0:1"},
	 {"198.51.100.7", "::1", "::ffef:0:1"}},
	{ALLOW("\"::/81\""), {"::1", "::7fff:0:1"}, {"198.51.100.7", "::8000:0:1"}},
};

static void test_allow(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(allow_cases); i++) {
		_plan_ struct plan *plan = plan_of(allow_cases[i].conf, USUAL);

		for (size_t j = 0; j < 6 && allow_cases[i].yes[j]; j++) {
			print_message("# %zu: %s\n", i, allow_cases[i].yes[j]);
			assert_non_null(find(plan, 1, allow_cases[i].yes[j]));
		}
		for (size_t j = 0; j < 6 && allow_cases[i].no[j]; j++) {
			print_message("# %zu: not %s\n", i, allow_cases[i].no[j]);
			assert_null(find(plan, 1, allow_cases[i].no[j]));
		}
	}
}

/* A tunnel in the LAN that takes half of the internet over IPv6 has nothing of IPv4. */
static void test_wide_route(void **state _unused_)
{
	_plan_ struct plan *plan = plan_of(HEAD, FACTS(WAN "," LAN "," GUEST, ROUTE("::/1", 3, 0)));
	const struct plan_prefix *entry = find(plan, 0, "2001:db8::1");

	assert_non_null(entry);
	assert_int_equal(entry->prefix.kind, HP_NET_LAN);
	assert_int_equal(entry->prefix.ifindex, 3);
	assert_null(find(plan, 0, "8000::1"));
	assert_null(find(plan, 0, "198.51.100.7"));
	assert_non_null(find(plan, 0, "192.168.11.20"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_allow),
		cmocka_unit_test(test_wide_route),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
