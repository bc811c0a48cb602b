// SPDX-License-Identifier: GPL-2.0-or-later
/* The machines of the house that the plan knows by name: the gateway, and the hosts of services. */
#include <stdlib.h>
#include <string.h>

#include "draft.h"

/* RFC 8375: the domain of a house, which no other network has anything to say about. */
#define LOCAL_DOMAIN "home.arpa"
#define GATEWAY "gateway"

struct room {
	size_t hosts, domains, networks;
};

static void host_add(struct draft *draft, struct room *room, const struct plan_dns_host *host)
{
	struct plan_dns *dns = &draft->plan->dns;
	struct plan_dns_host *slot =
		draft_grow(draft, &dns->hosts, &dns->n_hosts, &room->hosts, sizeof(*slot));

	if (!slot)
		return;
	*slot = *host;
	slot->name = strdup(host->name);
	if (!slot->name)
		draft->no_memory = true;
}

static void domain_add(struct draft *draft, struct room *room, const char *domain)
{
	struct plan_dns *dns = &draft->plan->dns;
	char **slot;

	for (size_t i = 0; i < dns->n_local_domains; i++) {
		if (!strcmp(dns->local_domains[i], domain))
			return;
	}
	slot = draft_grow(draft, &dns->local_domains, &dns->n_local_domains, &room->domains,
			  sizeof(*slot));
	if (!slot)
		return;
	*slot = strdup(domain);
	if (!*slot)
		draft->no_memory = true;
}

static void network_add(struct draft *draft, struct room *room, const struct fact_addr *addr)
{
	struct plan_dns *dns = &draft->plan->dns;
	struct ip_net *slot =
		draft_grow(draft, &dns->networks, &dns->n_networks, &room->networks, sizeof(*slot));

	if (slot)
		*slot = fact_addr_net(addr);
}

/* Where the hosts of @interface have their names. */
static const char *domain_of(const struct draft *draft, const char *interface)
{
	const struct conf *conf = draft->conf;

	for (size_t i = 0; i < conf->n_dhcp; i++) {
		if (!strcmp(conf->dhcp[i].interface, interface))
			return conf->dhcp[i].domain;
	}
	return LOCAL_DOMAIN;
}

/* AAAA are answered from `host6` alone: IPv6 of the gateway comes and goes with its provider, and is a name for its addresses only. */
static void gateway_of_lan(struct draft *draft, struct room *room, const struct fact_link *link)
{
	_strbuf_ struct strbuf name = {0};

	strbuf_add(&name, GATEWAY ".%s", domain_of(draft, link->name));
	for (size_t i = 0; i < link->n_addrs; i++) {
		const struct fact_addr *addr = &link->addrs[i];

		if (addr_is_link_local(&addr->addr))
			continue;
		network_add(draft, room, addr);
		host_add(draft, room,
			 &(struct plan_dns_host){.name = name.text,
						 .addr = addr->addr,
						 .is_reverse_only = !ip_addr_is_v4(&addr->addr)});
	}
}

static bool is_rewritten(const struct plan_dns *dns, const char *domain)
{
	for (size_t i = 0; i < dns->n_names; i++) {
		const struct plan_name *name = &dns->names[i];

		if (name->match == PLAN_MATCH_EXACT && name->from_service &&
		    !strcmp(name->domain, domain))
			return true;
	}
	return false;
}

/* The first name of @service that leads to its host from inside; NULL: none does. */
static char *service_name(const struct plan_dns *dns, const struct plan_service *service)
{
	for (size_t i = 0; i < service->n_domains && !service->left_out; i++) {
		if (is_rewritten(dns, service->domains[i]))
			return service->domains[i];
	}
	return NULL;
}

static void host_of_service(struct draft *draft, struct room *room,
			    const struct plan_service *service)
{
	struct plan_dns_host host = {.name = service_name(&draft->plan->dns, service),
				     .is_reverse_only = true};

	if (!host.name)
		return;
	host.addr = service->host;
	if (service->has_host)
		host_add(draft, room, &host);
	host.addr = service->host6;
	if (service->has_host6)
		host_add(draft, room, &host);
}

void draft_machines(struct draft *draft)
{
	struct room room = {0};

	domain_add(draft, &room, LOCAL_DOMAIN);
	for (size_t i = 0; i < draft->conf->n_dhcp; i++)
		domain_add(draft, &room, draft->conf->dhcp[i].domain);
	for (size_t i = 0; i < draft->conf->n_lan; i++) {
		if (draft->lan[i])
			gateway_of_lan(draft, &room, draft->lan[i]);
	}
	for (size_t i = 0; i < draft->plan->n_services; i++)
		host_of_service(draft, &room, &draft->plan->services[i]);
}

void plan_machines_fini(struct plan_dns *dns)
{
	for (size_t i = 0; i < dns->n_hosts; i++)
		free(dns->hosts[i].name);
	for (size_t i = 0; i < dns->n_local_domains; i++)
		free(dns->local_domains[i]);
	free(dns->hosts);
	free(dns->local_domains);
	free(dns->networks);
}

bool plan_machines_equal(const struct plan_dns *a, const struct plan_dns *b)
{
	if (a->n_hosts != b->n_hosts || a->n_local_domains != b->n_local_domains ||
	    a->n_networks != b->n_networks)
		return false;
	for (size_t i = 0; i < a->n_hosts; i++) {
		const struct plan_dns_host *x = &a->hosts[i], *y = &b->hosts[i];

		if (strcmp(x->name, y->name) || !ip_addr_equal(&x->addr, &y->addr) ||
		    x->is_reverse_only != y->is_reverse_only)
			return false;
	}
	for (size_t i = 0; i < a->n_local_domains; i++) {
		if (strcmp(a->local_domains[i], b->local_domains[i]))
			return false;
	}
	for (size_t i = 0; i < a->n_networks; i++) {
		if (!ip_net_equal(&a->networks[i], &b->networks[i]))
			return false;
	}
	return true;
}
