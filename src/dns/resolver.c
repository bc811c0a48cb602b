// SPDX-License-Identifier: GPL-2.0-or-later
#include "resolver.h"

#include <errno.h>
#include <hairpin/limits.h>
#include <string.h>

#include "alias.h"
#include "inward.h"

#define CLASS_CHAOS 3
#define TYPE_HINFO 13

static __u64 now_ms(const struct dns_resolver *resolver)
{
	return uv_now(resolver->loop);
}

static size_t room_of(const struct dns_query *query, bool is_datagram)
{
	return is_datagram ? dns_query_room(query) : DNS_MESSAGE_MAX;
}

static unsigned int rcode_of(const __u8 *message)
{
	return DNS_RCODE(dns_get16(message + 2));
}

static int answer_end(struct dns_answer *answer, unsigned int rcode)
{
	return (int)dns_answer_end(answer, rcode);
}

/* --- ours --------------------------------------------------------------------------------------------- */

/*
 * The answer of a table of names; -ENOENT: none of its; -EREMOTE: to be asked upstream, whatever else we know of it; -EINPROGRESS: upstream knows the rest, by
 * the name of *ret_target.
 */
static int table_answer(const struct dns_rewrites *table, const struct ip_net *segment,
			struct dns_answer *answer, struct dns_name *ret_target)
{
	const struct dns_query *query = answer->query;
	const struct dns_rewrite *rewrite;

	if (query->class != DNS_CLASS_IN)
		return -ENOENT;
	rewrite = dns_rewrites_find(table, &query->name, query->type);
	if (!rewrite)
		return -ENOENT;
	switch (dns_rewrite_answer(table, rewrite, segment, answer, ret_target)) {
	case DNS_REWRITTEN_WHOLE:
		return answer_end(answer, DNS_NOERROR);
	case DNS_REWRITTEN_ABSENT:
		return answer_end(answer, DNS_NXDOMAIN);
	case DNS_REWRITTEN_LOOP:
		return answer_end(answer, DNS_SERVFAIL);
	case DNS_REWRITTEN_ALIAS:
		return -EINPROGRESS;
	case DNS_REWRITTEN_PASS:
		break;
	}
	return -EREMOTE;
}

/*
 * Whether the operator names an upstream for @name by a domain of @zone_length octets or more: then that knows better than we. One for "arpa" says nothing of
 * 10.in-addr.arpa, and one for names of one label nothing of localhost.
 */
static bool is_routed(const struct dns_resolver *resolver, const struct dns_name *name,
		      unsigned int zone_length)
{
	const struct dns_route *route =
		dns_routes_find(dns_upstreams_routes(resolver->upstreams), name);

	return route && !route->is_single_label && route->name.length >= zone_length;
}

/* Which of the tables that nobody wrote for this server has @query's name. */
enum own { OWN_NONE, OWN_HOST, OWN_SPECIAL };

static enum own own_find(const struct dns_resolver *resolver, const struct dns_query *query)
{
	const struct dns_rewrite *special;
	unsigned int zone_length;

	switch (dns_hosts_know(resolver->hosts, &query->name, &zone_length)) {
	case DNS_HOST_KNOWN:
		return OWN_HOST;
	case DNS_HOST_NOBODY:
		return is_routed(resolver, &query->name, zone_length) ? OWN_NONE : OWN_HOST;
	case DNS_HOST_ELSEWHERE:
		break;
	}
	special = dns_rewrites_find(resolver->special, &query->name, query->type);
	if (!special || is_routed(resolver, &query->name, special->name.length))
		return OWN_NONE;
	return OWN_SPECIAL;
}

/* Machines of the house and special names: -ENOENT, or the octets of the answer. */
static int own_answer(const struct dns_resolver *resolver, const struct ip_net *segment,
		      struct dns_answer *answer)
{
	struct dns_name target;

	if (answer->query->class != DNS_CLASS_IN)
		return -ENOENT;
	switch (own_find(resolver, answer->query)) {
	case OWN_HOST:
		answer->outcome.count = DNS_COUNT_HOST;
		return answer_end(answer, dns_hosts_answer(resolver->hosts, segment, answer));
	case OWN_SPECIAL:
		answer->outcome.count = DNS_COUNT_SPECIAL;
		return table_answer(resolver->special, segment, answer, &target);
	case OWN_NONE:
		break;
	}
	return -ENOENT;
}

/* --- one query ---------------------------------------------------------------------------------------- */

/* What came of a question, for the cache: once, however many wait for it. */
static void learned(void *data, const struct dns_query *query, int ret, struct dns_reply reply)
{
	struct dns_resolver *resolver = data;

	if (!ret)
		dns_cache_put(resolver->cache, query, reply, now_ms(resolver));
	else if (ret == -ETIMEDOUT)
		dns_cache_fail(resolver->cache, query, now_ms(resolver));
}

/* What the cache has that is good enough to be given now. NULL: nothing, and then *ret_outcome is untouched. */
static const struct dns_entry *cache_look(struct dns_resolver *resolver,
					  const struct dns_query *query,
					  struct dns_outcome *ret_outcome)
{
	const struct dns_entry *entry;

	switch (dns_cache_find(resolver->cache, query, now_ms(resolver), &entry)) {
	case DNS_FRESH:
		ret_outcome->count = DNS_COUNT_CACHED;
		return entry;
	case DNS_AGEING:
		ret_outcome->count = DNS_COUNT_CACHED;
		/* Asked for anew before it ends, and nobody waits for that; a hot name must not take the places of those who wait. */
		if (!dns_upstreams_is_asking(resolver->upstreams, query))
			dns_upstreams_ask(resolver->upstreams, query,
					  (struct dns_asker){.replied = learned, .data = resolver});
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
	return answer_end(answer, DNS_NOERROR);
}

/* Who asks. */
struct asker {
	const struct ip_addr *client;
	const struct ip_net *segment; /* NULL: not known */
};

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
	entry = cache_look(resolver, answer->query, &answer->outcome);
	if (!entry)
		return -ENOENT;
	if (verdict == DNS_BLOCK_NOTHING &&
	    dns_blocking_inspect(resolver->blocking, &ask, dns_entry_reply(entry),
				 dns_entry_mark(entry), &list))
		return blocked_answer(resolver, answer, list);
	return (int)dns_entry_answer(entry, answer, now_ms(resolver));
}

/* A name that the operator sends upstream: nobody else has a say in it. -ENOENT: the cache does not have it. */
static int routed_answer(struct dns_resolver *resolver, struct dns_answer *answer)
{
	const struct dns_entry *entry = cache_look(resolver, answer->query, &answer->outcome);

	return entry ? (int)dns_entry_answer(entry, answer, now_ms(resolver)) : -ENOENT;
}

/* -EINPROGRESS: upstream is to be asked for *ret_up. */
static int known_answer(struct dns_resolver *resolver, const struct asker *asker,
			struct dns_answer *answer, struct dns_name *ret_up)
{
	const struct dns_query *query = answer->query;
	int ret = table_answer(resolver->rewrites, asker->segment, answer, ret_up);
	bool is_own = ret == -EREMOTE;

	/* "Everything" of an alias is the alias; and so is what is known here of it without asking. */
	if (ret == -EINPROGRESS && (query->type == DNS_ANY || !(query->flags & DNS_RD)))
		ret = answer_end(answer, DNS_NOERROR);
	if (ret != -ENOENT && ret != -EREMOTE) {
		answer->outcome.count = DNS_COUNT_REWRITTEN;
		return ret;
	}
	if (ret == -ENOENT)
		ret = own_answer(resolver, asker->segment, answer);
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
		return answer_end(answer, DNS_REFUSED);
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
	dns_log_note(&resolver->log,
		     &(struct dns_note){.client = client,
					.query = answer->query,
					.outcome = answer->outcome,
					.rcode = rcode ? rcode : rcode_of(answer->room.message),
					.now_ms = now_ms(resolver)});
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
			 (struct dns_room){to, room_of(ret_query, asked->is_datagram)});
	if (!rcode) {
		n = known_answer(resolver, &(struct asker){&asked->client, asked->segment}, &answer,
				 &up);
	} else {
		answer.outcome.count = DNS_COUNT_REFUSED;
		n = answer_end(&answer, (unsigned int)rcode);
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

/* --- those who wait ------------------------------------------------------------------------------------- */

static void wait_begin(struct dns_waiting *waiting);

static const struct ip_net *segment_of(const struct dns_waiting *waiting)
{
	return waiting->has_segment ? &waiting->segment : NULL;
}

static void waiting_answer_begin(const struct dns_waiting *waiting, struct dns_answer *answer,
				 __u8 *to)
{
	dns_answer_begin(answer, &waiting->query, waiting->asked,
			 (struct dns_room){to, room_of(&waiting->query, waiting->is_datagram)});
}

/* The end of @waiting, whose outcome is set. */
static void waiting_send(struct dns_waiting *waiting, const __u8 *message, size_t n)
{
	struct dns_resolver *resolver = waiting->resolver;

	dns_log_note(
		&resolver->log,
		&(struct dns_note){.client = &waiting->client,
				   .query = &waiting->query,
				   .outcome = waiting->outcome,
				   .rcode = rcode_of(message),
				   .took_us = (__u32)((uv_hrtime() - waiting->begun_ns) / 1000),
				   .now_ms = now_ms(resolver)});
	waiting->send(waiting, message, n);
}

/* As if it had come just now: names or upstreams are others than when it was asked. */
static void wait_anew(struct dns_waiting *waiting)
{
	__u8 message[DNS_MESSAGE_MAX];
	struct dns_answer answer;
	int n;

	waiting_answer_begin(waiting, &answer, message);
	n = known_answer(waiting->resolver, &(struct asker){&waiting->client, segment_of(waiting)},
			 &answer, &waiting->up);
	waiting->outcome = answer.outcome;
	if (n == -EINPROGRESS)
		wait_begin(waiting);
	else
		waiting_send(waiting, message, (size_t)n);
}

/* The question of @waiting as upstream is asked. */
static struct dns_query query_up(const struct dns_waiting *waiting)
{
	struct dns_query up = waiting->query;

	up.name = waiting->up;
	return up;
}

/*
 * The answer that upstream's is a part of: CNAMEs of ours, if the name has some. False: the name has become ours, or its alias leads elsewhere, and @reply answers
 * something else. Whose question is not the asker's must never be taken for his: it is not even as long.
 */
static bool reply_write(const struct dns_waiting *waiting, struct dns_reply reply,
			struct dns_answer *answer)
{
	struct dns_name up = waiting->query.name;
	int ret = table_answer(waiting->resolver->rewrites, segment_of(waiting), answer, &up);

	if (ret >= 0 || !dns_name_equal(&up, &waiting->up))
		return false;
	if (ret != -EINPROGRESS)
		dns_reply_answer(reply, answer);
	else
		dns_answer_end(answer, dns_alias_append(answer, reply)
					       ? DNS_SERVFAIL
					       : DNS_RCODE(dns_get16(reply.message + 2)));
	return true;
}

/*
 * Answers in the place of @reply where that leads to what is blocked for who asked, or the name itself is by now. Not what stands behind a CNAME of ours, nor a name that the
 * operator sends upstream.
 */
static bool reply_is_blocked(struct dns_waiting *waiting, struct dns_reply reply,
			     struct dns_answer *answer)
{
	const struct dns_resolver *resolver = waiting->resolver;
	const struct dns_query *query = &waiting->query;
	const struct dns_block_ask ask = {waiting->client, query};
	enum dns_block_verdict verdict =
		dns_blocking_judge(resolver->blocking, &ask, &answer->outcome.list);

	if (verdict == DNS_BLOCK_ALLOWED || !dns_name_equal(&waiting->up, &query->name) ||
	    dns_rewrites_find(resolver->rewrites, &query->name, query->type))
		return false;
	if (verdict == DNS_BLOCK_NOTHING &&
	    !dns_blocking_inspect(resolver->blocking, &ask, reply, NULL, &answer->outcome.list))
		return false;
	dns_blocking_answer(resolver->blocking, answer);
	waiting->outcome = answer->outcome;
	return true;
}

/* @waiting has its outcome. @ede: of the message where it is not from upstream. */
static void reply_send(struct dns_waiting *waiting, struct dns_reply reply, enum dns_ede ede)
{
	__u8 message[DNS_MESSAGE_MAX];
	struct dns_answer answer;

	waiting_answer_begin(waiting, &answer, message);
	if (reply_is_blocked(waiting, reply, &answer)) {
		waiting_send(waiting, message, answer.length);
		return;
	}
	answer.ede = ede;
	if (reply_write(waiting, reply, &answer))
		waiting_send(waiting, message, answer.length);
	else
		wait_anew(waiting);
}

/* "I could not find out." */
static void failure_send(struct dns_waiting *waiting, enum dns_count count)
{
	__u8 message[DNS_UDP_PLAIN];
	struct dns_answer answer;

	dns_answer_begin(&answer, &waiting->query, waiting->asked,
			 (struct dns_room){message, sizeof(message)});
	answer.ede = DNS_EDE_NETWORK;
	waiting->outcome = (struct dns_outcome){.count = count};
	waiting_send(waiting, message, dns_answer_end(&answer, DNS_SERVFAIL));
}

/* Sends what is known here of the name that upstream would be asked for, written as upstream would. */
static void local_send(struct dns_waiting *waiting, const struct dns_entry *entry)
{
	__u8 message[DNS_MESSAGE_MAX], asked[sizeof(waiting->asked)] = {0};
	struct dns_query up = query_up(waiting);
	__u8 *end = asked + DNS_HEADER + up.name.length;
	struct dns_answer answer;

	memcpy(asked + DNS_HEADER, up.name.wire, up.name.length);
	dns_put16(end, up.type);
	dns_put16(end + 2, up.class);
	up.question_length = (__u16)(up.name.length + 4);
	/* OPT and AD are for the answer that this becomes a part of. */
	up.has_edns = false;
	dns_answer_begin(&answer, &up, asked, (struct dns_room){message, sizeof(message)});
	if (entry) {
		dns_entry_answer(entry, &answer, now_ms(waiting->resolver));
	} else {
		own_answer(waiting->resolver, segment_of(waiting), &answer);
		waiting->outcome = answer.outcome;
	}
	reply_send(waiting, (struct dns_reply){message, answer.length}, answer.ede);
}

/* What was over, where it is there. */
static bool stale_send(struct dns_waiting *waiting)
{
	struct dns_resolver *resolver = waiting->resolver;
	struct dns_query up = query_up(waiting);
	const struct dns_entry *entry;
	enum dns_freshness freshness =
		dns_cache_find(resolver->cache, &up, now_ms(resolver), &entry);

	if (freshness != DNS_STALE && freshness != DNS_STALE_NOW)
		return false;
	waiting->outcome = (struct dns_outcome){.count = DNS_COUNT_STALE};
	local_send(waiting, entry);
	return true;
}

/* The client gets what is over before it gives up; and so do all who ask from now on, until upstreams are worth a try again. */
static bool slow(void *data, const struct dns_query *query)
{
	struct dns_waiting *waiting = data;
	struct dns_resolver *resolver = waiting->resolver;
	const struct dns_entry *entry;

	if (dns_cache_find(resolver->cache, query, now_ms(resolver), &entry) == DNS_STALE)
		dns_cache_fail(resolver->cache, query, now_ms(resolver));
	return stale_send(waiting);
}

static bool is_failure(struct dns_reply reply)
{
	unsigned int rcode = rcode_of(reply.message);

	return rcode != DNS_NOERROR && rcode != DNS_NXDOMAIN;
}

static void replied(void *data, const struct dns_query *query, int ret, struct dns_reply reply)
{
	struct dns_waiting *waiting = data;

	(void)query;
	if (ret == -ECANCELED) {
		wait_anew(waiting);
		return;
	}
	if ((ret || is_failure(reply)) && stale_send(waiting))
		return;
	if (ret) {
		failure_send(waiting, DNS_COUNT_FAILED);
		return;
	}
	waiting->outcome = reply.outcome;
	reply_send(waiting, reply, DNS_EDE_NONE);
}

/* What our CNAMEs lead to may be known here. */
static bool alias_send(struct dns_waiting *waiting)
{
	struct dns_resolver *resolver = waiting->resolver;
	struct dns_query up = query_up(waiting);
	const struct dns_entry *entry;

	if (dns_name_equal(&up.name, &waiting->query.name))
		return false;
	/* Behind a name that the operator sends upstream nothing of ours is looked for. */
	if (!dns_rewrites_find(resolver->rewrites, &up.name, up.type) &&
	    own_find(resolver, &up) != OWN_NONE) {
		local_send(waiting, NULL);
		return true;
	}
	entry = cache_look(resolver, &up, &waiting->outcome);
	if (entry)
		local_send(waiting, entry);
	return entry;
}

static void wait_begin(struct dns_waiting *waiting)
{
	struct dns_resolver *resolver = waiting->resolver;
	struct dns_query up = query_up(waiting);
	int ret;

	if (alias_send(waiting))
		return;
	/* The cache waits too, first, and once: whatever becomes of the clients, and before they ask for more. */
	if (!dns_upstreams_is_asking(resolver->upstreams, &up))
		dns_upstreams_ask(resolver->upstreams, &up,
				  (struct dns_asker){.replied = learned, .data = resolver});
	ret = dns_upstreams_ask(
		resolver->upstreams, &up,
		(struct dns_asker){.replied = replied, .slow = slow, .data = waiting});
	if (!ret || stale_send(waiting))
		return;
	failure_send(waiting, ret == -EBUSY ? DNS_COUNT_BUSY : DNS_COUNT_FAILED);
}

void dns_resolver_wait(struct dns_resolver *resolver, const struct dns_asked *asked,
		       const struct dns_query *query, struct dns_waiting *waiting)
{
	struct dns_answer scratch;
	__u8 message[DNS_MESSAGE_MAX];

	waiting->resolver = resolver;
	waiting->query = *query;
	waiting->up = query->name;
	waiting->client = asked->client;
	waiting->outcome = (struct dns_outcome){0};
	waiting->begun_ns = uv_hrtime();
	waiting->is_datagram = asked->is_datagram;
	waiting->has_segment = asked->segment;
	if (asked->segment)
		waiting->segment = *asked->segment;
	memcpy(waiting->asked, asked->message, DNS_HEADER + query->question_length);
	waiting_answer_begin(waiting, &scratch, message);
	table_answer(resolver->rewrites, asked->segment, &scratch, &waiting->up);
	wait_begin(waiting);
}
