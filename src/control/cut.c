// SPDX-License-Identifier: GPL-2.0-or-later
#include "cut.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static int compare_rule(const void *key, const void *rule)
{
	return memcmp(key, &((const struct plan_rule *)rule)->key, sizeof(struct hp_rule_key));
}

/* What is declared for TCP to @port of a public address; NULL: nothing. */
static const struct plan_rule *external_rule(const struct plan *plan, __u16 port)
{
	const struct hp_rule_key key = {
		.port = htons(port),
		.proto = IPPROTO_TCP,
		.kind = HP_RULE_EXTERNAL,
	};

	return plan->n_rules ? bsearch(&key, plan->rules, plan->n_rules, sizeof(plan->rules[0]),
				       compare_rule)
			     : NULL;
}

static bool is_own_service(const struct plan_rule *rule)
{
	return rule->rule.action == HP_ACTION_PASS && rule->rule.service != HP_SERVICE_NONE;
}

/* Whether a connection to @port of this machine, which the rule is of, will be another program's: the port is moved. */
static bool leads_away(const struct plan_rule *rule, __u16 port)
{
	return is_own_service(rule) && rule->rule.host_port != htons(port);
}

/* A port of this machine that has another one outside: the connection is known by its own. */
static const struct plan_rule *moved_rule(const struct plan *plan, __u16 port)
{
	for (size_t i = 0; i < plan->n_rules; i++) {
		const struct plan_rule *rule = &plan->rules[i];

		if (rule->key.kind == HP_RULE_EXTERNAL && rule->key.proto == IPPROTO_TCP &&
		    is_own_service(rule) && rule->rule.host_port == htons(port) &&
		    rule->key.port != htons(port))
			return rule;
	}
	return NULL;
}

/* Allow list @set of the plan; 0 admits everybody. */
static bool is_allowed(const struct plan *plan, __u32 set, const struct ip_addr *addr)
{
	for (size_t i = 0; set && i < plan->n_prefixes; i++) {
		const struct hp_prefix_key *key = &plan->prefixes[i].key;
		struct ip_net net = {.addr = ip_addr_from_v6(key->addr)};

		net.length = (__u8)(key->prefixlen - 32 - (ip_addr_is_v4(&net.addr) ? 96 : 0));
		if (key->set == set && ip_net_contains(&net, addr))
			return true;
	}
	return !set;
}

/* On one arm an interface says nothing of the side that a packet comes from: its source does. */
static bool is_in_lan(const struct plan *plan, const struct ip_addr *addr)
{
	for (size_t i = 0; i < plan->n_prefixes; i++) {
		const struct hp_prefix_key *key = &plan->prefixes[i].key;
		struct ip_net net = {.addr = ip_addr_from_v6(key->addr)};

		net.length = (__u8)(key->prefixlen - 32 - (ip_addr_is_v4(&net.addr) ? 96 : 0));
		if (!key->set && plan->prefixes[i].prefix.kind == HP_NET_LAN &&
		    ip_net_contains(&net, addr))
			return true;
	}
	return false;
}

static bool is_public(const struct plan *plan, const struct ip_addr *addr)
{
	for (size_t i = 0; i < plan->n_wan_addrs; i++) {
		if (ip_addr_equal(&plan->wan_addrs[i], addr))
			return true;
	}
	return false;
}

static const struct plan_device *device_of(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->n_devices; i++) {
		if (!strcmp(plan->devices[i].name, name))
			return &plan->devices[i];
	}
	return NULL;
}

/* From WAN to a public address of ours. */
static enum cut cut_outside(const struct plan *plan, const struct peer *peer)
{
	const struct plan_rule *rule = external_rule(plan, peer->local_port);

	if (!rule && ip_addr_is_v4(&peer->local))
		rule = moved_rule(plan, peer->local_port);
	if (!rule)
		return CUT_CLOSED;
	if (rule->rule.action == HP_ACTION_FORWARD)
		return CUT_FORWARDED;
	if (leads_away(rule, peer->local_port))
		return ip_addr_is_v4(&peer->local) ? CUT_FORWARDED : CUT_CLOSED;
	return is_allowed(plan, rule->rule.allow, &peer->remote) ? CUT_NOT : CUT_NOT_ALLOWED;
}

/* From a LAN, to whatever address of ours. */
static enum cut cut_inside(const struct plan *plan, const struct peer *peer, bool isolated)
{
	const struct plan_rule *rule = external_rule(plan, peer->local_port);

	/* IPv6 is routed: from inside nobody meets a forward. */
	if (rule && rule->rule.action == HP_ACTION_FORWARD && is_public(plan, &peer->local) &&
	    ip_addr_is_v4(&peer->local))
		return CUT_FORWARDED;
	if (!isolated || (rule && is_own_service(rule) && !leads_away(rule, peer->local_port)))
		return CUT_NOT;
	return is_public(plan, &peer->local) && ip_addr_is_v4(&peer->local) &&
			       moved_rule(plan, peer->local_port)
		       ? CUT_NOT
		       : CUT_ISOLATED;
}

enum cut cut_peer(const struct plan *plan, const struct peer *peer)
{
	const struct plan_device *device = device_of(plan, peer->interface);

	/* Neither WAN nor LAN (a tunnel, loopback): our filters never see it. */
	if (!device)
		return CUT_NOT;
	if (device->side == HP_SIDE_LAN ||
	    (plan->settings.one_arm && is_in_lan(plan, &peer->remote)))
		return cut_inside(plan, peer, device->isolated);
	return is_public(plan, &peer->local) ? cut_outside(plan, peer) : CUT_INSIDE;
}

void cut_add_fix(enum cut cut, __u16 port, struct strbuf *out)
{
	switch (cut) {
	case CUT_NOT:
		break;
	case CUT_CLOSED:
		strbuf_add(out, "add %u/tcp to wan.pass", port);
		break;
	case CUT_INSIDE:
		strbuf_add(out, "add %u/tcp to wan.pass and come by the public address", port);
		break;
	case CUT_FORWARDED:
		strbuf_add(out, "give the forward of %u/tcp another external port", port);
		break;
	case CUT_NOT_ALLOWED:
		strbuf_add(out, "add that address to `allow` of the service with %u/tcp", port);
		break;
	case CUT_ISOLATED:
		strbuf_add(out, "take isolate away from that LAN, or come from another");
		break;
	}
}
