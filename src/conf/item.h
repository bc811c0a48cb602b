/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of the parser that others in this folder use. */
#pragma once

#include "conf.h"
#include "node.h"
#include "report.h"

/*
 * Reads @map as one more item of the list @key of @section. Faults are in @report; the item may have been added then all the same, half read.
 */
void conf_parse_item(struct conf *conf, const char *section, const char *key,
		     const struct node *map, struct report *report);

/* Frees what @rewrite has. */
void conf_rewrite_fini(struct conf_rewrite *rewrite);
