// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The maps of the data plane. What a struct nat_world has a table for is that table, so that world_check() sees what the programs did and
 * world_plan() writes what they read; the others are here.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "native/world.h"

#include "bpf/bpf_helpers.h"
#include "shim.h"

#define MAPS_MAX 48
#define NS_PER_S 1000000000ULL
#define LOOPS_MAX (8 * 1024 * 1024)

/* The maps that are the world's. */
static const struct {
	const char *name;
	size_t table; /* in struct nat_world */
} of_world[] = {
	{"hp_flows4", offsetof(struct nat_world, flows4)},
	{"hp_flows6", offsetof(struct nat_world, flows6)},
	{"hp_mappings", offsetof(struct nat_world, mappings)},
	{"hp_bindings", offsetof(struct nat_world, bindings)},
	{"hp_peers", offsetof(struct nat_world, peers)},
	{"hp_notes", offsetof(struct nat_world, notes)},
	{"hp_hosts", offsetof(struct nat_world, hosts)},
	{"hp_old_ports", offsetof(struct nat_world, old_ports)},
};

/* The others: a table for what is hashed, or plain octets for an array. */
static struct {
	struct nat_table tables[MAPS_MAX];
	void *arrays[MAPS_MAX];
	uint64_t now_ns;
	void *timer_map;
	int (*timer_callback)(void *map, __u32 *key, void *value);
} own;

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "shim: %s\n", what);
	abort();
}

static size_t index_of(const void *map)
{
	for (size_t i = 0; i < shim_maps_n; i++) {
		if (shim_maps[i].map == map)
			return i;
	}
	give_up("a map that tests/fuzz/shim/dataplane.c does not list; add it there");
}

static bool is_array(const struct shim_map *m)
{
	return m->type == BPF_MAP_TYPE_ARRAY || m->type == BPF_MAP_TYPE_PERCPU_ARRAY;
}

/* Smaller than declared: what is full comes up sooner, and looking for a key goes through all of it. */
#define OWN_ENTRIES 64

static struct nat_table *table_of(const struct shim_map *m, size_t i)
{
	for (size_t j = 0; j < sizeof(of_world) / sizeof(*of_world); j++) {
		if (!strcmp(of_world[j].name, m->name))
			return (struct nat_table *)((char *)nat_world + of_world[j].table);
	}
	if (!own.tables[i].used)
		nat_table_init(&own.tables[i], m->key_size, m->value_size, OWN_ENTRIES);
	return &own.tables[i];
}

static void *array_of(const struct shim_map *m, size_t i, uint32_t key)
{
	if (key >= m->max_entries)
		return NULL;
	if (!strcmp(m->name, "hp_settings"))
		return &nat_world->settings[key];
	if (!strcmp(m->name, "hp_active"))
		return &nat_world->slot;
	if (!own.arrays[i])
		own.arrays[i] = calloc(m->max_entries, m->value_size);
	if (!own.arrays[i])
		give_up("no memory");
	return (char *)own.arrays[i] + key * m->value_size;
}

/* An inner map is the world's table itself; the prefixes are a trie. */
static void *lookup_inner(void *map, const void *key, bool *ret_is_inner)
{
	*ret_is_inner = true;
	for (__u32 slot = 0; slot < HP_SLOTS; slot++) {
		if (map == &nat_world->rules[slot])
			return nat_table_find(map, key);
		if (map == &nat_world->prefixes[slot])
			return (void *)(uintptr_t)nat_env_prefix(slot, key);
	}
	*ret_is_inner = false;
	return NULL;
}

void *bpf_map_lookup_elem(void *map, const void *key)
{
	const struct shim_map *m;
	bool inner;
	void *found = lookup_inner(map, key, &inner);
	size_t i;
	__u32 slot;

	if (inner)
		return found;
	i = index_of(map);
	m = &shim_maps[i];
	memcpy(&slot, key, sizeof(slot));
	if (m->type == BPF_MAP_TYPE_ARRAY_OF_MAPS) {
		if (slot >= HP_SLOTS)
			return NULL;
		return strcmp(m->name, "hp_rules") ? &nat_world->prefixes[slot]
						   : &nat_world->rules[slot];
	}
	if (!strcmp(m->name, "hp_sessions"))
		return nat_env_session(slot);
	if (!strcmp(m->name, "hp_unproven"))
		return nat_env_unproven(slot);
	if (!strcmp(m->name, "hp_peer_sets"))
		return nat_env_peer_set(slot);
	return is_array(m) ? array_of(m, i, slot) : nat_table_find(table_of(m, i), key);
}

long bpf_map_update_elem(void *map, const void *key, const void *value, __u64 flags)
{
	size_t i = index_of(map);
	const struct shim_map *m = &shim_maps[i];
	struct nat_table *table = table_of(m, i);
	void *old = nat_table_find(table, key);

	if (is_array(m) || m->type == BPF_MAP_TYPE_QUEUE)
		give_up("only hashes are updated");
	if (old && flags == BPF_NOEXIST)
		return -EEXIST;
	if (old) {
		memcpy(old, value, m->value_size);
		return 0;
	}
	if (m->type == BPF_MAP_TYPE_LRU_HASH && table->n == table->max_entries)
		nat_table_delete(table, nat_table_key(table, 0));
	return nat_table_add(table, key, value);
}

long bpf_map_delete_elem(void *map, const void *key)
{
	size_t i = index_of(map);
	struct nat_table *table = table_of(&shim_maps[i], i);

	if (!nat_table_find(table, key))
		return -ENOENT;
	nat_table_delete(table, key);
	return 0;
}

static bool is_free_list(const void *map)
{
	const char *name = shim_maps[index_of(map)].name;

	if (strcmp(name, "hp_free") && strcmp(name, "hp_resting"))
		give_up("a queue that is not the world's");
	return !strcmp(name, "hp_free");
}

long bpf_map_push_elem(void *map, const void *value, __u64 flags)
{
	(void)flags;
	return is_free_list(map) ? nat_env_free_push(*(const __u32 *)value)
				 : nat_env_rest_push(value);
}

long bpf_map_pop_elem(void *map, void *value)
{
	return is_free_list(map) ? nat_env_free_pop(value) : nat_env_rest_pop(value);
}

long bpf_map_peek_elem(void *map, void *value)
{
	if (is_free_list(map))
		give_up("nobody looks at the free list");
	return nat_env_rest_peek(value);
}

/* --- the clock ------------------------------------------------------------------------------------------- */

/* There is one timer, in the one element of hp_clock. */
long bpf_timer_init(struct bpf_timer *timer, void *map, __u64 flags)
{
	(void)timer, (void)flags;
	if (own.timer_map)
		return -EBUSY;
	own.timer_map = map;
	return 0;
}

long bpf_timer_set_callback(struct bpf_timer *timer, void *callback)
{
	(void)timer;
	own.timer_callback = callback;
	return 0;
}

long bpf_timer_start(struct bpf_timer *timer, __u64 ns, __u64 flags)
{
	(void)timer, (void)ns, (void)flags;
	return own.timer_callback ? 0 : -EINVAL;
}

void shim_tick(void)
{
	__u32 zero = 0;

	own.timer_callback(own.timer_map, &zero, bpf_map_lookup_elem(own.timer_map, &zero));
}

long bpf_loop(__u32 iterations, void *callback, void *data, __u64 flags)
{
	long (*one)(__u32, void *) = callback;
	__u32 i;

	(void)flags;
	if (iterations > LOOPS_MAX)
		return -E2BIG;
	for (i = 0; i < iterations; i++) {
		if (one(i, data))
			return i + 1;
	}
	return i;
}

__u64 bpf_ktime_get_boot_ns(void)
{
	return own.now_ns;
}

__u64 bpf_ktime_get_coarse_ns(void)
{
	return bpf_ktime_get_boot_ns();
}

__u32 bpf_get_prandom_u32(void)
{
	return nat_env_random();
}

/* An element of an array that the world has not. */
static void *element_of(const char *name, uint32_t key)
{
	for (size_t i = 0; i < shim_maps_n; i++) {
		if (!strcmp(shim_maps[i].name, name))
			return array_of(&shim_maps[i], i, key);
	}
	give_up(name);
}

static struct hp_total *total_of(uint32_t of)
{
	return element_of("hp_totals", of);
}

void shim_reset(uint32_t now_s)
{
	for (size_t i = 0; i < shim_maps_n; i++) {
		if (own.tables[i].used)
			nat_table_clear(&own.tables[i]);
		if (own.arrays[i])
			memset(own.arrays[i], 0,
			       shim_maps[i].max_entries * shim_maps[i].value_size);
	}
	own.now_ns = now_s * NS_PER_S;
	own.timer_map = NULL;
	own.timer_callback = NULL;
	total_of(HP_TOTAL_FREE)->n = nat_world->n_sessions;
	total_of(HP_TOTAL_SESSIONS)->n = nat_world->n_sessions;
}

void shim_check(void)
{
	for (__u32 of = 0; of < HP_TOTAL_MAX; of++)
		nat_world->totals[of] = total_of(of)->n;
	world_check(nat_world);
}

void shim_advance(uint32_t seconds)
{
	own.now_ns += seconds * NS_PER_S;
}

uint32_t shim_now_s(void)
{
	return (uint32_t)(own.now_ns / NS_PER_S);
}

uint64_t shim_count(uint32_t reason)
{
	return *(uint64_t *)element_of("hp_reasons", reason);
}
