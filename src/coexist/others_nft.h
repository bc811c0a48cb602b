/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two files that read nft's JSON share; private to this folder. */
#pragma once

#include "others.h"

struct nft_reading {
	const json_t *objects; /* of the whole ruleset */
	const char *text;
	const struct ruletable *table; /* that is being read */
};

struct nft_match {
	const char *op;
	const json_t *left, *right;
};

/* The matches that @match stands for: its own, and those that its words imply ("tcp dport" is of TCP alone). */
void nft_match_add(const struct nft_reading *reading, struct rule *rule,
		   const struct nft_match *match);

/* The object of @kind and @name in the table that is read, or NULL. */
const json_t *nft_object_find(const struct nft_reading *reading, const char *kind,
			      const char *name);

/* The text under @key; "" if there is none. */
const char *json_word(const json_t *object, const char *key);
