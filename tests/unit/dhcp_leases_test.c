// SPDX-License-Identifier: GPL-2.0-or-later
/* The file of leases: what dnsmasq writes, what clients may have put in it, and half of it. */
#include "leases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "strbuf.h"

#define MAC "52:54:00:12:34:56"

static const struct {
	const char *text, *leases; /* "address name expiry" of each */
} cases[] = {
	{"", ""},
	{"1700000000 " MAC " 192.168.11.100 laptop 01:" MAC "\n",
	 "192.168.11.100 laptop 1700000000;"},
	{"0 " MAC " 192.168.11.100 * *\n", "192.168.11.100  0;"},
	{"1 " MAC " 192.168.11.100 LapTop *\n2 " MAC " 192.168.11.101 * *\n",
	 "192.168.11.100 laptop 1;192.168.11.101  2;"},
	/* Names that are none, or that no host gets: the lease is there, without one. */
	{"1 " MAC " 192.168.11.100 a.b *\n", "192.168.11.100  1;"},
	{"1 " MAC " 192.168.11.100 -a *\n", "192.168.11.100  1;"},
	{"1 " MAC " 192.168.11.100 a_b *\n", "192.168.11.100  1;"},
	{"1 " MAC " 192.168.11.100 WPAD *\n", "192.168.11.100  1;"},
	{"1 " MAC " 192.168.11.100 localhost *\n", "192.168.11.100  1;"},
	{"1 " MAC " 192.168.11.100 isatap *\n", "192.168.11.100  1;"},
	{"1 " MAC " 192.168.11.100 gateway *\n", "192.168.11.100  1;"},
	{"1 " MAC " 192.168.11.100 1234 *\n", "192.168.11.100  1;"},
	{"1 " MAC " 192.168.11.100 a\xff *\n", "192.168.11.100  1;"},
	{"1 " MAC " 192.168.11.100 "
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa *\n",
	 "192.168.11.100  1;"},
	/* Those of IPv6 come behind a line of their own, other stations have their type in front. */
	{"duid 00:01:00:01\n1 123 2001:db8::1 x 00:01\n", ""},
	{"1 06-" MAC " 192.168.11.100 x *\n", ""},
	/* Neither half a line nor too much of one. */
	{"1 " MAC " 192.168.11.100 laptop *", ""},
	{"1 " MAC " 192.168.11.100 laptop\n", ""},
	{"1 " MAC " 192.168.11.100 laptop * *\n", ""},
	{"1 " MAC " 192.168.11 laptop *\n", ""},
	{"1 " MAC " ::ffff:192.168.11.100 laptop *\n", ""},
	{"x " MAC " 192.168.11.100 laptop *\n", ""},
	{"1x " MAC " 192.168.11.100 laptop *\n", ""},
	{"-1 " MAC " 192.168.11.100 laptop *\n", ""},
	{"1 52:54:00:12:34 192.168.11.100 laptop *\n", ""},
	{"1 " MAC ":78 192.168.11.100 laptop *\n", ""},
	{"\n\n1 " MAC " 192.168.11.100 laptop *\n", "192.168.11.100 laptop 1;"},
};

static void print(const struct dhcp_lease *leases, size_t n, struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < n; i++)
		strbuf_add(out, "%s %s %llu;", ip_addr_format(&leases[i].addr, text),
			   leases[i].name, (unsigned long long)leases[i].expires);
}

static void test_texts(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_free_ struct dhcp_lease *leases = NULL;
		_strbuf_ struct strbuf text = {0};
		size_t n = 99;

		assert_int_equal(
			dhcp_leases_parse(cases[i].text, strlen(cases[i].text), &leases, &n), 0);
		print(leases, n, &text);
		assert_string_equal(strbuf_text(&text), cases[i].leases);
	}
}

static void test_octets(void **state _unused_)
{
	static const char text[] =
		"1 " MAC " 192.168.11.100 a\0b *\n1 " MAC " 192.168.11.101 x *\n";
	_free_ struct dhcp_lease *leases = NULL;
	static const __u8 mac[6] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};
	size_t n;

	assert_int_equal(dhcp_leases_parse(text, sizeof(text) - 1, &leases, &n), 0);
	assert_int_equal(n, 1);
	assert_memory_equal(leases[0].mac, mac, sizeof(mac));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
