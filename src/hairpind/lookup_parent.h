/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's side of asking for addresses outside (lookup_process.h): one job at a time, each in a process of its own. */
#pragma once

#include "child.h"
#include "lookup_process.h"

struct lookup_parent;

/* From the loop, once for each job. @report is NULL where the process ended without one; else it was checked against the job. May call lookup_parent_ask(). */
typedef void lookup_done_fn(void *data, const struct lookup_job *job,
			    const struct lookup_report *report);

/* NULL: no memory. Nothing is started before the first job. */
struct lookup_parent *lookup_parent_make(struct children *children, lookup_done_fn *done,
					 void *data);
/* Ends the process. The handle in the loop closes with it. NULL is fine. */
void lookup_parent_free(struct lookup_parent *parent);

/* Whether a job is at work. */
bool lookup_parent_runs(const struct lookup_parent *parent);
/* 0; -EBUSY: a job is at work; -errno, said in the log, and `done` is not called. @job is copied. */
int lookup_parent_ask(struct lookup_parent *parent, const struct lookup_job *job);

/* Once a second: ends one that hangs. */
void lookup_parent_tick(struct lookup_parent *parent);
