/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hairpinning (RFC 4787 REQ-9): a packet from a LAN to a public address. Both translations in one pass: the source becomes
 * what the outside would see (REQ-9a), the destination what the forward or the dynamic mapping says.
 *
 * Handing the packet to the stack between the two fails: it would be a martian there.
 */
#pragma once

#include "hairpin_filter.h"
#include "hit.h"
#include "pickup.h"

/* Where a hairpinned packet goes; service and source as the forward says. */
struct nat_target {
	__be32 host;
	__be16 port;
	__u8 source; /* enum hp_hairpin_source */
	__u8 flags; /* HP_SESSION_TARGET: a dynamic mapping, with a reference taken */
	__be32 gateway; /* our address beside the host; 0: that of its segment */
	__u32 service;
};

/* Our own address on the segment of @ifindex, 0 if it has none. */
static NAT_INLINE __be32 nat_segment_gateway(struct nat_ctx *c, __u32 ifindex)
{
	const struct hp_rule *link = nat_rule_link(c, ifindex);

	return link ? link->gateway : 0;
}

static NAT_INLINE int nat_hairpin_map_source(NAT_ENV *env, struct nat_ctx *c,
					     const struct nat_target *target)
{
	const struct hp_prefix *net = nat_net4(c, c->draft.v4.xlat.daddr);
	__u32 segment = net ? net->ifindex : 0;
	__be32 gateway;
	int ret;

	if (!segment)
		return HP_DROP_NO_ROUTE;
	/* On one segment the server would answer a kept client address past us: then it is the public one. */
	if (target->source == HP_HAIRPIN_CLIENT && segment != c->in.ifindex)
		return 0;
	if (target->source == HP_HAIRPIN_GATEWAY) {
		gateway = target->gateway ? target->gateway : nat_segment_gateway(c, segment);
		if (gateway)
			return nat_draft_map_source(env, c, gateway, HP_POOL_GATEWAY);
	}
	if (!c->settings.wan_addr)
		return HP_DROP_NO_WAN;
	ret = nat_draft_map_source(env, c, c->settings.wan_addr, HP_POOL_WAN);
	/* The router upstream is likely to keep the mapping's port, and it is the port that nobody else has. A mapping of ours has no other name. */
	if (!ret && c->settings.loop_addr != c->settings.wan_addr && c->settings.loop_addr &&
	    !(target->flags & HP_SESSION_TARGET))
		c->draft.v4.xlat.saddr = c->settings.loop_addr;
	return ret;
}

static NAT_FUNCTION int nat_hairpin_to(NAT_ENV *env, struct nat_ctx *c,
				       const struct nat_target *target)
{
	int ret;

	nat_draft4(c, HP_KIND_HAIRPIN, HP_SIDE_LAN);
	c->draft.v4.xlat.daddr = target->host;
	c->draft.v4.xlat.dport = target->port;
	c->draft.service = target->service;
	/* Kept in the draft and not in a variable, whose every value the verifier would follow on its own. */
	c->draft.word = nat_word(0, HP_LIFE_FREE, 0, target->flags);
	ret = nat_hairpin_map_source(env, c, target);
	if (ret) {
		nat_session_release(c, &c->draft, nat_word_flags(c->draft.word), 1);
		return nat_not_opened(c, ret);
	}
	if (c->draft.v4.xlat.saddr != c->draft.v4.orig.saddr)
		c->draft.word |= nat_word(0, HP_LIFE_FREE, 0, HP_SESSION_MAPPED);
	ret = nat_draft_open(c);
	return ret ? nat_not_opened(c, ret) : nat_send_first(c);
}

/* To the dynamic mapping of c->mapping_key. It is held: while the flow lives, its target's external port must not become another host's. */
static NAT_INLINE int nat_hairpin_dynamic(NAT_ENV *env, struct nat_ctx *c,
					  struct nat_target *target)
{
	if (nat_mapping_take_bound(c) <= 0)
		return nat_verdict(c, NAT_DROP, HP_DROP_RACE);
	target->flags = HP_SESSION_TARGET;
	target->host = c->mapping_key.addr;
	target->port = c->mapping_key.port;
	target->source = c->settings.hairpin_source;
	target->service = 0xffffffff;
	return nat_hairpin_to(env, c, target);
}

/* Whether the packet opens a flow to what is declared: a forward, or a service of the gateway's own. */
static NAT_INLINE int nat_is_declared(struct nat_ctx *c)
{
	const struct hp_rule *rule;

	if ((c->in.proto != 6 && c->in.proto != 17) || nat_may_open(c))
		return 0;
	rule = nat_rule_external(c, c->in.proto, c->in.flow4.dport);
	return rule && (rule->action == HP_ACTION_FORWARD || nat_is_declared_own(rule));
}

/*
 * A service of the gateway's own at a public address that another router has: no socket of ours answers there, so that its packets are led to our
 * own address, and the answers renamed where they leave. Only where they leave by WAN; elsewhere no program of ours sees them.
 */
static NAT_INLINE int nat_hairpin_own(struct nat_ctx *c, const struct hp_rule *rule)
{
	int ret;

	nat_draft4(c, HP_KIND_HOST, HP_SIDE_HOST);
	c->draft.v4.xlat.daddr = c->settings.wan_addr;
	c->draft.v4.xlat.dport = rule->host_port;
	c->draft.service = rule->service;
	ret = nat_session_create(c, 0);
	if (ret)
		return nat_not_opened(c, ret);
	c->out = c->draft.v4.xlat;
	return nat_verdict(c, NAT_DELIVER, HP_PASS_OWN_SERVICE);
}

/* From a LAN to a public address, no session known. Order: static forward, own service, dynamic mapping. @elsewhere: another router has it. */
static NAT_INLINE int nat_hairpin(NAT_ENV *env, struct nat_ctx *c, int isolated, int elsewhere)
{
	struct nat_target target = {};
	const struct hp_rule *rule;
	int ret;

	/* About what the gateway itself answered from its public address; all else that is quoted would have a session. */
	if (c->in.icmp == NAT_ICMP_ERROR &&
	    (!c->in.quoted || c->in.quote4.saddr != c->in.flow4.daddr))
		return nat_verdict(c, NAT_DROP, HP_DROP_ICMP_ERROR);
	if (c->in.proto != 6 && c->in.proto != 17)
		return isolated ? nat_verdict(c, NAT_DROP, HP_DROP_ISOLATED)
				: nat_verdict(c, NAT_PASS, HP_PASS_OWN_SERVICE);
	rule = nat_rule_external(c, c->in.proto, c->in.flow4.dport);
	if (rule && rule->action == HP_ACTION_FORWARD) {
		target.host = rule->host;
		target.port = rule->host_port;
		target.source = rule->hairpin_source;
		target.gateway = rule->gateway;
		target.service = rule->service;
		return nat_may_open(c) ? NAT_DROP : nat_hairpin_to(env, c, &target);
	}
	if (isolated && !nat_is_declared_own(rule))
		return nat_verdict(c, NAT_DROP, HP_DROP_ISOLATED);
	if (rule && elsewhere)
		return nat_hairpin_own(c, rule);
	if (rule || nat_env_listens4(env, c, c->in.flow4.daddr, c->in.flow4.dport))
		return nat_verdict(c, NAT_PASS, HP_PASS_OWN_SERVICE);
	ret = nat_dynamic_target(c);
	if (ret < 0)
		return nat_verdict(c, NAT_DROP, HP_DROP_RACE);
	if (!ret && nat_pickup_waits(c))
		return nat_verdict(c, NAT_DROP, HP_DROP_NO_SESSION);
	if (!ret || c->mapping.host)
		return nat_verdict(c, NAT_PASS, HP_PASS_OWN_SERVICE);
	if (nat_may_open(c))
		return NAT_DROP;
	ret = c->settings.hairpin_filtered ? nat_hairpin_filter(c) : -1;
	return ret < 0 ? nat_hairpin_dynamic(env, c, &target) : ret;
}
