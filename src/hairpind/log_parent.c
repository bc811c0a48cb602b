// SPDX-License-Identifier: GPL-2.0-or-later
#include "log_parent.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "fd_message.h"
#include "log.h"
#include "querylog.h"
#include "ring.h"
#include "spawn_self.h"

/* Ticks without an answer until it counts as hung: a disk may take its time, and nobody waits for it. */
#define SILENT_TICKS 60
/* What a process gets to write what stands in the ring, when it is ended. */
#define FINISH_MS 2000

struct log_parent {
	uv_loop_t *loop;
	struct dns_parent *dns;
	char state[PATH_MAX];
	struct conf_log conf; /* in force */
	bool on;
	int ring; /* -1: none */
	pid_t pid; /* 0: none runs */
	int fd; /* to it; -1 */
	uv_poll_t *poll; /* of fd; frees itself */
	unsigned int silent; /* ticks */
	unsigned int starts; /* since it was last alive for a tick */
	__u64 restarts;
	struct querylog_message last; /* status */
};

static void folder_make(const char *state)
{
	char path[PATH_MAX];
	int ret;

	snprintf(path, sizeof(path), "%s/" QUERYLOG_FOLDER, state);
	ret = sandbox_folder_make(&sandbox_log, path);
	if (ret)
		log_warning("%s: %s: there is no query log", path, strerror(-ret));
}

struct log_parent *log_parent_make(uv_loop_t *loop, const char *state, struct dns_parent *dns)
{
	struct log_parent *parent = calloc(1, sizeof(*parent));

	if (!parent)
		return NULL;
	parent->loop = loop;
	parent->dns = dns;
	snprintf(parent->state, sizeof(parent->state), "%s", state);
	parent->ring = parent->fd = -1;
	folder_make(state);
	return parent;
}

/* --- the process -------------------------------------------------------------------------------------- */

static void freed(uv_handle_t *handle)
{
	free(handle);
}

/* It finishes when nobody is at the other end any more; or is killed. */
static void finish_wait(pid_t pid)
{
	_close_ int process = pidfd_open(pid, 0);
	struct pollfd end = {.fd = process, .events = POLLIN};

	if (process >= 0)
		poll(&end, 1, FINISH_MS);
}

/* What is left of it. Its status, as waitpid() has it. */
static int process_end(struct log_parent *parent, bool finishes)
{
	int status = 0;

	if (parent->poll) {
		uv_poll_stop(parent->poll);
		uv_close((uv_handle_t *)TAKE_PTR(parent->poll), freed);
	}
	if (parent->fd >= 0)
		close(parent->fd);
	parent->fd = -1;
	if (!parent->pid)
		return 0;
	if (finishes)
		finish_wait(parent->pid);
	kill(parent->pid, SIGKILL);
	while (waitpid(parent->pid, &status, 0) < 0 && errno == EINTR)
		;
	parent->pid = 0;
	return status;
}

/* @fd: to be sent along, or -1. */
static int message_send(struct log_parent *parent, const struct querylog_message *message, int fd)
{
	return fd_message_send(parent->fd, message, sizeof(*message), &fd, fd >= 0);
}

static int setup_send(struct log_parent *parent)
{
	struct querylog_message message = {.type = QUERYLOG_SETUP};

	message.setup.is_anonymised = parent->conf.queries != CONF_LOG_YES;
	message.setup.retention_s = parent->conf.retention_s;
	message.setup.size_mb = parent->conf.size_mb;
	message.setup.lost = parent->last.status.lost;
	return message_send(parent, &message, parent->ring);
}

static void process_start(struct log_parent *parent);

static void process_died(struct log_parent *parent)
{
	int pid = (int)parent->pid, status = process_end(parent, false);

	/* SIGSYS: a system call that the sandbox does not have. */
	if (WIFSIGNALED(status))
		log_warning("the writer of the query log (%d) was ended by SIG%s; it is started "
			    "again, and queries wait",
			    pid, sigabbrev_np(WTERMSIG(status)));
	else
		log_warning("the writer of the query log (%d) ended with status %d; it is started "
			    "again, and queries wait",
			    pid, WEXITSTATUS(status));
	parent->restarts++;
	/* One that dies at its start is left to the tick. */
	if (parent->starts < 2)
		process_start(parent);
}

static void readable(uv_poll_t *poll, int status, int events)
{
	struct log_parent *parent = poll->data;
	struct querylog_message message;
	int ret = status < 0 ? -EPIPE : 0;
	size_t none = 0;

	(void)events;
	while (!ret) {
		ret = fd_message_receive(parent->fd, &message, sizeof(message), NULL, &none);
		if (ret)
			break;
		parent->silent = 0;
		if (message.type == QUERYLOG_STATUS)
			parent->last = message;
	}
	if (ret == -EPIPE)
		process_died(parent);
}

/* Both ends of a new socket; the child's is closed by the caller. */
static int socket_open(struct log_parent *parent, int *ret_child)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	*ret_child = ends[1];
	parent->fd = ends[0];
	parent->poll = calloc(1, sizeof(*parent->poll));
	if (!parent->poll)
		return -ENOMEM;
	if (uv_poll_init(parent->loop, parent->poll, parent->fd)) {
		free(TAKE_PTR(parent->poll));
		return -EINVAL;
	}
	parent->poll->data = parent;
	return uv_poll_start(parent->poll, UV_READABLE, readable);
}

static void process_start(struct log_parent *parent)
{
	char name[] = "hairpind", option[] = "--log", state[] = "-d";
	char *const argv[] = {name, option, state, parent->state, NULL};
	_close_ int child = -1;
	int ret = socket_open(parent, &child);

	parent->starts++;
	parent->silent = 0;
	if (!ret)
		ret = spawn_self(argv, child, QUERYLOG_FD, &parent->pid);
	if (!ret)
		ret = setup_send(parent);
	/* Again: a database that is new knows no upstream and no list by name. */
	if (!ret)
		dns_parent_log(parent->dns, parent->ring);
	if (!ret)
		return;
	log_error("cannot start the writer of the query log: %s", strerror(-ret));
	process_end(parent, false);
}

int log_parent_process(const char *state)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/" QUERYLOG_FOLDER, state);
	return querylog_run(QUERYLOG_FD, path, sandbox_log_enter);
}

/* --- the daemon's --------------------------------------------------------------------------------------- */

/* "no": nothing of it stays. Its owner's folder is no place to follow names in, and files of these names are all that it makes. */
static void files_remove(const struct log_parent *parent)
{
	static const char *const files[] = {"queries.db", "queries.db-wal", "queries.db-shm",
					    "queries.db-journal", "queries.damaged.db"};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char path[PATH_MAX + 64];

		snprintf(path, sizeof(path), "%s/" QUERYLOG_FOLDER "/%s", parent->state, files[i]);
		if (unlink(path) && errno != ENOENT)
			log_warning("%s: %m", path);
	}
}

static void ring_end(struct log_parent *parent)
{
	if (parent->ring < 0)
		return;
	dns_parent_log(parent->dns, -1);
	close(parent->ring);
	parent->ring = -1;
	parent->last = (struct querylog_message){0};
}

static bool is_same(const struct conf_log *a, const struct conf_log *b)
{
	return a->queries == b->queries && a->retention_s == b->retention_s &&
	       a->size_mb == b->size_mb;
}

void log_parent_apply(struct log_parent *parent, const struct plan_dns *dns)
{
	bool on = dns->on && dns->log.queries != CONF_LOG_NO;

	if (on && parent->on && is_same(&parent->conf, &dns->log))
		return;
	parent->conf = dns->log;
	parent->on = on;
	process_end(parent, true);
	if (!on)
		ring_end(parent);
	if (dns->on && !on)
		files_remove(parent);
	if (!on)
		return;
	if (parent->ring < 0)
		parent->ring = dns_ring_create();
	if (parent->ring < 0) {
		log_error("cannot make the ring of the query log: %s", strerror(-parent->ring));
		parent->on = false;
		return;
	}
	process_start(parent);
}

pid_t log_parent_pid(const struct log_parent *parent)
{
	return parent->pid;
}

void log_parent_tick(struct log_parent *parent)
{
	const struct querylog_message ask = {.type = QUERYLOG_ASK};

	if (!parent->on)
		return;
	parent->starts = 0;
	if (!parent->pid)
		process_start(parent);
	else if (++parent->silent > SILENT_TICKS)
		process_died(parent);
	else
		message_send(parent, &ask, -1);
}

int log_parent_ask(struct log_parent *parent, const struct control_request *request, int fd)
{
	struct querylog_message message = {.type = QUERYLOG_REQUEST, .request = *request};

	if (!parent->on)
		return -ENOENT;
	return parent->pid ? message_send(parent, &message, fd) : -EAGAIN;
}

json_t *log_parent_answer(const struct log_parent *parent)
{
	const struct querylog_message *last = &parent->last;
	const char *words[] = {
		[CONF_LOG_ANONYMISED] = "anonymised", [CONF_LOG_YES] = "yes", [CONF_LOG_NO] = "no"};

	return json_pack("{s:s, s:i, s:I, s:I, s:I, s:I, s:s?}", "queries",
			 parent->on ? words[parent->conf.queries] : "no", "process",
			 (int)parent->pid, "restarts", (json_int_t)parent->restarts, "written",
			 (json_int_t)last->status.written, "lost", (json_int_t)last->status.lost,
			 "bytes", (json_int_t)last->status.octets, "error",
			 last->status.error ? strerror(-last->status.error) : NULL);
}

void log_parent_free(struct log_parent *parent)
{
	if (!parent)
		return;
	process_end(parent, true);
	if (parent->ring >= 0)
		close(parent->ring);
	free(parent);
}
