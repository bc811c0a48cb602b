/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guardian: a process that the daemon starts before an apply with --confirm touches anything. It waits for the record (pending.h)
 * to go or its time to come, and shares no fate with the daemon or the terminal.
 */
#pragma once

#include <sys/types.h>

#include "options.h"

/* Starts one for the record in options->state and waits until it stands. 0 and its process, or -errno. */
int guardian_start(const struct options *options, pid_t *ret_pid);

/* The guardian itself: returns what the process exits with. */
int guardian_run(const struct options *options);
