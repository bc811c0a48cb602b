/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entries of systemd's journal by its native protocol: a datagram with a field a line. Its library is not used: it opens its socket when the first line
 * is sent, which a process in a sandbox may not, and a router without systemd need not have it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

/* What an entry of ours may have at most, the length of its values included. */
#define JOURNAL_ENTRY_MAX 4096

struct journal_entry {
	char octets[JOURNAL_ENTRY_MAX];
	size_t length;
};

/* Whether @fd is the stream that the service manager has connected to the journal, as it says in JOURNAL_STREAM. */
bool journal_is_stream(int fd);

/* A socket to the journal at @path, which never waits long for it: entries are written to it by write(). Or -errno. */
int journal_open(const char *path);

/* Adds a field; one that does not fit any more, or whose name the journal would refuse, is left out. */
void journal_add(struct journal_entry *entry, const char *name, const char *value);
