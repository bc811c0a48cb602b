// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon.h"
#include "file.h"
#include "guardian.h"
#include "log.h"
#include "pending.h"
#include "safety.h"
#include "sorter.h"

bool confirm_is_pending(const struct daemon *daemon)
{
	struct pending pending;

	return pending_read(daemon->options->state, &pending) != -ENOENT;
}

/* The file behind the name, so that a symbolic link stays one; a file to come keeps its name. */
static void real_path(const char *path, char *ret_path)
{
	char found[PATH_MAX];

	snprintf(ret_path, PATH_MAX, "%s", realpath(path, found) ? found : path);
}

int confirm_text_in_force(const struct daemon *daemon, char **ret_text, size_t *ret_length)
{
	char path[PATH_MAX];

	*ret_text = NULL;
	if (daemon->now.text) {
		*ret_text = strndup(daemon->now.text, daemon->now.length);
		*ret_length = daemon->now.length;
		return *ret_text ? 0 : -ENOMEM;
	}
	if (!safety_is_attached(daemon->options))
		return 0;
	/* Attached, and nobody knows what: there is nothing to go back to. */
	return file_read(state_path(daemon->options->state, STATE_APPLIED, path), LIMIT_CONF_BYTES,
			 ret_text, ret_length);
}

struct text {
	char *text; /* NULL: none */
	size_t length;
};

static bool text_equal(const struct text *a, const struct text *b)
{
	return a->length == b->length && !memcmp(a->text, b->text, a->length);
}

/* Saves what the configuration file has to say again after going back. */
static int save_file(const char *state, const struct confirm *confirm, const struct text *running,
		     struct pending *pending)
{
	const struct text next = {confirm->next->text, confirm->next->length};
	_free_ char *text = NULL;
	size_t length;
	int ret = file_read(pending->conf, LIMIT_CONF_BYTES, &text, &length);

	pending->file = ret == -ENOENT ? PENDING_FILE_REMOVE : PENDING_FILE_RESTORE;
	if (ret == -ENOENT)
		return 0;
	if (ret)
		return ret;
	/* Edited in place, also if it was named: the file says the new text already, what ran says the old one. */
	if (running->text &&
	    (!confirm->installs || text_equal(&(struct text){text, length}, &next)))
		return pending_save_text(state, PENDING_PREVIOUS_FILE, running->text,
					 running->length);
	return pending_save_text(state, PENDING_PREVIOUS_FILE, text, length);
}

static int save_record(const struct daemon *daemon, const struct confirm *confirm)
{
	const struct backend_options where = daemon_backend_options(daemon);
	const struct backend_ops *before;
	const char *state = daemon->options->state;
	char conf[PATH_MAX];
	_free_ char *text = NULL;
	struct text running = {0};
	struct pending pending;
	int ret;

	real_path(daemon->options->conf, conf);
	ret = pending_init(&pending, conf, confirm->seconds);
	if (!ret)
		ret = confirm_text_in_force(daemon, &text, &running.length);
	if (ret)
		return ret;
	running.text = text;
	pending.had_plan = text != NULL;
	before = backend_in_place(&where);
	if (before)
		snprintf(pending.backend, sizeof(pending.backend), "%s", before->name);
	if (text)
		ret = pending_save_text(state, PENDING_PREVIOUS, text, running.length);
	if (!ret && (confirm->installs || text))
		ret = save_file(state, confirm, &running, &pending);
	if (!ret)
		ret = pending_keep_room(state);
	return ret ? ret : pending_write(state, &pending);
}

int confirm_arm(struct daemon *daemon, const struct confirm *confirm, struct strbuf *why)
{
	int ret = save_record(daemon, confirm);

	if (!ret)
		ret = guardian_start(daemon->options);
	if (ret) {
		strbuf_add(why, "nobody could be set up to go back, so nothing is applied: %s\n",
			   strerror(-ret));
		pending_remove(daemon->options->state);
	}
	return ret;
}

void confirm_cancel(struct daemon *daemon)
{
	int ret = pending_remove(daemon->options->state);

	if (ret)
		log_error("%s: cannot forget the pending apply: %s", daemon->options->state,
			  strerror(-ret));
}

void daemon_confirm(struct daemon *daemon, struct outcome *outcome)
{
	/* Where the mark of that could not be written, on a full disk, the record looks as if there were time. */
	int ret = daemon->file_due ? -ETIME : pending_confirm(daemon->options->state);

	if (ret == 0) {
		strbuf_add(&outcome->message, "confirmed: generation %u stays", daemon->generation);
		return;
	}
	outcome->exit_code = CONTROL_EXIT_FINDING;
	if (ret == -ENOENT)
		strbuf_add(&outcome->errors, "nothing waits for a confirmation\n");
	else if (ret == -ETIME)
		strbuf_add(&outcome->errors, "too late: it is being taken back\n");
	else
		strbuf_add(&outcome->errors, "cannot confirm: %s\n", strerror(-ret));
}

int daemon_put_text_in_force(struct daemon *daemon, const char *text, size_t length,
			     struct outcome *outcome)
{
	const struct candidate_source source = {.path = daemon->options->conf,
						.text = text,
						.length = length,
						.changes = &daemon->changes,
						.observed = &daemon->observed};
	_candidate_ struct candidate next = {0};
	int ret = candidate_make(&source, &next, &outcome->errors);

	if (!ret)
		ret = daemon_put_in_force(daemon, &next, &outcome->errors);
	if (!ret)
		strbuf_add(&outcome->message,
			   "went back to the configuration before, generation %u",
			   daemon->generation);
	return ret;
}

static int revert_to_text(struct daemon *daemon, struct outcome *outcome)
{
	_free_ char *text = NULL;
	char path[PATH_MAX];
	size_t length;
	int ret = file_read(state_path(daemon->options->state, PENDING_PREVIOUS, path),
			    LIMIT_CONF_BYTES, &text, &length);

	return ret ? ret : daemon_put_text_in_force(daemon, text, length, outcome);
}

/* With that plan another backend was in force: the one of a process stays, so that only a new start goes back to it. */
static bool changes_backend(const struct daemon *daemon, const struct pending *pending)
{
	return pending->had_plan && *pending->backend && daemon_routes(daemon) &&
	       strcmp(pending->backend, daemon->ops->name);
}

/* The router's forwards lead nowhere from now on. */
static void note_left_upstream(const struct daemon *daemon)
{
	size_t left = upstream_parent_detach(daemon->upstream);

	if (left)
		log_warning("the router upstream did not take back %zu forwards; they end by "
			    "themselves within %u min",
			    left, PORTMAP_LIFETIME_S / 60);
}

static int revert_to_nothing(struct daemon *daemon, struct outcome *outcome)
{
	const struct backend_options options = daemon_backend_options(daemon);
	int ret = daemon->ops->detach(&options, &outcome->errors);

	if (!ret) {
		note_left_upstream(daemon);
		strbuf_add(&outcome->message, "detached: nothing was attached before");
		daemon->detached = true;
		outcome->ends = true;
	}
	return ret;
}

void daemon_revert(struct daemon *daemon, struct outcome *outcome)
{
	const char *state = daemon->options->state;
	struct pending pending;
	int ret = pending_read(state, &pending), file = 0;

	if (!ret && changes_backend(daemon, &pending)) {
		outcome->exit_code = CONTROL_EXIT_FINDING;
		strbuf_add(&outcome->message,
			   "the %s backend was in force: a new start goes back to it",
			   pending.backend);
		return;
	}
	pending_use_room(state);
	/* A file that cannot be put back, as on a full disk, does not keep the way in cut. */
	if (!ret) {
		file = pending_restore_file(state, &pending);
		ret = pending.had_plan ? revert_to_text(daemon, outcome)
				       : revert_to_nothing(daemon, outcome);
	}
	daemon->file_due = !ret && file;
	if (daemon->file_due)
		strbuf_add(&outcome->errors,
			   "%s: cannot be put back: %s; this is tried again every second\n",
			   pending.conf, strerror(-file));
	else if (!ret)
		ret = pending_remove(state);
	if (ret) {
		outcome->exit_code = CONTROL_EXIT_FINDING;
		strbuf_add(&outcome->message, "cannot go back: %s",
			   ret == -ENOENT ? "nothing is pending" : strerror(-ret));
	}
}

/* What daemon_revert() left to be done: the record stays until the file is what it was. */
static void put_file_back(struct daemon *daemon)
{
	const char *state = daemon->options->state;
	struct pending pending;
	int ret = pending_read(state, &pending);

	if (!ret && pending_restore_file(state, &pending))
		return;
	if (!ret)
		log_info("%s: is what it was again", pending.conf);
	daemon->file_due = false;
	confirm_cancel(daemon);
}

void confirm_tick(struct daemon *daemon)
{
	const char *state = daemon->options->state;
	_outcome_ struct outcome outcome = {0};
	struct pending pending;

	if (daemon->file_due) {
		put_file_back(daemon);
		return;
	}
	if (pending_read(state, &pending) || pending_left_s(&pending) > 0 ||
	    pending_has_guardian(state))
		return;
	log_warning("the guardian is gone and nothing was confirmed: going back");
	if (changes_backend(daemon, &pending)) {
		/* Its time is over as it starts: it ends this process, and starts the one before. */
		if (guardian_start(daemon->options))
			log_error("no guardian can be started; this is tried again every second");
		return;
	}
	daemon_revert(daemon, &outcome);
	outcome_log(&outcome);
	if (outcome.ends)
		verbs_end_daemon(daemon);
}

/* Nothing was attached before. The record stays, so that no start by itself attaches what nobody confirmed. */
static int settle_first(const struct options *options)
{
	const struct backend_options where = {.pins = options->pins, .state = options->state};
	_strbuf_ struct strbuf why = {0};

	if (backends_detach(&where, &why))
		log_error("cannot detach: %s", strbuf_text(&why));
	log_error("what was applied with --confirm was never confirmed, and nothing was attached "
		  "before it: start with `hairpin apply`");
	return -ECANCELED;
}

static const struct backend_ops *backend_of(const struct pending *pending)
{
	static const struct backend_ops *const all[] = {&backend_bpf, &backend_nftables};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		if (!strcmp(all[i]->name, pending->backend))
			return all[i];
	}
	return NULL;
}

int confirm_settle_stale(const struct options *options, const struct backend_ops **ret_before)
{
	struct pending pending;
	int ret = pending_read(options->state, &pending);

	*ret_before = NULL;
	if (ret == -ENOENT)
		return 0;
	/* Of those that are still in time none is started for going back. */
	if (!ret && !options->from && pending.had_plan &&
	    (pending.reverting || !pending_has_guardian(options->state)))
		*ret_before = backend_of(&pending);
	if (pending_has_guardian(options->state)) {
		if (!options->from)
			return 0;
		log_error("an apply waits for its confirmation: wait until it is taken back");
		return -EBUSY;
	}
	if (!ret && !options->from) {
		log_warning("an apply was never confirmed and its guardian is gone: going back");
		ret = pending_restore_file(options->state, &pending);
	}
	if (!ret && !options->from && !pending.had_plan)
		return settle_first(options);
	if (ret)
		log_error("%s/pending.json: %s", options->state, strerror(-ret));
	return ret ? ret : pending_remove(options->state);
}

/* A copy beside the file, with its mode. */
static int keep_previous(const char *conf, const char *text, size_t length, mode_t mode)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s.previous", conf) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	return file_write_atomic(path, text, length, mode);
}

int confirm_install(struct daemon *daemon, struct strbuf *why)
{
	const struct candidate *now = &daemon->now;
	char conf[PATH_MAX];
	_free_ char *text = NULL;
	struct stat status;
	mode_t mode = 0644;
	size_t length;
	int ret;

	real_path(daemon->options->conf, conf);
	if (!stat(conf, &status))
		mode = status.st_mode & 0777;
	ret = file_read(conf, LIMIT_CONF_BYTES, &text, &length);
	if (!ret && length == now->length && !memcmp(text, now->text, length))
		return 0;
	ret = ret == -ENOENT ? 0 : ret ? ret : keep_previous(conf, text, length, mode);
	if (!ret)
		ret = file_write_atomic(conf, now->text, now->length, mode);
	if (ret)
		strbuf_add(why, "%s: is in force, but cannot be written: %s\n", conf,
			   strerror(-ret));
	return ret;
}

void daemon_detach(struct daemon *daemon, struct outcome *outcome)
{
	const struct backend_options options = daemon_backend_options(daemon);
	char path[PATH_MAX];

	if (daemon->ops->detach(&options, &outcome->errors)) {
		outcome->exit_code = CONTROL_EXIT_FINDING;
		strbuf_add(&outcome->message, "not all could be removed");
		return;
	}
	daemon->detached = true;
	note_left_upstream(daemon);
	daemon->ops->hold(daemon->backend, daemon->now.plan, false);
	pending_remove(daemon->options->state);
	unlink(state_path(daemon->options->state, STATE_APPLIED, path));
	strbuf_add(&outcome->message, "detached: nothing of hairpin is left in the kernel");
	outcome->left_mounted = sorter_place(daemon->options->state);
	outcome->ends = true;
}
