// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <hairpin/limits.h>

#include "asker.h"
#include "backend.h"
#include "binary.h"
#include "bpffs.h"
#include "client.h"
#include "command_outcome.h"
#include "commands.h"
#include "fetch.h"
#include "file.h"
#include "instance.h"
#include "json_text.h"
#include "kernel_call.h"
#include "launch.h"
#include "pending.h"
#include "protocol.h"
#include "sorter.h"

/* Loading and verifying the programs takes a slow router seconds. */
#define START_MS 60000
/* Filters, table and settings are taken away one by one; a hung daemon is told apart by this. */
#define ANSWER_MS 20000
/* A daemon that has detached has only to close its handles. */
#define END_MS 5000

static int change(const struct invocation *invocation, enum control_verb verb)
{
	struct question question = {.attach = -1};

	control_request_init(&question.request, verb);
	return outcome_finish(invocation, fetch_json(invocation, &question));
}

/* The daemon died meanwhile, or hangs: the word still counts, and what is in force stays without it. */
static int confirm_alone(const struct invocation *invocation, const char *daemon)
{
	_strbuf_ struct strbuf message = {0};
	int ret = pending_confirm(invocation->state);
	json_t *outcome;

	if (ret) {
		fprintf(stderr, "hairpin: hairpind %s, and %s\n", daemon,
			ret == -ENOENT	? "nothing waits for a confirmation"
			: ret == -ETIME ? "it is being taken back"
					: strerror(-ret));
		return CONTROL_EXIT_UNREACHABLE;
	}
	strbuf_add(&message, "confirmed: it stays; hairpind itself %s", daemon);
	outcome = json_pack("{s:s, s:[]}", "message", strbuf_text(&message), "errors");
	outcome_print(invocation, outcome, CONTROL_EXIT_OK);
	json_decref(outcome);
	return CONTROL_EXIT_OK;
}

int command_confirm(const struct invocation *invocation)
{
	struct question question = {
		.attach = -1, .may_be_absent = true, .timeout_ms = CONFIRM_GRACE_MS};
	struct fetched fetched;

	control_request_init(&question.request, CONTROL_CONFIRM);
	fetched = fetch_json(invocation, &question);
	if (fetched.absent)
		return confirm_alone(invocation, "is not running");
	if (!fetched.json)
		return confirm_alone(invocation, "does not answer");
	return outcome_finish(invocation, fetched);
}

int command_reload(const struct invocation *invocation)
{
	return change(invocation, CONTROL_RELOAD);
}

/* --- the first attach: there is no daemon to ask --------------------------------------------- */

static int start_daemon(const struct invocation *invocation, const char *file, struct strbuf *why)
{
	char binary[PATH_MAX], log[PATH_MAX], seconds[16];
	const char *words[] = {"hairpind",
			       "-f",
			       invocation->conf,
			       "-s",
			       invocation->socket,
			       "-b",
			       invocation->pins,
			       "-d",
			       invocation->state,
			       "--from",
			       file ? file : invocation->conf,
			       NULL,
			       NULL,
			       NULL,
			       NULL,
			       NULL};
	char *argv[ARRAY_SIZE(words)];
	const struct launch launch = {
		.binary = binary_hairpind(binary),
		.argv = argv,
		.log = state_path(invocation->state, LAUNCH_LOG, log),
		.timeout_ms = START_MS,
	};
	size_t n = 11;

	if (file)
		words[n++] = "--install";
	if (invocation->force)
		words[n++] = "--force";
	if (invocation->confirm_s) {
		snprintf(seconds, sizeof(seconds), "%us", invocation->confirm_s);
		words[n++] = "--confirm";
		words[n++] = seconds;
	}
	/* execve() takes char *const[] for historical reasons and changes nothing. */
	memcpy(argv, words, sizeof(words));
	dir_make(invocation->state, 0750);
	return launch_daemon(&launch, why);
}

static int apply_first(const struct invocation *invocation, const char *file)
{
	_strbuf_ struct strbuf why = {0};
	int ret = start_daemon(invocation, file, &why);
	json_t *outcome = json_pack("{s:s, s:o, s:i}", "message",
				    ret ? "not applied: all is as it was" : "hairpind is running",
				    "errors", json_lines(strbuf_text(&why)), "confirm_s",
				    ret ? 0 : (int)invocation->confirm_s);

	outcome_print(invocation, outcome, ret ? CONTROL_EXIT_FINDING : CONTROL_EXIT_OK);
	json_decref(outcome);
	return ret ? CONTROL_EXIT_FINDING : CONTROL_EXIT_OK;
}

/* The descriptor, or -1 with everything said. A pipe would be read twice where a daemon has to be started. */
static int open_file(const char *path)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;

	if (fd < 0 || fstat(fd, &status)) {
		fprintf(stderr, "hairpin: %s: %s\n", path, strerror(errno));
		return -1;
	}
	if (!S_ISREG(status.st_mode)) {
		fprintf(stderr, "hairpin: %s: is not a regular file; save the text in one\n", path);
		return -1;
	}
	return TAKE_FD(fd);
}

static void set_asker(struct control_request *request)
{
	struct asker asker;

	asker_find(&asker);
	snprintf(request->ssh, sizeof(request->ssh), "%s", asker.ssh);
	if (asker.shared)
		request->flags |= CONTROL_FLAG_SHARED;
}

int command_apply(const struct invocation *invocation)
{
	const char *file = invocation->n_args ? invocation->args[0] : NULL;
	struct question question = {.attach = -1, .may_be_absent = true};
	struct fetched fetched;
	_close_ int fd = -1;

	if (file)
		fd = open_file(file);
	if (file && fd < 0)
		return CONTROL_EXIT_FINDING;
	control_request_init(&question.request, CONTROL_APPLY);
	question.attach = fd;
	question.request.confirm_s = invocation->confirm_s;
	question.request.flags = invocation->force ? CONTROL_FLAG_FORCE : 0;
	set_asker(&question.request);
	fetched = fetch_json(invocation, &question);
	if (fetched.absent)
		return apply_first(invocation, file);
	return outcome_finish(invocation, fetched);
}

/* --- detach ---------------------------------------------------------------------------------- */

static int detach_alone(const struct invocation *invocation)
{
	const struct backend_options options = {
		.pins = invocation->pins,
		.state = invocation->state,
	};
	_strbuf_ struct strbuf why = {0};
	char path[PATH_MAX];
	json_t *outcome;
	int ret;

	/* One that starts, or whose socket was removed, would put back what is taken away here. */
	if (instance_is_held(invocation->state)) {
		fprintf(stderr,
			"hairpin: %s: hairpind (process %d) runs, but is not to be found there\n",
			invocation->socket, instance_owner(invocation->state));
		return CONTROL_EXIT_UNREACHABLE;
	}
	ret = backends_detach(&options, &why);
	outcome = json_pack("{s:s, s:o}", "message",
			    ret ? "not all could be removed"
				: "detached: nothing of hairpin is left in the kernel",
			    "errors", json_lines(strbuf_text(&why)));
	if (!ret) {
		bpffs_unmount();
		pending_remove(invocation->state);
		unlink(state_path(invocation->state, STATE_APPLIED, path));
	}
	outcome_print(invocation, outcome, ret ? CONTROL_EXIT_FINDING : CONTROL_EXIT_OK);
	json_decref(outcome);
	return ret ? CONTROL_EXIT_FINDING : CONTROL_EXIT_OK;
}

/* The process that answers on a connection, so that its end can be waited for. */
static int open_peer(int fd)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) || peer.pid <= 0)
		return -1;
	return kernel_pidfd_open(peer.pid);
}

/* The sorter's namespace, which the daemon has no right to unmount; and while it lives it holds what is mounted there. */
static int unmount_left(json_t *outcome)
{
	const char *path = json_string_value(json_object_get(outcome, "left_mounted"));
	_strbuf_ struct strbuf why = {0};

	if (!path)
		return CONTROL_EXIT_OK;
	if (sorter_unmount(path, &why)) {
		fprintf(stderr, "hairpin: %s\n", strbuf_text(&why));
		return CONTROL_EXIT_FINDING;
	}
	json_object_set_new(outcome, "left_mounted", json_null());
	return CONTROL_EXIT_OK;
}

static int detach_by_daemon(const struct invocation *invocation, struct control_answer *answer)
{
	_close_ int process = open_peer(answer->fd);
	struct pollfd gone = {.fd = process, .events = POLLIN};
	json_t *outcome = json_loadfd(answer->fd, 0, NULL);
	int code = answer->header.exit_code;

	close(answer->fd);
	if (code == CONTROL_EXIT_OK && process >= 0)
		poll(&gone, 1, END_MS);
	if (code == CONTROL_EXIT_OK) {
		code = unmount_left(outcome);
		bpffs_unmount();
	}
	outcome_print(invocation, outcome, code);
	json_decref(outcome);
	return code;
}

int command_detach(const struct invocation *invocation)
{
	struct control_call call = {
		.path = invocation->socket, .attach = -1, .timeout_ms = ANSWER_MS};
	_strbuf_ struct strbuf why = {0};
	struct control_answer answer;
	int ret;

	control_request_init(&call.request, CONTROL_DETACH);
	ret = control_ask(&call, &answer, &why);
	if (!ret)
		return detach_by_daemon(invocation, &answer);
	if (control_is_absent(ret))
		return detach_alone(invocation);
	fprintf(stderr, "hairpin: %s\n", strbuf_text(&why));
	return CONTROL_EXIT_UNREACHABLE;
}
