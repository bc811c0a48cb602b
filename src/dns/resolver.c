// SPDX-License-Identifier: GPL-2.0-or-later
#include "resolver.h"

#include <errno.h>
#include <hairpin/limits.h>
#include <string.h>

#include "alias.h"

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

static int answer_end(struct dns_answer *answer, unsigned int rcode)
{
	return (int)dns_answer_end(answer, rcode);
}

/* --- ours --------------------------------------------------------------------------------------------- */

/* The answer of a table of names; -ENOENT: none of its, or to be asked upstream; -EINPROGRESS: upstream knows the rest. */
static int table_answer(const struct dns_rewrites *table, const struct dns_asked *asked,
			struct dns_answer *answer)
{
	const struct dns_query *query = answer->query;
	const struct dns_rewrite *rewrite;
	struct dns_name target;

	if (query->class != DNS_CLASS_IN)
		return -ENOENT;
	rewrite = dns_rewrites_find(table, &query->name, query->type);
	if (!rewrite)
		return -ENOENT;
	switch (dns_rewrite_answer(table, rewrite, asked->segment, answer, &target)) {
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
	return -ENOENT;
}

/* --- one query ---------------------------------------------------------------------------------------- */

/* From the cache, if it has something good. Near its end it is asked for anew, and nobody waits for that. */
static void renewed(void *data, const struct dns_query *query, struct dns_reply reply)
{
	struct dns_resolver *resolver = data;

	if (reply.message)
		dns_cache_put(resolver->cache, query, reply, now_ms(resolver));
}

static int cache_answer(struct dns_resolver *resolver, struct dns_answer *answer)
{
	const struct dns_entry *entry;
	enum dns_freshness freshness =
		dns_cache_find(resolver->cache, answer->query, now_ms(resolver), &entry);

	if (freshness != DNS_FRESH && freshness != DNS_AGEING)
		return -ENOENT;
	resolver->counts[DNS_COUNT_CACHED]++;
	if (freshness == DNS_AGEING)
		dns_upstreams_ask(resolver->upstreams, answer->query, renewed, resolver);
	return (int)dns_entry_answer(entry, answer, now_ms(resolver));
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

static int known_answer(struct dns_resolver *resolver, const struct dns_asked *asked,
			struct dns_answer *answer)
{
	int ret = table_answer(resolver->rewrites, asked, answer);

	if (ret != -ENOENT) {
		resolver->counts[DNS_COUNT_REWRITTEN] += ret > 0;
		return ret;
	}
	ret = table_answer(resolver->special, asked, answer);
	if (ret != -ENOENT) {
		resolver->counts[DNS_COUNT_SPECIAL]++;
		return ret;
	}
	if (answer->query->type == DNS_ANY) {
		resolver->counts[DNS_COUNT_SPECIAL]++;
		return any_answer(answer);
	}
	ret = cache_answer(resolver, answer);
	return ret == -ENOENT ? -EINPROGRESS : ret;
}

int dns_resolver_ask(struct dns_resolver *resolver, const struct dns_asked *asked, __u8 *to,
		     struct dns_query *ret_query)
{
	int rcode = dns_query_parse(asked->message, asked->length, ret_query);
	struct dns_answer answer;

	if (rcode < 0) {
		resolver->counts[DNS_COUNT_IGNORED]++;
		return 0;
	}
	/* version.bind and its like are asked of the server itself, and nobody has to know. */
	if (!rcode && ret_query->class == CLASS_CHAOS)
		rcode = DNS_REFUSED;
	dns_answer_begin(&answer, ret_query, asked->message,
			 (struct dns_room){to, room_of(ret_query, asked->is_datagram)});
	if (!rcode)
		return known_answer(resolver, asked, &answer);
	resolver->counts[DNS_COUNT_REFUSED]++;
	return answer_end(&answer, (unsigned int)rcode);
}

/* --- those who wait ------------------------------------------------------------------------------------- */

/* The answer that upstream's is a part of: CNAMEs of ours, if the name has some. */
static bool alias_begin(const struct dns_waiting *waiting, struct dns_answer *answer,
			struct dns_name *ret_target)
{
	const struct dns_rewrites *rewrites = waiting->resolver->rewrites;
	const struct dns_rewrite *rewrite =
		dns_rewrites_find(rewrites, &waiting->query.name, waiting->query.type);

	return rewrite && waiting->query.class == DNS_CLASS_IN &&
	       dns_rewrite_answer(rewrites, rewrite,
				  waiting->has_segment ? &waiting->segment : NULL, answer,
				  ret_target) == DNS_REWRITTEN_ALIAS;
}

static size_t reply_write(struct dns_waiting *waiting, struct dns_reply reply,
			  struct dns_answer *answer)
{
	struct dns_resolver *resolver = waiting->resolver;
	struct dns_name target;

	if (!reply.message) {
		resolver->counts[DNS_COUNT_FAILED]++;
		answer->ede = DNS_EDE_NETWORK;
		return dns_answer_end(answer, DNS_SERVFAIL);
	}
	resolver->counts[DNS_COUNT_FORWARDED]++;
	if (!alias_begin(waiting, answer, &target))
		return dns_reply_answer(reply, answer);
	if (dns_alias_append(answer, reply))
		return dns_answer_end(answer, DNS_SERVFAIL);
	return dns_answer_end(answer, DNS_RCODE(dns_get16(reply.message + 2)));
}

/* What was over, where it is there and upstreams are silent. 0: it is not. */
static size_t stale_write(struct dns_waiting *waiting, struct dns_answer *answer)
{
	struct dns_resolver *resolver = waiting->resolver;
	const struct dns_entry *entry;

	if (dns_cache_find(resolver->cache, &waiting->query, now_ms(resolver), &entry) != DNS_STALE)
		return 0;
	resolver->counts[DNS_COUNT_STALE]++;
	return dns_entry_answer(entry, answer, now_ms(resolver));
}

static void answer_send(struct dns_waiting *waiting, struct dns_reply reply)
{
	__u8 message[DNS_MESSAGE_MAX];
	struct dns_answer answer;
	size_t n = 0;

	dns_answer_begin(
		&answer, &waiting->query, waiting->asked,
		(struct dns_room){message, room_of(&waiting->query, waiting->is_datagram)});
	if (!reply.message)
		n = stale_write(waiting, &answer);
	waiting->send(waiting, message, n ? n : reply_write(waiting, reply, &answer));
}

static void replied(void *data, const struct dns_query *query, struct dns_reply reply)
{
	struct dns_waiting *waiting = data;

	renewed(waiting->resolver, query, reply);
	answer_send(waiting, reply);
}

/* What the alias of a name leads to may be known already. False: it is not, or there is no alias. */
static bool alias_known(struct dns_waiting *waiting, struct dns_query *up)
{
	struct dns_resolver *resolver = waiting->resolver;
	__u8 message[DNS_MESSAGE_MAX], asked[sizeof(waiting->asked)];
	const struct dns_entry *entry;
	struct dns_answer answer;
	enum dns_freshness freshness;

	freshness = dns_cache_find(resolver->cache, up, now_ms(resolver), &entry);
	if (freshness != DNS_FRESH && freshness != DNS_AGEING)
		return false;
	memset(asked, 0, DNS_HEADER);
	memcpy(asked + DNS_HEADER, up->name.wire, up->name.length);
	dns_put16(asked + DNS_HEADER + up->name.length, up->type);
	dns_put16(asked + DNS_HEADER + up->name.length + 2, up->class);
	up->question_length = (__u16)(up->name.length + 4);
	dns_answer_begin(&answer, up, asked, (struct dns_room){message, sizeof(message)});
	dns_entry_answer(entry, &answer, now_ms(resolver));
	answer_send(waiting, (struct dns_reply){message, answer.length});
	return true;
}

void dns_resolver_wait(struct dns_resolver *resolver, const struct dns_asked *asked,
		       const struct dns_query *query, struct dns_waiting *waiting)
{
	struct dns_query up = *query;
	struct dns_answer scratch;
	__u8 message[DNS_MESSAGE_MAX];

	waiting->resolver = resolver;
	waiting->query = *query;
	waiting->is_datagram = asked->is_datagram;
	waiting->has_segment = asked->segment;
	if (asked->segment)
		waiting->segment = *asked->segment;
	memcpy(waiting->asked, asked->message, DNS_HEADER + query->question_length);
	dns_answer_begin(&scratch, query, asked->message,
			 (struct dns_room){message, sizeof(message)});
	if (alias_begin(waiting, &scratch, &up.name) && alias_known(waiting, &up))
		return;
	if (!dns_upstreams_ask(resolver->upstreams, &up, replied, waiting))
		return;
	resolver->counts[DNS_COUNT_BUSY]++;
	answer_send(waiting, (struct dns_reply){0});
}
