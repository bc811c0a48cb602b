// SPDX-License-Identifier: GPL-2.0-or-later
#include "clock.h"

#include <time.h>

static __u64 clock_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (__u64)now.tv_sec * 1000000 + (__u64)now.tv_nsec / 1000;
}

static __u64 clock_ms(clockid_t clock)
{
	return clock_us(clock) / 1000;
}

__u64 clock_monotonic_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

__u64 clock_monotonic_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

__u64 clock_boottime_ms(void)
{
	return clock_ms(CLOCK_BOOTTIME);
}

__u64 clock_boottime_s(void)
{
	return clock_boottime_ms() / 1000;
}

__u64 clock_realtime_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}
