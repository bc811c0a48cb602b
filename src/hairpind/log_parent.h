/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's side of the query log: its ring, its folder, and the life of the process that writes it (src/querylog/querylog.h).
 *
 * The daemon makes the ring, gives it to the DNS process and to the writer, and never looks into it or into the database.
 */
#pragma once

#include <hairpin/control.h>

#include "dns_parent.h"
#include "sandbox.h"

struct log_parent;

/*
 * Makes the writer's folder below @state, while this process may still give it to the writer's user; without it there is no log, which is said. NULL: no memory.
 * @dns has to last as long.
 */
struct log_parent *log_parent_make(struct children *children, const char *state,
				   struct dns_parent *dns);
/* Ends the process when it has written what there is. */
void log_parent_free(struct log_parent *parent);

/* Puts @dns->log in force, behind dns_parent_apply(). */
void log_parent_apply(struct log_parent *parent, const struct plan_dns *dns);

/* Once a second: starts what has died, asks how it is. */
void log_parent_tick(struct log_parent *parent);

/* Hands the connection @fd, still the caller's, to the process with what is asked there. -ENOENT: nothing is logged; -errno. */
int log_parent_ask(struct log_parent *parent, const struct control_request *request, int fd);

/* New reference: what `status` tells of it. */
json_t *log_parent_answer(const struct log_parent *parent);

/* `hairpind --log`: be that process. */
int log_parent_process(const char *state);
