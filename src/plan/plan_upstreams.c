// SPDX-License-Identifier: GPL-2.0-or-later
/* Whom the DNS server asks, and for what. */
#include <stdlib.h>
#include <string.h>

#include "draft.h"

#define DNS_PORT 53

static char **words_copy(struct draft *draft, char *const *words, size_t n)
{
	char **copy = calloc(n + 1, sizeof(*copy));

	for (size_t i = 0; i < n && copy; i++) {
		copy[i] = strdup(words[i]);
		draft->no_memory = draft->no_memory || !copy[i];
	}
	draft->no_memory = draft->no_memory || !copy;
	return copy;
}

static void words_free(char **words, size_t n)
{
	for (size_t i = 0; i < n && words; i++)
		free(words[i]);
	free(words);
}

static bool words_equal(char *const *a, size_t n, char *const *b, size_t m)
{
	if (n != m)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(a[i], b[i]))
			return false;
	}
	return true;
}

/* A question that came back to us would be asked again until its client gives up. */
static bool is_ourselves(const struct plan_dns *dns, const struct conf_upstream *upstream)
{
	for (size_t i = 0; upstream->port == DNS_PORT && i < dns->n_listeners; i++) {
		if (ip_addr_equal(&dns->listeners[i].addr, &upstream->addr))
			return true;
	}
	return false;
}

static bool has_named(const struct plan_dns *dns)
{
	for (size_t i = 0; i < dns->n_upstreams; i++) {
		if (dns->upstreams[i].is_named)
			return true;
	}
	return false;
}

/* Those of dns.bootstrap, else the plain ones among the upstreams. */
static void draft_bootstraps(struct draft *draft)
{
	const struct conf *conf = draft->conf;
	struct plan_dns *dns = &draft->plan->dns;
	size_t room = 0, n = conf->n_bootstraps ? conf->n_bootstraps : dns->n_upstreams;

	for (size_t i = 0; i < n && has_named(dns); i++) {
		const struct plan_upstream *upstream =
			conf->n_bootstraps ? NULL : &dns->upstreams[i];
		struct plan_upstream *slot;

		if (upstream && (upstream->transport != CONF_DNS_PLAIN || upstream->n_domains))
			continue;
		slot = draft_grow(draft, &dns->bootstraps, &dns->n_bootstraps, &room,
				  sizeof(*slot));
		if (!slot)
			return;
		slot->addr = upstream ? upstream->addr : conf->bootstraps[i];
		slot->port = upstream ? upstream->port : DNS_PORT;
	}
}

void draft_upstreams(struct draft *draft)
{
	const struct conf *conf = draft->conf;
	struct plan_dns *dns = &draft->plan->dns;
	size_t room = 0;

	for (size_t i = 0; i < conf->n_upstreams; i++) {
		const struct conf_upstream *upstream = &conf->upstreams[i];
		struct plan_upstream *slot;
		char text[IP_TEXT_MAX];

		if (is_ourselves(dns, upstream)) {
			report_add(&draft->report,
				   (struct spot){upstream->line, "upstream",
						 ip_addr_format(&upstream->addr, text)},
				   "an address that we answer on ourselves; another server");
			continue;
		}
		slot = draft_grow(draft, &dns->upstreams, &dns->n_upstreams, &room, sizeof(*slot));
		if (!slot)
			return;
		*slot = (struct plan_upstream){.transport = upstream->transport,
					       .addr = upstream->addr,
					       .port = upstream->port,
					       .is_named = !upstream->has_addr};
		slot->domains = words_copy(draft, upstream->domains, upstream->n_domains);
		slot->n_domains = upstream->n_domains;
		strcpy(slot->name, upstream->name);
		strcpy(slot->path, upstream->path);
	}
	dns->general_domains = words_copy(draft, conf->general_domains, conf->n_general_domains);
	dns->n_general_domains = conf->n_general_domains;
	draft_bootstraps(draft);
	if (conf->upstream_ca) {
		dns->upstream_ca = strdup(conf->upstream_ca);
		draft->no_memory = draft->no_memory || !dns->upstream_ca;
	}
	dns->upstreams_parallel = conf->upstream_choice == CONF_UPSTREAMS_PARALLEL;
}

static bool bootstraps_equal(const struct plan_dns *a, const struct plan_dns *b)
{
	if (a->n_bootstraps != b->n_bootstraps)
		return false;
	for (size_t i = 0; i < a->n_bootstraps; i++) {
		const struct plan_upstream *x = &a->bootstraps[i], *y = &b->bootstraps[i];

		if (!ip_addr_equal(&x->addr, &y->addr) || x->port != y->port)
			return false;
	}
	return true;
}

bool plan_upstreams_equal(const struct plan_dns *a, const struct plan_dns *b)
{
	if (!bootstraps_equal(a, b) || !a->upstream_ca != !b->upstream_ca ||
	    (a->upstream_ca && strcmp(a->upstream_ca, b->upstream_ca)))
		return false;
	if (a->n_upstreams != b->n_upstreams || a->upstreams_parallel != b->upstreams_parallel ||
	    !words_equal(a->general_domains, a->n_general_domains, b->general_domains,
			 b->n_general_domains))
		return false;
	for (size_t i = 0; i < a->n_upstreams; i++) {
		const struct plan_upstream *x = &a->upstreams[i], *y = &b->upstreams[i];

		if (x->transport != y->transport || x->is_named != y->is_named ||
		    !ip_addr_equal(&x->addr, &y->addr) || x->port != y->port ||
		    strcmp(x->name, y->name) || strcmp(x->path, y->path) ||
		    !words_equal(x->domains, x->n_domains, y->domains, y->n_domains))
			return false;
	}
	return true;
}

void plan_upstreams_fini(struct plan_dns *dns)
{
	free(dns->upstream_ca);
	for (size_t i = 0; i < dns->n_upstreams; i++)
		words_free(dns->upstreams[i].domains, dns->upstreams[i].n_domains);
	free(dns->upstreams);
	free(dns->bootstraps);
	words_free(dns->general_domains, dns->n_general_domains);
}
