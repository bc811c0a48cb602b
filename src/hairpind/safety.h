/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checks before a data plane is attached where there was none. */
#pragma once

#include "asker.h"
#include "daemon.h"

/* Whether a data plane of this layout is pinned, so that this start takes over and attaches nothing new. */
bool safety_is_attached(const struct options *options);

/* 0; or -EPERM with lines in @why: rules of others that would be bypassed, or the ssh session above that would be cut. */
int safety_check(struct daemon *daemon, const struct candidate *next, struct strbuf *why);

/*
 * The same where nothing will be attached: 0; or -EEXIST with a line in @why, since the data plane of a gateway is in place, which would go on translating with
 * nobody to look after it.
 */
int safety_check_resolver(const struct options *options, struct strbuf *why);

/* Whether @plan would cut the ssh session that gives the command: then a line in @why, which ends in the way out. */
bool safety_cuts_ssh(const struct plan *plan, const struct asker *asker, struct strbuf *why);
