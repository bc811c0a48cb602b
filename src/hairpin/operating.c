// SPDX-License-Identifier: GPL-2.0-or-later
/* What the operator changes by command, and what was changed so. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "command_outcome.h"
#include "commands.h"
#include "duration.h"
#include "protocol.h"

/* A file in memory with the words as a JSON list. Its descriptor, or -1 with everything said. */
static int words_write(const char *verb, const struct invocation *invocation)
{
	json_t *list = json_pack("[s]", verb);
	_close_ int fd = memfd_create("words", MFD_CLOEXEC);
	int ret = fd < 0 ? -errno : 0;

	for (size_t i = 0; i < invocation->n_args && !ret; i++) {
		if (!json_array_append_new(list, json_string(invocation->args[i])))
			continue;
		fprintf(stderr, "hairpin: argument %zu: not a word\n", i + 1);
		json_decref(list);
		return -1;
	}
	if (!ret && json_dumpfd(list, fd, JSON_COMPACT))
		ret = -EIO;
	json_decref(list);
	if (!ret)
		return TAKE_FD(fd);
	fprintf(stderr, "hairpin: %s\n", strerror(-ret));
	return -1;
}

static int change(const struct invocation *invocation, enum control_verb verb, const char *word)
{
	struct question question = {0};
	struct fetched fetched;
	_close_ int fd = words_write(word, invocation);

	if (fd < 0)
		return CONTROL_EXIT_USAGE;
	control_request_init(&question.request, verb);
	question.attach = fd;
	fetched = fetch_json(invocation, &question);
	return outcome_finish(invocation, fetched);
}

int command_rewrite_add(const struct invocation *invocation)
{
	return change(invocation, CONTROL_REWRITE, "add");
}

int command_rewrite_remove(const struct invocation *invocation)
{
	return change(invocation, CONTROL_REWRITE, "remove");
}

static void render_rewrites(const json_t *changes, struct strbuf *out)
{
	const json_t *list = json_object_get(changes, "rewrites"), *row;
	size_t index;

	if (json_array_size(list) == 0)
		strbuf_add(out, "no rewrites were added by command\n");
	json_array_foreach (list, index, row) {
		strbuf_add(out, "%-32s ", render_text(row, "domain"));
		render_join(json_object_get(row, "answers"), ", ", out);
		strbuf_add(out, "%s\n",
			   render_truth(row, "in_force") ? "" : "  (not in force, see below)");
	}
	json_array_foreach (json_object_get(changes, "conflicts"), index, row)
		strbuf_add(out, "%s\n", json_string_value(row));
}

int command_rewrite_list(const struct invocation *invocation)
{
	return fetch_and_print(invocation, CONTROL_OPERATOR, render_rewrites);
}

/* --- reservations ---------------------------------------------------------------------------- */

int command_reservation_add(const struct invocation *invocation)
{
	return change(invocation, CONTROL_RESERVATION, "add");
}

int command_reservation_remove(const struct invocation *invocation)
{
	return change(invocation, CONTROL_RESERVATION, "remove");
}

static void render_reservations(const json_t *changes, struct strbuf *out)
{
	const json_t *list = json_object_get(changes, "reservations"), *row;
	size_t index;

	if (json_array_size(list) == 0)
		strbuf_add(out, "no reservations were added by command\n");
	json_array_foreach (list, index, row)
		strbuf_add(out, "%-18s %-16s %s%s\n", render_text(row, "mac"),
			   render_text(row, "address"), render_text(row, "name"),
			   render_truth(row, "in_force") ? "" : "  (not in force, see below)");
	json_array_foreach (json_object_get(changes, "conflicts"), index, row)
		strbuf_add(out, "%s\n", json_string_value(row));
}

int command_reservation_list(const struct invocation *invocation)
{
	return fetch_and_print(invocation, CONTROL_OPERATOR, render_reservations);
}

/* --- blocking -------------------------------------------------------------------------------- */

int command_blocking_off(const struct invocation *invocation)
{
	return change(invocation, CONTROL_BLOCKING, "off");
}

int command_blocking_on(const struct invocation *invocation)
{
	return change(invocation, CONTROL_BLOCKING, "on");
}

static void render_blocking(const json_t *changes, struct strbuf *out)
{
	const json_t *blocking = json_object_get(changes, "blocking");
	char left[DURATION_TEXT_MAX];

	strbuf_add(out, "%s", render_text(blocking, "text"));
	if (render_number(blocking, "left_s") > 0)
		strbuf_add(out, ", %s from now",
			   duration_format((unsigned int)render_number(blocking, "left_s"), left));
	strbuf_add(out, "\n");
}

int command_blocking(const struct invocation *invocation)
{
	return fetch_and_print(invocation, CONTROL_OPERATOR, render_blocking);
}
