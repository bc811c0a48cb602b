/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A list fetched by HTTP, within bounds: LIMIT_LIST_BYTES, LISTS_FETCH_S, a few redirections. https stays https, certificates are checked, and from an address of the internet
 * nothing leads into a private network: who publishes a list shall not be able to make this machine ask the router's neighbours. What the operator wrote may be anywhere.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* What a server says of a copy, to be told that it is still the newest. */
#define FETCH_ETAG_MAX 256
#define FETCH_DATE_MAX 64

struct fetch_mark {
	char etag[FETCH_ETAG_MAX], date[FETCH_DATE_MAX]; /* "": not said */
};

struct fetched {
	char *text; /* owned; n octets */
	size_t n;
	bool is_same; /* nothing came: what @mark is of is the newest */
	struct fetch_mark mark;
	char error[160]; /* for the operator; printable */
};

/* Once, before a process gives up its rights. 0 or -errno. */
int fetch_begin(void);

/* @mark: of the copy that is there; NULL: there is none. 0; -EIO with fetched->error set. @ret_fetched is to be freed by fetched_fini() either way. */
int fetch_url(const char *url, const struct fetch_mark *mark, struct fetched *ret_fetched);
void fetched_fini(struct fetched *fetched);
