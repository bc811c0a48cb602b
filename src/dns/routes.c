// SPDX-License-Identifier: GPL-2.0-or-later
#include "routes.h"

#include <stdlib.h>
#include <string.h>

/* Sorted, so that each label of a name costs one search; there are a thousand at most, and only what is asked upstream comes here. */
struct dns_routes {
	struct dns_route *list; /* n, owned; each domain once, single labels first */
	size_t n;
	dns_servers general;
};

static int compare_names(const struct dns_name *a, const struct dns_name *b)
{
	if (a->length != b->length)
		return a->length < b->length ? -1 : 1;
	return memcmp(a->wire, b->wire, a->length);
}

static int compare(const void *a, const void *b)
{
	const struct dns_route *x = a, *y = b;

	if (x->is_single_label != y->is_single_label)
		return x->is_single_label ? -1 : 1;
	return x->is_single_label ? 0 : compare_names(&x->name, &y->name);
}

struct dns_routes *dns_routes_make(const struct dns_route *routes, size_t n, dns_servers general)
{
	struct dns_routes *made = calloc(1, sizeof(*made));

	if (!made)
		return NULL;
	made->general = general;
	made->list = calloc(n + 1, sizeof(*made->list));
	if (!made->list)
		return dns_routes_free(made);
	if (n)
		memcpy(made->list, routes, n * sizeof(*routes));
	for (size_t i = 0; i < n; i++) {
		made->list[i].servers = routes[i].servers ?: general;
		made->list[i].is_own = false;
	}
	if (n)
		qsort(made->list, n, sizeof(*made->list), compare);
	for (size_t i = 0; i < n; i++) {
		struct dns_route *last = made->n ? &made->list[made->n - 1] : NULL;

		if (last && !compare(last, &made->list[i]))
			last->servers |= made->list[i].servers;
		else
			made->list[made->n++] = made->list[i];
	}
	for (size_t i = 0; i < made->n; i++)
		made->list[i].is_own = made->list[i].servers & ~general;
	return made;
}

struct dns_routes *dns_routes_free(struct dns_routes *routes)
{
	if (routes)
		free(routes->list);
	free(routes);
	return NULL;
}

const struct dns_route *dns_routes_find(const struct dns_routes *routes,
					const struct dns_name *name)
{
	struct dns_route key;
	const struct dns_route *found = NULL;
	size_t at = 0;

	key.is_single_label = false;
	/* The root's own domain is none: that is what the general ones are for. */
	for (; routes->n && name->wire[at] && !found; at += 1u + name->wire[at]) {
		key.name.length = (__u8)(name->length - at);
		memcpy(key.name.wire, name->wire + at, key.name.length);
		found = bsearch(&key, routes->list, routes->n, sizeof(key), compare);
	}
	if (found || !routes->n || !routes->list[0].is_single_label)
		return found;
	return name->wire[0] && 2 + name->wire[0] == name->length ? &routes->list[0] : NULL;
}

dns_servers dns_routes_servers(const struct dns_routes *routes, const struct dns_name *name)
{
	const struct dns_route *route = dns_routes_find(routes, name);

	return route ? route->servers : routes->general;
}

bool dns_routes_equal(const struct dns_routes *a, const struct dns_routes *b)
{
	if (a->n != b->n || a->general != b->general)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (compare(&a->list[i], &b->list[i]) || a->list[i].servers != b->list[i].servers)
			return false;
	}
	return true;
}
