// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "clock.h"
#include "internal.h"

/* How long a flip is left alone before its readers are waited for: who asked for the plan has the answer first. */
#define FLIP_RESTS_MS 1000

/* Two slots hold the plan in force and the one being written; a packet reads `hp_active` once. */

static int active_slot(const struct backend *backend, __u32 *ret_slot)
{
	__u32 zero = 0, slot;
	int ret = bpf_map_lookup_elem(bpf_map__fd(backend->skel->maps.hp_active), &zero, &slot);

	if (!ret)
		*ret_slot = slot % HP_SLOTS;
	return ret;
}

/* A table of the plan as the kernel takes it: keys and values apart. */
struct rows {
	enum bpf_map_type type;
	__u32 flags;
	__u32 key_size, value_size, n;
	char *keys, *values; /* owned */
};

static const struct rows kinds[TABLES_MAX] = {
	[TABLES_RULES] = {.type = BPF_MAP_TYPE_HASH,
			  .key_size = sizeof(struct hp_rule_key),
			  .value_size = sizeof(struct hp_rule)},
	[TABLES_PREFIXES] = {.type = BPF_MAP_TYPE_LPM_TRIE,
			     .flags = BPF_F_NO_PREALLOC,
			     .key_size = sizeof(struct hp_prefix_key),
			     .value_size = sizeof(struct hp_prefix)},
};

static void rows_fini(struct rows *rows)
{
	free(rows->keys);
	free(rows->values);
}
#define _rows_ _cleanup_(rows_fini)

static int rows_alloc(struct rows *rows)
{
	rows->keys = calloc(rows->n + 1, rows->key_size);
	rows->values = calloc(rows->n + 1, rows->value_size);
	return rows->keys && rows->values ? 0 : -ENOMEM;
}

static int rules_rows(const struct plan *plan, struct rows *rows)
{
	*rows = kinds[TABLES_RULES];
	rows->n = (__u32)plan->n_rules;
	if (rows_alloc(rows))
		return -ENOMEM;
	for (size_t i = 0; i < plan->n_rules; i++) {
		memcpy(rows->keys + i * rows->key_size, &plan->rules[i].key, rows->key_size);
		memcpy(rows->values + i * rows->value_size, &plan->rules[i].rule, rows->value_size);
	}
	return 0;
}

static int prefixes_rows(const struct plan *plan, struct rows *rows)
{
	*rows = kinds[TABLES_PREFIXES];
	rows->n = (__u32)plan->n_prefixes;
	if (rows_alloc(rows))
		return -ENOMEM;
	for (size_t i = 0; i < plan->n_prefixes; i++) {
		memcpy(rows->keys + i * rows->key_size, &plan->prefixes[i].key, rows->key_size);
		memcpy(rows->values + i * rows->value_size, &plan->prefixes[i].prefix,
		       rows->value_size);
	}
	return 0;
}

/* The kernel's own number for "this map type has no such operation"; errno.h does not know it. */
#define KERNEL_ENOTSUPP 524

/* Not every kernel takes a trie in one go. */
static int rows_write(const struct rows *rows, int fd)
{
	__u32 n = rows->n;
	int ret;

	if (n == 0 || !bpf_map_update_batch(fd, rows->keys, rows->values, &n, NULL))
		return 0;
	ret = -errno;
	if (ret != -KERNEL_ENOTSUPP && ret != -EOPNOTSUPP && ret != -EINVAL)
		return ret;
	for (size_t i = 0; i < rows->n; i++) {
		ret = bpf_map_update_elem(fd, rows->keys + i * rows->key_size,
					  rows->values + i * rows->value_size, BPF_ANY);
		if (ret)
			return ret;
	}
	return 0;
}

/* What @room is enough for goes in two calls where the kernel has them, and one by one whatever is left. */
static int rows_clear(const struct rows *rows, int fd, __u32 room)
{
	_free_ char *keys = calloc(room + 1, rows->key_size);
	_free_ char *values = calloc(room, rows->value_size);
	char *cursor = keys ? keys + (size_t)room * rows->key_size : NULL;
	__u32 n = room;
	int ret;

	if (!keys || !values)
		return -ENOMEM;
	if (bpf_map_get_next_key(fd, NULL, keys) == -ENOENT)
		return 0;
	/* -ENOENT says that these were all. */
	bpf_map_lookup_batch(fd, NULL, cursor, keys, values, &n, NULL);
	if (n > 0 && n <= room)
		bpf_map_delete_batch(fd, keys, &n, NULL);
	while (!(ret = bpf_map_get_next_key(fd, NULL, keys))) {
		ret = bpf_map_delete_elem(fd, keys);
		if (ret)
			return ret;
	}
	return ret == -ENOENT ? 0 : ret;
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

void tables_close(struct backend *backend)
{
	int *inner = &backend->inner[0][0];

	for (size_t i = 0; i < TABLES_MAX * HP_SLOTS; i++)
		cleanup_close(&inner[i]);
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

/* A new map with @rows and room for those of the plan, put into @slot. */
static int inner_make(struct backend *backend, enum tables table, const struct rows *rows,
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
	if (ret)
		return ret;
	cleanup_close(&backend->inner[table][slot]);
	backend->inner[table][slot] = TAKE_FD(fd);
	return 0;
}

static int inner_put(struct backend *backend, enum tables table, const struct rows *rows,
		     __u32 slot)
{
	backend->n_rows[table] = rows->n;
	if (!backend->flip_fresh && !inner_rewrite(rows, backend->inner[table][slot]))
		return 0;
	return inner_make(backend, table, rows, slot);
}

/*
 * The next plan, if it is much like the one in force, shall find its maps made and empty: to take ten thousand forwards out of one takes as long as to put others in. One with far too much
 * room gives its memory back.
 */
static void inner_prepare(struct backend *backend, enum tables table)
{
	__u32 n = backend->n_rows[table], slot, room;

	if (active_slot(backend, &slot))
		return;
	slot = (slot + 1) % HP_SLOTS;
	if (inner_room(backend->inner[table][slot], &room) || room < n + rows_spare(n) / 2 ||
	    room / 2 > n + rows_spare(n))
		inner_make(backend, table, &kinds[table], slot);
	else
		rows_clear(&kinds[table], backend->inner[table][slot], room);
}

static int slot_write(struct backend *backend, const struct plan *plan, __u32 slot)
{
	_rows_ struct rows rules = {0}, prefixes = {0};
	int ret = rules_rows(plan, &rules);

	if (!ret)
		ret = prefixes_rows(plan, &prefixes);
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
	backend->unprepared = TABLES_MAX;
	backend->flipped_ms = clock_monotonic_ms();
	return bpf_map_update_elem(bpf_map__fd(backend->skel->maps.hp_active), &zero, &slot,
				   BPF_ANY);
}

/*
 * The map in force is put where it is already, which changes nothing and waits as any change of a map of maps does. Not membarrier(), which a kernel with nohz_full refuses.
 */
int tables_settle(struct backend *backend)
{
	__u32 slot;
	int ret = active_slot(backend, &slot);

	if (!backend->flip_fresh || ret)
		return ret;
	if (backend->inner[TABLES_PREFIXES][slot] < 0)
		return -ENOENT;
	ret = bpf_map_update_elem(outer_fd(backend, TABLES_PREFIXES), &slot,
				  &backend->inner[TABLES_PREFIXES][slot], BPF_ANY);
	backend->flip_fresh = ret != 0;
	return ret;
}

/* One thing at a time, as each of them waits. */
void tables_tick(struct backend *backend)
{
	if (clock_monotonic_ms() - backend->flipped_ms < FLIP_RESTS_MS)
		return;
	if (backend->flip_fresh)
		tables_settle(backend);
	else if (backend->unprepared)
		inner_prepare(backend, --backend->unprepared);
}

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
