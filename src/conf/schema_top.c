// SPDX-License-Identifier: GPL-2.0-or-later
/* The keys of the top of the file, wan, lan. */
#include "schema_parts.h"

#include <string.h>

#include "alloc.h"
#include "conf.h"

static void *lan_add(struct conf *conf)
{
	return memset(&conf->lan[conf->n_lan++], 0, sizeof(conf->lan[0]));
}

static size_t lan_count(const struct conf *conf)
{
	return conf->n_lan;
}

static const void *lan_at(const struct conf *conf, size_t i)
{
	return &conf->lan[i];
}

static void *service_add(struct conf *conf)
{
	size_t n = conf->n_services++;

	/* Grown at powers of two: 4096 services are 12 allocations and no counter of room. */
	if ((n & (n - 1)) == 0)
		conf->services =
			alloc_array(conf->services, n ? 2 * n : 1, sizeof(*conf->services));
	return memset(&conf->services[n], 0, sizeof(conf->services[n]));
}

static size_t service_count(const struct conf *conf)
{
	return conf->n_services;
}

static const void *service_at(const struct conf *conf, size_t i)
{
	return &conf->services[i];
}

static const struct schema_list lan_list = {
	.limit = LIMIT_LANS, .add = lan_add, .count = lan_count, .at = lan_at};

static const struct schema_list service_list = {
	.limit = LIMIT_SERVICES, .add = service_add, .count = service_count, .at = service_at};

static const struct schema_value role_values[] = {
	{.word = "gateway", .value = CONF_ROLE_GATEWAY, .doc = "this machine is the router"},
	{.word = "bypass",
	 .value = CONF_ROLE_BYPASS,
	 .doc = "a one-armed router inside the LAN, behind another one"},
	{.word = "resolver",
	 .value = CONF_ROLE_RESOLVER,
	 .feature = FEATURE_DNS,
	 .doc = "no routing: a DNS server in the network of another router"},
	{0}};

static const struct schema_value public_address_values[] = {
	{.word = "auto",
	 .value = CONF_PUBLIC_AUTO,
	 .doc = "the addresses of the WAN interface; where they are private, what the router upstream says, else STUN, else the names of the services"},
	{0}};

static const struct schema_value stun_values[] = {
	{.word = "auto",
	 .value = CONF_STUN_AUTO,
	 .doc = "stun.cloudflare.com and stun.l.google.com, where the address of the WAN interface is a private one"},
	{.word = "off", .value = CONF_STUN_OFF, .doc = "nobody is asked"},
	{0}};

static const struct schema_value map_upstream_values[] = {
	{.word = "auto",
	 .value = CONF_MAP_AUTO,
	 .doc = "where the address of the WAN interface is a private one: by PCP, NAT-PMP or UPnP"},
	{.word = "off", .value = CONF_MAP_OFF, .doc = "never"},
	{0}};

static const struct schema_row rows[] = {
	{.section = "",
	 .key = "role",
	 .type = SCHEMA_WORD,
	 .fallback = "gateway",
	 .values = role_values,
	 AT(struct conf, role),
	 LINE(struct conf, role_line),
	 .doc = "What this machine is in the network."},
	{.section = "",
	 .key = "wan",
	 .type = SCHEMA_SECTION,
	 .required = true,
	 .gateway_only = true,
	 .example = "{ interface: eth0 }",
	 .doc = "The side of the internet."},
	{.section = "",
	 .key = "lan",
	 .type = SCHEMA_SECTIONS,
	 .required = true,
	 .resolver_may_lack = true,
	 .min = 1,
	 .max = LIMIT_LANS,
	 .example = "[{ interface: br-lan }]",
	 .list = &lan_list,
	 .doc = "The segments behind the gateway."},
	{.section = "",
	 .key = "services",
	 .type = SCHEMA_SECTIONS,
	 .max = LIMIT_SERVICES,
	 .example = "[{ name: web, host: 192.0.2.2, ports: [80/tcp] }]",
	 .list = &service_list,
	 .doc = "What is hosted in the LAN and reached by the public address from everywhere."},
	{.section = "",
	 .key = "nat",
	 .type = SCHEMA_SECTION,
	 .gateway_only = true,
	 .example = "{ backend: auto }",
	 .doc = "How addresses are translated."},
	{.section = "",
	 .key = "dns",
	 .type = SCHEMA_SECTION,
	 .feature = FEATURE_DNS,
	 .example = "{ upstream: 192.0.2.53 }",
	 HAS(struct conf, has_dns),
	 .doc = "The DNS server for the LAN; off without this section."},
	{.section = "",
	 .key = "dhcp",
	 .gateway_only = true,
	 .instead = "is not done in role resolver, which keeps no right to touch the network; have "
		    "the router's DHCP server name this machine as DNS server, as `hairpin status` "
		    "says",
	 .type = SCHEMA_SECTIONS,
	 .max = LIMIT_LANS,
	 .example = "[{ interface: br-lan, range: 192.168.11.100-192.168.11.199 }]",
	 .list = &schema_dhcp_list,
	 .doc = "Addresses, and our DNS server, for the hosts of segments; off without this section."},
	{.section = "",
	 .key = "hosts-service",
	 .gateway_only = true,
	 .instead = "means nothing in role resolver, whose DNS server machines ask; take it out",
	 .type = SCHEMA_BOOL,
	 .feature = FEATURE_DNS,
	 .fallback = "no",
	 AT(struct conf, hosts_service),
	 LINE(struct conf, hosts_service_line),
	 .doc = "Whether machines in segments may ask for the names of services for their hosts files."},
	{.section = "",
	 .key = "web",
	 .type = SCHEMA_SECTION,
	 .later = true,
	 .example = "{}",
	 .doc = "The web page; off without this section."},

	{.section = "wan",
	 .key = "interface",
	 .type = SCHEMA_INTERFACE,
	 .required = true,
	 .example = "eth0",
	 AT(struct conf, wan_interface),
	 LINE(struct conf, wan_line),
	 .doc = "The network device towards the internet."},
	{.section = "wan",
	 .key = "public-address",
	 .type = SCHEMA_PUBLIC,
	 .fallback = "auto",
	 .values = public_address_values,
	 AT(struct conf, public),
	 LINE(struct conf, public_line),
	 .doc = "The address that the internet knows, where another router has it."},
	{.section = "wan",
	 .key = "stun",
	 .type = SCHEMA_STUN,
	 .min = 1,
	 .max = LIMIT_STUN_SERVERS,
	 .fallback = "auto",
	 .values = stun_values,
	 AT(struct conf, stun),
	 .doc = "Who outside is asked which address we come from."},
	{.section = "wan",
	 .key = "pass",
	 .type = SCHEMA_PASS,
	 .max = LIMIT_PORTS_PER_SERVICE,
	 .fallback = "icmp-echo",
	 .example = "[22/tcp, icmp-echo]",
	 .doc = "What the gateway itself answers on WAN; a list that is given replaces the "
		"default."},
	{.section = "wan",
	 .key = "map-upstream",
	 .type = SCHEMA_WORD,
	 .fallback = "auto",
	 .values = map_upstream_values,
	 AT(struct conf, map_upstream),
	 LINE(struct conf, map_upstream_line),
	 .doc = "Whether a second router upstream is asked to forward to this one."},

	{.section = "lan",
	 .key = "interface",
	 .type = SCHEMA_INTERFACE,
	 .required = true,
	 .example = "br-lan",
	 AT(struct conf_lan, interface),
	 LINE(struct conf_lan, line),
	 .doc = "The network device of the segment."},
	{.section = "lan",
	 .key = "network",
	 .type = SCHEMA_NETWORK,
	 .min = 8,
	 .max = 32,
	 .example = "192.168.11.0/24",
	 AT(struct conf_lan, network),
	 HAS(struct conf_lan, has_network),
	 LINE(struct conf_lan, network_line),
	 .doc = "The segment's network, for commands that run without the machine; observed "
		"otherwise."},
	{.section = "lan",
	 .key = "isolate",
	 .type = SCHEMA_BOOL,
	 .gateway_only = true,
	 .fallback = "no",
	 AT(struct conf_lan, isolate),
	 .doc = "Whether the segment reaches nothing inside but declared services."},
};

const struct schema_part schema_part_top = {rows, ARRAY_SIZE(rows)};
