// SPDX-License-Identifier: GPL-2.0-or-later
#include "pause.h"

#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "clock.h"
#include "file.h"

void pause_clocks(struct pause_now *ret_now)
{
	struct pause_now now = {0};
	_free_ char *id = NULL;
	size_t length;

	now.wall_s = (__s64)(clock_realtime_ms() / 1000);
	now.boot_ms = clock_boottime_ms();
	/* Without it each start of the daemon counts as one of the machine, and the wall clock as the one that is right. */
	if (!file_read("/proc/sys/kernel/random/boot_id", sizeof(now.boot), &id, &length))
		snprintf(now.boot, sizeof(now.boot), "%.36s", id);
	*ret_now = now;
}

static __s64 wall_end(const struct pause_now *now, __u64 left_ms)
{
	return now->wall_s + (__s64)((left_ms + 999) / 1000);
}

void pause_begin(struct pause *pause, __u32 total_s, const struct pause_now *now)
{
	*pause = (struct pause){.is_off = true, .total_s = total_s};
	if (!total_s)
		return;
	pause->boot_ms = now->boot_ms + total_s * 1000ULL;
	pause->until_s = wall_end(now, total_s * 1000ULL);
	memcpy(pause->boot, now->boot, sizeof(pause->boot));
}

static bool is_same_boot(const struct pause *pause, const struct pause_now *now)
{
	return *now->boot && !strcmp(pause->boot, now->boot);
}

static __u64 until(__u64 end_ms, const struct pause_now *now)
{
	return end_ms > now->boot_ms ? end_ms - now->boot_ms : 0;
}

static __u64 left_ms(const struct pause *pause, const struct pause_now *now)
{
	__s64 left_s = pause->until_s - now->wall_s;
	__u64 total_ms = pause->total_s * 1000ULL, left;

	if (is_same_boot(pause, now))
		return until(pause->boot_ms, now);
	if (left_s <= 0)
		return 0;
	/* More than was asked for: the clock stands further back than when the pause began. */
	left = left_s > (__s64)pause->total_s ? total_ms : (__u64)left_s * 1000;
	if (pause->later_ms && until(pause->later_ms, now) < left)
		return until(pause->later_ms, now);
	return left;
}

bool pause_follow(struct pause *pause, const struct pause_now *now)
{
	__u64 left;
	__s64 drift;

	if (!pause->is_off || !pause->total_s)
		return false;
	left = left_ms(pause, now);
	if (!left) {
		*pause = (struct pause){0};
		return true;
	}
	if (!is_same_boot(pause, now)) {
		if (!pause->later_ms)
			pause->later_ms = now->boot_ms + left;
		return false;
	}
	drift = wall_end(now, left) - pause->until_s;
	if (drift >= -PAUSE_DRIFT_S && drift <= PAUSE_DRIFT_S)
		return false;
	pause->until_s = wall_end(now, left);
	return true;
}

__u32 pause_left_s(const struct pause *pause, const struct pause_now *now)
{
	if (!pause->is_off || !pause->total_s)
		return 0;
	return (__u32)((left_ms(pause, now) + 999) / 1000);
}
