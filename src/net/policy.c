// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy.h"

#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

/* --- one rule ------------------------------------------------------------------------------------------- */

static bool device_fits(const char *wanted, const char *device)
{
	return !*wanted || !strcmp(wanted, device);
}

static bool port_fits(__u16 first, __u16 last, __u16 port)
{
	return !last || (first <= port && port <= last);
}

static bool net_fits(const struct ip_net *net, const struct ip_addr *addr)
{
	return !net->length || ip_net_contains(net, addr);
}

static bool rule_fits(const struct policy_rule *rule, const struct policy_packet *packet)
{
	bool fits = device_fits(rule->iif, packet->iif) && !*rule->oif &&
		    (packet->mark & rule->mask) == rule->mark &&
		    (!rule->proto || rule->proto == packet->proto) &&
		    port_fits(rule->sport_first, rule->sport_last, packet->sport) &&
		    port_fits(rule->dport_first, rule->dport_last, packet->dport) &&
		    net_fits(&rule->from, &packet->from) && net_fits(&rule->to, &packet->to);

	return fits != rule->inverted;
}

/* --- one table -------------------------------------------------------------------------------------------- */

static bool is_nearer(const struct policy_route *route, const struct policy_route *than)
{
	if (!than || route->net.length != than->net.length)
		return !than || route->net.length > than->net.length;
	return route->metric < than->metric;
}

static const struct policy_route *table_ask(const struct policy *policy, __u32 table,
					    const struct ip_addr *to)
{
	const struct policy_route *best = NULL;

	for (size_t i = 0; i < policy->n_routes; i++) {
		const struct policy_route *route = &policy->routes[i];

		if (route->table == table && net_fits(&route->net, to) && is_nearer(route, best))
			best = route;
	}
	return best;
}

/* The first rule of at least that priority; the number of rules if there is none. */
static size_t rule_find(const struct policy *policy, __u32 priority)
{
	size_t i = 0;

	while (i < policy->n_rules && policy->rules[i].priority < priority)
		i++;
	return i;
}

struct policy_answer policy_ask(const struct policy *policy, const struct policy_packet *packet)
{
	struct policy_answer answer = {.kind = POLICY_DEAD};

	for (size_t i = 0; i < policy->n_rules;) {
		const struct policy_rule *rule = &policy->rules[i++];
		const struct policy_route *route;

		answer.doubt |= rule->unknown;
		if (rule->unknown || !rule_fits(rule, packet) || rule->action == POLICY_NOP)
			continue;
		if (rule->action == POLICY_GOTO) {
			i = rule_find(policy, rule->target);
			continue;
		}
		answer.rule = rule;
		if (rule->action == POLICY_REFUSE)
			return answer;
		route = table_ask(policy, rule->table, &packet->to);
		if (!route || route->kind == POLICY_THROW ||
		    (int)route->net.length <= rule->suppress_length)
			continue;
		answer.kind = route->kind;
		answer.ifindex = route->ifindex;
		return answer;
	}
	answer.rule = NULL;
	return answer;
}

__u32 policy_front(const struct policy *policy)
{
	for (size_t i = 0; i < policy->n_rules; i++) {
		if (policy->rules[i].priority)
			return policy->rules[i].priority - 1;
	}
	return 0;
}

/* --- in words ----------------------------------------------------------------------------------------------- */

static void net_print(const char *word, const struct ip_net *net, struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	if (net->length)
		strbuf_add(out, " %s %s", word, ip_net_format(net, text));
}

static void ports_print(const char *word, __u16 first, __u16 last, struct strbuf *out)
{
	if (last)
		strbuf_add(out, " %s %u", word, first);
	if (last > first)
		strbuf_add(out, "-%u", last);
}

static void action_print(const struct policy_rule *rule, struct strbuf *out)
{
	switch (rule->action) {
	case POLICY_GOTO:
		strbuf_add(out, " goto %u", rule->target);
		return;
	case POLICY_NOP:
		strbuf_add(out, " nop");
		return;
	case POLICY_REFUSE:
		strbuf_add(out, " refuse");
		return;
	case POLICY_TABLE:
		break;
	}
	if (rule->table == RT_TABLE_MAIN)
		strbuf_add(out, " lookup main");
	else
		strbuf_add(out, " lookup %u", rule->table);
	if (rule->suppress_length >= 0)
		strbuf_add(out, " suppress_prefixlength %d", rule->suppress_length);
}

void policy_rule_print(const struct policy_rule *rule, struct strbuf *out)
{
	strbuf_add(out, "%u:%s%s", rule->priority, rule->inverted ? " not" : "",
		   rule->from.length ? "" : " from all");
	net_print("from", &rule->from, out);
	net_print("to", &rule->to, out);
	if (rule->mask == ~0u)
		strbuf_add(out, " fwmark 0x%x", rule->mark);
	else if (rule->mask)
		strbuf_add(out, " fwmark 0x%x/0x%x", rule->mark, rule->mask);
	if (*rule->iif)
		strbuf_add(out, " iif %s", rule->iif);
	if (*rule->oif)
		strbuf_add(out, " oif %s", rule->oif);
	if (rule->proto)
		strbuf_add(out, " ipproto %u", rule->proto);
	ports_print("sport", rule->sport_first, rule->sport_last, out);
	ports_print("dport", rule->dport_first, rule->dport_last, out);
	action_print(rule, out);
}

void policy_fini(struct policy *policy)
{
	free(policy->rules);
	free(policy->routes);
	*policy = (struct policy){0};
}
