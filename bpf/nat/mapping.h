/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mappings: one internal endpoint, one external endpoint, whatever the destination (RFC 4787 REQ-1).
 *
 * A port is claimed by inserting the binding with NOEXIST, and only then the mapping is inserted, also with NOEXIST; who
 * loses there gives the claim back and takes the winner's. Look up first and then write would let two CPUs give one port to two hosts.
 *
 * A mapping lives while sessions hold it. Every change of its word is a compare-and-exchange of a word that carries the generation.
 */
#pragma once

#include <nat_env.h>

#include "ctx.h"
#include "rules.h"

static NAT_INLINE int nat_mapping_same_key(const struct hp_mapping_key *a,
					   const struct hp_mapping_key *b)
{
	return a->addr == b->addr && a->port == b->port && a->proto == b->proto &&
	       a->pool == b->pool && a->via == b->via;
}

static NAT_INLINE void nat_mapping_remove(struct nat_ctx *c, struct hp_mapping *m)
{
	c->mapping_key = m->key;
	if (!m->fixed) {
		c->binding_key = (struct hp_binding_key){
			.addr = m->ext_addr, .port = m->ext_port, .proto = m->key.proto};
		nat_env_binding_delete(&c->binding_key);
	}
	nat_env_mapping_delete(&c->mapping_key);
}

/*
 * Gives one reference back; the last one takes the mapping with it. Subtracted, not exchanged: whoever gives up after
 * some lost exchanges would lose the port for ever.
 */
static NAT_FUNCTION void nat_mapping_release(struct nat_ctx *c, const struct hp_mapping_key *key)
{
	struct hp_mapping *m = nat_env_mapping(key);
	__u64 left;

	if (!m)
		return;
	left = nat_env_subtract(&m->word, HP_MAPPING_REF_ONE) - HP_MAPPING_REF_ONE;
	/* Who takes a reference between the two wins, and the mapping lives on. */
	if (!(left & HP_MAPPING_REFS_MASK) && nat_env_cas(&m->word, left, left | HP_MAPPING_DYING))
		nat_mapping_remove(c, m);
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
		nat_mapping_release(c, &c->mapping.key);
		return -1;
	}
	return -1;
}

/* Whether the plan keeps @port for a forward or for wan.pass. */
static NAT_INLINE int nat_port_reserved(struct nat_ctx *c, __be16 port)
{
	return c->mapping_key.pool == HP_POOL_WAN &&
	       nat_rule_external(c, c->mapping_key.proto, port) != 0;
}

/* Claims c->mapping.ext_addr and @port for c->mapping_key. 1: ours, 0: somebody has it. */
static NAT_INLINE int nat_port_claim(struct nat_ctx *c, __be16 port)
{
	if (nat_port_reserved(c, port))
		return 0;
	c->binding_key = (struct hp_binding_key){
		.addr = c->mapping.ext_addr, .port = port, .proto = c->mapping_key.proto};
	c->binding.mapping = c->mapping_key;
	c->binding.word = (__u32)c->mapping.word;
	if (nat_env_binding_add(&c->binding_key, &c->binding))
		return 0;
	c->mapping.ext_port = port;
	return 1;
}

/* The range that a mapping may take its port from, host byte order. The gateway's own flows keep any port that is free. */
struct nat_range {
	__u16 first, last;
};

static inline struct nat_range nat_port_range(const struct nat_ctx *c)
{
	if (c->mapping_key.pool == HP_POOL_GATEWAY)
		return (struct nat_range){LIMIT_GATEWAY_POOL_FIRST, LIMIT_GATEWAY_POOL_LAST};
	/* An ICMP id has no well-known class. */
	if (c->mapping_key.proto == 1)
		return (struct nat_range){0, 65535};
	return (struct nat_range){c->settings.port_first, c->settings.port_last};
}

/* The host's own port if it is free, else a random one of the range (RFC 7857 section 9). 1: claimed. */
static NAT_FUNCTION int nat_port_choose(struct nat_ctx *c)
{
	struct nat_range range = nat_port_range(c);
	__u16 own = nat_ntohs(c->mapping_key.port);
	__u32 size = (__u32)range.last - range.first + 1;

	if ((c->mapping.host || (own >= range.first && own <= range.last)) &&
	    nat_port_claim(c, c->mapping_key.port))
		return 1;
	for (int i = 0; i < LIMIT_PORT_TRIES; i++) {
		__u32 pick = range.first + nat_env_random() % size;

		if (nat_port_claim(c, nat_htons((__u16)pick)))
			return 1;
	}
	return 0;
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

/* The port is claimed, or fixed. */
static NAT_FUNCTION int nat_mapping_insert(struct nat_ctx *c)
{
	long ret = nat_env_mapping_add(&c->mapping_key, &c->mapping);

	if (!ret)
		return 0;
	if (!c->mapping.fixed)
		nat_env_binding_delete(&c->binding_key);
	return ret == NAT_EEXIST ? HP_DROP_RACE : HP_DROP_TABLE_FULL;
}

static NAT_FUNCTION int nat_mapping_make(struct nat_ctx *c)
{
	__be16 fixed = nat_port_fixed(c);

	nat_mapping_begin(c, fixed);
	if (!fixed && !nat_port_choose(c))
		return HP_DROP_NO_PORT;
	return nat_mapping_insert(c);
}

/* The same with a port that is known already (import.h). */
static NAT_INLINE int nat_mapping_make_at(struct nat_ctx *c, __be16 port)
{
	__be16 fixed = nat_port_fixed(c);

	nat_mapping_begin(c, fixed == port ? fixed : 0);
	if (!c->mapping.fixed && !nat_port_claim(c, port))
		return HP_DROP_CLASH;
	return nat_mapping_insert(c);
}

/* A second public address is as good as the first while a mapping holds it: one endpoint keeps one (RFC 4787 REQ-1). */
static NAT_INLINE int nat_mapping_is_public(struct nat_ctx *c)
{
	const struct hp_prefix *net = nat_net4(c, c->mapping.ext_addr);

	return c->mapping_key.pool == HP_POOL_WAN && net && net->kind == HP_NET_WAN_LOCAL;
}

/*
 * The mapping of c->mapping_key, made if there is none, with one reference taken; the answer is in c->mapping. The
 * caller has set c->mapping.ext_addr and c->mapping.host. 0, or the reason for a drop.
 */
NAT_GLOBAL int nat_mapping_get(struct nat_ctx *c)
{
	__be32 wanted;
	__u8 host;
	int ret;

	if (!c)
		return HP_DROP_MALFORMED;
	wanted = c->mapping.ext_addr;
	host = c->mapping.host;
	for (int i = 0; i < 2; i++) {
		ret = nat_mapping_take(c);
		if (ret < 0)
			return HP_DROP_RACE;
		if (ret > 0 && (c->mapping.ext_addr == wanted || nat_mapping_is_public(c)))
			return 0;
		if (ret > 0) {
			/* Still held by sessions of an address that is gone; the audit ends them now. */
			nat_mapping_release(c, &c->mapping.key);
			return HP_DROP_NO_WAN;
		}
		c->mapping.ext_addr = wanted;
		c->mapping.host = host;
		ret = nat_mapping_make(c);
		if (ret != HP_DROP_RACE)
			return ret;
	}
	return HP_DROP_RACE;
}
