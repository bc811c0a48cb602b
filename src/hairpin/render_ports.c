// SPDX-License-Identifier: GPL-2.0-or-later
#include "render.h"

static void add_ports(const json_t *ports, struct strbuf *out)
{
	const json_t *row;
	size_t index;

	strbuf_add(out, "%-8s  %-15s  %8s  %8s  %8s\n", "PROTOCOL", "ADDRESS", "IN USE", "RESTING",
		   "FREE");
	json_array_foreach (ports, index, row)
		strbuf_add(out, "%-8s  %-15s  %8lld  %8lld  %8lld\n", render_text(row, "protocol"),
			   render_text(row, "address"), (long long)render_number(row, "in_use"),
			   (long long)render_number(row, "resting"),
			   (long long)render_number(row, "free"));
}

/* Ways that no mapping took say nothing. */
static void add_search(const json_t *search, struct strbuf *out)
{
	const json_t *row;
	size_t index;
	bool any = false;

	json_array_foreach (search, index, row) {
		if (render_number(row, "mappings") == 0)
			continue;
		if (!any)
			strbuf_add(out, "\n%12s  %-12s %s\n", "MAPPINGS", "PORT FOUND", "MEANING");
		any = true;
		strbuf_add(out, "%12lld  %-12s %s\n", (long long)render_number(row, "mappings"),
			   render_text(row, "found"), render_text(row, "text"));
	}
}

static void add_hosts(const json_t *ports, struct strbuf *out)
{
	const json_t *hosts = json_object_get(ports, "hosts"), *row;
	json_int_t more =
		render_number(ports, "hosts_counted") - (json_int_t)json_array_size(hosts);
	size_t index;

	json_array_foreach (hosts, index, row) {
		if (index == 0)
			strbuf_add(out, "\n%12s  %12s  %s\n", "MAPPINGS", "SESSIONS", "HOST");
		strbuf_add(out, "%12lld  %12lld  %s\n", (long long)render_number(row, "mappings"),
			   (long long)render_number(row, "sessions"), render_text(row, "address"));
	}
	if (more > 0)
		strbuf_add(out, "%30s%lld more %s with less\n", "", (long long)more,
			   more == 1 ? "host" : "hosts");
}

void render_ports(const json_t *ports, struct strbuf *out)
{
	add_ports(json_object_get(ports, "ports"), out);
	add_search(json_object_get(ports, "search"), out);
	add_hosts(ports, out);
}
