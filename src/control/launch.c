// SPDX-License-Identifier: GPL-2.0-or-later
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "clock.h"
#include "file.h"
#include "kernel_call.h"

#define LOG_BYTES (64 * 1024)

/* A socket for READY=1, with a name that the kernel chooses; @ret_name is what NOTIFY_SOCKET says. */
static int notify_open(char *ret_name, size_t size)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t length = sizeof(address);
	_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	/* Binding the family alone asks for an abstract name of the kernel's choice. */
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(sa_family_t)) ||
	    getsockname(fd, (struct sockaddr *)&address, &length))
		return -errno;
	snprintf(ret_name, size, "@%.*s",
		 (int)(length - offsetof(struct sockaddr_un, sun_path) - 1), address.sun_path + 1);
	return TAKE_FD(fd);
}

static int launch_spawn(const struct launch *launch, pid_t *ret_pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	int error;

	error = posix_spawn_file_actions_init(&files);
	if (error)
		return -error;
	error = posix_spawnattr_init(&attributes);
	if (error) {
		posix_spawn_file_actions_destroy(&files);
		return -error;
	}
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&files, STDERR_FILENO, launch->log,
					 O_WRONLY | O_CREAT | O_APPEND, 0640);
	/* What the caller has open, such as the lock file of a script, ends with the caller. */
	kernel_close_from(STDERR_FILENO + 1, CLOSE_RANGE_CLOEXEC);
	error = posix_spawn(ret_pid, launch->binary, &files, &attributes, launch->argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return -error;
}

static bool notify_is_ready(int fd)
{
	char text[256];
	ssize_t n;

	while ((n = recv(fd, text, sizeof(text) - 1, 0)) > 0) {
		text[n] = '\0';
		if (strstr(text, "READY=1"))
			return true;
	}
	return false;
}

static int left_ms(__u64 end_ms)
{
	__u64 now = clock_monotonic_ms();

	return now < end_ms ? (int)(end_ms - now) : 0;
}

static int launch_wait(const struct launch *launch, int notify, int process)
{
	struct pollfd fds[] = {{.fd = notify, .events = POLLIN}, {.fd = process, .events = POLLIN}};
	__u64 end_ms = clock_monotonic_ms() + launch->timeout_ms;

	for (;;) {
		int n = poll(fds, ARRAY_SIZE(fds), left_ms(end_ms));

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return -ETIMEDOUT;
		if (n > 0 && notify_is_ready(notify))
			return 0;
		if (n > 0 && fds[1].revents)
			return -ECANCELED;
	}
}

/* What was appended to the log since it was @before octets long. */
static void log_tail(const char *path, off_t before, struct strbuf *out)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	_free_ char *text = NULL;
	size_t length;

	if (fd < 0 || lseek(fd, before, SEEK_SET) < 0 ||
	    file_read_fd(fd, LOG_BYTES, &text, &length))
		return;
	while (length > 0 && text[length - 1] == '\n')
		length--;
	strbuf_add_bytes(out, text, length);
}

static off_t log_length(const char *path)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t length = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);

	return length < 0 ? 0 : length;
}

int launch_daemon(const struct launch *launch, struct strbuf *why)
{
	off_t before = log_length(launch->log);
	_close_ int notify = -1, process = -1;
	char name[sizeof(struct sockaddr_un)];
	pid_t pid = 0;
	int ret;

	notify = notify_open(name, sizeof(name));
	ret = notify < 0 ? notify : 0;
	if (!ret && setenv("NOTIFY_SOCKET", name, 1))
		ret = -errno;
	if (!ret)
		ret = launch_spawn(launch, &pid);
	unsetenv("NOTIFY_SOCKET");
	if (ret) {
		strbuf_add(why, "cannot start %s: %s", launch->binary, strerror(-ret));
		return ret;
	}
	process = kernel_pidfd_open(pid);
	ret = process < 0 ? -errno : launch_wait(launch, notify, process);
	if (ret == -ECANCELED) {
		waitpid(pid, NULL, 0);
		log_tail(launch->log, before, why);
	} else if (ret == -ETIMEDOUT) {
		strbuf_add(why, "hairpind (process %d) is not ready after %u s; it says why in %s",
			   pid, launch->timeout_ms / 1000, launch->log);
	} else if (ret) {
		strbuf_add(why, "cannot wait for hairpind: %s", strerror(-ret));
	}
	return ret;
}
