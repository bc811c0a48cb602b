/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Peers: the remote addresses that a dynamic mapping's host has spoken to, for address-dependent filtering. Only kept where the plan
 * judges by them (settings.peers_udp, peers_tcp).
 *
 * An entry lives while sessions that say so hold it, so that it ends with the last of them and there is no timer of its own. Most have a
 * word in a set (peer_set.h); the others are entries of a hash table, whose word and its idiom are those of a mapping (mapping.h). One address may be
 * noted in both at a time, and each counts its own sessions.
 */
#pragma once

#include <nat_env.h>

#include "ctx.h"
#include "peer_set.h"
#include "word.h"

static NAT_INLINE int nat_peer_same_key(const struct hp_peer_key *a, const struct hp_peer_key *b)
{
	return a->ext_addr == b->ext_addr && a->remote == b->remote && a->ext_port == b->ext_port &&
	       a->proto == b->proto;
}

/* The peer that a session of IPv4 notes, into c->peer_key: of an incoming one it is the initiator, once it was answered. */
static NAT_INLINE void nat_peer_of_session(struct nat_ctx *c, const struct hp_session *s)
{
	int incoming = s->kind == HP_KIND_INCOMING;

	c->peer_key.ext_addr = incoming ? s->v4.orig.daddr : s->v4.xlat.saddr;
	c->peer_key.ext_port = incoming ? s->v4.orig.dport : s->v4.xlat.sport;
	c->peer_key.remote = incoming ? s->v4.orig.saddr : s->v4.orig.daddr;
	c->peer_key.proto = s->proto;
	c->peer_key.zero = 0;
}

/* Gives one reference back; the last one takes the entry with it. As with mappings: subtracted, not exchanged. */
static NAT_FUNCTION void nat_peer_release(struct nat_ctx *c, const struct hp_peer_key *key)
{
	struct hp_peer *p = nat_env_peer(key);
	__u64 left;

	if (!p)
		return;
	left = nat_env_subtract(&p->word, HP_MAPPING_REF_ONE) - HP_MAPPING_REF_ONE;
	if ((left & HP_MAPPING_REFS_MASK) || !nat_env_cas(&p->word, left, left | HP_MAPPING_DYING))
		return;
	c->peer_key = p->key;
	nat_env_peer_delete(&c->peer_key);
}

/* Takes a reference to the entry @p, found by c->peer_key. 1: taken, 0: lost a race. */
static NAT_INLINE int nat_peer_hold(struct nat_ctx *c, struct hp_peer *p)
{
	for (int i = 0; i < LIMIT_CAS_TRIES; i++) {
		__u64 old = p->word;

		if (old & HP_MAPPING_DYING)
			return 0;
		if (!nat_env_cas(&p->word, old, old + HP_MAPPING_REF_ONE))
			continue;
		c->peer = *p;
		if (nat_peer_same_key(&c->peer.key, &c->peer_key))
			return 1;
		/* The element was recycled under us: that reference belongs to another key. */
		nat_peer_release(c, &c->peer.key);
		return 0;
	}
	return 0;
}

/* The same for a session with these @flags, whose peer is that of c->peer_key. */
static NAT_INLINE void nat_peer_give(struct nat_ctx *c, __u16 flags)
{
	__u32 place = (flags & HP_SESSION_PEER_PLACE_MASK) >> HP_SESSION_PEER_PLACE_SHIFT;

	if (place)
		nat_peer_set_release(c, place);
	else
		nat_peer_release(c, &c->peer_key);
}

/* A reference to an entry of the hash table. */
static NAT_INLINE int nat_peer_get_entry(struct nat_ctx *c)
{
	struct hp_peer *p;
	long ret;

	for (int i = 0; i < 2; i++) {
		p = nat_env_peer(&c->peer_key);
		if (p)
			return nat_peer_hold(c, p) ? 0 : HP_DROP_RACE;
		c->peer.word = (nat_env_random() | 1) | HP_MAPPING_REF_ONE;
		c->peer.key = c->peer_key;
		c->peer.zero = 0;
		ret = nat_env_peer_add(&c->peer_key, &c->peer);
		if (!ret)
			return 0;
		if (ret != NAT_EEXIST)
			return HP_DROP_TABLE_FULL;
	}
	return HP_DROP_RACE;
}

/*
 * A reference to the peer of c->peer_key, noted if it was not; c->peer_flags says what the session that holds it needs to give it back.
 * 0, or the reason for a drop.
 */
NAT_GLOBAL int nat_peer_get(struct nat_ctx *c)
{
	__u32 place;

	c = nat_env_own(c);
	if (!c)
		return HP_DROP_MALFORMED;
	place = nat_peer_set_hold(c);
	c->peer_flags = (__u16)(HP_SESSION_PEER | place << HP_SESSION_PEER_PLACE_SHIFT);
	return place ? 0 : nat_peer_get_entry(c);
}

/* Whether somebody holds the peer of c->peer_key. */
static NAT_INLINE int nat_peer_lives(struct nat_ctx *c)
{
	const struct hp_peer *p;

	if (nat_peer_set_lives(c))
		return 1;
	p = nat_env_peer(&c->peer_key);
	return p && !(p->word & HP_MAPPING_DYING);
}

static NAT_INLINE int nat_peers_wanted(const struct nat_ctx *c, __u8 proto)
{
	if (proto == 6)
		return c->settings.peers_tcp;
	return proto == 17 && c->settings.peers_udp;
}

/* Whether a session that does what @s does has a peer to note, under the plan in force; @flags are its own. */
static NAT_INLINE int nat_peer_is_due(const struct nat_ctx *c, const struct hp_session *s,
				      __u16 flags)
{
	if ((flags & (HP_SESSION_V6 | HP_SESSION_PEER)) || !nat_peers_wanted(c, s->proto))
		return 0;
	switch (s->kind) {
	case HP_KIND_OUTGOING:
		return 1;
	case HP_KIND_INCOMING:
		return (flags & HP_SESSION_REPLIED) != 0;
	case HP_KIND_HAIRPIN:
		return c->settings.hairpin_filtered && (flags & HP_SESSION_MAPPED) &&
		       s->pool == HP_POOL_WAN;
	}
	return 0;
}

/*
 * Notes the peer of a session that lives already: it was made under a plan that did not ask for peers, or somebody has only now
 * answered. Without this, a change to address-dependent filtering would cut off remotes that are being spoken to.
 */
NAT_GLOBAL int nat_peer_adopt(struct nat_ctx *c, __u32 index)
{
	struct hp_session *s = nat_env_session(index);
	__u64 word;

	c = nat_env_own(c);
	if (!c || !s)
		return 0;
	word = s->word;
	if (nat_word_life(word) != HP_LIFE_ACTIVE || !nat_peer_is_due(c, s, nat_word_flags(word)))
		return 0;
	nat_peer_of_session(c, s);
	if (nat_peer_get(c))
		return 0;
	for (int i = 0; i < LIMIT_CAS_TRIES; i++) {
		__u64 now = s->word;

		/* Another session by now, or another CPU was faster. */
		if (nat_word_generation(now) != nat_word_generation(word) ||
		    nat_word_life(now) != HP_LIFE_ACTIVE || (nat_word_flags(now) & HP_SESSION_PEER))
			break;
		if (nat_env_cas(&s->word, now, now | nat_word(0, 0, 0, c->peer_flags)))
			return 1;
	}
	nat_peer_give(c, c->peer_flags);
	return 0;
}
