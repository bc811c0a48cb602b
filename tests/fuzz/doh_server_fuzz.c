// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What clients of DNS over HTTPS may send behind their handshake: frames of HTTP/2 of any kind, or any octets, in any pieces.
 *
 * Input: flags, octets of a piece; then the octets, or for each frame its type, flags, stream and length (an octet each) and what stands in it, so that a fuzzer
 * need not find lengths. What must hold: the server says whole frames, headers that can be read, a status that we have; where that is 200, as many octets
 * as were announced, which are a message that is read to its last octet; the connection goes when both are done.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <nghttp2/nghttp2.h>

#include "dns_connection.h"

/* Beside enum way. */
#define IS_RAW 4 /* octets, not frames */
#define HAS_NO_BEGINNING 8 /* what every client says first is the input's too */

#define FRAME 9 /* its header: RFC 9113 section 4.1 */
#define SAY_MAX 65536
#define STREAMS 256 /* an octet's */

struct answer {
	bool is_begun;
	unsigned int status;
	size_t length; /* as announced */
	__u8 *octets; /* owned */
	size_t n;
};

static void say_add(struct heard *say, const void *octets, size_t n)
{
	assert(say->n + n <= SAY_MAX);
	memcpy(say->octets + say->n, octets, n);
	say->n += n;
}

static void frame_add(struct heard *say, struct fuzz_input *input)
{
	__u8 head[FRAME] = {0};
	size_t n;

	head[3] = fuzz_u8(input);
	head[4] = fuzz_u8(input);
	head[8] = fuzz_u8(input);
	n = fuzz_u8(input);
	if (n > input->size)
		n = input->size;
	head[2] = (__u8)n;
	say_add(say, head, FRAME);
	say_add(say, input->data, n);
	input->data += n;
	input->size -= n;
}

static struct heard say_make(struct fuzz_input *input, unsigned int flags)
{
	static const __u8 settings[FRAME] = {0, 0, 0, NGHTTP2_SETTINGS};
	struct heard say = {.octets = malloc(SAY_MAX)};

	assert(say.octets);
	if (!(flags & HAS_NO_BEGINNING)) {
		say_add(&say, NGHTTP2_CLIENT_MAGIC, NGHTTP2_CLIENT_MAGIC_LEN);
		say_add(&say, settings, sizeof(settings));
	}
	while (!(flags & IS_RAW) && !fuzz_over(input) && say.n + FRAME + 255 <= SAY_MAX)
		frame_add(&say, input);
	if (input->size <= SAY_MAX - say.n)
		say_add(&say, input->data, input->size);
	return say;
}

/* --- what is heard ------------------------------------------------------------------------------------------- */

static unsigned int number(const nghttp2_nv *header)
{
	char text[16] = "";

	assert(header->valuelen && header->valuelen < sizeof(text));
	memcpy(text, header->value, header->valuelen);
	return (unsigned int)strtoul(text, NULL, 10);
}

static void header_check(struct answer *answer, const nghttp2_nv *header)
{
	static const unsigned int ours[] = {200, 400, 404, 405, 413, 415};

	if (header->namelen == 7 && !memcmp(header->name, ":status", 7)) {
		size_t i = 0;

		answer->status = number(header);
		while (i < ARRAY_SIZE(ours) && ours[i] != answer->status)
			i++;
		assert(i < ARRAY_SIZE(ours));
	}
	if (header->namelen == 14 && !memcmp(header->name, "content-length", 14))
		answer->length = number(header);
}

static void headers_check(nghttp2_hd_inflater *inflater, struct answer *answer, const __u8 *octets,
			  size_t n)
{
	int flags = 0;

	answer->is_begun = true;
	do {
		nghttp2_nv header;
		ssize_t taken = nghttp2_hd_inflate_hd2(inflater, &header, &flags, octets, n, true);

		assert(taken >= 0);
		octets += taken;
		n -= (size_t)taken;
		if (flags & NGHTTP2_HD_INFLATE_EMIT)
			header_check(answer, &header);
	} while (!(flags & NGHTTP2_HD_INFLATE_FINAL));
	assert(!n);
	nghttp2_hd_inflate_end_headers(inflater);
}

static void answer_add(struct answer *answer, const __u8 *octets, size_t n)
{
	assert(answer->is_begun && answer->n + n <= answer->length);
	answer->octets = realloc(answer->octets, answer->length + 1);
	assert(answer->octets);
	memcpy(answer->octets + answer->n, octets, n);
	answer->n += n;
}

static void answer_check(const struct answer *answer)
{
	struct dns_cursor cursor;
	struct dns_record record;
	int ret;

	assert(answer->n == answer->length);
	assert((answer->status == 200) == (answer->n > 0));
	if (answer->status != 200)
		return;
	assert(!dns_cursor_begin(answer->octets, answer->n, &cursor) && cursor.flags & DNS_QR);
	while ((ret = dns_cursor_next(&cursor, &record)) > 0)
		;
	assert(!ret && cursor.at == answer->n);
}

static void frame_check(nghttp2_hd_inflater *inflater, struct answer *answers, const __u8 *frame,
			size_t n)
{
	struct answer *answer = &answers[frame[8]];
	bool is_end = frame[4] & NGHTTP2_FLAG_END_STREAM;

	if (frame[3] != NGHTTP2_HEADERS && frame[3] != NGHTTP2_DATA)
		return;
	/* Nothing of ours needs more than a frame for its headers, padding, or a place in an order. */
	assert(frame[3] == NGHTTP2_DATA ||
	       (frame[4] & ~NGHTTP2_FLAG_END_STREAM) == NGHTTP2_FLAG_END_HEADERS);
	if (frame[3] == NGHTTP2_HEADERS)
		headers_check(inflater, answer, frame + FRAME, n);
	else
		answer_add(answer, frame + FRAME, n);
	if (is_end)
		answer_check(answer);
}

static void heard_check(const struct heard *heard)
{
	struct answer answers[STREAMS] = {0};
	nghttp2_hd_inflater *inflater;
	size_t at = 0;

	if (nghttp2_hd_inflate_new(&inflater))
		abort();
	while (at < heard->n) {
		const __u8 *frame = heard->octets + at;
		size_t n;

		assert(heard->n - at >= FRAME);
		n = (size_t)frame[0] << 16 | dns_get16(frame + 1);
		assert(heard->n - at >= FRAME + n);
		/* The first one is about the connection. */
		assert(at || frame[3] == NGHTTP2_SETTINGS);
		frame_check(inflater, answers, frame, n);
		at += FRAME + n;
	}
	nghttp2_hd_inflate_del(inflater);
	for (size_t i = 0; i < STREAMS; i++)
		free(answers[i].octets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct connection_kind kind;
	struct fuzz_input input = {.data = data, .size = size};
	unsigned int flags = fuzz_u8(&input);
	size_t piece = fuzz_u8(&input);
	struct heard say, heard;

	/* TLS is not what this is about. */
	kind = connection_kind_doh;
	kind.alpn = NULL;
	world_begin(&kind);
	say = say_make(&input, flags);
	heard = converse(&say, piece, flags & (WAY_HOLD | WAY_LEAVE));
	heard_check(&heard);
	free(heard.octets);
	free(say.octets);
	return 0;
}
