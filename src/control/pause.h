/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long blocking stays off, on two clocks.
 *
 * The wall clock outlives a restart of the machine, but jumps: a router without a battery wakes up in the past, and time comes by network later. The clock since boot
 * never jumps, and ends with the machine. So within the boot that the pause began in, the latter counts, and the end on the wall clock is put right where
 * that jumped; after a restart of the machine the wall clock counts, but from then on for no longer than was asked for.
 */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

#define PAUSE_BOOT_MAX 37

struct pause {
	bool is_off; /* blocking is */
	__u32 total_s; /* that were asked for; 0: until it is switched on */
	__s64 until_s; /* on the wall clock (UTC); with total_s */
	__u64 boot_ms; /* on CLOCK_BOOTTIME of the boot below */
	char boot[PAUSE_BOOT_MAX]; /* boot_id that it began in; "": not known */
	__u64 later_ms; /* not written: in a later boot, the end on its CLOCK_BOOTTIME at the latest; 0: not met yet */
};

/* What the clocks say. */
struct pause_now {
	__s64 wall_s;
	__u64 boot_ms;
	char boot[PAUSE_BOOT_MAX];
};

void pause_clocks(struct pause_now *ret_now);

/* Off from now on. @total_s 0: until switched on. */
void pause_begin(struct pause *pause, __u32 total_s, const struct pause_now *now);

/*
 * What @pause is now: over, or with its end on the clock that jumped put right. True: it changed, and should be written. Seconds less than
 * PAUSE_DRIFT_S are no jump.
 */
bool pause_follow(struct pause *pause, const struct pause_now *now);

/* Seconds that are left, rounded up; after pause_follow(). 0 where it has no end or is not off. */
__u32 pause_left_s(const struct pause *pause, const struct pause_now *now);

#define PAUSE_DRIFT_S 2
