// SPDX-License-Identifier: GPL-2.0-or-later
#include "inward.h"

#include <string.h>

#include "addresses.h"
#include "cleanup.h"

#define V4(...)                                                \
	{                                                      \
		.b = { [10] = 0xff, [11] = 0xff, __VA_ARGS__ } \
	}

/* As struct ip_addr has them, with the bits that count out of 128: an answer is asked about each of its addresses, and texts would be parsed anew each time. */
static const struct {
	struct ip_addr addr;
	unsigned int bits;
} nets[] = {
	{V4(0), 96 + 8},
	{V4(10), 96 + 8},
	{V4(100, 64), 96 + 10},
	{V4(127), 96 + 8},
	{V4(169, 254), 96 + 16},
	{V4(172, 16), 96 + 12},
	{V4(192, 168), 96 + 16},
	{{.b = {0}}, 96},
	{{.b = {0xfc}}, 7},
	{{.b = {0xfe, 0x80}}, 10},
	{{.b = {0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}}, 48},
};

static const __u8 nat64[12] = {0x00, 0x64, 0xff, 0x9b};

static bool is_in(const struct ip_addr *addr, const struct ip_addr *net, unsigned int bits)
{
	unsigned int whole = bits / 8, rest = bits % 8;

	if (memcmp(addr->b, net->b, whole))
		return false;
	return !rest || !((addr->b[whole] ^ net->b[whole]) >> (8 - rest));
}

bool dns_addr_is_inward(const struct ip_addr *addr)
{
	struct ip_addr v4 = V4(0);

	for (size_t i = 0; i < ARRAY_SIZE(nets); i++) {
		if (is_in(addr, &nets[i].addr, nets[i].bits))
			return true;
	}
	if (memcmp(addr->b, nat64, sizeof(nat64)))
		return false;
	memcpy(&v4.b[12], &addr->b[12], 4);
	return dns_addr_is_inward(&v4);
}

static bool is_inward(void *data, const struct ip_addr *addr)
{
	(void)data;
	return dns_addr_is_inward(addr);
}

bool dns_reply_is_inward(struct dns_reply reply)
{
	return dns_reply_addresses(reply, is_inward, NULL) != 0;
}
