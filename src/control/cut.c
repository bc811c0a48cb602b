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

enum cut cut_peer(const struct plan *plan, const struct peer *peer)
{
	const struct plan_device *device = device_of(plan, peer->interface);
	bool to_public = is_public(plan, &peer->local);
	enum hp_action action = to_public ? external_action(plan, peer->local_port) : 0;

	/* Neither WAN nor LAN (a tunnel, loopback): our filters never see it. */
	if (!device)
		return CUT_NOT;
	if (device->side == HP_SIDE_WAN && action == HP_ACTION_PASS)
		return CUT_NOT;
	/* IPv6 is routed: from inside nobody meets a forward. */
	if (action == HP_ACTION_FORWARD &&
	    (device->side == HP_SIDE_WAN || ip_addr_is_v4(&peer->local)))
		return CUT_FORWARDED;
	if (device->side == HP_SIDE_WAN)
		return to_public ? CUT_CLOSED : CUT_INSIDE;
	return device->isolated ? CUT_ISOLATED : CUT_NOT;
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
	case CUT_ISOLATED:
		strbuf_add(out, "take isolate away from that LAN, or come from another");
		break;
	}
}
