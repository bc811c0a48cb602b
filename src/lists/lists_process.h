/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list loader: a process that the daemon starts when lists have to be read, that makes one table of them, and ends. So what it took for that (memory, and whatever
 * a hostile list could do to it) ends too.
 *
 * It opens nothing: files come as descriptors, and what it fetched goes into descriptors, which the daemon puts in the place of the copy before. Between the
 * two there is a socket with one message each way.
 *
 * The job, JSON in a sealed file:
 *
 *     {"lists": [{"name": "ads", "allow": false, "url": "https://...", "fetch": true, "source": -1, "copy": 0, "fresh": 1}, ...],
 *      "words": [{"name": "ads.example", "match": 0, "allow": false}, ...]}
 *
 * where source (the operator's file), copy (the last good one) and fresh (for a new one) are numbers of the descriptors behind it; -1: there is none. The
 * report, in the same order:
 *
 *     {"lists": [{"state": "fetched", "error": "", "written": true, "names": 7, "lines": 9, "invalid": 1, "unsupported": 1, "rewrites": 0, "idn": 0,
 *                 "faults": [{"line": 4, "text": "..."}], "first_unsupported": {"line": 6, "text": "..."}}, ...], "names": 7, "addresses": 0, "octets": 1234}
 */
#pragma once

#include <hairpin/limits.h>
#include <linux/types.h>

/* Where a process that is started as `hairpind --lists` finds its socket to the daemon. */
#define LISTS_PROCESS_FD 3

/* With the job: itself, and three descriptors for each list. */
#define LISTS_FDS_MAX (1 + 3 * LIMIT_BLOCKLISTS)

enum lists_message_type {
	LISTS_JOB = 1, /* to the loader: with the job, then its descriptors */
	LISTS_DONE, /* back: with the report, and the table if `ret` is 0 */
};

/* With that. */
#define LISTS_DONE_FDS 2

struct lists_message {
	__u32 type;
	__s32 ret; /* why there is no table, -errno */
};

/*
 * Takes the one job from @fd, does it and says so. `ready` is called before anything is read from it: there the caller gives up its rights. What the process
 * exits with.
 */
int lists_process_run(int fd, int (*ready)(void));
