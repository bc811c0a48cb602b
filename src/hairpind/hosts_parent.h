/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's side of the hosts service (decision 030): its sockets, its key, its names, and the process that reads what strangers send (hosts_process.h).
 *
 * The key stays here. A process that is taken over gets signatures for what is true as long as it runs, and nothing that works afterwards or elsewhere.
 */
#pragma once

#include <jansson.h>

#include "child.h"
#include "plan.h"
#include "strbuf.h"

/* In the folder of state; made where there is none. */
#define HOSTS_PARENT_KEY_FILE "hosts-key"

struct hosts_parent;

/* NULL: no memory. @state, which has to last, is the folder of the key. Nothing is opened or started before the first plan with the service in it. */
struct hosts_parent *hosts_parent_make(struct children *children, const char *state);
/* Ends the process. The handles in the loop close with it. */
void hosts_parent_free(struct hosts_parent *parent);

/* Opens what @plan, made of @conf, needs: the key, and sockets that are not there. 0; or -errno with a line in @why, and nothing changed. */
int hosts_parent_prepare(struct hosts_parent *parent, const struct conf *conf,
			 const struct plan *plan, struct strbuf *why);
/* What was prepared does not come into force. */
void hosts_parent_forget(struct hosts_parent *parent);
/* Puts the names and sockets of @plan in force, for which hosts_parent_prepare() was called last. Without the service in it the process ends. */
void hosts_parent_apply(struct hosts_parent *parent, const struct conf *conf,
			const struct plan *plan);

/* Once a second: starts what has died, asks how it is. */
void hosts_parent_tick(struct hosts_parent *parent);

/* New reference: what `status` tells of it. */
json_t *hosts_parent_answer(const struct hosts_parent *parent);
