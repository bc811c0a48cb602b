/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The thread that UPnP is spoken on. libminiupnpc waits in its calls, and a router that sends an octet a second keeps it waiting without an end: PCP renewals and the daemon's
 * questions are served meanwhile, and a job that takes too long is ended by closing the connection under it.
 *
 * A thread and not a process of its own: it has the same rights and the same stranger to talk to. It touches its job and nothing else.
 */
#pragma once

#include <pthread.h>

#include "igd.h"

enum igd_worker_state { IGD_WORKER_IDLE, IGD_WORKER_BUSY, IGD_WORKER_DONE };

struct igd_worker {
	pthread_t thread;
	pthread_mutex_t lock; /* of state */
	pthread_cond_t wake;
	enum igd_worker_state state;
	int done_fd; /* an eventfd: readable when a job is done */
	struct igd_job job; /* the thread's while BUSY, else the owner's */
};

/* Starts the thread, for the life of the process. 0 or -errno. */
int igd_worker_start(struct igd_worker *worker);

/* The job to fill in, all zero; NULL: one is under way, or done and not taken. */
struct igd_job *igd_worker_prepare(struct igd_worker *worker);
/* Begins it. */
void igd_worker_run(struct igd_worker *worker);

/* For when done_fd is readable: the job that is done, valid until the next igd_worker_prepare(); NULL: it is not. */
const struct igd_job *igd_worker_take(struct igd_worker *worker);

/* Ends the connection that a job waits for; it ends at once then, or fails at its next one. Fine at any time. */
void igd_worker_cut(struct igd_worker *worker);
