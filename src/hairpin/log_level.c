// SPDX-License-Identifier: GPL-2.0-or-later
/* How much the daemon and its processes log. */
#include <stdio.h>

#include "command_outcome.h"
#include "commands.h"
#include "log.h"
#include "protocol.h"

static void render_level(const json_t *level, struct strbuf *out)
{
	strbuf_add(out, "%s\n", render_text(level, "log_level"));
}

/* Part of what `status` says, which is not for root alone. */
static int show(const struct invocation *invocation)
{
	struct question question = {.attach = -1};
	struct fetched fetched;
	json_t *level;
	int code;

	control_request_init(&question.request, CONTROL_STATUS);
	fetched = fetch_json(invocation, &question);
	if (!fetched.json)
		return fetched.exit_code;
	level = json_pack("{s:s}", "log_level", render_text(fetched.json, "log_level"));
	code = fetch_print(invocation, level, render_level, fetched.exit_code);
	json_decref(level);
	json_decref(fetched.json);
	return code;
}

int command_log_level(const struct invocation *invocation)
{
	struct question question = {.attach = -1};
	enum log_level level;

	if (!invocation->n_args)
		return show(invocation);
	if (log_level_parse(invocation->args[0], &level)) {
		fprintf(stderr, "hairpin: log-level: %s: error, warning, info or debug\n",
			invocation->args[0]);
		return CONTROL_EXIT_USAGE;
	}
	control_request_init(&question.request, CONTROL_LOG_LEVEL);
	question.request.log_level = level;
	return outcome_finish(invocation, fetch_json(invocation, &question));
}
