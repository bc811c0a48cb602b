/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for people, made of the JSON that -j would print. Pure: what a renderer knows is in its argument. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "strbuf.h"

typedef void (*render_fn)(const json_t *json, struct strbuf *out);

void render_status(const json_t *status, struct strbuf *out);
void render_services(const json_t *services, struct strbuf *out);
void render_drops(const json_t *drops, struct strbuf *out);
void render_ports(const json_t *ports, struct strbuf *out);
void render_leases(const json_t *leases, struct strbuf *out);
void render_lease(const json_t *row, struct strbuf *out); /* one line of it */
void render_block_lists(const json_t *answer, struct strbuf *out);
/* One line for `status`; nothing where there are no lists. */
void render_block_lists_line(const json_t *answer, struct strbuf *out);
void render_facts(const json_t *facts, struct strbuf *out);
void render_check(const json_t *report, struct strbuf *out);

/* For answers of many rows. */
struct render_rows {
	void (*head)(struct strbuf *out);
	render_fn row;
};

extern const struct render_rows render_sessions, render_mappings, render_queries;

void render_top(const json_t *top, struct strbuf *out);

/* --- shared by the renderers ----------------------------------------------------------------- */

/* The text of a key, "" if it is absent or null. */
const char *render_text(const json_t *object, const char *key);
/* The same for what strangers chose: what a terminal would obey becomes '?'. In @width columns at least. */
void render_clean(const json_t *object, const char *key, int width, struct strbuf *out);
json_int_t render_number(const json_t *object, const char *key);
bool render_truth(const json_t *object, const char *key);
/* What `status` says of DHCP: nothing where it is off. */
void render_dhcp_line(const json_t *dhcp, struct strbuf *out);
/* What `status` says of the router upstream: nothing where there is none. */
void render_upstream(const json_t *upstream, struct strbuf *out);
/* What of its rules is to be entered there by hand, a line each behind @indent. False, and nothing: there is nothing. */
bool render_upstream_table(const json_t *rules, const char *indent, struct strbuf *out);
/* An array of texts in one line. */
void render_join(const json_t *array, const char *between, struct strbuf *out);
/* "21115/tcp, 8443:443/tcp, 30000-30099/udp" */
void render_forwards(const json_t *forwards, struct strbuf *out);
/* The lines of the services, with the verdict last. */
void render_service_table(const json_t *services, struct strbuf *out);
/* Role bypass: as whom clients outside come to each, and why; in others nothing. */
void render_outside_table(const json_t *services, struct strbuf *out);
