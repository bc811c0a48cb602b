/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For libraries that only read what their prototypes take without const. */
#pragma once

#include <string.h>

/* @pointer, which nobody writes through. Copied, since a cast is what -Wcast-qual is there to find. */
static inline void *unconst(const void *pointer)
{
	void *same;

	memcpy(&same, &pointer, sizeof(same));
	return same;
}
