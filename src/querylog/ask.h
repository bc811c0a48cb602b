/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Those who ask the log: connections of the control socket that the daemon has handed over with the request, answered here in the form of the control protocol.
 * The daemon reads nothing of the database: it is root, and names in there are strangers'.
 *
 * An answer is written a piece at a time, as its reader takes it, and each piece looks at a bounded part of the log. Who takes nothing for CONTROL_IDLE_MS
 * is dropped. Used from the loop's thread only.
 */
#pragma once

#include <uv.h>

#include <hairpin/control.h>

#include "database.h"
#include "store.h"
#include "strbuf.h"

struct asks;

/* NULL: no memory. *@store: where the log is; NULL while there is none. */
struct asks *asks_make(uv_loop_t *loop, struct store *const *store, const bool *is_anonymised);

/* Takes over @fd, whose request was read and checked by the daemon. More than LIMIT_LOG_ASKERS at once are refused. */
void asks_take(struct asks *asks, int fd, const struct control_request *request);

/* There are new queries in the log: for those who follow it. */
void asks_wake(struct asks *asks);

/* The store is about to be closed, or is another one: whoever is in the middle is cut off. */
void asks_end(struct asks *asks);

/* --- parts (ask_rows.c, ask_top.c) --------------------------------------------------------------------- */

struct ask_filter {
	bool has_client;
	__u8 first[16], last[17]; /* of clients, as the store has them */
	char exact[80], below[96]; /* names as GLOB patterns; "": any */
	bool blocked;
};

/* False with a line in @why. */
bool ask_filter_make(const struct control_request *request, bool is_anonymised,
		     struct ask_filter *ret_filter, struct strbuf *why);

/* Rows in order, a window of numbers at a time. */
struct ask_rows {
	sqlite3_stmt *statement;
	__s64 at; /* the next number to be looked at */
	__s64 end; /* of the log when it was last asked */
	__s64 left; /* while the beginning is looked for backwards: rows still wanted; else 0 */
	bool begun; /* a row was written */
	bool is_endless; /* a line is a document of its own, since there is no last one */
};

int ask_rows_begin(struct store *store, const struct ask_filter *filter, __u32 last,
		   struct ask_rows *rows);
/* Adds some to @out. 1: there is more to look at; 0: that was all that there is; -errno. */
int ask_rows_more(struct store *store, struct ask_rows *rows, struct strbuf *out);
void ask_rows_end(struct ask_rows *rows);

/* The whole answer. 0 or -errno. */
int ask_top(struct store *store, const struct control_request *request, __u64 now_ms,
	    struct strbuf *out);
