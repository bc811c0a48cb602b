/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of the processes that the daemon starts and looks after: this program in another role, with a channel between the two.
 *
 * A struct child has one of them: its number, the daemon's end of the channel with its handle in the loop, and how often it was started. What it is told and what it says
 * is its owner's, who has the struct in his own and says by its kind how it lives. One that dies is named in the log and started again, at once the first time and then
 * at most once a second: one that dies at its start is not all that this machine does.
 *
 * Nobody else waits for children. children_reap() takes the status of each, whosever it is; that of one that is here is kept until its channel has been read to the end,
 * so that what it said last is heard.
 */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <uv.h>

#include "spawn_self.h"

struct child_kind {
	const char *name; /* in the log: "the DNS process" */
	const char *consequence; /* of its end, in the log: "it is started again" */
	bool is_piped; /* its channel is a pipe that it writes to; else a SOCK_SEQPACKET */
	int place; /* the descriptor that it finds its end of the channel at */
	unsigned int silent_ticks; /* without a word from it until it counts as hung; 0: never */
	int end_signal; /* asks it to end; 0: the end of the channel does */
	unsigned int end_ms; /* that it gets for this, the loop waiting; 0: it is killed */

	/* Starts it by child_spawn() and tells it what it needs. On -errno it is ended. */
	int (*start)(void *owner);
	/* Takes one message, or what there is, from @fd. 0; -EAGAIN: nothing; -EPIPE: it is gone, or talks nonsense. May end the child. */
	int (*take)(void *owner, int fd);
	/* At each tick: wants a word from it. NULL: no. */
	void (*ask)(void *owner);
	/* What it said last, for the line about its end; "" or NULL: nothing. */
	const char *(*last_words)(void *owner);
	/* It is no more. NULL: that is logged and it is started again; else this is called instead. */
	void (*lost)(void *owner, bool is_hung);
};

/* All of one daemon. */
struct children {
	uv_loop_t *loop;
	struct child *first;
};

struct child {
	struct children *children;
	struct child *next;
	const struct child_kind *kind;
	void *owner;
	pid_t pid; /* 0: none, or it was reaped */
	pid_t last_pid; /* the same, for the log */
	int status; /* when it was reaped, as waitpid() has it */
	int fd; /* the channel; -1: none runs */
	uv_poll_t *poll; /* of fd; frees itself */
	unsigned int silent; /* ticks */
	unsigned int starts; /* since the last tick */
	__u64 restarts;
};

/* Nothing is started. @children and @owner have to last until child_fini(). */
void child_init(struct child *child, struct children *children, const struct child_kind *kind,
		void *owner);
/* Ends it. The handle in the loop closes with it. One that is all zero is fine. */
void child_fini(struct child *child);

/* Whether one runs, or has said things that were not taken yet. */
bool child_runs(const struct child *child);

/* For where none runs. 0; -errno, said in the log, and nothing is left of it. */
int child_start(struct child *child);

/*
 * For kind->start(): this program with the option @role and, if it is not NULL, the folder @state. @also: a descriptor that it gets beside the channel, at a place above that;
 * NULL: none. 0 or -errno.
 */
int child_spawn(struct child *child, const char *role, const char *state,
		const struct spawn_fd *also);

/* A message by its channel, as fd_message_send(). Nobody is told where none runs: 0, and kind->start() tells all. */
int child_send(struct child *child, const void *data, size_t size, const int *fds, size_t n);

/* @ret is what came of telling it: one that does not take it is ended, and started again. */
void child_told(struct child *child, int ret);

/* Ends it as its kind says; fine where none runs. */
void child_end(struct child *child);

/* Once a second: starts what is not there, unless its kind has lost(); ends what hangs; asks. */
void child_tick(struct child *child);

/* Once a second, behind the ticks: takes the status of all that have ended. Guardians (guardian.h) are nobody's, and this is all that they need. */
void children_reap(struct children *children);
