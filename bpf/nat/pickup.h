/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections in the middle, taken up where there is no session of them (nat.tcp-pickup): the table was lost, or this gateway took over
 * from another one. Off by default, because whoever takes up takes at its word what a handshake would have shown.
 *
 * A client inside opens what it would have opened with its SYN, as long as it can keep its port (nat_port_choose()): its server knows no other.
 * A client outside of a declared forward does too, but its numbers are believed only when the server has answered and it has acknowledged that. And
 * the server's own segments, here, tell of a client outside.
 */
#pragma once

#include "hit.h"

/* The forward that declares the endpoint which the packet at hand comes from, if its destination may use that from outside. */
static NAT_INLINE const struct hp_rule *nat_pickup_forward_of(struct nat_ctx *c)
{
	const struct hp_rule *rule = nat_rule_host4(c, c->in.flow4.saddr, 6, c->in.flow4.sport);

	if (!rule || rule->action != HP_ACTION_FORWARD || !rule->ext_port)
		return NULL;
	rule = nat_rule_external(c, 6, rule->ext_port);
	if (!rule || rule->action != HP_ACTION_FORWARD || rule->host != c->in.flow4.saddr ||
	    rule->host_port != c->in.flow4.sport ||
	    !nat_allowed4(c, rule->allow, c->in.flow4.daddr))
		return NULL;
	return rule;
}

/*
 * A server's segment to a client outside: the session of the forward as the client's SYN would have made it, to the primary address, the
 * only one that it can be known to have used. Proven, since a host inside speaks for the client. Whether there is one says the action, -1: there
 * is not.
 */
static NAT_INLINE int nat_pickup_answer(struct nat_ctx *c)
{
	const struct hp_rule *rule = nat_pickup_forward_of(c);
	int ret;

	if (!rule)
		return -1;
	nat_draft4(c, HP_KIND_FORWARD, HP_SIDE_LAN);
	c->draft.orig_side = HP_SIDE_WAN;
	c->draft.service = rule->service;
	c->draft.v4.orig = (struct hp_tuple4){.saddr = c->in.flow4.daddr,
					      .daddr = c->settings.wan_addr,
					      .sport = c->in.flow4.dport,
					      .dport = rule->ext_port};
	c->draft.v4.xlat = (struct hp_tuple4){.saddr = c->in.flow4.daddr,
					      .daddr = c->in.flow4.saddr,
					      .sport = c->in.flow4.dport,
					      .dport = c->in.flow4.sport};
	ret = nat_session_create(c, HP_SESSION_REPLIED | HP_SESSION_PROVEN);
	if (ret)
		return nat_not_opened(c, ret);
	c->ref.reply = 1;
	nat_hit_rewrite(c, &c->draft);
	c->to_wan = 1;
	return nat_verdict(c, NAT_SEND, HP_SENT_OUTGOING);
}

/*
 * A server's segment to the public address, of a hairpin that is not known any more: only the client can tell where it goes. It waits, since the
 * gateway's own stack would answer it with a reset.
 */
static NAT_INLINE int nat_pickup_waits(struct nat_ctx *c)
{
	const struct hp_rule *rule;

	if (!nat_is_midstream(c))
		return 0;
	rule = nat_rule_host4(c, c->in.flow4.saddr, 6, c->in.flow4.sport);
	return rule && rule->action == HP_ACTION_FORWARD;
}
