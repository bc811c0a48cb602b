// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "duration.h"
#include "render.h"

/* An IPv4 address with its port; what is longer pushes its line to the right and is still whole. */
#define ENDPOINT_WIDTH 21

static void add_endpoint(struct strbuf *out, const char *addr, json_int_t port)
{
	char text[80];

	if (port == 0)
		snprintf(text, sizeof(text), "%s", addr);
	else
		snprintf(text, sizeof(text), strchr(addr, ':') ? "[%s]:%lld" : "%s:%lld", addr,
			 (long long)port);
	strbuf_add(out, "%-*s ", ENDPOINT_WIDTH, text);
}

static void add_duration(struct strbuf *out, const json_t *row, const char *key)
{
	char text[DURATION_TEXT_MAX];

	strbuf_add(out, "%7s ", duration_format((unsigned int)render_number(row, key), text));
}

static void sessions_head(struct strbuf *out)
{
	strbuf_add(out, "%-5s %-8s %-12s %-*s %-*s %-*s %-*s %7s %7s %s\n", "PROTO", "KIND",
		   "STATE", ENDPOINT_WIDTH, "FROM", ENDPOINT_WIDTH, "TO", ENDPOINT_WIDTH,
		   "SEEN FROM", ENDPOINT_WIDTH, "SEEN TO", "IDLE", "EXPIRES", "SERVICE");
}

static void sessions_row(const json_t *row, struct strbuf *out)
{
	const json_t *original = json_object_get(row, "original");
	const json_t *translated = json_object_get(row, "translated");

	strbuf_add(out, "%-5s %-8s %-12s ", render_text(row, "protocol"), render_text(row, "kind"),
		   render_text(row, "state"));
	add_endpoint(out, render_text(original, "source"), render_number(original, "source_port"));
	add_endpoint(out, render_text(original, "destination"),
		     render_number(original, "destination_port"));
	add_endpoint(out, render_text(translated, "source"),
		     render_number(translated, "source_port"));
	add_endpoint(out, render_text(translated, "destination"),
		     render_number(translated, "destination_port"));
	add_duration(out, row, "idle_s");
	add_duration(out, row, "expires_s");
	strbuf_add(out, "%s\n", render_text(row, "service"));
}

const struct render_rows render_sessions = {sessions_head, sessions_row};

static void mappings_head(struct strbuf *out)
{
	strbuf_add(out, "%-5s %-*s %-*s %8s %7s %s\n", "PROTO", ENDPOINT_WIDTH, "INTERNAL",
		   ENDPOINT_WIDTH, "EXTERNAL", "SESSIONS", "AGE", "NOTE");
}

static void mappings_row(const json_t *row, struct strbuf *out)
{
	strbuf_add(out, "%-5s ", render_text(row, "protocol"));
	add_endpoint(out, render_text(row, "internal"), render_number(row, "internal_port"));
	add_endpoint(out, render_text(row, "external"), render_number(row, "external_port"));
	strbuf_add(out, "%8lld ", (long long)render_number(row, "sessions"));
	add_duration(out, row, "age_s");
	if (render_truth(row, "host"))
		strbuf_add(out, "of the gateway itself");
	else if (render_truth(row, "fixed"))
		strbuf_add(out, "port of a forward");
	strbuf_add(out, "\n");
}

const struct render_rows render_mappings = {mappings_head, mappings_row};
