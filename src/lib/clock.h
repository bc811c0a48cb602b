/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The time now, by each of the clocks of this machine. */
#pragma once

#include <linux/types.h>

/* Since the start of the machine, and never set. This one stands still while it sleeps: for how long somebody is waited for. */
__u64 clock_monotonic_ms(void);
__u64 clock_monotonic_us(void);

/* ... and this one goes on meanwhile: for what ends, or is stale, by the time of those outside. */
__u64 clock_boottime_ms(void);
__u64 clock_boottime_s(void);

/* Since 1970, and set now and then. */
__u64 clock_realtime_ms(void);
