/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many rules of others win over the plan in force, for `status`; which ones and what mends them is `hairpin check`'s to say. */
#pragma once

#include "daemon.h"

struct other_rules *other_rules_make(void);
void other_rules_free(struct other_rules *rules);

/* A number; null where nothing is routed, and where the rules cannot be read. Counted anew when the ruleset or the plan is another one than at the last time. */
json_t *other_rules_answer(const struct daemon *daemon);
