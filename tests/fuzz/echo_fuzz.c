// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What strangers on a segment may send as an answer to the question whose gateway we are.
 *
 * Input: the frame. What must hold: nothing is read outside of it, what is taken is what a question of ours makes when it is turned round, and a question is never taken for an answer.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "echo.h"
#include "fuzz.h"

/* A question made of its numbers has the same octets, but for those that a host may choose (its number of the packet, flags, lifetime), the type, and the sums. */
static void compare(const struct echo *reply, const __u8 *frame)
{
	static const struct {
		size_t at, length;
	} same[] = {{0, 15}, {16, 2}, {23, 1}, {26, 8}, {42, ECHO_TOKEN_BYTES}};
	__u8 made[ECHO_FRAME_BYTES];
	struct echo again;

	echo_request_write(reply, made);
	assert(!echo_reply_read(made, sizeof(made), &again));
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		assert(!memcmp(made + same[i].at, frame + same[i].at, same[i].length));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	__u8 *frame = malloc(size ? size : 1);
	struct echo reply;

	assert(frame);
	memcpy(frame, data, size);
	if (echo_reply_read(frame, size, &reply)) {
		assert(size >= ECHO_FRAME_BYTES);
		compare(&reply, frame);
	}
	free(frame);
	return 0;
}
