// SPDX-License-Identifier: GPL-2.0-or-later
#include "rewrites.h"

#include <stdlib.h>
#include <string.h>

/* One name, and what was said of it: open addressing, at most half full. */
struct node {
	__u64 hash;
	const struct dns_name *name; /* NULL: empty */
	const struct dns_rewrite *self, *below; /* of the name; of all below. NULL: nothing */
	bool is_exact; /* self was said of this name alone */
};

struct dns_rewrites {
	struct dns_rewrite *items; /* n, owned with their addresses */
	size_t n;
	struct node *nodes; /* mask + 1, owned */
	size_t mask;
};

/* The operator wrote the names, no stranger: one seed does for all. */
#define SEED 0

/* The node of @name, or the empty one where it belongs. */
static struct node *node_of(const struct dns_rewrites *rewrites, __u64 hash, const __u8 *wire,
			    size_t length)
{
	for (size_t i = hash & rewrites->mask;; i = (i + 1) & rewrites->mask) {
		struct node *node = &rewrites->nodes[i];

		if (!node->name || (node->hash == hash && node->name->length == length &&
				    !memcmp(node->name->wire, wire, length)))
			return node;
	}
}

static void item_enter(struct dns_rewrites *rewrites, const struct dns_rewrite *item)
{
	__u64 hash = dns_name_hash(&item->name, SEED);
	struct node *node = node_of(rewrites, hash, item->name.wire, item->name.length);
	bool is_exact = item->match == DNS_MATCH_EXACT;

	node->hash = hash;
	node->name = &item->name;
	if (item->match != DNS_MATCH_BELOW && (!node->self || (is_exact && !node->is_exact))) {
		node->self = item;
		node->is_exact = is_exact;
	}
	if (!is_exact && !node->below)
		node->below = item;
}

static bool item_copy(struct dns_rewrite *to, const struct dns_rewrite *from)
{
	*to = *from;
	to->addrs = calloc(from->n_addrs + 1, sizeof(*to->addrs));
	if (!to->addrs)
		return false;
	if (from->n_addrs)
		memcpy(to->addrs, from->addrs, from->n_addrs * sizeof(*to->addrs));
	return true;
}

struct dns_rewrites *dns_rewrites_make(const struct dns_rewrite *rewrites, size_t n)
{
	struct dns_rewrites *made = calloc(1, sizeof(*made));
	size_t size = 16;

	if (!made)
		return NULL;
	while (size < 2 * n)
		size *= 2;
	made->mask = size - 1;
	made->nodes = calloc(size, sizeof(*made->nodes));
	made->items = calloc(n + 1, sizeof(*made->items));
	if (!made->nodes || !made->items)
		return dns_rewrites_free(made);
	for (; made->n < n; made->n++) {
		if (!item_copy(&made->items[made->n], &rewrites[made->n]))
			return dns_rewrites_free(made);
		item_enter(made, &made->items[made->n]);
	}
	return made;
}

struct dns_rewrites *dns_rewrites_free(struct dns_rewrites *rewrites)
{
	if (!rewrites)
		return NULL;
	for (size_t i = 0; i < rewrites->n; i++)
		free(rewrites->items[i].addrs);
	free(rewrites->items);
	free(rewrites->nodes);
	free(rewrites);
	return NULL;
}

/* --- finding ------------------------------------------------------------------------------------------ */

static bool is_service_binding(__u16 type)
{
	return type == DNS_HTTPS || type == DNS_SVCB;
}

/* How many labels in front say a port or a scheme, "_8443._https". */
static unsigned int attribute_labels(const struct dns_name *name)
{
	const __u8 *p = name->wire;
	unsigned int n = 0;

	for (; *p && p[1] == '_'; p += 1 + *p)
		n++;
	return n;
}

const struct dns_rewrite *dns_rewrites_find(const struct dns_rewrites *rewrites,
					    const struct dns_name *name, __u16 type)
{
	unsigned int own = is_service_binding(type) ? attribute_labels(name) : 0;
	struct dns_suffixes suffixes;

	dns_name_suffixes(name, SEED, &suffixes);
	for (unsigned int i = 0; i < suffixes.n; i++) {
		const struct node *node =
			node_of(rewrites, suffixes.hash[i], &name->wire[suffixes.at[i]],
				(size_t)name->length - suffixes.at[i]);
		const struct dns_rewrite *found = i <= own ? node->self : node->below;

		if (!found && i <= own && i > 0)
			found = node->below;
		if (found)
			return found;
	}
	return NULL;
}
