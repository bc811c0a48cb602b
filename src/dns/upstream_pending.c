// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "upstream_internal.h"

static bool is_same_question(const struct dns_query *a, const struct dns_query *b)
{
	return a->type == b->type && a->class == b->class && dns_name_equal(&a->name, &b->name) &&
	       a->wants_dnssec == b->wants_dnssec && !((a->flags ^ b->flags) & DNS_CD);
}

struct pending **upstream_pending_place(struct dns_upstreams *upstreams,
					const struct dns_query *query, __u64 hash)
{
	struct pending **place = &upstreams->buckets[hash % DNS_PENDING_BUCKETS];

	while (*place && !((*place)->hash == hash && is_same_question(&(*place)->query, query)))
		place = &(*place)->chain;
	return place;
}

static void pending_freed(uv_handle_t *timer)
{
	free(timer->data);
}

void upstream_pending_end(struct pending *pending, int ret, struct dns_reply reply)
{
	struct dns_upstreams *upstreams = pending->upstreams;

	*upstream_pending_place(upstreams, &pending->query, pending->hash) = pending->chain;
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

void upstream_pending_give_up(struct pending *pending)
{
	if (pending->refusal_length)
		upstream_pending_end(pending, 0,
				     (struct dns_reply){pending->refusal, pending->refusal_length,
							pending->refusal_outcome});
	else
		upstream_pending_end(pending, -ETIMEDOUT, (struct dns_reply){0});
}

void upstream_waiter_add(struct pending *pending, struct waiter *waiter)
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
			upstream_waiter_add(pending, waiter);
			continue;
		}
		pending->upstreams->n_waiters--;
		free(waiter);
	}
}

static void timed_out(uv_timer_t *timer);

void upstream_pending_timer_set(struct pending *pending)
{
	__u64 now_ms = uv_now(pending->upstreams->loop), at_ms = pending->next_ms;

	if (at_ms > pending->deadline_ms)
		at_ms = pending->deadline_ms;
	if (pending->slow_ms && pending->slow_ms < at_ms)
		at_ms = pending->slow_ms;
	uv_timer_start(&pending->timer, timed_out, at_ms > now_ms ? at_ms - now_ms : 0, 0);
}

static void timed_out(uv_timer_t *timer)
{
	struct pending *pending = timer->data;
	__u64 now_ms = uv_now(pending->upstreams->loop);

	if (pending->slow_ms && now_ms >= pending->slow_ms)
		pending_slow(pending);
	if (now_ms < pending->next_ms && now_ms < pending->deadline_ms) {
		upstream_pending_timer_set(pending);
		return;
	}
	upstream_try_late(pending);
	upstream_try_next(pending);
}

struct pending *upstream_pending_make(struct dns_upstreams *upstreams,
				      const struct dns_query *query, __u64 hash)
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
