// SPDX-License-Identifier: GPL-2.0-or-later
/* `show leases`, once or as they come and go. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "commands.h"
#include "fetch.h"
#include "protocol.h"

/* What changed is shown as soon as that; a lease takes longer. */
#define LOOK_S 1

static const json_t *find(const json_t *leases, const char *address)
{
	const json_t *row;
	size_t index;

	json_array_foreach (leases, index, row) {
		if (!strcmp(render_text(row, "address"), address))
			return row;
	}
	return NULL;
}

/* Time that runs is no change. */
static bool is_same(const json_t *a, const json_t *b)
{
	static const char *const keys[] = {"mac", "name", "domain", "interface"};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (strcmp(render_text(a, keys[i]), render_text(b, keys[i])))
			return false;
	}
	return true;
}

static void print_event(const struct invocation *invocation, const char *event, const json_t *row)
{
	_strbuf_ struct strbuf out = {0};

	if (invocation->json) {
		json_t *line = json_deep_copy(row);
		_free_ char *text = NULL;

		json_object_set_new(line, "event", json_string(event));
		text = json_dumps(line, JSON_COMPACT);
		json_decref(line);
		puts(text ? text : "{}");
		return;
	}
	render_lease(row, &out);
	printf("%-8s %s", event, strbuf_text(&out));
}

/* Those of @rows that @others has not, or not so; @changed: what to call the latter, NULL: nothing. */
static void print_news(const struct invocation *invocation, const json_t *rows,
		       const json_t *others, const char *news, const char *changed)
{
	const json_t *row, *other;
	size_t index;

	json_array_foreach (rows, index, row) {
		other = find(others, render_text(row, "address"));
		if (!other)
			print_event(invocation, news, row);
		else if (changed && !is_same(row, other))
			print_event(invocation, changed, row);
	}
}

static int ask(const struct invocation *invocation, json_t **ret_leases)
{
	struct question question = {.attach = -1};
	struct fetched fetched;

	control_request_init(&question.request, CONTROL_SHOW_LEASES);
	fetched = fetch_json(invocation, &question);
	if (!fetched.json)
		return fetched.exit_code;
	*ret_leases = json_incref(json_object_get(fetched.json, "leases"));
	json_decref(fetched.json);
	return CONTROL_EXIT_OK;
}

/* Until nobody reads any more, or the daemon has gone. */
static int follow(const struct invocation *invocation)
{
	const struct timespec look = {.tv_sec = LOOK_S};
	json_t *before = json_array(), *now = NULL;
	int ret;

	while (!(ret = ask(invocation, &now))) {
		print_news(invocation, before, now, "gone", NULL);
		print_news(invocation, now, before, "leased", "changed");
		json_decref(before);
		before = now;
		if (fflush(stdout))
			break;
		nanosleep(&look, NULL);
	}
	json_decref(before);
	return ret;
}

int command_show_leases(const struct invocation *invocation)
{
	return invocation->follow ? follow(invocation)
				  : fetch_and_print(invocation, CONTROL_SHOW_LEASES, render_leases);
}
