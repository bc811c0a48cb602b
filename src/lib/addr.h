/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One type for IPv4 and IPv6 addresses: 16 octets, IPv4 as ::ffff:a.b.c.d. Code that does not care about the
 * family never asks.
 */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

struct ip_addr {
	__u8 b[16];
};

/* A prefix. `length` counts bits of the family: 0..32 for IPv4, 0..128 for IPv6. */
struct ip_net {
	struct ip_addr addr;
	__u8 length;
};

/* Room for any text of ip_addr_format() and ip_net_format(), NUL included. */
#define IP_TEXT_MAX 50

struct ip_addr ip_addr_from_v4(__be32 v4);
struct ip_addr ip_addr_from_v6(const __u8 v6[16]);
bool ip_addr_is_v4(const struct ip_addr *addr);
bool ip_addr_is_zero(const struct ip_addr *addr); /* 0.0.0.0, :: or all-zero octets */
bool ip_addr_equal(const struct ip_addr *a, const struct ip_addr *b);
/* memcmp order. */
int ip_addr_compare(const struct ip_addr *a, const struct ip_addr *b);
/* The IPv4 address in network byte order; @addr must be IPv4. */
__be32 ip_addr_v4(const struct ip_addr *addr);
/* 10/8, 172.16/12, 192.168/16, 100.64/10 (RFC 6598), 169.254/16, fc00::/7, fe80::/10. */
bool ip_addr_is_private(const struct ip_addr *addr);

/* Both return 0 or -EINVAL; a prefix may be an address alone (full length). Host bits must be zero,
 * else -EDOM, so that "192.168.1.5/24" is refused with words of its own. */
int ip_addr_parse(const char *text, struct ip_addr *ret_addr);
int ip_net_parse(const char *text, struct ip_net *ret_net);

/* Both write into @text (IP_TEXT_MAX) and return it. */
const char *ip_addr_format(const struct ip_addr *addr, char *text);
const char *ip_net_format(const struct ip_net *net, char *text);

bool ip_net_contains(const struct ip_net *net, const struct ip_addr *addr);
bool ip_net_equal(const struct ip_net *a, const struct ip_net *b);
/* They share an address: one holds the other. */
bool ip_net_overlaps(const struct ip_net *a, const struct ip_net *b);
/* The address with its host bits cleared, as a prefix. */
struct ip_net ip_net_of(const struct ip_addr *addr, __u8 length);
