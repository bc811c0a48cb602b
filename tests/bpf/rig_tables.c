// SPDX-License-Identifier: GPL-2.0-or-later
/* The tables: emptied, read, and aged. */
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "hairpin.skel.h"
#include "rig_maps.h"

struct rig_entries rig_entries_read(int map, size_t key_size, size_t value_size)
{
	struct rig_entries e = {0};
	const void *previous = NULL;

	for (;;) {
		char *key, *value;

		e.keys = realloc(e.keys, (e.n + 1) * key_size);
		e.values = realloc(e.values, (e.n + 1) * value_size);
		assert_true(e.keys && e.values);
		/* The array may have moved. */
		previous = e.n ? (char *)e.keys + (e.n - 1) * key_size : NULL;
		key = (char *)e.keys + e.n * key_size;
		value = (char *)e.values + e.n * value_size;
		if (bpf_map_get_next_key(map, previous, key))
			return e;
		assert_int_equal(bpf_map_lookup_elem(map, key, value), 0);
		e.n++;
	}
}

void rig_entries_free(struct rig_entries *entries)
{
	free(entries->keys);
	free(entries->values);
}

/* One set's, behind those that are in *e. */
static void add_peer_set(struct rig_entries *e, const struct hp_peer_set *set)
{
	for (unsigned int i = 1; i < HP_PEER_SET_WORDS; i++) {
		__u64 word = set->word[i];
		struct hp_peer *peers;

		if (!(word & HP_PEER_REFS_MASK))
			continue;
		peers = e->values = realloc(e->values, (e->n + 1) * sizeof(*peers));
		assert_non_null(peers);
		peers[e->n++] = (struct hp_peer){
			.word = (word & HP_PEER_REFS_MASK) << HP_MAPPING_REFS_SHIFT,
			.key = {.ext_addr = (__u32)(set->word[0] >> HP_PEER_ADDR_SHIFT),
				.remote = (__u32)(word >> HP_PEER_REMOTE_SHIFT),
				.ext_port = (__u16)(word >> HP_PEER_PORT_SHIFT),
				.proto = (__u8)(word >> HP_PEER_PROTO_SHIFT)},
		};
	}
}

static int compare_peers(const void *a, const void *b)
{
	const struct hp_peer *left = a, *right = b;

	return memcmp(&left->key, &right->key, sizeof(left->key));
}

struct rig_entries rig_peers_read(const struct rig *rig)
{
	int sets = bpf_map__fd(rig->skel->maps.hp_peer_sets);
	struct rig_entries e = rig_entries_read(bpf_map__fd(rig->skel->maps.hp_peers),
						sizeof(struct hp_peer_key), sizeof(struct hp_peer));

	for (__u32 i = 0; i < rig_peer_sets(rig); i++) {
		struct hp_peer_set set;

		assert_int_equal(bpf_map_lookup_elem(sets, &i, &set), 0);
		add_peer_set(&e, &set);
	}
	if (e.n)
		qsort(e.values, e.n, sizeof(struct hp_peer), compare_peers);
	return e;
}

static void empty_hash(int map, size_t key_size)
{
	_free_ void *key = malloc(key_size);

	assert_non_null(key);
	while (!bpf_map_get_next_key(map, NULL, key))
		assert_int_equal(bpf_map_delete_elem(map, key), 0);
}

/* Arrays of one struct, per CPU or not. */
static void zero_array(int map, __u32 n, size_t value_size)
{
	_free_ void *zeros = calloc((size_t)libbpf_num_possible_cpus(), value_size);

	assert_non_null(zeros);
	for (__u32 i = 0; i < n; i++)
		assert_int_equal(bpf_map_update_elem(map, &i, zeros, 0), 0);
}

static void fill_free_list(struct rig *rig)
{
	struct hp_fill_args args = {.count = rig->sessions};
	int queue = bpf_map__fd(rig->skel->maps.hp_free);
	__u32 index;

	while (!bpf_map_lookup_and_delete_elem(queue, NULL, &index))
		continue;
	rig_work(rig->skel->progs.hp_fill, &args, sizeof(args));
	assert_int_equal(args.filled, rig->sessions);
}

static void empty_sessions(struct rig *rig)
{
	const struct hp_session none = {0};

	for (__u32 i = 0; i < rig->sessions; i++)
		assert_int_equal(
			bpf_map_update_elem(bpf_map__fd(rig->skel->maps.hp_sessions), &i, &none, 0),
			0);
}

static void empty_resting(struct rig *rig)
{
	struct hp_rest rest;

	while (!bpf_map_lookup_and_delete_elem(bpf_map__fd(rig->skel->maps.hp_resting), NULL,
					       &rest))
		continue;
}

static void empty_totals(struct rig *rig)
{
	const struct hp_total none = {0};

	for (__u32 i = 0; i < HP_TOTAL_MAX; i++)
		assert_int_equal(
			bpf_map_update_elem(bpf_map__fd(rig->skel->maps.hp_totals), &i, &none, 0),
			0);
}

void rig_reset(struct rig *rig, const char *plan)
{
	struct hairpin_bpf *skel = rig->skel;

	empty_hash(bpf_map__fd(skel->maps.hp_flows4), sizeof(struct hp_flow4));
	empty_hash(bpf_map__fd(skel->maps.hp_flows6), sizeof(struct hp_flow6));
	empty_hash(bpf_map__fd(skel->maps.hp_mappings), sizeof(struct hp_mapping_key));
	empty_hash(bpf_map__fd(skel->maps.hp_bindings), sizeof(struct hp_binding_key));
	empty_hash(bpf_map__fd(skel->maps.hp_peers), sizeof(struct hp_peer_key));
	empty_hash(bpf_map__fd(skel->maps.hp_notes), sizeof(struct hp_flow4));
	empty_hash(bpf_map__fd(skel->maps.hp_old_ports), sizeof(struct hp_mapping_key));
	empty_hash(bpf_map__fd(skel->maps.hp_hosts), sizeof(struct hp_host_key));
	empty_resting(rig);
	empty_totals(rig);
	empty_hash(bpf_map__fd(skel->maps.hp_fragments), sizeof(struct hp_fragment_key));
	empty_hash(bpf_map__fd(skel->maps.hp_sorter_sources), sizeof(__be32));
	zero_array(bpf_map__fd(skel->maps.hp_sorter_classes), HP_SORTER_CLASS_MAX,
		   sizeof(struct hp_sorter_use));
	empty_sessions(rig);
	fill_free_list(rig);
	zero_array(bpf_map__fd(skel->maps.hp_reasons), HP_REASON_MAX, sizeof(__u64));
	zero_array(bpf_map__fd(skel->maps.hp_stats), HP_STAT_MAX, sizeof(__u64));
	zero_array(bpf_map__fd(skel->maps.hp_icmp_budget), HP_SIDE_HOST + 1, 8);
	empty_hash(bpf_map__fd(skel->maps.hp_icmp_told), sizeof(__be32));
	zero_array(bpf_map__fd(skel->maps.hp_unproven), rig_unproven(rig),
		   sizeof(struct hp_unproven));
	zero_array(bpf_map__fd(skel->maps.hp_peer_sets), rig_peer_sets(rig),
		   sizeof(struct hp_peer_set));
	memset(rig->reasons, 0, sizeof(rig->reasons));
	rig_plan_write(rig, 0, plan);
	rig_plan_activate(rig, 0);
}

struct hp_session rig_session(struct rig *rig, __u32 index)
{
	struct hp_session session;

	assert_int_equal(
		bpf_map_lookup_elem(bpf_map__fd(rig->skel->maps.hp_sessions), &index, &session), 0);
	return session;
}

void rig_age(struct rig *rig, __u32 index, __u32 seconds)
{
	struct hp_session session = rig_session(rig, index);

	session.last_seen_s -= seconds;
	assert_int_equal(
		bpf_map_update_elem(bpf_map__fd(rig->skel->maps.hp_sessions), &index, &session, 0),
		0);
}

size_t rig_count_notes(struct rig *rig)
{
	_entries_ struct rig_entries e = rig_entries_read(bpf_map__fd(rig->skel->maps.hp_notes),
							  sizeof(struct hp_flow4), sizeof(__u32));

	return e.n;
}

void rig_age_note(struct rig *rig, __u32 seconds)
{
	int map = bpf_map__fd(rig->skel->maps.hp_notes);
	_entries_ struct rig_entries e =
		rig_entries_read(map, sizeof(struct hp_flow4), sizeof(__u32));
	__u32 *noted = e.values;

	assert_int_equal(e.n, 1);
	*noted -= seconds;
	assert_int_equal(bpf_map_update_elem(map, e.keys, noted, BPF_EXIST), 0);
}

static void age_resting_bindings(int map, __u32 seconds)
{
	_entries_ struct rig_entries e =
		rig_entries_read(map, sizeof(struct hp_binding_key), sizeof(struct hp_binding));
	struct hp_binding *bindings = e.values;

	for (size_t i = 0; i < e.n; i++) {
		if (!(bindings[i].word >> HP_BINDING_FREED_SHIFT))
			continue;
		bindings[i].word -= (__u64)seconds << HP_BINDING_FREED_SHIFT;
		assert_int_equal(
			bpf_map_update_elem(map, &bindings[i].key, &bindings[i], BPF_EXIST), 0);
	}
}

void rig_age_rest(struct rig *rig, __u32 seconds)
{
	int queue = bpf_map__fd(rig->skel->maps.hp_resting);
	struct hp_rest *rests = NULL, rest;
	size_t n = 0;

	age_resting_bindings(bpf_map__fd(rig->skel->maps.hp_bindings), seconds);
	while (!bpf_map_lookup_and_delete_elem(queue, NULL, &rest)) {
		rest.freed_s -= seconds;
		rests = realloc(rests, (n + 1) * sizeof(*rests));
		assert_non_null(rests);
		rests[n++] = rest;
	}
	for (size_t i = 0; i < n; i++)
		assert_int_equal(bpf_map_update_elem(queue, NULL, &rests[i], 0), 0);
	free(rests);
}
