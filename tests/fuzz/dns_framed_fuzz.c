// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What clients may send over TCP: any octets in any pieces, to the reader of messages behind their lengths and the resolver behind it.
 *
 * Input: flags (enum way), octets of a piece, then the stream. What must hold: a twin finds the messages in it; each up to the first fault gets one answer, and
 * none gets two; where the stream ends in a fault, fewer may be heard; each answer is whole and read to its last octet; the connection goes when both are done.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns_connection.h"

#define IDS_MAX 512 /* messages in what a fuzzer sends */

struct twin {
	__u16 ids[IDS_MAX]; /* due, n */
	size_t n;
	bool has_fault;
};

static struct twin twin_read(const struct heard *say)
{
	struct twin twin = {0};
	size_t at = 0;

	while (say->n - at >= PREFIX && !twin.has_fault && twin.n < IDS_MAX) {
		size_t n = dns_get16(say->octets + at);
		struct dns_query query;

		at += PREFIX;
		twin.has_fault = n < DNS_HEADER || n > LIMIT_DNS_QUERY_BYTES;
		if (twin.has_fault || n > say->n - at)
			break;
		/* What is no question gets no answer. */
		twin.has_fault = dns_query_parse(say->octets + at, n, &query) < 0;
		if (!twin.has_fault)
			twin.ids[twin.n++] = dns_get16(say->octets + at);
		at += n;
	}
	return twin;
}

static void twin_take(struct twin *twin, __u16 id)
{
	size_t i = 0;

	while (i < twin->n && twin->ids[i] != id)
		i++;
	assert(i < twin->n);
	twin->ids[i] = twin->ids[--twin->n];
}

static void message_check(const __u8 *message, size_t n)
{
	struct dns_cursor cursor;
	struct dns_record record;
	int ret;

	assert(!dns_cursor_begin(message, n, &cursor) && cursor.flags & DNS_QR);
	while ((ret = dns_cursor_next(&cursor, &record)) > 0)
		;
	assert(!ret && cursor.at == n);
}

static void heard_check(const struct heard *heard, struct twin *twin)
{
	size_t at = 0;

	while (at < heard->n) {
		size_t n;

		assert(heard->n - at >= PREFIX);
		n = dns_get16(heard->octets + at);
		at += PREFIX;
		assert(heard->n - at >= n);
		message_check(heard->octets + at, n);
		twin_take(twin, dns_get16(heard->octets + at));
		at += n;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {.data = data, .size = size};
	enum way ways = fuzz_u8(&input) & (WAY_HOLD | WAY_LEAVE);
	size_t piece = fuzz_u8(&input);
	struct heard say = {.n = input.size}, heard;
	struct twin twin;

	world_begin(&connection_kind_plain);
	/* Of its own, so that what is read beyond it is seen. */
	say.octets = malloc(say.n + !say.n);
	assert(say.octets);
	memcpy(say.octets, input.data, say.n);
	twin = twin_read(&say);
	heard = converse(&say, piece, ways);
	heard_check(&heard, &twin);
	if (!twin.has_fault && !(ways & WAY_LEAVE))
		assert(!twin.n);
	free(heard.octets);
	free(say.octets);
	return 0;
}
