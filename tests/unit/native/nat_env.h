/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The world of the NAT core when it runs in a test: the twin of bpf/env/nat_env.h, with the same functions. All of it hangs on
 * nat_world; what the kernel would answer (random numbers, sockets, routes) a test puts in, and what another CPU would do in between, too.
 */
#pragma once

#include <arpa/inet.h>
#include <stddef.h>

#include <hairpin/dataplane.h>
#include <hairpin/limits.h>

#include "nat/ctx.h"
#include "nat_table.h"

#define NAT_FUNCTION __attribute__((noinline, unused))
#define NAT_INLINE inline
#define NAT_GLOBAL static __attribute__((noinline, unused))
#define NAT_ENV void

#define nat_htonl(x) htonl(x)
#define nat_ntohl(x) ntohl(x)
#define nat_htons(x) htons(x)
#define nat_ntohs(x) ntohs(x)

#define NAT_EEXIST NAT_TABLE_EEXIST

struct nat_world {
	struct nat_table flows4, flows6, mappings, bindings, old_ports, hosts, peers, notes;
	struct nat_table fragments, sorter_sources;
	struct hp_sorter_use sorter_classes[HP_SORTER_CLASS_MAX];
	struct nat_table rules[HP_SLOTS], prefixes[HP_SLOTS];
	struct hp_settings settings[HP_SLOTS];
	struct hp_session *sessions; /* owned, n_sessions */
	__u32 n_sessions;
	__u32 *free_list; /* owned: a ring of n_sessions + 1 */
	__u32 free_head, free_n;
	struct hp_rest *rests; /* owned: a ring of n_rests */
	__u32 rest_head, rest_n, n_rests;
	__u64 totals[HP_TOTAL_MAX + 1]; /* the last total counts what counts nothing */
	struct hp_unproven *unproven; /* owned, n_unproven: an eighth of n_sessions */
	__u32 n_unproven;
	struct hp_peer_set *peer_sets; /* owned; the first n_peer_sets of them are there */
	__u32 n_peer_sets;
	__u32 slot; /* of the plan in force */
	__u64 stats[HP_STAT_MAX];

	__u64 random_state; /* xorshift; unless random is set */
	__u32 (*random)(struct nat_world *world);
	__u32 route; /* the device that every route leads to */
	bool listens; /* sockets of the gateway answer on every port, or */
	__be16 listens_port; /* on this one */
	bool asked; /* a socket of the gateway is connected to the packet's source */

	/* What another CPU does before this one's step; cleared before it is called. */
	void (*before_cas)(struct nat_world *world, __u64 *word);
	void (*before_subtract)(struct nat_world *world, __u64 *word);
	void (*before_flow_add)(struct nat_world *world);
	void (*before_mapping_add)(struct nat_world *world);
	void (*before_peer_add)(struct nat_world *world);
	void (*before_host_add)(struct nat_world *world);
	void *data; /* for those */
};

extern struct nat_world *nat_world;

#define NAT_WORLD_RUN(hook, ...)                                         \
	do {                                                             \
		typeof(nat_world->hook) nat_world_run = nat_world->hook; \
		nat_world->hook = NULL;                                  \
		if (nat_world_run)                                       \
			nat_world_run(__VA_ARGS__);                      \
	} while (0)

static inline struct nat_ctx *nat_env_own(struct nat_ctx *c)
{
	return c;
}

static inline struct hp_flow_ref *nat_env_flow4(const struct hp_flow4 *key)
{
	return nat_table_find(&nat_world->flows4, key);
}

static inline long nat_env_flow4_add(const struct hp_flow4 *key, const struct hp_flow_ref *ref)
{
	NAT_WORLD_RUN(before_flow_add, nat_world);
	return nat_table_add(&nat_world->flows4, key, ref);
}

static inline void nat_env_flow4_delete(const struct hp_flow4 *key)
{
	nat_table_delete(&nat_world->flows4, key);
}

static inline struct hp_flow_ref *nat_env_flow6(const struct hp_flow6 *key)
{
	return nat_table_find(&nat_world->flows6, key);
}

static inline long nat_env_flow6_add(const struct hp_flow6 *key, const struct hp_flow_ref *ref)
{
	NAT_WORLD_RUN(before_flow_add, nat_world);
	return nat_table_add(&nat_world->flows6, key, ref);
}

static inline void nat_env_flow6_delete(const struct hp_flow6 *key)
{
	nat_table_delete(&nat_world->flows6, key);
}

static inline struct hp_session *nat_env_session(__u32 index)
{
	return index < nat_world->n_sessions ? &nat_world->sessions[index] : NULL;
}

static inline long nat_env_free_pop(__u32 *ret_index)
{
	if (!nat_world->free_n)
		return -2; /* ENOENT */
	*ret_index = nat_world->free_list[nat_world->free_head];
	nat_world->free_head = (nat_world->free_head + 1) % (nat_world->n_sessions + 1);
	nat_world->free_n--;
	return 0;
}

static inline long nat_env_free_push(__u32 index)
{
	__u32 size = nat_world->n_sessions + 1;

	if (nat_world->free_n == size)
		return NAT_TABLE_E2BIG;
	nat_world->free_list[(nat_world->free_head + nat_world->free_n++) % size] = index;
	return 0;
}

static inline struct hp_unproven *nat_env_unproven(__u32 place)
{
	return place < nat_world->n_unproven ? &nat_world->unproven[place] : NULL;
}

static inline struct hp_mapping *nat_env_mapping(const struct hp_mapping_key *key)
{
	return nat_table_find(&nat_world->mappings, key);
}

static inline long nat_env_mapping_add(const struct hp_mapping_key *key,
				       const struct hp_mapping *mapping)
{
	NAT_WORLD_RUN(before_mapping_add, nat_world);
	return nat_table_add(&nat_world->mappings, key, mapping);
}

static inline void nat_env_mapping_delete(const struct hp_mapping_key *key)
{
	nat_table_delete(&nat_world->mappings, key);
}

static inline struct hp_binding *nat_env_binding(const struct hp_binding_key *key)
{
	return nat_table_find(&nat_world->bindings, key);
}

static inline long nat_env_binding_add(const struct hp_binding_key *key,
				       const struct hp_binding *binding)
{
	return nat_table_add(&nat_world->bindings, key, binding);
}

static inline void nat_env_binding_delete(const struct hp_binding_key *key)
{
	nat_table_delete(&nat_world->bindings, key);
}

static inline struct hp_peer_set *nat_env_peer_set(__u32 index)
{
	return index < nat_world->n_peer_sets ? &nat_world->peer_sets[index] : NULL;
}

static inline struct hp_peer *nat_env_peer(const struct hp_peer_key *key)
{
	return nat_table_find(&nat_world->peers, key);
}

static inline long nat_env_peer_add(const struct hp_peer_key *key, const struct hp_peer *peer)
{
	NAT_WORLD_RUN(before_peer_add, nat_world);
	return nat_table_add(&nat_world->peers, key, peer);
}

static inline void nat_env_peer_delete(const struct hp_peer_key *key)
{
	nat_table_delete(&nat_world->peers, key);
}

static inline __u32 *nat_env_note(const struct hp_flow4 *key)
{
	return nat_table_find(&nat_world->notes, key);
}

/* Where there is no room, the first one goes. */
static inline void nat_env_note_set(const struct hp_flow4 *key, __u32 second)
{
	struct nat_table *t = &nat_world->notes;

	nat_table_delete(t, key);
	if (t->n == t->max_entries)
		nat_table_delete(t, nat_table_key(t, 0));
	nat_table_add(t, key, &second);
}

static inline void nat_env_note_delete(const struct hp_flow4 *key)
{
	nat_table_delete(&nat_world->notes, key);
}

static inline long nat_env_rest_push(const struct hp_rest *rest)
{
	if (nat_world->rest_n == nat_world->n_rests)
		return NAT_TABLE_E2BIG;
	nat_world->rests[(nat_world->rest_head + nat_world->rest_n++) % nat_world->n_rests] = *rest;
	return 0;
}

static inline long nat_env_rest_peek(struct hp_rest *ret_rest)
{
	if (!nat_world->rest_n)
		return -2; /* ENOENT */
	*ret_rest = nat_world->rests[nat_world->rest_head];
	return 0;
}

static inline long nat_env_rest_pop(struct hp_rest *ret_rest)
{
	long ret = nat_env_rest_peek(ret_rest);

	if (ret)
		return ret;
	nat_world->rest_head = (nat_world->rest_head + 1) % nat_world->n_rests;
	nat_world->rest_n--;
	return 0;
}

static inline const struct hp_binding_key *nat_env_old_port(const struct hp_mapping_key *key)
{
	return nat_table_find(&nat_world->old_ports, key);
}

/* A full table forgets all: the kernel's forgets whom it likes. */
static inline void nat_env_old_port_put(const struct hp_mapping_key *key,
					const struct hp_binding_key *endpoint)
{
	nat_table_delete(&nat_world->old_ports, key);
	if (nat_table_add(&nat_world->old_ports, key, endpoint))
		nat_table_clear(&nat_world->old_ports);
}

static inline struct hp_host *nat_env_host(const struct hp_host_key *key)
{
	return nat_table_find(&nat_world->hosts, key);
}

static inline long nat_env_host_add(const struct hp_host_key *key, const struct hp_host *host)
{
	NAT_WORLD_RUN(before_host_add, nat_world);
	return nat_table_add(&nat_world->hosts, key, host);
}

static inline void nat_env_host_delete(const struct hp_host_key *key)
{
	nat_table_delete(&nat_world->hosts, key);
}

static inline __u64 nat_env_total(__u32 of)
{
	return of < HP_TOTAL_MAX ? nat_world->totals[of] : 0;
}

static inline __u64 nat_env_total_add(__u32 of, __u64 n)
{
	return __sync_fetch_and_add(&nat_world->totals[of], n);
}

static inline void nat_env_loop(__u32 n, long (*step)(__u32 i, void *data), void *data)
{
	for (__u32 i = 0; i < n && !step(i, data); i++)
		;
}

static inline struct hp_fragment *nat_env_fragment(const struct hp_fragment_key *key)
{
	return nat_table_find(&nat_world->fragments, key);
}

static inline void nat_env_fragment_put(const struct hp_fragment_key *key,
					const struct hp_fragment *note)
{
	nat_table_delete(&nat_world->fragments, key);
	nat_table_add(&nat_world->fragments, key, note);
}

static inline struct hp_sorter_use *nat_env_sorter_source(const __be32 *source)
{
	return nat_table_find(&nat_world->sorter_sources, source);
}

static inline void nat_env_sorter_source_put(const __be32 *source, const struct hp_sorter_use *use)
{
	nat_table_add(&nat_world->sorter_sources, source, use);
}

static inline struct hp_sorter_use *nat_env_sorter_class(__u32 class)
{
	return class < HP_SORTER_CLASS_MAX ? &nat_world->sorter_classes[class] : NULL;
}

static inline const struct hp_rule *nat_env_rule(__u32 slot, const struct hp_rule_key *key)
{
	return nat_table_find(&nat_world->rules[slot], key);
}

/* Whether the first @bits bits of both are the same. */
static inline bool nat_world_prefix_holds(const struct hp_prefix_key *net,
					  const struct hp_prefix_key *key)
{
	const unsigned char *a = (const unsigned char *)&net->set;
	const unsigned char *b = (const unsigned char *)&key->set;
	__u32 octets = net->prefixlen / 8, bits = net->prefixlen % 8;

	return !memcmp(a, b, octets) && (!bits || (a[octets] ^ b[octets]) >> (8 - bits) == 0);
}

static inline const struct hp_prefix *nat_env_prefix(__u32 slot, const struct hp_prefix_key *key)
{
	const struct nat_table *t = &nat_world->prefixes[slot];
	const struct hp_prefix_key *best = NULL;
	const struct hp_prefix *found = NULL;

	for (size_t i = 0; i < t->max_entries; i++) {
		const struct hp_prefix_key *net = nat_table_key(t, i);

		if (!t->used[i] || !nat_world_prefix_holds(net, key) ||
		    (best && best->prefixlen >= net->prefixlen))
			continue;
		best = net;
		found = nat_table_value(t, i);
	}
	return found;
}

static inline void nat_env_stat(__u32 stat)
{
	nat_world->stats[stat]++;
}

static inline __u32 nat_env_random(void)
{
	__u64 x = nat_world->random_state;

	if (nat_world->random)
		return nat_world->random(nat_world);
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	nat_world->random_state = x;
	return (__u32)(x >> 32);
}

/* Takes @less away; the word before. */
static inline __u64 nat_env_subtract(__u64 *word, __u64 less)
{
	NAT_WORLD_RUN(before_subtract, nat_world, word);
	return __sync_fetch_and_add(word, -less);
}

static inline void nat_env_add(__s32 *number, __s32 more)
{
	__sync_fetch_and_add(number, more);
}

static inline int nat_env_cas(__u64 *word, __u64 old, __u64 new)
{
	NAT_WORLD_RUN(before_cas, nat_world, word);
	return __sync_val_compare_and_swap(word, old, new) == old;
}

static inline int nat_env_listens4(void *env, struct nat_ctx *c, __be32 addr, __be16 port)
{
	(void)env, (void)c, (void)addr;
	return nat_world->listens || (port && port == nat_world->listens_port);
}

static inline int nat_env_listens6(void *env, const __u8 addr[16], __be16 port)
{
	(void)env, (void)addr, (void)port;
	return nat_world->listens;
}

static inline int nat_env_asked4(void *env, struct nat_ctx *c)
{
	(void)env, (void)c;
	return nat_world->asked;
}

static inline int nat_env_asked6(void *env, struct nat_ctx *c)
{
	(void)env, (void)c;
	return nat_world->asked;
}

static inline __u32 nat_env_route4(void *env, struct nat_ctx *c, __be32 source, __be32 destination)
{
	(void)env, (void)c, (void)source, (void)destination;
	return nat_world->route;
}

static inline __u32 nat_env_route6(void *env, struct nat_ctx *c)
{
	(void)env, (void)c;
	return nat_world->route;
}
