/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text as a tree of maps, lists and scalars with line numbers; the schema has no say here.
 *
 * What YAML allows beyond that (anchors, aliases, tags, several documents, keys that are not words)
 * is refused.
 */
#pragma once

#include "report.h"

enum node_kind { NODE_SCALAR = 0, NODE_LIST, NODE_MAP };

struct node {
	enum node_kind kind;
	bool quoted; /* SCALAR: not a plain one, so that "" is a value and nothing is none */
	unsigned int line;
	unsigned int key_line;
	char *key; /* in a map; owned */
	char *text; /* SCALAR; owned */
	struct node *first, *last; /* children, owned, in the file's order */
	struct node *next;
};

/* The tree of @text; 0, or -EINVAL with lines in @report. Freed by node_free(). */
int node_parse(struct report *report, const char *text, size_t length, struct node **ret_root);

/* Lines of @text up to the octet at @offset, counted from 1. */
unsigned int node_line_at(const char *text, size_t length, size_t offset);

struct node *node_free(struct node *node); /* NULL is fine; returns NULL */
static inline void node_freep(struct node **node)
{
	*node = node_free(*node);
}
#define _node_ _cleanup_(node_freep)
