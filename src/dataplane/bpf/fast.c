// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>

#include "clock.h"
#include "fast_clock.h"
#include "fast_path.h"
#include "nft.h"

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
	bool holds = fast->wanted != CONF_FAST_PATH_OFF && fast->watch >= 0 && !fast->links_due;
	struct hp_pace pace = {.epoch = holds ? fast->epoch : 0};
	struct fast_clock clock;
	__u32 zero = 0;

	fast_clock_read(clock_ns, &clock);
	pace.ticked_s = (__u32)(clock.boot_ns / NS_PER_S);
	pace.offset_ns = clock.offset_ns;
	return bpf_map_update_elem(fast->pace, &zero, &pace, BPF_ANY);
}

static int raise_epoch(struct fast *fast)
{
	fast->epoch++;
	if (!fast->epoch)
		fast->epoch = 1;
	fast->fdb_grew = false;
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

static void attach(struct fast *fast, struct fast_devices *devices, bool *changed)
{
	for (size_t i = 0; i < devices->n; i++) {
		struct fast_device *device = &devices->items[i];
		int ret;

		if (device->why)
			continue;
		ret = fast_xdp_put(&fast->xdps, fast->path, fast->program, device->ifindex);
		*changed |= ret > 0;
		if (ret < 0) {
			device->why = ret == -EOPNOTSUPP ? FAST_WHY_NO_XDP : FAST_WHY_REFUSED;
			device->error = -ret;
		}
	}
}

/* Between two owners of a place stands an epoch, so that no way leads to the second that was noted for the first. */
static int put_tables(struct fast *fast, bool *changed)
{
	_free_ struct hp_link *links = calloc(fast->devices.n + 1, sizeof(*links));
	size_t n = links ? fast_devices_links(&fast->devices, links) : 0;
	int ret = links ? fast_places_clear(&fast->places, fast->links, links, n) : -ENOMEM;

	*changed |= ret > 0;
	if (ret > 0)
		ret = raise_epoch(fast);
	if (!ret)
		ret = fast_out_fill(&fast->sends, fast->out, &fast->devices);
	*changed |= ret > 0;
	if (ret >= 0)
		ret = fast_places_fill(&fast->places, fast->links, links, n);
	*changed |= ret > 0;
	if (ret >= 0)
		ret = fast_fdb_read(fast);
	*changed |= ret > 0;
	return ret < 0 ? ret : 0;
}

static bool is_wanted(const struct fast *fast, unsigned int ifindex)
{
	const struct fast_device *device = fast_devices_find(&fast->devices, ifindex);

	return device && !device->why;
}

/*
 * What no way leads to any more, behind the epoch that says so. A packet that has read the one before is on its way within this CPU's round of
 * packets, which the kernel waits for; taken out earlier, its target would be missing, and it be lost (lab test fast_attach).
 */
static void prune(struct fast *fast)
{
	bool waited = false;

	if (fast_out_is_stale(&fast->sends, &fast->devices)) {
		syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
		waited = true;
		fast_out_prune(&fast->sends, fast->out, &fast->devices);
	}
	for (size_t i = fast->xdps.n; i > 0; i--) {
		unsigned int ifindex = fast->xdps.items[i - 1].ifindex;

		if (is_wanted(fast, ifindex))
			continue;
		if (!waited)
			syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
		waited = true;
		fast_xdp_remove(&fast->xdps, fast->path, ifindex);
	}
}

/* Reads all devices, and makes the tables and the attached programs follow. The epoch is raised if that changed anything. */
static int update(struct fast *fast)
{
	_fast_facts_ struct fast_facts facts = {0};
	struct fast_devices devices = {0};
	bool changed = fast->links_due;
	int ret = fast_facts_read(&facts);

	fast->links_due = true;
	fast->looked_s = (__u32)clock_boottime_s();
	if (!ret)
		ret = fast_devices_make(fast, &facts, &devices);
	if (!ret) {
		attach(fast, &devices, &changed);
		fast_devices_ask(&devices, &facts);
		fast_devices_fini(&fast->devices);
		fast->devices = devices;
		devices = (struct fast_devices){0};
		ret = put_tables(fast, &changed);
	}
	fast_devices_fini(&devices);
	fast->links_due = ret != 0;
	if (changed) {
		fast_neighs_read(&fast->neighs, &fast->places);
		raise_epoch(fast);
	}
	if (!ret)
		prune(fast);
	return ret;
}

/* --- what is done when --------------------------------------------------------------------------------------- */

static int take_devices(struct fast *fast, const struct plan *plan)
{
	struct plan_device *devices = calloc(plan->n_devices + 1, sizeof(*devices));

	if (!devices)
		return -ENOMEM;
	for (size_t i = 0; i < plan->n_devices; i++)
		devices[i] = plan->devices[i];
	free(fast->wanted_devices);
	fast->wanted_devices = devices;
	fast->n_wanted_devices = plan->n_devices;
	fast->wanted = plan->fast_path;
	fast->one_arm = plan->settings.one_arm;
	return 0;
}

int fast_open(struct backend *backend)
{
	const struct hairpin_bpf *skel = backend->skel;
	struct fast *fast = calloc(1, sizeof(*fast));

	if (!fast)
		return -ENOMEM;
	backend->fast = fast;
	fast->pace = bpf_map__fd(skel->maps.hp_pace);
	fast->links = bpf_map__fd(skel->maps.hp_links);
	fast->fdb = bpf_map__fd(skel->maps.hp_fdb);
	fast->out = bpf_map__fd(skel->maps.hp_out);
	fast->program = bpf_program__fd(skel->progs.hp_fast);
	fast->epoch = first_epoch(fast);
	fast->watch = fast_watch_open();
	return 0;
}

void fast_yield(struct backend *backend)
{
	if (backend->move)
		fast_xdp_remove_all(move_path(backend->move));
}

/* Tables of another layout or size have changed their path when they came into force. */
static void first_apply(struct fast *fast, const struct backend *backend)
{
	fast->path = backend->path;
	fast_xdp_scan(&fast->xdps, fast->path);
}

int fast_apply(struct backend *backend, const struct plan *plan)
{
	struct fast *fast = backend->fast;
	int ret;

	if (!fast->wanted_devices)
		first_apply(fast, backend);
	ret = take_devices(fast, plan);
	fast->links_due = true;
	if (nft_generation(&fast->rules_generation))
		fast->rules_generation = 0;
	fast_rules_read(&fast->rules);
	return ret ? raise_epoch(fast) : update(fast);
}

void fast_changed(struct backend *backend)
{
	raise_epoch(backend->fast);
}

void fast_follow(struct backend *backend)
{
	struct fast *fast = backend->fast;
	unsigned int news = fast_watch_read(fast);

	/* Before the first plan nothing of ours is attached, and what another daemon left has tables that this one does not know. */
	if (!fast->wanted_devices)
		return;
	if (news & FAST_NEWS_LOST)
		fast->links_due = true;
	if ((news & FAST_NEWS_LINKS) || fast->links_due)
		update(fast);
	if (news & ~FAST_NEWS_LINKS)
		raise_epoch(fast);
}

/* Nobody tells of rules here, nor of an XDP program of others that went, nor of a veth's other end. */
static void look(struct fast *fast)
{
	__u32 generation = 0;

	if (nft_generation(&generation) || generation != fast->rules_generation)
		fast_rules_read(&fast->rules);
	else if ((__u32)clock_boottime_s() - fast->looked_s < FAST_LOOK_S)
		return;
	fast->rules_generation = generation;
	update(fast);
}

int fast_tick(struct backend *backend)
{
	struct fast *fast = backend->fast;

	if (!fast->wanted_devices || fast->watch < 0)
		return 0;
	fast_follow(backend);
	/* Once a second at most: a host that invents addresses must not take away what was noted with each of them. */
	if (fast->fdb_grew)
		raise_epoch(fast);
	if (fast->wanted != CONF_FAST_PATH_OFF)
		look(fast);
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
	fast_devices_fini(&fast->devices);
	fast_xdp_close(&fast->xdps);
	free(fast->wanted_devices);
	free(fast);
	backend->fast = NULL;
}

/* --- what is told ----------------------------------------------------------------------------------------------- */

static void put_text(char *at, size_t size, const struct fast_device *device)
{
	if (device->why == FAST_WHY_REFUSED)
		snprintf(at, size, "%s: %s", fast_why_text(device->why), strerror(device->error));
	else if (device->why)
		snprintf(at, size, "%s", fast_why_text(device->why));
	else if (device->mute)
		snprintf(at, size, "nothing is sent there by XDP: %s", device->mute);
}

int fast_list(const struct backend *backend, struct backend_fast **ret_items, size_t *ret_n)
{
	const struct fast_devices *devices = &backend->fast->devices;
	struct backend_fast *items = calloc(devices->n + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < devices->n; i++) {
		const struct fast_device *device = &devices->items[i];

		memcpy(items[i].interface, device->name, sizeof(items[i].interface));
		items[i].is_port = device->bridge;
		items[i].path = fast_why_path(device->why);
		put_text(items[i].why, sizeof(items[i].why), device);
	}
	*ret_items = items;
	*ret_n = devices->n;
	return 0;
}
