/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions: found by the tuple of a packet, made from a draft, ended by whoever wins the compare-and-exchange.
 *
 * A session is complete before its flows are inserted and its flows are gone before its index is free again, so that a flow found is a session
 * that can be read. A generation that differs, or a life that is not ACTIVE, means that the flow is a leftover of the moment: it counts as absent.
 */
#pragma once

#include <nat_env.h>

#include "ctx.h"
#include "mapping.h"
#include "peer.h"
#include "tcp_track.h"
#include "unproven.h"
#include "word.h"

static NAT_INLINE void nat_flow4_key(struct hp_flow4 *key, const struct hp_tuple4 *tuple,
				     __u8 proto, __u8 side)
{
	key->saddr = tuple->saddr;
	key->daddr = tuple->daddr;
	key->sport = tuple->sport;
	key->dport = tuple->dport;
	key->proto = proto;
	key->side = side;
	key->zero = 0;
}

static NAT_INLINE void nat_flow4_key_reverse(struct hp_flow4 *key, const struct hp_tuple4 *tuple,
					     __u8 proto, __u8 side)
{
	key->saddr = tuple->daddr;
	key->daddr = tuple->saddr;
	key->sport = tuple->dport;
	key->dport = tuple->sport;
	key->proto = proto;
	key->side = side;
	key->zero = 0;
}

/* Both flow keys of @s into c->key4 and c->key4_reply, or their IPv6 twins. */
static NAT_FUNCTION void nat_session_keys(struct nat_ctx *c, const struct hp_session *s)
{
	if (nat_word_flags(s->word) & HP_SESSION_V6) {
		nat_copy16(c->key6.saddr, s->v6.saddr);
		nat_copy16(c->key6.daddr, s->v6.daddr);
		nat_copy16(c->key6_reply.saddr, s->v6.daddr);
		nat_copy16(c->key6_reply.daddr, s->v6.saddr);
		c->key6.sport = c->key6_reply.dport = s->v6.sport;
		c->key6.dport = c->key6_reply.sport = s->v6.dport;
		c->key6.proto = c->key6_reply.proto = s->proto;
		c->key6.zero = c->key6_reply.zero = 0;
		c->key6.side = s->orig_side;
		c->key6_reply.side = s->reply_side;
		return;
	}
	nat_flow4_key(&c->key4, &s->v4.orig, s->proto, s->orig_side);
	nat_flow4_key_reverse(&c->key4_reply, &s->v4.xlat, s->proto, s->reply_side);
}

/* The mapping that a session of IPv4 holds. */
static NAT_INLINE void nat_session_mapping_key(struct nat_ctx *c, const struct hp_session *s)
{
	c->mapping_key.addr = s->v4.orig.saddr;
	c->mapping_key.port = s->v4.orig.sport;
	c->mapping_key.proto = s->proto;
	c->mapping_key.pool = s->pool;
	c->mapping_key.via = s->pool == HP_POOL_GATEWAY ? s->v4.xlat.saddr : 0;
}

/* The host that began the session, into c->host_key. */
static NAT_INLINE void nat_session_host_key(struct nat_ctx *c, const struct hp_session *s,
					    __u16 flags)
{
	if (flags & HP_SESSION_V6)
		nat_copy16(c->host_key.addr, s->v6.saddr);
	else
		nat_v4_mapped(c->host_key.addr, s->v4.orig.saddr);
	if (flags & HP_SESSION_COUNTED_NET)
		nat_host_key_net(c);
}

/* Gives back what a session holds and where it is counted, as its @flags say; ports that nothing else holds rest, if @rest. */
static NAT_INLINE void nat_session_release(struct nat_ctx *c, const struct hp_session *s,
					   __u16 flags, __u32 rest)
{
	if (flags & HP_SESSION_COUNTED) {
		nat_session_host_key(c, s, flags);
		nat_host_give(c, HP_HOST_SESSION_ONE);
	}
	if (flags & HP_SESSION_MAPPED) {
		nat_session_mapping_key(c, s);
		nat_mapping_release(c, &c->mapping_key, rest);
	}
	if (flags & HP_SESSION_TARGET) {
		c->mapping_key = (struct hp_mapping_key){
			.addr = s->v4.xlat.daddr, .port = s->v4.xlat.dport, .proto = s->proto};
		nat_mapping_release(c, &c->mapping_key, 1);
	}
	if (flags & HP_SESSION_PEER) {
		nat_peer_of_session(c, s);
		nat_peer_give(c, flags);
	}
	if (flags & HP_SESSION_OUTSIDE)
		nat_env_total_add(HP_TOTAL_OUTSIDE, -1);
}

/* By key, and only while it is this session's: the tuple may have been given to another one since. */
static NAT_INLINE int nat_flow_is_of(const struct hp_flow_ref *ref, __u32 index, __u32 generation)
{
	return ref && ref->index == index && ref->generation == generation;
}

static NAT_INLINE void nat_session_delete_flows4(struct nat_ctx *c, __u32 index, __u32 generation)
{
	if (nat_flow_is_of(nat_env_flow4(&c->key4), index, generation))
		nat_env_flow4_delete(&c->key4);
	if (nat_flow_is_of(nat_env_flow4(&c->key4_reply), index, generation))
		nat_env_flow4_delete(&c->key4_reply);
}

static NAT_INLINE void nat_session_delete_flows6(struct nat_ctx *c, __u32 index, __u32 generation)
{
	if (nat_flow_is_of(nat_env_flow6(&c->key6), index, generation))
		nat_env_flow6_delete(&c->key6);
	if (nat_flow_is_of(nat_env_flow6(&c->key6_reply), index, generation))
		nat_env_flow6_delete(&c->key6_reply);
}

/* The flows of c->key4 or c->key6 and their replies, for the session @index in @generation. */
static NAT_INLINE void nat_session_delete_flows(struct nat_ctx *c, __u32 index, __u32 generation,
						__u16 flags)
{
	if (flags & HP_SESSION_V6)
		nat_session_delete_flows6(c, index, generation);
	else
		nat_session_delete_flows4(c, index, generation);
}

static NAT_INLINE long nat_session_pop(__u32 *ret_index)
{
	long ret = nat_env_free_pop(ret_index);

	if (!ret)
		nat_env_total_add(HP_TOTAL_FREE, -1);
	return ret;
}

static NAT_INLINE void nat_session_push(__u32 index)
{
	nat_env_free_push(index);
	nat_env_total_add(HP_TOTAL_FREE, 1);
}

/* Ends the session whose word was seen as @word. 1: ended here, 0: somebody else did. */
NAT_GLOBAL int nat_session_end(struct nat_ctx *c, __u32 index, __u64 word)
{
	struct hp_session *s = nat_env_session(index);
	__u32 generation = nat_word_generation(word);
	__u16 flags = nat_word_flags(word);

	c = nat_env_own(c);
	if (!c || !s || !nat_env_cas(&s->word, word, nat_word(generation, HP_LIFE_DYING, 0, flags)))
		return 0;
	nat_session_keys(c, s);
	nat_session_delete_flows(c, index, generation, flags);
	nat_session_release(c, s, flags, 1);
	s->word = nat_word(nat_generation_next(generation), HP_LIFE_FREE, 0, 0);
	nat_session_push(index);
	return 1;
}

static inline __u32 nat_session_timeout_s(const struct nat_ctx *c, const struct hp_session *s,
					  __u64 word)
{
	__be16 dport;

	if (s->proto != 17)
		return nat_timeout_s(&c->settings, s->proto, nat_word_tcp(word));
	dport = nat_word_flags(word) & HP_SESSION_V6 ? s->v6.dport : s->v4.orig.dport;
	return nat_timeout_udp_s(&c->settings, nat_ntohs(dport));
}

static inline int nat_session_expired(const struct nat_ctx *c, const struct hp_session *s,
				      __u64 word)
{
	/* Signed: another CPU may have stamped it with a later second than ours. */
	return (__s32)(c->in.now_s - s->last_seen_s) >= (__s32)nat_session_timeout_s(c, s, word);
}

/* The session behind c->ref, if that is still the one the flow was made for and its time is not up. */
static NAT_FUNCTION struct hp_session *nat_session_of_ref(struct nat_ctx *c)
{
	struct hp_session *s = nat_env_session(c->ref.index);
	__u64 word;

	if (!s)
		return NULL;
	word = s->word;
	if (nat_word_generation(word) != c->ref.generation || nat_word_life(word) != HP_LIFE_ACTIVE)
		return NULL;
	if (!nat_session_expired(c, s, word))
		return s;
	nat_session_end(c, c->ref.index, word);
	return NULL;
}

/* The session of the tuple in c->in; which direction of it that is stands in c->ref.reply. */
static NAT_FUNCTION struct hp_session *nat_session_of_tuple(struct nat_ctx *c)
{
	struct hp_flow_ref *ref =
		c->in.v6 ? nat_env_flow6(&c->in.flow6) : nat_env_flow4(&c->in.flow4);

	if (!ref)
		return NULL;
	c->ref = *ref;
	return nat_session_of_ref(c);
}

/* The session of the packet itself. ICMP other than queries has no id: its tuple would be that of the query with id 0. */
static NAT_INLINE struct hp_session *nat_session_find(struct nat_ctx *c)
{
	if (c->in.icmp != NAT_ICMP_NONE && c->in.icmp != NAT_ICMP_REQUEST &&
	    c->in.icmp != NAT_ICMP_REPLY)
		return NULL;
	return nat_session_of_tuple(c);
}

/* What a packet changes in its session's word: the TCP state in bits 0-7, flags from bit 8 on. -1: nothing, not even the time. */
static NAT_INLINE int nat_session_learns(struct nat_ctx *c, struct hp_session *s, __u64 word)
{
	if (s->proto == 6)
		return nat_tcp_note(c, s, word);
	if (c->ref.reply)
		return HP_SESSION_REPLIED << 8;
	return nat_word_flags(word) & HP_SESSION_REPLIED ? HP_SESSION_PROVEN << 8 : 0;
}

/*
 * Any packet of either direction keeps a session, and with it its mapping (RFC 4787 REQ-6, REQ-6a), but a reset, which is no sign of life (RFC 7857
 * section 7.1): where it leads to a shorter timer that one begins now, unless the old one would have run out before.
 */
static NAT_INLINE void nat_session_touch(struct nat_ctx *c, struct hp_session *s, __u8 old,
					 __u8 new)
{
	__u32 seen_s = c->in.now_s;

	if (s->proto == 6 && nat_tcp_class(c->in.tcp_flags) == NAT_TCP_RST) {
		seen_s = s->last_seen_s + nat_timeout_s(&c->settings, 6, old) -
			 nat_timeout_s(&c->settings, 6, new);
		if ((__s32)(seen_s - c->in.now_s) > 0)
			seen_s = c->in.now_s;
	}
	if ((__s32)(seen_s - s->last_seen_s) >= SESSION_TOUCH_S)
		s->last_seen_s = seen_s;
}

/* Takes note of one packet: last seen, answered, proven, TCP state. */
static NAT_INLINE void nat_session_note(struct nat_ctx *c, struct hp_session *s)
{
	__u64 old = s->word, new;
	int learnt = nat_session_learns(c, s, old);

	if (learnt < 0)
		return;
	nat_session_touch(c, s, nat_word_tcp(old), (__u8)learnt);
	new = nat_word(nat_word_generation(old), HP_LIFE_ACTIVE, (__u8)learnt,
		       nat_word_flags(old) | (__u16)(learnt >> 8));
	/* A lost exchange means that another packet of the session was noted; the next one finds the rest. */
	if (new != old &&
	    nat_word_generation(old) == c->ref.generation &&nat_word_life(old) == HP_LIFE_ACTIVE)
		nat_env_cas(&s->word, old, new);
}

static NAT_INLINE long nat_flow_add(struct nat_ctx *c, __u16 flags, __u32 reply)
{
	c->ref.reply = reply;
	if (flags & HP_SESSION_V6)
		return nat_env_flow6_add(reply ? &c->key6_reply : &c->key6, &c->ref);
	return nat_env_flow4_add(reply ? &c->key4_reply : &c->key4, &c->ref);
}

/* Inserts both flows of the drafted session. 0, or the reason for a drop with neither inserted. */
static NAT_INLINE int nat_session_add_flows(struct nat_ctx *c, __u16 flags)
{
	long ret = nat_flow_add(c, flags, 0);

	if (ret)
		return ret == NAT_EEXIST ? HP_DROP_RACE : HP_DROP_TABLE_FULL;
	if (flags & HP_SESSION_SELF)
		return 0;
	ret = nat_flow_add(c, flags, 1);
	if (!ret)
		return 0;
	if (flags & HP_SESSION_V6)
		nat_env_flow6_delete(&c->key6);
	else
		nat_env_flow4_delete(&c->key4);
	return ret == NAT_EEXIST ? HP_DROP_CLASH : HP_DROP_TABLE_FULL;
}

static inline int nat_flow4_equal(const struct hp_flow4 *a, const struct hp_flow4 *b)
{
	return a->saddr == b->saddr && a->daddr == b->daddr && a->sport == b->sport &&
	       a->dport == b->dport && a->side == b->side;
}

/*
 * Ends an expired session that still sits on the drafted session's reply tuple: the sweep comes by once in SWEEP_PERIOD_S, and its
 * port is free at the end of its time, not up to so much later.
 */
static NAT_INLINE void nat_session_clear_reply(struct nat_ctx *c, __u16 flags)
{
	struct hp_flow_ref *ref = flags & HP_SESSION_V6 ? nat_env_flow6(&c->key6_reply)
							: nat_env_flow4(&c->key4_reply);

	if (!ref)
		return;
	c->ref = *ref;
	nat_session_of_ref(c);
}

/* Writes the draft into the free session @index; the word last, since the sweep reads whatever is ACTIVE. */
static NAT_INLINE int nat_session_fill(struct nat_ctx *c, struct hp_session *s, __u32 index,
				       __u16 flags)
{
	__u32 generation = nat_generation_next(nat_word_generation(s->word));
	__u8 tcp;

	if (!(flags & HP_SESSION_V6) && nat_flow4_equal(&c->key4, &c->key4_reply))
		flags |= HP_SESSION_SELF;
	c->draft.word = nat_word(generation, HP_LIFE_DYING, 0, flags);
	c->draft.created_s = c->draft.last_seen_s = c->in.now_s;
	tcp = nat_tcp_open(c);
	*s = c->draft;
	c->draft.word = nat_word(generation, HP_LIFE_ACTIVE, tcp, flags);
	s->word = c->draft.word;
	c->ref.index = index;
	c->ref.generation = generation;
	return nat_session_add_flows(c, flags);
}

static NAT_INLINE int nat_session_lives(__u64 word, __u32 generation)
{
	return nat_word_generation(word) == generation && nat_word_life(word) == HP_LIFE_ACTIVE;
}

/*
 * The session is filled; @ret says whether its flows are in. In the meantime a packet may have been noted in its word, which is
 * no harm, or an audit may have ended it. Who ends it gives back what it had, and nobody twice.
 */
static NAT_INLINE int nat_session_settle(struct nat_ctx *c, struct hp_session *s, __u32 index,
					 int ret)
{
	__u32 generation = nat_word_generation(c->draft.word);
	__u16 flags = nat_word_flags(c->draft.word);
	__u64 word = s->word;

	if (!ret && nat_session_lives(word, generation))
		return 0;
	if (!ret) {
		nat_session_delete_flows(c, index, generation, flags);
		return HP_DROP_RACE;
	}
	for (int i = 0; i < LIMIT_CAS_TRIES && nat_session_lives(word, generation); i++) {
		if (nat_env_cas(&s->word, word, nat_word(generation, HP_LIFE_FREE, 0, 0))) {
			/* Of the word: a peer may have been adopted meanwhile. */
			nat_session_release(c, &c->draft, nat_word_flags(word), !c->fresh);
			nat_session_push(index);
			break;
		}
		word = s->word;
	}
	return ret;
}

/* What a host inside begins counts as its own: COUNTED among *flags then. 0, or the reason for a drop. */
static NAT_INLINE int nat_session_count(struct nat_ctx *c, __u16 *flags)
{
	int ret;

	if (c->draft.orig_side != HP_SIDE_LAN)
		return 0;
	nat_session_host_key(c, &c->draft, *flags);
	ret = nat_host_take(c, HP_HOST_SESSION_ONE);
	if (!ret)
		*flags |= HP_SESSION_COUNTED;
	if (ret != NAT_HOST_CROWDED)
		return ret;
	nat_host_key_net(c);
	ret = nat_host_take(c, HP_HOST_SESSION_ONE);
	if (!ret)
		*flags |= HP_SESSION_COUNTED | HP_SESSION_COUNTED_NET;
	return ret;
}

/*
 * Makes the session drafted in c->draft (all but word and times), taking over the references to mappings that
 * @flags names (MAPPED, TARGET, PEER). 0, or the reason for a drop; the references are given back then.
 */
NAT_GLOBAL int nat_session_create(struct nat_ctx *c, __u16 flags)
{
	struct hp_session *s;
	__u32 index = 0;
	int ret, place = -1;

	c = nat_env_own(c);
	if (!c)
		return HP_DROP_MALFORMED;
	if (c->draft.orig_side == HP_SIDE_WAN) {
		place = nat_outside_enter(c);
		if (place < 0) {
			nat_session_release(c, &c->draft, flags, !c->fresh);
			return HP_DROP_TABLE_FULL;
		}
		flags |= HP_SESSION_OUTSIDE;
	}
	c->draft.word = nat_word(0, HP_LIFE_FREE, 0, flags);
	nat_session_keys(c, &c->draft);
	nat_session_clear_reply(c, flags);
	nat_session_keys(c, &c->draft);
	ret = nat_session_count(c, &flags);
	if (!ret && (nat_session_pop(&index) || !(s = nat_env_session(index))))
		ret = HP_DROP_TABLE_FULL;
	if (ret) {
		nat_session_release(c, &c->draft, flags, !c->fresh);
		return ret;
	}
	ret = nat_session_fill(c, s, index, flags);
	ret = nat_session_settle(c, s, index, ret);
	if (!ret && place >= 0)
		nat_outside_note((__u32)place, index, c->ref.generation);
	return ret;
}
