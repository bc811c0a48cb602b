// SPDX-License-Identifier: GPL-2.0-or-later
#include "inward.h"

#include <errno.h>
#include <string.h>

#include "cleanup.h"

/* RFC 9460: parameters of HTTPS and SVCB. */
#define PARAM_IPV4HINT 4
#define PARAM_IPV6HINT 6

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

/* Addresses of @size octets each, one behind the other. */
static bool list_is_inward(const __u8 *data, size_t length, size_t size)
{
	if (length % size)
		return true;
	for (size_t at = 0; at < length; at += size) {
		struct ip_addr addr = V4(0);

		memcpy(&addr.b[16 - size], data + at, size);
		if (dns_addr_is_inward(&addr))
			return true;
	}
	return false;
}

/* Priority, target, then parameters: key, length, value (RFC 9460 section 2.2). The target is never compressed. */
static bool hints_are_inward(struct dns_reply reply, const struct dns_record *record)
{
	size_t end = (size_t)record->data_at + record->data_length;
	int at = record->data_length > 2 ? dns_name_skip(reply.message, end, record->data_at + 2u)
					 : -1;

	if (at < 0)
		return true;
	for (size_t p = (size_t)at, n; p < end; p += 4 + n) {
		const __u8 *param = reply.message + p;

		if (p + 4 > end)
			return true;
		n = dns_get16(param + 2);
		if (p + 4 + n > end)
			return true;
		if (dns_get16(param) == PARAM_IPV4HINT && list_is_inward(param + 4, n, 4))
			return true;
		if (dns_get16(param) == PARAM_IPV6HINT && list_is_inward(param + 4, n, 16))
			return true;
	}
	return false;
}

static bool record_is_inward(struct dns_reply reply, const struct dns_record *record)
{
	const __u8 *data = reply.message + record->data_at;

	switch (record->type) {
	case DNS_A:
		return list_is_inward(data, record->data_length, 4);
	case DNS_AAAA:
		return list_is_inward(data, record->data_length, 16);
	case DNS_HTTPS:
	case DNS_SVCB:
		return hints_are_inward(reply, record);
	default:
		return false;
	}
}

bool dns_reply_is_inward(struct dns_reply reply)
{
	struct dns_cursor cursor;
	struct dns_record record;
	int ret = dns_cursor_begin(reply.message, reply.length, &cursor);

	while (!ret && (ret = dns_cursor_next(&cursor, &record)) > 0)
		ret = record_is_inward(reply, &record) ? -EBADMSG : 0;
	return ret < 0;
}
