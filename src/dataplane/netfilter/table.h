/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our table in the kernel: written, looked after, read. In the network namespace of the caller. */
#pragma once

#include <linux/types.h>

#include "strbuf.h"

/* What it looked like when we last wrote it. All-zero: never. Freed by table_fini(). */
struct table {
	__u32 generation; /* of the whole ruleset, then */
	struct strbuf text; /* as nft lists it, without what packets add to it */
};

/* 0, or -errno with nft's words in @why: the table before stays, as a whole. */
int table_write(struct table *table, const struct strbuf *commands, struct strbuf *why);

/* Makes it as it was, of the commands that made it. */
int table_mend(struct table *table, const struct strbuf *commands);

/* Whether it is as we left it: 1, 0: somebody changed it, -ENOENT: it is gone, or -errno. One small question to the kernel while no ruleset changes. */
int table_holds(struct table *table);

/* 1: the nftables backend's table is there, 0: none or the guard's, or -errno; the number of its plan, if that can be read. */
int table_find(__u32 *ret_generation);

/* Adds what the named counters say; @name is called for each. */
typedef void (*table_counter_cb)(const char *name, __u64 packets, void *data);
int table_counters(table_counter_cb cb, void *data);

void table_fini(struct table *table);
