/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The prefix table of a plan, flattened: netfilter's sets have no longest match, so a prefix inside another one is cut out of it.
 */
#pragma once

#include "plan.h"

struct range {
	struct ip_addr first, last;
	const struct hp_prefix *prefix; /* of the plan: the longest that holds these addresses */
};

/* All-zero: empty. Freed by ranges_fini(). */
struct ranges {
	struct range *items; /* disjoint, in order */
	size_t n;
};

#define _ranges_ _cleanup_(ranges_fini)

/* Of prefixes of @set, those of one family. 0 or -ENOMEM. */
int ranges_make(const struct plan *plan, __u32 set, bool v4, struct ranges *ret_ranges);
void ranges_fini(struct ranges *ranges);

/* The one that holds @addr, or NULL. */
const struct hp_prefix *ranges_find(const struct ranges *ranges, const struct ip_addr *addr);

/* "192.0.2.0-192.0.2.7", or the address alone. */
void range_format(const struct range *range, struct strbuf *out);
