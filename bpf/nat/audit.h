/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the plan in force would still admit a session. Asked for every session after a change: a forward that is
 * removed or narrowed ends its own sessions and no others, a new one ends the dynamic mapping on its port, and an address that is
 * gone takes all its sessions along. The answer needs no memory of the plan before, so a daemon that was restarted
 * in between gives the same.
 */
#pragma once

#include "filter.h"
#include "session.h"

static NAT_INLINE int nat_audit_is_public(struct nat_ctx *c, __be32 addr)
{
	const struct hp_prefix *net = nat_net4(c, addr);

	return net && net->kind == HP_NET_WAN_LOCAL;
}

static NAT_INLINE int nat_audit_is_ours(struct nat_ctx *c, __be32 addr)
{
	const struct hp_prefix *net = nat_net4(c, addr);

	return net && (net->kind == HP_NET_WAN_LOCAL || net->kind == HP_NET_LOCAL);
}

/* At home or elsewhere: a LAN may ask it for what is declared. */
static NAT_INLINE int nat_audit_is_asked(struct nat_ctx *c, __be32 addr)
{
	const struct hp_prefix *net = nat_net4(c, addr);

	return net && (net->kind == HP_NET_WAN_LOCAL || net->kind == HP_NET_PUBLIC);
}

/* The address of whose ports the session's source has one: a hairpin may show that of another router instead (nat_hairpin_map_source()). */
static NAT_INLINE __be32 nat_audit_mapped_at(struct nat_ctx *c, const struct hp_session *s)
{
	const struct hp_mapping *m;

	/* Also one that the other router had before: what goes on by it goes on. */
	if (s->kind != HP_KIND_HAIRPIN || s->pool != HP_POOL_WAN ||
	    nat_audit_is_ours(c, s->v4.xlat.saddr))
		return s->v4.xlat.saddr;
	nat_session_mapping_key(c, s);
	m = nat_env_mapping(&c->mapping_key);
	return m && m->ext_port == s->v4.xlat.sport ? m->ext_addr : 0;
}

/* The destination that a session of a forward or a hairpin was given. */
static NAT_FUNCTION int nat_audit_target(struct nat_ctx *c, const struct hp_session *s)
{
	const struct hp_rule *rule = nat_rule_external(c, s->proto, s->v4.orig.dport);

	if (rule)
		return rule->action == HP_ACTION_FORWARD && rule->host == s->v4.xlat.daddr &&
		       rule->host_port == s->v4.xlat.dport;
	/* No rule: it was a forward that is gone, or a dynamic mapping, which the session itself holds. */
	return (nat_word_flags(s->word) & HP_SESSION_TARGET) != 0;
}

/* The external endpoint that a session's source was given. */
static NAT_FUNCTION int nat_audit_source(struct nat_ctx *c, const struct hp_session *s)
{
	const struct hp_binding *binding;
	const struct hp_rule *rule;
	__be32 addr = nat_audit_mapped_at(c, s);

	if (!nat_audit_is_ours(c, addr))
		return 0;
	if (s->pool != HP_POOL_WAN || s->proto == 1)
		return 1;
	rule = nat_rule_external(c, s->proto, s->v4.xlat.sport);
	if (rule)
		return rule->action == HP_ACTION_FORWARD && rule->host == s->v4.orig.saddr &&
		       rule->host_port == s->v4.orig.sport;
	/* No rule: the session's own mapping must have claimed the port, or it was a declared one that is no longer. */
	c->binding_key =
		(struct hp_binding_key){.addr = addr, .port = s->v4.xlat.sport, .proto = s->proto};
	binding = nat_env_binding(&c->binding_key);
	return binding && nat_binding_in_use(binding) &&
	       binding->mapping.addr == s->v4.orig.saddr &&
	       binding->mapping.port == s->v4.orig.sport;
}

static NAT_INLINE int nat_audit_forward(struct nat_ctx *c, const struct hp_session *s)
{
	const struct hp_rule *rule;

	if (!nat_audit_is_public(c, s->v4.orig.daddr) || !nat_audit_target(c, s))
		return 0;
	if ((nat_word_flags(s->word) & HP_SESSION_MAPPED) &&
	    !nat_audit_is_ours(c, s->v4.xlat.saddr))
		return 0;
	rule = nat_rule_external(c, s->proto, s->v4.orig.dport);
	return rule && nat_allowed4(c, rule->allow, s->v4.orig.saddr);
}

static NAT_INLINE int nat_audit_pinhole(struct nat_ctx *c, const struct hp_session *s)
{
	const struct hp_rule *rule = nat_rule_host6(c, s->v6.daddr, s->proto, s->v6.dport);

	return rule && rule->action == HP_ACTION_PINHOLE &&
	       nat_allowed6(c, rule->allow, s->v6.saddr);
}

static NAT_INLINE int nat_audit_is_isolated4(struct nat_ctx *c, __be32 addr)
{
	const struct hp_prefix *net = nat_net4(c, addr);

	return net && net->isolated;
}

/* Between segments: one that has become isolated keeps what it may still begin. */
static NAT_INLINE int nat_audit_routed4(struct nat_ctx *c, const struct hp_session *s)
{
	return !nat_audit_is_isolated4(c, s->v4.orig.saddr) ||
	       nat_rule_host4(c, s->v4.orig.daddr, s->proto, s->v4.orig.dport) != 0;
}

static NAT_INLINE int nat_audit_routed6(struct nat_ctx *c, const struct hp_session *s)
{
	const struct hp_prefix *net;

	if (s->orig_side == HP_SIDE_WAN)
		return nat_audit_pinhole(c, s);
	if (s->reply_side != HP_SIDE_LAN)
		return 1;
	net = nat_net6(c, s->v6.saddr);
	return !net || !net->isolated || nat_rule_host6(c, s->v6.daddr, s->proto, s->v6.dport) != 0;
}

/*
 * To a dynamic mapping: whom its host has answered it has spoken to, and no filtering shuts that one out. The others are judged by
 * the filtering of today, with @remote as the outside sees the initiator.
 */
static NAT_FUNCTION int nat_audit_filter(struct nat_ctx *c, const struct hp_session *s,
					 __be32 remote)
{
	if (nat_word_flags(s->word) & HP_SESSION_REPLIED)
		return 1;
	c->peer_key = (struct hp_peer_key){.ext_addr = s->v4.orig.daddr,
					   .remote = remote,
					   .ext_port = s->v4.orig.dport,
					   .proto = s->proto};
	return nat_filter_admits(c, s->v4.xlat.daddr);
}

/* From outside to a dynamic mapping. A forward that has been declared on its port since ends it, even one to the same endpoint: its list would be asked. */
static NAT_INLINE int nat_audit_incoming(struct nat_ctx *c, const struct hp_session *s)
{
	return nat_audit_is_public(c, s->v4.orig.daddr) &&
	       !nat_rule_external(c, s->proto, s->v4.orig.dport) &&
	       nat_audit_filter(c, s, s->v4.orig.saddr);
}

/* From a LAN to a dynamic mapping. A session whose source is not the public address is judged as if it were (hairpin_filter.h). */
static NAT_INLINE int nat_audit_loop(struct nat_ctx *c, const struct hp_session *s)
{
	__u16 flags = nat_word_flags(s->word);

	if (nat_audit_is_isolated4(c, s->v4.orig.saddr))
		return 0;
	if (!c->settings.hairpin_filtered || (flags & HP_SESSION_SELF))
		return 1;
	return nat_audit_filter(c, s,
				(flags & HP_SESSION_MAPPED) && s->pool == HP_POOL_WAN
					? s->v4.xlat.saddr
					: c->settings.wan_addr);
}

/* An isolated segment reaches declared services by the public address, and no dynamic mappings. */
static NAT_INLINE int nat_audit_hairpin(struct nat_ctx *c, const struct hp_session *s)
{
	if (!nat_audit_is_asked(c, s->v4.orig.daddr) || !nat_audit_target(c, s))
		return 0;
	return nat_rule_external(c, s->proto, s->v4.orig.dport) || nat_audit_loop(c, s);
}

/* From a LAN to a service of the gateway's own, at the address of another router. */
static NAT_INLINE int nat_audit_own(struct nat_ctx *c, const struct hp_session *s)
{
	const struct hp_rule *rule = nat_rule_external(c, s->proto, s->v4.orig.dport);

	return nat_is_declared_own(rule) && rule->host_port == s->v4.xlat.dport &&
	       nat_audit_is_asked(c, s->v4.orig.daddr) && nat_audit_is_public(c, s->v4.xlat.daddr);
}

/* 1: the plan admits it, 0: it has to end. */
static NAT_FUNCTION int nat_audit(struct nat_ctx *c, const struct hp_session *s)
{
	__u16 flags = nat_word_flags(s->word);

	if (flags & HP_SESSION_V6)
		return nat_audit_routed6(c, s);
	if (s->kind == HP_KIND_ROUTED)
		return nat_audit_routed4(c, s);
	if (s->kind == HP_KIND_FORWARD)
		return nat_audit_forward(c, s);
	if (s->kind == HP_KIND_INCOMING)
		return nat_audit_incoming(c, s);
	if (s->kind == HP_KIND_HAIRPIN && !nat_audit_hairpin(c, s))
		return 0;
	if (s->kind == HP_KIND_OUTGOING && !(flags & HP_SESSION_MAPPED))
		return nat_audit_is_public(c, s->v4.xlat.saddr);
	if (s->kind == HP_KIND_HOST && s->orig_side == HP_SIDE_LAN)
		return nat_audit_own(c, s);
	if (!(flags & HP_SESSION_MAPPED))
		return s->kind != HP_KIND_HOST || nat_audit_is_public(c, s->v4.orig.saddr);
	return nat_audit_source(c, s);
}
