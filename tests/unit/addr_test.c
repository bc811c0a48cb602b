// SPDX-License-Identifier: GPL-2.0-or-later
#include "addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"

static struct ip_addr addr_of(const char *text)
{
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	return addr;
}

static struct ip_net net_of(const char *text)
{
	struct ip_net net;

	assert_int_equal(ip_net_parse(text, &net), 0);
	return net;
}

static const struct {
	const char *text;
	const char *printed; /* NULL: refused */
	bool v4, zero, private;
} addrs[] = {
	{"0.0.0.0", "0.0.0.0", .v4 = true, .zero = true},
	{"192.0.2.1", "192.0.2.1", .v4 = true},
	{"255.255.255.255", "255.255.255.255", .v4 = true},
	{"::ffff:192.0.2.1", "192.0.2.1", .v4 = true},
	{"::", "::", .zero = true},
	{"::1", "::1"},
	{"2001:DB8:0:0::20", "2001:db8::20"},
	{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
	{"10.0.0.0", "10.0.0.0", .v4 = true, .private = true},
	{"9.255.255.255", "9.255.255.255", .v4 = true},
	{"11.0.0.0", "11.0.0.0", .v4 = true},
	{"172.15.255.255", "172.15.255.255", .v4 = true},
	{"172.31.255.255", "172.31.255.255", .v4 = true, .private = true},
	{"172.32.0.0", "172.32.0.0", .v4 = true},
	{"192.168.0.1", "192.168.0.1", .v4 = true, .private = true},
	{"192.169.0.0", "192.169.0.0", .v4 = true},
	{"100.63.255.255", "100.63.255.255", .v4 = true},
	{"100.64.0.0", "100.64.0.0", .v4 = true, .private = true},
	{"100.127.255.255", "100.127.255.255", .v4 = true, .private = true},
	{"100.128.0.0", "100.128.0.0", .v4 = true},
	{"169.254.1.1", "169.254.1.1", .v4 = true, .private = true},
	{"fc00::1", "fc00::1", .private = true},
	{"fdff::1", "fdff::1", .private = true},
	{"fe00::1", "fe00::1"},
	{"fe80::1", "fe80::1", .private = true},
	{"fec0::1", "fec0::1"},
	{"", NULL},
	{"192.0.2", NULL},
	{"192.0.2.256", NULL},
	{"192.0.2.1 ", NULL},
	{"192.0.2.1/32", NULL},
	{"2001:db8::1::2", NULL},
	{"fe80::1%eth0", NULL},
	{"example.com", NULL},
};

static void test_addr(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(addrs); i++) {
		struct ip_addr addr = {{42}}, untouched = addr;
		char text[IP_TEXT_MAX];

		if (!addrs[i].printed) {
			assert_int_equal(ip_addr_parse(addrs[i].text, &addr), -EINVAL);
			assert_memory_equal(&addr, &untouched, sizeof(addr));
			continue;
		}
		assert_int_equal(ip_addr_parse(addrs[i].text, &addr), 0);
		assert_string_equal(ip_addr_format(&addr, text), addrs[i].printed);
		assert_int_equal(ip_addr_is_v4(&addr), addrs[i].v4);
		assert_int_equal(ip_addr_is_zero(&addr), addrs[i].zero);
		assert_int_equal(ip_addr_is_private(&addr), addrs[i].private);
	}
}

static void test_addr_families(void **state _unused_)
{
	static const __u8 v6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 0x20};
	struct ip_addr four = ip_addr_from_v4(htonl(0xc0000201)), six = ip_addr_from_v6(v6);
	struct ip_addr parsed = addr_of("192.0.2.1");

	assert_true(ip_addr_equal(&four, &parsed));
	assert_int_equal(ip_addr_v4(&four), htonl(0xc0000201));
	parsed = addr_of("2001:db8::20");
	assert_true(ip_addr_equal(&six, &parsed));
	assert_false(ip_addr_equal(&four, &six));
	assert_true(ip_addr_compare(&four, &six) < 0);
	assert_true(ip_addr_compare(&six, &four) > 0);
	assert_int_equal(ip_addr_compare(&six, &parsed), 0);
}

static const struct {
	const char *text;
	int ret;
	const char *printed;
} nets[] = {
	{"192.168.11.0/24", 0, "192.168.11.0/24"},
	{"192.168.11.7", 0, "192.168.11.7/32"},
	{"0.0.0.0/0", 0, "0.0.0.0/0"},
	{"192.168.11.7/32", 0, "192.168.11.7/32"},
	{"192.168.11.6/31", 0, "192.168.11.6/31"},
	{"128.0.0.0/1", 0, "128.0.0.0/1"},
	{"::/0", 0, "::/0"},
	{"2001:db8::/32", 0, "2001:db8::/32"},
	{"2001:db8::1", 0, "2001:db8::1/128"},
	{"2001:db8:8000::/33", 0, "2001:db8:8000::/33"},
	{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", 0,
	 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"},
	{"192.168.11.7/24", -EDOM, NULL},
	{"192.168.11.7/31", -EDOM, NULL},
	{"1.0.0.0/0", -EDOM, NULL},
	{"2001:db8::1/127", -EDOM, NULL},
	{"2001:db8:8000::/32", -EDOM, NULL},
	{"192.168.11.0/33", -EINVAL, NULL},
	{"2001:db8::/129", -EINVAL, NULL},
	{"192.168.11.0/", -EINVAL, NULL},
	{"192.168.11.0/-1", -EINVAL, NULL},
	{"192.168.11.0/+8", -EINVAL, NULL},
	{"192.168.11.0/ 24", -EINVAL, NULL},
	{"192.168.11.0/24x", -EINVAL, NULL},
	{"192.168.11.0/24/8", -EINVAL, NULL},
	{"192.168.11.0/99999999999999999999", -EINVAL, NULL},
	{"192.168.11.0/255.255.255.0", -EINVAL, NULL},
	{"/24", -EINVAL, NULL},
	{"", -EINVAL, NULL},
	{"a-name-that-is-longer-than-the-longest-address-of-all/24", -EINVAL, NULL},
};

static void test_net(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(nets); i++) {
		struct ip_net net = {.length = 42}, untouched = net;
		char text[IP_TEXT_MAX];

		assert_int_equal(ip_net_parse(nets[i].text, &net), nets[i].ret);
		if (nets[i].ret)
			assert_memory_equal(&net, &untouched, sizeof(net));
		else
			assert_string_equal(ip_net_format(&net, text), nets[i].printed);
	}
}

static const struct {
	const char *net, *addr;
	bool contains;
} contained[] = {
	{"192.168.11.0/24", "192.168.11.0", true},
	{"192.168.11.0/24", "192.168.11.255", true},
	{"192.168.11.0/24", "192.168.12.0", false},
	{"192.168.11.0/24", "192.168.10.255", false},
	{"192.168.11.4/30", "192.168.11.7", true},
	{"192.168.11.4/30", "192.168.11.8", false},
	{"192.168.11.7/32", "192.168.11.7", true},
	{"192.168.11.7/32", "192.168.11.6", false},
	{"0.0.0.0/0", "255.255.255.255", true},
	/* One family's everything is not the other's. */
	{"0.0.0.0/0", "::1", false},
	{"::/0", "192.0.2.1", false},
	{"::/0", "2001:db8::1", true},
	{"2001:db8::/33", "2001:db8:7fff::", true},
	{"2001:db8::/33", "2001:db8:8000::", false},
};

static void test_contains(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(contained); i++) {
		struct ip_net net = net_of(contained[i].net);
		struct ip_addr addr = addr_of(contained[i].addr);

		assert_int_equal(ip_net_contains(&net, &addr), contained[i].contains);
	}
}

static void test_net_equal(void **state _unused_)
{
	struct ip_net a = net_of("10.0.0.0/8"), b = net_of("10.0.0.0/9"), c = net_of("10.0.0.0/8");
	struct ip_net d = net_of("11.0.0.0/8");

	assert_true(ip_net_equal(&a, &c));
	assert_false(ip_net_equal(&a, &b));
	assert_false(ip_net_equal(&a, &d));
}

static const struct {
	const char *a, *b;
	bool overlaps;
} overlapping[] = {
	{"192.168.11.0/24", "192.168.11.0/24", true},
	{"192.168.0.0/16", "192.168.11.0/24", true},
	{"192.168.11.0/24", "192.168.11.128/25", true},
	{"192.168.11.0/25", "192.168.11.128/25", false},
	{"192.168.11.0/24", "192.168.12.0/24", false},
	{"192.168.11.7/32", "192.168.11.0/24", true},
	{"2001:db8::/32", "2001:db8:8000::/33", true},
	{"2001:db8::/33", "2001:db8:8000::/33", false},
	{"0.0.0.0/0", "::/0", false},
	{"0.0.0.0/0", "203.0.113.0/24", true},
};

static void test_net_overlaps(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(overlapping); i++) {
		struct ip_net a = net_of(overlapping[i].a), b = net_of(overlapping[i].b);

		assert_int_equal(ip_net_overlaps(&a, &b), overlapping[i].overlaps);
		assert_int_equal(ip_net_overlaps(&b, &a), overlapping[i].overlaps);
	}
}

static unsigned int bit_of(const struct ip_addr *addr, unsigned int bit)
{
	return addr->b[bit / 8] >> (7 - bit % 8) & 1;
}

/* ip_net_of() bit by bit, for random addresses of both families and every length. */
static void test_net_of(void **state _unused_)
{
	unsigned int seed = 4787;

	for (unsigned int i = 0; i < 4000; i++) {
		bool v4 = i % 2;
		unsigned int family = v4 ? 32 : 128, length = i / 2 % (family + 1);
		struct ip_addr addr = addr_of(v4 ? "0.0.0.0" : "2001::");
		struct ip_net net;

		for (unsigned int j = v4 ? 12 : 2; j < 16; j++)
			addr.b[j] = (__u8)rand_r(&seed);
		net = ip_net_of(&addr, (__u8)length);
		assert_int_equal(net.length, length);
		for (unsigned int bit = 0; bit < 128; bit++) {
			bool host_bit = bit >= 128 - family + length;

			assert_int_equal(bit_of(&net.addr, bit), host_bit ? 0 : bit_of(&addr, bit));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addr),	  cmocka_unit_test(test_addr_families),
		cmocka_unit_test(test_net),	  cmocka_unit_test(test_contains),
		cmocka_unit_test(test_net_equal), cmocka_unit_test(test_net_overlaps),
		cmocka_unit_test(test_net_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
