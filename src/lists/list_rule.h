/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One thing that a line of a list says, whichever of the formats the line is in. */
#pragma once

#include <hairpin/limits.h>

#include "addr.h"
#include "rewrites.h"

struct list_rule {
	bool is_addr; /* `net` counts, and of what follows only the two behind `match` */
	struct ip_net net;
	struct dns_name name;
	enum dns_match match;
	bool is_exception; /* "@@" */
	bool is_important; /* `$important` */
	bool is_badfilter; /* takes back the same rule of the same list */
	bool is_but_types; /* for all types but these */
	unsigned int n_types; /* 0: for all */
	__u16 types[LIMIT_LIST_TYPES];
	unsigned int n_denied; /* names that it does not hold for, with all below them */
	struct dns_name denied[LIMIT_LIST_DENIED];
};

/* For each rule as it is read. 0, or -errno, which ends the reading. */
typedef int list_rule_cb(void *data, const struct list_rule *rule);
