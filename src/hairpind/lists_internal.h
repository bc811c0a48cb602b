/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lists_parent.c (when) and lists_job.c (how) share. */
#pragma once

#include <time.h>

#include "lists_parent.h"
#include "lists_process.h"

/* How a file looked: whether it is another one, or another version of it. */
struct list_look {
	dev_t device;
	ino_t number;
	off_t octets;
	struct timespec changed;
	int error; /* it could not be looked at; 0 */
};

struct list {
	char name[LIMIT_SERVICE_NAME + 1];
	char *path, *url; /* owned; one of them */
	bool is_allow;
	struct list_look read, seen; /* of a file: as it was read, as it was at the last look */
	__u64 due_s; /* of a fetched one: when it is asked for next, on the daemon's clock */
	time_t fetched; /* when the copy was known to be the newest; 0: never */
	unsigned int failures; /* in a row */
	int open_error; /* why the file could not be opened, -errno */
	json_t *told; /* of the loader's report; NULL: not read yet */
	bool fetches; /* in the job that runs */
};

struct lists_parent {
	struct child child; /* the job */
	struct dns_parent *dns;
	const char *state;
	struct list *lists;
	size_t n_lists;
	struct plan_word *words; /* owned */
	size_t n_words;
	unsigned int refresh_s;
	bool is_dirty; /* something is to be read that needs no network */
	bool has_table; /* one is in force */
	json_t *report; /* of the table in force; NULL */
	int table_error; /* why the last job made none, -errno; 0 */
	bool fetches; /* the job does: lists that are marked */
	unsigned int looks; /* seconds until the next */
};

struct list_look list_look(const char *path);

/* Copies are STATE/lists/KIND-NAME; what may become one stands beside it until it has. */
#define LIST_PATH_MAX 4096
const char *list_copy_path(const struct lists_parent *parent, const struct list *list, bool is_new,
			   char path[LIST_PATH_MAX]);

/* The life of the loader, which ends with its job. */
extern const struct child_kind lists_child;

/* Copies of lists that are there no more. */
void lists_copies_clean(const struct lists_parent *parent);
