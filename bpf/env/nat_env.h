/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The world of the NAT core when it runs in the kernel: maps, clock, sockets, routes.
 * tests/unit/native/nat_env.h is its twin for the native build; both must offer the same functions.
 */
#pragma once

#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "maps.h"

/*
 * The verifier allows eight frames, and walks what is inlined, and a static function too, once for every place it is called from. So the
 * steps that many paths share are functions, what only names a step is inlined, and where the deciding forks a function is NAT_GLOBAL: walked
 * once and for all, on its own, with nothing known of its arguments but their types. That is why such a function asks for its context anew,
 * and for NULL.
 */
#define NAT_GLOBAL __attribute__((noinline))
#define NAT_ENV struct __sk_buff
#define NAT_FUNCTION __attribute__((noinline))
#define NAT_INLINE inline __attribute__((always_inline))

#define nat_htonl(x) bpf_htonl(x)
#define nat_ntohl(x) bpf_ntohl(x)
#define nat_htons(x) bpf_htons(x)
#define nat_ntohs(x) bpf_ntohs(x)

#define NAT_EEXIST (-17)

/*
 * The context that a NAT_GLOBAL function was given, by its map: up to Linux 6.1 memory of which a function knows nothing but the size may not
 * hold the key of a map, and ours are in it. NULL for NULL.
 */
static inline struct nat_ctx *nat_env_own(const struct nat_ctx *c)
{
	__u32 self;

	if (!c)
		return NULL;
	self = c->self;
	return bpf_map_lookup_elem(&hp_scratch, &self);
}

static inline struct hp_flow_ref *nat_env_flow4(const struct hp_flow4 *key)
{
	return bpf_map_lookup_elem(&hp_flows4, key);
}

/*
 * int, and so cast, in what inserts: up to Linux 6.3 a program calls the map's own function, which returns an int, and the upper half
 * of the register is not its sign. A comparison of 64 bits with NAT_EEXIST would fail.
 */
static inline int nat_env_flow4_add(const struct hp_flow4 *key, const struct hp_flow_ref *ref)
{
	return (int)bpf_map_update_elem(&hp_flows4, key, ref, BPF_NOEXIST);
}

static inline void nat_env_flow4_delete(const struct hp_flow4 *key)
{
	bpf_map_delete_elem(&hp_flows4, key);
}

static inline struct hp_flow_ref *nat_env_flow6(const struct hp_flow6 *key)
{
	return bpf_map_lookup_elem(&hp_flows6, key);
}

static inline int nat_env_flow6_add(const struct hp_flow6 *key, const struct hp_flow_ref *ref)
{
	return (int)bpf_map_update_elem(&hp_flows6, key, ref, BPF_NOEXIST);
}

static inline void nat_env_flow6_delete(const struct hp_flow6 *key)
{
	bpf_map_delete_elem(&hp_flows6, key);
}

static inline struct hp_session *nat_env_session(__u32 index)
{
	return bpf_map_lookup_elem(&hp_sessions, &index);
}

static inline long nat_env_free_pop(__u32 *ret_index)
{
	return bpf_map_pop_elem(&hp_free, ret_index);
}

static inline long nat_env_free_push(__u32 index)
{
	return bpf_map_push_elem(&hp_free, &index, 0);
}

static inline struct hp_unproven *nat_env_unproven(__u32 place)
{
	return bpf_map_lookup_elem(&hp_unproven, &place);
}

static inline struct hp_mapping *nat_env_mapping(const struct hp_mapping_key *key)
{
	return bpf_map_lookup_elem(&hp_mappings, key);
}

static inline int nat_env_mapping_add(const struct hp_mapping_key *key,
				      const struct hp_mapping *mapping)
{
	return (int)bpf_map_update_elem(&hp_mappings, key, mapping, BPF_NOEXIST);
}

static inline void nat_env_mapping_delete(const struct hp_mapping_key *key)
{
	bpf_map_delete_elem(&hp_mappings, key);
}

static inline struct hp_binding *nat_env_binding(const struct hp_binding_key *key)
{
	return bpf_map_lookup_elem(&hp_bindings, key);
}

static inline int nat_env_binding_add(const struct hp_binding_key *key,
				      const struct hp_binding *binding)
{
	return (int)bpf_map_update_elem(&hp_bindings, key, binding, BPF_NOEXIST);
}

static inline void nat_env_binding_delete(const struct hp_binding_key *key)
{
	bpf_map_delete_elem(&hp_bindings, key);
}

static inline struct hp_peer_set *nat_env_peer_set(__u32 index)
{
	return bpf_map_lookup_elem(&hp_peer_sets, &index);
}

static inline struct hp_peer *nat_env_peer(const struct hp_peer_key *key)
{
	return bpf_map_lookup_elem(&hp_peers, key);
}

static inline int nat_env_peer_add(const struct hp_peer_key *key, const struct hp_peer *peer)
{
	return (int)bpf_map_update_elem(&hp_peers, key, peer, BPF_NOEXIST);
}

static inline void nat_env_peer_delete(const struct hp_peer_key *key)
{
	bpf_map_delete_elem(&hp_peers, key);
}

static inline __u32 *nat_env_note(const struct hp_flow4 *key)
{
	return bpf_map_lookup_elem(&hp_notes, key);
}

/* Always succeeds as far as anybody may care: the table makes room for it. */
static inline void nat_env_note_set(const struct hp_flow4 *key, __u32 second)
{
	bpf_map_update_elem(&hp_notes, key, &second, BPF_ANY);
}

static inline void nat_env_note_delete(const struct hp_flow4 *key)
{
	bpf_map_delete_elem(&hp_notes, key);
}

static inline long nat_env_rest_push(const struct hp_rest *rest)
{
	return bpf_map_push_elem(&hp_resting, rest, 0);
}

static inline long nat_env_rest_peek(struct hp_rest *ret_rest)
{
	return bpf_map_peek_elem(&hp_resting, ret_rest);
}

static inline long nat_env_rest_pop(struct hp_rest *ret_rest)
{
	return bpf_map_pop_elem(&hp_resting, ret_rest);
}

static inline const struct hp_binding_key *nat_env_old_port(const struct hp_mapping_key *key)
{
	return bpf_map_lookup_elem(&hp_old_ports, key);
}

static inline void nat_env_old_port_put(const struct hp_mapping_key *key,
					const struct hp_binding_key *endpoint)
{
	bpf_map_update_elem(&hp_old_ports, key, endpoint, BPF_ANY);
}

static inline struct hp_host *nat_env_host(const struct hp_host_key *key)
{
	return bpf_map_lookup_elem(&hp_hosts, key);
}

static inline int nat_env_host_add(const struct hp_host_key *key, const struct hp_host *host)
{
	return (int)bpf_map_update_elem(&hp_hosts, key, host, BPF_NOEXIST);
}

static inline void nat_env_host_delete(const struct hp_host_key *key)
{
	bpf_map_delete_elem(&hp_hosts, key);
}

static inline __u64 nat_env_total(__u32 of)
{
	struct hp_total *total = bpf_map_lookup_elem(&hp_totals, &of);

	return total ? total->n : 0;
}

/* Also with HP_TOTAL_MAX, which counts nothing. The total before. */
static inline __u64 nat_env_total_add(__u32 of, __u64 n)
{
	struct hp_total *total = bpf_map_lookup_elem(&hp_totals, &of);

	return total ? __sync_fetch_and_add(&total->n, n) : 0;
}

/* Calls @step with 0 to @n - 1 and @data until it answers 1. Verified once, where a loop in C is walked through as often as it runs. */
static inline void nat_env_loop(__u32 n, long (*step)(__u32 i, void *data), void *data)
{
	bpf_loop(n, step, data, 0);
}

static inline struct hp_fragment *nat_env_fragment(const struct hp_fragment_key *key)
{
	return bpf_map_lookup_elem(&hp_fragments, key);
}

static inline void nat_env_fragment_put(const struct hp_fragment_key *key,
					const struct hp_fragment *note)
{
	bpf_map_update_elem(&hp_fragments, key, note, BPF_ANY);
}

static inline struct hp_sorter_use *nat_env_sorter_source(const __be32 *source)
{
	return bpf_map_lookup_elem(&hp_sorter_sources, source);
}

static inline void nat_env_sorter_source_put(const __be32 *source, const struct hp_sorter_use *use)
{
	bpf_map_update_elem(&hp_sorter_sources, source, use, BPF_NOEXIST);
}

static inline struct hp_sorter_use *nat_env_sorter_class(__u32 class)
{
	return bpf_map_lookup_elem(&hp_sorter_classes, &class);
}

static inline const struct hp_rule *nat_env_rule(__u32 slot, const struct hp_rule_key *key)
{
	void *rules = bpf_map_lookup_elem(&hp_rules, &slot);

	return rules ? bpf_map_lookup_elem(rules, key) : NULL;
}

static inline const struct hp_prefix *nat_env_prefix(__u32 slot, const struct hp_prefix_key *key)
{
	void *prefixes = bpf_map_lookup_elem(&hp_prefixes, &slot);

	return prefixes ? bpf_map_lookup_elem(prefixes, key) : NULL;
}

static inline void nat_env_stat(__u32 stat)
{
	__u64 *n = bpf_map_lookup_elem(&hp_stats, &stat);

	if (n)
		(*n)++;
}

static inline __u32 nat_env_random(void)
{
	return bpf_get_prandom_u32();
}

/* Takes @less away; the word before. */
static inline __u64 nat_env_subtract(__u64 *word, __u64 less)
{
	return __sync_fetch_and_add(word, -less);
}

static inline void nat_env_add(__s32 *number, __s32 more)
{
	__sync_fetch_and_add(number, more);
}

static inline int nat_env_cas(__u64 *word, __u64 old, __u64 new)
{
	return __sync_val_compare_and_swap(word, old, new) == old;
}

/*
 * Whether a socket of the gateway answers for local @port: a listener, or a datagram socket. The remote port 0 keeps established
 * connections out of the answer.
 */
static NAT_FUNCTION int nat_env_listens4(void *env, struct nat_ctx *c, __be32 addr, __be16 port)
{
	struct __sk_buff *skb = env;
	struct bpf_sock_tuple tuple = {.ipv4 = {.daddr = addr, .dport = port}};
	struct bpf_sock *sk;

	if (c->in.proto == 6)
		sk = bpf_skc_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	else
		sk = bpf_sk_lookup_udp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	if (!sk)
		return 0;
	bpf_sk_release(sk);
	return 1;
}

static NAT_FUNCTION int nat_env_listens6(void *env, const __u8 addr[16], __be16 port)
{
	struct __sk_buff *skb = env;
	struct bpf_sock_tuple tuple = {.ipv6 = {.dport = port}};
	struct bpf_sock *sk;

	__builtin_memcpy(tuple.ipv6.daddr, addr, 16);
	sk = bpf_skc_lookup_tcp(skb, &tuple, sizeof(tuple.ipv6), BPF_F_CURRENT_NETNS, 0);
	if (!sk)
		return 0;
	bpf_sk_release(sk);
	return 1;
}

/* Whether @sk is one of the gateway's that has named its remote: not a listener, not an unconnected datagram socket. */
static NAT_INLINE int nat_env_is_connected(const struct nat_ctx *c, struct bpf_sock *sk)
{
	return c->in.proto == 6 ? sk->state != BPF_TCP_LISTEN : sk->dst_port != 0;
}

/* Whether the packet at hand answers a socket of the gateway that is connected to its very source. */
static NAT_FUNCTION int nat_env_asked4(void *env, struct nat_ctx *c)
{
	struct __sk_buff *skb = env;
	struct bpf_sock_tuple tuple = {.ipv4 = {.saddr = c->in.flow4.saddr,
						.daddr = c->in.flow4.daddr,
						.sport = c->in.flow4.sport,
						.dport = c->in.flow4.dport}};
	struct bpf_sock *sk;
	int asked;

	if (c->in.proto == 6)
		sk = bpf_sk_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	else
		sk = bpf_sk_lookup_udp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	if (!sk)
		return 0;
	asked = nat_env_is_connected(c, sk);
	bpf_sk_release(sk);
	return asked;
}

static NAT_FUNCTION int nat_env_asked6(void *env, struct nat_ctx *c)
{
	struct __sk_buff *skb = env;
	struct bpf_sock_tuple tuple = {
		.ipv6 = {.sport = c->in.flow6.sport, .dport = c->in.flow6.dport}};
	struct bpf_sock *sk;
	int asked;

	__builtin_memcpy(tuple.ipv6.saddr, c->in.flow6.saddr, 16);
	__builtin_memcpy(tuple.ipv6.daddr, c->in.flow6.daddr, 16);
	if (c->in.proto == 6)
		sk = bpf_sk_lookup_tcp(skb, &tuple, sizeof(tuple.ipv6), BPF_F_CURRENT_NETNS, 0);
	else
		sk = bpf_sk_lookup_udp(skb, &tuple, sizeof(tuple.ipv6), BPF_F_CURRENT_NETNS, 0);
	if (!sk)
		return 0;
	asked = nat_env_is_connected(c, sk);
	bpf_sk_release(sk);
	return asked;
}

/* The device by which a packet of this tuple would leave, as routed from @c's device; 0: no route. */
static NAT_FUNCTION __u32 nat_env_route4(void *env, struct nat_ctx *c, __be32 source,
					 __be32 destination)
{
	struct bpf_fib_lookup fib = {
		.family = 2, /* AF_INET */
		.l4_protocol = c->in.proto,
		.sport = c->in.flow4.sport,
		.dport = c->in.flow4.dport,
		.tos = c->in.tos,
		.ifindex = c->in.ifindex,
		.ipv4_src = source,
		.ipv4_dst = destination,
		.tot_len = 1, /* the size is the sender's question */
	};
	long ret = bpf_fib_lookup(env, &fib, sizeof(fib), 0);

	return ret == BPF_FIB_LKUP_RET_SUCCESS || ret == BPF_FIB_LKUP_RET_NO_NEIGH ? fib.ifindex
										   : 0;
}

/* The same for the IPv6 packet at hand. */
static NAT_FUNCTION __u32 nat_env_route6(void *env, struct nat_ctx *c)
{
	struct bpf_fib_lookup fib = {
		.family = 10, /* AF_INET6 */
		.l4_protocol = c->in.proto,
		.ifindex = c->in.ifindex,
		.tot_len = 1,
	};
	long ret;

	__builtin_memcpy(fib.ipv6_src, c->in.flow6.saddr, 16);
	__builtin_memcpy(fib.ipv6_dst, c->in.flow6.daddr, 16);
	ret = bpf_fib_lookup(env, &fib, sizeof(fib), 0);
	return ret == BPF_FIB_LKUP_RET_SUCCESS || ret == BPF_FIB_LKUP_RET_NO_NEIGH ? fib.ifindex
										   : 0;
}
