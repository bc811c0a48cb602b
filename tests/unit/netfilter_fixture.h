/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan of a small house, for the tests of the nftables backend: two segments, one of them isolated; a web server, one of few, a pinhole. */
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"

#define MAX_ITEMS 32
#define MARK 0x04000000

struct house {
	struct plan plan;
	struct plan_device devices[3];
	struct plan_rule rules[MAX_ITEMS];
	struct plan_prefix prefixes[MAX_ITEMS];
};

static inline struct ip_addr addr_of(const char *text)
{
	struct ip_addr addr;

	if (ip_addr_parse(text, &addr))
		abort();
	return addr;
}

static inline void net_put(struct house *house, __u32 set, const char *text, enum hp_net_kind kind,
			   __u32 ifindex)
{
	struct plan_prefix *slot = &house->prefixes[house->plan.n_prefixes++];
	struct ip_net net;

	if (ip_net_parse(text, &net))
		abort();
	slot->key = (struct hp_prefix_key){
		.prefixlen = 32u + (ip_addr_is_v4(&net.addr) ? 96u : 0u) + net.length, .set = set};
	memcpy(slot->key.addr, net.addr.b, sizeof(slot->key.addr));
	slot->prefix = (struct hp_prefix){
		.kind = (__u8)kind, .ifindex = ifindex, .isolated = ifindex == 4};
}

static inline struct hp_rule *rule_put(struct house *house, enum hp_rule_kind kind, __u8 proto,
				       const char *host, __u16 port)
{
	struct plan_rule *slot = &house->rules[house->plan.n_rules++];
	struct ip_addr addr = {0};

	if (host)
		addr = addr_of(host);
	slot->key = (struct hp_rule_key){.port = htons(port), .proto = proto, .kind = (__u8)kind};
	memcpy(slot->key.addr, addr.b, sizeof(addr.b));
	return &slot->rule;
}

struct forward {
	__u8 proto;
	__u16 external, internal;
	const char *host;
	__u32 allow;
};

static inline void forward_put(struct house *house, const struct forward *forward)
{
	struct ip_addr addr = addr_of(forward->host);
	struct hp_rule rule = {
		.action = HP_ACTION_FORWARD,
		.host = ip_addr_v4(&addr),
		.host_port = htons(forward->internal),
		.ext_port = htons(forward->external),
		.allow = forward->allow,
	};

	*rule_put(house, HP_RULE_EXTERNAL, forward->proto, NULL, forward->external) = rule;
	*rule_put(house, HP_RULE_HOST, forward->proto, forward->host, forward->internal) = rule;
}

/* A port of the gateway itself; of wan.pass, with HP_SERVICE_NONE. */
static inline void pass_put(struct house *house, __u16 external, __u16 internal, __u32 service,
			    __u32 allow)
{
	*rule_put(house, HP_RULE_EXTERNAL, IPPROTO_TCP, NULL, external) =
		(struct hp_rule){.action = HP_ACTION_PASS,
				 .host_port = htons(internal),
				 .service = service,
				 .allow = allow};
}

static inline int key_compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct hp_rule_key));
}

static inline void house_build(struct house *house)
{
	struct ip_addr wan = addr_of("198.51.100.1");

	*house = (struct house){
		.devices =
			{{.name = "wan0", .ifindex = 2, .side = HP_SIDE_WAN},
			 {.name = "br-lan", .ifindex = 3, .side = HP_SIDE_LAN},
			 {.name = "br-guest", .ifindex = 4, .side = HP_SIDE_LAN, .isolated = true}},
	};
	house->plan.devices = house->devices;
	house->plan.n_devices = ARRAY_SIZE(house->devices);
	house->plan.rules = house->rules;
	house->plan.prefixes = house->prefixes;
	house->plan.settings = (struct hp_settings){HP_SETTINGS_DEFAULTS,
						    .wan_ifindex = 2,
						    .wan_addr = ip_addr_v4(&wan),
						    .loop_addr = ip_addr_v4(&wan),
						    .port_first = 1,
						    .port_last = 65535,
						    .pass_icmp_echo = 1,
						    .new_per_host = 4000,
						    .sessions_per_host = 1024,
						    .mss_wan = 1452};
	net_put(house, 0, "198.51.100.1/32", HP_NET_WAN_LOCAL, 2);
	net_put(house, 0, "192.168.0.0/16", HP_NET_LAN, 3);
	net_put(house, 0, "192.168.11.1/32", HP_NET_LOCAL, 3);
	net_put(house, 0, "192.168.12.0/24", HP_NET_LAN, 4);
	net_put(house, 0, "192.168.12.1/32", HP_NET_LOCAL, 4);
	net_put(house, 0, "2001:db8:11::/64", HP_NET_LAN, 3);
	net_put(house, 0, "2001:db8:100::1/128", HP_NET_WAN_LOCAL, 2);
	net_put(house, 1, "203.0.113.0/24", HP_NET_ALLOWED, 0);
	forward_put(house, &(struct forward){IPPROTO_TCP, 8443, 443, "192.168.11.20", 0});
	forward_put(house, &(struct forward){IPPROTO_UDP, 7000, 7000, "192.168.11.20", 1});
	pass_put(house, 22, 22, HP_SERVICE_NONE, 0);
	pass_put(house, 9443, 443, 2, 1);
	pass_put(house, 993, 993, 3, 0);
	rule_put(house, HP_RULE_HOST, IPPROTO_TCP, "2001:db8:11::20", 443)->action =
		HP_ACTION_PINHOLE;
	qsort(house->rules, house->plan.n_rules, sizeof(house->rules[0]), key_compare);
}

/* The same on one arm, with all that its rules have: two segments are one, another router has the public address, and one host is proved to answer by us. */
static inline void arm_build(struct house *house)
{
	struct ip_addr own = addr_of("192.168.11.3");

	*house = (struct house){
		.devices = {{.name = "eth0", .ifindex = 2, .side = HP_SIDE_WAN},
			    {.name = "eth0", .ifindex = 2, .side = HP_SIDE_LAN}},
	};
	house->plan.role = CONF_ROLE_BYPASS;
	house->plan.devices = house->devices;
	house->plan.n_devices = 2;
	house->plan.rules = house->rules;
	house->plan.prefixes = house->prefixes;
	house->plan.public = addr_of("198.51.100.1");
	house->plan.has_public = true;
	house->plan.mark = MARK;
	house->plan.settings = (struct hp_settings){
		HP_SETTINGS_DEFAULTS, .wan_ifindex = 2,
		.one_arm = 1,	      .wan_addr = ip_addr_v4(&own),
		.port_first = 1,      .loop_addr = ip_addr_v4(&house->plan.public),
		.port_last = 65535,   .new_per_host = 4000,
		.pass_icmp_echo = 1,  .sessions_per_host = 1024,
		.mss_wan = 1460};
	net_put(house, 0, "192.168.11.3/32", HP_NET_WAN_LOCAL, 2);
	net_put(house, 0, "198.51.100.1/32", HP_NET_PUBLIC, 0);
	net_put(house, 0, "192.168.11.0/24", HP_NET_LAN, 2);
	net_put(house, 0, "172.17.0.1/32", HP_NET_LOCAL, 0);
	net_put(house, 0, "2001:db8:11::/64", HP_NET_LAN, 2);
	net_put(house, 0, "2001:db8:11::3/128", HP_NET_WAN_LOCAL, 2);
	net_put(house, 1, "203.0.113.0/24", HP_NET_ALLOWED, 0);
	forward_put(house, &(struct forward){IPPROTO_TCP, 8443, 443, "192.168.11.20", 0});
	for (size_t i = 0; i < house->plan.n_rules; i++) {
		house->rules[i].rule.outside_gateway = 1;
		house->rules[i].rule.hairpin_source = HP_HAIRPIN_GATEWAY;
	}
	forward_put(house, &(struct forward){IPPROTO_UDP, 7000, 7000, "192.168.11.21", 1});
	pass_put(house, 22, 22, HP_SERVICE_NONE, 0);
	pass_put(house, 9443, 443, 2, 1);
	pass_put(house, 993, 993, 3, 0);
	qsort(house->rules, house->plan.n_rules, sizeof(house->rules[0]), key_compare);
}
