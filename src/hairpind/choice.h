/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which backend carries the packets: nat.backend, this kernel, and the rules of others. Chosen at the start and not again. */
#pragma once

#include "daemon.h"

/*
 * Sets daemon->ops and, with `auto`, why in daemon->choice. What is in place stays with `auto`, as a restart ends no
 * session; on the way back from an apply it is the one before. 0, or -errno with lines in @why.
 */
int choice_make(struct daemon *daemon, const struct candidate *next, struct strbuf *why);

/* Before the chosen one opens: takes away another one that is in place, whose sessions end with it. */
int choice_replace(struct daemon *daemon);

/*
 * A start that took one away came to nothing: removes the chosen one, and puts the text @before in force with the one that was there. Its
 * sessions have ended all the same. 0, or -errno with lines in outcome->errors.
 */
int choice_undo(struct daemon *daemon, const struct candidate_source *before,
		struct outcome *outcome);

/* Whether @next's nat.backend is served by the one that runs. */
bool choice_stays(const struct daemon *daemon, const struct candidate *next);
