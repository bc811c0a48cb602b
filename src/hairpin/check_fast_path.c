// SPDX-License-Identifier: GPL-2.0-or-later
/* nat.fast-path: on, and where it is not met. Only the daemon knows, as a driver says no when it is asked to attach. */
#include <string.h>

#include "fetch.h"
#include "findings.h"
#include "protocol.h"

/* A bridge is met by its ports, which stand behind it. */
static bool has_ports(const json_t *list, size_t i)
{
	return !json_is_true(json_object_get(json_array_get(list, i), "port")) &&
	       json_is_true(json_object_get(json_array_get(list, i + 1), "port"));
}

void check_fast_path(struct check *check)
{
	struct question question = {
		.attach = -1, .may_be_absent = true, .is_silent = true, .timeout_ms = 2000};
	struct fetched fetched;
	const json_t *list, *item;
	size_t i;

	if (check->candidate->conf->fast_path != CONF_FAST_PATH_ON)
		return;
	control_request_init(&question.request, CONTROL_STATUS);
	fetched = fetch_json(check->invocation, &question);
	list = json_object_get(json_object_get(fetched.json, "backend"), "fast_path");
	json_array_foreach (list, i, item) {
		if (strcmp(render_text(item, "path"), "xdp") && !has_ports(list, i))
			check_note(check, "fast-path", "nat.fast-path: on: no XDP on %s: %s",
				   render_text(item, "interface"), render_text(item, "reason"));
	}
	json_decref(fetched.json);
}
