/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds a rule or a chain in what `nft -a list ruleset` prints, for messages in the user's own words. */
#pragma once

#include "strbuf.h"

struct ruletext_place {
	const char *family, *table;
	long long handle; /* of a rule */
	const char *chain; /* name, of a chain */
};

/* Adds the rule as it stands there, without its handle; "rule N" if it is not there. */
void ruletext_rule(const char *text, const struct ruletext_place *place, struct strbuf *out);

/* Adds the line that says where the base chain hangs ("type filter hook ..."); nothing if it is not there. */
void ruletext_hook(const char *text, const struct ruletext_place *place, struct strbuf *out);
