/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One daemon for each state directory (a locked file with the process id in it) and for each directory of pins. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* The descriptor that holds the lock for as long as this process lives; -EWOULDBLOCK: another one has it; -errno. */
int instance_lock(const char *state);

/*
 * The same for the directory of pins, which daemons of other state directories could share. @pins must exist. It is the directory itself
 * that is locked, so nothing is left behind.
 */
int instance_lock_pins(const char *pins);

/* Whether a daemon holds the lock of the state directory. */
bool instance_is_held(const char *state);

/* The process that wrote its number there last; 0: unknown. */
pid_t instance_owner(const char *state);

/*
 * Ends whatever daemon holds the lock, also one that is stopped or hangs, and waits up to @timeout_ms until the lock is
 * free. 0, also if nobody held it; -ETIMEDOUT; -errno. The process is pinned by a pidfd before the lock is looked at again, so
 * that a number that was given to somebody else meanwhile hurts nobody.
 */
int instance_kill(const char *state, unsigned int timeout_ms);
