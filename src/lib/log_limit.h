/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which log lines are written when many come: of one text the first few in a time, and of one format a good many more. The others are counted, and the number is told when the
 * time is over. Pure: the caller has the clock.
 */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include <hairpin/limits.h>

/* Of a line that is told again, as much as stands here. */
#define LOG_LIMIT_TEXT 256

struct log_line {
	int level; /* enum log_level */
	const char *format; /* by its address: where in the program it comes from */
	const char *text;
};

/* Zero is free. */
struct log_limit_slot {
	__u64 key;
	__u64 since_ms, last_ms;
	unsigned int written, held;
	int level;
	char text[LOG_LIMIT_TEXT]; /* of what was held back last */
};

/* All zero: nothing was written yet. */
struct log_limit {
	struct log_limit_slot texts[LIMIT_LOG_TEXTS], formats[LIMIT_LOG_FORMATS];
};

/* What was held back. */
struct log_held {
	int level;
	bool is_same; /* one text; else others of one format, of which @text is the last */
	unsigned int n;
	unsigned int seconds; /* in which they came, at least 1 */
	char text[LOG_LIMIT_TEXT];
};

/* Whether @line is written. Who asks has called log_limit_due() until there was nothing. */
bool log_limit_pass(struct log_limit *limit, const struct log_line *line, __u64 now_ms);

/* Something that was held back, and whose time is over; with @all, also before that. It is told once. False: nothing is left. */
bool log_limit_due(struct log_limit *limit, __u64 now_ms, bool all, struct log_held *ret_held);
