/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of upstream.h share: upstream.c takes questions in, upstream_pending.c keeps who waits for them, upstream_tries.c asks, and
 * upstream_health.c knows whom.
 */
#pragma once

#include "channel.h"
#include "try.h"

#define DNS_PENDING_BUCKETS 1024u

struct upstream {
	struct dns_upstream_conf conf;
	struct dns_upstream_stats stats;
	bool has_addr; /* conf.addr is its address: always, or since somebody knows it */
	unsigned int failures; /* in a row */
	__u64 out_until_ms;
	__u64 plain_until_ms; /* it does not understand EDNS */
	unsigned int plain_proofs; /* times that it answered without EDNS and was silent with it */
	bool speaks_edns; /* it has, once */
	unsigned int other_case; /* answers in another case than it was asked in */
	struct dns_channel *channel; /* of a kind that has one, owned; else NULL */
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
	dns_servers servers; /* who may be asked */
	__u64 hash, deadline_ms;
	__u64 next_ms; /* when it is time for the next try */
	__u64 slow_ms; /* when those who can help themselves are asked to; 0: they were */
	bool over_tcp;
	struct dns_outcome refusal_outcome;
	__u16 refusal_length; /* what it ends with if nobody does better; 0: nothing yet */
	__u8 refusal[REFUSAL_MAX];
	uv_timer_t timer;
};

struct dns_upstreams {
	uv_loop_t *loop;
	struct upstream *list; /* n, owned */
	size_t n;
	struct pending *buckets[DNS_PENDING_BUCKETS];
	unsigned int n_pending, n_waiters;
	__u64 seed;
	struct dns_routes *routes; /* owned */
	struct dns_bootstrap *bootstrap; /* owned; NULL: none */
	bool is_parallel;
	struct dns_upstream_times times;
	dns_judge_cb *judge; /* NULL: none */
	void *judge_data;
	bool is_ending;
};

/* --- upstream_health.c ------------------------------------------------------------------------------- */

bool upstream_is_out(const struct upstream *upstream, __u64 now_ms);

/* The next of @servers from @turn on that is not left out; if all are, the next. There is one at least. */
size_t upstream_choose(const struct dns_upstreams *upstreams, dns_servers servers, size_t turn);

/* Its address, from now on. */
void upstream_set_addr(struct dns_upstreams *upstreams, size_t at, const struct ip_addr *addr);

/* What it is known for from now on: that it answered, or that it did not. */
void upstream_answered(struct upstream *upstream, __u64 rtt_ns);
void upstream_failed(struct dns_upstreams *upstreams, size_t at);

/* Whether it is asked with EDNS now; what it is known for in that from now on, after an answer of @rcode to a question with it or without. */
bool upstream_takes_edns(const struct upstream *upstream, __u64 now_ms);
void upstream_edns_note(struct upstream *upstream, bool had_edns, __u64 now_ms);
/* It did not understand a question with EDNS, or, without it, that was not the reason. */
void upstream_edns_refused(struct upstream *upstream, bool had_edns, __u64 now_ms);

/* How long one waits for the @at-th before somebody else is asked as well. */
__u64 upstream_patience_ms(const struct dns_upstreams *upstreams, size_t at);

/* --- upstream_pending.c ------------------------------------------------------------------------------ */

/* Where the question of @query waits; *place is NULL: it does not, and this is where it would. */
struct pending **upstream_pending_place(struct dns_upstreams *upstreams,
					const struct dns_query *query, __u64 hash);

/* Of a question that does not wait yet; the caller puts it into its place. NULL: no memory. */
struct pending *upstream_pending_make(struct dns_upstreams *upstreams,
				      const struct dns_query *query, __u64 hash);

/* @waiter is the question's from now on. */
void upstream_waiter_add(struct pending *pending, struct waiter *waiter);

/* Tells all that wait; the question is no longer there then, so that they may ask again. */
void upstream_pending_end(struct pending *pending, int ret, struct dns_reply reply);

/* Nobody answered; what somebody refused it with is still better than silence. */
void upstream_pending_give_up(struct pending *pending);

/* Wakes at whatever comes first: the next try, the end, or the time when those who can help themselves do. */
void upstream_pending_timer_set(struct pending *pending);

/* --- upstream_tries.c -------------------------------------------------------------------------------- */

/* The next try, or the end if there have been enough. What was asked before may still answer. */
void upstream_try_next(struct pending *pending);

/* The time of the open tries was over before an answer came: each is told off for that once, however often there is nobody else to be asked. */
void upstream_try_late(struct pending *pending);
