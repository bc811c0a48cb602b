/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What outsiders may take of the table.
 *
 * A session that began outside is unproven until its initiator has shown that it gets our answers (tcp_track.h). Anybody can
 * invent those by the million, so they share a ring of an eighth of the table, where the next one takes the place of the oldest: a flood
 * of invented addresses replaces itself, and an honest client has the time that the flood needs for one round. Each place is used
 * once a round, whether its session was proven meanwhile or not, so that no search is needed.
 *
 * What is proven is real, and never ended for another one (RFC 6888 REQ-11d); but real addresses can be many too, and so a quarter of
 * the table is the inside's alone.
 */
#pragma once

#include <nat_env.h>

#include "ctx.h"
#include "word.h"

NAT_GLOBAL int nat_session_end(struct nat_ctx *c, __u32 index, __u64 word);

static NAT_INLINE __u64 nat_unproven_word(__u32 index, __u32 generation)
{
	return generation | (__u64)index << HP_UNPROVEN_INDEX_SHIFT;
}

/* Ends the session that a place of the ring names, unless it was proven or is over. */
static NAT_INLINE void nat_unproven_end(struct nat_ctx *c, __u64 place)
{
	__u32 index = (__u32)(place >> HP_UNPROVEN_INDEX_SHIFT);
	struct hp_session *s = nat_env_session(index);

	for (int i = 0; s && i < LIMIT_CAS_TRIES; i++) {
		__u64 word = s->word;
		__u16 flags = nat_word_flags(word);

		if (nat_word_generation(word) != (__u32)place ||
		    nat_word_life(word) != HP_LIFE_ACTIVE || !(flags & HP_SESSION_OUTSIDE) ||
		    (flags & HP_SESSION_PROVEN))
			return;
		if (nat_session_end(c, index, word)) {
			nat_env_stat(HP_STAT_REPLACED);
			return;
		}
	}
}

/*
 * Makes room for a session that begins outside and counts it. The answer is its place in the ring, for nat_outside_note(), or -1: outsiders
 * have as much as they may. Who ends the session counts it out of HP_TOTAL_OUTSIDE.
 */
NAT_GLOBAL int nat_outside_enter(struct nat_ctx *c)
{
	__u32 sessions = (__u32)nat_env_total(HP_TOTAL_SESSIONS);
	__u32 places = sessions / LIMIT_UNPROVEN_SHARE;
	struct hp_unproven *place;
	__u32 next;

	c = nat_env_own(c);
	if (!c)
		return -1;
	next = (__u32)nat_env_total_add(HP_TOTAL_PLACES, 1) % (places ? places : 1);
	place = nat_env_unproven(next);
	if (!place)
		return -1;
	nat_unproven_end(c, place->word);
	if (nat_env_total_add(HP_TOTAL_OUTSIDE, 1) >= sessions - sessions / LIMIT_INSIDE_SHARE) {
		nat_env_total_add(HP_TOTAL_OUTSIDE, -1);
		return -1;
	}
	return (int)next;
}

/* The session that was made after nat_outside_enter(). */
static NAT_INLINE void nat_outside_note(__u32 place, __u32 index, __u32 generation)
{
	struct hp_unproven *at = nat_env_unproven(place);

	if (at)
		at->word = nat_unproven_word(index, generation);
}
