/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ICMP errors about packets that went through the NAT (RFC 5508 section 4.2, RFC 4787 REQ-12, RFC 5382 REQ-9): whose packet the quoted one is, and
 * what the error has to look like to whoever sent it.
 *
 * An error arrives on the side to which the quoted packet went. So the quote turned round is a tuple of that side, and the session's
 * other tuple, turned round again, is the quoted packet as it was sent.
 *
 * No error is noted in its session: none makes it live longer, none ends it (RFC 4787 REQ-12, RFC 5382 REQ-10, RFC 5508 REQ-6). None is judged by its
 * source: every router on the way may be the one to say it. The quote is the proof.
 */
#pragma once

#include "filter.h"
#include "hit.h"

/* Not an enum nat_action: the error is about no session. */
#define NAT_ICMP_UNKNOWN (-1)

/* The session of the quoted packet; c->ref.reply is 1 if its initiator sent that packet. */
static NAT_INLINE struct hp_session *nat_icmp_session(struct nat_ctx *c)
{
	struct hp_flow_ref *ref;

	c->key4.saddr = c->in.quote4.daddr;
	c->key4.daddr = c->in.quote4.saddr;
	c->key4.sport = c->in.quote4.dport;
	c->key4.dport = c->in.quote4.sport;
	c->key4.proto = c->in.quote4.proto;
	c->key4.side = c->in.flow4.side;
	c->key4.zero = 0;
	ref = nat_env_flow4(&c->key4);
	if (!ref)
		return NULL;
	c->ref = *ref;
	return nat_session_of_ref(c);
}

/* Whether the quote is a packet that the session brought here: an index is used again, as for nat_hit_is_of(). */
static NAT_INLINE int nat_icmp_is_of(const struct nat_ctx *c, const struct hp_session *s)
{
	const struct hp_flow4 *quote = &c->in.quote4;
	const struct hp_tuple4 *t = c->ref.reply ? &s->v4.xlat : &s->v4.orig;

	if (c->ref.reply)
		return quote->saddr == t->saddr && quote->daddr == t->daddr &&
		       quote->sport == t->sport && quote->dport == t->dport;
	return quote->saddr == t->daddr && quote->daddr == t->saddr && quote->sport == t->dport &&
	       quote->dport == t->sport;
}

/*
 * Whether an error from a LAN comes from the segment to which the quoted packet went, and not in the name of an address that is elsewhere. A router
 * inside may well have a source that no network of ours holds.
 */
static NAT_INLINE int nat_icmp_fits_segment(struct nat_ctx *c)
{
	const struct hp_prefix *net = nat_net4(c, c->in.quote4.daddr);

	if (!net || net->kind != HP_NET_LAN || net->ifindex != c->in.ifindex)
		return 0;
	if (nat_is_martian4(c->in.flow4.saddr))
		return 0;
	net = nat_net4(c, c->in.flow4.saddr);
	return !net || (net->kind == HP_NET_LAN && net->ifindex == c->in.ifindex);
}

/*
 * c->out is what an answer to the quoted packet would leave with. c->quote_out becomes the quoted packet as it was sent, c->out the error's own
 * addresses: from outside in the name of the router that says it (REQ-4), from inside in the name of the address that the sender spoke to
 * (REQ-5c, REQ-7a).
 */
static NAT_INLINE void nat_icmp_restore(struct nat_ctx *c)
{
	c->quote_out.saddr = c->out.daddr;
	c->quote_out.daddr = c->out.saddr;
	c->quote_out.sport = c->out.dport;
	c->quote_out.dport = c->out.sport;
	if (c->in.flow4.side == HP_SIDE_WAN)
		c->out.saddr = c->in.flow4.saddr;
}

static inline int nat_icmp_restored(const struct nat_ctx *c)
{
	return c->quote_out.saddr != c->in.quote4.saddr ||
	       c->quote_out.daddr != c->in.quote4.daddr ||
	       c->quote_out.sport != c->in.quote4.sport ||
	       c->quote_out.dport != c->in.quote4.dport || c->out.saddr != c->in.flow4.saddr;
}

/* About a flow of the gateway itself: the stack's, on its way in and out. */
static NAT_INLINE int nat_icmp_of_host(struct nat_ctx *c)
{
	return nat_verdict(c, nat_icmp_restored(c) ? NAT_DELIVER : NAT_PASS,
			   c->in.flow4.side == HP_SIDE_HOST ? HP_PASS_OWN_FLOW
							    : HP_PASS_ICMP_ERROR);
}

/*
 * Whether the quote is a datagram that came in without a session (nat_wan_dynamic()): then the mapping is still there, and its filtering still lets that
 * remote in. c->out is made.
 */
static NAT_INLINE int nat_icmp_of_mapping(struct nat_ctx *c)
{
	const struct hp_flow4 *quote = &c->in.quote4;
	const struct hp_mapping *m;

	if (c->in.flow4.side != HP_SIDE_LAN || quote->proto != 17 || nat_net4(c, quote->saddr))
		return 0;
	c->mapping_key = (struct hp_mapping_key){
		.addr = quote->daddr, .port = quote->dport, .proto = 17, .pool = HP_POOL_WAN};
	m = nat_env_mapping(&c->mapping_key);
	if (!m)
		return 0;
	c->mapping = *m;
	if ((c->mapping.word & HP_MAPPING_DYING) || c->mapping.fixed ||
	    !nat_mapping_same_key(&c->mapping.key, &c->mapping_key))
		return 0;
	c->out.saddr = c->peer_key.ext_addr = c->mapping.ext_addr;
	c->out.sport = c->peer_key.ext_port = c->mapping.ext_port;
	c->out.daddr = c->peer_key.remote = quote->saddr;
	c->out.dport = quote->sport;
	c->peer_key.proto = 17;
	c->peer_key.zero = 0;
	return nat_filter_admits(c, quote->daddr);
}

static NAT_INLINE int nat_icmp_related(struct nat_ctx *c, __u8 to)
{
	c->to_wan = to == HP_SIDE_WAN;
	return nat_verdict(c, NAT_SEND, HP_SENT_RELATED);
}

/* The ICMP error at hand: its action, or NAT_ICMP_UNKNOWN. */
NAT_GLOBAL int nat_icmp_error(struct nat_ctx *c)
{
	struct hp_session *s;

	/* Who sends an error sends it to the source of what he quotes. */
	c = nat_env_own(c);
	if (!c || !c->in.quoted || c->in.flow4.daddr != c->in.quote4.saddr)
		return NAT_ICMP_UNKNOWN;
	s = nat_icmp_session(c);
	if (!s && !nat_icmp_of_mapping(c))
		return NAT_ICMP_UNKNOWN;
	if (c->in.flow4.side == HP_SIDE_LAN && !nat_icmp_fits_segment(c))
		return nat_verdict(c, NAT_DROP, HP_DROP_SPOOFED);
	if (!s) {
		nat_icmp_restore(c);
		return nat_icmp_related(c, HP_SIDE_WAN);
	}
	if (s->kind == HP_KIND_ROUTED)
		return nat_verdict(c, NAT_PASS, HP_PASS_ICMP_ERROR);
	if (!nat_icmp_is_of(c, s))
		return nat_verdict(c, NAT_DROP, HP_DROP_RACE);
	nat_hit_rewrite(c, s);
	nat_icmp_restore(c);
	if (s->kind == HP_KIND_HOST)
		return nat_icmp_of_host(c);
	return nat_icmp_related(c, c->ref.reply ? s->orig_side : s->reply_side);
}
