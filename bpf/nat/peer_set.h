/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Peers in sets: seven words in one line of the cache, each a whole peer with the sessions that hold it, so that noting one allocates nothing and
 * can meet nobody's half-written entry. What finds no room here has an entry of its own (peer.h).
 *
 * A session remembers the word that it holds, so it gives back by subtraction what nobody else can have taken meanwhile. Two CPUs that note the same
 * peer at one time may take two words for it, each of which counts its own.
 */
#pragma once

#include <nat_env.h>

#include "ctx.h"

/*
 * Which set. With a number by chance in it, since hosts inside choose what is noted: who knew the places could fill some on purpose, and the table behind
 * them, which all share.
 */
static NAT_INLINE struct hp_peer_set *nat_peer_set(const struct hp_peer_key *key)
{
	__u32 sets = (__u32)nat_env_total(HP_TOTAL_SESSIONS) / LIMIT_PEER_SET_SHARE;
	__u64 hash = nat_env_total(HP_TOTAL_SEED) ^ ((__u64)key->ext_addr << 32 | key->remote);

	hash *= 0x9e3779b97f4a7c15;
	hash ^= (hash >> 32) ^ ((__u64)key->ext_port << 8 | key->proto);
	hash *= 0xd6e8feb86659fd93;
	hash ^= hash >> 32;
	hash *= 0xd6e8feb86659fd93;
	/* The upper half, as a share of all. */
	return nat_env_peer_set((__u32)((hash >> 32) * sets >> 32));
}

static inline __u64 nat_peer_word(const struct hp_peer_key *key)
{
	return (__u64)key->remote << HP_PEER_REMOTE_SHIFT |
	       (__u64)key->ext_port << HP_PEER_PORT_SHIFT |
	       (__u64)key->proto << HP_PEER_PROTO_SHIFT;
}

/* Takes a reference to the set for the peers of @ext_addr: one at a time has it. 1: taken. */
static NAT_INLINE int nat_peer_set_enter(struct hp_peer_set *set, __be32 ext_addr)
{
	for (int i = 0; i < LIMIT_CAS_TRIES; i++) {
		__u64 head = set->word[0];

		if ((__u32)head && head >> HP_PEER_ADDR_SHIFT != ext_addr)
			return 0;
		if (nat_env_cas(&set->word[0], head,
				((__u64)ext_addr << HP_PEER_ADDR_SHIFT) + (__u32)head + 1))
			return 1;
	}
	return 0;
}

/* The place of a word that is @word's or nobody's, and has room for one more; 0: there is none. */
static NAT_INLINE __u32 nat_peer_set_room(const struct hp_peer_set *set, __u64 word,
					  __u64 *ret_seen)
{
	__u32 room = 0;

	for (__u32 i = 1; i < HP_PEER_SET_WORDS; i++) {
		__u64 seen = set->word[i], refs = seen & HP_PEER_REFS_MASK;

		if (refs && (refs == HP_PEER_REFS_MASK || seen - refs != word))
			continue;
		room = i;
		*ret_seen = seen;
		if (refs)
			break;
	}
	return room;
}

/* A reference to the peer of c->peer_key in its set: the place of its word there, 0: no room, or another CPU was faster. */
static NAT_FUNCTION __u32 nat_peer_set_hold(struct nat_ctx *c)
{
	struct hp_peer_set *set = nat_peer_set(&c->peer_key);
	__u64 word = nat_peer_word(&c->peer_key), seen = 0;
	__u32 place;

	if (!set || !nat_peer_set_enter(set, c->peer_key.ext_addr))
		return 0;
	place = nat_peer_set_room(set, word, &seen) & (HP_PEER_SET_WORDS - 1);
	if (place &&
	    nat_env_cas(&set->word[place], seen, seen & HP_PEER_REFS_MASK ? seen + 1 : word + 1))
		return place;
	nat_env_subtract(&set->word[0], 1);
	return 0;
}

/* Gives back the reference in @place of the set of c->peer_key. The word first: whoever has the set to himself finds all words free. */
static NAT_INLINE void nat_peer_set_release(struct nat_ctx *c, __u32 place)
{
	struct hp_peer_set *set = nat_peer_set(&c->peer_key);

	if (!set)
		return;
	/* What was in the word is asked for, and was never nothing: without an answer the kernel need not keep the order. */
	if (nat_env_subtract(&set->word[place & (HP_PEER_SET_WORDS - 1)], 1))
		nat_env_subtract(&set->word[0], 1);
}

static NAT_INLINE int nat_peer_set_is_of(__u64 head, __be32 ext_addr)
{
	return (__u32)head && head >> HP_PEER_ADDR_SHIFT == ext_addr;
}

/* Whether somebody holds the peer of c->peer_key in its set. */
static NAT_FUNCTION int nat_peer_set_lives(struct nat_ctx *c)
{
	struct hp_peer_set *set = nat_peer_set(&c->peer_key);
	__u64 word = nat_peer_word(&c->peer_key);

	if (!set || !nat_peer_set_is_of(set->word[0], c->peer_key.ext_addr))
		return 0;
	for (__u32 i = 1; i < HP_PEER_SET_WORDS; i++) {
		__u64 seen = set->word[i], refs = seen & HP_PEER_REFS_MASK;

		/*
		 * Asked again, as the set may have become another address's since; and by an addition of nothing, as a load would be the compiler's to leave
		 * out and, on some machines, the processor's to do before.
		 */
		if (refs && seen - refs == word)
			return nat_peer_set_is_of(nat_env_subtract(&set->word[0], 0),
						  c->peer_key.ext_addr);
	}
	return 0;
}
