/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is asked what we do not know.
 *
 * A question is asked once, however many clients wait for its answer: two of our own outstanding for one name are what a forger needs to guess one of
 * them twice as easily. Over UDP each try has a socket, and so a port, of its own, an id and the case of the letters at random (RFC 5452), and an answer that
 * does not match is as if none had come; the true one may still be on its way. What is truncated is asked again over TCP.
 *
 * They are asked in the order of the configuration, or two of them at once; who does not answer is left out for a while, and who refuses is heard if the others do no better. Names of a domain
 * that has upstreams of its own are asked of these alone (routes.h). Everything here is bounded (limits.h), and apart from what answers without upstreams: with all of them dead not one name of ours is missed.
 *
 * One process, one thread, one loop. The callback is called once for each ask, never from within it.
 */
#pragma once

#include <hairpin/limits.h>
#include <uv.h>

#include "addr.h"
#include "cache.h"
#include "routes.h"

enum dns_upstream_kind { DNS_UPSTREAM_PLAIN, DNS_UPSTREAM_TLS, DNS_UPSTREAM_HTTPS };

struct dns_upstream_conf {
	struct ip_addr addr;
	__u16 port;
	enum dns_upstream_kind kind;
	bool is_named; /* `addr` says nothing: it is asked for by `name` (bootstrap.h) */
	char name[LIMIT_DOMAIN_NAME + 1]; /* that its certificate has to be for; "": its address */
	char path[LIMIT_DNS_PATH + 1]; /* of HTTPS; else "" */
};

/*
 * @ret 0: @reply matches @query's question and can be read to its end; valid until the return. -ETIMEDOUT: nobody answered. -ECANCELED: these upstreams are
 * being freed, and others may be asked.
 */
typedef void dns_reply_cb(void *data, const struct dns_query *query, int ret,
			  struct dns_reply reply);

/* Upstreams have been silent for dns_upstream_times.slow_ms. True: whoever waits has helped himself, and is not called again; the question goes on. */
typedef bool dns_slow_cb(void *data, const struct dns_query *query);

/*
 * What is to be heard instead of @reply, which answers @query and can be read to its end: @reply itself, or a message written into @room, of
 * DNS_MESSAGE_MAX octets, with the question of @reply.
 */
typedef struct dns_reply dns_judge_cb(void *data, const struct dns_query *query,
				      struct dns_reply reply, __u8 *room);

struct dns_asker {
	dns_reply_cb *replied;
	dns_slow_cb *slow; /* NULL: waits to the end */
	void *data;
};

/* LIMIT_DNS_* of the same names; tests have less time. */
struct dns_upstream_times {
	__u64 ask_ms, try_min_ms, try_max_ms, out_ms, slow_ms;
};

struct dns_upstream_stats {
	__u64 asked, answered, timed_out, mismatched, over_tcp;
	__u32 rtt_us; /* smoothed; 0: none yet */
	bool is_out; /* left out at present */
	char fault[128]; /* what keeps its connection from answering, for people; "": nothing */
};

struct dns_upstreams;
struct tls_credentials;

/* NULL: no memory, or no randomness. Copies @conf. */
struct dns_upstreams *dns_upstreams_make(uv_loop_t *loop, const struct dns_upstream_conf *conf,
					 size_t n);
/* Whether these are the same in the same order, so that what they are known for need not be learnt again. */
bool dns_upstreams_are(const struct dns_upstreams *upstreams, const struct dns_upstream_conf *conf,
		       size_t n);
/* Everything that waits is called back with -ECANCELED, and may ask others. The loop has to run on until what was open is closed. */
void dns_upstreams_free(struct dns_upstreams *upstreams);

/* Every answer passes @judge, once, before anybody hears of it. */
void dns_upstreams_set_judge(struct dns_upstreams *upstreams, dns_judge_cb *judge, void *data);

/*
 * Which names are asked of whom, instead of everybody of everybody; @routes are theirs from now on, and were made with as many servers. Before the first
 * question.
 */
void dns_upstreams_set_routes(struct dns_upstreams *upstreams, struct dns_routes *routes);
const struct dns_routes *dns_upstreams_routes(const struct dns_upstreams *upstreams);

/* Whether two are asked at once, and the first that has an answer is heard, instead of one after the other. */
void dns_upstreams_set_parallel(struct dns_upstreams *upstreams, bool parallel);

/* Who may vouch for servers that are asked over TLS; without it, none of these is asked. May be called again with another. */
void dns_upstreams_set_trust(struct dns_upstreams *upstreams, struct tls_credentials *trust);

/*
 * Plain servers, n, that are asked for the addresses of those that have a name only. 0 or -ENOMEM. Without it they are never asked.
 */
int dns_upstreams_set_bootstrap(struct dns_upstreams *upstreams,
				const struct dns_upstream_conf *servers, size_t n);

/* For what is asked from now on. */
void dns_upstreams_set_times(struct dns_upstreams *upstreams,
			     const struct dns_upstream_times *times);

/*
 * 0: the question is on its way. -EBUSY: as many questions wait as may (LIMIT_DNS_PENDING, LIMIT_DNS_WAITERS); -ENOTCONN: nobody is to
 * be asked for this name; -ENOMEM. No callback is called then.
 */
int dns_upstreams_ask(struct dns_upstreams *upstreams, const struct dns_query *query,
		      struct dns_asker asker);

/* Whether the question is on its way. */
bool dns_upstreams_is_asking(struct dns_upstreams *upstreams, const struct dns_query *query);

/* How many questions are on their way. */
unsigned int dns_upstreams_waiting(const struct dns_upstreams *upstreams);

/* Of the @i-th upstream of the configuration. */
struct dns_upstream_stats dns_upstreams_stats(const struct dns_upstreams *upstreams, size_t i);

/* Tells @log how the @i-th upstream of the configuration is called, as the configuration writes it. */
void dns_upstream_label(struct dns_log *log, size_t i, const struct dns_upstream_conf *conf);
