/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table of the plan on its way into a map, private to this folder: tables.c says into which, and when. */
#pragma once

#include "internal.h"

/* Keys and values apart, as the kernel takes them. */
struct rows {
	enum bpf_map_type type;
	__u32 flags;
	__u32 key_size, value_size, n;
	char *keys, *values; /* owned */
};

/* Of each table, without a row. */
extern const struct rows rows_kinds[TABLES_MAX];

void rows_fini(struct rows *rows);
#define _rows_ _cleanup_(rows_fini)

/* Those of @plan, for rows_fini() whatever they return: 0 or -ENOMEM. */
int rows_of_rules(const struct plan *plan, struct rows *rows);
int rows_of_prefixes(const struct plan *plan, struct rows *rows);

/* Into the map @fd, which has none of them. 0 or -errno. */
int rows_write(const struct rows *rows, int fd);
/* Takes all rows out of a map of the kind of @rows that has room for @room. 0 or -errno. */
int rows_clear(const struct rows *rows, int fd, __u32 room);
