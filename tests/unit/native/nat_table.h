/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table like the kernel's hash maps, for the native build: values stay where they are, and the place of a deleted element is taken
 * again at once, so that a held pointer may point at somebody else's.
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NAT_TABLE_EEXIST (-17)
#define NAT_TABLE_E2BIG (-7)

struct nat_table {
	size_t key_size, value_size;
	size_t max_entries, n;
	bool *used;
	unsigned char *keys, *values; /* owned */
};

static inline void nat_table_init(struct nat_table *t, size_t key_size, size_t value_size,
				  size_t max_entries)
{
	*t = (struct nat_table){key_size, value_size, max_entries, 0, NULL, NULL, NULL};
	t->used = calloc(max_entries, sizeof(*t->used));
	t->keys = calloc(max_entries, key_size);
	t->values = calloc(max_entries, value_size);
	assert(t->used && t->keys && t->values);
}

static inline void nat_table_fini(struct nat_table *t)
{
	free(t->used);
	free(t->keys);
	free(t->values);
}

static inline void *nat_table_key(const struct nat_table *t, size_t i)
{
	return t->keys + i * t->key_size;
}

static inline void *nat_table_value(const struct nat_table *t, size_t i)
{
	return t->values + i * t->value_size;
}

/* The place of the key, or max_entries. */
static inline size_t nat_table_place(const struct nat_table *t, const void *key)
{
	size_t i;

	for (i = 0; i < t->max_entries; i++) {
		if (t->used[i] && !memcmp(nat_table_key(t, i), key, t->key_size))
			break;
	}
	return i;
}

static inline void *nat_table_find(const struct nat_table *t, const void *key)
{
	size_t i = nat_table_place(t, key);

	return i < t->max_entries ? nat_table_value(t, i) : NULL;
}

/* 0, or what the kernel says to BPF_NOEXIST. */
static inline long nat_table_add(struct nat_table *t, const void *key, const void *value)
{
	size_t i = 0;

	if (nat_table_find(t, key))
		return NAT_TABLE_EEXIST;
	while (i < t->max_entries && t->used[i])
		i++;
	if (i == t->max_entries)
		return NAT_TABLE_E2BIG;
	t->used[i] = true;
	t->n++;
	memcpy(nat_table_key(t, i), key, t->key_size);
	memcpy(nat_table_value(t, i), value, t->value_size);
	return 0;
}

static inline void nat_table_delete(struct nat_table *t, const void *key)
{
	size_t i = nat_table_place(t, key);

	if (i == t->max_entries)
		return;
	t->used[i] = false;
	t->n--;
}

static inline void nat_table_clear(struct nat_table *t)
{
	memset(t->used, 0, t->max_entries * sizeof(*t->used));
	t->n = 0;
}
