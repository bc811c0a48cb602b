// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "answers.h"
#include "log.h"

static void verb_reload(struct daemon *daemon, const struct control_request *request, int fd,
			struct outcome *outcome)
{
	(void)request, (void)fd;
	daemon_reload(daemon, outcome);
}

static void verb_confirm(struct daemon *daemon, const struct control_request *request, int fd,
			 struct outcome *outcome)
{
	(void)request, (void)fd;
	daemon_confirm(daemon, outcome);
}

static void verb_revert(struct daemon *daemon, const struct control_request *request, int fd,
			struct outcome *outcome)
{
	(void)request, (void)fd;
	daemon_revert(daemon, outcome);
}

static void verb_detach(struct daemon *daemon, const struct control_request *request, int fd,
			struct outcome *outcome)
{
	(void)request, (void)fd;
	daemon_detach(daemon, outcome);
}

static void verb_pause(struct daemon *daemon, const struct control_request *request, int fd,
		       struct outcome *outcome)
{
	(void)fd;
	watching_pause(daemon, request->confirm_s, outcome);
}

static void verb_resume(struct daemon *daemon, const struct control_request *request, int fd,
			struct outcome *outcome)
{
	(void)request, (void)fd;
	watching_resume(daemon, outcome);
}

static void verb_log_level(struct daemon *daemon, const struct control_request *request, int fd,
			   struct outcome *outcome)
{
	(void)daemon, (void)fd;
	log_level_set((enum log_level)request->log_level);
	strbuf_add(&outcome->message, "the log has level %s, until hairpind ends",
		   log_level_name(log_level()));
}

/* Takes the reference. */
static void reply_json(struct control_reply *reply, json_t *json)
{
	char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;

	if (!text)
		abort();
	strbuf_add(&reply->body, "%s\n", text);
	free(text);
	json_decref(json);
}

/* The process that has the log answers (doc/decisions/021): the daemon is root, and reads nothing of it. */
static int verb_log(void *data, const struct control_request *request, int fd,
		    struct control_reply *reply)
{
	struct daemon *daemon = data;
	int ret = log_parent_ask(daemon->log, request, fd);

	if (!ret)
		return 0;
	reply_json(
		reply,
		json_pack(
			"{s:[s]}", "errors",
			ret == -ENOENT
				? "queries are not logged: see dns.log.queries in the configuration"
				: "the query log does not answer at present"));
	reply->exit_code = CONTROL_EXIT_FINDING;
	return ret;
}

/* Each verb has one of the four. */
static const struct {
	bool of_data_plane; /* there is nothing that it could show or take away in role resolver */
	bool reloads; /* to the service manager */
	json_t *(*show)(struct daemon *daemon);
	int (*hand_over)(void *data, const struct control_request *request, int fd,
			 struct control_reply *reply);
	void (*stream)(struct daemon *daemon, struct control_reply *reply);
	void (*change)(struct daemon *daemon, const struct control_request *request, int fd,
		       struct outcome *outcome);
} verbs[] = {
	[CONTROL_STATUS] = {.show = answer_status},
	[CONTROL_SHOW_SERVICES] = {.show = answer_services},
	[CONTROL_SHOW_MAPPINGS] = {.of_data_plane = true, .stream = answer_mappings},
	[CONTROL_SHOW_SESSIONS] = {.of_data_plane = true, .stream = answer_sessions},
	[CONTROL_SHOW_PORTS] = {.of_data_plane = true, .show = answer_ports},
	[CONTROL_SHOW_DROPS] = {.of_data_plane = true, .show = answer_drops},
	[CONTROL_SHOW_LEASES] = {.show = answer_leases},
	[CONTROL_SHOW_FACTS] = {.show = answer_facts},
	[CONTROL_RELOAD] = {.reloads = true, .change = verb_reload},
	[CONTROL_APPLY] = {.reloads = true, .change = daemon_apply},
	[CONTROL_CONFIRM] = {.change = verb_confirm},
	[CONTROL_REVERT] = {.change = verb_revert},
	[CONTROL_DETACH] = {.of_data_plane = true, .change = verb_detach},
	[CONTROL_OPERATOR] = {.show = answer_operator},
	[CONTROL_REWRITE] = {.change = operating_rewrite},
	[CONTROL_RESERVATION] = {.change = operating_reservation},
	[CONTROL_BLOCKING] = {.change = operating_blocking},
	[CONTROL_SHOW_LISTS] = {.show = answer_lists},
	[CONTROL_SHOW_QUERIES] = {.hand_over = verb_log},
	[CONTROL_SHOW_TOP] = {.hand_over = verb_log},
	[CONTROL_PAUSE] = {.of_data_plane = true, .change = verb_pause},
	[CONTROL_RESUME] = {.of_data_plane = true, .change = verb_resume},
	[CONTROL_LOG_LEVEL] = {.change = verb_log_level},
};

_Static_assert(ARRAY_SIZE(verbs) == CONTROL_VERB_MAX, "a row for each verb");

void verbs_end_daemon(void *data)
{
	struct daemon *daemon = data;

	notify_stopping(&daemon->notify);
	uv_stop(&daemon->loop);
}

static void change(struct daemon *daemon, const struct control_request *request, int fd,
		   struct control_reply *reply)
{
	_outcome_ struct outcome outcome = {0};

	if (verbs[request->verb].reloads)
		notify_reloading(&daemon->notify);
	verbs[request->verb].change(daemon, request, fd, &outcome);
	outcome_log(&outcome);
	if (verbs[request->verb].reloads)
		notify_ready(&daemon->notify, strbuf_text(&outcome.message));
	reply_json(reply, answer_outcome(daemon, &outcome));
	reply->exit_code = outcome.exit_code;
	if (outcome.ends)
		reply->done = verbs_end_daemon;
}

/* Nothing in the kernel is ours: an empty list would read as if nothing happened there. */
static void refuse_without_data_plane(struct control_reply *reply)
{
	reply_json(
		reply,
		json_pack(
			"{s:s, s:[s]}", "message", "refused", "errors",
			"role resolver has no data plane: no packet is translated or filtered here, "
			"and nothing of hairpin is in the kernel"));
	reply->exit_code = CONTROL_EXIT_FINDING;
}

void verbs_handle(void *data, const struct control_request *request, int fd,
		  struct control_reply *reply)
{
	struct daemon *daemon = data;

	if (verbs[request->verb].of_data_plane && !daemon_routes(daemon))
		refuse_without_data_plane(reply);
	else if (verbs[request->verb].show)
		reply_json(reply, verbs[request->verb].show(daemon));
	else if (verbs[request->verb].hand_over)
		reply->hand_over = verbs[request->verb].hand_over;
	else if (verbs[request->verb].stream)
		verbs[request->verb].stream(daemon, reply);
	else
		change(daemon, request, fd, reply);
}
