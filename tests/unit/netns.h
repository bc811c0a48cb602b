/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A network namespace for one test; also for a user who is not root, where the kernel lets him. */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"

static inline void netns_fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

/* Leaves the one before behind: it goes with its last process. */
static inline void netns_enter(void)
{
	char map[32];
	uid_t uid = geteuid();
	int fd, length;

	if (!uid) {
		if (unshare(CLONE_NEWNET) < 0)
			netns_fail("unshare(CLONE_NEWNET)");
		return;
	}
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		netns_fail("unshare(CLONE_NEWUSER | CLONE_NEWNET)");
	length = snprintf(map, sizeof(map), "0 %u 1", uid);
	fd = open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, map, (size_t)length) != length)
		netns_fail("/proc/self/uid_map");
	close(fd);
}

/* Runs a shell command and ends the test program if it fails. */
static inline void run(const char *format, ...) _printf_(1, 2);
static inline void run(const char *format, ...)
{
	char command[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (system(command) != 0) {
		fprintf(stderr, "failed: %s\n", command);
		exit(1);
	}
}
