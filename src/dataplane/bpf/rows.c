// SPDX-License-Identifier: GPL-2.0-or-later
#include "rows.h"

#include <errno.h>
#include <string.h>

const struct rows rows_kinds[TABLES_MAX] = {
	[TABLES_RULES] = {.type = BPF_MAP_TYPE_HASH,
			  .key_size = sizeof(struct hp_rule_key),
			  .value_size = sizeof(struct hp_rule)},
	[TABLES_PREFIXES] = {.type = BPF_MAP_TYPE_LPM_TRIE,
			     .flags = BPF_F_NO_PREALLOC,
			     .key_size = sizeof(struct hp_prefix_key),
			     .value_size = sizeof(struct hp_prefix)},
};

void rows_fini(struct rows *rows)
{
	free(rows->keys);
	free(rows->values);
}

static int rows_alloc(struct rows *rows)
{
	rows->keys = calloc(rows->n + 1, rows->key_size);
	rows->values = calloc(rows->n + 1, rows->value_size);
	return rows->keys && rows->values ? 0 : -ENOMEM;
}

int rows_of_rules(const struct plan *plan, struct rows *rows)
{
	*rows = rows_kinds[TABLES_RULES];
	rows->n = (__u32)plan->n_rules;
	if (rows_alloc(rows))
		return -ENOMEM;
	for (size_t i = 0; i < plan->n_rules; i++) {
		memcpy(rows->keys + i * rows->key_size, &plan->rules[i].key, rows->key_size);
		memcpy(rows->values + i * rows->value_size, &plan->rules[i].rule, rows->value_size);
	}
	return 0;
}

int rows_of_prefixes(const struct plan *plan, struct rows *rows)
{
	*rows = rows_kinds[TABLES_PREFIXES];
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
int rows_write(const struct rows *rows, int fd)
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

/* In two calls where the kernel has them, and one by one whatever is left. */
int rows_clear(const struct rows *rows, int fd, __u32 room)
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
