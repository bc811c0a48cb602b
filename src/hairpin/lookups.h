/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many names asked of this machine's resolver at once, and waited for together: getaddrinfo(3) in threads, since getaddrinfo_a(3) is glibc's alone.
 *
 * A question that is at work cannot be cancelled: what it needs stays until it ends, or the process does.
 */
#pragma once

#include <netdb.h>
#include <stdbool.h>

#include <hairpin/limits.h>

struct lookups;

/* Room for @n names, each empty; NULL: there is no memory. Freed by lookups_free(). */
struct lookups *lookups_new(size_t n);
void lookups_free(struct lookups *lookups);

/* Before lookups_run(), for each index. */
void lookups_set(struct lookups *lookups, size_t i, const char *name);

/* Asks, once, and waits until all are answered or @seconds are over. */
void lookups_run(struct lookups *lookups, unsigned int seconds);

/*
 * What became of the @i-th: false, there was no answer in time. Else in @ret_error 0 or what gai_strerror(3) has words for; and the addresses, which are the caller's to free where there are any.
 */
bool lookups_take(struct lookups *lookups, size_t i, int *ret_error, struct addrinfo **ret_answers);
