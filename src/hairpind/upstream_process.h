/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that asks the router upstream (decision 034). It reads what a stranger's router sends, in five formats, two of them by a library: so it has no rights, no file, and so much memory.
 *
 * It ends with the daemon, and leaves what is mapped as it is.
 */
#pragma once

#include <linux/types.h>

#include "portmap.h"

/* Where the process that is started as `hairpind --upstream` finds its socket to the daemon. */
#define UPSTREAM_PROCESS_FD 3

enum upstream_order_type {
	UPSTREAM_ORDER_SET, /* `wanted`, from now on */
	UPSTREAM_ORDER_ASK, /* a report, as a sign of life */
};

/* To it. What comes back is a struct portmap_report: when asked, and when there is news. */
struct upstream_order {
	__u32 type;
	struct portmap_wanted wanted;
};

/* Enters its sandbox and asks until the daemon is gone. What it exits with. */
int upstream_process_run(int daemon);
