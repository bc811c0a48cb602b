/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mappings: one internal endpoint, one external endpoint, whatever the destination (RFC 4787 REQ-1).
 *
 * The port is claimed first (port.h), and only then the mapping is inserted, with NOEXIST; who loses there gives the claim back and takes the
 * winner's.
 *
 * A mapping lives while sessions hold it. Every change of its word is a compare-and-exchange of a word that carries the generation. What it
 * had when it ends rests (rest.h).
 */
#pragma once

#include <nat_env.h>

#include "ctx.h"
#include "host_limit.h"
#include "rules.h"

/* Whether the mapping's host has to answer for it: a port of the pool that it took. */
static inline int nat_mapping_is_counted(const struct hp_mapping *m)
{
	return m->key.pool == HP_POOL_WAN && !m->host && !m->fixed;
}

/*
 * What the end of a mapping leaves of its port. The gateway's own stack lets its ports rest itself, and a port that no packet ever left from
 * needs no rest; one of an address that we have lost would come to nobody.
 */
static NAT_INLINE void nat_mapping_free_port(struct nat_ctx *c, const struct hp_mapping *m,
					     __u32 rest)
{
	const struct hp_prefix *net = nat_net4(c, m->ext_addr);

	c->binding_key = (struct hp_binding_key){
		.addr = m->ext_addr, .port = m->ext_port, .proto = m->key.proto};
	if (!rest || m->host || !net ||
	    (net->kind != HP_NET_WAN_LOCAL && net->kind != HP_NET_LOCAL)) {
		nat_binding_remove(c, m->key.pool);
		return;
	}
	if (m->ext_port != m->key.port)
		nat_env_old_port_put(&c->mapping_key, &c->binding_key);
	nat_rest_begin(c, m->key.pool);
}

/* The port before the mapping: while that is there, dying, its endpoint can have no other. */
static NAT_INLINE void nat_mapping_remove(struct nat_ctx *c, struct hp_mapping *m, __u32 rest)
{
	int counted = nat_mapping_is_counted(m);

	c->mapping_key = m->key;
	if (!m->fixed)
		nat_mapping_free_port(c, m, rest);
	nat_env_mapping_delete(&c->mapping_key);
	if (counted) {
		nat_v4_mapped(c->host_key.addr, c->mapping_key.addr);
		nat_host_give(c, HP_HOST_MAPPING_ONE);
	}
}

/*
 * Gives one reference back; the last one takes the mapping with it, and with @rest its port rests. Subtracted, not exchanged:
 * whoever gives up after some lost exchanges would lose the port for ever. @key is in c->mapping_key then.
 */
NAT_GLOBAL int nat_mapping_release(struct nat_ctx *c, const struct hp_mapping_key *key, __u32 rest)
{
	struct hp_mapping *m;
	__u64 left;

	c = nat_env_own(c);
	if (!c || !key)
		return 0;
	c->mapping_key = *key;
	m = nat_env_mapping(&c->mapping_key);
	if (!m)
		return 0;
	left = nat_env_subtract(&m->word, HP_MAPPING_REF_ONE) - HP_MAPPING_REF_ONE;
	/* Who takes a reference between the two wins, and the mapping lives on. */
	if (!(left & HP_MAPPING_REFS_MASK) && nat_env_cas(&m->word, left, left | HP_MAPPING_DYING))
		nat_mapping_remove(c, m, rest);
	return 0;
}

/* Takes a reference to the mapping of c->mapping_key into c->mapping. 1: taken, 0: none, -1: lost a race. */
static NAT_INLINE int nat_mapping_take(struct nat_ctx *c)
{
	struct hp_mapping *m = nat_env_mapping(&c->mapping_key);

	if (!m)
		return 0;
	for (int i = 0; i < LIMIT_CAS_TRIES; i++) {
		__u64 old = m->word;

		if (old & HP_MAPPING_DYING)
			return -1;
		if (!nat_env_cas(&m->word, old, old + HP_MAPPING_REF_ONE))
			continue;
		c->mapping = *m;
		if (nat_mapping_same_key(&c->mapping.key, &c->mapping_key))
			return 1;
		/* The element was recycled under us: that reference belongs to another key. */
		c->mapping_key = c->mapping.key;
		nat_mapping_release(c, &c->mapping.key, 1);
		return -1;
	}
	return -1;
}

/* The same, for the mapping that was found by the binding of c->binding_key: it may have been made anew since, with another endpoint. */
static NAT_INLINE int nat_mapping_take_bound(struct nat_ctx *c)
{
	int ret = nat_mapping_take(c);

	if (ret <= 0 || (c->mapping.ext_addr == c->binding_key.addr &&
			 c->mapping.ext_port == c->binding_key.port))
		return ret;
	nat_mapping_release(c, &c->mapping.key, 1);
	return -1;
}

/*
 * The external port that a declared forward gives to its host's endpoint: what the host sends from there
 * leaves as the very endpoint under which it is known outside.
 */
static NAT_INLINE __be16 nat_port_fixed(struct nat_ctx *c)
{
	const struct hp_rule *rule;

	if (c->mapping_key.pool != HP_POOL_WAN || c->mapping.host || c->mapping_key.proto == 1)
		return 0;
	rule = nat_rule_host4(c, c->mapping_key.addr, c->mapping_key.proto, c->mapping_key.port);
	return rule && rule->action == HP_ACTION_FORWARD ? rule->ext_port : 0;
}

static NAT_INLINE void nat_mapping_begin(struct nat_ctx *c, __be16 fixed)
{
	c->mapping.word = (nat_env_random() | 1) | HP_MAPPING_REF_ONE;
	c->mapping.key = c->mapping_key;
	c->mapping.created_s = c->in.now_s;
	c->mapping.fixed = fixed != 0;
	c->mapping.ext_port = fixed;
}

/* Counts the mapping that is being made for its host. 0, or the reason for a drop. */
static NAT_INLINE int nat_mapping_charge(struct nat_ctx *c)
{
	if (!nat_mapping_is_counted(&c->mapping))
		return 0;
	nat_v4_mapped(c->host_key.addr, c->mapping_key.addr);
	return nat_host_take(c, HP_HOST_MAPPING_ONE);
}

/* @ret says what became of the port. 0, or the reason for a drop with nothing left behind. */
static NAT_INLINE int nat_mapping_finish(struct nat_ctx *c, int ret)
{
	long added = ret ? 0 : nat_env_mapping_add(&c->mapping_key, &c->mapping);

	if (added && !c->mapping.fixed)
		nat_port_unclaim(c);
	if (added)
		ret = added == NAT_EEXIST ? HP_DROP_RACE : HP_DROP_TABLE_FULL;
	c->fresh = !ret;
	if (ret && nat_mapping_is_counted(&c->mapping)) {
		nat_v4_mapped(c->host_key.addr, c->mapping_key.addr);
		nat_host_give(c, HP_HOST_MAPPING_ONE);
	}
	return ret;
}

static NAT_INLINE int nat_mapping_make(NAT_ENV *env, struct nat_ctx *c)
{
	int ret;

	nat_mapping_begin(c, nat_port_fixed(c));
	ret = nat_mapping_charge(c);
	if (ret)
		return ret;
	return nat_mapping_finish(c, c->mapping.fixed ? 0 : nat_port_choose(env, c));
}

/* The same with a port that is known already (import.h). */
static NAT_INLINE int nat_mapping_make_at(struct nat_ctx *c, __be16 port)
{
	__be16 fixed = nat_port_fixed(c);
	int ret;

	nat_mapping_begin(c, fixed == port ? fixed : 0);
	ret = nat_mapping_charge(c);
	if (ret)
		return ret;
	if (!c->mapping.fixed && nat_port_claim(NULL, c, port) <= 0)
		ret = HP_DROP_CLASH;
	return nat_mapping_finish(c, ret);
}

/* A second public address is as good as the first while a mapping holds it: one endpoint keeps one (RFC 4787 REQ-1). */
static NAT_INLINE int nat_mapping_is_public(struct nat_ctx *c)
{
	const struct hp_prefix *net = nat_net4(c, c->mapping.ext_addr);

	return c->mapping_key.pool == HP_POOL_WAN && net && net->kind == HP_NET_WAN_LOCAL;
}

/*
 * The mapping of c->mapping_key, made if there is none, with one reference taken; the answer is in c->mapping. The
 * caller has set c->mapping.ext_addr and c->mapping.host; c->fresh says whether it was made here. 0, or the reason for a drop.
 */
NAT_GLOBAL int nat_mapping_get(NAT_ENV *env, struct nat_ctx *c)
{
	__be32 wanted;
	__u8 host;
	int ret;

	c = nat_env_own(c);
	if (!c)
		return HP_DROP_MALFORMED;
	wanted = c->mapping.ext_addr;
	host = c->mapping.host;
	c->fresh = 0;
	for (int i = 0; i < 2; i++) {
		ret = nat_mapping_take(c);
		if (ret < 0)
			return HP_DROP_RACE;
		if (ret > 0 && (c->mapping.ext_addr == wanted || nat_mapping_is_public(c)))
			return 0;
		if (ret > 0) {
			/* Still held by sessions of an address that is gone; the audit ends them now. */
			nat_mapping_release(c, &c->mapping.key, 1);
			return HP_DROP_NO_WAN;
		}
		c->mapping.ext_addr = wanted;
		c->mapping.host = host;
		ret = nat_mapping_make(env, c);
		if (ret != HP_DROP_RACE)
			return ret;
	}
	return HP_DROP_RACE;
}
