// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which machine a public address of ours means to somebody inside who hears of it by a name that nobody declared here: the one that all that is forwarded there
 * goes to, if every port is the same inside. (src/dns/doctor.h)
 */
#include <string.h>

#include "draft.h"

static bool has_moved_port(const struct conf_service *service)
{
	for (size_t i = 0; i < service->n_ports; i++) {
		if (service->ports[i].external_first != service->ports[i].internal_first)
			return true;
	}
	return false;
}

/* Why @service, which forwards, keeps a public address from meaning the host of @first; NULL: it does not. */
static const char *service_fault(const struct draft *draft, size_t index,
				 const struct conf_service *first)
{
	const struct conf_service *service = &draft->conf->services[index];

	if (draft->plan->services[index].left_out)
		return "has a host that is left out";
	if (service->rewrite == CONF_REWRITE_OFF)
		return "has `rewrite: off`";
	if (!ip_addr_equal(&service->host, &first->host))
		return "has another host than the first";
	if (has_moved_port(service))
		return "has a port that is another one inside";
	return NULL;
}

/* The first service whose host is meant; NULL, with the reason in @why. */
static const struct conf_service *host_find(const struct draft *draft, struct strbuf *why)
{
	const struct conf *conf = draft->conf;
	const struct conf_service *first = NULL;

	for (size_t i = 0; i < conf->n_services; i++) {
		const struct conf_service *service = &conf->services[i];
		const char *fault;

		if (service->is_self) {
			strbuf_add(why, "service %s is of the gateway itself", service->name);
			return NULL;
		}
		if (!service->has_host)
			continue;
		first = first ? first : service;
		fault = service_fault(draft, i, first);
		if (!fault)
			continue;
		strbuf_add(why, "service %s %s", service->name, fault);
		return NULL;
	}
	if (first && conf->n_pass)
		strbuf_add(why, "the gateway itself answers there (`wan.pass`)");
	return conf->n_pass ? NULL : first;
}

/* The one IPv6 address of all services on that host. */
static bool host6_find(const struct conf *conf, const struct ip_addr *host,
		       struct ip_addr *ret_host6)
{
	const struct conf_service *first = NULL;

	for (size_t i = 0; i < conf->n_services; i++) {
		const struct conf_service *service = &conf->services[i];

		if (!service->has_host6 || !service->has_host ||
		    !ip_addr_equal(&service->host, host))
			continue;
		if (first && !ip_addr_equal(&first->host6, &service->host6))
			return false;
		first = service;
	}
	if (first)
		*ret_host6 = first->host6;
	return first;
}

static void doctor_add(struct draft *draft, size_t *room, const struct ip_addr *public,
		       const struct conf_service *service)
{
	struct plan_dns *dns = &draft->plan->dns;
	struct plan_doctor *slot =
		draft_grow(draft, &dns->doctor, &dns->n_doctor, room, sizeof(*slot));

	if (!slot)
		return;
	slot->public = *public;
	slot->has_host = service;
	slot->has_inside = service && ip_addr_is_v4(public);
	if (slot->has_inside)
		slot->inside = service->host;
	else if (service)
		slot->has_inside = host6_find(draft->conf, &service->host, &slot->inside);
}

void draft_doctor(struct draft *draft)
{
	const struct plan *plan = draft->plan;
	struct plan_dns *dns = &draft->plan->dns;
	_strbuf_ struct strbuf why = {0};
	const struct conf_service *service = host_find(draft, &why);
	size_t room = 0;

	dns->doctoring = draft->conf->doctoring == CONF_DOCTORING_AUTO;
	/* On one arm the addresses of the WAN interface are this machine's in the LAN, where a name of it means itself. */
	for (size_t i = 0; i < plan->n_wan_addrs && plan->role != CONF_ROLE_BYPASS; i++)
		doctor_add(draft, &room, &plan->wan_addrs[i], service);
	if (plan->has_public)
		doctor_add(draft, &room, &plan->public, service);
	dns->doctor_why = why.length ? TAKE_PTR(why.text) : NULL;
}

bool plan_doctor_equal(const struct plan_dns *a, const struct plan_dns *b)
{
	if (a->doctoring != b->doctoring || a->n_doctor != b->n_doctor)
		return false;
	for (size_t i = 0; i < a->n_doctor; i++) {
		const struct plan_doctor *x = &a->doctor[i], *y = &b->doctor[i];

		if (!ip_addr_equal(&x->public, &y->public) || x->has_host != y->has_host ||
		    x->has_inside != y->has_inside ||
		    (x->has_inside && !ip_addr_equal(&x->inside, &y->inside)))
			return false;
	}
	return true;
}
