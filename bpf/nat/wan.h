/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 that arrives from WAN. What no line here lets in is dropped, with the reason that fits best. */
#pragma once

#include "arm.h"
#include "filter.h"
#include "fragment.h"
#include "hairpin.h"
#include "icmp.h"
#include "unsolicited.h"

/* What the link lives on: answers to our DHCP client, IGMP. */
static inline int nat_is_link4(const struct nat_ctx *c)
{
	if (c->in.proto == 17 && c->in.flow4.sport == nat_htons(67) &&
	    c->in.flow4.dport == nat_htons(68))
		return 1;
	return c->in.proto == 2 && nat_is_multicast4(c->in.flow4.daddr);
}

/* What wan.pass lets in has no session; errors about its answers are the stack's, which knows whether it sent them. */
static NAT_INLINE int nat_wan_icmp_error(struct nat_ctx *c)
{
	int action = nat_icmp_error(c);
	const struct hp_rule *rule;

	if (action != NAT_ICMP_UNKNOWN)
		return action;
	if (!c->in.quoted || c->in.quote4.saddr != c->in.flow4.daddr)
		return nat_verdict(c, NAT_DROP, HP_DROP_ICMP_ERROR);
	rule = nat_rule_external(c, c->in.quote4.proto, c->in.quote4.sport);
	if (rule && rule->action == HP_ACTION_PASS)
		return nat_verdict(c, NAT_PASS, HP_PASS_ICMP_ERROR);
	return nat_verdict(c, NAT_DROP, HP_DROP_ICMP_ERROR);
}

static NAT_INLINE int nat_wan_icmp(struct nat_ctx *c)
{
	switch (c->in.icmp) {
	case NAT_ICMP_REQUEST:
		if (c->in.timestamp)
			break;
		if (c->settings.pass_icmp_echo)
			return nat_verdict(c, NAT_PASS, HP_PASS_OWN_SERVICE);
		return nat_verdict(c, NAT_DROP, HP_DROP_CLOSED);
	case NAT_ICMP_ERROR:
		return nat_wan_icmp_error(c);
	case NAT_ICMP_REPLY:
		return nat_verdict(c, NAT_DROP, HP_DROP_CLOSED);
	}
	return nat_verdict(c, NAT_DROP, HP_DROP_ICMP_TYPE);
}

/*
 * The server does not answer by us what has a foreign source: then it gets our own, in the pool of which no port leads back to whom it stands for.
 * 0, or the reason for a drop.
 */
static NAT_INLINE int nat_wan_map_source(NAT_ENV *env, struct nat_ctx *c,
					 const struct hp_rule *rule)
{
	__be32 gateway = rule->gateway ? rule->gateway : c->settings.wan_addr;
	int ret;

	if (!rule->outside_gateway)
		return 0;
	ret = nat_draft_map_source(env, c, gateway, HP_POOL_GATEWAY);
	if (!ret)
		c->draft.word = nat_word(0, HP_LIFE_FREE, 0, HP_SESSION_MAPPED);
	return ret;
}

static NAT_FUNCTION int nat_wan_forward(NAT_ENV *env, struct nat_ctx *c, const struct hp_rule *rule)
{
	int ret;

	if (!nat_allowed4(c, rule->allow, c->in.flow4.saddr))
		return nat_not_allowed(c);
	if (nat_may_open(c))
		return NAT_DROP;
	nat_draft4(c, HP_KIND_FORWARD, HP_SIDE_LAN);
	c->draft.v4.xlat.daddr = rule->host;
	c->draft.v4.xlat.dport = rule->host_port;
	c->draft.service = rule->service;
	ret = nat_wan_map_source(env, c, rule);
	if (!ret)
		ret = nat_session_create(c, nat_word_flags(c->draft.word));
	return ret ? nat_not_opened(c, ret) : nat_send_first(c);
}

/* A connection from outside to c->mapping_key's host. The session holds the mapping: while it lives, its port is nobody else's. */
static NAT_INLINE int nat_wan_incoming(struct nat_ctx *c)
{
	int ret;

	if (nat_may_open(c))
		return NAT_DROP;
	if (nat_mapping_take_bound(c) <= 0)
		return nat_verdict(c, NAT_DROP, HP_DROP_RACE);
	nat_draft4(c, HP_KIND_INCOMING, HP_SIDE_LAN);
	c->draft.v4.xlat.daddr = c->mapping_key.addr;
	c->draft.v4.xlat.dport = c->mapping_key.port;
	ret = nat_session_create(c, HP_SESSION_TARGET);
	return ret ? nat_not_opened(c, ret) : nat_send_first(c);
}

/*
 * Nothing is declared on this port: a dynamic mapping may have it. A datagram that its filtering lets in is passed on and nothing is
 * noted, so that outsiders fill no table; the host's answer opens its own session, out of the same mapping.
 */
NAT_GLOBAL int nat_wan_dynamic(struct nat_ctx *c)
{
	int ret;

	c = nat_env_own(c);
	if (!c)
		return NAT_DROP;
	ret = nat_dynamic_target(c);
	if (!ret)
		return nat_unsolicited(c, HP_DROP_CLOSED);
	if (ret < 0)
		return nat_verdict(c, NAT_DROP, HP_DROP_RACE);
	c->peer_key = (struct hp_peer_key){.ext_addr = c->in.flow4.daddr,
					   .remote = c->in.flow4.saddr,
					   .ext_port = c->in.flow4.dport,
					   .proto = c->in.proto};
	/* The gateway's own flows are no mappings for others to use. */
	if (c->mapping.host || !nat_filter_admits(c, c->mapping_key.addr))
		return nat_unsolicited(c, HP_DROP_FILTERED);
	if (c->in.proto == 6)
		return nat_wan_incoming(c);
	c->out = (struct hp_tuple4){.saddr = c->in.flow4.saddr,
				    .daddr = c->mapping_key.addr,
				    .sport = c->in.flow4.sport,
				    .dport = c->mapping_key.port};
	c->to_wan = 0;
	return nat_verdict(c, NAT_SEND, HP_SENT_INCOMING);
}

/* To a public address of ours. */
static NAT_INLINE int nat_wan_to_us(NAT_ENV *env, struct nat_ctx *c)
{
	const struct hp_rule *rule;

	if (c->in.icmp != NAT_ICMP_NONE)
		return nat_wan_icmp(c);
	if (c->in.proto != 6 && c->in.proto != 17)
		return nat_verdict(c, NAT_DROP, HP_DROP_PROTOCOL);
	rule = nat_rule_external(c, c->in.proto, c->in.flow4.dport);
	if (rule && rule->action == HP_ACTION_FORWARD)
		return nat_wan_forward(env, c, rule);
	if (!rule || rule->action != HP_ACTION_PASS)
		return nat_wan_dynamic(c);
	/* Of each packet, as there is no session. */
	if (!nat_allowed4(c, rule->allow, c->in.flow4.saddr))
		return nat_not_allowed(c);
	return nat_verdict(c, NAT_PASS, HP_PASS_OWN_SERVICE);
}

/*
 * Every prefix of set 0 is inside or our own: nothing of it can come from outside. But the public address of another router is that router, and
 * on one arm it says by its address in the LAN what became of what we sent (arm.h).
 */
static NAT_INLINE int nat_wan_source_fits(struct nat_ctx *c)
{
	const struct hp_prefix *net = nat_net4(c, c->in.flow4.saddr);

	if (c->settings.one_arm && c->in.icmp == NAT_ICMP_ERROR)
		return 1;
	return !net || net->kind == HP_NET_PUBLIC;
}

/* nat.outgoing: route. What the router upstream sends by us to a host inside is no business of a NAT. */
static inline int nat_is_routed_in(const struct nat_ctx *c, const struct hp_prefix *to)
{
	return c->settings.routed && to && to->kind == HP_NET_LAN;
}

NAT_GLOBAL int nat_wan_miss(NAT_ENV *env, struct nat_ctx *c)
{
	const struct hp_prefix *net;

	c = nat_env_own(c);
	if (!c)
		return NAT_DROP;
	if (!nat_wan_source_fits(c))
		return nat_verdict(c, NAT_DROP, HP_DROP_SPOOFED);
	net = nat_net4(c, c->in.flow4.daddr);
	if (net && net->kind == HP_NET_PUBLIC)
		return nat_verdict(c, NAT_DROP, HP_DROP_NOT_OURS);
	if (net && net->kind != HP_NET_WAN_LOCAL && !nat_is_routed_in(c, net))
		return nat_verdict(c, NAT_DROP, HP_DROP_TO_LAN);
	/* A DHCP answer may come to the address that is being offered, which is not ours yet, and IGMP from 0.0.0.0. */
	if (nat_is_link4(c))
		return nat_verdict(c, NAT_PASS, HP_PASS_LINK);
	if (nat_is_martian4(c->in.flow4.saddr))
		return nat_verdict(c, NAT_DROP, HP_DROP_SPOOFED);
	if (nat_is_routed_in(c, net))
		return nat_verdict(c, NAT_PASS, HP_PASS_ROUTED4);
	if (nat_is_multicast4(c->in.flow4.daddr))
		return nat_verdict(c, NAT_DROP, HP_DROP_MULTICAST);
	return net ? nat_wan_to_us(env, c) : nat_verdict(c, NAT_DROP, HP_DROP_NOT_OURS);
}

/* What can be said without ports is said before the sorter is troubled. */
NAT_GLOBAL int nat_wan_fragment(struct nat_ctx *c)
{
	const struct hp_prefix *net;

	c = nat_env_own(c);
	if (!c)
		return NAT_DROP;
	net = nat_net4(c, c->in.flow4.saddr);
	if ((net && net->kind != HP_NET_PUBLIC) || nat_is_martian4(c->in.flow4.saddr))
		return nat_verdict(c, NAT_DROP, HP_DROP_SPOOFED);
	net = nat_net4(c, c->in.flow4.daddr);
	if (net && net->kind == HP_NET_WAN_LOCAL)
		return nat_sort(c);
	if (nat_is_routed_in(c, net))
		return nat_verdict(c, NAT_PASS, HP_PASS_ROUTED4);
	if (net && net->kind != HP_NET_PUBLIC)
		return nat_verdict(c, NAT_DROP, HP_DROP_TO_LAN);
	return nat_verdict(c, NAT_DROP,
			   nat_is_multicast4(c->in.flow4.daddr) ? HP_DROP_MULTICAST
								: HP_DROP_NOT_OURS);
}

static NAT_INLINE int nat_wan(NAT_ENV *env, struct nat_ctx *c)
{
	struct hp_session *s;

	if (c->in.fragment && !c->in.sorted)
		return nat_wan_fragment(c);
	s = nat_session_find(c);
	return s ? nat_hit(c, s) : nat_wan_miss(env, c);
}
