/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of the nftables backend: written and read. In the network namespace of the caller. */
#pragma once

#include "backend.h"
#include "listing.h"

/* Noted in @listing, which is all-zero before the first time. 0, or -errno with nft's words in @why: the table before stays, as a whole. */
int table_write(struct listing *listing, const struct strbuf *commands, struct strbuf *why);

/* Makes it as it was, of the commands that made it. */
int table_mend(struct listing *listing, const struct strbuf *commands);

/* 1: the nftables backend's table is there, 0: none or the guard's, or -errno; the number of its plan, if that can be read. */
int table_find(__u32 *ret_generation);

/* What RULESET_PAST_SET has; as backend_ops.past. */
int table_past(struct backend_past *ret_items, size_t max);

/* Adds what the named counters say; @name is called for each. */
typedef void (*table_counter_cb)(const char *name, __u64 packets, void *data);
int table_counters(table_counter_cb cb, void *data);
