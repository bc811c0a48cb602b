/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record of an unconfirmed apply, in the state directory. While it is there, somebody has to go back; to confirm
 * is to remove it. So the daemon, the guardian and a daemon that was started after a crash agree without a connection between
 * them.
 *
 *	pending.json            the record
 *	pending.lock            held while the record is judged or changed
 *	guardian.lock           held by the guardian for as long as it lives
 *	previous.yaml           what was in force before, with `had_plan`
 *	previous-file.yaml      what the configuration file said before, with PENDING_FILE_RESTORE
 *	pending.room            nothing: space that going back will need, since a disk may fill up meanwhile
 */
#pragma once

#include <limits.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PENDING_PREVIOUS "previous.yaml"
#define PENDING_PREVIOUS_FILE "previous-file.yaml"
#define STATE_APPLIED "applied.yaml" /* the configuration in force; kept by the daemon */

enum pending_file {
	PENDING_FILE_KEEP = 0, /* there is nothing to put back */
	PENDING_FILE_RESTORE, /* previous-file.yaml goes back */
	PENDING_FILE_REMOVE, /* there was none before */
	PENDING_FILE_MAX,
};

struct pending {
	char id[33]; /* which apply it is */
	char boot[37]; /* boot id: deadline_ms counts from that boot */
	__u64 deadline_ms; /* CLOCK_BOOTTIME */
	unsigned int confirm_s;
	bool had_plan; /* a plan was in force; else going back is to detach */
	bool reverting; /* the time is over: too late to confirm */
	enum pending_file file;
	char backend[16]; /* name of the one that had it in force; "": none was */
	char conf[PATH_MAX]; /* the configuration file */
};

/* A new record with id, boot and deadline. 0 or -errno. */
int pending_init(struct pending *ret_pending, const char *conf, unsigned int confirm_s);

/* Seconds until the deadline, rounded up; 0: it is over. */
unsigned int pending_left_s(const struct pending *pending);

/* -ENOENT: nothing is pending. -EINVAL: the file is not a pending. */
int pending_read(const char *state, struct pending *ret_pending);
int pending_write(const char *state, const struct pending *pending);
/* Sets aside the space that going back needs; -ENOSPC. */
int pending_keep_room(const char *state);
/* Gives it free, as the first step of going back. */
void pending_use_room(const char *state);
/* The record and the texts that belong to it. */
int pending_remove(const char *state);

/* A descriptor that holds the lock until it is closed, or -errno. Waits. */
int pending_lock(const char *state);

/* Removes the record: 0; -ENOENT: nothing is pending; -ETIME: going back has begun. */
int pending_confirm(const char *state);
/* Marks the record @id as reverting: 0; -ENOENT: it was confirmed or replaced. */
int pending_begin_revert(const char *state, const char *id);

/* Whether record @id waits still. What cannot be read counts as waiting: only its absence is a confirmation. */
bool pending_is(const char *state, const char *id);

/* The guardian's lock: a descriptor, or -errno. Waits for the guardian before, which may still be about to end. */
int pending_guardian_lock(const char *state);
bool pending_has_guardian(const char *state);

/*
 * Puts the configuration file back as it was and keeps the rejected text beside it as <file>.rejected. Doing it twice
 * does no harm.
 */
int pending_restore_file(const char *state, const struct pending *pending);

/* Saves a text that the record speaks of (PENDING_PREVIOUS, PENDING_PREVIOUS_FILE); done before pending_write(). */
int pending_save_text(const char *state, const char *name, const char *text, size_t length);

/* "<state>/<name>" in @path (PATH_MAX); returns @path. A path that is too long is cut and will not open. */
const char *state_path(const char *state, const char *name, char *path);
