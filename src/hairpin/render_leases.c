// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "duration.h"
#include "render.h"

#define ADDRESS_WIDTH 15
#define MAC_WIDTH 17

static void add_left(const json_t *row, struct strbuf *out)
{
	char text[DURATION_TEXT_MAX];

	if (json_is_null(json_object_get(row, "left_s")))
		strbuf_add(out, "%7s  ", "ever");
	else
		strbuf_add(out, "%7s  ",
			   duration_format((unsigned int)render_number(row, "left_s"), text));
}

void render_lease(const json_t *row, struct strbuf *out)
{
	strbuf_add(out, "%-*s  %-*s  ", ADDRESS_WIDTH, render_text(row, "address"), MAC_WIDTH,
		   render_text(row, "mac"));
	add_left(row, out);
	strbuf_add(out, "%s", render_text(row, "name"));
	if (*render_text(row, "name") && *render_text(row, "domain"))
		strbuf_add(out, ".%s", render_text(row, "domain"));
	strbuf_add(out, "%s%s\n", render_truth(row, "reserved") ? " (reserved)" : "",
		   *render_text(row, "interface") ? "" : " (of no segment that gets leases now)");
}

void render_leases(const json_t *leases, struct strbuf *out)
{
	const json_t *list = json_object_get(leases, "leases"), *row;
	size_t index;

	if (json_array_size(list) == 0) {
		strbuf_add(out, "nobody has a lease\n");
		return;
	}
	strbuf_add(out, "%-*s  %-*s  %7s  %s\n", ADDRESS_WIDTH, "ADDRESS", MAC_WIDTH, "STATION",
		   "FOR", "NAME");
	json_array_foreach (list, index, row)
		render_lease(row, out);
}

void render_dhcp_line(const json_t *dhcp, struct strbuf *out)
{
	if (!render_truth(dhcp, "on"))
		return;
	strbuf_add(out, "%-10s  %lld leases on ", "dhcp", (long long)render_number(dhcp, "leases"));
	render_join(json_object_get(dhcp, "segments"), ", ", out);
	if (render_number(dhcp, "process") == 0)
		strbuf_add(out, "; dnsmasq is not running");
	strbuf_add(out, "\n");
}
