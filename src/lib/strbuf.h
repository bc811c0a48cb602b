/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growing text. All-zero is an empty one; strbuf_fini() frees it. Running out of memory while text is
 * built ends the process: no caller could say so better.
 */
#pragma once

#include <stddef.h>

#include "cleanup.h"

struct strbuf {
	char *text; /* NUL-terminated once something was added, else NULL */
	size_t length, size;
};

#define _strbuf_ _cleanup_(strbuf_fini)

void strbuf_add(struct strbuf *buf, const char *format, ...) _printf_(2, 3)
	__attribute__((nonnull(2)));
void strbuf_add_bytes(struct strbuf *buf, const void *bytes, size_t length);
/* The text, never NULL. Valid until the next call with @buf. */
const char *strbuf_text(const struct strbuf *buf);
void strbuf_reset(struct strbuf *buf);
void strbuf_fini(struct strbuf *buf);
