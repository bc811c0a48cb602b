// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What of a request of HTTP is read without HTTP: any octets behind the "?" of a path, and any message as the answer whose age is told.
 *
 * Input: how much room there is, then the octets. What must hold: nothing is written beyond the room; what was read out of base64url is written again as it was, so
 * that no message has two ways to be written; no age is longer than what a record of the message says.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <hairpin/limits.h>

#include "doh_message.h"
#include "fuzz.h"

/* @octets in base64url, without "=", at @to. */
static size_t base64url_write(const __u8 *octets, size_t n, char *to)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	unsigned int word = 0, bits = 0;
	size_t length = 0;

	for (size_t i = 0; i < n; i++) {
		word = word << 8 | octets[i];
		for (bits += 8; bits >= 6; bits -= 6)
			to[length++] = digits[word >> (bits - 6) & 63];
	}
	if (bits)
		to[length++] = digits[word << (6 - bits) & 63];
	return length;
}

/* The value of the first "dns" in @query; NULL: there is none. */
static const char *value_find(const char *query, size_t length, size_t *ret_length)
{
	for (size_t at = 0; at + 4 <= length; at++) {
		const char *end;

		if ((at && query[at - 1] != '&') || memcmp(query + at, "dns=", 4) != 0)
			continue;
		end = memchr(query + at, '&', length - at);
		*ret_length = (end ? (size_t)(end - query) : length) - at - 4;
		return query + at + 4;
	}
	return NULL;
}

static void query_check(const char *query, size_t length, size_t room)
{
	__u8 *to = malloc(room + !room);
	ssize_t n;
	size_t value_length = 0, again_length;
	const char *value = value_find(query, length, &value_length);
	char *again;

	assert(to);
	n = doh_query_read(query, length, to, room);
	if (n < 0) {
		assert(n == -EINVAL || (n == -EFBIG && value && value_length / 4 * 3 + 2 > room));
		free(to);
		return;
	}
	assert(value && (size_t)n <= room);
	again = malloc((size_t)n / 3 * 4 + 4);
	assert(again);
	again_length = base64url_write(to, (size_t)n, again);
	assert(again_length == value_length && !memcmp(again, value, value_length));
	free(again);
	free(to);
}

static void age_check(const __u8 *message, size_t n)
{
	__u32 age_s = doh_max_age(message, n);
	struct dns_cursor cursor;
	struct dns_record record;

	if (!age_s)
		return;
	assert(!dns_cursor_begin(message, n, &cursor));
	while (dns_cursor_next(&cursor, &record) > 0)
		assert(record.section == DNS_ADDITIONAL || age_s <= record.ttl_s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {.data = data, .size = size};
	size_t room = fuzz_u16(&input) % (LIMIT_DNS_QUERY_BYTES + 1);
	__u8 *octets = malloc(input.size + !input.size);

	/* Of their own, so that what is read beyond them is seen. */
	assert(octets);
	memcpy(octets, input.data, input.size);
	query_check((const char *)octets, input.size, room);
	age_check(octets, input.size);
	free(octets);
	return 0;
}
