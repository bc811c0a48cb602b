/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The writer of the query log: a process of its own, `hairpind --log`, that reads the ring (src/dns/ring.h) and has the database (store.h).
 *
 * Nothing of DNS waits for it. If it dies, or the disk is full, queries stand in the ring, and when that is full they are counted and lost.
 */
#pragma once

#include <hairpin/control.h>
#include <linux/types.h>

/* Where it finds its socket to the daemon (SOCK_SEQPACKET). */
#define QUERYLOG_FD 3

/* Below the state directory; the process's own. */
#define QUERYLOG_FOLDER "querylog"

enum querylog_type {
	QUERYLOG_SETUP = 1, /* to the process: with the ring */
	QUERYLOG_REQUEST, /* to the process: with the connection of whoever asks (ask.h) */
	QUERYLOG_ASK, /* to the process: how is it? */
	QUERYLOG_STATUS, /* back */
};

struct querylog_message {
	__u32 type; /* enum querylog_type */
	union {
		struct {
			__u32 is_anonymised;
			__u32 retention_s;
			__u32 size_mb;
			__u64 lost; /* that a process before this has told of */
		} setup;
		struct control_request request;
		struct {
			__s32 error; /* -errno of why nothing is written at present; 0 */
			__u64 written; /* queries, since this process was started */
			__u64 lost; /* since the ring is there: it was full */
			__u64 octets; /* of the database */
		} status;
	};
};

/*
 * Runs until the daemon closes its end; then what stands in the ring is written. @folder: where the database is, or will be. @ready gives up all rights
 * but those on the working directory, which is @folder. Returns what the process exits with.
 */
int querylog_run(int fd, const char *folder, int (*ready)(void));
