/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dns.redirect in nft's words, for the tables of both backends. */
#pragma once

#include "plan.h"

#define N_QUESTION_PROTOS 2
extern const char *const question_protos[N_QUESTION_PROTOS];

/*
 * Begins the rest of a rule that matches the questions of @lead by @proto, without those of hosts that ask outside themselves; behind it stands the device of the way
 * outside. By route and not by a mark of the programs: with bridge-nf-call-iptables a packet passes the chains at its bridge port, before our filter on the bridge,
 * and never again. What the programs sent does not come by here.
 */
void question_match_add(const struct plan *plan, const struct plan_lead *lead, const char *proto,
			struct strbuf *out);
