// SPDX-License-Identifier: GPL-2.0-or-later
#include "spawn_self.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include "kernel_call.h"
#include "log.h"

/* More than any caller has. */
#define ARGUMENTS_MAX 16

int spawn_self(char *const *argv, int fd, int as, pid_t *ret_pid)
{
	const struct spawn_fd one = {fd, as};

	return spawn_self_with(argv, &one, 1, ret_pid);
}

/* @argv and how it follows the level of the log, at @place. */
static void arguments_make(char *const *argv, int place, char text[12], char **ret_argv)
{
	static char option[] = "--level-fd";
	size_t n = 0;

	while (argv[n] && n < ARGUMENTS_MAX)
		ret_argv[n] = argv[n], n++;
	if (log_level_fd() >= 0) {
		snprintf(text, 12, "%d", place);
		ret_argv[n++] = option;
		ret_argv[n++] = text;
	}
	ret_argv[n] = NULL;
}

int spawn_self_with(char *const *argv, const struct spawn_fd *fds, size_t n, pid_t *ret_pid)
{
	int last = STDERR_FILENO;
	char *all[ARGUMENTS_MAX + 3], text[12];
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none;
	int error = posix_spawn_file_actions_init(&files);

	if (error)
		return -error;
	error = posix_spawnattr_init(&attributes);
	if (!error) {
		sigemptyset(&none);
		posix_spawnattr_setsigmask(&attributes, &none);
		posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
		posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
		for (size_t i = 0; i < n; i++) {
			posix_spawn_file_actions_adddup2(&files, fds[i].fd, fds[i].as);
			last = fds[i].as > last ? fds[i].as : last;
		}
		if (log_level_fd() >= 0)
			posix_spawn_file_actions_adddup2(&files, log_level_fd(), ++last);
		arguments_make(argv, last, text, all);
		/* Ours are so by themselves; this is about what others left open. dup2() takes it off again. */
		kernel_close_from((unsigned int)last + 1, CLOSE_RANGE_CLOEXEC);
		error = posix_spawn(ret_pid, SPAWN_SELF, &files, &attributes, all, environ);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&files);
	return -error;
}
