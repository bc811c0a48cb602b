/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is added to a configuration that has been read: items that the operator gave by command. They are judged by the same rules, in the same words, as if they
 * stood in the file; and where the file says something else of the same name, the file wins.
 */
#pragma once

#include "conf.h"

struct conf_extra_rewrite {
	const char *domain;
	const char *const *answers;
	size_t n_answers;
};

struct conf_extra_reservation {
	const char *mac, *address;
	const char *name; /* NULL: none */
};

/*
 * Adds it to conf->rewrites, with line 0. On failure nothing is added and one line or more is in @why, without an end of line behind the last: -EEXIST: the file has that name, and wins; -ENOENT: the file has no
 * `dns`; -EINVAL: it would be refused in the file too.
 */
int conf_add_rewrite(struct conf *conf, const struct conf_extra_rewrite *rewrite,
		     struct strbuf *why);

/* The same for conf->reservations; it belongs to whatever segment has its address. -ENOENT: the file has no `dhcp`. */
int conf_add_reservation(struct conf *conf, const struct conf_extra_reservation *reservation,
			 struct strbuf *why);
