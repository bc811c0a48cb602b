/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ownership in the function that has it: a local tagged with one of these frees itself, and TAKE_PTR or
 * TAKE_FD is where it leaves. Descriptors start at -1.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f) __attribute__((cleanup(f)))
#define _free_ _cleanup_(cleanup_free)
#define _close_ _cleanup_(cleanup_close)
#define _fclose_ _cleanup_(cleanup_fclose)
#define _unused_ __attribute__((unused))
#define _printf_(f, a) __attribute__((format(printf, f, a)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define TAKE_PTR(p)                     \
	({                              \
		typeof(p) _taken = (p); \
		(p) = NULL;             \
		_taken;                 \
	})
#define TAKE_FD(fd)                \
	({                         \
		int _taken = (fd); \
		(fd) = -1;         \
		_taken;            \
	})

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_fclose(FILE **f)
{
	if (*f)
		fclose(*f);
}
