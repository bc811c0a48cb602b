// SPDX-License-Identifier: GPL-2.0-or-later
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "cleanup.h"
#include "fd_message.h"
#include "kernel_call.h"
#include "log.h"

void child_init(struct child *child, struct children *children, const struct child_kind *kind,
		void *owner)
{
	*child = (struct child){.children = children,
				.next = children->first,
				.kind = kind,
				.owner = owner,
				.fd = -1};
	children->first = child;
}

bool child_runs(const struct child *child)
{
	return child->fd >= 0;
}

/* --- its end --------------------------------------------------------------------------------------- */

static void freed(uv_handle_t *handle)
{
	free(handle);
}

static void channel_close(struct child *child)
{
	if (child->poll) {
		uv_poll_stop(child->poll);
		uv_close((uv_handle_t *)TAKE_PTR(child->poll), freed);
	}
	if (child->fd >= 0)
		close(child->fd);
	child->fd = -1;
}

static void finish_wait(const struct child *child)
{
	_close_ int process = kernel_pidfd_open(child->pid);
	struct pollfd end = {.fd = process, .events = POLLIN};

	if (child->kind->end_signal)
		kill(child->pid, child->kind->end_signal);
	if (process >= 0)
		poll(&end, 1, (int)child->kind->end_ms);
}

/* What is left of it. Its status, as waitpid() has it. */
static int process_end(struct child *child, bool finishes)
{
	channel_close(child);
	if (!child->pid)
		return child->status;
	if (finishes && child->kind->end_ms)
		finish_wait(child);
	kill(child->pid, SIGKILL);
	while (waitpid(child->pid, &child->status, 0) < 0 && errno == EINTR)
		;
	child->pid = 0;
	return child->status;
}

void child_end(struct child *child)
{
	process_end(child, true);
}

void child_fini(struct child *child)
{
	if (!child->children)
		return;
	child_end(child);
	for (struct child **at = &child->children->first; *at; at = &(*at)->next) {
		if (*at == child) {
			*at = child->next;
			break;
		}
	}
	*child = (struct child){.fd = -1};
}

/* Signals that end a process of ours; sigabbrev_np(3) is glibc's alone. */
static const char *signal_name(int number)
{
	static const char *const names[] = {
		[SIGHUP] = "SIGHUP",   [SIGINT] = "SIGINT",   [SIGQUIT] = "SIGQUIT",
		[SIGILL] = "SIGILL",   [SIGTRAP] = "SIGTRAP", [SIGABRT] = "SIGABRT",
		[SIGBUS] = "SIGBUS",   [SIGFPE] = "SIGFPE",   [SIGKILL] = "SIGKILL",
		[SIGSEGV] = "SIGSEGV", [SIGPIPE] = "SIGPIPE", [SIGTERM] = "SIGTERM",
		[SIGXCPU] = "SIGXCPU", [SIGXFSZ] = "SIGXFSZ", [SIGSYS] = "SIGSYS",
	};

	return number >= 0 && (size_t)number < ARRAY_SIZE(names) && names[number] ? names[number]
										  : "a signal";
}

static void end_log(const struct child *child, int pid, int status)
{
	const struct child_kind *kind = child->kind;
	const char *last = kind->last_words ? kind->last_words(child->owner) : "";

	/* SIGSYS: a system call that the sandbox does not have. */
	if (WIFSIGNALED(status))
		log_with(LOG_WARNING, LOG_FIELD("ENDED", kind->name), "%s (%d) was ended by %s; %s",
			 kind->name, pid, signal_name(WTERMSIG(status)), kind->consequence);
	else
		log_with(LOG_WARNING, LOG_FIELD("ENDED", kind->name),
			 "%s (%d) ended with status %d%s%s; %s", kind->name, pid,
			 WEXITSTATUS(status), *last ? ": " : "", last, kind->consequence);
}

/* It is dead, or will be: at its end there is no time for one that may be in somebody else's hands. */
static void died(struct child *child, bool is_hung)
{
	int status = process_end(child, false);

	if (child->kind->lost) {
		child->kind->lost(child->owner, is_hung);
		return;
	}
	end_log(child, (int)child->last_pid, status);
	child->restarts++;
	if (child->starts < 2)
		child_start(child);
}

/* --- its start ------------------------------------------------------------------------------------- */

static void readable(uv_poll_t *poll, int status, int events)
{
	struct child *child = poll->data;
	/* One at a time: the loop comes back for more, and one that talks all the time does not have it for itself. */
	int ret = status < 0 ? -EPIPE : child->kind->take(child->owner, child->fd);

	(void)events;
	if (!ret)
		child->silent = 0;
	else if (ret == -EPIPE)
		died(child, false);
}

/* Both ends of a new one; the process's is closed by the caller. */
static int channel_open(struct child *child, int *ret_theirs)
{
	int ends[2];

	if (child->kind->is_piped ? pipe2(ends, O_CLOEXEC)
				  : socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	*ret_theirs = ends[1];
	child->fd = ends[0];
	child->poll = calloc(1, sizeof(*child->poll));
	/* Also makes it non-blocking. */
	if (!child->poll || uv_poll_init(child->children->loop, child->poll, child->fd)) {
		free(TAKE_PTR(child->poll));
		return -ENOMEM;
	}
	child->poll->data = child;
	return uv_poll_start(child->poll, UV_READABLE, readable);
}

int child_spawn(struct child *child, const char *role, const char *state,
		const struct spawn_fd *also)
{
	const char *const words[] = {"hairpind", role, state ? "-d" : NULL, state, NULL};
	struct spawn_fd fds[2] = {{.as = child->kind->place}};
	char *argv[ARRAY_SIZE(words)];
	_close_ int theirs = -1;
	pid_t pid = 0;
	int ret = channel_open(child, &theirs);

	if (ret)
		return ret;
	/* posix_spawn() takes char *const[] for historical reasons and changes nothing. */
	memcpy(argv, words, sizeof(words));
	fds[0].fd = theirs;
	if (also)
		fds[1] = *also;
	ret = spawn_self_with(argv, fds, also ? 2 : 1, &pid);
	if (!ret)
		child->pid = child->last_pid = pid;
	return ret;
}

int child_start(struct child *child)
{
	int ret;

	child->starts++;
	child->silent = 0;
	ret = child->kind->start(child->owner);
	if (!ret) {
		log_debug("%s is started (%d)", child->kind->name, (int)child->last_pid);
		return 0;
	}
	log_error("cannot start %s: %s", child->kind->name, strerror(-ret));
	process_end(child, false);
	return ret;
}

/* --- its life -------------------------------------------------------------------------------------- */

int child_send(struct child *child, const void *data, size_t size, const int *fds, size_t n)
{
	return child_runs(child) ? fd_message_send(child->fd, data, size, fds, n) : 0;
}

void child_told(struct child *child, int ret)
{
	if (ret && child_runs(child))
		died(child, false);
}

void child_tick(struct child *child)
{
	const struct child_kind *kind = child->kind;

	child->starts = 0;
	if (!child_runs(child)) {
		if (!kind->lost)
			child_start(child);
	} else if (!child->pid) {
		/* Reaped a second ago, and somebody else still holds its end of the channel. */
		died(child, false);
	} else if (kind->silent_ticks && ++child->silent > kind->silent_ticks) {
		died(child, true);
	} else if (kind->ask) {
		kind->ask(child->owner);
	}
}

static struct child *child_by_pid(const struct children *children, pid_t pid)
{
	struct child *child = children->first;

	while (child && child->pid != pid)
		child = child->next;
	return child;
}

void children_reap(struct children *children)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct child *child = child_by_pid(children, pid);

		if (!child)
			continue;
		/* Its number may be another's from here on. */
		child->pid = 0;
		child->status = status;
	}
}
