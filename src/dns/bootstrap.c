// SPDX-License-Identifier: GPL-2.0-or-later
#include "bootstrap.h"

#include <errno.h>
#include <hairpin/limits.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "reply_addr.h"
#include "upstream_internal.h"

/* One upstream that has a name. */
struct host {
	struct dns_bootstrap *bootstrap;
	size_t upstream;
	struct dns_name name;
	__u16 type; /* of the next question: A, and AAAA where there is none */
	bool was_told; /* that it has no address, in the log */
	uv_timer_t timer;
};

struct dns_bootstrap {
	uv_loop_t *loop;
	struct dns_upstreams *upstreams; /* whose addresses these are */
	struct dns_upstreams *servers; /* who is asked; owned */
	struct host *hosts; /* n, owned */
	size_t n, n_open; /* timers that are not closed */
	bool is_ending;
};

static void ask(uv_timer_t *timer);

static void ask_in(struct host *host, __u16 type, __u64 ms)
{
	host->type = type;
	uv_timer_start(&host->timer, ask, ms, 0);
}

static void tell_of_none(struct host *host)
{
	char text[DNS_NAME_TEXT_MAX];

	if (host->was_told)
		return;
	host->was_told = true;
	log_warning(
		"dns: no address of upstream %s is to be had from dns.bootstrap; it is asked for again",
		dns_name_format(&host->name, text));
}

static void replied(void *data, const struct dns_query *query, int ret, struct dns_reply reply)
{
	struct host *host = data;
	struct ip_addr addr;
	__u32 ttl_s;

	(void)query;
	if (host->bootstrap->is_ending)
		return;
	if (!ret && dns_reply_addr(reply, host->type, &addr, &ttl_s)) {
		upstream_set_addr(host->bootstrap->upstreams, host->upstream, &addr);
		host->was_told = false;
		if (ttl_s < LIMIT_DNS_BOOTSTRAP_MIN_S)
			ttl_s = LIMIT_DNS_BOOTSTRAP_MIN_S;
		ask_in(host, DNS_A, 1000ull * ttl_s);
	} else if (!ret && host->type == DNS_A) {
		ask_in(host, DNS_AAAA, 0);
	} else {
		tell_of_none(host);
		ask_in(host, DNS_A, 1000ull * LIMIT_DNS_BOOTSTRAP_RETRY_S);
	}
}

static void ask(uv_timer_t *timer)
{
	struct host *host = timer->data;
	const struct dns_query query = {.name = host->name,
					.type = host->type,
					.class = DNS_CLASS_IN,
					.flags = DNS_RD,
					.payload = DNS_UDP_PLAIN};

	/* Nobody else asks these: what may be refused is for want of memory. */
	if (dns_upstreams_ask(host->bootstrap->servers, &query,
			      (struct dns_asker){.replied = replied, .data = host}))
		ask_in(host, DNS_A, 1000ull * LIMIT_DNS_BOOTSTRAP_RETRY_S);
}

static void hosts_begin(struct dns_bootstrap *bootstrap)
{
	const struct dns_upstreams *upstreams = bootstrap->upstreams;

	for (size_t i = 0; i < upstreams->n; i++) {
		const struct dns_upstream_conf *conf = &upstreams->list[i].conf;
		struct host *host = &bootstrap->hosts[bootstrap->n];

		if (!conf->is_named || dns_name_parse(conf->name, &host->name))
			continue;
		host->bootstrap = bootstrap;
		host->upstream = i;
		uv_timer_init(bootstrap->loop, &host->timer);
		host->timer.data = host;
		bootstrap->n++;
		bootstrap->n_open++;
		ask_in(host, DNS_A, 0);
	}
}

static void bootstrap_release(struct dns_bootstrap *bootstrap)
{
	free(bootstrap->hosts);
	free(bootstrap);
}

struct dns_bootstrap *dns_bootstrap_make(uv_loop_t *loop, struct dns_upstreams *upstreams,
					 const struct dns_upstream_conf *servers, size_t n)
{
	struct dns_bootstrap *bootstrap = calloc(1, sizeof(*bootstrap));

	if (!bootstrap)
		return NULL;
	bootstrap->loop = loop;
	bootstrap->upstreams = upstreams;
	bootstrap->hosts = calloc(upstreams->n + 1, sizeof(*bootstrap->hosts));
	bootstrap->servers = dns_upstreams_make(loop, servers, n);
	if (!bootstrap->hosts || !bootstrap->servers) {
		dns_upstreams_free(bootstrap->servers);
		bootstrap_release(bootstrap);
		return NULL;
	}
	/* It is the way to all the rest: the first that knows. */
	dns_upstreams_set_parallel(bootstrap->servers, true);
	dns_upstreams_set_times(bootstrap->servers, &upstreams->times);
	hosts_begin(bootstrap);
	return bootstrap;
}

static void closed(uv_handle_t *handle)
{
	const struct host *host = handle->data;

	if (!--host->bootstrap->n_open)
		bootstrap_release(host->bootstrap);
}

void dns_bootstrap_free(struct dns_bootstrap *bootstrap)
{
	if (!bootstrap)
		return;
	bootstrap->is_ending = true;
	dns_upstreams_free(bootstrap->servers);
	if (!bootstrap->n) {
		bootstrap_release(bootstrap);
		return;
	}
	for (size_t i = 0; i < bootstrap->n; i++)
		uv_close((uv_handle_t *)&bootstrap->hosts[i].timer, closed);
}
