/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is to be done when somebody took away what is ours: put it back at once; where it is taken away again and again, ever later, so that two programs do not
 * fight each other; nothing while it is paused. Pure: what is missing and what time it is, is told. watching.c acts.
 *
 *                       removal, fewer than BURST in BURST_S      removal, one more            quiet for QUIET_S
 *      calm             put back now, calm                        wait MIN, slow               calm
 *      slow             wait twice as long, up to MAX             the same                     calm
 *
 * A removal while it is paused is the operator's and counts nothing; the end of the pause puts everything back and is calm.
 */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

#include <hairpin/limits.h>

enum watchdog_act {
	WATCHDOG_REST, /* nothing is missing, or nothing is to be done about it */
	WATCHDOG_MEND, /* now */
	WATCHDOG_WAIT, /* not yet */
};

struct watchdog_verdict {
	enum watchdog_act act;
	bool removed; /* something that was there at the last look is missing */
	bool passed; /* the same while it is paused: seen, and neither counted nor put back */
	bool slows, calms; /* from now on */
};

/* All-zero: calm, and nothing was ever missing. Times are milliseconds of a clock that never jumps. */
struct watchdog {
	bool paused;
	__u64 pause_end_ms; /* 0: none */
	unsigned int missing; /* at the last look */
	__u64 recent_ms
		[WATCHDOG_BURST]; /* when something was removed, the oldest at removals % BURST */
	__u64 removals;
	__u64 since; /* removals when it last became calm by command: those count no more */
	__u32 wait_s; /* 0: calm */
	__u64 due_ms; /* of the next attempt, while something is missing */
};

/* What a look at @now_ms showed: @missing, a bit for each kind of thing. */
struct watchdog_verdict watchdog_see(struct watchdog *watchdog, __u64 now_ms, unsigned int missing);
/* All of it is there again. */
void watchdog_mended(struct watchdog *watchdog);

/* @seconds 0: until watchdog_resume(). */
void watchdog_pause(struct watchdog *watchdog, __u64 now_ms, __u32 seconds);
/* Also makes it calm. What is missing is due now. */
void watchdog_resume(struct watchdog *watchdog);
/* Whether a pause with an end has come to it; it is resumed then. */
bool watchdog_pause_ends(struct watchdog *watchdog, __u64 now_ms);

/* Seconds until something, rounded up; 0: it is due. */
__u32 watchdog_left_s(__u64 now_ms, __u64 then_ms);
