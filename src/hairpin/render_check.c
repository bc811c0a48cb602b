// SPDX-License-Identifier: GPL-2.0-or-later
#include "render.h"

static void add_lines(const json_t *lines, const char *title, struct strbuf *out)
{
	const json_t *line;
	size_t index;

	json_array_foreach (lines, index, line)
		strbuf_add(out, "%-8s %s\n", title, json_string_value(line));
}

static void add_plan(const json_t *plan, struct strbuf *out)
{
	const char *address = render_text(plan, "public_address");

	if (!render_number(plan, "devices")) {
		strbuf_add(out, "%lld services, by name only: role resolver\n",
			   (long long)render_number(plan, "services"));
		return;
	}
	strbuf_add(
		out,
		"%lld services, %lld devices, %lld rules, room for %lld sessions, public address %s\n",
		(long long)render_number(plan, "services"),
		(long long)render_number(plan, "devices"), (long long)render_number(plan, "rules"),
		(long long)render_number(plan, "sessions"), *address ? address : "not there yet");
}

void render_check(const json_t *report, struct strbuf *out)
{
	const json_t *finding;
	size_t index, n = 0;
	_strbuf_ struct strbuf table = {0};

	strbuf_add(out, "%s: ", render_text(report, "configuration"));
	if (render_truth(report, "valid"))
		add_plan(json_object_get(report, "would_apply"), out);
	else
		strbuf_add(out, "cannot be applied\n");
	add_lines(json_object_get(report, "errors"), "error", out);
	add_lines(json_object_get(report, "waits"), "waits", out);
	json_array_foreach (json_object_get(report, "findings"), index, finding) {
		strbuf_add(out, "%-8s %s\n", render_text(finding, "level"),
			   render_text(finding, "text"));
		if (*render_text(finding, "fix"))
			strbuf_add(out, "%-8s %s\n", "  fix", render_text(finding, "fix"));
		n += render_text(finding, "level")[0] == 'f';
	}
	if (render_upstream_table(json_object_get(report, "upstream"), "  ", &table))
		strbuf_add(out, "in the router upstream, as port forwards:\n%s",
			   strbuf_text(&table));
	if (render_truth(report, "valid") && n == 0)
		strbuf_add(out, "nothing stands against it\n");
}
