/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who gives the command: the ssh session above this process, if there is one. */
#pragma once

#include <stdbool.h>

struct asker {
	char ssh[104]; /* SSH_CONNECTION ("client port server port") of the session that this process belongs to, or "" */
	/*
	 * It runs in a tmux or screen, which outlive the session that they were started from and are looked at from others: any
	 * session may be the one that gives the command.
	 */
	bool shared;
};

/*
 * Looks at the environment of this process and of its ancestors: sudo removes the variables, and a terminal
 * multiplexer sets its own before the shell starts.
 */
void asker_find(struct asker *ret_asker);
