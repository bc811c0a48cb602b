/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The external port of a new mapping (RFC 4787 REQ-3, REQ-4, RFC 7857 sections 8 and 9): the one it had before, else its host's own, else one by
 * chance of the same class. Never one that another mapping has, a rule declares, or a socket of the gateway answers on.
 *
 * A port is claimed by inserting the binding with NOEXIST, or by winning the exchange of one that rests. Look up first and then write would let two
 * CPUs give one port to two hosts.
 */
#pragma once

#include "rest.h"
#include "tcp.h"

/* RFC 4787 REQ-3a: sources below this get a port below it. */
#define NAT_PORT_LOW_END 1024

/* Ports that a mapping may take, host byte order. */
struct nat_range {
	__u32 first, last;
};

/* nat.ports, and of it the part that is of the class of c->mapping_key's own port, where it has one. */
static inline struct nat_range nat_port_range(const struct nat_ctx *c)
{
	struct nat_range range = {c->settings.port_first, c->settings.port_last};
	int low = nat_ntohs(c->mapping_key.port) < NAT_PORT_LOW_END;

	if (c->mapping_key.pool == HP_POOL_GATEWAY)
		return (struct nat_range){LIMIT_GATEWAY_POOL_FIRST, LIMIT_GATEWAY_POOL_LAST};
	/* An ICMP id has no well-known class, and 0 is as good as any. */
	if (c->mapping_key.proto == 1)
		return (struct nat_range){0, 65535};
	if (!range.first)
		range.first = 1;
	if (low && range.first < NAT_PORT_LOW_END && range.last >= NAT_PORT_LOW_END)
		range.last = NAT_PORT_LOW_END - 1;
	if (!low && range.first < NAT_PORT_LOW_END && range.last >= NAT_PORT_LOW_END)
		range.first = NAT_PORT_LOW_END;
	return range;
}

/* How many ports of that range nobody has and none rests in. What lies outside of it counts as taken in it: a little less than there is. */
static inline __u64 nat_port_count_free(const struct nat_ctx *c)
{
	struct nat_range range = nat_port_range(c);
	__u64 size = (__u64)range.last - range.first + 1;
	__u64 taken = nat_env_total(nat_total_of(c->mapping_key.pool, c->mapping_key.proto));

	return size > taken ? size - taken : 0;
}

/* Whether the plan keeps @port for a forward or for wan.pass. On one arm our address in the LAN is the one that they are declared at. */
static NAT_INLINE int nat_port_reserved(struct nat_ctx *c, __be16 port)
{
	return (c->mapping_key.pool == HP_POOL_WAN || c->settings.one_arm) &&
	       nat_rule_external(c, c->mapping_key.proto, port) != 0;
}

/* Whether a socket of the gateway would get what is sent to @port. Not asked for the gateway's own flows: it is their own; nor without @env. */
static NAT_INLINE int nat_port_listens(NAT_ENV *env, struct nat_ctx *c, __be16 port)
{
	return env && !c->mapping.host && c->mapping_key.proto != 1 &&
	       nat_env_listens4(env, c, c->mapping.ext_addr, port);
}

/* A binding that rests, seen with @word. 1: ours, 0: another CPU was faster. */
static NAT_INLINE int nat_port_claim_resting(struct nat_ctx *c, struct hp_binding *b, __u64 word)
{
	if (!nat_binding_exchange(c, b, word, nat_binding_word((__u32)c->mapping.word, 0)))
		return 0;
	b->mapping = c->mapping_key;
	c->rested_since = nat_binding_freed_s(word);
	return 1;
}

/* Claims c->mapping.ext_addr and @port for c->mapping_key. 1: ours, 0: somebody has it, -1: there is no room for a binding. */
static NAT_INLINE int nat_port_claim(NAT_ENV *env, struct nat_ctx *c, __be16 port)
{
	struct hp_binding *b;
	__u64 word = 0;
	long ret;

	c->rested_since = 0;
	c->binding_key = (struct hp_binding_key){
		.addr = c->mapping.ext_addr, .port = port, .proto = c->mapping_key.proto};
	c->mapping.ext_port = port;
	b = nat_env_binding(&c->binding_key);
	if (b) {
		word = b->word;
		if (!nat_rest_may_take(c, b, word))
			return 0;
	}
	if (nat_port_reserved(c, port) || nat_port_listens(env, c, port))
		return 0;
	if (b)
		return nat_port_claim_resting(c, b, word);
	c->binding.word = nat_binding_word((__u32)c->mapping.word, 0);
	c->binding.mapping = c->mapping_key;
	c->binding.key = c->binding_key;
	ret = nat_env_binding_add(&c->binding_key, &c->binding);
	if (ret)
		return ret == NAT_EEXIST ? 0 : -1;
	nat_env_total_add(nat_total_of(c->mapping_key.pool, c->mapping_key.proto), 1);
	return 1;
}

/*
 * Gives back the claim just made, of a mapping that came to nothing: two CPUs had the first two packets of one endpoint, say. A port whose rest was not
 * over goes on with it; any other is free at once, or every such race would take a port from all for two minutes.
 */
static NAT_INLINE void nat_port_unclaim(struct nat_ctx *c)
{
	if (c->rested_since && !nat_rest_is_over(c, c->rested_since))
		nat_rest_since(c, c->mapping_key.pool, c->rested_since);
	else
		nat_binding_remove(c, c->mapping_key.pool);
}

/* --- the search -------------------------------------------------------------------------------- */

/* The tries in their order; those from NAT_TRY_RANDOM on are by chance. */
enum nat_try { NAT_TRY_AGAIN, NAT_TRY_OWN, NAT_TRY_RANDOM };

struct nat_search {
	NAT_ENV *env;
	struct nat_ctx *c;
	__u32 first, step, size; /* by chance: first + step * n, n < size */
	__u32 again; /* the port it had before, 65536: none */
	__u32 own; /* 65536: outside of the range */
	__u32 tries;
	int ret; /* of the last claim */
};
#define NAT_NO_PORT 65536

static long nat_search_try(__u32 i, void *data)
{
	struct nat_search *search = data;
	__u32 port;

	if (i == NAT_TRY_AGAIN)
		port = search->again;
	else if (i == NAT_TRY_OWN)
		port = search->own;
	else
		port = search->first + nat_env_random() % search->size * search->step;
	if (port >= NAT_NO_PORT)
		return 0;
	search->tries = i;
	search->ret = nat_port_claim(search->env, search->c, nat_htons((__u16)port));
	return search->ret != 0;
}

static inline int nat_range_holds(const struct nat_range *range, __u32 port)
{
	return port >= range->first && port <= range->last;
}

/* The port that c->mapping_key had the last time, where it could not keep its own: who knew it finds it there again. */
static NAT_INLINE __u32 nat_search_again(struct nat_ctx *c, const struct nat_range *range)
{
	const struct hp_binding_key *old = nat_env_old_port(&c->mapping_key);

	if (!old || old->addr != c->mapping.ext_addr ||
	    !nat_range_holds(range, nat_ntohs(old->port)))
		return NAT_NO_PORT;
	return nat_ntohs(old->port);
}

/* nat.port-parity: an even port becomes an even one (RFC 4787 REQ-4). An ICMP id has no parity that anybody would look at. */
static NAT_INLINE void nat_search_parity(struct nat_search *search, const struct nat_range *range)
{
	struct nat_ctx *c = search->c;
	__u32 first = range->first + ((range->first ^ nat_ntohs(c->mapping_key.port)) & 1);

	if (!c->settings.port_parity || c->mapping_key.proto == 1 || first > range->last)
		return;
	search->first = first;
	search->step = 2;
	search->size = (range->last - first) / 2 + 1;
}

/* In the middle of a connection the other side knows the port, and another one would only end it (nat.tcp-pickup, host.h). */
static inline __u32 nat_search_tries(const struct nat_ctx *c)
{
	if (c->in.proto == 6 && (c->in.tcp_flags & NAT_TCP_BIT_ACK))
		return NAT_TRY_RANDOM;
	return NAT_TRY_RANDOM + LIMIT_PORT_TRIES;
}

static inline enum hp_stat nat_search_stat(__u32 tries)
{
	__u32 n = tries - NAT_TRY_RANDOM + 1;

	if (tries < NAT_TRY_RANDOM)
		return tries == NAT_TRY_AGAIN ? HP_STAT_PORT_AGAIN : HP_STAT_PORT_KEPT;
	if (n <= 2)
		return n == 1 ? HP_STAT_PORT_1 : HP_STAT_PORT_2;
	if (n <= 8)
		return n <= 4 ? HP_STAT_PORT_4 : HP_STAT_PORT_8;
	return n <= 16 ? HP_STAT_PORT_16 : HP_STAT_PORT_MORE;
}

/*
 * Claims a port of c->mapping.ext_addr for c->mapping_key, into c->mapping.ext_port. 0, or the reason for a drop. The gateway's own flows keep any
 * port that is free.
 */
NAT_GLOBAL int nat_port_choose(NAT_ENV *env, struct nat_ctx *c)
{
	struct nat_range range;
	struct nat_search search = {.env = env, .step = 1};
	__u32 own;

	c = nat_env_own(c);
	if (!c)
		return HP_DROP_MALFORMED;
	search.c = c;
	range = nat_port_range(c);
	own = nat_ntohs(c->mapping_key.port);
	search.first = range.first;
	search.size = range.last - range.first + 1;
	search.again = nat_search_again(c, &range);
	search.own = c->mapping.host || nat_range_holds(&range, own) ? own : NAT_NO_PORT;
	nat_search_parity(&search, &range);
	nat_env_loop(nat_search_tries(c), nat_search_try, &search);
	if (search.ret > 0) {
		nat_env_stat(nat_search_stat(search.tries));
		return 0;
	}
	nat_env_stat(HP_STAT_PORT_NONE);
	return search.ret < 0 ? HP_DROP_TABLE_FULL : HP_DROP_NO_PORT;
}
