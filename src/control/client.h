/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The asker's end of the control socket: blocking, with a time limit, one call for one answer. */
#pragma once

#include <stdbool.h>

#include <hairpin/control.h>

#include "strbuf.h"

struct control_call {
	const char *path; /* of the socket */
	struct control_request request; /* begun with control_request_init() */
	int attach; /* descriptor to send along, or -1 */
	unsigned int
		timeout_ms; /* for each single wait, also for those of whoever reads the answer */
};

struct control_answer {
	struct control_response header;
	int fd; /* the JSON document follows here until end of file; closed by the caller */
};

/* Asks and reads the header of the answer. 0, or -errno with a line in @why. */
int control_ask(const struct control_call *call, struct control_answer *ret_answer,
		struct strbuf *why);

/* Whether that error of control_ask() means that there is no daemon (and not one that does not answer). */
bool control_is_absent(int error);
