// SPDX-License-Identifier: GPL-2.0-or-later
#include "gateway_process.h"

#include <errno.h>
#include <string.h>

#include "fd_message.h"
#include "log.h"
#include "sandbox.h"

static int frame_serve(int daemon, const struct gateway_frame *frame)
{
	struct gateway_heard heard = {0};

	if (frame->length > sizeof(frame->octets))
		return -EPIPE;
	heard.is_reply = echo_reply_read(frame->octets, frame->length, &heard.echo);
	if (frame->length && !heard.is_reply)
		return 0;
	return fd_message_send(daemon, &heard, sizeof(heard), NULL, 0);
}

int gateway_process_run(int daemon)
{
	int ret = sandbox_enter(&sandbox_gateway);

	/* Its end of the channel waits: there is nothing else to do. */
	while (!ret) {
		struct gateway_frame frame;
		size_t none = 0;

		ret = fd_message_receive(daemon, &frame, sizeof(frame), NULL, &none);
		if (!ret)
			ret = frame_serve(daemon, &frame);
	}
	if (ret != -EPIPE)
		log_error("the reader of echo replies: %s", strerror(-ret));
	return ret != -EPIPE;
}
