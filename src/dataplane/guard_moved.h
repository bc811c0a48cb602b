/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports of services of the gateway itself that are others inside: the guard's rules that move them. */
#pragma once

#include "plan.h"
#include "strbuf.h"

/* Whether there are any. */
bool guard_moves(const struct plan *plan);

/* Rules for the chain `prerouting`, in front of those that keep conntrack away. Nothing without such a port. */
void guard_moved_track(const struct plan *plan, struct strbuf *out);

/* Rules for the chain `questions`, which leads. Nothing without such a port. */
void guard_moved_lead(const struct plan *plan, struct strbuf *out);
