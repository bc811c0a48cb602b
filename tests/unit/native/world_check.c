// SPDX-License-Identifier: GPL-2.0-or-later
/* What must hold of the tables, asked of them from the other end than the core does. */
#include "world.h"

static unsigned int life_of(const struct hp_session *s)
{
	return (unsigned int)(s->word >> HP_WORD_LIFE_SHIFT) & 0xff;
}

static unsigned int flags_of(const struct hp_session *s)
{
	return (unsigned int)(s->word >> HP_WORD_FLAGS_SHIFT) & 0xffff;
}

size_t world_active(const struct nat_world *world)
{
	size_t n = 0;

	for (__u32 i = 0; i < world->n_sessions; i++)
		n += life_of(&world->sessions[i]) == HP_LIFE_ACTIVE;
	return n;
}

size_t world_bound(const struct nat_world *world)
{
	size_t n = 0;

	for (size_t i = 0; i < world->bindings.max_entries; i++) {
		const struct hp_binding *b = nat_table_value(&world->bindings, i);

		n += world->bindings.used[i] && !(b->word >> HP_BINDING_FREED_SHIFT);
	}
	return n;
}

/* The session that a flow refers to; ends the test if it is not active or another generation. */
static const struct hp_session *session_of(const struct nat_world *world,
					   const struct hp_flow_ref *ref)
{
	const struct hp_session *s;

	assert_in_range(ref->index, 0, world->n_sessions - 1);
	assert_in_range(ref->reply, 0, 1);
	s = &world->sessions[ref->index];
	assert_int_equal(life_of(s), HP_LIFE_ACTIVE);
	assert_int_equal((__u32)s->word, ref->generation);
	return s;
}

static void check_flow4(const struct nat_world *world, const struct hp_flow4 *flow,
			const struct hp_flow_ref *ref)
{
	const struct hp_session *s = session_of(world, ref);
	const struct hp_tuple4 *t = ref->reply ? &s->v4.xlat : &s->v4.orig;

	assert_false(flags_of(s) & HP_SESSION_V6);
	assert_int_equal(flow->proto, s->proto);
	assert_int_equal(flow->side, ref->reply ? s->reply_side : s->orig_side);
	assert_int_equal(flow->saddr, ref->reply ? t->daddr : t->saddr);
	assert_int_equal(flow->daddr, ref->reply ? t->saddr : t->daddr);
	assert_int_equal(flow->sport, ref->reply ? t->dport : t->sport);
	assert_int_equal(flow->dport, ref->reply ? t->sport : t->dport);
	assert_int_equal(flow->zero, 0);
}

static void check_flow6(const struct nat_world *world, const struct hp_flow6 *flow,
			const struct hp_flow_ref *ref)
{
	const struct hp_session *s = session_of(world, ref);

	assert_true(flags_of(s) & HP_SESSION_V6);
	assert_int_equal(flow->proto, s->proto);
	assert_int_equal(flow->side, ref->reply ? s->reply_side : s->orig_side);
	assert_memory_equal(flow->saddr, ref->reply ? s->v6.daddr : s->v6.saddr, 16);
	assert_memory_equal(flow->daddr, ref->reply ? s->v6.saddr : s->v6.daddr, 16);
}

/* Every flow is its session's; that a session has all of its flows follows from their number. */
static void check_flows(const struct nat_world *world)
{
	size_t n4 = 0, n6 = 0;

	for (size_t i = 0; i < world->flows4.max_entries; i++) {
		if (world->flows4.used[i])
			check_flow4(world, nat_table_key(&world->flows4, i),
				    nat_table_value(&world->flows4, i));
	}
	for (size_t i = 0; i < world->flows6.max_entries; i++) {
		if (world->flows6.used[i])
			check_flow6(world, nat_table_key(&world->flows6, i),
				    nat_table_value(&world->flows6, i));
	}
	for (__u32 i = 0; i < world->n_sessions; i++) {
		const struct hp_session *s = &world->sessions[i];

		if (life_of(s) != HP_LIFE_ACTIVE)
			continue;
		if (flags_of(s) & HP_SESSION_V6)
			n6 += 2;
		else
			n4 += flags_of(s) & HP_SESSION_SELF ? 1 : 2;
	}
	assert_int_equal(world->flows4.n, n4);
	assert_int_equal(world->flows6.n, n6);
}

static bool is_holder(const struct nat_world *world, const struct hp_session *s,
		      const struct hp_mapping *m)
{
	if (life_of(s) != HP_LIFE_ACTIVE || !(flags_of(s) & HP_SESSION_MAPPED) ||
	    s->v4.orig.saddr != m->key.addr || s->v4.orig.sport != m->key.port ||
	    s->proto != m->key.proto || s->pool != m->key.pool ||
	    (m->key.pool == HP_POOL_GATEWAY && s->v4.xlat.saddr != m->key.via))
		return false;
	/* A hairpin may show another router's address, with our port. */
	if (s->kind != HP_KIND_HAIRPIN || s->pool != HP_POOL_WAN ||
	    s->v4.xlat.saddr != world->settings[world->slot].loop_addr)
		assert_int_equal(s->v4.xlat.saddr, m->ext_addr);
	assert_int_equal(s->v4.xlat.sport, m->ext_port);
	return true;
}

static bool is_target(const struct hp_session *s, const struct hp_mapping *m)
{
	if (life_of(s) != HP_LIFE_ACTIVE || !(flags_of(s) & HP_SESSION_TARGET) ||
	    s->v4.xlat.daddr != m->key.addr || s->v4.xlat.dport != m->key.port ||
	    s->proto != m->key.proto || m->key.pool != HP_POOL_WAN)
		return false;
	assert_int_equal(s->v4.orig.daddr, m->ext_addr);
	assert_int_equal(s->v4.orig.dport, m->ext_port);
	return true;
}

/* Sessions that leave by the mapping's endpoint, and those that come in by it. */
static __u32 count_holders(const struct nat_world *world, const struct hp_mapping *m)
{
	__u32 holders = 0;

	for (__u32 i = 0; i < world->n_sessions; i++) {
		holders += is_holder(world, &world->sessions[i], m);
		holders += is_target(&world->sessions[i], m);
	}
	return holders;
}

/* The mapping's claim to its port, and how many references it counts. */
static __u32 check_claim(const struct nat_world *world, const struct hp_mapping_key *key,
			 const struct hp_mapping *m)
{
	struct hp_binding_key endpoint = {
		.addr = m->ext_addr, .port = m->ext_port, .proto = m->key.proto};
	const struct hp_binding *binding = nat_table_find(&world->bindings, &endpoint);
	__u32 refs = (__u32)((m->word & HP_MAPPING_REFS_MASK) >> HP_MAPPING_REFS_SHIFT);

	assert_memory_equal(key, &m->key, sizeof(*key));
	assert_false(m->word & HP_MAPPING_DYING);
	assert_true(refs > 0);
	if (m->fixed)
		return refs;
	assert_non_null(binding);
	assert_memory_equal(&binding->mapping, key, sizeof(*key));
	/* The whole word: in use. */
	assert_int_equal(binding->word, (__u32)m->word);
	return refs;
}

/* As many bindings in use as mappings that need one, each of which was found to have its own: no port has two owners. */
static void check_mappings(const struct nat_world *world, bool by_sessions)
{
	size_t bound = 0, held = 0, all_refs = 0;
	__u32 refs;

	for (size_t i = 0; i < world->mappings.max_entries; i++) {
		const struct hp_mapping *m = nat_table_value(&world->mappings, i);

		if (!world->mappings.used[i])
			continue;
		refs = check_claim(world, nat_table_key(&world->mappings, i), m);
		if (by_sessions)
			assert_int_equal(count_holders(world, m), refs);
		bound += !m->fixed;
		all_refs += refs;
	}
	assert_int_equal(world_bound(world), bound);
	for (__u32 i = 0; i < world->n_sessions; i++) {
		const struct hp_session *s = &world->sessions[i];

		if (life_of(s) != HP_LIFE_ACTIVE)
			continue;
		held += (flags_of(s) & HP_SESSION_MAPPED) != 0;
		held += (flags_of(s) & HP_SESSION_TARGET) != 0;
	}
	assert_true(!by_sessions || all_refs == held);
}

/* The remote that a session says its host has spoken to. */
static struct hp_peer_key peer_of(const struct hp_session *s)
{
	bool incoming = s->kind == HP_KIND_INCOMING;

	return (struct hp_peer_key){
		.ext_addr = incoming ? s->v4.orig.daddr : s->v4.xlat.saddr,
		.remote = incoming ? s->v4.orig.saddr : s->v4.orig.daddr,
		.ext_port = incoming ? s->v4.orig.dport : s->v4.xlat.sport,
		.proto = s->proto,
	};
}

static unsigned int place_of(const struct hp_session *s)
{
	return (flags_of(s) & HP_SESSION_PEER_PLACE_MASK) >> HP_SESSION_PEER_PLACE_SHIFT;
}

static bool is_holder_of_peer(const struct hp_session *s, const struct hp_peer_key *key,
			      unsigned int place)
{
	struct hp_peer_key own = peer_of(s);

	return life_of(s) == HP_LIFE_ACTIVE && (flags_of(s) & HP_SESSION_PEER) &&
	       place_of(s) == place && !memcmp(&own, key, sizeof(own));
}

static size_t count_holders_of_peer(const struct nat_world *world, const struct hp_peer_key *key,
				    unsigned int place)
{
	size_t n = 0;

	for (__u32 i = 0; i < world->n_sessions; i++)
		n += is_holder_of_peer(&world->sessions[i], key, place);
	return n;
}

/* Every word of the set is held by as many sessions as it counts, and the head counts them all. Returns their number. */
static size_t check_peer_set(const struct nat_world *world, const struct hp_peer_set *set)
{
	size_t all = 0;

	for (unsigned int i = 1; i < HP_PEER_SET_WORDS; i++) {
		__u64 word = set->word[i];
		struct hp_peer_key key = {
			.ext_addr = (__u32)(set->word[0] >> HP_PEER_ADDR_SHIFT),
			.remote = (__u32)(word >> HP_PEER_REMOTE_SHIFT),
			.ext_port = (__u16)(word >> HP_PEER_PORT_SHIFT),
			.proto = (__u8)(word >> HP_PEER_PROTO_SHIFT),
		};
		size_t refs = word & HP_PEER_REFS_MASK;

		if (refs)
			assert_int_equal(count_holders_of_peer(world, &key, i), refs);
		all += refs;
	}
	assert_int_equal((__u32)set->word[0], all);
	return all;
}

size_t world_peers(const struct nat_world *world)
{
	size_t n = world->peers.n;

	for (__u32 i = 0; i < world->n_peer_sets; i++) {
		for (unsigned int j = 1; j < HP_PEER_SET_WORDS; j++)
			n += (world->peer_sets[i].word[j] & HP_PEER_REFS_MASK) != 0;
	}
	return n;
}

/* Every peer is held by as many sessions as it counts, and every session that says so holds one. */
static void check_peers(const struct nat_world *world)
{
	size_t refs = 0, held = 0;

	for (__u32 i = 0; i < world->n_peer_sets; i++)
		refs += check_peer_set(world, &world->peer_sets[i]);
	for (size_t i = 0; i < world->peers.max_entries; i++) {
		const struct hp_peer *p = nat_table_value(&world->peers, i);

		if (!world->peers.used[i])
			continue;
		assert_memory_equal(nat_table_key(&world->peers, i), &p->key, sizeof(p->key));
		assert_false(p->word & HP_MAPPING_DYING);
		assert_int_equal((p->word & HP_MAPPING_REFS_MASK) >> HP_MAPPING_REFS_SHIFT,
				 count_holders_of_peer(world, &p->key, 0));
		refs += (p->word & HP_MAPPING_REFS_MASK) >> HP_MAPPING_REFS_SHIFT;
	}
	for (__u32 i = 0; i < world->n_sessions; i++) {
		const struct hp_session *s = &world->sessions[i];

		held += life_of(s) == HP_LIFE_ACTIVE && (flags_of(s) & HP_SESSION_PEER);
	}
	assert_int_equal(refs, held);
}

/* --- ports that rest ------------------------------------------------------------------------------ */

static bool is_queued(const struct nat_world *world, const struct hp_binding_key *key,
		      __u32 freed_s)
{
	for (__u32 i = 0; i < world->rest_n; i++) {
		const struct hp_rest *rest = &world->rests[(world->rest_head + i) % world->n_rests];

		if (!memcmp(&rest->key, key, sizeof(*key)) && rest->freed_s == freed_s)
			return true;
	}
	return false;
}

/* Every binding knows its key, is counted, and, if it rests, is found by the sweep. */
static void check_bindings(const struct nat_world *world)
{
	__u64 totals[HP_TOTAL_MAX + 1] = {0};

	for (size_t i = 0; i < world->bindings.max_entries; i++) {
		const struct hp_binding_key *key = nat_table_key(&world->bindings, i);
		const struct hp_binding *b = nat_table_value(&world->bindings, i);
		__u32 freed_s = (__u32)(b->word >> HP_BINDING_FREED_SHIFT);

		if (!world->bindings.used[i])
			continue;
		assert_memory_equal(&b->key, key, sizeof(*key));
		assert_int_not_equal(freed_s, HP_BINDING_GOING);
		assert_true(!freed_s || is_queued(world, key, freed_s));
		if (b->mapping.pool == HP_POOL_WAN)
			totals[key->proto == 6	  ? HP_TOTAL_TCP
			       : key->proto == 17 ? HP_TOTAL_UDP
						  : HP_TOTAL_ICMP]++;
	}
	for (size_t i = HP_TOTAL_TCP; i <= HP_TOTAL_ICMP; i++)
		assert_int_equal(world->totals[i], totals[i]);
	assert_int_equal(world->totals[HP_TOTAL_FREE], world->free_n);
}

/* --- hosts ------------------------------------------------------------------------------------------ */

static bool is_of_host(const struct hp_session *s, const struct hp_host_key *host)
{
	struct hp_host_key key = {.addr = {[10] = 0xff, [11] = 0xff}};

	if (flags_of(s) & HP_SESSION_V6)
		memcpy(key.addr, s->v6.saddr, 16);
	else
		memcpy(key.addr + 12, &s->v4.orig.saddr, 4);
	if (flags_of(s) & HP_SESSION_COUNTED_NET)
		memset(key.addr + 8, 0, 8);
	return !memcmp(&key, host, sizeof(key));
}

static bool is_mapping_of_host(const struct hp_mapping *m, const struct hp_host_key *host)
{
	return m->key.pool == HP_POOL_WAN && !m->host && !m->fixed &&
	       !memcmp(host->addr + 12, &m->key.addr, 4) && host->addr[11] == 0xff;
}

static void check_host(const struct nat_world *world, const struct hp_host_key *key,
		       const struct hp_host *h)
{
	size_t sessions = 0, mappings = 0;

	for (__u32 i = 0; i < world->n_sessions; i++) {
		const struct hp_session *s = &world->sessions[i];

		sessions += life_of(s) == HP_LIFE_ACTIVE && (flags_of(s) & HP_SESSION_COUNTED) &&
			    is_of_host(s, key);
	}
	for (size_t i = 0; i < world->mappings.max_entries; i++)
		mappings += world->mappings.used[i] &&
			    is_mapping_of_host(nat_table_value(&world->mappings, i), key);
	assert_memory_equal(key, &h->key, sizeof(*key));
	assert_false(h->word & HP_HOST_DYING);
	assert_true(sessions + mappings > 0);
	assert_int_equal(h->word & HP_HOST_SESSIONS_MASK, sessions);
	assert_int_equal((h->word & HP_HOST_MAPPINGS_MASK) >> HP_HOST_MAPPING_SHIFT, mappings);
}

/* Every host holds what it is said to hold, and whatever a host inside began is somebody's. */
static void check_hosts(const struct nat_world *world)
{
	static const __u8 v4[12] = {[10] = 0xff, [11] = 0xff};
	size_t said = 0, counted = 0, v6 = 0;

	for (size_t i = 0; i < world->hosts.max_entries; i++) {
		const struct hp_host *h = nat_table_value(&world->hosts, i);

		if (!world->hosts.used[i])
			continue;
		v6 += memcmp(h->key.addr, v4, sizeof(v4)) != 0;
		check_host(world, nat_table_key(&world->hosts, i), h);
		said += h->word & HP_HOST_SESSIONS_MASK;
	}
	for (__u32 i = 0; i < world->n_sessions; i++) {
		const struct hp_session *s = &world->sessions[i];

		if (life_of(s) != HP_LIFE_ACTIVE)
			continue;
		assert_int_equal((flags_of(s) & HP_SESSION_COUNTED) != 0,
				 s->orig_side == HP_SIDE_LAN);
		counted += (flags_of(s) & HP_SESSION_COUNTED) != 0;
	}
	assert_int_equal(said, counted);
	assert_int_equal(world->totals[HP_TOTAL_HOSTS6], v6);
}

static void check_free_list(const struct nat_world *world)
{
	bool *seen = calloc(world->n_sessions, sizeof(*seen));

	assert_non_null(seen);
	for (__u32 i = 0; i < world->free_n; i++) {
		__u32 index = world->free_list[(world->free_head + i) % (world->n_sessions + 1)];

		assert_in_range(index, 0, world->n_sessions - 1);
		assert_false(seen[index]);
		assert_int_equal(life_of(&world->sessions[index]), HP_LIFE_FREE);
		seen[index] = true;
	}
	free(seen);
	assert_int_equal(world->free_n + world_active(world), world->n_sessions);
}

/* The places of the ring that name this session. */
static unsigned int places_of(const struct nat_world *world, __u32 index)
{
	__u64 named = (__u32)world->sessions[index].word | (__u64)index << 32;
	unsigned int n = 0;

	for (__u32 i = 0; i < world->n_unproven; i++)
		n += world->unproven[i].word == named;
	return n;
}

/* What began outside is counted, and what of it is unproven can be replaced. */
static void check_outside(const struct nat_world *world)
{
	__u64 outside = 0;

	for (__u32 i = 0; i < world->n_sessions; i++) {
		const struct hp_session *s = &world->sessions[i];

		if (life_of(s) != HP_LIFE_ACTIVE)
			continue;
		assert_int_equal(s->orig_side == HP_SIDE_WAN, !!(flags_of(s) & HP_SESSION_OUTSIDE));
		if (!(flags_of(s) & HP_SESSION_OUTSIDE))
			continue;
		outside++;
		assert_in_range(places_of(world, i), flags_of(s) & HP_SESSION_PROVEN ? 0 : 1, 1);
	}
	assert_int_equal(world->totals[HP_TOTAL_OUTSIDE], outside);
	assert_true(outside <= world->n_sessions - world->n_sessions / LIMIT_INSIDE_SHARE);
}

void world_check(const struct nat_world *world)
{
	check_flows(world);
	check_mappings(world, true);
	check_peers(world);
	check_bindings(world);
	check_hosts(world);
	check_free_list(world);
	check_outside(world);
}

void world_check_ports(const struct nat_world *world)
{
	check_mappings(world, false);
	check_bindings(world);
}
