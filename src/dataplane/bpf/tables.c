// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "internal.h"

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
	*rows = (struct rows){
		.type = BPF_MAP_TYPE_HASH,
		.key_size = sizeof(struct hp_rule_key),
		.value_size = sizeof(struct hp_rule),
		.n = (__u32)plan->n_rules,
	};
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
	*rows = (struct rows){
		.type = BPF_MAP_TYPE_LPM_TRIE,
		.flags = BPF_F_NO_PREALLOC,
		.key_size = sizeof(struct hp_prefix_key),
		.value_size = sizeof(struct hp_prefix),
		.n = (__u32)plan->n_prefixes,
	};
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
		}
	}
}

void tables_close(struct backend *backend)
{
	int *inner = &backend->inner[0][0];

	for (size_t i = 0; i < TABLES_MAX * HP_SLOTS; i++)
		cleanup_close(&inner[i]);
}

/* A new map with @rows, put into @slot. */
static int inner_put(struct backend *backend, enum tables table, const struct rows *rows,
		     __u32 slot)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = rows->flags);
	_close_ int fd =
		bpf_map_create(rows->type, table == TABLES_RULES ? "hp_rules_in" : "hp_prefixes_in",
			       rows->key_size, rows->value_size, rows->n ? rows->n : 1, &options);
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
	return bpf_map_update_elem(bpf_map__fd(backend->skel->maps.hp_active), &zero, &slot,
				   BPF_ANY);
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
