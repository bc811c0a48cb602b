/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting a process of hairpind's own: the guardian, and those of child.h. */
#pragma once

#include <sys/types.h>

/* This very program, also after an upgrade replaced its file. */
#define SPAWN_SELF "/proc/self/exe"

/*
 * Starts SPAWN_SELF with @argv, in a session of its own and with no signal held back (a daemon that is still
 * starting holds its own, events.c). It gets @fd as its descriptor @as, its standard streams as far as they are not that one, what it follows the level of the log by,
 * with the option --level-fd, and nothing else that is open here.
 * 0 and its number in *ret_pid, to be reaped by the caller; or -errno.
 */
int spawn_self(char *const *argv, int fd, int as, pid_t *ret_pid);

/* The same with more descriptors. Their places `as` rise, and no `fd` is the place of one before it. */
struct spawn_fd {
	int fd, as;
};
int spawn_self_with(char *const *argv, const struct spawn_fd *fds, size_t n, pid_t *ret_pid);
