/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guardian: a process that the daemon starts before an apply with --confirm touches anything. It waits for the record (pending.h)
 * to go or its time to come, and shares no fate with the daemon or the terminal.
 */
#pragma once

#include "options.h"

/* Starts one for the record in options->state, a child to be reaped, and waits until it stands. 0 or -errno. */
int guardian_start(const struct options *options);

/* The guardian itself: returns what the process exits with. */
int guardian_run(const struct options *options);
