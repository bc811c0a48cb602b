// SPDX-License-Identifier: GPL-2.0-or-later
/* The watchdog, told to look on. */
#include <stdio.h>
#include <string.h>

#include "command_outcome.h"
#include "commands.h"
#include "duration.h"
#include "findings.h"
#include "protocol.h"

static int tell(const struct invocation *invocation, enum control_verb verb, unsigned int seconds)
{
	struct question question = {.attach = -1};

	control_request_init(&question.request, verb);
	question.request.confirm_s = seconds;
	return outcome_finish(invocation, fetch_json(invocation, &question));
}

int command_pause(const struct invocation *invocation)
{
	const char *duration = invocation->n_args ? invocation->args[0] : NULL;
	unsigned int seconds = 0;

	if (duration && (duration_parse(duration, &seconds) || !seconds)) {
		fprintf(stderr, "hairpin: pause: %s: not a duration; write 30s, 10m or 1h30m\n",
			duration);
		return CONTROL_EXIT_USAGE;
	}
	return tell(invocation, CONTROL_PAUSE, seconds);
}

int command_resume(const struct invocation *invocation)
{
	return tell(invocation, CONTROL_RESUME, 0);
}

void check_watchdog(struct check *check)
{
	struct question question = {
		.attach = -1, .may_be_absent = true, .is_silent = true, .timeout_ms = 2000};
	struct fetched fetched;
	const json_t *watchdog;
	const char *state;

	control_request_init(&question.request, CONTROL_STATUS);
	fetched = fetch_json(check->invocation, &question);
	watchdog = json_object_get(fetched.json, "watchdog");
	state = watchdog ? render_text(watchdog, "state") : "";
	if (!strcmp(state, "paused"))
		check_find(
			check, "watchdog", "hairpin resume",
			"the watchdog is paused: what somebody takes away from the kernel is not put "
			"back");
	else if (!strcmp(state, "slow"))
		check_find(
			check, "watchdog", "hairpin status says who took it away last",
			"what hairpin has in the kernel is taken away again and again, and is put back "
			"late");
	json_decref(fetched.json);
}
