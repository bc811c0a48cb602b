/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of the nftables backend. */
#pragma once

#include "backend.h"
#include "hold.h"
#include "table.h"
#include "track.h"

/* Connections read at once and given out in slices. Another walk reads its own; the one before goes on in that by its place. */
struct walk {
	struct tracked_list list;
	__u32 serial; /* upper half of its cursors; 0: none was read */
};

struct backend {
	char *state; /* directory */
	struct listing listing; /* of our table */
	struct hold hold;
	struct strbuf commands; /* that made it */
	struct view view; /* of the plan in force */
	struct walk walk;
	__u32 generation; /* of the plan in force */
	bool adopted, audit_due;
	bool let_go; /* there shall be no hold */
};

/* show.c */
int show_sessions(struct backend *backend, __u64 *cursor, unsigned int max, backend_session_cb cb,
		  void *data);
int show_mappings(struct backend *backend, __u64 *cursor, unsigned int max, backend_mapping_cb cb,
		  void *data);
int show_counters(struct backend *backend, __u64 *ret_packets);
int show_stats(struct backend *backend, __u64 *ret_stats);
int show_ports(struct backend *backend, struct backend_ports_list *ret_list);
int show_hosts(struct backend *backend, struct backend_hosts *ret_hosts);
int show_past(struct backend *backend, struct backend_past *ret_items, size_t max);

/* lacks.c */
void lacks(const struct plan *plan, struct strbuf *ret_lines);
