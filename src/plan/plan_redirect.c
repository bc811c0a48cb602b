// SPDX-License-Identifier: GPL-2.0-or-later
/* dns.redirect: whose questions to servers outside are led to ours, and to which of its addresses. */
#include <arpa/inet.h>
#include <string.h>

#include "draft.h"

#define DNS_PORT 53

/* --- who asks outside itself ---------------------------------------------------------------- */

static void asker_add(struct draft *draft, const struct ip_addr *addr)
{
	struct hp_rule_key key = {.kind = HP_RULE_ASKER};
	const struct hp_rule rule = {.action = HP_ACTION_ASKER};

	if (!ip_addr_is_v4(addr) || !draft_net_find(draft, addr))
		return;
	memcpy(key.addr, addr->b, sizeof(key.addr));
	draft_rule_add(draft, &key, &rule);
}

/* Whether the internet asks a host of ours for names: such a server talks to others of its zone (RFC 5936, RFC 1996). */
static bool serves_names(const struct conf_service *service)
{
	for (size_t i = 0; i < service->n_ports; i++) {
		const struct conf_port *item = &service->ports[i];
		unsigned int last =
			item->internal_first + item->external_last - item->external_first;

		if (item->internal_first <= DNS_PORT && DNS_PORT <= last)
			return true;
	}
	return false;
}

/* Of upstreams those that are inside: what we ask one would come back to us, and be asked again. */
void draft_askers(struct draft *draft)
{
	const struct conf *conf = draft->conf;

	if (!conf->has_dns || !conf->lead_questions)
		return;
	for (size_t i = 0; i < conf->n_upstreams; i++) {
		if (conf->upstreams[i].has_addr)
			asker_add(draft, &conf->upstreams[i].addr);
	}
	for (size_t i = 0; i < conf->n_bootstraps; i++)
		asker_add(draft, &conf->bootstraps[i]);
	for (size_t i = 0; i < conf->n_services; i++) {
		const struct conf_service *service = &conf->services[i];

		if (service->has_host && !draft->services[i].no_host && serves_names(service))
			asker_add(draft, &service->host);
	}
}

/* --- where the others are led ---------------------------------------------------------------- */

static bool is_reachable(const struct plan_listener *listener)
{
	return ip_addr_is_v4(&listener->addr) && ntohl(ip_addr_v4(&listener->addr)) >> 24 != 127;
}

/* Whether hosts behind that device ask there. */
static bool is_of(const struct plan_listener *listener, const char *interface)
{
	return is_reachable(listener) && strcmp(interface, listener->interface) == 0;
}

static void lead_add(struct draft *draft, size_t *room, const char *interface,
		     const struct plan_lead *like)
{
	struct plan *plan = draft->plan;
	struct plan_lead *slot =
		draft_grow(draft, &plan->leads, &plan->n_leads, room, sizeof(*slot));

	if (!slot)
		return;
	*slot = *like;
	strcpy(slot->interface, interface);
}

/* Where a segment has several networks, each is led to our address in its own, which decides about the answer. */
static void leads_of(struct draft *draft, size_t *room, const char *interface)
{
	const struct plan_dns *dns = &draft->plan->dns;
	const struct plan_listener *first = NULL;
	size_t n = 0;

	for (size_t i = 0; dns->listeners && i < dns->n_listeners; i++) {
		const struct plan_listener *one = &dns->listeners[i];
		bool here = is_of(one, interface);

		/* One of its own before all others. */
		if ((here && !n) || (!first && is_reachable(one)))
			first = one;
		n += here;
	}
	for (size_t i = 0; n > 1 && i < dns->n_listeners; i++) {
		const struct plan_listener *one = &dns->listeners[i];

		if (is_of(one, interface))
			lead_add(draft, room, interface,
				 &(struct plan_lead){.clients = one->segment,
						     .has_clients = true,
						     .server = one->addr});
	}
	/* Hosts behind another router inside, too, and those of a segment where dns.listen has no address. */
	if (first)
		lead_add(draft, room, interface, &(struct plan_lead){.server = first->addr});
}

void draft_redirect(struct draft *draft)
{
	struct plan *plan = draft->plan;
	size_t room = 0;

	if (!draft->conf->has_dns || !draft->conf->lead_questions)
		return;
	for (size_t i = 0; i < plan->n_devices; i++) {
		if (plan->devices[i].side == HP_SIDE_LAN)
			leads_of(draft, &room, plan->devices[i].name);
	}
	/* All or none: one address is enough for every segment. */
	plan->settings.lead_questions = plan->n_leads > 0;
	if (!plan->n_leads)
		strbuf_add(
			&plan->waits,
			"dns: redirect: no IPv4 address of ours takes questions of hosts inside\n");
}

bool plan_leads_equal(const struct plan *a, const struct plan *b)
{
	if (a->n_leads != b->n_leads)
		return false;
	for (size_t i = 0; i < a->n_leads; i++) {
		const struct plan_lead *x = &a->leads[i], *y = &b->leads[i];

		if (strcmp(x->interface, y->interface) || x->has_clients != y->has_clients ||
		    (x->has_clients && !ip_net_equal(&x->clients, &y->clients)) ||
		    !ip_addr_equal(&x->server, &y->server))
			return false;
	}
	return true;
}
