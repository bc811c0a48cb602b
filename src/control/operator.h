/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the operator changed by command and not in the configuration file: names, reserved addresses, whether blocking is off. One file in the state directory, written
 * whole before the command that changes it returns.
 *
 * Words are kept as they were typed; what they mean is for whoever merges them into a configuration (src/conf/extra.h), since the same words may fit one
 * configuration and not the next.
 *
 * The daemon alone writes it.
 */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "pause.h"
#include "strbuf.h"

#define OPERATOR_FILE "operator.json"
/* Where a file that cannot be read is put. */
#define OPERATOR_DAMAGED "operator.json.damaged"

struct operator_rewrite {
	char *domain; /* owned, as all of this */
	char **answers;
	size_t n_answers;
};

struct operator_reservation {
	char *mac, *address;
	char *name; /* NULL: none */
};

struct operator_state {
	struct pause pause;
	struct operator_rewrite *rewrites; /* n_rewrites, in the order that they came */
	size_t n_rewrites;
	struct operator_reservation *reservations; /* n_reservations */
	size_t n_reservations;
};

void operator_fini(struct operator_state *state);
#define _operator_ _cleanup_(operator_fini)

/* A copy of its own; running out of memory ends the process, as it does in strbuf.h. */
void operator_copy(const struct operator_state *from, struct operator_state *ret_to);

/*
 * The file in @folder. 0, also where there is none; -EINVAL: it is damaged; -errno of the read. On failure a line is in @why and *ret_state is empty.
 */
int operator_read(const char *folder, struct operator_state *ret_state, struct strbuf *why);

/* Puts a file that operator_read() did not take aside, so that the next write does not destroy it. 0 or -errno. */
int operator_set_aside(const char *folder);

/*
 * Writes @next. 0, and it is there whatever happens from now on; or -errno, and @before, which the file held, still is.
 */
int operator_write(const char *folder, const struct operator_state *next,
		   const struct operator_state *before);

/* --- changes ------------------------------------------------------------------------------- */

/* What a rewrite says, words of somebody else's. */
struct operator_rewrite_words {
	const char *domain;
	const char *const *answers;
	size_t n_answers;
};

struct operator_reservation_words {
	const char *mac, *address, *name;
};

/* Adds it, or puts it in the place of what has the same domain (*ret_replaced). -ENOSPC: as many as may be. Words are copied. */
int operator_rewrite_put(struct operator_state *state, const struct operator_rewrite_words *words,
			 bool *ret_replaced);
/* -ENOENT: not there. */
int operator_rewrite_remove(struct operator_state *state, const char *domain);

/* The same for a reservation, by its MAC address. */
int operator_reservation_put(struct operator_state *state,
			     const struct operator_reservation_words *words, bool *ret_replaced);
int operator_reservation_remove(struct operator_state *state, const char *mac);
