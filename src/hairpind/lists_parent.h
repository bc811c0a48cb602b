/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's side of block and allow lists: when they are read, from where, what becomes of it. It opens files and keeps copies, and never looks into one: that is the
 * loader's (src/lists/lists_process.h), which is started for each time and ends.
 *
 * Lists are read when they come into force, when a file changes, when a fetched one is as old as dns.blocking.refresh, at each reload, and soon after a failure. First what is
 * here already, then what has to be fetched: names are blocked before the network is up. Copies are in STATE/lists.
 */
#pragma once

#include <jansson.h>

#include "dns_parent.h"
#include "plan.h"

struct lists_parent;

/* NULL: no memory. @dns gets the tables, and has to last as long; so has @state. */
struct lists_parent *lists_parent_make(struct children *children, struct dns_parent *dns,
				       const char *state);
void lists_parent_free(struct lists_parent *parent);

/* Puts @lists in force: what is of lists that are there no more goes, the others are read. */
void lists_parent_apply(struct lists_parent *parent, const struct plan_lists *lists);

/* Every fetched list is asked for anew, now. */
void lists_parent_refresh(struct lists_parent *parent);

/* Once a second. */
void lists_parent_tick(struct lists_parent *parent);

/* New reference: what `status` and `show lists` tell of it. */
json_t *lists_parent_answer(const struct lists_parent *parent);
