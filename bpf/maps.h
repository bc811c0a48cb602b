/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The maps. Sizes given here are those of the smallest table; the loader sets the real ones before it
 * loads, and an adopted map keeps the size it was made with.
 */
#pragma once

#include <hairpin/dataplane.h>
#include <hairpin/limits.h>
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "nat/ctx.h"
#include "plan_maps.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2 * LIMIT_SESSIONS_MIN);
	__type(key, struct hp_flow4);
	__type(value, struct hp_flow_ref);
} hp_flows4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, LIMIT_SESSIONS_MIN);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct hp_flow6);
	__type(value, struct hp_flow_ref);
} hp_flows6 SEC(".maps");

/*
 * Nobody maps it: that it could be has the kernel begin it at a page, so that a session lies in two lines of the cache. As it is else, sixteen octets further, every
 * session lies in three.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, LIMIT_SESSIONS_MIN);
	__type(key, __u32);
	__type(value, struct hp_session);
} hp_sessions SEC(".maps");

/* First in, first out: an index rests as long as possible before it is used again. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, LIMIT_SESSIONS_MIN);
	__uint(value_size, sizeof(__u32));
} hp_free SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, LIMIT_MAPPINGS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct hp_mapping_key);
	__type(value, struct hp_mapping);
} hp_mappings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, LIMIT_MAPPINGS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct hp_binding_key);
	__type(value, struct hp_binding);
} hp_bindings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, LIMIT_MAPPINGS);
	__uint(value_size, sizeof(struct hp_rest));
} hp_resting SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, LIMIT_OLD_PORTS);
	__type(key, struct hp_mapping_key);
	__type(value, struct hp_binding_key);
} hp_old_ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, HP_TOTAL_MAX);
	__type(key, __u32);
	__type(value, struct hp_total);
} hp_totals SEC(".maps");

/* Pinned, so that the timer in it goes on without the daemon: the kernel stops it when nobody holds the map. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct hp_clock);
} hp_clock SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct hp_pace);
} hp_pace SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, LIMIT_LINKS);
	__type(key, __u32);
	__type(value, struct hp_link);
} hp_links SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, LIMIT_HINTS);
	__type(key, __u32);
	__type(value, struct hp_hint);
} hp_hints SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, LIMIT_FDB);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct hp_fdb_key);
	__type(value, __u32);
} hp_fdb SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, LIMIT_LINKS);
	__type(key, __u32);
	__type(value, __u32);
} hp_out SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, LIMIT_SESSIONS_MIN / LIMIT_UNPROVEN_SHARE);
	__type(key, __u32);
	__type(value, struct hp_unproven);
} hp_unproven SEC(".maps");

/* As with hp_sessions: a set lies in one line of the cache and not in two. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, LIMIT_SESSIONS_MIN / LIMIT_PEER_SET_SHARE);
	__type(key, __u32);
	__type(value, struct hp_peer_set);
} hp_peer_sets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, LIMIT_SESSIONS_MIN / LIMIT_PEER_SHARE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct hp_peer_key);
	__type(value, struct hp_peer);
} hp_peers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, LIMIT_HOSTS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct hp_host_key);
	__type(value, struct hp_host);
} hp_hosts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, LIMIT_NOTES);
	__type(key, struct hp_flow4);
	__type(value, __u32);
} hp_notes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, LIMIT_FRAGMENTS);
	__type(key, struct hp_fragment_key);
	__type(value, struct hp_fragment);
} hp_fragments SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, LIMIT_SORTER_SOURCES);
	__type(key, __be32);
	__type(value, struct hp_sorter_use);
} hp_sorter_sources SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, HP_SORTER_CLASS_MAX);
	__type(key, __u32);
	__type(value, struct hp_sorter_use);
} hp_sorter_classes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, HP_REASON_MAX);
	__type(key, __u32);
	__type(value, __u64);
} hp_reasons SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, HP_STAT_MAX);
	__type(key, __u32);
	__type(value, __u64);
} hp_stats SEC(".maps");

/*
 * One packet's context for each CPU: it does not fit the 512 octets of stack that a chain of BPF functions
 * shares. Two, because a packet of the gateway's own can leave WAN while the softirq of an
 * arriving one is served on the same CPU only at its end, but a syscall program can be interrupted by both.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, NAT_SCRATCH_MAX);
	__type(key, __u32);
	__type(value, struct nat_ctx);
} hp_scratch SEC(".maps");

/* Second and count of ICMP errors sent in it. */
struct icmp_budget {
	__u32 second, sent;
};

/* By enum hp_side, for each CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, HP_SIDE_HOST + 1);
	__type(key, __u32);
	__type(value, struct icmp_budget);
} hp_icmp_budget SEC(".maps");

/* By the address that is told. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, LIMIT_ICMP_TOLD);
	__type(key, __be32);
	__type(value, struct icmp_budget);
} hp_icmp_told SEC(".maps");
