/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets of this network namespace that are listened on, and whose they are: read from /proc, where every kernel has it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "addr.h"
#include "cleanup.h"

struct listener {
	struct ip_addr addr; /* zero: on all */
	__u8 proto; /* IPPROTO_TCP or IPPROTO_UDP */
	__u16 port;
	unsigned long inode;
	int pid; /* 0: not to be seen from here (no root, or in a container) */
	char program[16]; /* as the kernel has it, cut at 15 letters; "" without a pid */
};

struct listeners {
	struct listener *rows; /* n, owned */
	size_t n;
};

/* Those that @wants says, without their programs yet. -ENOMEM. Freed by listeners_fini(). */
int listeners_read(bool (*wants)(const void *data, const struct listener *row), const void *data,
		   struct listeners *ret_listeners);
/* Looks for the programs in the descriptors of all processes: takes a while on a busy machine, and shows those of others to root only. */
void listeners_find_programs(struct listeners *listeners);
void listeners_fini(struct listeners *listeners);
#define _listeners_ _cleanup_(listeners_fini)
