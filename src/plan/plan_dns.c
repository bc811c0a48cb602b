// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the DNS server takes questions, and whom it asks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draft.h"

/*
 * Those who ask at @addr. One that is alone in its prefix, as a router that is there twice shares it (VRRP), is asked by the
 * network of the link that it is in.
 */
static struct ip_net segment_of(const struct fact_link *link, const struct fact_addr *addr)
{
	struct ip_net segment = fact_addr_net(addr);

	for (size_t i = 0; segment.length == 32 && i < link->n_addrs; i++) {
		struct ip_net net = fact_addr_net(&link->addrs[i]);

		if (ip_net_contains(&net, &addr->addr))
			segment = net;
	}
	return segment;
}

static bool is_isolated(const struct conf *conf, const char *interface)
{
	for (size_t i = 0; i < conf->n_lan; i++) {
		if (!strcmp(conf->lan[i].interface, interface))
			return conf->lan[i].isolate;
	}
	return false;
}

static void listener_add(struct draft *draft, size_t *room, const struct fact_link *link,
			 const struct fact_addr *addr)
{
	struct plan_dns *dns = &draft->plan->dns;
	struct plan_listener *slot =
		draft_grow(draft, &dns->listeners, &dns->n_listeners, room, sizeof(*slot));

	if (!slot)
		return;
	slot->addr = addr->addr;
	slot->segment = segment_of(link, addr);
	strcpy(slot->interface, link->name);
	slot->isolated = is_isolated(draft->conf, link->name);
}

static void listeners_of_lan(struct draft *draft, size_t *room, size_t lan)
{
	const struct fact_link *link = draft->lan[lan];
	struct plan_dns *dns = &draft->plan->dns;

	for (size_t i = 0; link && i < link->n_addrs; i++) {
		const struct fact_addr *addr = &link->addrs[i];

		if (!ip_addr_is_v4(&addr->addr) || addr_is_link_local(&addr->addr))
			continue;
		if (dns->n_listeners == LIMIT_DNS_LISTENERS) {
			strbuf_add(
				&draft->plan->waits,
				"dns: %u addresses of segments are taken, those of %s are too many\n",
				LIMIT_DNS_LISTENERS, link->name);
			return;
		}
		listener_add(draft, room, link, addr);
	}
}

/* Over IPv6 where hosts are told of an address by router advertisements, and on that one alone. */
static void listener_of_ra(struct draft *draft, size_t *room, size_t lan)
{
	const struct fact_link *link = draft->lan[lan];
	const struct fact_addr *addr = link ? draft_ra_server(draft, lan) : NULL;

	if (addr && draft->plan->dns.n_listeners < LIMIT_DNS_LISTENERS)
		listener_add(draft, room, link, addr);
}

/* The link that has @addr, and *ret_addr there; NULL: none of those that are known. */
static const struct fact_link *link_of(const struct facts *facts, const struct ip_addr *addr,
				       const struct fact_addr **ret_addr)
{
	for (size_t i = 0; i < facts->n_links; i++) {
		const struct fact_link *link = &facts->links[i];

		for (size_t k = 0; k < link->n_addrs; k++) {
			if (!ip_addr_equal(&link->addrs[k].addr, addr))
				continue;
			*ret_addr = &link->addrs[k];
			return link;
		}
	}
	return NULL;
}

/* An address of dns.listen. One that is not there (yet) is waited for: a server's address may come by DHCP after we started. */
static void listener_of_conf(struct draft *draft, size_t *room, const struct conf_listener *conf)
{
	const struct fact_addr *addr;
	const struct fact_link *link = link_of(draft->facts, &conf->addr, &addr);
	char text[IP_TEXT_MAX];
	struct spot spot = {conf->line, "listen", ip_addr_format(&conf->addr, text)};

	if (!link)
		strbuf_add(&draft->plan->waits, "dns: no interface has %s\n", text);
	/* Whoever answers names there answers the internet, and is used to flood others. */
	else if (draft->conf->role == CONF_ROLE_GATEWAY &&
		 !strcmp(link->name, draft->conf->wan_interface))
		report_add(
			&draft->report, spot,
			"an address of the WAN interface; DNS is for the LAN, list addresses there");
	else
		listener_add(draft, room, link, addr);
}

static void draft_listeners(struct draft *draft)
{
	const struct conf *conf = draft->conf;
	size_t room = 0;

	for (size_t i = 0; i < conf->n_listeners; i++)
		listener_of_conf(draft, &room, &conf->listeners[i]);
	for (size_t i = 0; i < conf->n_lan && !conf->n_listeners; i++)
		listeners_of_lan(draft, &room, i);
	for (size_t i = 0; i < conf->n_lan && !conf->n_listeners; i++)
		listener_of_ra(draft, &room, i);
}

static void draft_private_domains(struct draft *draft)
{
	const struct conf *conf = draft->conf;
	struct plan_dns *dns = &draft->plan->dns;
	size_t room = 0;

	for (size_t i = 0; i < conf->n_private_domains; i++) {
		char **slot = draft_grow(draft, &dns->private_domains, &dns->n_private_domains,
					 &room, sizeof(*slot));

		if (!slot)
			return;
		*slot = strdup(conf->private_domains[i]);
		if (!*slot)
			draft->no_memory = true;
	}
}

void draft_dns(struct draft *draft)
{
	if (!draft->conf->has_dns) {
		if (draft->names || draft->conf->hosts_service)
			draft_names(draft);
		return;
	}
	draft->plan->dns.on = true;
	draft->plan->dns.log = draft->conf->log;
	draft_listeners(draft);
	draft_upstreams(draft);
	draft_tls(draft);
	draft_private_domains(draft);
	draft_names(draft);
	draft_machines(draft);
	draft_lists(draft);
	draft_doctor(draft);
	draft_blocking(draft);
}

/* --- equal --------------------------------------------------------------------------------- */

static bool listeners_equal(const struct plan_dns *a, const struct plan_dns *b)
{
	if (a->n_listeners != b->n_listeners)
		return false;
	for (size_t i = 0; i < a->n_listeners; i++) {
		const struct plan_listener *x = &a->listeners[i], *y = &b->listeners[i];

		if (!ip_addr_equal(&x->addr, &y->addr) || !ip_net_equal(&x->segment, &y->segment) ||
		    strcmp(x->interface, y->interface) || x->isolated != y->isolated)
			return false;
	}
	return true;
}

static bool private_domains_equal(const struct plan_dns *a, const struct plan_dns *b)
{
	if (a->n_private_domains != b->n_private_domains)
		return false;
	for (size_t i = 0; i < a->n_private_domains; i++) {
		if (strcmp(a->private_domains[i], b->private_domains[i]))
			return false;
	}
	return true;
}

static bool name_equal(const struct plan_name *x, const struct plan_name *y)
{
	if (strcmp(x->domain, y->domain) || x->match != y->match || x->n_addrs != y->n_addrs ||
	    x->has_h3 != y->has_h3 || x->from_service != y->from_service ||
	    !x->target != !y->target)
		return false;
	if (x->target && strcmp(x->target, y->target))
		return false;
	if (x->n_https != y->n_https)
		return false;
	for (size_t i = 0; i < x->n_https; i++) {
		if (!https_equal(&x->https[i], &y->https[i]))
			return false;
	}
	if (x->n_pass != y->n_pass || memcmp(x->pass, y->pass, x->n_pass * sizeof(*x->pass)))
		return false;
	return !x->n_addrs || !memcmp(x->addrs, y->addrs, x->n_addrs * sizeof(*x->addrs));
}

static bool names_equal(const struct plan_dns *a, const struct plan_dns *b)
{
	if (a->n_names != b->n_names || a->n_kept != b->n_kept)
		return false;
	for (size_t i = 0; i < a->n_names; i++) {
		if (!name_equal(&a->names[i], &b->names[i]))
			return false;
	}
	for (size_t i = 0; i < a->n_kept; i++) {
		if (strcmp(a->kept[i].domain, b->kept[i].domain) ||
		    a->kept[i].match != b->kept[i].match)
			return false;
	}
	return true;
}

static bool log_equal(const struct conf_log *a, const struct conf_log *b)
{
	return a->queries == b->queries && a->retention_s == b->retention_s &&
	       a->size_mb == b->size_mb;
}

bool plan_dns_equal(const struct plan_dns *a, const struct plan_dns *b)
{
	return a->on == b->on && listeners_equal(a, b) && plan_upstreams_equal(a, b) &&
	       private_domains_equal(a, b) && names_equal(a, b) && plan_machines_equal(a, b) &&
	       plan_tls_equal(&a->tls, &b->tls) && plan_doctor_equal(a, b) &&
	       plan_lists_equal(&a->lists, &b->lists) &&
	       plan_blocking_equal(&a->blocking, &b->blocking) && log_equal(&a->log, &b->log);
}
