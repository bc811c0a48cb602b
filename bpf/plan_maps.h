/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The maps of the plan that both objects ask, the data plane and the programs of the gateway's own sockets (own.bpf.c). */
#pragma once

#include <hairpin/dataplane.h>
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

/*
 * The daemon makes the inner maps, without BTF. So these name no types: up to Linux 6.1 a map with BTF and one without count as
 * different kinds, and the outer map refuses the one that is not like its declaration.
 */
struct rules_inner {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(struct hp_rule_key));
	__uint(value_size, sizeof(struct hp_rule));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, HP_SLOTS);
	__type(key, __u32);
	__array(values, struct rules_inner);
} hp_rules SEC(".maps");

struct prefixes_inner {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(key_size, sizeof(struct hp_prefix_key));
	__uint(value_size, sizeof(struct hp_prefix));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, HP_SLOTS);
	__type(key, __u32);
	__array(values, struct prefixes_inner);
} hp_prefixes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} hp_active SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, HP_SLOTS);
	__type(key, __u32);
	__type(value, struct hp_settings);
} hp_settings SEC(".maps");
