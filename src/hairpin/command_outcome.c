// SPDX-License-Identifier: GPL-2.0-or-later
#include "command_outcome.h"

#include <stdio.h>

static void render_outcome(const json_t *outcome, struct strbuf *out)
{
	const json_t *line;
	size_t index;

	json_array_foreach (json_object_get(outcome, "conflicts"), index, line)
		strbuf_add(out, "%s\n", json_string_value(line));
	json_array_foreach (json_object_get(outcome, "waits"), index, line)
		strbuf_add(out, "%s\n", json_string_value(line));
	if (*render_text(outcome, "message"))
		strbuf_add(out, "%s\n", render_text(outcome, "message"));
	if (render_number(outcome, "confirm_s") > 0)
		strbuf_add(out, "it goes back in %lld s unless you run `hairpin confirm`\n",
			   (long long)render_number(outcome, "confirm_s"));
}

int outcome_print(const struct invocation *invocation, const json_t *outcome, int exit_code)
{
	const json_t *line;
	size_t index;

	json_array_foreach (json_object_get(outcome, "errors"), index, line)
		fprintf(stderr, "%s\n", json_string_value(line));
	return fetch_print(invocation, outcome, render_outcome, exit_code);
}

int outcome_finish(const struct invocation *invocation, struct fetched fetched)
{
	if (fetched.json)
		outcome_print(invocation, fetched.json, fetched.exit_code);
	json_decref(fetched.json);
	return fetched.exit_code;
}
