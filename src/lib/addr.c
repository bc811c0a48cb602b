// SPDX-License-Identifier: GPL-2.0-or-later
#include "addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const __u8 v4_prefix[12] = {[10] = 0xff, [11] = 0xff};

struct ip_addr ip_addr_from_v4(__be32 v4)
{
	struct ip_addr addr;

	memcpy(addr.b, v4_prefix, sizeof(v4_prefix));
	memcpy(addr.b + 12, &v4, sizeof(v4));
	return addr;
}

struct ip_addr ip_addr_from_v6(const __u8 v6[16])
{
	struct ip_addr addr;

	memcpy(addr.b, v6, sizeof(addr.b));
	return addr;
}

bool ip_addr_is_v4(const struct ip_addr *addr)
{
	return !memcmp(addr->b, v4_prefix, sizeof(v4_prefix));
}

bool ip_addr_is_zero(const struct ip_addr *addr)
{
	static const __u8 zero[16];

	return !memcmp(addr->b, zero, 16) ||
	       (ip_addr_is_v4(addr) && !memcmp(addr->b + 12, zero, 4));
}

bool ip_addr_equal(const struct ip_addr *a, const struct ip_addr *b)
{
	return ip_addr_compare(a, b) == 0;
}

int ip_addr_compare(const struct ip_addr *a, const struct ip_addr *b)
{
	return memcmp(a->b, b->b, sizeof(a->b));
}

__be32 ip_addr_v4(const struct ip_addr *addr)
{
	__be32 v4;

	memcpy(&v4, addr->b + 12, sizeof(v4));
	return v4;
}

bool ip_addr_is_private(const struct ip_addr *addr)
{
	static const char *const nets[] = {"10.0.0.0/8",    "172.16.0.0/12",  "192.168.0.0/16",
					   "100.64.0.0/10", "169.254.0.0/16", "fc00::/7",
					   "fe80::/10"};

	for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]); i++) {
		struct ip_net net;

		if (!ip_net_parse(nets[i], &net) && ip_net_contains(&net, addr))
			return true;
	}
	return false;
}

int ip_addr_parse(const char *text, struct ip_addr *ret_addr)
{
	__be32 v4;
	__u8 v6[16];

	if (inet_pton(AF_INET, text, &v4) == 1)
		*ret_addr = ip_addr_from_v4(v4);
	else if (inet_pton(AF_INET6, text, v6) == 1)
		*ret_addr = ip_addr_from_v6(v6);
	else
		return -EINVAL;
	return 0;
}

int ip_net_parse(const char *text, struct ip_net *ret_net)
{
	const char *slash = strchr(text, '/');
	char address[IP_TEXT_MAX], *end;
	struct ip_addr addr;
	struct ip_net net;
	long length, max;

	if (!slash)
		slash = text + strlen(text);
	if ((size_t)(slash - text) >= sizeof(address))
		return -EINVAL;
	memcpy(address, text, (size_t)(slash - text));
	address[slash - text] = '\0';
	if (ip_addr_parse(address, &addr))
		return -EINVAL;
	length = max = ip_addr_is_v4(&addr) ? 32 : 128;
	if (*slash) {
		if (slash[1] < '0' || slash[1] > '9')
			return -EINVAL;
		length = strtol(slash + 1, &end, 10);
		if (*end || length > max)
			return -EINVAL;
	}
	net = ip_net_of(&addr, (__u8)length);
	if (!ip_addr_equal(&net.addr, &addr))
		return -EDOM;
	*ret_net = net;
	return 0;
}

const char *ip_addr_format(const struct ip_addr *addr, char *text)
{
	if (ip_addr_is_v4(addr))
		inet_ntop(AF_INET, addr->b + 12, text, IP_TEXT_MAX);
	else
		inet_ntop(AF_INET6, addr->b, text, IP_TEXT_MAX);
	return text;
}

const char *ip_net_format(const struct ip_net *net, char *text)
{
	size_t used;

	ip_addr_format(&net->addr, text);
	used = strlen(text);
	snprintf(text + used, IP_TEXT_MAX - used, "/%u", net->length);
	return text;
}

bool ip_net_contains(const struct ip_net *net, const struct ip_addr *addr)
{
	struct ip_net other;

	if (ip_addr_is_v4(&net->addr) != ip_addr_is_v4(addr))
		return false;
	other = ip_net_of(addr, net->length);
	return ip_addr_equal(&other.addr, &net->addr);
}

bool ip_net_equal(const struct ip_net *a, const struct ip_net *b)
{
	return a->length == b->length && ip_addr_equal(&a->addr, &b->addr);
}

bool ip_net_overlaps(const struct ip_net *a, const struct ip_net *b)
{
	return ip_net_contains(a, &b->addr) || ip_net_contains(b, &a->addr);
}

struct ip_net ip_net_of(const struct ip_addr *addr, __u8 length)
{
	struct ip_net net = {.addr = *addr, .length = length};
	unsigned int bits = ip_addr_is_v4(addr) ? 96u + length : length;

	for (unsigned int i = 0; i < 16; i++) {
		if (bits >= (i + 1) * 8)
			continue;
		net.addr.b[i] &= bits <= i * 8 ? 0 : (__u8)(0xff << ((i + 1) * 8 - bits));
	}
	return net;
}
