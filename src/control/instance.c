// SPDX-License-Identifier: GPL-2.0-or-later
#include "instance.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>

#include "cleanup.h"
#include "file.h"
#include "kernel_call.h"
#include "pending.h"

#define LOCK_NAME "hairpind.lock"
#define LEFTOVER_MS 2000
#define LEFTOVER_STEP_MS 10

static int lock_try(const char *state)
{
	char path[PATH_MAX];
	_close_ int fd =
		open(state_path(state, LOCK_NAME, path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB))
		return -errno;
	return TAKE_FD(fd);
}

/* Whether who wrote its number there is no more. */
static bool is_owner_dead(const char *state)
{
	pid_t pid = instance_owner(state);

	return pid && kill(pid, 0) && errno == ESRCH;
}

int instance_lock(const char *state)
{
	_close_ int fd = lock_try(state);

	/*
	 * A lock is the open file's, and what a daemon forked just before it was killed has it too, until it comes to close what is not its own. The
	 * daemon is dead, so there is nothing to wait for but that.
	 */
	for (unsigned int ms = 0; fd == -EWOULDBLOCK && ms < LEFTOVER_MS && is_owner_dead(state);
	     ms += LEFTOVER_STEP_MS) {
		poll(NULL, 0, LEFTOVER_STEP_MS);
		fd = lock_try(state);
	}
	if (fd < 0)
		return TAKE_FD(fd);
	if (ftruncate(fd, 0) || dprintf(fd, "%d\n", getpid()) < 0)
		return -errno;
	return TAKE_FD(fd);
}

int instance_lock_pins(const char *pins)
{
	_close_ int fd = open(pins, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB))
		return -errno;
	return TAKE_FD(fd);
}

bool instance_is_held(const char *state)
{
	_close_ int fd = lock_try(state);

	return fd == -EWOULDBLOCK;
}

pid_t instance_owner(const char *state)
{
	char path[PATH_MAX];
	_free_ char *text = NULL;
	size_t length;
	long pid;

	if (file_read(state_path(state, LOCK_NAME, path), 32, &text, &length))
		return 0;
	pid = strtol(text, NULL, 10);
	return pid > 1 && pid <= INT_MAX ? (pid_t)pid : 0;
}

int instance_kill(const char *state, unsigned int timeout_ms)
{
	pid_t pid = instance_owner(state);
	_close_ int process = pid ? kernel_pidfd_open(pid) : -1;
	struct pollfd gone = {.fd = process, .events = POLLIN};

	if (!instance_is_held(state))
		return 0;
	/* Held, and by the process that wrote its number there: it cannot have ended since pidfd_open(). */
	if (process < 0 || instance_owner(state) != pid)
		return -ESRCH;
	if (kernel_pidfd_send_signal(process, SIGKILL))
		return errno == ESRCH ? 0 : -errno;
	if (poll(&gone, 1, (int)timeout_ms) <= 0)
		return -ETIMEDOUT;
	return 0;
}
