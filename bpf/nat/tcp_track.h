/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which TCP segments a session believes, from what is in flight in each direction.
 *
 * Whoever is not on the path can send anything from outside but does not know the numbers, and cannot speak for the inside: what
 * comes from there is taken at its word, and from WAN only a segment moves anything that acknowledges just what the inside has sent and
 * not yet seen acknowledged (an idle connection: one number of 2^32), with a sequence number in reach. So no forged segment lengthens what a
 * reset may then fit, and no forged FIN shortens a life. A forged reset of a live connection is answered by the inside with a
 * challenge (RFC 5961), and that takes the session back where it was.
 *
 * A window as conntrack keeps it, with scaling, was the alternative: twice the memory, and a connection whose SYN was missed stays
 * unchecked. Here what is not known fits nothing, and costs no more than a session that lives on for its idle time.
 *
 * Plain stores: packets of one direction come in order and mostly on one CPU, and a store that is lost against another is made good by the next
 * segment.
 */
#pragma once

#include <nat_env.h>

#include "ctx.h"
#include "tcp.h"
#include "word.h"

struct nat_segment {
	__u32 seq, end, ack; /* host byte order; ack: only where the flags say so */
	__u8 flags;
	__u8 outside; /* from WAN */
	__u8 reply;
};

static inline int nat_seq_after(__u32 a, __u32 b)
{
	return (__s32)(a - b) > 0;
}

static NAT_INLINE void nat_segment_read(struct nat_segment *seg, const struct nat_ctx *c,
					__u32 reply, __u8 side)
{
	seg->seq = nat_ntohl(c->in.tcp_seq);
	seg->end = seg->seq + c->in.tcp_octets;
	seg->ack = nat_ntohl(c->in.tcp_ack);
	seg->flags = c->in.tcp_flags;
	seg->outside = side == HP_SIDE_WAN;
	seg->reply = reply & 1;
}

/*
 * Whether a reset is one that its connection can have: of what the other side has not acknowledged yet, or the refusal of the
 * initiator's SYN.
 */
static NAT_INLINE int nat_reset_fits(const struct nat_segment *seg, const struct hp_tcp_track *own,
				     const struct hp_tcp_track *other, __u8 state)
{
	if (state == HP_TCP_SYN && seg->reply && !own->end)
		return (seg->flags & NAT_TCP_BIT_ACK) && other->end && seg->ack == other->end;
	if (!own->end || !other->ack || nat_seq_after(other->ack, own->end))
		return 0;
	return seg->seq - other->ack <= own->end - other->ack;
}

/* A SYN without ACK that begins something: there is nothing yet to compare it with. */
static NAT_INLINE int nat_segment_opens(const struct nat_segment *seg, __u8 state)
{
	if (nat_tcp_class(seg->flags) != NAT_TCP_SYN)
		return 0;
	return state == HP_TCP_SYN ||
	       (!seg->reply && nat_tcp_next(state, 0, seg->flags) == HP_TCP_SYN);
}

/* Whether a segment from WAN shows that its sender knows the connection. */
static NAT_INLINE int nat_segment_known(const struct nat_segment *seg,
					const struct hp_tcp_track *own,
					const struct hp_tcp_track *other)
{
	/* An initiator's first one has to be exact, since it proves the initiator. */
	__u32 lag = seg->reply ? LIMIT_TCP_FIRST_REACH : 0;

	if (!(seg->flags & NAT_TCP_BIT_ACK) || !other->end)
		return 0;
	if (own->ack && nat_seq_after(own->ack, other->end))
		return 0;
	if (own->ack)
		lag = other->end - own->ack;
	if (other->end - seg->ack > lag)
		return 0;
	return !other->ack || seg->seq - other->ack + LIMIT_TCP_REACH <= 2 * LIMIT_TCP_REACH;
}

static inline void nat_track_set(__u32 *field, __u32 value)
{
	if (*field != value)
		*field = value;
}

/* The first number of a direction: what was known of it before belonged to another connection. */
static NAT_INLINE void nat_track_begin(const struct nat_segment *seg, struct hp_tcp_track *own,
				       struct hp_tcp_track *other)
{
	if (own->end == seg->end)
		return;
	own->end = seg->end;
	own->ack = 0;
	other->ack = 0;
	if (!seg->reply && nat_tcp_class(seg->flags) == NAT_TCP_SYN)
		other->end = 0;
}

/*
 * What the inside acknowledges is what the outside has sent, whatever was believed: a forger's luck lasts until the next
 * acknowledgement, and segments that went past us unseen are made up for.
 */
static NAT_INLINE void nat_track_ack(const struct nat_segment *seg, struct hp_tcp_track *own,
				     struct hp_tcp_track *other)
{
	if (!(seg->flags & NAT_TCP_BIT_ACK) || (own->ack && nat_seq_after(own->ack, seg->ack)))
		return;
	nat_track_set(&own->ack, seg->ack);
	if (!seg->outside && other->end && other->end - seg->ack > LIMIT_TCP_REACH)
		other->end = seg->ack;
}

/* Takes note of a segment that is believed. */
static NAT_INLINE void nat_track(const struct nat_segment *seg, struct hp_tcp_track *own,
				 struct hp_tcp_track *other)
{
	if ((seg->flags & NAT_TCP_BIT_SYN) &&
	    (!seg->outside || nat_tcp_class(seg->flags) == NAT_TCP_SYN))
		nat_track_begin(seg, own, other);
	else if (!own->end || nat_seq_after(seg->end, own->end))
		own->end = seg->end;
	nat_track_ack(seg, own, other);
}

/* What a believed segment says of its session, beside the state. */
static NAT_INLINE __u16 nat_segment_flags(const struct nat_segment *seg, __u64 word)
{
	if (seg->reply)
		return HP_SESSION_REPLIED;
	if (nat_tcp_class(seg->flags) == NAT_TCP_SYN)
		return 0;
	return nat_word_flags(word) & HP_SESSION_REPLIED ? HP_SESSION_PROVEN : 0;
}

/*
 * One segment of the known session @s, whose word was seen as @word. The next state in bits 0-7 and flags that are new from bit 8
 * on, or -1: it changes nothing, and does not count as a sign of life. It takes no key of a map.
 */
NAT_GLOBAL int nat_tcp_note(struct nat_ctx *c, struct hp_session *s, __u64 word)
{
	struct hp_tcp_track *own, *other;
	__u8 state = nat_word_tcp(word), next;
	struct nat_segment seg;

	if (!c || !s)
		return -1;
	nat_segment_read(&seg, c, c->ref.reply, c->ref.reply ? s->reply_side : s->orig_side);
	own = seg.reply ? &s->tcp[1] : &s->tcp[0];
	other = seg.reply ? &s->tcp[0] : &s->tcp[1];
	next = nat_tcp_next(state, seg.reply, seg.flags);
	if (nat_tcp_class(seg.flags) == NAT_TCP_RST) {
		/* Resets do not keep alive what they have ended. */
		if (nat_reset_fits(&seg, own, other, state))
			return next == state ? -1 : next;
		nat_env_stat(HP_STAT_RESET_IGNORED);
		return -1;
	}
	if (seg.outside && !nat_segment_opens(&seg, state) && !nat_segment_known(&seg, own, other))
		return -1;
	nat_track(&seg, own, other);
	return next | nat_segment_flags(&seg, word) << 8;
}

/* The state in which the drafted session begins with the packet at hand, and what is in flight of it. */
static NAT_INLINE __u8 nat_tcp_open(struct nat_ctx *c)
{
	__u8 side = c->in.v6 ? c->in.flow6.side : c->in.flow4.side;
	__u32 reply = side != c->draft.orig_side;
	struct nat_segment seg;

	if (c->draft.proto != 6)
		return HP_TCP_NONE;
	nat_segment_read(&seg, c, reply, side);
	if (reply)
		nat_track(&seg, &c->draft.tcp[1], &c->draft.tcp[0]);
	else
		nat_track(&seg, &c->draft.tcp[0], &c->draft.tcp[1]);
	if (!seg.outside || nat_tcp_class(seg.flags) == NAT_TCP_SYN)
		return nat_tcp_next(HP_TCP_NONE, reply, seg.flags);
	/* Taken up from outside: it has yet to acknowledge something that the inside sends. */
	c->draft.tcp[0].ack = 0;
	return HP_TCP_SYN_ACK;
}
