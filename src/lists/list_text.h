/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole list: its lines read and counted, and whether it is one. */
#pragma once

#include "list_line.h"

#define LIST_FAULT_TEXT 64

struct list_fault {
	__u32 line; /* from 1 */
	enum list_line is;
	char text[LIST_FAULT_TEXT]; /* printable ASCII, cut */
};

struct list_text {
	__u32 lines; /* that are not empty */
	__u32 counts[LIST_LINE_MAX]; /* lines by what they are */
	struct list_fault
		faults[LIMIT_LIST_FAULTS]; /* the first that are INVALID, REWRITE or IDN */
	unsigned int n_faults;
	struct list_fault
		unsupported; /* the first of these, which are no fault; line 0: there is none */
};

/*
 * Reads the @n octets at @text, with ends of lines of any system, and gives each rule to @cb. 0, or what @cb returned. Reads to the end whatever is in it: what it is worth
 * is for list_text_judge().
 */
int list_text_read(const char *text, size_t n, list_rule_cb *cb, void *data,
		   struct list_text *ret_read);

/*
 * Why what was read is no list, in words for the operator: a page in HTML, a program, a text of something else. NULL: it is one; one with no line that
 * says anything is a list too if @may_be_empty.
 */
const char *list_text_judge(const char *text, size_t n, const struct list_text *read,
			    bool may_be_empty);
