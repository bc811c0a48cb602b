/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our lines in a hosts file, between two marks. All else in it is somebody else's and stays octet for octet: ends of lines as they are there, a last line without an end too.
 * Pure functions over texts.
 */
#pragma once

#include <stddef.h>

#include "strbuf.h"

/*
 * Puts @lines (each with its "\n") in the place of those that @text has of us, or behind all; NULL takes ours out, and then the text is what it was before they
 * came. 0; or -EINVAL with one line in @why: the marks are not a pair any more, so that nobody can say what is ours.
 */
int hosts_block_put(const char *text, size_t length, const char *lines, struct strbuf *ret_text,
		    struct strbuf *why);
