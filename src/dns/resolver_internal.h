/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What resolver.c, resolver_own.c and resolver_wait.c share. */
#pragma once

#include "resolver.h"

static inline __u64 resolver_now_ms(const struct dns_resolver *resolver)
{
	return uv_now(resolver->loop);
}

static inline size_t resolver_room(const struct dns_query *query, bool is_datagram)
{
	return is_datagram ? dns_query_room(query) : DNS_MESSAGE_MAX;
}

static inline unsigned int resolver_rcode(const __u8 *message)
{
	return DNS_RCODE(dns_get16(message + 2));
}

static inline int resolver_end(struct dns_answer *answer, unsigned int rcode)
{
	return (int)dns_answer_end(answer, rcode);
}

/* --- resolver_own.c: names that are known here -------------------------------------------------- */

/*
 * The answer of a table of names; -ENOENT: none of its; -EREMOTE: to be asked upstream, whatever else we know of it; -EINPROGRESS: upstream knows the rest, by
 * the name of *ret_target.
 */
int resolver_table_answer(const struct dns_rewrites *table, const struct ip_net *segment,
			  struct dns_answer *answer, struct dns_name *ret_target);

/* Which of the tables that nobody wrote for this server has a query's name. */
enum own { OWN_NONE, OWN_HOST, OWN_SPECIAL };

enum own resolver_own_find(const struct dns_resolver *resolver, const struct dns_query *query);

/* Machines of the house and special names: -ENOENT, or the octets of the answer. */
int resolver_own_answer(const struct dns_resolver *resolver, const struct ip_net *segment,
			struct dns_answer *answer);

/* --- resolver.c: one query ---------------------------------------------------------------------- */

struct resolver_asker {
	const struct ip_addr *client;
	const struct ip_net *segment; /* NULL: not known */
};

/* The octets of the answer; -EINPROGRESS: upstream is to be asked for *ret_up. */
int resolver_known_answer(struct dns_resolver *resolver, const struct resolver_asker *asker,
			  struct dns_answer *answer, struct dns_name *ret_up);

/* What the cache has that is good enough to be given now. NULL: nothing, and then *ret_outcome is untouched. */
const struct dns_entry *resolver_cache_look(struct dns_resolver *resolver,
					    const struct dns_query *query,
					    struct dns_outcome *ret_outcome);

/* A dns_reply_cb; @data is the resolver: what came of a question, for the cache, once, however many wait for it. */
void resolver_learned(void *data, const struct dns_query *query, int ret, struct dns_reply reply);
