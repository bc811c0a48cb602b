// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "addr_class.h"
#include "draft.h"

void *draft_grow(struct draft *draft, void *array, size_t *n, size_t *room, size_t size)
{
	char *elements;

	/* @array is a pointer to a pointer of any type, which no type of C says without a cast. */
	memcpy(&elements, array, sizeof(elements));
	if (*n == *room) {
		size_t more = *room ? *room * 2 : 64;

		elements = reallocarray(elements, more, size);
		if (!elements) {
			draft->no_memory = true;
			return NULL;
		}
		memcpy(array, &elements, sizeof(elements));
		*room = more;
	}
	return memset(elements + (*n)++ * size, 0, size);
}

static void draft_fini(struct draft *draft)
{
	plan_free(draft->plan);
	free(draft->nets);
	free(draft->services);
	free(draft->rules);
}

int plan_make(const struct conf *conf, const struct facts *facts,
	      const struct plan_options *options, struct plan **ret_plan, struct strbuf *errors)
{
	_cleanup_(draft_fini) struct draft draft = {
		.conf = conf,
		.facts = facts,
		.following = options->following,
		.names = options->names,
		.report = {.path = conf->path},
	};
	bool refused;

	draft.plan = calloc(1, sizeof(*draft.plan));
	if (!draft.plan)
		return -ENOMEM;
	draft.plan->role = conf->role;
	if (conf->role != CONF_ROLE_RESOLVER)
		draft.plan->sessions = draft_sessions(conf, options->memory_bytes);

	draft_links(&draft);
	draft_nets(&draft);
	draft_services(&draft);
	/* Without room for the services the tables have nothing to point to. */
	if (!draft.no_memory && conf->role != CONF_ROLE_RESOLVER) {
		draft_rules(&draft);
		draft_prefixes(&draft);
		draft_settings(&draft);
	}
	if (!draft.no_memory)
		draft_dns(&draft);
	if (!draft.no_memory && conf->role != CONF_ROLE_RESOLVER) {
		draft_redirect(&draft);
		draft_hosts_service(&draft);
		draft_dhcp(&draft);
	}
	refused = draft.report.n > 0 && !draft.following;
	report_finish(&draft.report, draft.following ? &draft.plan->waits : errors);
	if (draft.no_memory)
		return -ENOMEM;
	if (refused)
		return -EINVAL;
	*ret_plan = TAKE_PTR(draft.plan);
	return 0;
}

static void service_fini(struct plan_service *service)
{
	for (size_t i = 0; i < service->n_domains; i++)
		free(service->domains[i]);
	free(service->domains);
	free(service->forwards);
}

const struct ip_addr *plan_wan_primary(const struct plan *plan)
{
	return plan->n_wan_addrs && ip_addr_is_v4(&plan->wan_addrs[0]) ? &plan->wan_addrs[0] : NULL;
}

const struct ip_addr *plan_wan_public(const struct plan *plan)
{
	const struct ip_addr *primary = plan_wan_primary(plan);

	return primary && addr_class_of(primary) == ADDR_PUBLIC ? primary : NULL;
}

bool plan_is_behind(const struct plan *plan)
{
	if (plan->role != CONF_ROLE_GATEWAY)
		return plan->role == CONF_ROLE_BYPASS;
	return plan_wan_primary(plan) && !plan_wan_public(plan);
}

const struct ip_addr *plan_public(const struct plan *plan)
{
	if (plan->has_public)
		return &plan->public;
	if (!plan->n_wan_addrs || plan_wan_primary(plan))
		return plan_wan_public(plan);
	return ip_addr_is_private(&plan->wan_addrs[0]) ? NULL : &plan->wan_addrs[0];
}

struct plan *plan_free(struct plan *plan)
{
	if (!plan)
		return NULL;
	for (size_t i = 0; i < plan->n_services; i++)
		service_fini(&plan->services[i]);
	free(plan->services);
	free(plan->devices);
	free(plan->rules);
	free(plan->prefixes);
	free(plan->leads);
	free(plan->wan_addrs);
	free(plan->dns.listeners);
	free(plan->hosts.listeners);
	plan_upstreams_fini(&plan->dns);
	plan_tls_fini(&plan->dns.tls);
	plan_names_fini(&plan->dns);
	plan_lists_fini(&plan->dns.lists);
	plan_dhcp_fini(&plan->dhcp);
	strbuf_fini(&plan->waits);
	free(plan);
	return NULL;
}
