/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small whole files: read with a bound, written atomically. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/*
 * Reads the whole of @path (or of @fd) into a new NUL-terminated buffer, freed by the caller. 0, -errno, or -EFBIG above @limit.
 */
int file_read(const char *path, size_t limit, char **ret_text, size_t *ret_length);
int file_read_fd(int fd, size_t limit, char **ret_text, size_t *ret_length);

/* Writes a new file beside @path, syncs and renames it over: readers see the old text or the new, also
 * after a crash. A full disk leaves the old one. */
int file_write_atomic(const char *path, const char *text, size_t length, mode_t mode);

/*
 * The same, and the folder is synced too: on return the new text is there after a power cut. On a failure the old one is, but where only the folder could not be
 * synced it may be either: then who has the old text writes that again.
 */
int file_write_durable(const char *path, const char *text, size_t length, mode_t mode);

/* Creates @path and its parents (0755 unless @mode says else for the last one). 0 if it was there. */
int dir_make(const char *path, mode_t mode);
