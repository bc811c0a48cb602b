// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "duration.h"
#include "render.h"

static void add_bytes(struct strbuf *out, json_int_t bytes)
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB"};
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1024 && unit + 1 < ARRAY_SIZE(units)) {
		value /= 1024;
		unit++;
	}
	strbuf_add(out, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

static void add_backend(const json_t *backend, struct strbuf *out)
{
	const json_t *line;
	size_t i;

	strbuf_add(out, "backend     %s (%s)", render_text(backend, "name"),
		   render_text(backend, "why"));
	if (json_is_integer(json_object_get(backend, "layout")))
		strbuf_add(out, ", layout %lld", (long long)render_number(backend, "layout"));
	strbuf_add(out, "%s\n",
		   render_truth(backend, "adopted") ? ", taken over from the daemon before" : "");
	json_array_foreach (json_object_get(backend, "unavailable"), i, line) {
		strbuf_add(out, "%s%s\n", i ? "            " : "not with it ",
			   json_string_value(line));
	}
	if (render_number(backend, "other_rules") > 0)
		strbuf_add(
			out,
			"others      %lld netfilter rules of others win over it: `hairpin check` "
			"names them and what mends them\n",
			(long long)render_number(backend, "other_rules"));
}

/* "wan: XDP; br-lan: tc (a bridge: ...)", a line each; ports of a bridge stand below it. */
static void add_fast_path(const json_t *list, struct strbuf *out)
{
	const json_t *item;
	size_t i;

	json_array_foreach (list, i, item) {
		const char *path = render_text(item, "path");
		bool is_port = json_is_true(json_object_get(item, "port"));

		strbuf_add(out, "%-12s%s%s: %s", i ? "" : "fast path", is_port ? "  " : "",
			   render_text(item, "interface"), strcmp(path, "xdp") ? path : "XDP");
		if (json_is_string(json_object_get(item, "reason")))
			strbuf_add(out, " (%s)", render_text(item, "reason"));
		strbuf_add(out, "\n");
	}
}

static void add_head(const json_t *status, struct strbuf *out)
{
	char uptime[DURATION_TEXT_MAX];
	const json_t *backend = json_object_get(status, "backend");
	const json_t *sessions = json_object_get(status, "sessions");

	strbuf_add(out, "role        %s, hairpin %s, up %s, generation %lld\n",
		   render_text(status, "role"), render_text(status, "version"),
		   duration_format((unsigned int)render_number(status, "uptime_s"), uptime),
		   (long long)render_number(status, "generation"));
	if (!json_is_object(sessions))
		return;
	add_backend(backend, out);
	add_fast_path(json_object_get(backend, "fast_path"), out);
	strbuf_add(out, "sessions    %lld of %lld, ", (long long)render_number(sessions, "active"),
		   (long long)render_number(sessions, "size"));
	add_bytes(out, render_number(sessions, "bytes"));
	strbuf_add(out, "\n");
}

static void add_limit(const json_t *limits, const char *key, struct strbuf *out)
{
	if (json_is_null(json_object_get(limits, key)))
		strbuf_add(out, "unlimited");
	else
		strbuf_add(out, "%lld", (long long)render_number(limits, key));
}

static void add_nat(const json_t *nat, struct strbuf *out)
{
	const json_t *filtering = json_object_get(nat, "filtering");
	const json_t *limits = json_object_get(nat, "limits");

	if (!json_is_object(nat))
		return;
	strbuf_add(out, "limits      of each host: ports ");
	add_limit(limits, "mappings_per_host", out);
	strbuf_add(out, ", sessions ");
	add_limit(limits, "sessions_per_host", out);
	strbuf_add(out, ", new ones a second ");
	add_limit(limits, "new_per_host", out);
	strbuf_add(out, "\nfiltering   udp %s, tcp %s\n", render_text(filtering, "udp"),
		   render_text(filtering, "tcp"));
}

static const char *link_fault(const json_t *link)
{
	if (!render_truth(link, "present"))
		return "not there";
	if (!render_truth(link, "up"))
		return "down";
	return render_truth(link, "running") ? NULL : "no carrier";
}

static void add_link(const json_t *link, struct strbuf *out)
{
	const char *fault = link_fault(link);

	strbuf_add(out, "%-10s  ", render_text(link, "interface"));
	render_join(json_object_get(link, "addresses"), ", ", out);
	if (fault)
		strbuf_add(out, "%s%s",
			   json_array_size(json_object_get(link, "addresses")) ? ", " : "", fault);
	if (render_truth(link, "isolated"))
		strbuf_add(out, ", isolated");
	strbuf_add(out, "\n");
}

static void add_links(const json_t *status, struct strbuf *out)
{
	const json_t *lan;
	size_t index;

	if (json_is_object(json_object_get(status, "wan"))) {
		strbuf_add(out, "wan         ");
		add_link(json_object_get(status, "wan"), out);
	}
	json_array_foreach (json_object_get(status, "lans"), index, lan) {
		strbuf_add(out, "lan         ");
		add_link(lan, out);
	}
}

static void add_lines(const json_t *lines, const char *title, struct strbuf *out)
{
	const json_t *line;
	size_t index;

	json_array_foreach (lines, index, line)
		strbuf_add(out, "%-10s  %s\n", index ? "" : title, json_string_value(line));
}

static void add_last_day(const json_t *day, struct strbuf *out)
{
	if (render_number(day, "all") > 0)
		strbuf_add(
			out,
			"            in 24 h: %lld queries, %.1f %% blocked, %.1f %% of the others from the cache\n",
			(long long)render_number(day, "all"),
			json_number_value(json_object_get(day, "blocked_percent")),
			json_number_value(json_object_get(day, "cache_percent")));
}

/* Only what is wrong: the others answer. */
static void add_upstream_faults(const json_t *upstreams, struct strbuf *out)
{
	const json_t *upstream;
	size_t index;

	json_array_foreach (upstreams, index, upstream) {
		if (*render_text(upstream, "fault"))
			strbuf_add(out, "            upstream %s: %s\n",
				   render_text(upstream, "address"),
				   render_text(upstream, "fault"));
	}
}

/* A program that renews certificates does so some weeks before they end, and by then it has not. */
#define CERTIFICATE_DAYS 14

static void add_certificate(const json_t *tls, struct strbuf *out)
{
	long long days = (long long)render_number(tls, "days_left");

	if (*render_text(tls, "fault"))
		strbuf_add(out, "            %s\n", render_text(tls, "fault"));
	if (!json_is_string(json_object_get(tls, "name")) || days >= CERTIFICATE_DAYS)
		return;
	strbuf_add(out, "            the certificate for %s ", render_text(tls, "name"));
	if (days < 0)
		strbuf_add(out, "has ended: nobody asks over TLS any more\n");
	else
		strbuf_add(out, "ends in %lld days\n", days);
}

static void add_dns(const json_t *dns, struct strbuf *out)
{
	const json_t *queries = json_object_get(dns, "queries");

	if (!render_truth(dns, "on"))
		return;
	strbuf_add(out, "dns         ");
	render_join(json_object_get(dns, "addresses"), ", ", out);
	strbuf_add(
		out,
		": %lld names; answered %lld with them, %lld from the cache, %lld by upstreams, %lld blocked, %lld failed\n",
		(long long)render_number(dns, "names"),
		(long long)render_number(queries, "rewritten"),
		(long long)render_number(queries, "cached"),
		(long long)render_number(queries, "forwarded"),
		(long long)render_number(queries, "blocked"),
		(long long)render_number(queries, "failed"));
	add_last_day(json_object_get(dns, "last_day"), out);
	if (json_is_false(json_object_get(json_object_get(dns, "blocking"), "on")))
		strbuf_add(out, "            %s\n",
			   render_text(json_object_get(dns, "blocking"), "text"));
	render_block_lists_line(json_object_get(dns, "lists"), out);
	add_upstream_faults(json_object_get(dns, "upstreams"), out);
	if (*render_text(dns, "trust_fault"))
		strbuf_add(out, "            %s\n", render_text(dns, "trust_fault"));
	add_certificate(json_object_get(dns, "tls"), out);
}

/* Word for word what somebody types into a page that we do not know. */
static void add_router(const json_t *router, struct strbuf *out)
{
	const json_t *server;
	size_t index;

	if (!json_is_object(router))
		return;
	strbuf_add(out, "router      set %s,\n            and not %s:\n",
		   render_text(router, "setting"), render_text(router, "not"));
	json_array_foreach (json_object_get(router, "servers"), index, server)
		strbuf_add(out, "              first server   %s   (for %s)\n",
			   render_text(server, "address"), render_text(server, "network"));
	strbuf_add(out, "              second server  %s\n            because %s\n",
		   render_text(router, "second"), render_text(router, "why"));
}

/* The fingerprint is what somebody compares at a laptop. */
static void add_hosts_service(const json_t *hosts, struct strbuf *out)
{
	if (!render_truth(hosts, "on"))
		return;
	strbuf_add(out, "hosts       %s: %lld answers\n", render_text(hosts, "key"),
		   (long long)render_number(hosts, "answered"));
}

/* Nothing while nobody ever took anything away and it watches. */
static void add_watchdog(const json_t *watchdog, struct strbuf *out)
{
	const json_t *last = json_object_get(watchdog, "last");
	const char *state = render_text(watchdog, "state");
	long long removals = (long long)render_number(watchdog, "removals");
	char ago[DURATION_TEXT_MAX];

	if (!json_is_object(watchdog) || (!removals && !strcmp(state, "on")))
		return;
	strbuf_add(out, "watchdog    %s; taken away from the kernel: %lld %s\n", state, removals,
		   removals == 1 ? "time" : "times");
	if (!json_is_object(last))
		return;
	strbuf_add(out, "            last: %s, %s ago, by ", render_text(last, "what"),
		   duration_format((unsigned int)render_number(last, "ago_s"), ago));
	if (json_is_string(json_object_get(last, "program")))
		strbuf_add(out, "%s (process %lld)\n", render_text(last, "program"),
			   (long long)render_number(last, "pid"));
	else
		strbuf_add(out, "somebody whom the kernel does not name\n");
}

static void add_pending(const json_t *pending, struct strbuf *out)
{
	char left[DURATION_TEXT_MAX];

	if (!json_is_object(pending))
		return;
	if (render_truth(pending, "reverting"))
		strbuf_add(out, "pending     was not confirmed in time and is being taken back\n");
	else
		strbuf_add(out, "pending     goes back in %s unless `hairpin confirm`\n",
			   duration_format((unsigned int)render_number(pending, "left_s"), left));
}

static void add_drops(const json_t *drops, struct strbuf *out)
{
	const json_t *row;
	size_t index;

	json_array_foreach (drops, index, row)
		strbuf_add(out, "%-10s  %lld %s: %s\n", index ? "" : "drops",
			   (long long)render_number(row, "packets"), render_text(row, "reason"),
			   render_text(row, "text"));
}

void render_status(const json_t *status, struct strbuf *out)
{
	const json_t *services = json_object_get(status, "services");

	add_head(status, out);
	add_nat(json_object_get(status, "nat"), out);
	add_links(status, out);
	render_upstream(json_object_get(status, "upstream"), out);
	add_dns(json_object_get(status, "dns"), out);
	add_router(json_object_get(status, "router"), out);
	render_dhcp_line(json_object_get(status, "dhcp"), out);
	add_hosts_service(json_object_get(status, "hosts_service"), out);
	add_watchdog(json_object_get(status, "watchdog"), out);
	add_pending(json_object_get(status, "pending"), out);
	add_lines(json_object_get(status, "waits"), "waits", out);
	add_lines(json_object_get(status, "warnings"), "warnings", out);
	add_drops(json_object_get(status, "drops"), out);
	if (json_array_size(services) > 0) {
		strbuf_add(out, "\n");
		render_service_table(services, out);
		render_outside_table(services, out);
	}
}
