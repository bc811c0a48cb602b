/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is there or ends the process, for the parser's small pieces; the reason is in
 * strbuf.h.
 */
#pragma once

#include <stdlib.h>
#include <string.h>

/* Room for @count; grown from @old, whose contents are kept, if that is not NULL. */
static inline void *alloc_array(void *old, size_t count, size_t size)
{
	void *memory = reallocarray(old, count ? count : 1, size);

	if (!memory)
		abort();
	return memory;
}

static inline void *alloc_zero(size_t size)
{
	return memset(alloc_array(NULL, 1, size), 0, size);
}

static inline char *alloc_text(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(alloc_array(NULL, 1, size), text, size);
}
