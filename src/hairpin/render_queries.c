// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The query log for people. Its answers do not come from the daemon but from the process that reads what strangers ask for: nothing in them goes to the terminal as it
 * is.
 */
#include <string.h>
#include <time.h>

#include "duration.h"
#include "render.h"

#define CLIENT_WIDTH 15

void render_clean(const json_t *object, const char *key, int width, struct strbuf *out)
{
	const char *text = render_text(object, key);
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i++) {
		bool is_plain = text[i] >= ' ' && text[i] < 0x7f;

		strbuf_add(out, "%c", is_plain ? text[i] : '?');
	}
	if (width > 0 && length < (size_t)width)
		strbuf_add(out, "%*s", width - (int)length, "");
}

static void queries_head(struct strbuf *out)
{
	strbuf_add(out, "%-19s %-*s %-6s %-10s %-9s %s\n", "TIME", CLIENT_WIDTH, "CLIENT", "TYPE",
		   "OUTCOME", "ANSWER", "NAME");
}

static void add_took(json_int_t took_us, struct strbuf *out)
{
	if (took_us > 0)
		strbuf_add(out, " in %lld.%lld ms", (long long)(took_us / 1000),
			   (long long)(took_us / 100 % 10));
}

static void queries_row(const json_t *row, struct strbuf *out)
{
	time_t at = (time_t)(render_number(row, "at_ms") / 1000);
	char time[32] = "?";
	struct tm tm;

	if (localtime_r(&at, &tm))
		strftime(time, sizeof(time), "%Y-%m-%d %H:%M:%S", &tm);
	strbuf_add(out, "%-19s ", time);
	render_clean(row, "client", CLIENT_WIDTH, out);
	strbuf_add(out, " ");
	render_clean(row, "type", 6, out);
	strbuf_add(out, " ");
	render_clean(row, "outcome", 10, out);
	strbuf_add(out, " ");
	render_clean(row, "rcode", 9, out);
	strbuf_add(out, " ");
	render_clean(row, "name", 0, out);
	if (*render_text(row, "list")) {
		strbuf_add(out, ", list ");
		render_clean(row, "list", 0, out);
	}
	if (*render_text(row, "upstream")) {
		strbuf_add(out, ", by ");
		render_clean(row, "upstream", 0, out);
	}
	add_took(render_number(row, "took_us"), out);
	strbuf_add(out, "\n");
}

const struct render_rows render_queries = {queries_head, queries_row};

static void add_list(const json_t *top, const char *key, const char *what, struct strbuf *out)
{
	const json_t *list = json_object_get(top, key), *row;
	size_t index;

	if (!list)
		return;
	if (out->length)
		strbuf_add(out, "\n");
	strbuf_add(out, "%10s  %10s  %s\n", "QUERIES", "BLOCKED",
		   !strcmp(key, "blocked") ? "BLOCKED NAME"
		   : !strcmp(what, "name") ? "NAME"
					   : "CLIENT");
	json_array_foreach (list, index, row) {
		strbuf_add(out, "%10lld  %10lld  ", (long long)render_number(row, "queries"),
			   (long long)render_number(row, "blocked"));
		render_clean(row, what, 0, out);
		strbuf_add(out, "\n");
	}
}

void render_top(const json_t *top, struct strbuf *out)
{
	add_list(top, "clients", "client", out);
	add_list(top, "names", "name", out);
	add_list(top, "blocked", "name", out);
}
