// SPDX-License-Identifier: GPL-2.0-or-later
#include "addr_class.h"

#include "cleanup.h"

enum addr_class addr_class_of(const struct ip_addr *addr)
{
	static const struct {
		const char *net;
		enum addr_class class;
	} table[] = {
		{"10.0.0.0/8", ADDR_PRIVATE},
		{"172.16.0.0/12", ADDR_PRIVATE},
		{"192.168.0.0/16", ADDR_PRIVATE},
		{"100.64.0.0/10", ADDR_SHARED},
		{"0.0.0.0/8", ADDR_RESERVED},
		{"127.0.0.0/8", ADDR_RESERVED},
		{"169.254.0.0/16", ADDR_RESERVED},
		/* RFC 6333 and 7335: between a host and its provider's translator. */
		{"192.0.0.0/24", ADDR_RESERVED},
		/* Benchmarks by RFC 2544; in houses it is what proxies answer names with (fake-IP). */
		{"198.18.0.0/15", ADDR_RESERVED},
		{"224.0.0.0/3", ADDR_RESERVED},
	};

	if (!ip_addr_is_v4(addr))
		return ADDR_RESERVED;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct ip_net net;

		if (!ip_net_parse(table[i].net, &net) && ip_net_contains(&net, addr))
			return table[i].class;
	}
	return ADDR_PUBLIC;
}

const char *addr_class_words(enum addr_class class)
{
	static const char *const words[] = {
		[ADDR_PUBLIC] = "public",
		[ADDR_PRIVATE] = "in a private network (RFC 1918)",
		[ADDR_SHARED] =
			"in 100.64.0.0/10, which providers share among customers (RFC 6598)",
		[ADDR_RESERVED] = "reserved for other uses (RFC 6890)",
	};

	return words[class];
}
