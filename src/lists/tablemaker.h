/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a block table (src/dns/blocktable.h) of the rules of all lists.
 *
 *     tablemaker_list(maker, DNS_BLOCK_LIST, "ads", &number);
 *     list_text_read(text, n, tablemaker_add, &(struct tablemaker_of){maker, number}, &read);
 *     tablemaker_finish(maker, &fd);
 *
 * Names are not kept while this goes on either: a rule is its hash and what it says, 16 octets.
 */
#pragma once

#include "blocktable.h"
#include "list_rule.h"

struct tablemaker;

/* Rules of one list go in with this. */
struct tablemaker_of {
	struct tablemaker *maker;
	unsigned int list;
};

/* NULL: no memory, or no randomness. Freed by tablemaker_free(), also of NULL. */
struct tablemaker *tablemaker_make(void);
struct tablemaker *tablemaker_free(struct tablemaker *maker);

/* The next list, in the order of their numbers. 0 and *ret_number; -ENOSPC: there are DNS_BLOCK_LISTS_MAX. */
int tablemaker_list(struct tablemaker *maker, enum dns_block_kind kind, const char *name,
		    unsigned int *ret_number);

/*
 * A list_rule_cb, @data is a struct tablemaker_of. In an allowlist and among the operator's words to allow every rule allows, "@@" or not, and is
 * important. 0; -ENOSPC: more than LIMIT_LISTS_RULES, or too many different things are said; -ENOMEM.
 */
int tablemaker_add(void *data, const struct list_rule *rule);

/* What a list had before is forgotten: it turned out to be none. Nothing of another list was added in between. */
void tablemaker_drop(struct tablemaker *maker, unsigned int list);

/*
 * 0: *ret_fd is the table, sealed, the caller's. @maker is good for nothing more but its counts. -ENOSPC as above; -ENOMEM; another -errno of the file.
 */
int tablemaker_finish(struct tablemaker *maker, int *ret_fd);

/* Of a list after tablemaker_finish(): its different names and networks, those that were taken back left out. */
__u32 tablemaker_count(const struct tablemaker *maker, unsigned int list);
