// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "fast.h"

#define NS_PER_S 1000000000ULL

static __u64 clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (__u64)now.tv_sec * NS_PER_S + (__u64)now.tv_nsec;
}

/* --- the pace -------------------------------------------------------------------------------------------- */

/* Says that somebody watches, and since when ways hold. Only with nothing unread: what was told before the round is in it. */
static int tell(const struct fast *fast)
{
	__u64 boot_ns = clock_ns(CLOCK_BOOTTIME);
	const struct hp_pace pace = {
		.epoch = fast->on && !fast->links_due ? fast->epoch : 0,
		.ticked_s = (__u32)(boot_ns / NS_PER_S),
		.offset_ns = boot_ns - clock_ns(CLOCK_MONOTONIC),
	};
	__u32 zero = 0;

	return bpf_map_update_elem(fast->pace, &zero, &pace, BPF_ANY);
}

static int raise_epoch(struct fast *fast)
{
	fast->epoch++;
	if (!fast->epoch)
		fast->epoch = 1;
	return tell(fast);
}

/*
 * The one before goes on. Where there is none, or it was switched off, sessions may still have notes of some epoch: a number that nobody can have used lately, which counting
 * from 1 would be.
 */
static __u32 first_epoch(const struct fast *fast)
{
	struct hp_pace pace = {0};
	__u32 zero = 0;

	if (!bpf_map_lookup_elem(fast->pace, &zero, &pace) && pace.epoch)
		return pace.epoch;
	if (getrandom(&pace.epoch, sizeof(pace.epoch), 0) != sizeof(pace.epoch))
		pace.epoch = (__u32)clock_ns(CLOCK_BOOTTIME);
	return pace.epoch;
}

/* --- the devices ------------------------------------------------------------------------------------------- */

/* @links has room for all devices of the plan. On one arm side and way back are found packet by packet, and nothing is noted. */
static size_t links_of(const struct fast *fast, const struct fast_facts *facts,
		       struct hp_link *links)
{
	size_t n = 0;

	for (size_t i = 0; fast->on && i < fast->n_devices; i++) {
		const struct plan_device *device = &fast->devices[i];
		const struct fast_fact *fact = fast_facts_find(facts, device->ifindex);

		if (!fact || !fact->ethernet)
			continue;
		links[n] = (struct hp_link){
			.ifindex = device->ifindex,
			.side = (__u8)device->side,
			.flags = fact->bridge ? HP_LINK_IS_BRIDGE : 0,
		};
		memcpy(links[n++].mac, fact->mac, sizeof(fact->mac));
	}
	return n;
}

/* Between two owners of a place stands an epoch, so that no way leads to the second that was noted for the first. */
static int put_links(struct fast *fast, const struct hp_link *links, size_t n)
{
	int ret = fast_places_clear(&fast->places, fast->links, links, n);

	if (ret > 0)
		ret = raise_epoch(fast);
	return ret ? ret : fast_places_fill(&fast->places, fast->links, links, n);
}

static int update_links(struct fast *fast)
{
	_fast_facts_ struct fast_facts facts = {0};
	_free_ struct hp_link *links = calloc(fast->n_devices + 1, sizeof(*links));
	int ret = links ? fast_facts_read(&facts) : -ENOMEM;

	if (!ret)
		ret = put_links(fast, links, links_of(fast, &facts, links));
	fast_neighs_read(&fast->neighs, &fast->places);
	fast->links_due = ret != 0;
	return ret;
}

/* --- what is done when --------------------------------------------------------------------------------------- */

static int take_devices(struct fast *fast, const struct plan *plan)
{
	size_t n = plan->settings.one_arm ? 0 : plan->n_devices;
	struct plan_device *devices = calloc(n + 1, sizeof(*devices));

	if (!devices)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		devices[i] = plan->devices[i];
	free(fast->devices);
	fast->devices = devices;
	fast->n_devices = n;
	return 0;
}

int fast_open(struct backend *backend)
{
	struct fast *fast = calloc(1, sizeof(*fast));

	if (!fast)
		return -ENOMEM;
	backend->fast = fast;
	fast->pace = bpf_map__fd(backend->skel->maps.hp_pace);
	fast->links = bpf_map__fd(backend->skel->maps.hp_links);
	fast->epoch = first_epoch(fast);
	fast->watch = fast_watch_open();
	return 0;
}

int fast_apply(struct backend *backend, const struct plan *plan)
{
	struct fast *fast = backend->fast;

	fast->on = plan->fast_path != CONF_FAST_PATH_OFF && fast->watch >= 0;
	fast->links_due = true;
	if (!take_devices(fast, plan))
		update_links(fast);
	return raise_epoch(fast);
}

void fast_changed(struct backend *backend)
{
	raise_epoch(backend->fast);
}

void fast_follow(struct backend *backend)
{
	struct fast *fast = backend->fast;
	unsigned int news = fast_watch_read(fast->watch, &fast->neighs, &fast->places);

	if (news & FAST_NEWS_LOST)
		fast->links_due = true;
	if ((news & FAST_NEWS_LINKS) || fast->links_due)
		update_links(fast);
	if (news)
		raise_epoch(fast);
}

int fast_tick(struct backend *backend)
{
	struct fast *fast = backend->fast;

	/* Before the first plan nothing of ours is attached, and what another daemon left has tables that this one does not know. */
	if (!fast->devices || fast->watch < 0)
		return 0;
	fast_follow(backend);
	return tell(fast);
}

int fast_watched(const struct backend *backend)
{
	return backend->fast->watch;
}

void fast_close(struct backend *backend)
{
	struct fast *fast = backend->fast;

	if (!fast)
		return;
	cleanup_close(&fast->watch);
	fast_neighs_fini(&fast->neighs);
	free(fast->devices);
	free(fast);
	backend->fast = NULL;
}
