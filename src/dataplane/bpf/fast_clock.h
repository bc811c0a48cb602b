/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far the clock that goes on in sleep is before the one that programs read fastest. */
#pragma once

#include <linux/types.h>
#include <time.h>

struct fast_clock {
	__u64 boot_ns; /* CLOCK_BOOTTIME */
	__u64 offset_ns; /* what CLOCK_MONOTONIC lacks to it */
};

typedef __u64 (*fast_clock_cb)(clockid_t clock);

/* Both at one moment, as far as @now_ns, which reads one of them, lets that be known. */
void fast_clock_read(fast_clock_cb now_ns, struct fast_clock *ret_clock);
