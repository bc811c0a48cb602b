// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What strangers send to the gateway's hosts service, and what they send to a machine that asks it: any octets as a question and as an answer.
 *
 * What must hold: a question is taken only if it is the one that its number makes; an answer that is taken is the octets from the first to the last; a text that is taken for lines of a hosts
 * file is printable, has a line for each newline, and none that is a mark of ours or a comment. (No signature fits by chance: that is left out.)
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <hairpin/limits.h>

#include "fuzz.h"
#include "hosts_wire.h"

static void request_check(const __u8 *octets, size_t n)
{
	struct hosts_request request, again;
	int ret = hosts_request_read(octets, n, &request);

	assert(ret == 0 || ret == -EPROTO || (ret == -EAGAIN && n < sizeof(request)));
	if (ret)
		return;
	hosts_request_make(request.nonce, &again);
	assert(n == sizeof(again) && !memcmp(octets, &again, n));
}

static void lines_check(const char *lines, size_t length)
{
	size_t begin = 0;

	if (hosts_lines_check(lines, length))
		return;
	assert(!length || lines[length - 1] == '\n');
	for (size_t i = 0; i < length; i++) {
		assert(lines[i] == '\n' || (lines[i] >= ' ' && lines[i] < 127 && lines[i] != '#'));
		if (lines[i] != '\n')
			continue;
		assert(i - begin >= 4 && i - begin < IP_TEXT_MAX + LIMIT_DOMAIN_NAME + 1);
		begin = i + 1;
	}
}

static void answer_check(const __u8 *octets, size_t n)
{
	struct hosts_answer answer;
	int ret = hosts_answer_read(octets, n, &answer);

	assert(ret == 0 || ret == -EPROTO || ret == -EMSGSIZE || ret == -EAGAIN);
	if (ret)
		return;
	assert(answer.length <= LIMIT_HOSTS_LINES_BYTES);
	assert((const __u8 *)answer.lines + answer.length == octets + n);
	lines_check(answer.lines, answer.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	__u8 *octets = malloc(size + !size);

	/* Of their own, so that what is read beyond them is seen. */
	assert(octets);
	memcpy(octets, data, size);
	request_check(octets, size);
	answer_check(octets, size);
	lines_check((const char *)octets, size);
	free(octets);
	return 0;
}
