// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "render.h"

#define PORTS_WIDTH_MAX 48

const char *render_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

json_int_t render_number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

bool render_truth(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

void render_join(const json_t *array, const char *between, struct strbuf *out)
{
	const json_t *item;
	size_t index;

	json_array_foreach (array, index, item)
		strbuf_add(out, "%s%s", index ? between : "", json_string_value(item));
}

static void add_range(struct strbuf *out, json_int_t first, json_int_t last)
{
	strbuf_add(out, "%lld", (long long)first);
	if (last != first)
		strbuf_add(out, "-%lld", (long long)last);
}

void render_forwards(const json_t *forwards, struct strbuf *out)
{
	const json_t *row;
	size_t index;

	json_array_foreach (forwards, index, row) {
		json_int_t external = render_number(row, "external_first");
		json_int_t internal = render_number(row, "internal_first");

		strbuf_add(out, "%s", index ? ", " : "");
		if (external != internal) {
			add_range(out, external, render_number(row, "external_last"));
			strbuf_add(out, ":");
		}
		add_range(out, internal, render_number(row, "internal_last"));
		strbuf_add(out, "/%s", render_text(row, "protocol"));
	}
}

static const char *host_of(const json_t *service)
{
	const char *host = render_text(service, "host");

	return *host ? host : render_text(service, "host6");
}

static void add_verdict(const json_t *service, struct strbuf *out)
{
	const char *reason = render_text(service, "reason");

	strbuf_add(out, "%s%s%s", render_text(service, "verdict"), *reason ? ": " : "", reason);
}

static int wider(int width, size_t length)
{
	return length > (size_t)width ? (int)length : width;
}

void render_service_table(const json_t *services, struct strbuf *out)
{
	int name_width = 7, host_width = 4, ports_width = 5;
	const json_t *row;
	size_t index;

	json_array_foreach (services, index, row) {
		_strbuf_ struct strbuf ports = {0};

		render_forwards(json_object_get(row, "forwards"), &ports);
		name_width = wider(name_width, strlen(render_text(row, "name")));
		host_width = wider(host_width, strlen(host_of(row)));
		/* One service with very many ports does not push the verdicts of all off the screen. */
		if (ports.length <= PORTS_WIDTH_MAX)
			ports_width = wider(ports_width, ports.length);
	}
	strbuf_add(out, "%-*s  %-*s  %-*s  %s\n", name_width, "SERVICE", host_width, "HOST",
		   ports_width, "PORTS", "VERDICT");
	json_array_foreach (services, index, row) {
		_strbuf_ struct strbuf ports = {0};

		render_forwards(json_object_get(row, "forwards"), &ports);
		strbuf_add(out, "%-*s  %-*s  %-*s  ", name_width, render_text(row, "name"),
			   host_width, host_of(row), ports_width, strbuf_text(&ports));
		add_verdict(row, out);
		strbuf_add(out, "\n");
	}
}

/* "themselves: ..." or "192.168.11.3: ..." */
static void add_outside(const json_t *outside, struct strbuf *out)
{
	const char *source = render_text(outside, "source"), *own = render_text(outside, "address");

	if (!strcmp(source, "client"))
		strbuf_add(out, "themselves: ");
	else
		strbuf_add(out, "%s: ", *own ? own : "this machine");
	strbuf_add(out, "%s", render_text(outside, "why"));
}

void render_outside_table(const json_t *services, struct strbuf *out)
{
	int width = 7;
	const json_t *row;
	size_t index;
	bool any = false;

	json_array_foreach (services, index, row) {
		width = wider(width, strlen(render_text(row, "name")));
		any |= json_is_object(json_object_get(row, "outside_source"));
	}
	if (!any)
		return;
	strbuf_add(out, "\n%-*s  OUTSIDE CLIENTS COME TO IT AS\n", width, "SERVICE");
	json_array_foreach (services, index, row) {
		const json_t *outside = json_object_get(row, "outside_source");

		if (!json_is_object(outside))
			continue;
		strbuf_add(out, "%-*s  ", width, render_text(row, "name"));
		add_outside(outside, out);
		strbuf_add(out, "\n");
	}
}

/* Null for one of the gateway itself: nothing is translated there. */
static void add_sources(const json_t *service, struct strbuf *out)
{
	const json_t *outside = json_object_get(service, "outside_source");
	const char *why = render_text(service, "hairpin_source_why");

	if (json_is_object(outside)) {
		strbuf_add(out, "  outside clients come as ");
		add_outside(outside, out);
		strbuf_add(out, "\n");
	}
	if (*render_text(service, "hairpin_source"))
		strbuf_add(out, "  loopback shows the server the %s address%s%s\n",
			   render_text(service, "hairpin_source"), *why ? ": " : "", why);
}

void render_services(const json_t *services, struct strbuf *out)
{
	const json_t *list = json_object_get(services, "services"), *row;
	size_t index;

	if (json_array_size(list) == 0)
		strbuf_add(out, "no services are declared\n");
	json_array_foreach (list, index, row) {
		strbuf_add(out, "%s%s\n  ", index ? "\n" : "", render_text(row, "name"));
		add_verdict(row, out);
		strbuf_add(out, "\n  host     %s", host_of(row));
		if (*render_text(row, "host") && *render_text(row, "host6"))
			strbuf_add(out, ", %s", render_text(row, "host6"));
		if (*render_text(row, "segment"))
			strbuf_add(out, " on %s", render_text(row, "segment"));
		if (json_array_size(json_object_get(row, "domains")) > 0) {
			strbuf_add(out, "\n  names    ");
			render_join(json_object_get(row, "domains"), ", ", out);
		}
		strbuf_add(out, "\n  ports    ");
		render_forwards(json_object_get(row, "forwards"), out);
		strbuf_add(out, "\n");
		add_sources(row, out);
	}
}

static void add_statistics(const json_t *statistics, struct strbuf *out)
{
	const json_t *row;
	size_t index;
	bool any = false;

	json_array_foreach (statistics, index, row) {
		if (render_number(row, "count") == 0)
			continue;
		if (!any)
			strbuf_add(out, "\n%12s  %-22s %s\n", "TIMES", "WHAT ELSE HAPPENED",
				   "MEANING");
		any = true;
		strbuf_add(out, "%12lld  %-22s %s\n", (long long)render_number(row, "count"),
			   render_text(row, "name"), render_text(row, "text"));
	}
}

/* What never happened says nothing. */
void render_drops(const json_t *drops, struct strbuf *out)
{
	const json_t *row;
	size_t index;

	strbuf_add(out, "%12s  %-22s %s\n", "PACKETS", "REASON", "MEANING");
	json_array_foreach (json_object_get(drops, "reasons"), index, row) {
		if (render_number(row, "packets") > 0)
			strbuf_add(out, "%12lld  %-22s %s\n",
				   (long long)render_number(row, "packets"),
				   render_text(row, "reason"), render_text(row, "text"));
	}
	if (render_number(drops, "guard_dropped") > 0)
		strbuf_add(out, "%12lld  %-22s %s\n",
			   (long long)render_number(drops, "guard_dropped"), "guard",
			   "reached the stack without having been judged by a filter");
	add_statistics(json_object_get(drops, "statistics"), out);
}

static void add_link(const json_t *link, struct strbuf *out)
{
	const json_t *addrs = json_object_get(link, "addrs"), *addr;
	size_t index;

	strbuf_add(out, "%s: ", render_text(link, "name"));
	if (render_number(link, "ifindex") == 0) {
		strbuf_add(out, "not there\n");
		return;
	}
	strbuf_add(out, "index %lld, mtu %lld, %s%s%s%s\n",
		   (long long)render_number(link, "ifindex"), (long long)render_number(link, "mtu"),
		   render_truth(link, "up") ? "up" : "down",
		   render_truth(link, "running") ? "" : ", no carrier",
		   render_truth(link, "bridge") ? ", a bridge" : "",
		   render_truth(link, "layer3") ? ", no link header" : "");
	json_array_foreach (addrs, index, addr)
		strbuf_add(out, "  address %s/%lld\n", render_text(addr, "addr"),
			   (long long)render_number(addr, "length"));
}

static const char *link_name(const json_t *facts, json_int_t ifindex)
{
	const json_t *link;
	size_t index;

	json_array_foreach (json_object_get(facts, "links"), index, link) {
		if (render_number(link, "ifindex") == ifindex)
			return render_text(link, "name");
	}
	return "?";
}

void render_facts(const json_t *facts, struct strbuf *out)
{
	const json_t *row;
	size_t index;

	json_array_foreach (json_object_get(facts, "links"), index, row)
		add_link(row, out);
	json_array_foreach (json_object_get(facts, "routes"), index, row) {
		strbuf_add(out, "route %s on %s", render_text(row, "net"),
			   link_name(facts, render_number(row, "ifindex")));
		if (*render_text(row, "gateway"))
			strbuf_add(out, " through %s", render_text(row, "gateway"));
		strbuf_add(out, "\n");
	}
	json_array_foreach (json_object_get(facts, "neighs"), index, row)
		strbuf_add(out, "neighbour %s on %s%s\n", render_text(row, "addr"),
			   link_name(facts, render_number(row, "ifindex")),
			   render_truth(row, "reachable") ? "" : ", does not answer");
}
