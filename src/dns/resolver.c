// SPDX-License-Identifier: GPL-2.0-or-later
#include "resolver_internal.h"

#include <errno.h>
#include <hairpin/limits.h>

#include "inward.h"

#define CLASS_CHAOS 3
#define TYPE_HINFO 13

/* --- one query ---------------------------------------------------------------------------------------- */

void resolver_learned(void *data, const struct dns_query *query, int ret, struct dns_reply reply)
{
	struct dns_resolver *resolver = data;

	if (!ret)
		dns_cache_put(resolver->cache, query, reply, resolver_now_ms(resolver));
	else if (ret == -ETIMEDOUT)
		dns_cache_fail(resolver->cache, query, resolver_now_ms(resolver));
}

const struct dns_entry *resolver_cache_look(struct dns_resolver *resolver,
					    const struct dns_query *query,
					    struct dns_outcome *ret_outcome)
{
	const struct dns_entry *entry;

	switch (dns_cache_find(resolver->cache, query, resolver_now_ms(resolver), &entry)) {
	case DNS_FRESH:
		ret_outcome->count = DNS_COUNT_CACHED;
		return entry;
	case DNS_AGEING:
		ret_outcome->count = DNS_COUNT_CACHED;
		/* Asked for anew before it ends, and nobody waits for that; a hot name must not take the places of those who wait. */
		if (!dns_upstreams_is_asking(resolver->upstreams, query))
			dns_upstreams_ask(
				resolver->upstreams, query,
				(struct dns_asker){.replied = resolver_learned, .data = resolver});
		return entry;
	case DNS_STALE_NOW:
		ret_outcome->count = DNS_COUNT_STALE;
		return entry;
	case DNS_MISS:
	case DNS_STALE:
		break;
	}
	return NULL;
}

/* RFC 8482 section 4.2: "everything you have" is asked by those who want large answers for others, and answered with next to nothing. */
static int any_answer(struct dns_answer *answer)
{
	static const char data[] = "\7RFC8482";

	dns_answer_add(answer, DNS_ANSWER,
		       &(struct dns_rr){.owner_at = DNS_AT_QUESTION,
					.type = TYPE_HINFO,
					.ttl_s = LIMIT_DNS_SPECIAL_TTL_S,
					.data = data,
					.data_length = sizeof(data)});
	return resolver_end(answer, DNS_NOERROR);
}

static int blocked_answer(const struct dns_resolver *resolver, struct dns_answer *answer, __u8 list)
{
	answer->outcome.list = list;
	return (int)dns_blocking_answer(resolver->blocking, answer);
}

/* What lists and the cache say of a name that is not ours. -ENOENT: nothing. */
static int public_answer(struct dns_resolver *resolver, const struct ip_addr *client,
			 struct dns_answer *answer)
{
	const struct dns_block_ask ask = {*client, answer->query};
	const struct dns_entry *entry;
	enum dns_block_verdict verdict;
	__u8 list;

	verdict = dns_blocking_judge(resolver->blocking, &ask, &list);
	if (verdict == DNS_BLOCK_BLOCKED)
		return blocked_answer(resolver, answer, list);
	entry = resolver_cache_look(resolver, answer->query, &answer->outcome);
	if (!entry)
		return -ENOENT;
	if (verdict == DNS_BLOCK_NOTHING &&
	    dns_blocking_inspect(resolver->blocking, &ask, dns_entry_reply(entry),
				 dns_entry_mark(entry), &list))
		return blocked_answer(resolver, answer, list);
	return (int)dns_entry_answer(entry, answer, resolver_now_ms(resolver));
}

/* A name that the operator sends upstream: nobody else has a say in it. -ENOENT: the cache does not have it. */
static int routed_answer(struct dns_resolver *resolver, struct dns_answer *answer)
{
	const struct dns_entry *entry =
		resolver_cache_look(resolver, answer->query, &answer->outcome);

	return entry ? (int)dns_entry_answer(entry, answer, resolver_now_ms(resolver)) : -ENOENT;
}

int resolver_known_answer(struct dns_resolver *resolver, const struct resolver_asker *asker,
			  struct dns_answer *answer, struct dns_name *ret_up)
{
	const struct dns_query *query = answer->query;
	int ret = resolver_table_answer(resolver->rewrites, asker->segment, answer, ret_up);
	bool is_own = ret == -EREMOTE;

	/* "Everything" of an alias is the alias; and so is what is known here of it without asking. */
	if (ret == -EINPROGRESS && (query->type == DNS_ANY || !(query->flags & DNS_RD)))
		ret = resolver_end(answer, DNS_NOERROR);
	if (ret != -ENOENT && ret != -EREMOTE) {
		answer->outcome.count = DNS_COUNT_REWRITTEN;
		return ret;
	}
	if (ret == -ENOENT)
		ret = resolver_own_answer(resolver, asker->segment, answer);
	if (ret >= 0)
		return ret;
	if (query->type == DNS_ANY) {
		answer->outcome.count = DNS_COUNT_SPECIAL;
		return any_answer(answer);
	}
	/*
	 * RFC 1035 section 4.1.1: who does not desire recursion asks what we know of ourselves, and that was all of it. The cache is nobody's business (who has been where could be
	 * asked from it), and upstream would have to be asked for somebody who wants that nobody is.
	 */
	if (!(query->flags & DNS_RD)) {
		answer->outcome.count = DNS_COUNT_REFUSED;
		return resolver_end(answer, DNS_REFUSED);
	}
	ret = is_own ? routed_answer(resolver, answer)
		     : public_answer(resolver, asker->client, answer);
	if (ret >= 0)
		return ret;
	*ret_up = query->name;
	return -EINPROGRESS;
}

/* @rcode: one that is told in part by OPT; 0: what the header says. */
static void note(struct dns_resolver *resolver, const struct ip_addr *client,
		 const struct dns_answer *answer, unsigned int rcode)
{
	dns_log_note(
		&resolver->log,
		&(struct dns_note){.client = client,
				   .query = answer->query,
				   .outcome = answer->outcome,
				   .rcode = rcode ? rcode : resolver_rcode(answer->room.message),
				   .now_ms = resolver_now_ms(resolver)});
}

int dns_resolver_ask(struct dns_resolver *resolver, const struct dns_asked *asked, __u8 *to,
		     struct dns_query *ret_query)
{
	int rcode = dns_query_parse(asked->message, asked->length, ret_query);
	struct dns_answer answer;
	struct dns_name up;
	int n;

	if (rcode < 0) {
		dns_log_count(&resolver->log, DNS_COUNT_IGNORED);
		return 0;
	}
	/* version.bind and its like are asked of the server itself, and nobody has to know. */
	if (!rcode && ret_query->class == CLASS_CHAOS)
		rcode = DNS_REFUSED;
	dns_answer_begin(&answer, ret_query, asked->message,
			 (struct dns_room){to, resolver_room(ret_query, asked->is_datagram)});
	if (!rcode) {
		n = resolver_known_answer(resolver,
					  &(struct resolver_asker){&asked->client, asked->segment},
					  &answer, &up);
	} else {
		answer.outcome.count = DNS_COUNT_REFUSED;
		n = resolver_end(&answer, (unsigned int)rcode);
	}
	if (n > 0)
		note(resolver, &asked->client, &answer, (unsigned int)rcode);
	return n;
}

/* --- what upstreams say --------------------------------------------------------------------------------- */

static bool may_be_inward(const struct dns_resolver *resolver, const struct dns_query *query)
{
	const struct dns_rewrite *kept =
		dns_rewrites_find(resolver->rewrites, &query->name, query->type);
	const struct dns_route *route;

	route = dns_routes_find(dns_upstreams_routes(resolver->upstreams), &query->name);
	return (kept && kept->is_kept) || (route && route->is_own) ||
	       dns_rewrites_find(resolver->private, &query->name, query->type);
}

struct dns_reply dns_resolver_judge(void *data, const struct dns_query *query,
				    struct dns_reply reply, __u8 *room)
{
	struct dns_resolver *resolver = data;
	struct dns_query none = *query;
	struct dns_answer answer;

	if (!dns_reply_is_inward(reply) || may_be_inward(resolver, query)) {
		if (dns_doctor_reply(&resolver->doctor, resolver->rewrites, query, &reply, room))
			reply.outcome.count = DNS_COUNT_DOCTORED;
		return reply;
	}
	reply.outcome.count = DNS_COUNT_INWARD;
	/* Of the question that upstream was asked, which is not the one that the first client wrote where that was for an alias. */
	none.question_length = (__u16)(none.name.length + 4);
	none.has_edns = false;
	dns_answer_begin(&answer, &none, reply.message, (struct dns_room){room, DNS_UDP_PLAIN});
	dns_answer_add_soa(&answer, DNS_AT_QUESTION, LIMIT_DNS_INWARD_TTL_S);
	return (struct dns_reply){room, dns_answer_end(&answer, DNS_NOERROR), reply.outcome};
}
