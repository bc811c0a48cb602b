// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <hairpin/limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "opt.h"
#include "upstream_internal.h"

static void tried(struct try *attempt, enum try_result result, struct dns_reply reply);
static void try_drop(struct try *attempt);

static void try_drop_oldest(struct pending *pending)
{
	struct try *attempt = pending->tries;

	while (attempt->next)
		attempt = attempt->next;
	try_drop(attempt);
}

/* 0 or -errno. */
static int try_begin(struct pending *pending, size_t at)
{
	struct dns_upstreams *upstreams = pending->upstreams;
	struct upstream *upstream = &upstreams->list[at];
	struct try *attempt = calloc(1, sizeof(*attempt));
	__u8 random[34];
	int ret;

	if (!attempt)
		return -ENOMEM;
	if (!upstream->has_addr) {
		free(attempt);
		return -EDESTADDRREQ;
	}
	if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
		free(attempt);
		return -EIO;
	}
	attempt->owner = pending;
	attempt->cb = tried;
	attempt->upstream = at;
	attempt->begun_ns = uv_hrtime();
	dns_question_make(&attempt->question, &pending->query, random,
			  upstream->channel || upstream->other_case >= LIMIT_DNS_OTHER_CASE);
	attempt->has_edns = upstream_takes_edns(upstream, uv_now(upstreams->loop));
	if (!attempt->has_edns)
		dns_question_strip(&attempt->question);
	upstream->stats.asked++;
	upstream->stats.over_tcp += pending->over_tcp;
	if (upstream->channel)
		ret = try_channel_start(attempt, upstream->channel);
	else if (pending->over_tcp)
		ret = try_tcp_start(attempt, upstreams->loop, &upstream->conf);
	else
		ret = try_udp_start(attempt, upstreams->loop, &upstream->conf);
	if (ret) {
		free(attempt);
		return ret;
	}
	attempt->next = pending->tries;
	pending->tries = attempt;
	if (++pending->n_open > LIMIT_DNS_TRIES_OPEN)
		try_drop_oldest(pending);
	return 0;
}

void upstream_try_late(struct pending *pending)
{
	struct dns_upstreams *upstreams = pending->upstreams;

	for (struct try *attempt = pending->tries; attempt; attempt = attempt->next) {
		if (attempt->was_late)
			continue;
		attempt->was_late = true;
		upstreams->list[attempt->upstream].stats.timed_out++;
		upstream_failed(upstreams, attempt->upstream);
	}
}

/* Whether it is our own shortage, of which no upstream is guilty. */
static bool is_own_fault(int ret)
{
	return ret == -EMFILE || ret == -ENFILE || ret == -ENOMEM || ret == -ENOBUFS ||
	       ret == -EDESTADDRREQ;
}

/* When it is time for somebody else. */
static __u64 try_one(struct pending *pending, size_t at)
{
	struct dns_upstreams *upstreams = pending->upstreams;
	int ret = try_begin(pending, at);

	pending->n_tries++;
	pending->turn = at + 1;
	if (ret && !is_own_fault(ret))
		upstream_failed(upstreams, at);
	/* Its address may be there in a moment: as long as somebody who is asked would get. */
	if (ret == -EDESTADDRREQ)
		ret = 0;
	return uv_now(upstreams->loop) + (ret ? 1 : upstream_patience_ms(upstreams, at));
}

void upstream_try_next(struct pending *pending)
{
	struct dns_upstreams *upstreams = pending->upstreams;
	__u64 now_ms = uv_now(upstreams->loop);
	bool may_try = pending->n_tries < LIMIT_DNS_TRIES;
	size_t first, second;

	/* Nobody is left who could still answer: the client need not wait for that. */
	if (now_ms >= pending->deadline_ms || (!may_try && !pending->tries)) {
		upstream_pending_give_up(pending);
		return;
	}
	pending->next_ms = pending->deadline_ms;
	if (may_try) {
		first = upstream_choose(upstreams, pending->servers, pending->turn);
		pending->next_ms = try_one(pending, first);
		second = upstream_choose(upstreams, pending->servers, pending->turn);
		/* Over TCP it is one upstream that is to say the rest of what it said. */
		if (upstreams->is_parallel && !pending->over_tcp && second != first)
			pending->next_ms = try_one(pending, second);
	}
	upstream_pending_timer_set(pending);
}

static void try_drop(struct try *attempt)
{
	struct pending *pending = attempt->owner;
	struct try **place = &pending->tries;

	while (*place != attempt)
		place = &(*place)->next;
	*place = attempt->next;
	pending->n_open--;
	try_end(attempt);
}

/* Somebody guesses: over TCP there is nothing to be guessed, and what is open over UDP could still be hit. */
static void mismatched(struct pending *pending, struct try *attempt)
{
	size_t upstream = attempt->upstream;

	pending->upstreams->list[upstream].stats.mismatched++;
	if (++pending->mismatches < LIMIT_DNS_MISMATCHES || pending->over_tcp)
		return;
	pending->over_tcp = true;
	pending->turn = upstream;
	while (pending->tries)
		try_drop(pending->tries);
	/* However many there have been: without this one it would be over here. */
	if (pending->n_tries >= LIMIT_DNS_TRIES)
		pending->n_tries = LIMIT_DNS_TRIES - 1;
	upstream_try_next(pending);
}

/* RFC 8767 section 4: what neither has the name nor denies it says nothing. True: others are asked, and it is kept in case they do no better. */
static bool is_refusal(struct pending *pending, struct dns_reply reply)
{
	unsigned int rcode = DNS_RCODE(dns_get16(reply.message + 2));
	size_t n = DNS_HEADER + pending->query.name.length + 4u;

	if (rcode == DNS_NOERROR || rcode == DNS_NXDOMAIN ||
	    ++pending->refusals >= (unsigned int)__builtin_popcountll(pending->servers))
		return false;
	memcpy(pending->refusal, reply.message, n);
	memset(pending->refusal + 6, 0, 6);
	pending->refusal_length = (__u16)n;
	pending->refusal_outcome = reply.outcome;
	return true;
}

/* The end of a question that was answered. */
static void answered(struct pending *pending, struct dns_reply reply)
{
	struct dns_upstreams *upstreams = pending->upstreams;
	__u8 cut[DNS_MESSAGE_MAX], room[DNS_MESSAGE_MAX];

	reply = dns_opt_cut(reply, cut);
	if (upstreams->judge)
		reply = upstreams->judge(upstreams->judge_data, &pending->query, reply, room);
	upstream_pending_end(pending, 0, reply);
}

/* FORMERR and NOTIMP of a server that may not understand EDNS. */
static bool is_not_understood(struct dns_reply reply)
{
	unsigned int rcode = DNS_RCODE(dns_get16(reply.message + 2));

	return rcode == DNS_FORMERR || rcode == DNS_NOTIMP;
}

/* What the answer says of EDNS. True: the same upstream is to be asked once more, without. */
static bool edns_learn(struct upstream *upstream, const struct try *attempt, struct dns_reply reply,
		       __u64 now_ms)
{
	if (upstream->conf.kind != DNS_UPSTREAM_PLAIN)
		return false;
	if (!is_not_understood(reply)) {
		upstream_edns_note(upstream, attempt->has_edns, now_ms);
		return false;
	}
	upstream_edns_refused(upstream, attempt->has_edns, now_ms);
	return attempt->has_edns;
}

static void tried(struct try *attempt, enum try_result result, struct dns_reply reply)
{
	struct pending *pending = attempt->owner;
	struct dns_upstreams *upstreams = pending->upstreams;
	struct upstream *upstream = &upstreams->list[attempt->upstream];
	__u64 took_ns = uv_hrtime() - attempt->begun_ns, now_ms = uv_now(upstreams->loop);
	bool waits, again = false;

	switch (result) {
	case TRY_MISMATCH:
		mismatched(pending, attempt);
		return;
	case TRY_UNREAD:
		upstream_answered(upstream, took_ns);
		again = edns_learn(upstream, attempt, reply, now_ms);
		break;
	case TRY_ANSWERED:
		upstream_answered(upstream, took_ns);
		again = edns_learn(upstream, attempt, reply, now_ms);
		if (again)
			break;
		reply.outcome = (struct dns_outcome){.count = DNS_COUNT_FORWARDED,
						     .upstream = (__u8)(attempt->upstream + 1)};
		if (!is_refusal(pending, reply)) {
			answered(pending, reply);
			return;
		}
		break;
	case TRY_OTHER_CASE:
		upstream->other_case++;
		/* Whoever sent this knows port and id: over TCP it counts whatever its case. */
		/* fallthrough */
	case TRY_TRUNCATED:
		upstream_answered(upstream, took_ns);
		pending->over_tcp = true;
		pending->turn = attempt->upstream;
		break;
	case TRY_FAILED:
		upstream_failed(upstreams, attempt->upstream);
		break;
	}
	/* Of two that were asked at once, the other may still do better; nobody needs to be asked twice for that. */
	waits = upstreams->is_parallel && pending->n_open > 1 && !pending->over_tcp && !again;
	if (again)
		pending->turn = attempt->upstream;
	try_drop(attempt);
	if (!waits)
		upstream_try_next(pending);
}
