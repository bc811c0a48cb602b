// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether the tables agree with one another. */
#include <linux/bpf.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "hairpin.skel.h"
#include "rig_maps.h"

struct hp_mapping_key rig_mapping_key(const struct hp_session *s)
{
	return (struct hp_mapping_key){
		.addr = s->v4.orig.saddr,
		.port = s->v4.orig.sport,
		.proto = s->proto,
		.pool = s->pool,
		.via = s->pool == HP_POOL_GATEWAY ? s->v4.xlat.saddr : 0,
	};
}

struct hp_mapping_key rig_target_key(const struct hp_session *s)
{
	return (struct hp_mapping_key){
		.addr = s->v4.xlat.daddr, .port = s->v4.xlat.dport, .proto = s->proto};
}

static void check_ref(int map, const void *key, const struct hp_session *s, __u32 index,
		      __u32 reply)
{
	struct hp_flow_ref ref;

	if (bpf_map_lookup_elem(map, key, &ref))
		fail_msg("session %u has no flow %u", index, reply);
	assert_int_equal(ref.index, index);
	assert_int_equal(ref.generation, (__u32)s->word);
	assert_int_equal(ref.reply, reply);
}

/* How many flows the session has to have; each of them is looked at. */
static size_t check_flows4(int map, const struct hp_session *s, __u32 index)
{
	const struct hp_flow4 orig = {
		.saddr = s->v4.orig.saddr,
		.daddr = s->v4.orig.daddr,
		.sport = s->v4.orig.sport,
		.dport = s->v4.orig.dport,
		.proto = s->proto,
		.side = s->orig_side,
	};
	const struct hp_flow4 reply = {
		.saddr = s->v4.xlat.daddr,
		.daddr = s->v4.xlat.saddr,
		.sport = s->v4.xlat.dport,
		.dport = s->v4.xlat.sport,
		.proto = s->proto,
		.side = s->reply_side,
	};
	bool self = !memcmp(&orig, &reply, sizeof(orig));

	assert_int_equal(self, (rig_flags(s) & HP_SESSION_SELF) != 0);
	check_ref(map, &orig, s, index, 0);
	if (!self)
		check_ref(map, &reply, s, index, 1);
	return self ? 1 : 2;
}

static size_t check_flows6(int map, const struct hp_session *s, __u32 index)
{
	struct hp_flow6 orig = {.sport = s->v6.sport, .dport = s->v6.dport, .proto = s->proto};
	struct hp_flow6 reply = {.sport = s->v6.dport, .dport = s->v6.sport, .proto = s->proto};

	memcpy(orig.saddr, s->v6.saddr, 16);
	memcpy(orig.daddr, s->v6.daddr, 16);
	memcpy(reply.saddr, s->v6.daddr, 16);
	memcpy(reply.daddr, s->v6.saddr, 16);
	orig.side = s->orig_side;
	reply.side = s->reply_side;
	check_ref(map, &orig, s, index, 0);
	check_ref(map, &reply, s, index, 1);
	return 2;
}

static size_t count_entries(int map, size_t key_size, size_t value_size)
{
	_entries_ struct rig_entries e = rig_entries_read(map, key_size, value_size);

	return e.n;
}

/* The session array as it stood when the check began. */
struct snapshot {
	struct rig *rig;
	struct hp_session *sessions; /* owned */
	size_t active, held; /* active ones, and references to mappings that they hold */
};

static void read_sessions(struct snapshot *now)
{
	now->sessions = calloc(now->rig->sessions, sizeof(*now->sessions));
	assert_non_null(now->sessions);
	for (__u32 i = 0; i < now->rig->sessions; i++)
		now->sessions[i] = rig_session(now->rig, i);
}

/* Active sessions and their flows. */
static void check_sessions(struct snapshot *now)
{
	int flows4 = bpf_map__fd(now->rig->skel->maps.hp_flows4);
	int flows6 = bpf_map__fd(now->rig->skel->maps.hp_flows6);
	size_t n4 = 0, n6 = 0;

	for (__u32 i = 0; i < now->rig->sessions; i++) {
		const struct hp_session *s = &now->sessions[i];

		if (!rig_is_active(s)) {
			assert_int_equal((s->word >> HP_WORD_LIFE_SHIFT) & 0xff, HP_LIFE_FREE);
			continue;
		}
		now->active++;
		now->held += (rig_flags(s) & HP_SESSION_MAPPED) != 0;
		now->held += (rig_flags(s) & HP_SESSION_TARGET) != 0;
		if (rig_flags(s) & HP_SESSION_V6)
			n6 += check_flows6(flows6, s, i);
		else
			n4 += check_flows4(flows4, s, i);
	}
	assert_int_equal(count_entries(flows4, sizeof(struct hp_flow4), sizeof(struct hp_flow_ref)),
			 n4);
	assert_int_equal(count_entries(flows6, sizeof(struct hp_flow6), sizeof(struct hp_flow_ref)),
			 n6);
}

static size_t count_holders(const struct snapshot *now, const struct hp_mapping_key *key)
{
	size_t n = 0;

	for (__u32 i = 0; i < now->rig->sessions; i++) {
		const struct hp_session *s = &now->sessions[i];
		struct hp_mapping_key held = rig_mapping_key(s);
		struct hp_mapping_key target = rig_target_key(s);

		if (!rig_is_active(s))
			continue;
		n += (rig_flags(s) & HP_SESSION_MAPPED) && !memcmp(&held, key, sizeof(held));
		n += (rig_flags(s) & HP_SESSION_TARGET) && !memcmp(&target, key, sizeof(target));
	}
	return n;
}

static void check_binding(struct rig *rig, const struct hp_mapping *m)
{
	struct hp_binding_key key = {
		.addr = m->ext_addr, .port = m->ext_port, .proto = m->key.proto};
	struct hp_binding binding;

	if (bpf_map_lookup_elem(bpf_map__fd(rig->skel->maps.hp_bindings), &key, &binding))
		fail_msg("a mapping has no binding");
	assert_memory_equal(&binding.mapping, &m->key, sizeof(m->key));
	assert_int_equal(binding.word, (__u32)m->word);
}

/* The total that counts bindings of @proto. */
static __u32 total_of(__u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return HP_TOTAL_TCP;
	case IPPROTO_UDP:
		return HP_TOTAL_UDP;
	default:
		return HP_TOTAL_ICMP;
	}
}

static __u64 read_total(struct rig *rig, __u32 of)
{
	struct hp_total total;

	assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(rig->skel->maps.hp_totals), &of, &total),
			 0);
	return total.n;
}

/* Of the bindings, @in_use are that; all of them know their key and are counted. */
static void check_bindings(struct rig *rig, size_t in_use)
{
	_entries_ struct rig_entries e =
		rig_entries_read(bpf_map__fd(rig->skel->maps.hp_bindings),
				 sizeof(struct hp_binding_key), sizeof(struct hp_binding));
	const struct hp_binding *bindings = e.values;
	__u64 totals[HP_TOTAL_MAX] = {0};

	for (size_t i = 0; i < e.n; i++) {
		__u32 freed_s = (__u32)(bindings[i].word >> HP_BINDING_FREED_SHIFT);

		assert_memory_equal((struct hp_binding_key *)e.keys + i, &bindings[i].key,
				    sizeof(bindings[i].key));
		assert_int_not_equal(freed_s, HP_BINDING_GOING);
		in_use -= !freed_s;
		totals[total_of(bindings[i].key.proto)] += bindings[i].mapping.pool == HP_POOL_WAN;
	}
	assert_int_equal(in_use, 0);
	for (__u32 i = HP_TOTAL_TCP; i <= HP_TOTAL_ICMP; i++)
		assert_int_equal(read_total(rig, i), totals[i]);
}

/* --- hosts ------------------------------------------------------------------------------------------ */

static struct hp_host_key host_key_v4(__be32 addr)
{
	struct hp_host_key key = {.addr = {[10] = 0xff, [11] = 0xff}};

	memcpy(key.addr + 12, &addr, sizeof(addr));
	return key;
}

static size_t count_host_sessions(const struct snapshot *now, const struct hp_host_key *key)
{
	size_t n = 0;

	for (__u32 i = 0; i < now->rig->sessions; i++) {
		const struct hp_session *s = &now->sessions[i];
		struct hp_host_key of = host_key_v4(s->v4.orig.saddr);

		if (!rig_is_active(s) || !(rig_flags(s) & HP_SESSION_COUNTED))
			continue;
		if (rig_flags(s) & HP_SESSION_V6)
			memcpy(of.addr, s->v6.saddr, sizeof(of.addr));
		if (rig_flags(s) & HP_SESSION_COUNTED_NET)
			memset(of.addr + 8, 0, 8);
		n += !memcmp(&of, key, sizeof(of));
	}
	return n;
}

static size_t count_host_mappings(struct rig *rig, const struct hp_host_key *key)
{
	_entries_ struct rig_entries e =
		rig_entries_read(bpf_map__fd(rig->skel->maps.hp_mappings),
				 sizeof(struct hp_mapping_key), sizeof(struct hp_mapping));
	const struct hp_mapping *mappings = e.values;
	size_t n = 0;

	for (size_t i = 0; i < e.n; i++) {
		struct hp_host_key of = host_key_v4(mappings[i].key.addr);

		n += mappings[i].key.pool == HP_POOL_WAN && !mappings[i].host &&
		     !mappings[i].fixed && !memcmp(&of, key, sizeof(of));
	}
	return n;
}

/* Every host holds what it is said to hold, and something; whatever was begun inside is somebody's. */
static void check_hosts(const struct snapshot *now)
{
	_entries_ struct rig_entries e =
		rig_entries_read(bpf_map__fd(now->rig->skel->maps.hp_hosts),
				 sizeof(struct hp_host_key), sizeof(struct hp_host));
	const struct hp_host_key v4 = host_key_v4(0);
	const struct hp_host *hosts = e.values;
	size_t said = 0, begun = 0, v6 = 0;

	for (size_t i = 0; i < e.n; i++) {
		size_t sessions = hosts[i].word & HP_HOST_SESSIONS_MASK;
		size_t mappings = (hosts[i].word & HP_HOST_MAPPINGS_MASK) >> HP_HOST_MAPPING_SHIFT;

		assert_memory_equal((struct hp_host_key *)e.keys + i, &hosts[i].key,
				    sizeof(hosts[i].key));
		assert_false(hosts[i].word & HP_HOST_DYING);
		assert_true(sessions + mappings > 0);
		assert_int_equal(count_host_sessions(now, &hosts[i].key), sessions);
		assert_int_equal(count_host_mappings(now->rig, &hosts[i].key), mappings);
		said += sessions;
		v6 += memcmp(hosts[i].key.addr, v4.addr, 12) != 0;
	}
	assert_int_equal(read_total(now->rig, HP_TOTAL_HOSTS6), v6);
	for (__u32 i = 0; i < now->rig->sessions; i++)
		begun += rig_is_active(&now->sessions[i]) &&
			 now->sessions[i].orig_side == HP_SIDE_LAN;
	assert_int_equal(said, begun);
}

static void check_mappings(const struct snapshot *now)
{
	_entries_ struct rig_entries e =
		rig_entries_read(bpf_map__fd(now->rig->skel->maps.hp_mappings),
				 sizeof(struct hp_mapping_key), sizeof(struct hp_mapping));
	const struct hp_mapping *mappings = e.values;
	size_t bindings = 0, references = 0;

	for (size_t i = 0; i < e.n; i++) {
		const struct hp_mapping *m = &mappings[i];
		size_t refs = (m->word & HP_MAPPING_REFS_MASK) >> HP_MAPPING_REFS_SHIFT;

		assert_memory_equal((struct hp_mapping_key *)e.keys + i, &m->key, sizeof(m->key));
		assert_false(m->word & HP_MAPPING_DYING);
		assert_true(refs > 0);
		assert_int_equal(count_holders(now, &m->key), refs);
		references += refs;
		if (m->fixed)
			continue;
		bindings++;
		check_binding(now->rig, m);
	}
	assert_int_equal(references, now->held);
	check_bindings(now->rig, bindings);
}

/* Whom a session says that its host has spoken to. */
static struct hp_peer_key peer_key(const struct hp_session *s)
{
	bool incoming = s->kind == HP_KIND_INCOMING;

	return (struct hp_peer_key){
		.ext_addr = incoming ? s->v4.orig.daddr : s->v4.xlat.saddr,
		.remote = incoming ? s->v4.orig.saddr : s->v4.orig.daddr,
		.ext_port = incoming ? s->v4.orig.dport : s->v4.xlat.sport,
		.proto = s->proto,
	};
}

/* Sessions that say that they hold @key. */
static size_t count_peer_holders(const struct snapshot *now, const struct hp_peer_key *key)
{
	size_t n = 0;

	for (__u32 i = 0; i < now->rig->sessions; i++) {
		const struct hp_session *s = &now->sessions[i];
		struct hp_peer_key own = peer_key(s);

		n += rig_is_active(s) && (rig_flags(s) & HP_SESSION_PEER) &&
		     !memcmp(&own, key, sizeof(own));
	}
	return n;
}

/* Of the element or word at @i and those behind it that note the same peer; *i is behind them then. */
static size_t peer_references(const struct hp_peer *peers, size_t n, size_t *i)
{
	const struct hp_peer *first = &peers[*i];
	size_t references = 0;

	for (; *i < n && !memcmp(&peers[*i].key, &first->key, sizeof(first->key)); (*i)++) {
		size_t refs = (peers[*i].word & HP_MAPPING_REFS_MASK) >> HP_MAPPING_REFS_SHIFT;

		assert_false(peers[*i].word & HP_MAPPING_DYING);
		assert_true(refs > 0);
		references += refs;
	}
	return references;
}

/* The head of a set counts what its words do. */
static void check_peer_sets(const struct rig *rig)
{
	for (__u32 i = 0; i < rig_peer_sets(rig); i++) {
		struct hp_peer_set set;
		__u64 references = 0;

		assert_int_equal(
			bpf_map_lookup_elem(bpf_map__fd(rig->skel->maps.hp_peer_sets), &i, &set),
			0);
		for (unsigned int j = 1; j < HP_PEER_SET_WORDS; j++)
			references += set.word[j] & HP_PEER_REFS_MASK;
		assert_int_equal((__u32)set.word[0], references);
	}
}

static void check_peers(const struct snapshot *now)
{
	_entries_ struct rig_entries e = rig_peers_read(now->rig);
	const struct hp_peer *peers = e.values;
	size_t references = 0, held = 0, i = 0;

	while (i < e.n) {
		const struct hp_peer_key *key = &peers[i].key;
		size_t refs = peer_references(peers, e.n, &i);

		assert_int_equal(count_peer_holders(now, key), refs);
		references += refs;
	}
	for (__u32 j = 0; j < now->rig->sessions; j++)
		held += rig_is_active(&now->sessions[j]) &&
			(rig_flags(&now->sessions[j]) & HP_SESSION_PEER);
	assert_int_equal(references, held);
	check_peer_sets(now->rig);
}

static void check_free_list(const struct snapshot *now)
{
	int queue = bpf_map__fd(now->rig->skel->maps.hp_free);
	_free_ __u32 *free_list = calloc(now->rig->sessions + 1, sizeof(*free_list));
	_free_ bool *seen = calloc(now->rig->sessions, sizeof(*seen));
	size_t n = 0;

	assert_true(free_list && seen);
	while (!bpf_map_lookup_and_delete_elem(queue, NULL, &free_list[n])) {
		assert_false(seen[free_list[n]]);
		assert_false(rig_is_active(&now->sessions[free_list[n]]));
		seen[free_list[n++]] = true;
	}
	assert_int_equal(n + now->active, now->rig->sessions);
	assert_int_equal(read_total(now->rig, HP_TOTAL_FREE), n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(bpf_map_update_elem(queue, NULL, &free_list[i], 0), 0);
}

static unsigned int count_places(const struct rig *rig, __u64 word)
{
	struct hp_unproven place;
	unsigned int n = 0;

	for (__u32 i = 0; i < rig_unproven(rig); i++) {
		assert_int_equal(
			bpf_map_lookup_elem(bpf_map__fd(rig->skel->maps.hp_unproven), &i, &place),
			0);
		n += place.word == word;
	}
	return n;
}

static void check_outside(const struct snapshot *now)
{
	__u64 outside = 0;

	for (__u32 i = 0; i < now->rig->sessions; i++) {
		const struct hp_session *s = &now->sessions[i];

		if (!rig_is_active(s) || s->orig_side != HP_SIDE_WAN)
			continue;
		outside++;
		assert_true(rig_flags(s) & HP_SESSION_OUTSIDE);
		if (!(rig_flags(s) & HP_SESSION_PROVEN))
			assert_int_equal(count_places(now->rig, (__u32)s->word | (__u64)i << 32),
					 1);
	}
	assert_int_equal(read_total(now->rig, HP_TOTAL_OUTSIDE), outside);
}

void rig_check_tables(struct rig *rig)
{
	struct snapshot now = {.rig = rig};

	read_sessions(&now);
	check_sessions(&now);
	check_mappings(&now);
	check_peers(&now);
	check_hosts(&now);
	check_free_list(&now);
	check_outside(&now);
	free(now.sessions);
}
