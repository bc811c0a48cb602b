/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults of one configuration text, collected as lines "path:line: key: word: text".
 *
 * A report takes LIMIT_CONF_ERRORS faults; what comes after is not written. report_full() lets a
 * walk over a long file stop there.
 */
#pragma once

#include <stdbool.h>

#include <hairpin/limits.h>

#include "strbuf.h"

struct report_line {
	unsigned int line;
	char *text; /* owned */
};

/* All-zero but for the path is an empty one; report_finish() ends it. */
struct report {
	const char *path;
	struct report_line lines[LIMIT_CONF_ERRORS];
	unsigned int n;
};

/* Where a fault is: line 0, or a word that is NULL, is left out. */
struct spot {
	unsigned int line;
	const char *key; /* of the schema, or NULL */
	const char *word; /* as the file has it; made safe to print */
};

/* @format says what is wrong and, after a semicolon, what would be right. */
void report_add(struct report *report, struct spot spot, const char *format, ...) _printf_(3, 4);
bool report_full(const struct report *report);

/* Moves the lines to @out, in the order of the file. The report is empty again. */
void report_finish(struct report *report, struct strbuf *out);

/* @text as a part of one line: control characters replaced, a long one cut short. */
void report_add_word(struct strbuf *out, const char *text);
