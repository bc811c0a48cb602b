/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bindings and their rest (RFC 6888 REQ-8): who still sends to a port that was given back must not reach its next owner.
 *
 * A binding changes hands by compare-and-exchange of its word, which carries a random generation: in use → resting by its owner, resting → in
 * use by the same endpoint or, after PORT_REST_S, by anybody, resting → going by the sweep, which then deletes it. The queue of resting ports
 * only tells the sweep where to look: an entry whose second is not the binding's is a leftover.
 */
#pragma once

#include <nat_env.h>

#include "ctx.h"
#include "rules.h"

static inline __u64 nat_binding_word(__u32 generation, __u32 freed_s)
{
	return generation | (__u64)freed_s << HP_BINDING_FREED_SHIFT;
}

static inline __u32 nat_binding_freed_s(__u64 word)
{
	return (__u32)(word >> HP_BINDING_FREED_SHIFT);
}

static inline int nat_binding_in_use(const struct hp_binding *b)
{
	return nat_binding_freed_s(b->word) == 0;
}

static NAT_INLINE int nat_mapping_same_key(const struct hp_mapping_key *a,
					   const struct hp_mapping_key *b)
{
	return a->addr == b->addr && a->port == b->port && a->proto == b->proto &&
	       a->pool == b->pool && a->via == b->via;
}

/*
 * Exchanges the word of @b, which was looked up for c->binding_key. The element may have been recycled since, for a binding with the same
 * word: then it was that one's that was exchanged, and is put back. 1: exchanged.
 */
static NAT_INLINE int nat_binding_exchange(struct nat_ctx *c, struct hp_binding *b, __u64 old,
					   __u64 new)
{
	if (!nat_env_cas(&b->word, old, new))
		return 0;
	if (b->key.addr == c->binding_key.addr && b->key.port == c->binding_key.port &&
	    b->key.proto == c->binding_key.proto)
		return 1;
	nat_env_cas(&b->word, new, old);
	return 0;
}

/* Which total counts the bindings of @pool and @proto; HP_TOTAL_MAX: none. */
static inline enum hp_total_of nat_total_of(__u8 pool, __u8 proto)
{
	if (pool != HP_POOL_WAN)
		return HP_TOTAL_MAX;
	switch (proto) {
	case 6:
		return HP_TOTAL_TCP;
	case 17:
		return HP_TOTAL_UDP;
	case 1:
		return HP_TOTAL_ICMP;
	}
	return HP_TOTAL_MAX;
}

/* Deletes the binding of c->binding_key, which its owner or the winner of its rest calls. */
static NAT_INLINE void nat_binding_remove(struct nat_ctx *c, __u8 pool)
{
	nat_env_binding_delete(&c->binding_key);
	nat_env_total_add(nat_total_of(pool, c->binding_key.proto), -1);
}

static inline int nat_rest_is_over(const struct nat_ctx *c, __u32 freed_s)
{
	/* Signed: another CPU's clock may be a second ahead. */
	return (__s32)(c->in.now_s - freed_s) >= PORT_REST_S;
}

/* Whether c->mapping_key may have the binding @b, seen with @word: it rests, and is its own or has rested long enough. */
static NAT_INLINE int nat_rest_may_take(const struct nat_ctx *c, const struct hp_binding *b,
					__u64 word)
{
	__u32 freed_s = nat_binding_freed_s(word);

	if (!freed_s || freed_s == HP_BINDING_GOING)
		return 0;
	return nat_rest_is_over(c, freed_s) || nat_mapping_same_key(&b->mapping, &c->mapping_key);
}

/*
 * The owner of c->binding_key lets it rest, as it has since @freed_s. Where the queue has no room the port is free at once: nobody would ever find
 * it again.
 */
static NAT_INLINE void nat_rest_since(struct nat_ctx *c, __u8 pool, __u32 freed_s)
{
	struct hp_binding *b = nat_env_binding(&c->binding_key);

	if (!b)
		return;
	c->rest.key = c->binding_key;
	c->rest.freed_s = freed_s;
	if (nat_env_rest_push(&c->rest))
		nat_binding_remove(c, pool);
	else
		b->word = nat_binding_word((__u32)b->word, freed_s);
}

static NAT_INLINE void nat_rest_begin(struct nat_ctx *c, __u8 pool)
{
	nat_rest_since(c, pool, c->in.now_s ? c->in.now_s : 1);
}

/* The sweep: deletes the binding of the oldest entry of the queue if its rest is over. 0: there is none to look at now. */
static NAT_INLINE int nat_rest_sweep(struct nat_ctx *c)
{
	struct hp_binding *b;
	__u64 word;

	if (nat_env_rest_peek(&c->rest) || !nat_rest_is_over(c, c->rest.freed_s) ||
	    nat_env_rest_pop(&c->rest))
		return 0;
	c->binding_key = c->rest.key;
	b = nat_env_binding(&c->binding_key);
	if (!b)
		return 1;
	word = b->word;
	if (nat_binding_freed_s(word) == c->rest.freed_s &&
	    nat_binding_exchange(c, b, word, nat_binding_word((__u32)word, HP_BINDING_GOING)))
		nat_binding_remove(c, b->mapping.pool);
	return 1;
}
