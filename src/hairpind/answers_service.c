// SPDX-License-Identifier: GPL-2.0-or-later
#include <netinet/in.h>
#include <string.h>

#include "answers.h"

json_t *answer_addr(const struct ip_addr *addr)
{
	char text[IP_TEXT_MAX];

	return json_string(ip_addr_format(addr, text));
}

static const struct fact_neigh *find_neigh(const struct facts *facts, const struct ip_addr *addr)
{
	for (size_t i = 0; i < facts->n_neighs; i++) {
		if (ip_addr_equal(&facts->neighs[i].addr, addr))
			return &facts->neighs[i];
	}
	return NULL;
}

/* One that is there and that the plan cannot use is missing in the plan. */
static bool is_planned(const struct plan *plan, const char *interface)
{
	for (size_t i = 0; i < plan->n_devices; i++) {
		if (!strcmp(plan->devices[i].name, interface))
			return plan->devices[i].ifindex != 0;
	}
	return false;
}

/* Why nobody comes in by WAN; NULL: nothing speaks against it. */
static const char *wan_waits_for(const struct plan *plan, const struct facts *facts,
				 const struct plan_service *service)
{
	/* WAN is the first device, and IPv4 comes first in the list of addresses. */
	const struct fact_link *link =
		plan->n_devices > 0 ? facts_link(facts, plan->devices[0].name) : NULL;

	if (!link || link->ifindex == 0)
		return "the WAN interface is not there now";
	if (!link->up)
		return "the WAN interface is down";
	if (!link->running)
		return "the WAN interface has no carrier";
	if (!is_planned(plan, link->name))
		return "the WAN interface cannot be used as it is now";
	/* A pinhole is an address of the host: it needs none of ours. */
	if ((service->has_host || service->is_self) && !plan_wan_primary(plan))
		return "there is no WAN address now";
	return NULL;
}

/* The same of the host's side. */
static const char *host_waits_for(const struct plan *plan, const struct facts *facts,
				  const struct plan_service *service)
{
	const struct fact_link *link;
	const struct fact_neigh *neigh;

	if (service->left_out)
		return "the address of the host cannot be right on the network of now";
	if (!service->segment[0])
		return "no LAN that holds the host is there now";
	link = facts_link(facts, service->segment);
	if (!link || link->ifindex == 0)
		return "the LAN interface of the host is not there now";
	if (!link->up)
		return "the LAN interface of the host is down";
	if (!link->running)
		return "the LAN interface of the host has no carrier";
	if (!is_planned(plan, link->name))
		return "the LAN interface of the host cannot be used as it is now";
	neigh = find_neigh(facts, service->has_host ? &service->host : &service->host6);
	/* A host that was never asked for has no entry, and that is nothing against it. */
	if (neigh && !neigh->reachable)
		return "the host does not answer on its LAN";
	return NULL;
}

/* Why a service cannot be reached now; NULL: nothing speaks against it. */
static const char *waits_for(const struct daemon *daemon, const struct facts *facts,
			     const struct plan_service *service)
{
	const struct plan *plan = daemon->now.plan;
	const char *wan;

	if (plan->role == CONF_ROLE_RESOLVER)
		return answer_resolver_waits(plan, service);
	if (daemon->watching.watchdog.missing)
		return "rules, filters or settings of ours were taken away and are not back yet";
	wan = wan_waits_for(plan, facts, service);
	return wan || service->is_self ? wan : host_waits_for(plan, facts, service);
}

static json_t *forward_list(const struct plan_service *service)
{
	json_t *list = json_array();

	for (size_t i = 0; i < service->n_forwards; i++) {
		const struct plan_forward *forward = &service->forwards[i];
		int width = forward->external_last - forward->external_first;

		json_array_append_new(list,
				      json_pack("{s:s, s:i, s:i, s:i, s:i}", "protocol",
						forward->proto == IPPROTO_TCP ? "tcp" : "udp",
						"external_first", forward->external_first,
						"external_last", forward->external_last,
						"internal_first", forward->internal_first,
						"internal_last", forward->internal_first + width));
	}
	return list;
}

static json_t *domain_list(const struct plan_service *service)
{
	json_t *list = json_array();

	for (size_t i = 0; i < service->n_domains; i++)
		json_array_append_new(list, json_string(service->domains[i]));
	return list;
}

static const char *source_name(enum hp_hairpin_source source)
{
	static const char *const names[] = {
		[HP_HAIRPIN_EXTERNAL] = "external",
		[HP_HAIRPIN_CLIENT] = "client",
		[HP_HAIRPIN_GATEWAY] = "gateway",
	};

	return names[source];
}

static json_t *host_answer(const struct plan_service *service)
{
	if (service->is_self)
		return json_string("self");
	return service->has_host ? answer_addr(&service->host) : NULL;
}

json_t *answer_service_list(const struct daemon *daemon, const struct facts *facts)
{
	const struct plan *plan = daemon->now.plan;
	json_t *list = json_array();

	for (size_t i = 0; i < plan->n_services; i++) {
		const struct plan_service *service = &plan->services[i];
		const char *waits = waits_for(daemon, facts, service);
		_strbuf_ struct strbuf reason = {0};
		const char *verdict = "waiting";

		if (waits)
			strbuf_add(&reason, "%s", waits);
		else
			verdict = answer_upstream_verdict(daemon, service, &reason);

		json_array_append_new(
			list,
			json_pack("{s:s, s:s, s:s?, s:o, s:o?, s:o?, s:s, s:s?, s:o, s:o, s:o}",
				  "name", service->name, "verdict", verdict, "reason",
				  reason.length ? strbuf_text(&reason) : NULL, "domains",
				  domain_list(service), "host", host_answer(service), "host6",
				  service->has_host6 ? answer_addr(&service->host6) : NULL,
				  "segment", service->segment, "hairpin_source",
				  service->is_self ? NULL : source_name(service->hairpin_source),
				  "hairpin_source_why", answer_hairpin_source_why(daemon, i),
				  "outside_source", answer_outside_source(daemon, i), "forwards",
				  forward_list(service)));
	}
	return list;
}

json_t *answer_services(struct daemon *daemon)
{
	_facts_ struct facts *facts = NULL;

	if (candidate_read_facts(daemon->now.conf, &daemon->observed, &facts))
		return json_pack("{s:o}", "services",
				 answer_service_list(daemon, daemon->now.facts));
	return json_pack("{s:o}", "services", answer_service_list(daemon, facts));
}
