/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that reads what may be answers of servers to the outside (decision 033). It has nothing but its channel: frames come to it one by one, and what is in one that is an echo
 * reply goes back as numbers. It could not even send on the segment, which the socket of the tap, had it that, would let it.
 *
 * It ends with the daemon.
 */
#pragma once

#include <linux/types.h>

#include "echo.h"

/* Where the process that is started as `hairpind --gateway` finds its socket to the daemon. */
#define GATEWAY_PROCESS_FD 3

/* To it. */
struct gateway_frame {
	__u32 length; /* 0: how is it? */
	__u8 octets[ECHO_FRAME_MAX];
};

/* From it: for each frame that is an echo reply, and for one of no length. */
struct gateway_heard {
	__u32 is_reply; /* else it is well */
	struct echo echo;
};

/* Enters its sandbox and reads until the daemon is gone. What it exits with. */
int gateway_process_run(int daemon);
