/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is asked what we do not know.
 *
 * A question is asked once, however many clients wait for its answer: two of our own outstanding for one name are what a forger needs to guess one of
 * them twice as easily. Over UDP each try has a socket, and so a port, of its own, an id and the case of the letters at random (RFC 5452), and an answer that
 * does not match is as if none had come; the true one may still be on its way. What is truncated is asked again over TCP.
 *
 * Who answers is asked first the next time; who does not is left out for a while. Everything here is bounded (limits.h), and apart from what answers
 * without upstreams: with all of them dead not one name of ours is missed.
 *
 * One process, one thread, one loop. The callback is called once for each ask, never from within it.
 */
#pragma once

#include <uv.h>

#include "addr.h"
#include "cache.h"

enum dns_upstream_kind { DNS_UPSTREAM_PLAIN };

struct dns_upstream_conf {
	struct ip_addr addr;
	__u16 port;
	enum dns_upstream_kind kind;
};

/* @reply.message is NULL where nobody answered; else it matches @query's question and can be read to its end. Valid until the return. */
typedef void dns_reply_cb(void *data, const struct dns_query *query, struct dns_reply reply);

struct dns_upstream_stats {
	__u64 asked, answered, timed_out, mismatched, over_tcp;
	__u32 rtt_us; /* smoothed; 0: none yet */
	bool is_out; /* left out at present */
};

struct dns_upstreams;

/* NULL: no memory, or no randomness. Copies @conf. */
struct dns_upstreams *dns_upstreams_make(uv_loop_t *loop, const struct dns_upstream_conf *conf,
					 size_t n);
/* Whether these are the same in the same order, so that what they are known for need not be learnt again. */
bool dns_upstreams_are(const struct dns_upstreams *upstreams, const struct dns_upstream_conf *conf,
		       size_t n);
/* Everything that waits is called back with nothing. The loop has to run on until what was open is closed. */
void dns_upstreams_free(struct dns_upstreams *upstreams);

/*
 * 0; -EBUSY: as many questions wait as may (LIMIT_DNS_PENDING, LIMIT_DNS_WAITERS); -ENOTCONN: no upstream is configured; -ENOMEM. The callback is
 * not called then.
 */
int dns_upstreams_ask(struct dns_upstreams *upstreams, const struct dns_query *query,
		      dns_reply_cb *cb, void *data);

/* Of the @i-th upstream of the configuration. */
struct dns_upstream_stats dns_upstreams_stats(const struct dns_upstreams *upstreams, size_t i);
