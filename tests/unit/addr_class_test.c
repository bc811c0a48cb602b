// SPDX-License-Identifier: GPL-2.0-or-later
/* Who can be reached at an address: the table of networks, at both ends of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "addr_class.h"
#include "cleanup.h"

static void test_classes(void **state _unused_)
{
	static const struct {
		const char *addr;
		enum addr_class class;
	} rows[] = {
		{"9.255.255.255", ADDR_PUBLIC},
		{"10.0.0.0", ADDR_PRIVATE},
		{"10.255.255.255", ADDR_PRIVATE},
		{"11.0.0.0", ADDR_PUBLIC},
		{"172.15.255.255", ADDR_PUBLIC},
		{"172.16.0.0", ADDR_PRIVATE},
		{"172.31.255.255", ADDR_PRIVATE},
		{"172.32.0.0", ADDR_PUBLIC},
		{"192.167.255.255", ADDR_PUBLIC},
		{"192.168.0.0", ADDR_PRIVATE},
		{"192.168.255.255", ADDR_PRIVATE},
		{"192.169.0.0", ADDR_PUBLIC},
		{"100.63.255.255", ADDR_PUBLIC},
		{"100.64.0.0", ADDR_SHARED},
		{"100.127.255.255", ADDR_SHARED},
		{"100.128.0.0", ADDR_PUBLIC},
		{"0.0.0.0", ADDR_RESERVED},
		{"0.255.255.255", ADDR_RESERVED},
		{"1.0.0.0", ADDR_PUBLIC},
		{"127.0.0.1", ADDR_RESERVED},
		{"169.254.1.1", ADDR_RESERVED},
		{"192.0.0.8", ADDR_RESERVED},
		{"192.0.1.0", ADDR_PUBLIC},
		{"198.17.255.255", ADDR_PUBLIC},
		{"198.18.0.0", ADDR_RESERVED},
		{"198.19.255.255", ADDR_RESERVED},
		{"198.20.0.0", ADDR_PUBLIC},
		{"223.255.255.255", ADDR_PUBLIC},
		{"224.0.0.1", ADDR_RESERVED},
		{"255.255.255.255", ADDR_RESERVED},
		/* Documentation stands for the internet in labs. */
		{"192.0.2.1", ADDR_PUBLIC},
		{"203.0.113.1", ADDR_PUBLIC},
		{"2001:db8::1", ADDR_RESERVED},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ip_addr addr;

		assert_int_equal(ip_addr_parse(rows[i].addr, &addr), 0);
		if (addr_class_of(&addr) != rows[i].class)
			fail_msg("%s: %s", rows[i].addr, addr_class_words(addr_class_of(&addr)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_classes)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
