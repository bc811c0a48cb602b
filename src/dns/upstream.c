// SPDX-License-Identifier: GPL-2.0-or-later
#include "upstream.h"

#include <assert.h>
#include <errno.h>
#include <hairpin/limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "try.h"

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
	struct dns_asker asker;
};

/* Header and question. */
#define REFUSAL_MAX (DNS_HEADER + DNS_NAME_MAX + 4)

/* A question that somebody waits for. Goes once its timer is closed. */
struct pending {
	struct pending *chain;
	struct dns_upstreams *upstreams;
	struct dns_query query;
	struct waiter *waiters, **waiters_end; /* first come, first served */
	struct try *tries; /* the youngest first */
	unsigned int n_tries, n_open, mismatches, refusals;
	size_t turn; /* whose the next try is */
	__u64 hash, deadline_ms;
	__u64 next_ms; /* when it is time for the next try */
	__u64 slow_ms; /* when those who can help themselves are asked to; 0: they were */
	bool over_tcp;
	__u16 refusal_length; /* what it ends with if nobody does better; 0: nothing yet */
	__u8 refusal[REFUSAL_MAX];
	uv_timer_t timer;
};

struct dns_upstreams {
	uv_loop_t *loop;
	struct upstream *list; /* n, owned */
	size_t n;
	struct pending *buckets[BUCKETS];
	unsigned int n_pending, n_waiters;
	__u64 seed;
	struct dns_upstream_times times;
	dns_judge_cb *judge; /* NULL: none */
	void *judge_data;
	bool is_ending;
};

static void tried(struct try *attempt, enum try_result result, struct dns_reply reply);
static void try_next(struct pending *pending);
static void try_drop(struct try *attempt);

/* --- whom ----------------------------------------------------------------------------------------------- */

static bool is_out(const struct upstream *upstream, __u64 now_ms)
{
	return upstream->out_until_ms > now_ms;
}

/* The next in order that is not left out; if all are, the next. */
static size_t upstream_choose(const struct dns_upstreams *upstreams, size_t turn)
{
	__u64 now_ms = uv_now(upstreams->loop);

	/* Without one nothing is asked (dns_upstreams_ask()). */
	assert(upstreams->n > 0);
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

static void upstream_failed(struct dns_upstreams *upstreams, size_t at)
{
	struct upstream *upstream = &upstreams->list[at];

	if (++upstream->failures >= LIMIT_DNS_UPSTREAM_FAILURES)
		upstream->out_until_ms = uv_now(upstreams->loop) + upstreams->times.out_ms;
}

static __u64 upstream_patience_ms(const struct dns_upstreams *upstreams, size_t at)
{
	const struct dns_upstream_times *times = &upstreams->times;
	__u32 rtt_us = upstreams->list[at].stats.rtt_us;
	__u64 ms = 4 * (__u64)rtt_us / 1000;

	if (!rtt_us || ms > times->try_max_ms)
		return times->try_max_ms;
	return ms < times->try_min_ms ? times->try_min_ms : ms;
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
static void pending_end(struct pending *pending, int ret, struct dns_reply reply)
{
	struct dns_upstreams *upstreams = pending->upstreams;

	*pending_place(upstreams, &pending->query, pending->hash) = pending->chain;
	upstreams->n_pending--;
	uv_timer_stop(&pending->timer);
	for (struct waiter *waiter = pending->waiters, *next; waiter; waiter = next) {
		next = waiter->next;
		upstreams->n_waiters--;
		waiter->asker.replied(waiter->asker.data, &pending->query, ret, reply);
		free(waiter);
	}
	for (struct try *attempt = pending->tries, *next; attempt; attempt = next) {
		next = attempt->next;
		try_end(attempt);
	}
	uv_close((uv_handle_t *)&pending->timer, pending_freed);
}

/* Nobody answered; what somebody refused it with is still better than silence. */
static void pending_give_up(struct pending *pending)
{
	if (pending->refusal_length)
		pending_end(pending, 0,
			    (struct dns_reply){pending->refusal, pending->refusal_length});
	else
		pending_end(pending, -ETIMEDOUT, (struct dns_reply){0});
}

static void waiter_add(struct pending *pending, struct waiter *waiter)
{
	waiter->next = NULL;
	*pending->waiters_end = waiter;
	pending->waiters_end = &waiter->next;
}

/* Those who can help themselves do, and are gone. They may ask again from within: that comes behind those who are there now. */
static void pending_slow(struct pending *pending)
{
	struct waiter *waiters = pending->waiters;

	pending->slow_ms = 0;
	pending->waiters = NULL;
	pending->waiters_end = &pending->waiters;
	for (struct waiter *waiter = waiters, *next; waiter; waiter = next) {
		const struct dns_asker *asker = &waiter->asker;

		next = waiter->next;
		if (!asker->slow || !asker->slow(asker->data, &pending->query)) {
			waiter_add(pending, waiter);
			continue;
		}
		pending->upstreams->n_waiters--;
		free(waiter);
	}
}

static void timed_out(uv_timer_t *timer);

/* For whatever comes first. */
static void timer_set(struct pending *pending)
{
	__u64 now_ms = uv_now(pending->upstreams->loop), at_ms = pending->next_ms;

	if (at_ms > pending->deadline_ms)
		at_ms = pending->deadline_ms;
	if (pending->slow_ms && pending->slow_ms < at_ms)
		at_ms = pending->slow_ms;
	uv_timer_start(&pending->timer, timed_out, at_ms > now_ms ? at_ms - now_ms : 0, 0);
}

/* --- tries -------------------------------------------------------------------------------------------- */

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
	if (++pending->n_open > LIMIT_DNS_TRIES_OPEN)
		try_drop_oldest(pending);
	return 0;
}

/* The youngest try is the one whose time it was; once, however often there is nobody else to be asked. */
static void try_late(struct pending *pending)
{
	struct dns_upstreams *upstreams = pending->upstreams;
	struct try *attempt = pending->tries;

	if (!attempt || attempt->was_late)
		return;
	attempt->was_late = true;
	upstreams->list[attempt->upstream].stats.timed_out++;
	upstream_failed(upstreams, attempt->upstream);
}

static void timed_out(uv_timer_t *timer)
{
	struct pending *pending = timer->data;
	__u64 now_ms = uv_now(pending->upstreams->loop);

	if (pending->slow_ms && now_ms >= pending->slow_ms)
		pending_slow(pending);
	if (now_ms < pending->next_ms && now_ms < pending->deadline_ms) {
		timer_set(pending);
		return;
	}
	try_late(pending);
	try_next(pending);
}

/* Whether it is our own shortage, of which no upstream is guilty. */
static bool is_own_fault(int ret)
{
	return ret == -EMFILE || ret == -ENFILE || ret == -ENOMEM || ret == -ENOBUFS;
}

/* The next try, or the end if there have been enough. What was asked before may still answer. */
static void try_next(struct pending *pending)
{
	struct dns_upstreams *upstreams = pending->upstreams;
	__u64 now_ms = uv_now(upstreams->loop);
	bool may_try = pending->n_tries < LIMIT_DNS_TRIES;
	size_t at;
	int ret;

	/* Nobody is left who could still answer: the client need not wait for that. */
	if (now_ms >= pending->deadline_ms || (!may_try && !pending->tries)) {
		pending_give_up(pending);
		return;
	}
	pending->next_ms = pending->deadline_ms;
	if (may_try) {
		pending->n_tries++;
		at = upstream_choose(upstreams, pending->turn);
		pending->turn = at + 1;
		ret = try_begin(pending, at);
		if (ret && !is_own_fault(ret))
			upstream_failed(upstreams, at);
		pending->next_ms = now_ms + (ret ? 1 : upstream_patience_ms(upstreams, at));
	}
	timer_set(pending);
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
	try_next(pending);
}

/* RFC 8767 section 4: what neither has the name nor denies it says nothing. True: others are asked, and it is kept in case they do no better. */
static bool is_refusal(struct pending *pending, struct dns_reply reply)
{
	unsigned int rcode = DNS_RCODE(dns_get16(reply.message + 2));
	size_t n = DNS_HEADER + pending->query.name.length + 4u;

	if (rcode == DNS_NOERROR || rcode == DNS_NXDOMAIN ||
	    ++pending->refusals >= pending->upstreams->n)
		return false;
	memcpy(pending->refusal, reply.message, n);
	memset(pending->refusal + 6, 0, 6);
	pending->refusal_length = (__u16)n;
	return true;
}

/* The end of a question that was answered. */
static void answered(struct pending *pending, struct dns_reply reply)
{
	struct dns_upstreams *upstreams = pending->upstreams;
	__u8 room[DNS_UDP_PLAIN];

	if (upstreams->judge)
		reply = upstreams->judge(upstreams->judge_data, &pending->query, reply, room);
	pending_end(pending, 0, reply);
}

static void tried(struct try *attempt, enum try_result result, struct dns_reply reply)
{
	struct pending *pending = attempt->owner;
	struct upstream *upstream = &pending->upstreams->list[attempt->upstream];
	__u64 took_ns = uv_hrtime() - attempt->begun_ns;

	switch (result) {
	case TRY_MISMATCH:
		mismatched(pending, attempt);
		return;
	case TRY_ANSWERED:
		upstream_answered(upstream, took_ns);
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
		upstream_failed(pending->upstreams, attempt->upstream);
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
	upstreams->times = (struct dns_upstream_times){
		.ask_ms = LIMIT_DNS_ASK_MS,
		.try_min_ms = LIMIT_DNS_TRY_MIN_MS,
		.try_max_ms = LIMIT_DNS_TRY_MAX_MS,
		.out_ms = LIMIT_DNS_UPSTREAM_OUT_MS,
		.slow_ms = LIMIT_DNS_STALE_WAIT_MS,
	};
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

void dns_upstreams_set_judge(struct dns_upstreams *upstreams, dns_judge_cb *judge, void *data)
{
	upstreams->judge = judge;
	upstreams->judge_data = data;
}

void dns_upstreams_set_times(struct dns_upstreams *upstreams,
			     const struct dns_upstream_times *times)
{
	upstreams->times = *times;
}

void dns_upstreams_free(struct dns_upstreams *upstreams)
{
	if (!upstreams)
		return;
	/* Who asks again from its callback is not taken in here: it would wait for ever. */
	upstreams->is_ending = true;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (upstreams->buckets[i])
			pending_end(upstreams->buckets[i], -ECANCELED, (struct dns_reply){0});
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
	pending->deadline_ms = uv_now(upstreams->loop) + upstreams->times.ask_ms;
	pending->slow_ms = uv_now(upstreams->loop) + upstreams->times.slow_ms;
	pending->waiters_end = &pending->waiters;
	uv_timer_init(upstreams->loop, &pending->timer);
	pending->timer.data = pending;
	upstreams->n_pending++;
	return pending;
}

int dns_upstreams_ask(struct dns_upstreams *upstreams, const struct dns_query *query,
		      struct dns_asker asker)
{
	__u64 hash = dns_name_hash(&query->name, upstreams->seed);
	struct pending **place = pending_place(upstreams, query, hash), *pending = *place;
	struct waiter *waiter;

	if (!upstreams->n || upstreams->is_ending)
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
	waiter->asker = asker;
	waiter_add(pending, waiter);
	upstreams->n_waiters++;
	if (!pending->n_tries)
		try_next(pending);
	return 0;
}

bool dns_upstreams_is_asking(struct dns_upstreams *upstreams, const struct dns_query *query)
{
	return *pending_place(upstreams, query, dns_name_hash(&query->name, upstreams->seed));
}

struct dns_upstream_stats dns_upstreams_stats(const struct dns_upstreams *upstreams, size_t i)
{
	struct dns_upstream_stats stats = upstreams->list[i].stats;

	stats.is_out = is_out(&upstreams->list[i], uv_now(upstreams->loop));
	return stats;
}
