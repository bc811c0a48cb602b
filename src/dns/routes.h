/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Domains whose names are asked of some upstreams only: a company's of the company's server, a reverse zone of the router before us.
 *
 * A domain means itself and all below it, and of two the longer one counts. Made whole, then only read.
 */
#pragma once

#include "name.h"

/* Upstreams by their number in the configuration, a bit each. */
typedef __u64 dns_servers;

struct dns_route {
	struct dns_name name;
	bool is_single_label; /* names of one label, whatever they are; `name` says nothing */
	dns_servers servers; /* 0: the general ones, as if a wider domain did not say otherwise */
	bool is_own; /* servers that nobody else is asked of; dns_routes_make() works it out */
};

struct dns_routes;

/* Copies @routes; those of one domain become one. @general: who is asked for all other names. NULL: no memory. */
struct dns_routes *dns_routes_make(const struct dns_route *routes, size_t n, dns_servers general);
struct dns_routes *dns_routes_free(struct dns_routes *routes); /* NULL is fine; returns NULL */

/* Of the longest domain that @name is in; NULL: of none. A single label is in its own domain first. */
const struct dns_route *dns_routes_find(const struct dns_routes *routes,
					const struct dns_name *name);

/* Who is asked for @name; 0: nobody. */
dns_servers dns_routes_servers(const struct dns_routes *routes, const struct dns_name *name);

bool dns_routes_equal(const struct dns_routes *a, const struct dns_routes *b);
