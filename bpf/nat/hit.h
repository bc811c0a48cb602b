/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A packet of a known session: what is done with it follows from the session alone. */
#pragma once

#include "session.h"

static inline int nat_has_ports(const struct nat_ctx *c)
{
	return c->in.proto == 6 || c->in.proto == 17 || c->in.icmp == NAT_ICMP_REQUEST;
}

/* Neither TCP, UDP nor ICMP: nothing of it is known but its number (unknown.h). */
static inline int nat_is_unknown(const struct nat_ctx *c)
{
	return c->in.proto != 6 && c->in.proto != 17 && c->in.icmp == NAT_ICMP_NONE;
}

/* The counter of a packet that was translated, by the sides that it goes from and to. */
static inline enum hp_reason nat_sent_reason(const struct nat_ctx *c, __u8 from, __u8 to)
{
	if (nat_is_unknown(c))
		return HP_SENT_UNKNOWN;
	if (from == HP_SIDE_WAN)
		return HP_SENT_INCOMING;
	return to == HP_SIDE_WAN ? HP_SENT_OUTGOING : HP_SENT_HAIRPIN;
}

/* The tuple that a packet of this direction leaves with. */
static NAT_INLINE void nat_hit_rewrite(struct nat_ctx *c, const struct hp_session *s)
{
	if (!c->ref.reply) {
		c->out = s->v4.xlat;
		return;
	}
	c->out.saddr = s->v4.orig.daddr;
	c->out.daddr = s->v4.orig.saddr;
	c->out.sport = s->v4.orig.dport;
	c->out.dport = s->v4.orig.sport;
}

/* Whether the packet's tuple is the one that the session has in this direction. */
static NAT_INLINE int nat_hit_is_of(const struct nat_ctx *c, const struct hp_session *s)
{
	const struct hp_tuple4 *t = c->ref.reply ? &s->v4.xlat : &s->v4.orig;
	const struct hp_flow4 *in = &c->in.flow4;

	if (c->ref.reply)
		return in->saddr == t->daddr && in->daddr == t->saddr && in->sport == t->dport &&
		       in->dport == t->sport;
	return in->saddr == t->saddr && in->daddr == t->daddr && in->sport == t->sport &&
	       in->dport == t->dport;
}

static inline int nat_hit_translated(const struct nat_ctx *c)
{
	return c->out.saddr != c->in.flow4.saddr || c->out.daddr != c->in.flow4.daddr ||
	       c->out.sport != c->in.flow4.sport || c->out.dport != c->in.flow4.dport;
}

static NAT_FUNCTION int nat_hit(struct nat_ctx *c, struct hp_session *s)
{
	__u8 from = c->ref.reply ? s->reply_side : s->orig_side;
	__u8 to = c->ref.reply ? s->orig_side : s->reply_side;

	c->expected = c->ref.reply || (nat_word_flags(s->word) & HP_SESSION_PROVEN);
	nat_session_note(c, s);
	/* Only now its host has spoken to the one that came from outside. */
	if (s->kind == HP_KIND_INCOMING && c->ref.reply &&
	    nat_peer_is_due(c, s, nat_word_flags(s->word)))
		nat_peer_adopt(c, c->ref.index);
	if (c->in.v6)
		return nat_verdict(c, NAT_PASS,
				   s->orig_side == HP_SIDE_HOST ? HP_PASS_OWN_FLOW
								: HP_PASS_ROUTED6);
	if (s->kind == HP_KIND_ROUTED)
		return nat_verdict(c, NAT_PASS, HP_PASS_LAN);
	/* An index is used again, and its new owner's word may be what was read: the tuple decides. */
	if (!nat_hit_is_of(c, s))
		return nat_verdict(c, NAT_DROP, HP_DROP_RACE);
	nat_hit_rewrite(c, s);
	if (s->kind == HP_KIND_HOST)
		return nat_verdict(c, nat_hit_translated(c) ? NAT_DELIVER : NAT_PASS,
				   HP_PASS_OWN_FLOW);
	c->to_wan = to == HP_SIDE_WAN;
	c->known = 1;
	return nat_verdict(c, NAT_SEND, nat_sent_reason(c, from, to));
}

/* Sends the first packet of the session just made from the draft. */
static NAT_INLINE int nat_send_first(struct nat_ctx *c)
{
	c->out = c->draft.v4.xlat;
	c->to_wan = c->draft.reply_side == HP_SIDE_WAN;
	return nat_verdict(c, NAT_SEND,
			   nat_sent_reason(c, c->draft.orig_side, c->draft.reply_side));
}

/*
 * A session could not be made, for @reason. Who is refused for want of room, or because it has as much as one host may, is told so, and nobody's
 * session makes room for it (RFC 5508 REQ-8, RFC 6888 REQ-11). Not for HP_DROP_HOST_RATE: an error ends what its repetition, a second later, would open.
 * The gateway's own stack sees no error that we would send.
 */
static NAT_FUNCTION int nat_not_opened(struct nat_ctx *c, int reason)
{
	switch (reason) {
	case HP_DROP_NO_PORT:
	case HP_DROP_TABLE_FULL:
	case HP_DROP_HOST_LIMIT:
		if (c->in.flow4.side == HP_SIDE_LAN ||
		    (c->in.flow4.side == HP_SIDE_WAN && !c->settings.silent))
			return nat_refuse(c, reason, NAT_SAY_PROHIBITED);
		break;
	case HP_DROP_NO_ROUTE:
	case HP_DROP_NO_WAN:
		if (c->in.flow4.side == HP_SIDE_LAN)
			return nat_refuse(c, reason, NAT_SAY_HOST);
	}
	return nat_verdict(c, NAT_DROP, reason);
}

/*
 * Whether the packet may be taken for the middle of a connection whose session is lost. Not a SYN-ACK: that is the answer to a SYN that we
 * should have seen, and to an invented one after its session made room (unproven.h).
 */
static inline int nat_is_midstream(const struct nat_ctx *c)
{
	enum nat_tcp_flags class = nat_tcp_class(c->in.tcp_flags);

	return c->settings.pickup && c->in.proto == 6 && (c->in.tcp_flags & NAT_TCP_BIT_ACK) &&
	       (class == NAT_TCP_ACK || class == NAT_TCP_FIN);
}

/* Whether the packet may open a session; -1 and a drop reason in c->reason if it may not. */
static NAT_INLINE int nat_may_open(struct nat_ctx *c)
{
	if (c->in.proto == 6 && nat_tcp_class(c->in.tcp_flags) != NAT_TCP_SYN &&
	    !nat_is_midstream(c))
		c->reason = HP_DROP_NO_SESSION;
	else if (c->in.icmp == NAT_ICMP_ERROR)
		c->reason = HP_DROP_ICMP_ERROR;
	else if (c->in.icmp != NAT_ICMP_NONE && c->in.icmp != NAT_ICMP_REQUEST)
		c->reason = HP_DROP_ICMP_TYPE;
	else
		return 0;
	return -1;
}

/* An empty draft for the packet's own tuple, untranslated. */
static NAT_INLINE void nat_draft4(struct nat_ctx *c, __u8 kind, __u8 reply_side)
{
	__builtin_memset(&c->draft, 0, sizeof(c->draft));
	c->draft.v4.orig.saddr = c->draft.v4.xlat.saddr = c->in.flow4.saddr;
	c->draft.v4.orig.daddr = c->draft.v4.xlat.daddr = c->in.flow4.daddr;
	c->draft.v4.orig.sport = c->draft.v4.xlat.sport = c->in.flow4.sport;
	c->draft.v4.orig.dport = c->draft.v4.xlat.dport = c->in.flow4.dport;
	c->draft.proto = c->in.proto;
	c->draft.kind = kind;
	c->draft.orig_side = c->in.flow4.side;
	c->draft.reply_side = reply_side;
	c->draft.service = 0xffffffff;
}

/*
 * Gives the drafted session's source a mapping on @ext_addr and writes it into xlat. 0, or the reason for a drop.
 */
static NAT_INLINE int nat_draft_map_source(NAT_ENV *env, struct nat_ctx *c, __be32 ext_addr,
					   __u8 pool)
{
	int ret;

	c->mapping_key = (struct hp_mapping_key){.addr = c->draft.v4.orig.saddr,
						 .port = c->draft.v4.orig.sport,
						 .proto = c->draft.proto,
						 .pool = pool,
						 .via = pool == HP_POOL_GATEWAY ? ext_addr : 0};
	c->mapping.ext_addr = ext_addr;
	c->mapping.host = c->draft.orig_side == HP_SIDE_HOST;
	ret = nat_mapping_get(env, c);
	if (ret)
		return ret;
	c->draft.pool = pool;
	c->draft.v4.xlat.saddr = c->mapping.ext_addr;
	c->draft.v4.xlat.sport = c->mapping.ext_port;
	return 0;
}

/*
 * For a draft that has its mapping: notes whom its host speaks to, if the plan wants to know, and opens the session. 0, or the reason for a drop
 * with everything given back.
 */
static NAT_INLINE int nat_draft_open(struct nat_ctx *c)
{
	int ret;

	if (nat_peer_is_due(c, &c->draft, nat_word_flags(c->draft.word))) {
		nat_peer_of_session(c, &c->draft);
		ret = nat_peer_get(c);
		if (ret) {
			nat_session_release(c, &c->draft, nat_word_flags(c->draft.word), !c->fresh);
			return ret;
		}
		c->draft.word |= nat_word(0, HP_LIFE_FREE, 0, c->peer_flags);
	}
	return nat_session_create(c, nat_word_flags(c->draft.word));
}
