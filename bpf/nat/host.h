/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPv4 that leaves the WAN device and that the NAT did not send itself: the gateway's own sockets, containers behind their own
 * masquerade. Its external ports come from the same index as those of the LAN, so that no port has two owners.
 */
#pragma once

#include "arm.h"
#include "fragment.h"
#include "icmp.h"
#include "unsolicited.h"

/*
 * On one arm what goes to the LAN leaves here as well. Its answers come from that side; its port is claimed like any other, since hosts inside
 * have their mappings at the same address.
 */
static NAT_INLINE int nat_host_is_inward(struct nat_ctx *c)
{
	return c->settings.one_arm && nat_arm_is_inside(c, c->in.flow4.daddr);
}

static NAT_FUNCTION int nat_host_open(NAT_ENV *env, struct nat_ctx *c)
{
	int ret;

	nat_draft4(c, HP_KIND_HOST, nat_host_is_inward(c) ? HP_SIDE_LAN : HP_SIDE_WAN);
	/* A tunnel of the gateway's own has no port to give away. */
	if (!nat_has_ports(c)) {
		ret = nat_session_create(c, 0);
		return nat_verdict(c, ret ? NAT_DROP : NAT_PASS, ret ? ret : HP_PASS_OWN_FLOW);
	}
	ret = nat_draft_map_source(env, c, c->in.flow4.saddr, HP_POOL_WAN);
	if (!ret)
		ret = nat_session_create(c, HP_SESSION_MAPPED);
	if (ret)
		return nat_verdict(c, NAT_DROP, ret);
	nat_forget_unsolicited(c);
	c->out = c->draft.v4.xlat;
	return nat_verdict(c, nat_hit_translated(c) ? NAT_DELIVER : NAT_PASS, HP_PASS_OWN_FLOW);
}

/*
 * A segment in the middle of a connection that has no session: one that the gateway opened before we
 * came is taken up; one that a listener of ours accepted was let in by wan.pass or is closed now.
 */
static NAT_INLINE int nat_host_midstream(NAT_ENV *env, struct nat_ctx *c)
{
	if (c->in.tcp_flags & 0x04)
		return nat_verdict(c, NAT_PASS, HP_PASS_OWN_FLOW);
	if (nat_env_listens4(env, c, c->in.flow4.saddr, c->in.flow4.sport))
		return nat_host_is_inward(c) ? nat_verdict(c, NAT_PASS, HP_PASS_OWN_SERVICE)
					     : nat_verdict(c, NAT_DROP, HP_DROP_CLOSED);
	return nat_host_open(env, c);
}

/* A server's datagrams to who asks it from inside: nothing is to be kept of them, and nobody else can have the port of a socket that is there. */
static NAT_INLINE int nat_host_answers(NAT_ENV *env, struct nat_ctx *c)
{
	return c->in.proto == 17 && nat_host_is_inward(c) &&
	       nat_env_listens4(env, c, c->in.flow4.saddr, c->in.flow4.sport);
}

/*
 * A DHCP client speaks before it has an address, and for one that it is losing; multicast of the link has no source or our own. What must not
 * pass here is a source of the inside.
 */
static NAT_INLINE int nat_is_host_link4(const struct nat_ctx *c, const struct hp_prefix *source)
{
	int own = source && source->kind == HP_NET_WAN_LOCAL;

	if (c->in.proto == 17 && c->in.flow4.sport == nat_htons(68) &&
	    c->in.flow4.dport == nat_htons(67))
		return own || !source;
	return nat_is_multicast4(c->in.flow4.daddr) && (own || !c->in.flow4.saddr);
}

NAT_GLOBAL int nat_host_miss(NAT_ENV *env, struct nat_ctx *c)
{
	const struct hp_prefix *net;
	const struct hp_rule *rule;
	int action;

	c = nat_env_own(c);
	if (!c)
		return NAT_DROP;
	net = nat_net4(c, c->in.flow4.saddr);
	if (nat_is_host_link4(c, net))
		return nat_verdict(c, NAT_PASS, HP_PASS_LINK);
	/* Inwards a LAN device asks nothing either: an answer that netfilter renamed, a question in the name of somebody outside. */
	if (!net || net->kind != HP_NET_WAN_LOCAL)
		return nat_host_is_inward(c) ? nat_verdict(c, NAT_PASS, HP_PASS_LAN)
					     : nat_verdict(c, NAT_DROP, HP_DROP_PRIVATE_SOURCE);
	if (c->in.icmp == NAT_ICMP_ERROR) {
		action = nat_icmp_error(c);
		if (action != NAT_ICMP_UNKNOWN)
			return action;
	}
	if (c->in.icmp != NAT_ICMP_NONE && c->in.icmp != NAT_ICMP_REQUEST)
		return nat_verdict(c, NAT_PASS, HP_PASS_OWN_FLOW);
	rule = nat_rule_external(c, c->in.proto, c->in.flow4.sport);
	if (c->in.icmp == NAT_ICMP_NONE && rule && rule->action == HP_ACTION_PASS)
		return nat_verdict(c, NAT_PASS, HP_PASS_OWN_SERVICE);
	if (c->in.proto == 6 && nat_tcp_class(c->in.tcp_flags) != NAT_TCP_SYN)
		return nat_host_midstream(env, c);
	if (nat_host_answers(env, c))
		return nat_verdict(c, NAT_PASS, HP_PASS_OWN_SERVICE);
	return nat_host_open(env, c);
}

/*
 * One arm: what was judged when it came in by this very device, and the stack routed. The mark alone says nothing: it also survives being
 * wrapped into a tunnel of ours, whose source is our own.
 */
static NAT_INLINE int nat_host_was_judged(struct nat_ctx *c)
{
	const struct hp_prefix *net;

	if (!c->settings.one_arm || !(c->in.mark & MARK_ADMITTED))
		return 0;
	net = nat_net4(c, c->in.flow4.saddr);
	return !net || (net->kind != HP_NET_WAN_LOCAL && net->kind != HP_NET_LOCAL);
}

static NAT_INLINE int nat_host(NAT_ENV *env, struct nat_ctx *c)
{
	struct hp_session *s;
	int action;

	if (c->in.mark & MARK_SENT)
		return nat_verdict(c, NAT_PASS, HP_PASS_SENT);
	if (nat_host_was_judged(c))
		return nat_verdict(c, NAT_PASS, HP_PASS_SENT);
	/* The stack cuts its datagrams itself, and sends the pieces in order. */
	if (c->in.fragment && !c->in.first)
		return nat_fragment_follow(c);
	s = nat_session_find(c);
	action = s ? nat_hit(c, s) : nat_host_miss(env, c);
	return c->in.fragment ? nat_fragment_note(c, action) : action;
}
