/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPv6: routed by the stack, never translated. The same session table says what is an answer; from WAN nothing else comes in but what the link
 * lives on, wan.pass and the pinholes of host6.
 */
#pragma once

#include "arm.h"
#include "hit.h"

static inline int nat_is_multicast6(const __u8 addr[16])
{
	return addr[0] == 0xff;
}

static inline int nat_is_link_local6(const __u8 addr[16])
{
	return addr[0] == 0xfe && (addr[1] & 0xc0) == 0x80;
}

/* A unique local address means nothing outside its site, and stays in (RFC 4193 section 4.3). */
static inline int nat_is_site_local6(const __u8 addr[16])
{
	return (addr[0] & 0xfe) == 0xfc;
}

static inline int nat_leaves_site6(const struct nat_ctx *c)
{
	return nat_is_site_local6(c->in.flow6.saddr) && !nat_is_site_local6(c->in.flow6.daddr);
}

/* DHCPv6 from a client to its server, and back. */
static inline int nat_is_dhcp6_request(const struct nat_ctx *c)
{
	return c->in.proto == 17 && c->in.flow6.sport == nat_htons(546) &&
	       c->in.flow6.dport == nat_htons(547);
}

static inline int nat_is_dhcp6_answer(const struct nat_ctx *c)
{
	return c->in.proto == 17 && c->in.flow6.sport == nat_htons(547) &&
	       c->in.flow6.dport == nat_htons(546);
}

/* Neighbour discovery, router advertisements, MLD: what a link lives on, in either direction. */
static inline int nat_is_link6(const struct nat_ctx *c)
{
	return c->in.icmp == NAT_ICMP_LINK;
}

static inline int nat_is_unspecified6(const __u8 addr[16])
{
	const __u64 *words = (const __u64 *)addr;

	return !words[0] && !words[1];
}

/* A source that a host on the segment at hand can have. */
static NAT_INLINE int nat_lan6_source_fits(struct nat_ctx *c)
{
	const struct hp_prefix *net = nat_net6(c, c->in.flow6.saddr);

	return nat_is_link_local6(c->in.flow6.saddr) ||
	       (net && net->kind == HP_NET_LAN && net->ifindex == c->in.ifindex);
}

/* On one arm (arm.h): what a link lives on has link-local sources, or none yet. */
static NAT_FUNCTION __u8 nat_arm_side6(struct nat_ctx *c)
{
	if (nat_is_link_local6(c->in.flow6.saddr) || nat_is_unspecified6(c->in.flow6.saddr) ||
	    nat_net6(c, c->in.flow6.saddr))
		return HP_SIDE_LAN;
	return HP_SIDE_WAN;
}

/* What our own stack sends to the segment that WAN is. */
static NAT_INLINE int nat_arm_is_inward6(struct nat_ctx *c)
{
	return c->settings.one_arm &&
	       (nat_is_link_local6(c->in.flow6.daddr) || nat_net6(c, c->in.flow6.daddr));
}

static NAT_INLINE void nat_draft6(struct nat_ctx *c, __u8 kind, __u8 reply_side, __u32 service)
{
	__builtin_memset(&c->draft, 0, sizeof(c->draft));
	nat_copy16(c->draft.v6.saddr, c->in.flow6.saddr);
	nat_copy16(c->draft.v6.daddr, c->in.flow6.daddr);
	c->draft.v6.sport = c->in.flow6.sport;
	c->draft.v6.dport = c->in.flow6.dport;
	c->draft.proto = c->in.proto;
	c->draft.kind = kind;
	c->draft.orig_side = c->in.flow6.side;
	c->draft.reply_side = reply_side;
	c->draft.service = service;
}

/* Notes the drafted session and passes the packet with @reason. */
static NAT_FUNCTION int nat_open6(struct nat_ctx *c, enum hp_reason reason)
{
	int ret = nat_session_create(c, HP_SESSION_V6);

	return nat_verdict(c, ret ? NAT_DROP : NAT_PASS, ret ? (enum hp_reason)ret : reason);
}

static NAT_INLINE int nat_same6(const __u8 a[16], const __u8 b[16])
{
	const __u64 *x = (const __u64 *)a, *y = (const __u64 *)b;

	return x[0] == y[0] && x[1] == y[1];
}

/*
 * Whether an ICMPv6 error is about a packet of a session that went to the side at hand, and goes to that packet's source. Nothing is translated, so
 * that is all there is to know; nothing is noted, as over IPv4 (icmp.h).
 */
static NAT_INLINE int nat_icmp6_error(struct nat_ctx *c)
{
	struct hp_flow_ref *ref;

	if (!c->in.quoted || !nat_same6(c->in.flow6.daddr, c->in.quote6.saddr))
		return 0;
	nat_copy16(c->key6.saddr, c->in.quote6.daddr);
	nat_copy16(c->key6.daddr, c->in.quote6.saddr);
	c->key6.sport = c->in.quote6.dport;
	c->key6.dport = c->in.quote6.sport;
	c->key6.proto = c->in.quote6.proto;
	c->key6.side = c->in.flow6.side;
	c->key6.zero = 0;
	ref = nat_env_flow6(&c->key6);
	if (!ref)
		return 0;
	c->ref = *ref;
	return nat_session_of_ref(c) != NULL;
}

static NAT_INLINE int nat_is_answer6(NAT_ENV *env, struct nat_ctx *c)
{
	if (c->in.icmp == NAT_ICMP_REPLY || c->in.icmp == NAT_ICMP_ERROR)
		return 1;
	return (c->in.proto == 6 || c->in.proto == 17) && nat_env_asked6(env, c);
}

static NAT_INLINE int nat_lan6_to_gateway(NAT_ENV *env, struct nat_ctx *c, int isolated)
{
	if (nat_is_link6(c) || nat_is_dhcp6_request(c))
		return nat_verdict(c, NAT_PASS, HP_PASS_LINK);
	if (isolated && nat_is_answer6(env, c))
		return nat_verdict(c, NAT_PASS, HP_PASS_OWN_FLOW);
	if (isolated &&
	    !(c->in.flow6.dport == nat_htons(53) && (c->in.proto == 6 || c->in.proto == 17)) &&
	    !nat_is_service_of_ours(c, c->in.flow6.dport))
		return nat_verdict(c, NAT_DROP, HP_DROP_ISOLATED);
	return nat_verdict(c, NAT_PASS, HP_PASS_LAN);
}

static NAT_INLINE int nat_lan6_to_lan(struct nat_ctx *c, int isolated, const struct hp_prefix *to)
{
	if (isolated && !nat_rule_host6(c, c->in.flow6.daddr, c->in.proto, c->in.flow6.dport))
		return nat_verdict(c, NAT_DROP, HP_DROP_ISOLATED);
	if (to->isolated && nat_has_ports(c) && !nat_may_open(c)) {
		nat_draft6(c, HP_KIND_ROUTED, HP_SIDE_LAN, 0xffffffff);
		nat_session_create(c, HP_SESSION_V6);
	}
	return nat_verdict(c, NAT_PASS, HP_PASS_LAN);
}

static NAT_INLINE int nat_lan6_outgoing(NAT_ENV *env, struct nat_ctx *c, int isolated)
{
	__u32 device = nat_env_route6(env, c);

	if (!device)
		return nat_verdict(c, NAT_PASS, HP_PASS_NO_ROUTE);
	if (device != c->settings.wan_ifindex)
		return isolated ? nat_verdict(c, NAT_DROP, HP_DROP_ISOLATED)
				: nat_verdict(c, NAT_PASS, HP_PASS_OTHER_DEVICE);
	if (nat_leaves_site6(c))
		return nat_verdict(c, NAT_DROP, HP_DROP_PRIVATE_SOURCE);
	if (nat_is_blocked_dot(c, c->in.flow6.dport))
		return nat_verdict(c, NAT_DROP, HP_DROP_DOT);
	/* On one arm the router upstream hands its packets to the hosts itself, and half of a connection is all that is seen here. */
	if (nat_may_open(c))
		return nat_verdict(c, c->settings.one_arm ? NAT_PASS : NAT_DROP,
				   c->settings.one_arm ? HP_PASS_UNSEEN
						       : (enum hp_reason)c->reason);
	nat_draft6(c, HP_KIND_ROUTED, HP_SIDE_WAN, 0xffffffff);
	return nat_open6(c, HP_PASS_ROUTED6);
}

NAT_GLOBAL int nat_lan6_miss(NAT_ENV *env, struct nat_ctx *c)
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
	/* Link-local and unspecified sources (duplicate address detection) stay on the link. */
	if (nat_is_multicast6(c->in.flow6.daddr) || nat_is_link_local6(c->in.flow6.daddr))
		return nat_lan6_to_gateway(env, c, isolated);
	if (!nat_lan6_source_fits(c))
		return nat_verdict(c, NAT_DROP, HP_DROP_SPOOFED);
	if (c->in.icmp == NAT_ICMP_ERROR && nat_icmp6_error(c))
		return nat_verdict(c, NAT_PASS, HP_PASS_ICMP_ERROR);
	net = nat_net6(c, c->in.flow6.daddr);
	if (!net)
		return nat_lan6_outgoing(env, c, isolated);
	if (net->kind != HP_NET_LAN || net->ifindex == c->in.ifindex)
		return nat_lan6_to_gateway(env, c, isolated);
	return nat_lan6_to_lan(c, isolated, net);
}

static NAT_INLINE int nat_lan6_fragment(struct nat_ctx *c)
{
	const struct hp_rule *link = nat_rule_link(c, c->in.ifindex);
	const struct hp_prefix *net = nat_net6(c, c->in.flow6.daddr);

	if (link && !link->isolated && nat_lan6_source_fits(c) &&
	    (net || nat_is_link_local6(c->in.flow6.daddr)))
		return nat_verdict(c, NAT_PASS, HP_PASS_LAN);
	return nat_verdict(c, NAT_DROP, HP_DROP_FRAGMENT);
}

static NAT_INLINE int nat_lan6(NAT_ENV *env, struct nat_ctx *c)
{
	struct hp_session *s;

	if (c->in.fragment)
		return nat_lan6_fragment(c);
	s = nat_session_find(c);
	if (s && c->settings.check_source && !nat_lan6_source_fits(c))
		return nat_verdict(c, NAT_DROP, HP_DROP_SPOOFED);
	return s ? nat_hit(c, s) : nat_lan6_miss(env, c);
}

/* What wan.pass lets in has no session, and without Packet Too Big its answers might not arrive. */
static NAT_INLINE int nat_wan6_is_of_passed(struct nat_ctx *c)
{
	const struct hp_rule *rule;

	if (!c->in.quoted || !nat_same6(c->in.flow6.daddr, c->in.quote6.saddr))
		return 0;
	rule = nat_rule_external(c, c->in.quote6.proto, c->in.quote6.sport);
	return nat_is_own_port(rule, c->in.quote6.sport);
}

/* From WAN to an address of the gateway itself. */
static NAT_INLINE int nat_wan6_to_us(struct nat_ctx *c)
{
	const struct hp_rule *rule;

	if (c->in.icmp == NAT_ICMP_ERROR)
		return nat_icmp6_error(c) || nat_wan6_is_of_passed(c)
			       ? nat_verdict(c, NAT_PASS, HP_PASS_ICMP_ERROR)
			       : nat_verdict(c, NAT_DROP, HP_DROP_ICMP_ERROR);
	if (c->in.icmp == NAT_ICMP_REQUEST && c->settings.pass_icmp_echo)
		return nat_verdict(c, NAT_PASS, HP_PASS_OWN_SERVICE);
	rule = c->in.icmp == NAT_ICMP_NONE ? nat_rule_external(c, c->in.proto, c->in.flow6.dport)
					   : NULL;
	if (!nat_is_own_port(rule, c->in.flow6.dport))
		return nat_verdict(c, NAT_DROP, HP_DROP_CLOSED);
	if (!nat_allowed6(c, rule->allow, c->in.flow6.saddr))
		return nat_verdict(c, NAT_DROP, HP_DROP_NOT_ALLOWED);
	return nat_verdict(c, NAT_PASS, HP_PASS_OWN_SERVICE);
}

/* From WAN to a host of a LAN, no session known. */
static NAT_INLINE int nat_wan6_to_lan(struct nat_ctx *c)
{
	const struct hp_rule *rule;

	if (c->in.icmp == NAT_ICMP_ERROR)
		return nat_icmp6_error(c) ? nat_verdict(c, NAT_PASS, HP_PASS_ICMP_ERROR)
					  : nat_verdict(c, NAT_DROP, HP_DROP_ICMP_ERROR);
	rule = nat_rule_host6(c, c->in.flow6.daddr, c->in.proto, c->in.flow6.dport);
	if (!rule || rule->action != HP_ACTION_PINHOLE)
		return nat_verdict(c, NAT_DROP, HP_DROP_CLOSED);
	if (!nat_allowed6(c, rule->allow, c->in.flow6.saddr))
		return nat_verdict(c, NAT_DROP, HP_DROP_NOT_ALLOWED);
	if (nat_may_open(c))
		return NAT_DROP;
	nat_draft6(c, HP_KIND_ROUTED, HP_SIDE_LAN, rule->service);
	return nat_open6(c, HP_PASS_PINHOLE6);
}

NAT_GLOBAL int nat_wan6_miss(struct nat_ctx *c)
{
	const struct hp_prefix *net;

	c = nat_env_own(c);
	if (!c)
		return NAT_DROP;
	if (nat_net6(c, c->in.flow6.saddr))
		return nat_verdict(c, NAT_DROP, HP_DROP_SPOOFED);
	net = nat_net6(c, c->in.flow6.daddr);
	if (net && net->kind == HP_NET_LAN)
		return nat_wan6_to_lan(c);
	if ((nat_is_link6(c) || nat_is_dhcp6_answer(c)) &&
	    (net || nat_is_multicast6(c->in.flow6.daddr) || nat_is_link_local6(c->in.flow6.daddr)))
		return nat_verdict(c, NAT_PASS, HP_PASS_LINK);
	if (nat_is_multicast6(c->in.flow6.daddr))
		return nat_verdict(c, NAT_DROP, HP_DROP_MULTICAST);
	return net ? nat_wan6_to_us(c) : nat_verdict(c, NAT_DROP, HP_DROP_NOT_OURS);
}

static NAT_INLINE int nat_wan6(struct nat_ctx *c)
{
	struct hp_session *s;

	if (c->in.fragment)
		return nat_verdict(c, NAT_DROP, HP_DROP_FRAGMENT);
	s = nat_session_find(c);
	return s ? nat_hit(c, s) : nat_wan6_miss(c);
}

/* The gateway's own, leaving by WAN. */
static NAT_INLINE int nat_host6_open(NAT_ENV *env, struct nat_ctx *c)
{
	const struct hp_rule *rule;

	if (c->in.icmp != NAT_ICMP_NONE && c->in.icmp != NAT_ICMP_REQUEST)
		return nat_verdict(c, NAT_PASS, HP_PASS_OWN_FLOW);
	rule = c->in.icmp == NAT_ICMP_NONE ? nat_rule_external(c, c->in.proto, c->in.flow6.sport)
					   : NULL;
	if (nat_is_own_port(rule, c->in.flow6.sport))
		return nat_verdict(c, NAT_PASS, HP_PASS_OWN_SERVICE);
	if (c->in.proto == 6 && nat_tcp_class(c->in.tcp_flags) != NAT_TCP_SYN) {
		if (c->in.tcp_flags & 0x04)
			return nat_verdict(c, NAT_PASS, HP_PASS_OWN_FLOW);
		if (nat_env_listens6(env, c->in.flow6.saddr, c->in.flow6.sport))
			return nat_verdict(c, NAT_DROP, HP_DROP_CLOSED);
	}
	nat_draft6(c, HP_KIND_HOST, HP_SIDE_WAN, 0xffffffff);
	return nat_open6(c, HP_PASS_OWN_FLOW);
}

NAT_GLOBAL int nat_host6_miss(NAT_ENV *env, struct nat_ctx *c)
{
	const struct hp_prefix *net;

	c = nat_env_own(c);
	if (!c)
		return NAT_DROP;
	net = nat_net6(c, c->in.flow6.saddr);
	if ((nat_is_link_local6(c->in.flow6.saddr) || nat_is_unspecified6(c->in.flow6.saddr) ||
	     (net && net->kind == HP_NET_WAN_LOCAL)) &&
	    (nat_is_link6(c) || nat_is_dhcp6_request(c) || nat_is_multicast6(c->in.flow6.daddr)))
		return nat_verdict(c, NAT_PASS, HP_PASS_LINK);
	/* Judged when it arrived from its LAN. The mark alone says nothing: it also survives being wrapped into a tunnel of ours. */
	if (net && net->kind == HP_NET_LAN && (c->in.mark & MARK_ADMITTED) && !nat_leaves_site6(c))
		return nat_verdict(c, NAT_PASS, HP_PASS_ROUTED6);
	if (nat_arm_is_inward6(c))
		return nat_verdict(c, NAT_PASS, HP_PASS_LAN);
	if (!net || net->kind == HP_NET_LAN || nat_leaves_site6(c))
		return nat_verdict(c, NAT_DROP, HP_DROP_PRIVATE_SOURCE);
	return nat_host6_open(env, c);
}

/*
 * A forwarded packet was judged and noted when it arrived from its LAN; a session of the gateway's own is one whose
 * flow is on HP_SIDE_HOST.
 */
static NAT_INLINE int nat_host6(NAT_ENV *env, struct nat_ctx *c)
{
	struct hp_session *s;

	if (c->in.fragment)
		return nat_verdict(c, NAT_PASS, HP_PASS_OWN_FLOW);
	s = nat_session_find(c);
	return s ? nat_hit(c, s) : nat_host6_miss(env, c);
}
