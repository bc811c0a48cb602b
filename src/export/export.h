/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan in the words of other programs, for who runs those instead of us or beside us.
 *
 * A target is a row of a table and a file export_TARGET.c with the one function that writes it. What it writes is whole: nothing has to be added by hand. What the other
 * program cannot do is said at the top of it, never left out in silence. A pure function of configuration and plan; called by the command.
 */
#pragma once

#include "conf.h"
#include "plan.h"
#include "strbuf.h"

/* What a target writes, and is written from. */
struct export
{
	const struct conf *conf;
	const struct plan *
		plan; /* made with plan_options.names, so that it has names also where DNS is somebody else's */
	struct strbuf body; /* in the other's syntax */
	struct strbuf cannot; /* a line each */
};

struct export_target {
	const char *name;
	const char *what; /* it is for, for people: one line */
	const char *how; /* it is put in place: lines, each ended */
	void (*write)(struct export *export);
};

/* Ended by a row without a name. */
extern const struct export_target export_targets[];

/* NULL: there is none. */
const struct export_target *export_find(const char *name);

/* What is to be pasted, and what @target cannot say: a line each. */
void export_make(const struct export_target *target, const struct conf *conf,
		 const struct plan *plan, struct strbuf *ret_body, struct strbuf *ret_cannot);

/* The whole text of @target: what it is, how it gets there, what it lacks, and then what is to be pasted. Every comment begins with "#", in all of them. */
void export_write(const struct export_target *target, const struct conf *conf,
		  const struct plan *plan, struct strbuf *out);
