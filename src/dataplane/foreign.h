/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Netfilter rules of others that packets of the bpf backend would pass by: what tc redirects sees no
 * forward, NAT or conntrack hook.
 *
 * A rule counts if a packet between the devices of the plan can reach it and it drops, rejects or translates; so does a
 * base chain that drops by policy, and a flowtable. Our own table does not count.
 */
#pragma once

#include <jansson.h>

#include "plan.h"

/*
 * One line each in @ret_lines, as nft prints the rule where it can: "table ip filter, chain FORWARD: policy drop".
 * Empty: none. 0 or -errno with the reason as a line in @why.
 */
int foreign_rules(const struct plan *plan, struct strbuf *ret_lines, struct strbuf *why);

/*
 * The judgement alone, pure: @ruleset is what `nft -j list ruleset` prints, @text what `nft -a list ruleset` does (the
 * rules' wording comes from there).
 */
int foreign_judge(const struct plan *plan, const json_t *ruleset, const char *text,
		  struct strbuf *ret_lines);
