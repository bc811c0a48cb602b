// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "doh_message.h"

#define PARAMETER "dns="

static int digit_of(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -EINVAL;
}

/* One digit alone is no octet, and bits of the last that are no octet's have to be zero, so that a message is written in one way. */
static ssize_t base64url_read(const char *text, size_t length, __u8 *to, size_t room)
{
	unsigned int bits = 0, word = 0;
	size_t n = 0;

	if (length % 4 == 1)
		return -EINVAL;
	if (length / 4 * 3 > room)
		return -EFBIG;
	for (size_t i = 0; i < length; i++) {
		int digit = digit_of(text[i]);

		if (digit < 0)
			return digit;
		word = word << 6 | (unsigned int)digit;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		if (n == room)
			return -EFBIG;
		to[n++] = (__u8)(word >> bits);
	}
	return word & ((1u << bits) - 1) ? -EINVAL : (ssize_t)n;
}

ssize_t doh_query_read(const char *query, size_t length, __u8 *to, size_t room)
{
	const size_t n = strlen(PARAMETER);

	while (length) {
		const char *end = memchr(query, '&', length);
		size_t one = end ? (size_t)(end - query) : length;

		if (one >= n && !memcmp(query, PARAMETER, n))
			return base64url_read(query + n, one - n, to, room);
		one += end != NULL;
		query += one;
		length -= one;
	}
	return -EINVAL;
}

__u32 doh_max_age(const __u8 *message, size_t n)
{
	unsigned int rcode = n < DNS_HEADER ? DNS_SERVFAIL : DNS_RCODE(dns_get16(message + 2));
	struct dns_cursor cursor;
	struct dns_record record;
	__u32 age_s = UINT32_MAX;

	if ((rcode != DNS_NOERROR && rcode != DNS_NXDOMAIN) ||
	    dns_cursor_begin(message, n, &cursor))
		return 0;
	while (dns_cursor_next(&cursor, &record) > 0) {
		if (record.section != DNS_ADDITIONAL && record.ttl_s < age_s)
			age_s = record.ttl_s;
	}
	return age_s == UINT32_MAX ? 0 : age_s;
}
