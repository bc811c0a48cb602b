/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that answers machines which ask for names for their hosts files (decision 030). It reads what strangers send, so it has no rights, no file and no key: for each question it asks the daemon
 * for a signature, and the daemon signs nothing but its own names for the number in the question.
 *
 * It ends with the daemon.
 */
#pragma once

#include <linux/types.h>

#include <hairpin/limits.h>

#include "hosts_wire.h"

/* Where the process that is started as `hairpind --hosts` finds its socket to the daemon. */
#define HOSTS_PROCESS_FD 3

enum hosts_message_type {
	HOSTS_MESSAGE_SETUP, /* to it; a file with the lines, then the sockets that listen */
	HOSTS_MESSAGE_SIGN, /* from it: `listener` was asked with `nonce` */
	HOSTS_MESSAGE_SIGNED, /* to it; `ret` or `signature`, for the same place and serial */
	HOSTS_MESSAGE_ASK, /* to it: how is it? */
	HOSTS_MESSAGE_COUNTS, /* from it */
};

enum hosts_count {
	HOSTS_ANSWERED,
	HOSTS_LIMITED, /* asked too often */
	HOSTS_MALFORMED, /* no question of ours */
	HOSTS_LATE, /* asked nothing, or took no answer, in time */
	HOSTS_COUNT_MAX,
};

struct hosts_message {
	__u32 type;
	__u32 generation; /* of the setup */
	__u32 place, serial; /* of the connection */
	__u32 listener; /* in the order of the setup */
	__s32 ret;
	__u8 nonce[HOSTS_NONCE_BYTES];
	__u8 key[HOSTS_KEY_BYTES];
	__u8 signature[HOSTS_SIGNATURE_BYTES];
	__u64 counts[HOSTS_COUNT_MAX];
};

#define HOSTS_MESSAGE_FDS (1 + LIMIT_HOSTS_LISTENERS)

/* Enters its sandbox and answers until the daemon is gone. What it exits with. */
int hosts_process_run(int daemon);
