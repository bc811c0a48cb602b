/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of others, as nft prints them.
 *
 * Table by table and not by `list ruleset`: libnftables 1.0.6 has no word for the flag of a table that belongs to a process, as HOLD_TABLE does to us, and writes memory that it
 * does not own in its place. And our own tables, with thousands of elements, are nobody's question here.
 */
#pragma once

#include <jansson.h>

#include "strbuf.h"

/*
 * *ret_root (a reference of the caller's) is what `nft -j list ruleset` prints of them, @ret_text what `nft -a -s list ruleset` does. A table that goes away meanwhile is left out.
 * 0; or -errno with a line in @why: -EPERM, or -EINVAL with a table whose JSON is none.
 */
int nft_others_list(json_t **ret_root, struct strbuf *ret_text, struct strbuf *why);
