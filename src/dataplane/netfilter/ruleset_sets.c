// SPDX-License-Identifier: GPL-2.0-or-later
/* Sets and maps of the ruleset: networks, ports, hosts, allow lists. A packet asks one of them, however many forwards there are. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "ruleset.h"

#define ADDR_OF(v4) ((v4) ? "ipv4_addr" : "ipv6_addr")

typedef bool (*range_wanted)(const struct hp_prefix *prefix, __u32 ifindex);

static bool is_lan(const struct hp_prefix *prefix, __u32 ifindex _unused_)
{
	return prefix->kind == HP_NET_LAN;
}

static bool is_own(const struct hp_prefix *prefix, __u32 ifindex _unused_)
{
	return prefix->kind == HP_NET_LOCAL;
}

static bool is_public(const struct hp_prefix *prefix, __u32 ifindex _unused_)
{
	return prefix->kind == HP_NET_WAN_LOCAL;
}

/* By which services are asked for. */
static bool is_entry(const struct hp_prefix *prefix, __u32 ifindex _unused_)
{
	return prefix->kind == HP_NET_WAN_LOCAL || prefix->kind == HP_NET_PUBLIC;
}

/* An address that another router has is no source of ours, and no network. */
static bool is_net(const struct hp_prefix *prefix, __u32 ifindex _unused_)
{
	return prefix->kind != HP_NET_PUBLIC;
}

static bool is_any(const struct hp_prefix *prefix _unused_, __u32 ifindex _unused_)
{
	return true;
}

static bool is_of_segment(const struct hp_prefix *prefix, __u32 ifindex)
{
	return prefix->kind == HP_NET_LAN && ifindex && prefix->ifindex == ifindex;
}

static void elements_begin(struct ruleset *set, const char *name)
{
	strbuf_add(set->out, "add element " RULESET_TABLE " %s { ", name);
}

static void elements_of_ranges(struct ruleset *set, const char *name, const struct ranges *ranges,
			       range_wanted wanted, __u32 ifindex)
{
	bool any = false;

	for (size_t i = 0; i < ranges->n; i++) {
		if (!wanted(ranges->items[i].prefix, ifindex))
			continue;
		if (any)
			strbuf_add(set->out, ", ");
		else
			elements_begin(set, name);
		range_format(&ranges->items[i], set->out);
		any = true;
	}
	if (any)
		strbuf_add(set->out, " }\n");
}

static void net_sets(struct ruleset *set, const char *base, range_wanted wanted, __u32 ifindex)
{
	char name[32], type[64];

	for (int v4 = 1; v4 >= 0; v4--) {
		snprintf(name, sizeof(name), "%s%d", base, v4 ? 4 : 6);
		snprintf(type, sizeof(type), "type %s; flags interval", ADDR_OF(v4));
		set_begin(set, "set", name, type);
		elements_of_ranges(set, name, v4 ? &set->nets4 : &set->nets6, wanted, ifindex);
	}
}

static void segment_sets(struct ruleset *set)
{
	char name[32];

	for (size_t i = 0; i < set->plan->n_devices; i++) {
		const struct plan_device *device = &set->plan->devices[i];

		if (device->side != HP_SIDE_LAN)
			continue;
		snprintf(name, sizeof(name), "segment%zu_", i);
		net_sets(set, name, is_of_segment, device->ifindex);
	}
}

/* Unsolicited SYNs (RFC 5382 REQ-4), and what one host inside opens and holds. Packets add to them, and a new plan leaves them alone. */
static void noted_sets(struct ruleset *set)
{
	static const char endpoints[] = "ipv4_addr . inet_service . ipv4_addr . inet_service";
	static const char *const hosts[] = {"opened", "holds"};
	static const struct {
		const char *by, *type;
		int size;
	} kinds[] = {
		{"4", "ipv4_addr", LIMIT_HOSTS},
		{"6", "ipv6_addr", LIMIT_HOSTS6},
		{"6net", "ipv6_addr", LIMIT_HOSTS6},
	};
	struct strbuf *out = set->out;

	strbuf_add(out,
		   "add set " RULESET_TABLE
		   " syn_young { type %s; size %d; flags dynamic,timeout; timeout %ds; }\n",
		   endpoints, LIMIT_NOTES, SYN_SILENCE_S + 1);
	strbuf_add(out,
		   "add set " RULESET_TABLE
		   " syn_noted { type %s; size %d; flags dynamic,timeout; timeout %ds; }\n",
		   endpoints, LIMIT_NOTES, SYN_NOTE_S);
	strbuf_add(
		out,
		"add set " RULESET_TABLE
		" closed_ports { type inet_proto . inet_service; flags timeout; timeout %ds; }\n",
		TIMEOUT_TCP_ESTABLISHED_S);
	if (set->one_arm)
		strbuf_add(out,
			   "add set " RULESET_TABLE " " RULESET_PAST_SET
			   " { type inet_proto . ipv4_addr . inet_service; size %d; flags "
			   "dynamic,timeout; timeout %ds; }\n",
			   LIMIT_PAST, PAST_S);
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
			strbuf_add(out,
				   "add set " RULESET_TABLE
				   " %s%s { type %s; size %d; flags dynamic%s; }\n",
				   hosts[i], kinds[k].by, kinds[k].type, kinds[k].size,
				   i ? "" : ",timeout; timeout 10s");
	}
}

/* --- allow lists ----------------------------------------------------------------------------------- */

static void allow_chain(struct ruleset *set, __u32 allow, bool v4)
{
	char chain[32], name[32], type[64];
	_ranges_ struct ranges ranges = {0};
	int ret = ranges_make(set->plan, allow, v4, &ranges);

	if (ret)
		set->ret = ret;
	snprintf(chain, sizeof(chain), "allow%u_%d", allow, v4 ? 4 : 6);
	snprintf(name, sizeof(name), "allowed%u_%d", allow, v4 ? 4 : 6);
	snprintf(type, sizeof(type), "type %s; flags interval", ADDR_OF(v4));
	set_begin(set, "set", name, type);
	elements_of_ranges(set, name, &ranges, is_any, 0);
	chain_add(set, chain);
	rule_add(set, chain, "%s saddr @%s goto %s", v4 ? "ip" : "ip6", name,
		 v4 ? "forwarded" : "pinhole");
	if (v4)
		rule_add(set, chain, "goto not_allowed");
	else
		rule_drop(set, chain, HP_DROP_NOT_ALLOWED, "meta nfproto ipv6");
}

/* The same for services of the gateway itself. */
static void allow_self_chain(struct ruleset *set, __u32 allow, bool v4)
{
	char chain[32];

	snprintf(chain, sizeof(chain), "self%u_%d", allow, v4 ? 4 : 6);
	chain_add(set, chain);
	rule_add(set, chain, "%s saddr @allowed%u_%d goto %s", v4 ? "ip" : "ip6", allow, v4 ? 4 : 6,
		 v4 ? "passed" : "passed6");
	if (v4)
		rule_add(set, chain, "goto not_allowed");
	else
		rule_drop(set, chain, HP_DROP_NOT_ALLOWED, "meta nfproto ipv6");
}

/* The highest number of a list; they begin at 1. */
static __u32 last_allow(const struct plan *plan)
{
	__u32 last = 0;

	for (size_t i = 0; i < plan->n_rules; i++) {
		if (plan->rules[i].rule.allow > last)
			last = plan->rules[i].rule.allow;
	}
	return last;
}

/* --- ports ---------------------------------------------------------------------------------------- */

static const char *proto_name(__u8 proto)
{
	return proto == IPPROTO_TCP ? "tcp" : "udp";
}

static bool is_forward(const struct plan_rule *rule)
{
	return rule->key.kind == HP_RULE_EXTERNAL && rule->rule.action == HP_ACTION_FORWARD;
}

static bool is_pass(const struct plan_rule *rule)
{
	return rule->key.kind == HP_RULE_EXTERNAL && rule->rule.action == HP_ACTION_PASS;
}

static bool is_moved(const struct plan_rule *rule)
{
	return is_pass(rule) && rule->rule.host_port != rule->key.port;
}

static bool is_moved_tcp(const struct plan_rule *rule)
{
	return is_moved(rule) && rule->key.proto == IPPROTO_TCP;
}

static bool is_moved_udp(const struct plan_rule *rule)
{
	return is_moved(rule) && rule->key.proto == IPPROTO_UDP;
}

/* Over IPv6 a port that is moved is closed (decision 024). */
static bool is_pass6(const struct plan_rule *rule)
{
	return is_pass(rule) && !is_moved(rule);
}

/* Of a service, so that isolated segments reach it as well. */
static bool is_self(const struct plan_rule *rule)
{
	return is_pass(rule) && rule->rule.service != HP_SERVICE_NONE;
}

static bool is_self_plain(const struct plan_rule *rule)
{
	return is_self(rule) && !is_moved(rule);
}

static bool is_external(const struct plan_rule *rule)
{
	return is_forward(rule) || is_pass(rule);
}

static bool is_pinhole(const struct plan_rule *rule)
{
	return rule->key.kind == HP_RULE_HOST && rule->rule.action == HP_ACTION_PINHOLE;
}

static bool is_declared(const struct plan_rule *rule)
{
	return rule->key.kind == HP_RULE_HOST && rule->rule.action == HP_ACTION_FORWARD;
}

static bool is_loop_of(const struct plan_rule *rule, __u8 proto, enum hp_hairpin_source source)
{
	return is_forward(rule) && rule->key.proto == proto && rule->rule.hairpin_source == source;
}

static bool is_client_tcp(const struct plan_rule *rule)
{
	return is_loop_of(rule, IPPROTO_TCP, HP_HAIRPIN_CLIENT);
}

static bool is_client_udp(const struct plan_rule *rule)
{
	return is_loop_of(rule, IPPROTO_UDP, HP_HAIRPIN_CLIENT);
}

static bool is_gateway_tcp(const struct plan_rule *rule)
{
	return is_loop_of(rule, IPPROTO_TCP, HP_HAIRPIN_GATEWAY);
}

static bool is_gateway_udp(const struct plan_rule *rule)
{
	return is_loop_of(rule, IPPROTO_UDP, HP_HAIRPIN_GATEWAY);
}

/* Only one arm has them: elsewhere every answer comes by us. */
static bool is_outside_tcp(const struct plan_rule *rule)
{
	return is_forward(rule) && rule->rule.outside_gateway && rule->key.proto == IPPROTO_TCP;
}

static bool is_outside_udp(const struct plan_rule *rule)
{
	return is_forward(rule) && rule->rule.outside_gateway && rule->key.proto == IPPROTO_UDP;
}

static void forward_element(const struct plan_rule *rule, struct strbuf *out)
{
	struct ip_addr host = ip_addr_from_v4(rule->rule.host);
	char text[IP_TEXT_MAX];

	strbuf_add(out, "%s . %u : %s . %u", proto_name(rule->key.proto), ntohs(rule->key.port),
		   ip_addr_format(&host, text), ntohs(rule->rule.host_port));
}

static void verdict_element(const struct plan_rule *rule, struct strbuf *out)
{
	strbuf_add(out, "%s . %u : goto ", proto_name(rule->key.proto), ntohs(rule->key.port));
	if (rule->rule.action == HP_ACTION_PASS && rule->rule.allow)
		strbuf_add(out, "self%u_4", rule->rule.allow);
	else if (rule->rule.action == HP_ACTION_PASS)
		strbuf_add(out, "passed");
	else if (rule->rule.allow)
		strbuf_add(out, "allow%u_4", rule->rule.allow);
	else
		strbuf_add(out, "forwarded");
}

static void verdict6_element(const struct plan_rule *rule, struct strbuf *out)
{
	strbuf_add(out, "%s . %u : goto ", proto_name(rule->key.proto), ntohs(rule->key.port));
	if (rule->rule.allow)
		strbuf_add(out, "self%u_6", rule->rule.allow);
	else
		strbuf_add(out, "passed6");
}

/* A port that is moved stays on its address: what it is led to is only the other port. */
static void moved_element(const struct plan_rule *rule, struct strbuf *out)
{
	strbuf_add(out, "%u : %u", ntohs(rule->key.port), ntohs(rule->rule.host_port));
}

static void pinhole_element(const struct plan_rule *rule, struct strbuf *out)
{
	struct ip_addr host = ip_addr_from_v6(rule->key.addr);
	char text[IP_TEXT_MAX];

	strbuf_add(out, "%s . %s . %u : goto ", proto_name(rule->key.proto),
		   ip_addr_format(&host, text), ntohs(rule->key.port));
	if (rule->rule.allow)
		strbuf_add(out, "allow%u_6", rule->rule.allow);
	else
		strbuf_add(out, "pinhole");
}

static void host_element(const struct plan_rule *rule, struct strbuf *out)
{
	struct ip_addr host = ip_addr_from_v6(rule->key.addr);
	char text[IP_TEXT_MAX];

	strbuf_add(out, "%s . %s . %u", proto_name(rule->key.proto), ip_addr_format(&host, text),
		   ntohs(rule->key.port));
}

static void key_element(const struct plan_rule *rule, struct strbuf *out)
{
	strbuf_add(out, "%s . %u", proto_name(rule->key.proto), ntohs(rule->key.port));
}

static void port_element(const struct plan_rule *rule, struct strbuf *out)
{
	strbuf_add(out, "%u", ntohs(rule->key.port));
}

/* Ports of a loopback are sets of one protocol: nft does not know the type of a connection's original port in a concatenation. */
static const struct table {
	const char *kind, *name, *type;
	bool (*wanted)(const struct plan_rule *rule);
	void (*element)(const struct plan_rule *rule, struct strbuf *out);
} tables[] = {
	{"map", "forwards", "type inet_proto . inet_service : ipv4_addr . inet_service", is_forward,
	 forward_element},
	{"map", "wan_ports", "type inet_proto . inet_service : verdict", is_external,
	 verdict_element},
	{"set", "forwarded_ports", "type inet_proto . inet_service", is_forward, key_element},
	{"map", "wan_ports6", "type inet_proto . inet_service : verdict", is_pass6,
	 verdict6_element},
	{"map", "moved_tcp", "type inet_service : inet_service", is_moved_tcp, moved_element},
	{"map", "moved_udp", "type inet_service : inet_service", is_moved_udp, moved_element},
	{"set", "self", "type inet_proto . inet_service", is_self, key_element},
	{"set", "self_plain", "type inet_proto . inet_service", is_self_plain, key_element},
	{"map", "pinholes", "type inet_proto . ipv6_addr . inet_service : verdict", is_pinhole,
	 pinhole_element},
	{"set", "declared4", "type inet_proto . ipv4_addr . inet_service", is_declared,
	 host_element},
	{"set", "declared6", "type inet_proto . ipv6_addr . inet_service", is_pinhole,
	 host_element},
	{"set", "keep_tcp", "type inet_service", is_client_tcp, port_element},
	{"set", "keep_udp", "type inet_service", is_client_udp, port_element},
	{"set", "gateway_tcp", "type inet_service", is_gateway_tcp, port_element},
	{"set", "gateway_udp", "type inet_service", is_gateway_udp, port_element},
};

static const struct table one_arm_tables[] = {
	{"set", "outside_tcp", "type inet_service", is_outside_tcp, port_element},
	{"set", "outside_udp", "type inet_service", is_outside_udp, port_element},
};

static void table_fill(struct ruleset *set, const struct table *table)
{
	bool any = false;

	for (size_t i = 0; i < set->plan->n_rules; i++) {
		const struct plan_rule *rule = &set->plan->rules[i];

		if (!table->wanted(rule))
			continue;
		if (any)
			strbuf_add(set->out, ", ");
		else
			elements_begin(set, table->name);
		table->element(rule, set->out);
		any = true;
	}
	if (any)
		strbuf_add(set->out, " }\n");
}

/* Whether something is passed to the port that @rule was passed to. */
static bool leads_there(const struct plan *plan, const struct plan_rule *rule)
{
	for (size_t i = 0; i < plan->n_rules; i++) {
		const struct plan_rule *other = &plan->rules[i];

		if (is_pass(other) && other->key.proto == rule->key.proto &&
		    other->rule.host_port == rule->rule.host_port)
			return true;
	}
	return false;
}

void ruleset_closed_add(const struct plan *before, const struct plan *plan, struct strbuf *out)
{
	for (size_t i = 0; i < before->n_rules; i++) {
		const struct plan_rule *rule = &before->rules[i];

		if (is_pass(rule) && !leads_there(plan, rule))
			strbuf_add(out, "add element " RULESET_TABLE " closed_ports { %s . %u }\n",
				   proto_name(rule->key.proto), ntohs(rule->rule.host_port));
	}
}

void ruleset_sets(struct ruleset *set)
{
	net_sets(set, "nets", is_net, 0);
	net_sets(set, "lan", is_lan, 0);
	net_sets(set, "own", is_own, 0);
	net_sets(set, "public", is_public, 0);
	if (strcmp(set->entry, "@public4")) {
		set_begin(set, "set", "entry4", "type ipv4_addr; flags interval");
		elements_of_ranges(set, "entry4", &set->nets4, is_entry, 0);
	}
	segment_sets(set);
	noted_sets(set);
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		set_begin(set, tables[i].kind, tables[i].name, tables[i].type);
	for (size_t i = 0; set->one_arm && i < ARRAY_SIZE(one_arm_tables); i++)
		set_begin(set, one_arm_tables[i].kind, one_arm_tables[i].name,
			  one_arm_tables[i].type);
}

/* Last, as verdicts name chains. */
void ruleset_ports(struct ruleset *set)
{
	for (__u32 allow = 1; allow <= last_allow(set->plan); allow++) {
		allow_chain(set, allow, true);
		allow_chain(set, allow, false);
		allow_self_chain(set, allow, true);
		allow_self_chain(set, allow, false);
	}
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		table_fill(set, &tables[i]);
	for (size_t i = 0; set->one_arm && i < ARRAY_SIZE(one_arm_tables); i++)
		table_fill(set, &one_arm_tables[i]);
}
