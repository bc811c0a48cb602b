// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "rows.h"

/* Two slots hold the plan in force and the one being written; a packet reads `hp_active` once. */

static int active_slot(const struct backend *backend, __u32 *ret_slot)
{
	__u32 zero = 0, slot;
	int ret = bpf_map_lookup_elem(bpf_map__fd(backend->skel->maps.hp_active), &zero, &slot);

	if (!ret)
		*ret_slot = slot % HP_SLOTS;
	return ret;
}

/* So that some forwards more find room in a map that was made for @n. */
static __u32 rows_spare(__u32 n)
{
	return n / 4 + 16;
}

static int outer_fd(const struct backend *backend, enum tables table)
{
	return bpf_map__fd(table == TABLES_RULES ? backend->skel->maps.hp_rules
						 : backend->skel->maps.hp_prefixes);
}

void tables_open(struct backend *backend)
{
	for (enum tables table = 0; table < TABLES_MAX; table++) {
		for (__u32 slot = 0; slot < HP_SLOTS; slot++) {
			__u32 id;

			backend->inner[table][slot] = -1;
			if (!bpf_map_lookup_elem(outer_fd(backend, table), &slot, &id))
				backend->inner[table][slot] = bpf_map_get_fd_by_id(id);
			/* Nobody knows when those before us flipped. */
			backend->flip_fresh |= backend->inner[table][slot] >= 0;
		}
	}
}

static int inner_room(int fd, __u32 *ret_room)
{
	struct bpf_map_info info = {0};
	__u32 length = sizeof(info);
	int ret = fd < 0 ? -ENOENT : bpf_obj_get_info_by_fd(fd, &info, &length);

	if (!ret)
		*ret_room = info.max_entries;
	return ret;
}

/*
 * Puts @rows in the place of what a map holds that nobody reads. Another map would be as good, but after each change of a map of maps the kernel keeps the caller until no program reads
 * the old one: under load more than a tenth of a second for each table.
 */
static int inner_rewrite(const struct rows *rows, int fd)
{
	__u32 room;
	int ret = inner_room(fd, &room);

	if (!ret && room < rows->n)
		ret = -ENOSPC;
	if (!ret)
		ret = rows_clear(rows, fd, room);
	return ret ? ret : rows_write(rows, fd);
}

/* A new map with @rows and room for those of the plan, put into @slot: the map, or -errno. */
static int inner_make(const struct backend *backend, enum tables table, const struct rows *rows,
		      __u32 slot)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = rows->flags);
	__u32 n = backend->n_rows[table];
	_close_ int fd =
		bpf_map_create(rows->type, table == TABLES_RULES ? "hp_rules_in" : "hp_prefixes_in",
			       rows->key_size, rows->value_size, n + rows_spare(n), &options);
	int ret;

	if (fd < 0)
		return fd;
	ret = rows_write(rows, fd);
	if (!ret)
		ret = bpf_map_update_elem(outer_fd(backend, table), &slot, &fd, BPF_ANY);
	return ret ? ret : TAKE_FD(fd);
}

static void inner_take(struct backend *backend, enum tables table, __u32 slot, int fd)
{
	cleanup_close(&backend->inner[table][slot]);
	backend->inner[table][slot] = fd;
}

static int inner_put(struct backend *backend, enum tables table, const struct rows *rows,
		     __u32 slot)
{
	int fd;

	backend->n_rows[table] = rows->n;
	if (!backend->flip_fresh && !inner_rewrite(rows, backend->inner[table][slot]))
		return 0;
	fd = inner_make(backend, table, rows, slot);
	if (fd < 0)
		return fd;
	inner_take(backend, table, slot, fd);
	return 0;
}

static int slot_write(struct backend *backend, const struct plan *plan, __u32 slot)
{
	_rows_ struct rows rules = {0}, prefixes = {0};
	int ret = rows_of_rules(plan, &rules);

	if (!ret)
		ret = rows_of_prefixes(plan, &prefixes);
	if (!ret)
		ret = inner_put(backend, TABLES_RULES, &rules, slot);
	if (!ret)
		ret = inner_put(backend, TABLES_PREFIXES, &prefixes, slot);
	return ret;
}

int tables_write(struct backend *backend, const struct plan *plan, __u32 generation,
		 struct strbuf *why)
{
	struct hp_settings settings = plan->settings;
	__u32 slot;
	int ret = active_slot(backend, &slot);

	settings.generation = generation;
	settings.sorter_ifindex = backend->sorter.ifindex;
	/* Where they cannot be waited for, new maps are made. */
	tables_settle(backend);
	if (!ret) {
		slot = (slot + 1) % HP_SLOTS;
		ret = slot_write(backend, plan, slot);
	}
	if (!ret)
		ret = bpf_map_update_elem(bpf_map__fd(backend->skel->maps.hp_settings), &slot,
					  &settings, BPF_ANY);
	if (ret)
		strbuf_add(why, "the plan's tables (%zu rules, %zu prefixes) cannot be written: %s",
			   plan->n_rules, plan->n_prefixes, strerror(-ret));
	return ret;
}

int tables_flip(struct backend *backend)
{
	__u32 zero = 0, slot;
	int ret = active_slot(backend, &slot);

	if (ret)
		return ret;
	slot = (slot + 1) % HP_SLOTS;
	backend->flip_fresh = true;
	return bpf_map_update_elem(bpf_map__fd(backend->skel->maps.hp_active), &zero, &slot,
				   BPF_ANY);
}

/* --- the slot that is not in force ---------------------------------------------------------------- */

/*
 * Waits until no packet goes by the slot that was in force before the last flip. The map in force is put where it is already, which changes nothing and waits as any change of a map of maps
 * does. Not membarrier(), which a kernel with nohz_full refuses.
 */
static int flip_wait(const struct backend *backend, __u32 slot)
{
	if (backend->inner[TABLES_PREFIXES][slot] < 0)
		return -ENOENT;
	return bpf_map_update_elem(outer_fd(backend, TABLES_PREFIXES), &slot,
				   &backend->inner[TABLES_PREFIXES][slot], BPF_ANY);
}

/*
 * The next plan, if it is much like the one in force, shall find its maps made and empty: to take ten thousand forwards out of one takes as long as to put others in. One with far too much
 * room gives its memory back. The new map, or -1.
 */
static int inner_prepare(const struct backend *backend, enum tables table, __u32 slot)
{
	__u32 n = backend->n_rows[table], room;

	if (inner_room(backend->inner[table][slot], &room) || room < n + rows_spare(n) / 2 ||
	    room / 2 > n + rows_spare(n))
		return inner_make(backend, table, &rows_kinds[table], slot);
	rows_clear(&rows_kinds[table], backend->inner[table][slot], room);
	return -1;
}

/* Of the backend it changes nothing but `spare`: the daemon reads the rest meanwhile. */
static void *spare_work(void *data)
{
	struct backend *backend = data;
	struct spare *spare = &backend->spare;
	__u32 slot;

	if (active_slot(backend, &slot) || flip_wait(backend, slot))
		return NULL;
	spare->is_settled = true;
	spare->slot = (slot + 1) % HP_SLOTS;
	for (enum tables table = 0; table < TABLES_MAX; table++)
		spare->made[table] = inner_prepare(backend, table, spare->slot);
	return NULL;
}

/* Without the thread the next plan does it, and waits. */
static void spare_start(struct backend *backend)
{
	sigset_t all, before;

	if (backend->spare.is_running || !backend->flip_fresh)
		return;
	backend->spare.is_settled = false;
	/* The signals are for the event loop. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	backend->spare.is_running =
		!pthread_create(&backend->spare.thread, NULL, spare_work, backend);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void spare_join(struct backend *backend)
{
	struct spare *spare = &backend->spare;

	if (!spare->is_running)
		return;
	pthread_join(spare->thread, NULL);
	spare->is_running = false;
	if (!spare->is_settled)
		return;
	backend->flip_fresh = false;
	for (enum tables table = 0; table < TABLES_MAX; table++) {
		if (spare->made[table] >= 0)
			inner_take(backend, table, spare->slot, spare->made[table]);
	}
}

int tables_settle(struct backend *backend)
{
	__u32 slot;
	int ret = active_slot(backend, &slot);

	spare_join(backend);
	if (!backend->flip_fresh || ret)
		return ret;
	ret = flip_wait(backend, slot);
	backend->flip_fresh = ret != 0;
	return ret;
}

void tables_final(struct backend *backend)
{
	if (backend->spare.is_allowed)
		spare_start(backend);
}

void tables_tick(struct backend *backend)
{
	backend->spare.is_allowed = true;
	spare_start(backend);
}

void tables_close(struct backend *backend)
{
	int *inner = &backend->inner[0][0];

	spare_join(backend);
	for (size_t i = 0; i < TABLES_MAX * HP_SLOTS; i++)
		cleanup_close(&inner[i]);
}

/* --- settings --------------------------------------------------------------------------------------- */

int tables_settings(const struct backend *backend, struct hp_settings *ret_settings)
{
	__u32 slot;
	int ret = active_slot(backend, &slot);

	if (ret)
		return ret;
	return bpf_map_lookup_elem(bpf_map__fd(backend->skel->maps.hp_settings), &slot,
				   ret_settings);
}

/* A packet that reads it half-way still reads whole numbers, and only this one is another. */
int tables_put_sorter(struct backend *backend)
{
	struct hp_settings settings;
	__u32 slot;
	int ret = active_slot(backend, &slot);

	if (!ret)
		ret = tables_settings(backend, &settings);
	if (ret)
		return ret;
	settings.sorter_ifindex = backend->sorter.ifindex;
	return bpf_map_update_elem(bpf_map__fd(backend->skel->maps.hp_settings), &slot, &settings,
				   BPF_ANY);
}

int tables_generation(const struct backend *backend, __u32 *ret_generation)
{
	struct hp_settings settings;
	int ret = tables_settings(backend, &settings);

	if (!ret)
		*ret_generation = settings.generation;
	return ret;
}
