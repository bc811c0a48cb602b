/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In place of libbpf's header, so that bpf/hairpin.bpf.c compiles for this machine: what a program of the data plane asks the kernel for is
 * answered by maps.c and skb.c. A helper that is not declared here is not known to the fuzzer: declare it, and write it there.
 */
#pragma once

#include <linux/bpf.h>
#include <linux/types.h>
#include <stddef.h>

#define SEC(name)
#undef __always_inline /* the C library has one of its own */
#define __always_inline inline __attribute__((always_inline))
#define barrier() asm volatile("" ::: "memory")
#define barrier_var(var) asm volatile("" : "+r"(var))
#define __noinline __attribute__((noinline))
#define __weak __attribute__((weak))
#define barrier_var(var) \
	asm volatile("" : "+r"(var)) /* says nothing to a compiler that proves nothing */
#define __uint(name, value) int(*name)[value]
#define __type(name, value) typeof(value) *name
#define __array(name, value) typeof(value) *name[]

void *bpf_map_lookup_elem(void *map, const void *key);
long bpf_map_update_elem(void *map, const void *key, const void *value, __u64 flags);
long bpf_map_delete_elem(void *map, const void *key);
long bpf_map_push_elem(void *map, const void *value, __u64 flags);
long bpf_map_pop_elem(void *map, void *value);
long bpf_map_peek_elem(void *map, void *value);
long bpf_loop(__u32 iterations, void *callback, void *data, __u64 flags);
long bpf_timer_init(struct bpf_timer *timer, void *map, __u64 flags);
long bpf_timer_set_callback(struct bpf_timer *timer, void *callback);
long bpf_timer_start(struct bpf_timer *timer, __u64 ns, __u64 flags);
__u64 bpf_ktime_get_boot_ns(void);
__u64 bpf_ktime_get_coarse_ns(void);
__u32 bpf_get_prandom_u32(void);

long bpf_skb_load_bytes(const void *skb, __u32 offset, void *to, __u32 octets);
long bpf_skb_store_bytes(struct __sk_buff *skb, __u32 offset, const void *from, __u32 octets,
			 __u64 flags);
long bpf_skb_pull_data(struct __sk_buff *skb, __u32 octets);
long bpf_skb_change_tail(struct __sk_buff *skb, __u32 octets, __u64 flags);
long bpf_skb_change_head(struct __sk_buff *skb, __u32 octets, __u64 flags);
long bpf_skb_change_type(struct __sk_buff *skb, __u32 type);
long bpf_skb_adjust_room(struct __sk_buff *skb, __s32 octets, __u32 mode, __u64 flags);
__s64 bpf_csum_diff(__be32 *from, __u32 from_octets, __be32 *to, __u32 to_octets, __u32 seed);
long bpf_l3_csum_replace(struct __sk_buff *skb, __u32 offset, __u64 from, __u64 to, __u64 flags);
long bpf_l4_csum_replace(struct __sk_buff *skb, __u32 offset, __u64 from, __u64 to, __u64 flags);
long bpf_fib_lookup(void *skb, struct bpf_fib_lookup *params, int octets, __u32 flags);
long bpf_redirect(__u32 ifindex, __u64 flags);
long bpf_redirect_map(void *map, __u64 key, __u64 flags);
long bpf_redirect_neigh(__u32 ifindex, struct bpf_redir_neigh *hop, int octets, __u64 flags);
struct bpf_sock *bpf_sk_lookup_tcp(void *skb, struct bpf_sock_tuple *tuple, __u32 octets,
				   __u64 netns, __u64 flags);
struct bpf_sock *bpf_skc_lookup_tcp(void *skb, struct bpf_sock_tuple *tuple, __u32 octets,
				    __u64 netns, __u64 flags);
struct bpf_sock *bpf_sk_lookup_udp(void *skb, struct bpf_sock_tuple *tuple, __u32 octets,
				   __u64 netns, __u64 flags);
long bpf_sk_release(void *sk);
