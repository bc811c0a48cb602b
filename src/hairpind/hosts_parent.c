// SPDX-License-Identifier: GPL-2.0-or-later
#include "hosts_parent.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cleanup.h"
#include "export.h"
#include "fd_message.h"
#include "hosts_key.h"
#include "hosts_process.h"
#include "hosts_sockets.h"
#include "log.h"

/* Ticks without an answer until it counts as hung. */
#define SILENT_TICKS 5

struct hosts_parent {
	struct child child;
	const char *state;
	bool on;
	struct hosts_key *key; /* NULL: never needed so far */
	struct hosts_sockets sockets;
	struct hosts_names names; /* in force */
	__u32 generation;
	unsigned int signed_count; /* since the last tick */
	__u64 counts[HOSTS_COUNT_MAX]; /* as the process said last */
};

/* --- the process -------------------------------------------------------------------------------------- */

/* None that is half written can be in its place. */
static int lines_file(const struct strbuf *lines)
{
	_close_ int fd = memfd_create("hosts", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || write(fd, strbuf_text(lines), lines->length) != (ssize_t)lines->length ||
	    lseek(fd, 0, SEEK_SET) ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL))
		return errno ? -errno : -EIO;
	return TAKE_FD(fd);
}

static int setup_send(struct hosts_parent *parent)
{
	const struct hosts_message message = {.type = HOSTS_MESSAGE_SETUP,
					      .generation = parent->generation};
	_close_ int lines = lines_file(&parent->names.lines);
	int fds[HOSTS_MESSAGE_FDS] = {lines};
	size_t n = 1;

	if (lines < 0)
		return lines;
	/* Without a listener it answers nobody, and what comes is refused at once. */
	for (size_t i = 0; i < parent->sockets.n; i++)
		fds[n++] = parent->sockets.list[i].fd;
	return child_send(&parent->child, &message, sizeof(message), fds, n);
}

static int process_start(void *owner)
{
	struct hosts_parent *parent = owner;
	int ret = child_spawn(&parent->child, "--hosts", NULL, NULL);

	return ret ? ret : setup_send(parent);
}

/* Of what the process says the number and the place count; what is signed is worked out here. */
static int statement_sign(const struct hosts_parent *parent, const struct hosts_message *ask,
			  struct hosts_message *reply)
{
	struct hosts_asked asked = {0};
	struct hosts_statement statement;

	if (ask->generation != parent->generation || ask->listener >= parent->sockets.n)
		return -ESTALE;
	memcpy(asked.nonce, ask->nonce, sizeof(asked.nonce));
	asked.gateway = parent->sockets.list[ask->listener].at.addr;
	hosts_statement_make(&asked, &parent->names, &statement);
	memcpy(reply->key, hosts_key_public(parent->key), sizeof(reply->key));
	return hosts_key_sign(parent->key, &statement, sizeof(statement), reply->signature);
}

static void sign(struct hosts_parent *parent, const struct hosts_message *ask)
{
	struct hosts_message reply = {.type = HOSTS_MESSAGE_SIGNED,
				      .generation = ask->generation,
				      .place = ask->place,
				      .serial = ask->serial,
				      .ret = -EBUSY};

	/* The process counts by itself: this is for one that was taken over, which shall not have the daemon to itself. Ticks are not exact, so there is room. */
	if (parent->signed_count++ < 3 * LIMIT_HOSTS_ANSWERS_PER_S)
		reply.ret = statement_sign(parent, ask, &reply);
	/* One that takes nothing any more is found by its silence. */
	child_send(&parent->child, &reply, sizeof(reply), NULL, 0);
}

static int message_take(void *owner, int fd)
{
	struct hosts_parent *parent = owner;
	struct hosts_message message;
	size_t none = 0;
	int ret = fd_message_receive(fd, &message, sizeof(message), NULL, &none);

	if (ret)
		return ret;
	if (message.type == HOSTS_MESSAGE_SIGN)
		sign(parent, &message);
	else if (message.type == HOSTS_MESSAGE_COUNTS)
		memcpy(parent->counts, message.counts, sizeof(parent->counts));
	return 0;
}

static void process_ask(void *owner)
{
	const struct hosts_message ask = {.type = HOSTS_MESSAGE_ASK};
	struct hosts_parent *parent = owner;

	child_send(&parent->child, &ask, sizeof(ask), NULL, 0);
}

static const struct child_kind kind = {
	.name = "the hosts service",
	.consequence = "it is started again",
	.place = HOSTS_PROCESS_FD,
	.silent_ticks = SILENT_TICKS,
	.start = process_start,
	.take = message_take,
	.ask = process_ask,
};

struct hosts_parent *hosts_parent_make(struct children *children, const char *state)
{
	struct hosts_parent *parent = calloc(1, sizeof(*parent));

	if (!parent)
		return NULL;
	child_init(&parent->child, children, &kind, parent);
	parent->state = state;
	return parent;
}

void hosts_parent_free(struct hosts_parent *parent)
{
	static const struct plan_hosts none;

	if (!parent)
		return;
	child_fini(&parent->child);
	hosts_sockets_keep(&parent->sockets, &none);
	hosts_key_free(parent->key);
	strbuf_fini(&parent->names.lines);
	free(parent);
}

/* --- the daemon's --------------------------------------------------------------------------------------- */

static int key_open(struct hosts_parent *parent, struct strbuf *why)
{
	_strbuf_ struct strbuf fault = {0};
	char path[PATH_MAX];
	int ret = 0;

	snprintf(path, sizeof(path), "%s/" HOSTS_PARENT_KEY_FILE, parent->state);
	if (!parent->key)
		ret = hosts_key_open(path, &parent->key, &fault);
	if (ret)
		strbuf_add(why, "hosts-service: %s\n", strbuf_text(&fault));
	return ret;
}

/* What machines are answered with; freed by the caller. 0; -EMSGSIZE. */
static int names_make(const struct conf *conf, const struct plan *plan,
		      struct hosts_names *ret_names)
{
	_strbuf_ struct strbuf cannot = {0};

	*ret_names = (struct hosts_names){0};
	if (plan->hosts.on)
		export_make(export_find("hosts"), conf, plan, &ret_names->lines, &cannot);
	return hosts_names_finish(ret_names);
}

int hosts_parent_prepare(struct hosts_parent *parent, const struct conf *conf,
			 const struct plan *plan, struct strbuf *why)
{
	struct hosts_names names;
	int ret = names_make(conf, plan, &names);

	if (ret)
		strbuf_add(why,
			   "hosts-service: the names of all services are %zu octets; at most %u\n",
			   names.lines.length, LIMIT_HOSTS_LINES_BYTES);
	strbuf_fini(&names.lines);
	if (!ret && plan->hosts.on)
		ret = key_open(parent, why);
	return ret ? ret : hosts_sockets_open(&parent->sockets, &plan->hosts, why);
}

void hosts_parent_forget(struct hosts_parent *parent)
{
	hosts_sockets_forget(&parent->sockets);
}

/* True: they are others. */
static bool names_take(struct hosts_parent *parent, const struct conf *conf,
		       const struct plan *plan)
{
	struct hosts_names names;

	/* It was prepared, and fitted. */
	names_make(conf, plan, &names);
	if (!memcmp(names.digest, parent->names.digest, sizeof(names.digest))) {
		strbuf_fini(&names.lines);
		return false;
	}
	strbuf_fini(&parent->names.lines);
	parent->names = names;
	return true;
}

void hosts_parent_apply(struct hosts_parent *parent, const struct conf *conf,
			const struct plan *plan)
{
	bool has_sockets = hosts_sockets_keep(&parent->sockets, &plan->hosts);
	bool has_names = names_take(parent, conf, plan);

	parent->on = plan->hosts.on;
	parent->generation += has_sockets || has_names;
	if (!parent->on)
		child_end(&parent->child);
	else if (!child_runs(&parent->child))
		child_start(&parent->child);
	else if (has_sockets || has_names)
		child_told(&parent->child, setup_send(parent));
}

void hosts_parent_tick(struct hosts_parent *parent)
{
	parent->signed_count = 0;
	if (parent->on)
		child_tick(&parent->child);
}

json_t *hosts_parent_answer(const struct hosts_parent *parent)
{
	char fingerprint[HOSTS_FINGERPRINT_MAX] = "";

	if (parent->key)
		hosts_fingerprint(hosts_key_public(parent->key), fingerprint);
	return json_pack("{s:b, s:i, s:I, s:s?, s:I, s:I, s:I, s:I, s:I}", "on", parent->on,
			 "process", (int)parent->child.pid, "restarts",
			 (json_int_t)parent->child.restarts, "key",
			 parent->key ? fingerprint : NULL, "names_bytes",
			 (json_int_t)parent->names.lines.length, "answered",
			 (json_int_t)parent->counts[HOSTS_ANSWERED], "limited",
			 (json_int_t)parent->counts[HOSTS_LIMITED], "malformed",
			 (json_int_t)parent->counts[HOSTS_MALFORMED], "late",
			 (json_int_t)parent->counts[HOSTS_LATE]);
}
