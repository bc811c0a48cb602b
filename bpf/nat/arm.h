/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Role bypass: one device is WAN and LAN, and a packet's side is told by its source. Nothing else tells it: the main router and the hosts are
 * neighbours on one link, and a frame's addresses say no more than that the main router handed it on.
 *
 * Who may lie about it is anybody on the segment, who needs no lie: he reaches every host there without us.
 */
#pragma once

#include "rules.h"
#include "tcp.h"
#include "unsolicited.h"

/* Ours, or in a network of the LAN. A public address that another router has is outside. */
static NAT_FUNCTION int nat_arm_is_inside(struct nat_ctx *c, __be32 addr)
{
	const struct hp_prefix *net = nat_net4(c, addr);

	return net && net->kind != HP_NET_PUBLIC;
}

/*
 * The main router has an address in the LAN, and says of packets that we sent outwards what became of them: such an error is of the side that
 * they went to. One whose source is outside is from there, whatever it quotes.
 */
static NAT_FUNCTION __u8 nat_arm_side4(struct nat_ctx *c)
{
	/* A DHCP client; IGMP without a source is the link's, which the other side lets in. */
	if (!c->in.flow4.saddr)
		return c->in.proto == 17 ? HP_SIDE_LAN : HP_SIDE_WAN;
	if (!nat_arm_is_inside(c, c->in.flow4.saddr))
		return HP_SIDE_WAN;
	if (c->in.icmp == NAT_ICMP_ERROR && c->in.quoted &&
	    !nat_arm_is_inside(c, c->in.quote4.daddr))
		return HP_SIDE_WAN;
	return HP_SIDE_LAN;
}

/* --- answers to what never came by here ------------------------------------------------------------------- */

/*
 * Who it is that answers, for `hairpin check`: a note of its endpoint (hp_notes), whose side no packet has. By TCP a SYN-ACK, since behind it may come the middle of
 * what went by another way; by UDP what the callers take for an answer.
 */
static NAT_INLINE void nat_past_note(struct nat_ctx *c)
{
	__s32 age;

	if (c->in.proto != 17 &&
	    (c->in.proto != 6 || nat_tcp_class(c->in.tcp_flags) != NAT_TCP_SYN_ACK))
		return;
	c->key4 = (struct hp_flow4){.daddr = c->in.flow4.saddr,
				    .dport = c->in.flow4.sport,
				    .proto = c->in.proto,
				    .side = HP_SIDE_ARM};
	age = nat_note_age_s(c);
	/* Not for each packet: the table is one for all CPUs. */
	if (age < 0 || age >= PAST_NOTE_S)
		nat_env_note_set(&c->key4, c->in.now_s);
}

/*
 * The main router hands a connection to the server itself, and the server, whose gateway we are, answers by us. Translated, the answer would reach
 * nobody; dropped, the forward is dead: so it goes as it is, and the main router knows it.
 */
static NAT_FUNCTION int nat_unseen(struct nat_ctx *c)
{
	enum hp_reason reason;

	nat_past_note(c);
	c->out = (struct hp_tuple4){.saddr = c->in.flow4.saddr,
				    .daddr = c->in.flow4.daddr,
				    .sport = c->in.flow4.sport,
				    .dport = c->in.flow4.dport};
	c->quote_out = (struct hp_tuple4){.saddr = c->in.quote4.saddr,
					  .daddr = c->in.quote4.daddr,
					  .sport = c->in.quote4.sport,
					  .dport = c->in.quote4.dport};
	c->to_wan = 1;
	reason = c->settings.routed ? HP_PASS_ROUTED4 : HP_PASS_UNSEEN;
	/* Sent and not passed on: conntrack, which saw no question either, calls it invalid, and rules of others drop that. */
	if (c->in.icmp != NAT_ICMP_ERROR || c->in.quoted)
		return nat_verdict(c, NAT_SEND, reason);
	return nat_verdict(c, NAT_PASS, reason);
}

/*
 * Of a declared service, by the port that it comes from. Asked before the route: a proxy's rule about what hosts send out is not about what a server
 * answers.
 */
static NAT_INLINE int nat_is_unseen_service(struct nat_ctx *c)
{
	const struct hp_rule *rule;

	if (!c->settings.one_arm)
		return 0;
	if (c->in.proto != 17 &&
	    (c->in.proto != 6 || nat_tcp_class(c->in.tcp_flags) == NAT_TCP_SYN))
		return 0;
	rule = nat_rule_host4(c, c->in.flow4.saddr, c->in.proto, c->in.flow4.sport);
	return rule && rule->action == HP_ACTION_FORWARD;
}

/* Of any host: what opens nothing. */
static inline int nat_is_unseen(const struct nat_ctx *c)
{
	if (!c->settings.one_arm)
		return 0;
	if (c->in.proto == 6)
		return nat_tcp_class(c->in.tcp_flags) != NAT_TCP_SYN;
	return c->in.icmp == NAT_ICMP_REPLY || c->in.icmp == NAT_ICMP_ERROR;
}
