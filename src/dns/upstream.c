// SPDX-License-Identifier: GPL-2.0-or-later
#include "upstream.h"

#include <errno.h>
#include <hairpin/limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "try.h"

#define NS_PER_MS 1000000u
#define BUCKETS 1024u

struct upstream {
	struct dns_upstream_conf conf;
	struct dns_upstream_stats stats;
	unsigned int failures; /* in a row */
	__u64 out_until_ms;
	unsigned int other_case; /* answers in another case than it was asked in */
};

struct waiter {
	struct waiter *next;
	dns_reply_cb *cb;
	void *data;
};

/* A question that somebody waits for. Goes once its timer is closed. */
struct pending {
	struct pending *chain;
	struct dns_upstreams *upstreams;
	struct dns_query query;
	struct waiter *waiters;
	struct try *tries;
	unsigned int n_tries, mismatches;
	size_t turn; /* whose the next try is */
	__u64 hash, deadline_ms;
	bool over_tcp;
	uv_timer_t timer;
};

struct dns_upstreams {
	uv_loop_t *loop;
	struct upstream *list; /* n, owned */
	size_t n;
	struct pending *buckets[BUCKETS];
	unsigned int n_pending, n_waiters;
	__u64 seed;
};

static void tried(struct try *attempt, enum try_result result, struct dns_reply reply);
static void try_next(struct pending *pending);

/* --- whom ----------------------------------------------------------------------------------------------- */

static bool is_out(const struct upstream *upstream, __u64 now_ms)
{
	return upstream->out_until_ms > now_ms;
}

/* The next in order that is not left out; if all are, the next. */
static size_t upstream_choose(const struct dns_upstreams *upstreams, size_t turn)
{
	__u64 now_ms = uv_now(upstreams->loop);

	for (size_t i = 0; i < upstreams->n; i++) {
		size_t at = (turn + i) % upstreams->n;

		if (!is_out(&upstreams->list[at], now_ms))
			return at;
	}
	return turn % upstreams->n;
}

static void upstream_answered(struct upstream *upstream, __u64 rtt_ns)
{
	__u32 rtt_us = (__u32)(rtt_ns / 1000) + 1;

	upstream->stats.answered++;
	upstream->failures = 0;
	upstream->out_until_ms = 0;
	upstream->stats.rtt_us =
		upstream->stats.rtt_us ? (7 * upstream->stats.rtt_us + rtt_us) / 8 : rtt_us;
}

static void upstream_failed(struct upstream *upstream, __u64 now_ms)
{
	if (++upstream->failures >= LIMIT_DNS_UPSTREAM_FAILURES)
		upstream->out_until_ms = now_ms + LIMIT_DNS_UPSTREAM_OUT_MS;
}

static __u64 upstream_patience_ms(const struct upstream *upstream)
{
	__u64 ms = 4 * (__u64)upstream->stats.rtt_us / 1000;

	if (!upstream->stats.rtt_us || ms > LIMIT_DNS_TRY_MAX_MS)
		return LIMIT_DNS_TRY_MAX_MS;
	return ms < LIMIT_DNS_TRY_MIN_MS ? LIMIT_DNS_TRY_MIN_MS : ms;
}

/* --- the questions that wait ---------------------------------------------------------------------------- */

static bool is_same_question(const struct dns_query *a, const struct dns_query *b)
{
	return a->type == b->type && a->class == b->class && dns_name_equal(&a->name, &b->name) &&
	       a->wants_dnssec == b->wants_dnssec && !((a->flags ^ b->flags) & DNS_CD);
}

static struct pending **pending_place(struct dns_upstreams *upstreams,
				      const struct dns_query *query, __u64 hash)
{
	struct pending **place = &upstreams->buckets[hash % BUCKETS];

	while (*place && !((*place)->hash == hash && is_same_question(&(*place)->query, query)))
		place = &(*place)->chain;
	return place;
}

static void pending_freed(uv_handle_t *timer)
{
	free(timer->data);
}

/* Tells all that wait; the question is no longer there then, so that they may ask again. */
static void pending_end(struct pending *pending, struct dns_reply reply)
{
	struct dns_upstreams *upstreams = pending->upstreams;

	*pending_place(upstreams, &pending->query, pending->hash) = pending->chain;
	upstreams->n_pending--;
	uv_timer_stop(&pending->timer);
	for (struct waiter *waiter = pending->waiters, *next; waiter; waiter = next) {
		next = waiter->next;
		upstreams->n_waiters--;
		waiter->cb(waiter->data, &pending->query, reply);
		free(waiter);
	}
	for (struct try *attempt = pending->tries, *next; attempt; attempt = next) {
		next = attempt->next;
		try_end(attempt);
	}
	uv_close((uv_handle_t *)&pending->timer, pending_freed);
}

/* --- tries -------------------------------------------------------------------------------------------- */

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
	if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
		free(attempt);
		return -EIO;
	}
	attempt->owner = pending;
	attempt->cb = tried;
	attempt->upstream = at;
	attempt->begun_ns = uv_hrtime();
	dns_question_make(&attempt->question, &pending->query, random,
			  upstream->other_case >= LIMIT_DNS_OTHER_CASE);
	upstream->stats.asked++;
	upstream->stats.over_tcp += pending->over_tcp;
	ret = pending->over_tcp ? try_tcp_start(attempt, upstreams->loop, &upstream->conf)
				: try_udp_start(attempt, upstreams->loop, &upstream->conf);
	if (ret) {
		free(attempt);
		return ret;
	}
	attempt->next = pending->tries;
	pending->tries = attempt;
	return 0;
}

static void timed_out(uv_timer_t *timer)
{
	struct pending *pending = timer->data;
	struct dns_upstreams *upstreams = pending->upstreams;

	/* The youngest try is the one whose time it was. */
	if (pending->tries) {
		struct upstream *upstream = &upstreams->list[pending->tries->upstream];

		upstream->stats.timed_out++;
		upstream_failed(upstream, uv_now(upstreams->loop));
	}
	try_next(pending);
}

/* The next try, or the end if there have been enough. What was asked before may still answer. */
static void try_next(struct pending *pending)
{
	struct dns_upstreams *upstreams = pending->upstreams;
	__u64 now_ms = uv_now(upstreams->loop), left_ms, wait_ms = 1;
	size_t at;

	if (now_ms >= pending->deadline_ms) {
		pending_end(pending, (struct dns_reply){0});
		return;
	}
	left_ms = pending->deadline_ms - now_ms;
	if (pending->n_tries++ < LIMIT_DNS_TRIES) {
		at = upstream_choose(upstreams, pending->turn);
		pending->turn = at + 1;
		if (!try_begin(pending, at))
			wait_ms = upstream_patience_ms(&upstreams->list[at]);
		else
			upstream_failed(&upstreams->list[at], now_ms);
	} else {
		wait_ms = left_ms;
	}
	uv_timer_start(&pending->timer, timed_out, wait_ms < left_ms ? wait_ms : left_ms, 0);
}

static void try_drop(struct try *attempt)
{
	struct pending *pending = attempt->owner;
	struct try **place = &pending->tries;

	while (*place != attempt)
		place = &(*place)->next;
	*place = attempt->next;
	try_end(attempt);
}

static void mismatched(struct pending *pending, struct try *attempt)
{
	pending->upstreams->list[attempt->upstream].stats.mismatched++;
	if (++pending->mismatches != LIMIT_DNS_MISMATCHES)
		return;
	/* Somebody guesses: over TCP there is nothing to be guessed. */
	pending->over_tcp = true;
	pending->turn = attempt->upstream;
	try_next(pending);
}

static void tried(struct try *attempt, enum try_result result, struct dns_reply reply)
{
	struct pending *pending = attempt->owner;
	struct upstream *upstream = &pending->upstreams->list[attempt->upstream];

	switch (result) {
	case TRY_MISMATCH:
		mismatched(pending, attempt);
		return;
	case TRY_ANSWERED:
		upstream_answered(upstream, uv_hrtime() - attempt->begun_ns);
		pending_end(pending, reply);
		return;
	case TRY_OTHER_CASE:
		upstream->other_case++;
		/* Whoever sent this knows port and id: over TCP it counts whatever its case. */
		/* fallthrough */
	case TRY_TRUNCATED:
		upstream_answered(upstream, uv_hrtime() - attempt->begun_ns);
		pending->over_tcp = true;
		pending->turn = attempt->upstream;
		break;
	case TRY_FAILED:
		upstream_failed(upstream, uv_now(pending->upstreams->loop));
		break;
	}
	try_drop(attempt);
	try_next(pending);
}

/* --- asking ------------------------------------------------------------------------------------------- */

struct dns_upstreams *dns_upstreams_make(uv_loop_t *loop, const struct dns_upstream_conf *conf,
					 size_t n)
{
	struct dns_upstreams *upstreams = calloc(1, sizeof(*upstreams));

	if (!upstreams)
		return NULL;
	upstreams->list = calloc(n + 1, sizeof(*upstreams->list));
	if (!upstreams->list ||
	    getrandom(&upstreams->seed, sizeof(upstreams->seed), 0) != sizeof(upstreams->seed)) {
		free(upstreams->list);
		free(upstreams);
		return NULL;
	}
	upstreams->loop = loop;
	upstreams->n = n;
	for (size_t i = 0; i < n; i++)
		upstreams->list[i].conf = conf[i];
	return upstreams;
}

bool dns_upstreams_are(const struct dns_upstreams *upstreams, const struct dns_upstream_conf *conf,
		       size_t n)
{
	if (upstreams->n != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct dns_upstream_conf *one = &upstreams->list[i].conf;

		if (one->port != conf[i].port || one->kind != conf[i].kind ||
		    !ip_addr_equal(&one->addr, &conf[i].addr))
			return false;
	}
	return true;
}

void dns_upstreams_free(struct dns_upstreams *upstreams)
{
	if (!upstreams)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (upstreams->buckets[i])
			pending_end(upstreams->buckets[i], (struct dns_reply){0});
	}
	free(upstreams->list);
	free(upstreams);
}

static struct pending *pending_make(struct dns_upstreams *upstreams, const struct dns_query *query,
				    __u64 hash)
{
	struct pending *pending = calloc(1, sizeof(*pending));

	if (!pending)
		return NULL;
	pending->upstreams = upstreams;
	pending->query = *query;
	pending->hash = hash;
	pending->deadline_ms = uv_now(upstreams->loop) + LIMIT_DNS_ASK_MS;
	uv_timer_init(upstreams->loop, &pending->timer);
	pending->timer.data = pending;
	upstreams->n_pending++;
	return pending;
}

int dns_upstreams_ask(struct dns_upstreams *upstreams, const struct dns_query *query,
		      dns_reply_cb *cb, void *data)
{
	__u64 hash = dns_name_hash(&query->name, upstreams->seed);
	struct pending **place = pending_place(upstreams, query, hash), *pending = *place;
	struct waiter *waiter;

	if (!upstreams->n)
		return -ENOTCONN;
	if (upstreams->n_waiters >= LIMIT_DNS_WAITERS ||
	    (!pending && upstreams->n_pending >= LIMIT_DNS_PENDING))
		return -EBUSY;
	waiter = malloc(sizeof(*waiter));
	if (!waiter)
		return -ENOMEM;
	if (!pending)
		*place = pending = pending_make(upstreams, query, hash);
	if (!pending) {
		free(waiter);
		return -ENOMEM;
	}
	*waiter = (struct waiter){.next = pending->waiters, .cb = cb, .data = data};
	pending->waiters = waiter;
	upstreams->n_waiters++;
	if (!pending->n_tries)
		try_next(pending);
	return 0;
}

struct dns_upstream_stats dns_upstreams_stats(const struct dns_upstreams *upstreams, size_t i)
{
	struct dns_upstream_stats stats = upstreams->list[i].stats;

	stats.is_out = is_out(&upstreams->list[i], uv_now(upstreams->loop));
	return stats;
}
