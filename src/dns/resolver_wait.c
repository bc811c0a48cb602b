// SPDX-License-Identifier: GPL-2.0-or-later
/* Queries that wait for upstream, and what they are answered with in the end. */
#include "resolver_internal.h"

#include <errno.h>
#include <hairpin/limits.h>
#include <string.h>

#include "alias.h"

static void wait_begin(struct dns_waiting *waiting);

static const struct ip_net *segment_of(const struct dns_waiting *waiting)
{
	return waiting->has_segment ? &waiting->segment : NULL;
}

static void waiting_answer_begin(const struct dns_waiting *waiting, struct dns_answer *answer,
				 __u8 *to)
{
	dns_answer_begin(
		answer, &waiting->query, waiting->asked,
		(struct dns_room){to, resolver_room(&waiting->query, waiting->is_datagram)});
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
				   .rcode = resolver_rcode(message),
				   .took_us = (__u32)((uv_hrtime() - waiting->begun_ns) / 1000),
				   .now_ms = resolver_now_ms(resolver)});
	waiting->send(waiting, message, n);
}

/* As if it had come just now: names or upstreams are others than when it was asked. */
static void wait_anew(struct dns_waiting *waiting)
{
	__u8 message[DNS_MESSAGE_MAX];
	struct dns_answer answer;
	int n;

	waiting_answer_begin(waiting, &answer, message);
	n = resolver_known_answer(waiting->resolver,
				  &(struct resolver_asker){&waiting->client, segment_of(waiting)},
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
	int ret = resolver_table_answer(waiting->resolver->rewrites, segment_of(waiting), answer,
					&up);

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
		dns_entry_answer(entry, &answer, resolver_now_ms(waiting->resolver));
	} else {
		resolver_own_answer(waiting->resolver, segment_of(waiting), &answer);
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
		dns_cache_find(resolver->cache, &up, resolver_now_ms(resolver), &entry);

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

	if (dns_cache_find(resolver->cache, query, resolver_now_ms(resolver), &entry) == DNS_STALE)
		dns_cache_fail(resolver->cache, query, resolver_now_ms(resolver));
	return stale_send(waiting);
}

static bool is_failure(struct dns_reply reply)
{
	unsigned int rcode = resolver_rcode(reply.message);

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
	    resolver_own_find(resolver, &up) != OWN_NONE) {
		local_send(waiting, NULL);
		return true;
	}
	entry = resolver_cache_look(resolver, &up, &waiting->outcome);
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
		dns_upstreams_ask(
			resolver->upstreams, &up,
			(struct dns_asker){.replied = resolver_learned, .data = resolver});
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
	resolver_table_answer(resolver->rewrites, asked->segment, &scratch, &waiting->up);
	wait_begin(waiting);
}
