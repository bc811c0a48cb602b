// SPDX-License-Identifier: GPL-2.0-or-later
#include "fast_clock.h"

/* Two readings of a clock are some hundred nanoseconds apart; in between this process was stopped, or the machine. */
#define APART_NS 1000000
#define READ_TRIES 16

/*
 * MONOTONIC comes first: where no try succeeds, the sum of it and the offset is later than it should be, and no way is believed. Earlier would make an old second a fresh one.
 */
void fast_clock_read(fast_clock_cb now_ns, struct fast_clock *ret_clock)
{
	for (int i = 0; i < READ_TRIES; i++) {
		__u64 before_ns = now_ns(CLOCK_MONOTONIC);

		ret_clock->boot_ns = now_ns(CLOCK_BOOTTIME);
		ret_clock->offset_ns = ret_clock->boot_ns - before_ns;
		if (now_ns(CLOCK_MONOTONIC) - before_ns < APART_NS)
			return;
	}
}
