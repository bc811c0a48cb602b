/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration with all that was worked out of it: its text, what it says, the facts it met and the plan they make. The
 * daemon holds the one in force and, for the length of a call, one that may replace it.
 */
#pragma once

#include "conf.h"
#include "facts.h"
#include "operator.h"
#include "plan.h"

struct candidate {
	struct conf *conf;
	struct facts *facts;
	struct plan *plan;
	char *text; /* of the configuration; owned */
	size_t length;
	struct strbuf
		conflicts; /* a line each: what of the operator's does not come into force, and why */
};

/* What it is made of. */
struct candidate_source {
	const char *path; /* as messages call the text */
	const char *text;
	size_t length;
	const struct operator_state *changes; /* added to it; NULL: nothing */
	const struct facts_observed *observed; /* added to the facts; NULL: nothing */
	bool following; /* the text is in force already (struct plan_options) */
	bool is_strict; /* no plan without `changes` in the place of one with them */
};

/*
 * Works out @source, all of which is copied. Where no plan can be made with what the operator changed and one without it, that one is made, and `conflicts` says so: a
 * change of last year must not keep a router from starting. 0; or -errno with lines in @errors, *ret_candidate untouched. Ended by candidate_fini().
 */
int candidate_make(const struct candidate_source *source, struct candidate *ret_candidate,
		   struct strbuf *errors);

/* The same with the text of a file. */
int candidate_load(const char *path, const struct operator_state *changes,
		   const struct facts_observed *observed, struct candidate *ret_candidate,
		   struct strbuf *errors);

/*
 * New facts and the plan that @conf, which is in force, makes of them: following (struct plan_options), so that no fault
 * of one service holds up the others. -errno with a line in @errors; both outputs are untouched then.
 */
int candidate_refresh(const struct conf *conf, const struct facts_observed *observed,
		      struct facts **ret_facts, struct plan **ret_plan, struct strbuf *errors);

/* The facts of now about the interfaces that @conf names, with what was @observed (NULL: nothing). */
int candidate_read_facts(const struct conf *conf, const struct facts_observed *observed,
			 struct facts **ret_facts);

void candidate_fini(struct candidate *candidate);
#define _candidate_ _cleanup_(candidate_fini)
