// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rule table of the data plane. Rules are drafted in order of declaration, then sorted; of one
 * key the first stays.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "draft.h"

/*
 * Where drafting ends. Of what overlaps are drafts that come to nothing, so it is above LIMIT_RULES; but 4096 hosts
 * with all their ports open would be half a billion rules before they could be counted.
 */
#define DRAFTED_MAX (2 * LIMIT_RULES)

void draft_rule_add(struct draft *draft, const struct hp_rule_key *key, const struct hp_rule *rule)
{
	unsigned int order = (unsigned int)draft->n_rules;
	struct draft_rule *slot = draft_grow(draft, &draft->rules, &draft->n_rules,
					     &draft->rules_size, sizeof(*slot));

	if (!slot)
		return;
	slot->rule.key = *key;
	slot->rule.rule = *rule;
	slot->order = order;
}

/* One external port of a service with an IPv4 host: its rule outside, and the host's own. */
static void rules_of_port(struct draft *draft, size_t index, __u8 proto, __u16 external,
			  __u16 internal)
{
	const struct conf_service *service = &draft->conf->services[index];
	const struct draft_service *common = &draft->services[index];
	struct hp_rule_key outside = {
		.port = htons(external), .proto = proto, .kind = HP_RULE_EXTERNAL};
	struct hp_rule_key inside = {.port = htons(internal), .proto = proto, .kind = HP_RULE_HOST};
	struct hp_rule rule = {
		.action = HP_ACTION_FORWARD,
		.hairpin_source = (__u8)draft->plan->services[index].hairpin_source,
		.host_port = htons(internal),
		.ext_port = htons(external),
		.host = ip_addr_v4(&service->host),
		.gateway = common->gateway,
		.service = (__u32)index,
		.allow = common->allow,
		.outside_gateway = draft->plan->services[index].outside_gateway,
	};

	memcpy(inside.addr, service->host.b, sizeof(inside.addr));
	draft_rule_add(draft, &outside, &rule);
	draft_rule_add(draft, &inside, &rule);
}

/* The same of the gateway's own: a key of its addresses is not needed, and they change. */
static void rule_of_self(struct draft *draft, size_t index, __u8 proto, __u16 external,
			 __u16 internal)
{
	struct hp_rule_key key = {
		.port = htons(external), .proto = proto, .kind = HP_RULE_EXTERNAL};
	struct hp_rule rule = {
		.action = HP_ACTION_PASS,
		.host_port = htons(internal),
		.service = (__u32)index,
		.allow = draft->services[index].allow,
	};

	draft_rule_add(draft, &key, &rule);
}

static void rule_of_pinhole(struct draft *draft, size_t index, __u8 proto, __u16 internal)
{
	const struct conf_service *service = &draft->conf->services[index];
	struct hp_rule_key key = {.port = htons(internal), .proto = proto, .kind = HP_RULE_HOST};
	struct hp_rule rule = {
		.action = HP_ACTION_PINHOLE,
		.service = (__u32)index,
		.allow = draft->services[index].allow,
	};

	memcpy(key.addr, service->host6.b, sizeof(key.addr));
	draft_rule_add(draft, &key, &rule);
}

static void rules_of_service(struct draft *draft, size_t index)
{
	const struct conf_service *service = &draft->conf->services[index];
	const struct draft_service *common = &draft->services[index];
	bool forwards = service->has_host && !common->no_host;
	bool opens = service->has_host6 && !common->no_host6;

	for (size_t i = 0; i < service->n_ports && draft->n_rules < DRAFTED_MAX; i++) {
		const struct conf_port *item = &service->ports[i];
		unsigned int count = item->external_last - item->external_first + 1u;

		for (unsigned int n = 0; n < count; n++) {
			__u16 external = (__u16)(item->external_first + n);
			__u16 internal = (__u16)(item->internal_first + n);

			if (forwards)
				rules_of_port(draft, index, item->proto, external, internal);
			if (service->is_self)
				rule_of_self(draft, index, item->proto, external, internal);
			if (opens)
				rule_of_pinhole(draft, index, item->proto, internal);
		}
	}
}

static void rules_of_pass(struct draft *draft)
{
	const struct conf *conf = draft->conf;

	for (size_t i = 0; i < conf->n_pass; i++)
		for (unsigned int port = conf->pass[i].first; port <= conf->pass[i].last; port++) {
			const struct hp_rule rule = {.action = HP_ACTION_PASS,
						     .host_port = htons((__u16)port),
						     .service = HP_SERVICE_NONE};
			struct hp_rule_key key = {.port = htons((__u16)port),
						  .proto = conf->pass[i].proto,
						  .kind = HP_RULE_EXTERNAL};

			draft_rule_add(draft, &key, &rule);
		}
}

static void rule_of_link(struct draft *draft, const struct plan_device *device,
			 const struct fact_link *link)
{
	struct hp_rule_key key = {.kind = HP_RULE_LINK};
	struct hp_rule rule = {
		.action = HP_ACTION_LINK,
		.link_side = (__u8)device->side,
		.isolated = device->isolated,
		.gateway = link_primary_v4(link),
	};
	__u32 ifindex = device->ifindex;

	if (!ifindex)
		return;
	rule.mtu = (__u16)(link->mtu < 65535 ? link->mtu : 65535);
	rule.no_ethernet = link->layer3;
	memcpy(key.addr + 12, &ifindex, sizeof(ifindex));
	draft_rule_add(draft, &key, &rule);
}

static int draft_rule_compare(const void *a, const void *b)
{
	const struct draft_rule *x = a, *y = b;
	int order = memcmp(&x->rule.key, &y->rule.key, sizeof(x->rule.key));

	if (order)
		return order;
	return x->order < y->order ? -1 : x->order > y->order;
}

/*
 * Counted as well, so that what was accepted while an interface was missing is not too much when it
 * comes.
 */
static size_t rules_to_come(const struct plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n_devices; i++)
		n += !plan->devices[i].ifindex;
	return n;
}

/* Sorts the draft and leaves one rule a key in the plan. */
static void rules_finish(struct draft *draft)
{
	struct plan *plan = draft->plan;
	struct plan_rule *last = NULL;
	size_t to_come = rules_to_come(plan);

	plan->rules = calloc(draft->n_rules + 1, sizeof(*plan->rules));
	if (!plan->rules) {
		draft->no_memory = true;
		return;
	}
	if (draft->n_rules)
		qsort(draft->rules, draft->n_rules, sizeof(*draft->rules), draft_rule_compare);
	for (size_t i = 0; i < draft->n_rules; i++) {
		const struct plan_rule *rule = &draft->rules[i].rule;

		if (last && !memcmp(&last->key, &rule->key, sizeof(rule->key)))
			continue;
		last = &plan->rules[plan->n_rules++];
		*last = *rule;
	}
	if (plan->n_rules + to_come > LIMIT_RULES || draft->n_rules + to_come >= DRAFTED_MAX)
		report_add(
			&draft->report, (struct spot){0, "services", NULL},
			"more than %u rules, two for each forwarded port, one for each that is "
			"opened over IPv6 and up to two for each host with a filtering of its own; "
			"forward fewer ports",
			LIMIT_RULES);
}

void draft_rules(struct draft *draft)
{
	const struct plan *plan = draft->plan;

	for (size_t i = 0; i < draft->conf->n_services; i++)
		rules_of_service(draft, i);
	/* After the services: a forward wins over what the gateway itself answers. */
	rules_of_pass(draft);
	/* On one arm the device is there twice, and what is asked of it is asked of a LAN. */
	for (size_t i = draft->conf->role == CONF_ROLE_BYPASS ? 1 : 0; i < plan->n_devices; i++)
		rule_of_link(draft, &plan->devices[i], i ? draft->lan[i - 1] : draft->wan);
	draft_filters(draft);
	draft_askers(draft);
	if (!draft->no_memory)
		rules_finish(draft);
}
