/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 that arrives from a LAN: known sessions, hairpinning, the gateway itself, other segments, outgoing. */
#pragma once

#include "arm.h"
#include "fragment.h"
#include "hairpin.h"
#include "icmp.h"
#include "pickup.h"
#include "unknown.h"
#include "unsolicited.h"

/* Asked of known flows as well where there are several segments: a host of another one could speak in them. */
static NAT_INLINE int nat_lan_source_fits(struct nat_ctx *c)
{
	const struct hp_prefix *net = nat_net4(c, c->in.flow4.saddr);

	return net && net->kind == HP_NET_LAN && net->ifindex == c->in.ifindex;
}

/* To whoever serves on this link, from who has no address yet: everything later is an ordinary packet to the gateway. */
static inline int nat_is_dhcp_request(const struct nat_ctx *c)
{
	return c->in.proto == 17 && c->in.flow4.sport == nat_htons(68) &&
	       c->in.flow4.dport == nat_htons(67) && !c->in.flow4.saddr &&
	       c->in.flow4.daddr == nat_htonl(0xffffffff);
}

/* The same with an address: a client that renews, or binds anew after a restart. */
static inline int nat_is_dhcp_broadcast(const struct nat_ctx *c)
{
	return c->in.proto == 17 && c->in.flow4.sport == nat_htons(68) &&
	       c->in.flow4.dport == nat_htons(67) && c->in.flow4.daddr == nat_htonl(0xffffffff);
}

/* What an isolated segment may ask the gateway itself: DHCP and DNS. */
static inline int nat_is_basic_service(const struct nat_ctx *c, __be16 dport)
{
	if (c->in.proto == 17 && (dport == nat_htons(67) || dport == nat_htons(53)))
		return 1;
	return c->in.proto == 6 && dport == nat_htons(53);
}

/* An isolated host may answer what the gateway asked it, and no more: nothing on a LAN device sees the question leave. */
static NAT_INLINE int nat_is_answer4(NAT_ENV *env, struct nat_ctx *c)
{
	if (c->in.icmp == NAT_ICMP_REPLY || c->in.icmp == NAT_ICMP_ERROR)
		return 1;
	return (c->in.proto == 6 || c->in.proto == 17) && nat_env_asked4(env, c);
}

static NAT_INLINE int nat_lan_to_gateway(NAT_ENV *env, struct nat_ctx *c, int isolated)
{
	if (isolated && nat_is_answer4(env, c))
		return nat_verdict(c, NAT_PASS, HP_PASS_OWN_FLOW);
	if (isolated && !nat_is_basic_service(c, c->in.flow4.dport) &&
	    !nat_is_service_of_ours(c, c->in.flow4.dport))
		return nat_verdict(c, NAT_DROP, HP_DROP_ISOLATED);
	return nat_verdict(c, NAT_PASS, HP_PASS_LAN);
}

/*
 * To another segment. The stack routes it untouched; a session is only noted where the answer would
 * otherwise be held up, that is, towards an isolated segment.
 */
static NAT_INLINE int nat_lan_to_lan(struct nat_ctx *c, int isolated, const struct hp_prefix *to)
{
	const struct hp_rule *declared;

	if (isolated) {
		declared = nat_rule_host4(c, c->in.flow4.daddr, c->in.proto, c->in.flow4.dport);
		if (!declared || declared->action != HP_ACTION_FORWARD)
			return nat_verdict(c, NAT_DROP, HP_DROP_ISOLATED);
	}
	if (to->isolated && nat_has_ports(c) && !nat_may_open(c)) {
		nat_draft4(c, HP_KIND_ROUTED, HP_SIDE_LAN);
		nat_session_create(c, 0);
	}
	return nat_verdict(c, NAT_PASS, HP_PASS_LAN);
}

static NAT_FUNCTION int nat_lan_outgoing(NAT_ENV *env, struct nat_ctx *c, int isolated)
{
	__u32 device = nat_env_route4(env, c, c->in.flow4.saddr, c->in.flow4.daddr);
	int ret;

	if (nat_is_unseen_service(c))
		return nat_unseen(c);
	if (!device)
		return isolated ? nat_not_opened(c, HP_DROP_NO_ROUTE)
				: nat_verdict(c, NAT_PASS, HP_PASS_NO_ROUTE);
	if (device != c->settings.wan_ifindex)
		return isolated ? nat_verdict(c, NAT_DROP, HP_DROP_ISOLATED)
				: nat_verdict(c, NAT_PASS, HP_PASS_OTHER_DEVICE);
	/* Before the question of a SYN, as the answer's acknowledgement has no session either. */
	if (nat_is_led4(c) || nat_is_of_led4(c))
		return nat_verdict(c, NAT_PASS, HP_PASS_QUESTION);
	if (nat_is_blocked_dot(c, c->in.flow4.dport))
		return nat_refuse(c, HP_DROP_DOT, NAT_SAY_PORT);
	if (c->settings.routed)
		return nat_verdict(c, NAT_PASS, HP_PASS_ROUTED4);
	if (nat_is_unseen(c))
		return nat_unseen(c);
	if (nat_may_open(c))
		return NAT_DROP;
	if (!c->settings.wan_addr)
		return nat_not_opened(c, HP_DROP_NO_WAN);
	if (!nat_has_ports(c))
		return nat_unknown_outgoing(c);
	if (nat_is_midstream(c)) {
		ret = nat_pickup_answer(c);
		if (ret >= 0)
			return ret;
	}
	nat_draft4(c, HP_KIND_OUTGOING, HP_SIDE_WAN);
	ret = nat_draft_map_source(env, c, c->settings.wan_addr, HP_POOL_WAN);
	if (ret)
		return nat_not_opened(c, ret);
	c->draft.word = nat_word(0, HP_LIFE_FREE, 0, HP_SESSION_MAPPED);
	ret = nat_draft_open(c);
	if (ret)
		return nat_not_opened(c, ret);
	nat_forget_unsolicited(c);
	return nat_send_first(c);
}

static NAT_INLINE int nat_lan_multicast(struct nat_ctx *c, int isolated)
{
	if (isolated && c->in.proto != 2 /* IGMP */ && !nat_is_dhcp_broadcast(c))
		return nat_verdict(c, NAT_DROP, HP_DROP_ISOLATED);
	return nat_verdict(c, NAT_PASS, HP_PASS_LAN);
}

NAT_GLOBAL int nat_lan_miss(NAT_ENV *env, struct nat_ctx *c)
{
	const struct hp_prefix *net;
	const struct hp_rule *link;
	int isolated, action;

	c = nat_env_own(c);
	if (!c)
		return NAT_DROP;
	link = nat_rule_link(c, c->in.ifindex);
	if (!link)
		return nat_verdict(c, NAT_PASS, HP_PASS_OTHER_DEVICE);
	if (c->in.icmp == NAT_ICMP_ERROR) {
		action = nat_icmp_error(c);
		if (action != NAT_ICMP_UNKNOWN)
			return action;
	}
	isolated = link->isolated;
	if (nat_is_dhcp_request(c))
		return nat_verdict(c, NAT_PASS, HP_PASS_LAN);
	if (!nat_lan_source_fits(c))
		return nat_verdict(c, NAT_DROP, HP_DROP_SPOOFED);
	if (nat_is_multicast4(c->in.flow4.daddr))
		return nat_lan_multicast(c, isolated);
	if (nat_is_nowhere4(&c->in.flow4))
		return nat_verdict(c, NAT_DROP, HP_DROP_MARTIAN);
	net = nat_net4(c, c->in.flow4.daddr);
	if (!net || (net->kind == HP_NET_PUBLIC && !nat_is_declared(c)))
		return nat_lan_outgoing(env, c, isolated);
	if (net->kind == HP_NET_WAN_LOCAL || net->kind == HP_NET_PUBLIC)
		return nat_hairpin(env, c, isolated, net->kind == HP_NET_PUBLIC);
	/* One's own segment is a broadcast, or a route that we are asked to take back: the stack's business. */
	if (net->kind == HP_NET_LOCAL || net->ifindex == c->in.ifindex)
		return nat_lan_to_gateway(env, c, isolated);
	return nat_lan_to_lan(c, isolated, net);
}

/*
 * Fragments that need neither translation nor a look at their ports are the stack's, which puts them together again. Where a
 * segment is isolated, on either side, the ports decide.
 */
NAT_GLOBAL int nat_lan_fragment(struct nat_ctx *c)
{
	const struct hp_prefix *net;
	const struct hp_rule *link;
	int isolated;

	c = nat_env_own(c);
	if (!c)
		return NAT_DROP;
	link = nat_rule_link(c, c->in.ifindex);
	if (!link)
		return nat_verdict(c, NAT_PASS, HP_PASS_OTHER_DEVICE);
	isolated = link->isolated;
	if (!nat_lan_source_fits(c))
		return nat_verdict(c, NAT_DROP, HP_DROP_SPOOFED);
	if (nat_is_multicast4(c->in.flow4.daddr))
		return nat_lan_multicast(c, isolated);
	if (nat_is_nowhere4(&c->in.flow4))
		return nat_verdict(c, NAT_DROP, HP_DROP_MARTIAN);
	net = nat_net4(c, c->in.flow4.daddr);
	if (net && net->kind != HP_NET_WAN_LOCAL && net->kind != HP_NET_PUBLIC && !isolated &&
	    !net->isolated)
		return nat_verdict(c, NAT_PASS, HP_PASS_LAN);
	return nat_sort(c);
}

static NAT_INLINE int nat_lan(NAT_ENV *env, struct nat_ctx *c)
{
	struct hp_session *s;

	if (c->in.fragment && !c->in.sorted)
		return nat_lan_fragment(c);
	s = nat_session_find(c);
	if (s && c->settings.check_source && !nat_lan_source_fits(c))
		return nat_verdict(c, NAT_DROP, HP_DROP_SPOOFED);
	return s ? nat_hit(c, s) : nat_lan_miss(env, c);
}
