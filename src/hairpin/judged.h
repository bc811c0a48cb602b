/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration judged by the command itself, without the daemon and without what its operator added: `check`, `export`. */
#pragma once

#include "candidate.h"

struct judged_question {
	const char *path; /* of the configuration */
	const char *facts; /* a file that `hairpin show facts -j` wrote; NULL: of this machine */
	bool names; /* as in struct plan_options */
};

/* 0; or -errno with lines in @errors, *ret_candidate untouched. Ended by candidate_fini(); its text is not there. */
int judged_load(const struct judged_question *question, struct candidate *ret_candidate,
		struct strbuf *errors);
