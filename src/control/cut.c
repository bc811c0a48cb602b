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

/* What happens to TCP to @port of a public address; 0: nothing is declared. */
static enum hp_action external_action(const struct plan *plan, __u16 port)
{
	const struct hp_rule_key key = {
		.port = htons(port),
		.proto = IPPROTO_TCP,
		.kind = HP_RULE_EXTERNAL,
	};
	const struct plan_rule *rule = plan->n_rules ? bsearch(&key, plan->rules, plan->n_rules,
							       sizeof(plan->rules[0]), compare_rule)
						     : NULL;

	return rule ? (enum hp_action)rule->rule.action : 0;
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

bool cut_peer(const struct plan *plan, const struct peer *peer)
{
	const struct plan_device *device = device_of(plan, peer->interface);
	bool to_public = is_public(plan, &peer->local);
	enum hp_action action = to_public ? external_action(plan, peer->local_port) : 0;

	/* Neither WAN nor LAN (a tunnel, loopback): our filters never see it. */
	if (!device)
		return false;
	if (device->side == HP_SIDE_WAN)
		return action != HP_ACTION_PASS;
	return device->isolated || action == HP_ACTION_FORWARD;
}
