/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting hairpind in the background and learning whether it came up. */
#pragma once

#include "strbuf.h"

/* Where a daemon that was started here keeps what it says, below the state directory. */
#define LAUNCH_LOG "hairpind.log"

struct launch {
	const char *binary;
	char *const *argv; /* NULL-terminated, argv[0] included */
	const char *log; /* its stderr is appended here */
	unsigned int timeout_ms; /* until it is ready */
};

/*
 * Starts it in a session of its own, so that it outlives the terminal, and waits until it says that it is ready (sd_notify). 0;
 * -ECANCELED: it ended instead, and what it said is in @why; -ETIMEDOUT: it is neither ready nor gone, and stays; or
 * another -errno with a line in @why.
 */
int launch_daemon(const struct launch *launch, struct strbuf *why);
