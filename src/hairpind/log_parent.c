// SPDX-License-Identifier: GPL-2.0-or-later
#include "log_parent.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "fd_message.h"
#include "log.h"
#include "querylog.h"
#include "ring.h"

/* Ticks without an answer until it counts as hung: a disk may take its time, and nobody waits for it. */
#define SILENT_TICKS 60
/* What a process gets to write what stands in the ring, when it is ended. */
#define FINISH_MS 2000

struct log_parent {
	struct child child;
	struct dns_parent *dns;
	char state[PATH_MAX];
	struct conf_log conf; /* in force */
	bool on;
	int ring; /* -1: none */
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

/* --- the process -------------------------------------------------------------------------------------- */

static int setup_send(struct log_parent *parent)
{
	struct querylog_message message = {.type = QUERYLOG_SETUP};

	message.setup.is_anonymised = parent->conf.queries != CONF_LOG_YES;
	message.setup.retention_s = parent->conf.retention_s;
	message.setup.size_mb = parent->conf.size_mb;
	message.setup.lost = parent->last.status.lost;
	return child_send(&parent->child, &message, sizeof(message), &parent->ring, 1);
}

/* The DNS process is told again: a database that is new knows no upstream and no list by name. */
static int process_start(void *owner)
{
	struct log_parent *parent = owner;
	int ret = child_spawn(&parent->child, "--log", parent->state, NULL);

	if (!ret)
		ret = setup_send(parent);
	if (!ret)
		dns_parent_log(parent->dns, parent->ring);
	return ret;
}

static int message_take(void *owner, int fd)
{
	struct log_parent *parent = owner;
	struct querylog_message message;
	size_t none = 0;
	int ret = fd_message_receive(fd, &message, sizeof(message), NULL, &none);

	if (!ret && message.type == QUERYLOG_STATUS)
		parent->last = message;
	return ret;
}

static void process_ask(void *owner)
{
	const struct querylog_message ask = {.type = QUERYLOG_ASK};
	struct log_parent *parent = owner;

	child_send(&parent->child, &ask, sizeof(ask), NULL, 0);
}

static const struct child_kind kind = {
	.name = "the writer of the query log",
	.consequence = "it is started again, and queries wait",
	.place = QUERYLOG_FD,
	.silent_ticks = SILENT_TICKS,
	.end_ms = FINISH_MS,
	.start = process_start,
	.take = message_take,
	.ask = process_ask,
};

struct log_parent *log_parent_make(struct children *children, const char *state,
				   struct dns_parent *dns)
{
	struct log_parent *parent = calloc(1, sizeof(*parent));

	if (!parent)
		return NULL;
	child_init(&parent->child, children, &kind, parent);
	parent->dns = dns;
	snprintf(parent->state, sizeof(parent->state), "%s", state);
	parent->ring = -1;
	folder_make(state);
	return parent;
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
	child_end(&parent->child);
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
	child_start(&parent->child);
}

void log_parent_tick(struct log_parent *parent)
{
	if (parent->on)
		child_tick(&parent->child);
}

int log_parent_ask(struct log_parent *parent, const struct control_request *request, int fd)
{
	struct querylog_message message = {.type = QUERYLOG_REQUEST, .request = *request};

	if (!parent->on)
		return -ENOENT;
	return child_runs(&parent->child)
		       ? child_send(&parent->child, &message, sizeof(message), &fd, 1)
		       : -EAGAIN;
}

json_t *log_parent_answer(const struct log_parent *parent)
{
	const struct querylog_message *last = &parent->last;
	const char *words[] = {
		[CONF_LOG_ANONYMISED] = "anonymised", [CONF_LOG_YES] = "yes", [CONF_LOG_NO] = "no"};

	return json_pack("{s:s, s:i, s:I, s:I, s:I, s:I, s:s?}", "queries",
			 parent->on ? words[parent->conf.queries] : "no", "process",
			 (int)parent->child.pid, "restarts", (json_int_t)parent->child.restarts,
			 "written", (json_int_t)last->status.written, "lost",
			 (json_int_t)last->status.lost, "bytes", (json_int_t)last->status.octets,
			 "error", last->status.error ? strerror(-last->status.error) : NULL);
}

void log_parent_free(struct log_parent *parent)
{
	if (!parent)
		return;
	child_fini(&parent->child);
	if (parent->ring >= 0)
		close(parent->ring);
	free(parent);
}
