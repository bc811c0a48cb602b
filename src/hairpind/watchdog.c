// SPDX-License-Identifier: GPL-2.0-or-later
#include "watchdog.h"

#define MS_PER_S 1000ULL

/* Whether as many as may be are behind us within BURST_S. */
static bool is_burst(const struct watchdog *watchdog, __u64 now_ms)
{
	const __u64 oldest = watchdog->recent_ms[watchdog->removals % WATCHDOG_BURST];

	return watchdog->removals - watchdog->since >= WATCHDOG_BURST &&
	       now_ms - oldest < WATCHDOG_BURST_S * MS_PER_S;
}

static bool is_quiet(const struct watchdog *watchdog, __u64 now_ms)
{
	const __u64 last = watchdog->recent_ms[(watchdog->removals - 1) % WATCHDOG_BURST];

	return now_ms - last >= WATCHDOG_QUIET_S * MS_PER_S;
}

static void note_removal(struct watchdog *watchdog, __u64 now_ms, struct watchdog_verdict *verdict)
{
	if (watchdog->wait_s && watchdog->wait_s * 2 < WATCHDOG_WAIT_MAX_S) {
		watchdog->wait_s *= 2;
	} else if (watchdog->wait_s) {
		watchdog->wait_s = WATCHDOG_WAIT_MAX_S;
	} else if (is_burst(watchdog, now_ms)) {
		watchdog->wait_s = WATCHDOG_WAIT_MIN_S;
		verdict->slows = true;
	}
	watchdog->due_ms = now_ms + watchdog->wait_s * MS_PER_S;
	watchdog->recent_ms[watchdog->removals++ % WATCHDOG_BURST] = now_ms;
	verdict->removed = true;
}

struct watchdog_verdict watchdog_see(struct watchdog *watchdog, __u64 now_ms, unsigned int missing)
{
	struct watchdog_verdict verdict = {.act = WATCHDOG_REST};
	bool fresh = missing & ~watchdog->missing;

	watchdog->missing = missing;
	if (watchdog->paused) {
		verdict.passed = fresh;
		return verdict;
	}
	/* Before the removal that ends the quiet is counted. */
	if (watchdog->wait_s && is_quiet(watchdog, now_ms)) {
		watchdog->wait_s = 0;
		watchdog->since = watchdog->removals;
		verdict.calms = true;
	}
	if (fresh)
		note_removal(watchdog, now_ms, &verdict);
	if (missing)
		verdict.act = now_ms >= watchdog->due_ms ? WATCHDOG_MEND : WATCHDOG_WAIT;
	return verdict;
}

void watchdog_mended(struct watchdog *watchdog)
{
	watchdog->missing = 0;
}

void watchdog_pause(struct watchdog *watchdog, __u64 now_ms, __u32 seconds)
{
	watchdog->paused = true;
	watchdog->pause_end_ms = seconds ? now_ms + seconds * MS_PER_S : 0;
}

void watchdog_resume(struct watchdog *watchdog)
{
	watchdog->paused = false;
	watchdog->pause_end_ms = 0;
	watchdog->wait_s = 0;
	watchdog->since = watchdog->removals;
	watchdog->due_ms = 0;
}

bool watchdog_pause_ends(struct watchdog *watchdog, __u64 now_ms)
{
	if (!watchdog->paused || !watchdog->pause_end_ms || now_ms < watchdog->pause_end_ms)
		return false;
	watchdog_resume(watchdog);
	return true;
}

__u32 watchdog_left_s(__u64 now_ms, __u64 then_ms)
{
	return then_ms <= now_ms ? 0 : (__u32)((then_ms - now_ms + MS_PER_S - 1) / MS_PER_S);
}
