// SPDX-License-Identifier: GPL-2.0-or-later
#include "upstream.h"

#include <errno.h>
#include <hairpin/limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "bootstrap.h"
#include "upstream_internal.h"

static void upstreams_fini(struct dns_upstreams *upstreams)
{
	for (size_t i = 0; i < upstreams->n; i++)
		dns_channel_free(upstreams->list[i].channel);
	dns_routes_free(upstreams->routes);
	free(upstreams->list);
	free(upstreams);
}

/* Whoever is asked over TLS is never asked in any other way: without its channel there is no upstream. */
static bool list_fill(struct dns_upstreams *upstreams, const struct dns_upstream_conf *conf,
		      size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct upstream *upstream = &upstreams->list[upstreams->n++];

		upstream->conf = conf[i];
		upstream->has_addr = !conf[i].is_named;
		if (conf[i].kind != DNS_UPSTREAM_PLAIN)
			upstream->channel = dns_channel_make(upstreams->loop, &conf[i]);
		if (conf[i].kind != DNS_UPSTREAM_PLAIN && !upstream->channel)
			return false;
	}
	return true;
}

struct dns_upstreams *dns_upstreams_make(uv_loop_t *loop, const struct dns_upstream_conf *conf,
					 size_t n)
{
	struct dns_upstreams *upstreams = calloc(1, sizeof(*upstreams));

	if (!upstreams)
		return NULL;
	upstreams->loop = loop;
	upstreams->list = calloc(n + 1, sizeof(*upstreams->list));
	/* Everybody for everything, until somebody says otherwise. */
	upstreams->routes = dns_routes_make(NULL, 0, n ? ~0ull >> (64 - n) : 0);
	if (!upstreams->list || !upstreams->routes || !list_fill(upstreams, conf, n) ||
	    getrandom(&upstreams->seed, sizeof(upstreams->seed), 0) != sizeof(upstreams->seed)) {
		upstreams_fini(upstreams);
		return NULL;
	}
	upstreams->times = (struct dns_upstream_times){
		.ask_ms = LIMIT_DNS_ASK_MS,
		.try_min_ms = LIMIT_DNS_TRY_MIN_MS,
		.try_max_ms = LIMIT_DNS_TRY_MAX_MS,
		.out_ms = LIMIT_DNS_UPSTREAM_OUT_MS,
		.slow_ms = LIMIT_DNS_STALE_WAIT_MS,
	};
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
		    one->is_named != conf[i].is_named ||
		    (!one->is_named && !ip_addr_equal(&one->addr, &conf[i].addr)) ||
		    strcmp(one->name, conf[i].name) || strcmp(one->path, conf[i].path))
			return false;
	}
	return true;
}

void dns_upstreams_set_judge(struct dns_upstreams *upstreams, dns_judge_cb *judge, void *data)
{
	upstreams->judge = judge;
	upstreams->judge_data = data;
}

void dns_upstreams_set_routes(struct dns_upstreams *upstreams, struct dns_routes *routes)
{
	dns_routes_free(upstreams->routes);
	upstreams->routes = routes;
}

const struct dns_routes *dns_upstreams_routes(const struct dns_upstreams *upstreams)
{
	return upstreams->routes;
}

int dns_upstreams_set_bootstrap(struct dns_upstreams *upstreams,
				const struct dns_upstream_conf *servers, size_t n)
{
	struct dns_bootstrap *made = dns_bootstrap_make(upstreams->loop, upstreams, servers, n);

	if (!made)
		return -ENOMEM;
	dns_bootstrap_free(upstreams->bootstrap);
	upstreams->bootstrap = made;
	return 0;
}

void dns_upstreams_set_parallel(struct dns_upstreams *upstreams, bool parallel)
{
	upstreams->is_parallel = parallel;
}

void dns_upstreams_set_trust(struct dns_upstreams *upstreams, struct tls_credentials *trust)
{
	for (size_t i = 0; i < upstreams->n; i++) {
		if (upstreams->list[i].channel)
			dns_channel_set_trust(upstreams->list[i].channel, trust);
	}
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
	dns_bootstrap_free(upstreams->bootstrap);
	for (size_t i = 0; i < DNS_PENDING_BUCKETS; i++) {
		while (upstreams->buckets[i])
			upstream_pending_end(upstreams->buckets[i], -ECANCELED,
					     (struct dns_reply){0});
	}
	upstreams_fini(upstreams);
}

int dns_upstreams_ask(struct dns_upstreams *upstreams, const struct dns_query *query,
		      struct dns_asker asker)
{
	__u64 hash = dns_name_hash(&query->name, upstreams->seed);
	struct pending **place = upstream_pending_place(upstreams, query, hash), *pending = *place;
	dns_servers servers = dns_routes_servers(upstreams->routes, &query->name);
	struct waiter *waiter;

	if (!servers || upstreams->is_ending)
		return -ENOTCONN;
	if (upstreams->n_waiters >= LIMIT_DNS_WAITERS ||
	    (!pending && upstreams->n_pending >= LIMIT_DNS_PENDING))
		return -EBUSY;
	waiter = malloc(sizeof(*waiter));
	if (!waiter)
		return -ENOMEM;
	if (!pending)
		*place = pending = upstream_pending_make(upstreams, query, hash);
	if (!pending) {
		free(waiter);
		return -ENOMEM;
	}
	pending->servers = servers;
	waiter->asker = asker;
	upstream_waiter_add(pending, waiter);
	upstreams->n_waiters++;
	if (!pending->n_tries)
		upstream_try_next(pending);
	return 0;
}

bool dns_upstreams_is_asking(struct dns_upstreams *upstreams, const struct dns_query *query)
{
	return *upstream_pending_place(upstreams, query,
				       dns_name_hash(&query->name, upstreams->seed));
}

unsigned int dns_upstreams_waiting(const struct dns_upstreams *upstreams)
{
	return upstreams->n_pending;
}

struct dns_upstream_stats dns_upstreams_stats(const struct dns_upstreams *upstreams, size_t i)
{
	struct dns_upstream_stats stats = upstreams->list[i].stats;

	if (upstreams->list[i].channel)
		strcpy(stats.fault, dns_channel_fault(upstreams->list[i].channel));
	stats.is_out = upstream_is_out(&upstreams->list[i], uv_now(upstreams->loop));
	return stats;
}
