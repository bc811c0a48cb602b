// SPDX-License-Identifier: GPL-2.0-or-later
#include "hosts_watch.h"

#include <hairpin/limits.h>

struct step {
	enum hosts_place next;
	enum hosts_order order;
	unsigned int ask_ms; /* from now on */
	bool is_miss; /* counts; the last one that is allowed leads to `away` */
	bool is_backing; /* `ask_ms` doubles with each in a row, up to HOSTS_WATCH_AWAY_MS */
};

#define SOON HOSTS_WATCH_MISSED_MS
#define SETTLED HOSTS_WATCH_SETTLE_MS

/* clang-format off */
static const struct step steps[HOSTS_PLACE_MAX][HOSTS_EVENT_MAX] = {
	[HOSTS_UNKNOWN] = {
		[HOSTS_PROVED] =  {HOSTS_HOME,  HOSTS_PUT,  HOSTS_WATCH_HOME_MS},
		[HOSTS_SILENT] =  {HOSTS_AWAY,  HOSTS_TAKE, SOON},
		[HOSTS_OTHER] =   {HOSTS_AWAY,  HOSTS_TAKE, HOSTS_WATCH_AWAY_MS},
		[HOSTS_CHANGED] = {HOSTS_UNKNOWN, HOSTS_KEEP, SETTLED},
	},
	[HOSTS_HOME] = {
		[HOSTS_PROVED] =  {HOSTS_HOME,  HOSTS_PUT,  HOSTS_WATCH_HOME_MS},
		[HOSTS_SILENT] =  {HOSTS_DOUBT, HOSTS_KEEP, SOON, .is_miss = true},
		[HOSTS_OTHER] =   {HOSTS_AWAY,  HOSTS_TAKE, SOON},
		[HOSTS_CHANGED] = {HOSTS_DOUBT, HOSTS_KEEP, SETTLED},
	},
	[HOSTS_DOUBT] = {
		[HOSTS_PROVED] =  {HOSTS_HOME,  HOSTS_PUT,  HOSTS_WATCH_HOME_MS},
		[HOSTS_SILENT] =  {HOSTS_DOUBT, HOSTS_KEEP, SOON, .is_miss = true},
		[HOSTS_OTHER] =   {HOSTS_AWAY,  HOSTS_TAKE, SOON},
		[HOSTS_CHANGED] = {HOSTS_DOUBT, HOSTS_KEEP, SETTLED},
	},
	[HOSTS_AWAY] = {
		[HOSTS_PROVED] =  {HOSTS_HOME,  HOSTS_PUT,  HOSTS_WATCH_HOME_MS},
		[HOSTS_SILENT] =  {HOSTS_AWAY,  HOSTS_KEEP, SOON, .is_backing = true},
		[HOSTS_OTHER] =   {HOSTS_AWAY,  HOSTS_KEEP, HOSTS_WATCH_AWAY_MS},
		[HOSTS_CHANGED] = {HOSTS_AWAY,  HOSTS_KEEP, SETTLED},
	},
};
/* clang-format on */

/* A link is up before a switch passes packets and before there is an address: the first seconds after a change are asked more often. */
static unsigned int backed(unsigned int ask_ms, unsigned int times)
{
	while (times-- && ask_ms < HOSTS_WATCH_AWAY_MS)
		ask_ms *= 2;
	return ask_ms < HOSTS_WATCH_AWAY_MS ? ask_ms : HOSTS_WATCH_AWAY_MS;
}

enum hosts_order hosts_watch_step(struct hosts_watch *watch, enum hosts_event event, __u64 now_ms)
{
	static const struct step gone = {HOSTS_AWAY, HOSTS_TAKE, SOON};
	struct step step = steps[watch->place][event];
	bool counts = step.is_miss || step.is_backing;

	if (step.is_backing)
		step.ask_ms = backed(step.ask_ms, watch->missed);
	if (counts)
		watch->missed++;
	/* A network that changes all the time does not keep the block in: doubt ends by answers alone. */
	else if (step.next != HOSTS_DOUBT)
		watch->missed = 0;
	if (step.is_miss && watch->missed >= HOSTS_WATCH_MISSES) {
		step = gone;
		watch->missed = 0;
	}
	watch->place = step.next;
	/* Nor is a question put off that is due earlier. */
	if (event != HOSTS_CHANGED || watch->ask_ms > now_ms + step.ask_ms)
		watch->ask_ms = now_ms + step.ask_ms;
	return step.order;
}

void hosts_watch_done(struct hosts_watch *watch, enum hosts_order order, bool ok, __u64 now_ms)
{
	if (order == HOSTS_KEEP)
		return;
	watch->failed = ok ? HOSTS_KEEP : order;
	watch->again_ms = now_ms + HOSTS_WATCH_AGAIN_MS;
}

enum hosts_order hosts_watch_due(const struct hosts_watch *watch, __u64 now_ms)
{
	return watch->failed != HOSTS_KEEP && now_ms >= watch->again_ms ? watch->failed
									: HOSTS_KEEP;
}

__u64 hosts_watch_next(const struct hosts_watch *watch, bool is_asking)
{
	__u64 again_ms = watch->failed != HOSTS_KEEP ? watch->again_ms : ~0ULL;

	return is_asking || watch->ask_ms > again_ms ? again_ms : watch->ask_ms;
}

const char *hosts_place_name(enum hosts_place place)
{
	static const char *const names[] = {
		[HOSTS_UNKNOWN] = "not known yet",
		[HOSTS_HOME] = "in its LAN",
		[HOSTS_DOUBT] = "in doubt",
		[HOSTS_AWAY] = "away",
	};

	return names[place];
}
