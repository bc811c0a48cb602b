// SPDX-License-Identifier: GPL-2.0-or-later
/* Prefixes inside prefixes, made into what a set of netfilter can hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "netfilter/ranges.h"
#include "netfilter_fixture.h"

static void are(const struct house *house, __u32 set, bool v4, const char *wanted)
{
	_ranges_ struct ranges ranges = {0};
	_strbuf_ struct strbuf text = {0};

	assert_int_equal(ranges_make(&house->plan, set, v4, &ranges), 0);
	for (size_t i = 0; i < ranges.n; i++) {
		range_format(&ranges.items[i], &text);
		strbuf_add(&text, " %u\n", ranges.items[i].prefix->kind);
	}
	assert_string_equal(strbuf_text(&text), wanted);
}

static void what_is_inside_is_cut_out(void **state)
{
	struct house house;

	(void)state;
	house_build(&house);
	are(&house, 0, true,
	    "192.168.0.0-192.168.11.0 1\n192.168.11.1 2\n192.168.11.2-192.168.11.255 1\n"
	    "192.168.12.0 1\n192.168.12.1 2\n192.168.12.2-192.168.12.255 1\n"
	    "192.168.13.0-192.168.255.255 1\n198.51.100.1 3\n");
	are(&house, 0, false,
	    "2001:db8:11::-2001:db8:11:0:ffff:ffff:ffff:ffff 1\n2001:db8:100::1 3\n");
	are(&house, 1, true, "203.0.113.0-203.0.113.255 4\n");
	are(&house, 1, false, "");
	are(&house, 7, true, "");
}

/* The address after the last one is the first. */
static void the_end_of_all_addresses_is_no_beginning(void **state)
{
	struct house house = {0};

	(void)state;
	house.plan.prefixes = house.prefixes;
	net_put(&house, 0, "ff00::/8", HP_NET_LAN, 0);
	net_put(&house, 0, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", HP_NET_LOCAL, 0);
	are(&house, 0, false,
	    "ff00::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe 1\n"
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2\n");
}

static void an_address_is_found_in_its_longest_prefix(void **state)
{
	struct house house;
	_ranges_ struct ranges ranges = {0};
	struct ip_addr guest = addr_of("192.168.12.9"), outside = addr_of("192.169.0.0");

	(void)state;
	house_build(&house);
	assert_int_equal(ranges_make(&house.plan, 0, true, &ranges), 0);
	assert_int_equal(ranges_find(&ranges, &guest)->ifindex, 4);
	assert_null(ranges_find(&ranges, &outside));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_inside_is_cut_out),
		cmocka_unit_test(the_end_of_all_addresses_is_no_beginning),
		cmocka_unit_test(an_address_is_found_in_its_longest_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
