// SPDX-License-Identifier: GPL-2.0-or-later
#include "schema.h"

#include <string.h>

#include "alloc.h"
#include "conf.h"

/*
 * A type is stored as its parser writes it: enumerations as int, a range as two ports side by side.
 */
_Static_assert(sizeof(enum conf_backend) == sizeof(int), "SCHEMA_WORD stores an int");
_Static_assert(sizeof(enum hp_hairpin_source) == sizeof(int), "SCHEMA_WORD stores an int");
_Static_assert(sizeof(enum conf_hairpin_filtering) == sizeof(int), "SCHEMA_WORD stores an int");
_Static_assert(sizeof(enum conf_unsolicited) == sizeof(int), "SCHEMA_WORD stores an int");
_Static_assert(sizeof(enum conf_rewriting) == sizeof(int), "SCHEMA_WORD stores an int");
_Static_assert(sizeof(enum hp_filtering) == sizeof(int), "SCHEMA_WORD stores an int");
_Static_assert(offsetof(struct conf, nat_port_last) ==
		       offsetof(struct conf, nat_port_first) + sizeof(__u16),
	       "SCHEMA_PORT_RANGE stores two ports");

static bool match_address(const char *text)
{
	struct ip_addr addr;

	return !ip_addr_parse(text, &addr);
}

static bool match_tls(const char *text)
{
	return !strncmp(text, "tls://", 6);
}

static bool match_https(const char *text)
{
	return !strncmp(text, "https://", 8);
}

static bool match_domain_upstream(const char *text)
{
	return !strncmp(text, "[/", 2);
}

static bool match_any(const char *text)
{
	return *text != '\0';
}

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

static void *host_add(struct conf *conf)
{
	size_t n = conf->n_hosts++;

	if ((n & (n - 1)) == 0)
		conf->hosts = alloc_array(conf->hosts, n ? 2 * n : 1, sizeof(*conf->hosts));
	return memset(&conf->hosts[n], 0, sizeof(conf->hosts[n]));
}

static size_t host_count(const struct conf *conf)
{
	return conf->n_hosts;
}

static const void *host_at(const struct conf *conf, size_t i)
{
	return &conf->hosts[i];
}

static void *rewrite_add(struct conf *conf)
{
	size_t n = conf->n_rewrites++;

	if ((n & (n - 1)) == 0)
		conf->rewrites =
			alloc_array(conf->rewrites, n ? 2 * n : 1, sizeof(*conf->rewrites));
	return memset(&conf->rewrites[n], 0, sizeof(conf->rewrites[n]));
}

static size_t rewrite_count(const struct conf *conf)
{
	return conf->n_rewrites;
}

static const void *rewrite_at(const struct conf *conf, size_t i)
{
	return &conf->rewrites[i];
}

static const struct schema_list lan_list = {
	.limit = LIMIT_LANS, .add = lan_add, .count = lan_count, .at = lan_at};
static const struct schema_list service_list = {
	.limit = LIMIT_SERVICES, .add = service_add, .count = service_count, .at = service_at};
static const struct schema_list host_list = {
	.limit = LIMIT_FILTERED_HOSTS, .add = host_add, .count = host_count, .at = host_at};

static const struct schema_list rewrite_list = {
	.limit = LIMIT_REWRITES, .add = rewrite_add, .count = rewrite_count, .at = rewrite_at};

static const struct schema_value role_values[] = {
	{.word = "gateway", .doc = "this machine is the router"},
	{.word = "bypass", .later = true, .doc = "a one-armed router inside the LAN"},
	{.word = "resolver", .later = true, .doc = "no routing: names and diagnosis only"},
	{0}};

static const struct schema_value public_address_values[] = {
	{.word = "auto", .doc = "the addresses of the WAN interface"},
	{.word = "203.0.113.1",
	 .matches = match_any,
	 .later = true,
	 .doc = "an address or a name, for a public address on another router"},
	{0}};

static const struct schema_value host_values[] = {
	{.word = "self", .later = true, .doc = "the gateway itself, containers included"}, {0}};

static const struct schema_value rewrite_values[] = {
	{.word = "auto",
	 .value = CONF_REWRITE_AUTO,
	 .doc = "if every forwarded port of the name goes to one host as the same port; else the name "
		"keeps the public address inside"},
	{.word = "on",
	 .value = CONF_REWRITE_ON,
	 .doc = "also where some ports will not work inside then"},
	{.word = "off", .value = CONF_REWRITE_OFF, .doc = "the name keeps the public address"},
	{0}};

static const struct schema_value listen_values[] = {
	{.word = "lan", .doc = "on the gateway's addresses in its segments"},
	{.word = "192.168.11.1",
	 .matches = match_address,
	 .later = true,
	 .doc = "on these addresses only"},
	{0}};

static const struct schema_value upstream_values[] = {
	{.word = "tls://192.0.2.53#dns.example.net",
	 .matches = match_tls,
	 .later = true,
	 .doc = "a server that is asked by DNS over TLS"},
	{.word = "https://dns.example.net/dns-query",
	 .matches = match_https,
	 .later = true,
	 .doc = "a server that is asked by DNS over HTTPS"},
	{.word = "[/corp.example/]192.0.2.54",
	 .matches = match_domain_upstream,
	 .later = true,
	 .doc = "a server for the names below one"},
	{0}};

static const struct schema_value answer_values[] = {
	{.word = "A", .later = true, .doc = "records of that type are asked upstream"},
	{.word = "AAAA", .later = true, .doc = "records of that type are asked upstream"},
	{0}};

static const struct schema_value backend_values[] = {
	{.word = "auto", .value = CONF_BACKEND_AUTO, .doc = "the best that this kernel allows"},
	{.word = "bpf", .value = CONF_BACKEND_BPF, .doc = "eBPF programs on the interfaces"},
	{.word = "nftables", .later = true, .doc = "one nftables table"},
	{0}};

static const struct schema_value hairpin_source_values[] = {
	{.word = "external",
	 .value = HP_HAIRPIN_EXTERNAL,
	 .doc = "the public address (RFC 4787 REQ-9a)"},
	{.word = "client",
	 .value = HP_HAIRPIN_CLIENT,
	 .doc = "the client's own address, where client and server are on different segments"},
	{.word = "gateway",
	 .value = HP_HAIRPIN_GATEWAY,
	 .doc = "the gateway's address on the server's segment"},
	{0}};

static const struct schema_value filtering_values[] = {
	{.word = "endpoint-independent",
	 .value = HP_FILTER_ENDPOINT_INDEPENDENT,
	 .doc = "from everybody"},
	{.word = "address-dependent",
	 .value = HP_FILTER_ADDRESS_DEPENDENT,
	 .doc = "from addresses to which the host has sent from that port, whatever their port"},
	{.word = "address-and-port-dependent",
	 .value = HP_FILTER_ADDRESS_AND_PORT_DEPENDENT,
	 .doc = "from the addresses and ports to which the host has sent from that port"},
	{0}};

static const struct schema_value hairpin_filtering_values[] = {
	{.word = "same",
	 .value = CONF_HAIRPIN_SAME,
	 .doc = "a packet from inside to a mapping is judged like one from outside, by its "
		"external source"},
	{.word = "open",
	 .value = CONF_HAIRPIN_OPEN,
	 .doc = "hosts inside reach each other's mappings, isolated ones apart"},
	{0}};

static const struct schema_value unsolicited_values[] = {
	{.word = "answer",
	 .value = CONF_UNSOLICITED_ANSWER,
	 .doc = "with ICMP's port unreachable, once an attempt to connect by TCP is repeated after six "
		"seconds or more (RFC 5382 REQ-4)"},
	{.word = "silent", .value = CONF_UNSOLICITED_SILENT, .doc = "never (RFC 5382 REQ-4a)"},
	{0}};

static const struct schema_value mss_values[] = {
	{.word = "auto",
	 .value = (int)CONF_AUTO,
	 .doc = "the MTU of the WAN interface less 40 octets"},
	{.word = "off", .value = 0, .doc = "what each side says is left as it is"},
	{0}};

static const struct schema_value sessions_values[] = {
	{.word = "auto", .value = (int)CONF_AUTO, .doc = "at most 1/16 of memory and 1048576"},
	{0}};

static const struct schema_value sessions_per_host_values[] = {
	{.word = "auto",
	 .value = (int)CONF_AUTO,
	 .doc = "an eighth of the table, but never less than 1024"},
	{.word = "unlimited", .value = CONF_UNLIMITED, .doc = "as many as the table has left"},
	{0}};

static const struct schema_value unlimited_values[] = {
	{.word = "unlimited", .value = CONF_UNLIMITED, .doc = "any number"}, {0}};

#define AT(type, member) .offset = offsetof(type, member)
#define HAS(type, member) .has_offset = offsetof(type, member)
#define LINE(type, member) .line_offset = offsetof(type, member)

/* A number of limits.h as it is written. Times have forms of their own; conf_test.c compares their defaults. */
#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)

const struct schema_row schema_rows[] = {
	/* The top of the file. */
	{.section = "",
	 .key = "role",
	 .type = SCHEMA_WORD,
	 .fallback = "gateway",
	 .values = role_values,
	 .offset = SCHEMA_NOWHERE,
	 .doc = "What this machine is in the network."},
	{.section = "",
	 .key = "wan",
	 .type = SCHEMA_SECTION,
	 .required = true,
	 .example = "{ interface: eth0 }",
	 .doc = "The side of the internet."},
	{.section = "",
	 .key = "lan",
	 .type = SCHEMA_SECTIONS,
	 .required = true,
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
	 .example = "{ backend: auto }",
	 .doc = "How addresses are translated."},
	{.section = "",
	 .key = "dns",
	 .type = SCHEMA_SECTION,
	 .example = "{ upstream: 192.0.2.53 }",
	 HAS(struct conf, has_dns),
	 .doc = "The DNS server for the LAN; off without this section."},
	{.section = "",
	 .key = "dhcp",
	 .type = SCHEMA_SECTIONS,
	 .later = true,
	 .example = "[{ interface: br-lan }]",
	 .doc = "Address leases for the LAN; off without this section."},
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
	 .type = SCHEMA_WORD,
	 .fallback = "auto",
	 .values = public_address_values,
	 .offset = SCHEMA_NOWHERE,
	 .doc = "Where the public address is."},
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
	 .later = true,
	 .example = "auto",
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
	 .fallback = "no",
	 AT(struct conf_lan, isolate),
	 .doc = "Whether the segment reaches nothing inside but declared services."},

	{.section = "services",
	 .key = "name",
	 .type = SCHEMA_NAME,
	 .required = true,
	 .max = LIMIT_SERVICE_NAME,
	 .unit = "characters",
	 .example = "web",
	 AT(struct conf_service, name),
	 LINE(struct conf_service, line),
	 .doc = "The service's label in all output."},
	{.section = "services",
	 .key = "domain",
	 .type = SCHEMA_DOMAINS,
	 .max = LIMIT_DOMAINS_PER_SERVICE,
	 .example = "example.com",
	 .doc = "The service's name in DNS, or a list of them."},
	{.section = "services",
	 .key = "host",
	 .type = SCHEMA_ADDR4,
	 .example = "192.168.11.20",
	 .values = host_values,
	 AT(struct conf_service, host),
	 HAS(struct conf_service, has_host),
	 LINE(struct conf_service, host_line),
	 .doc = "The server's IPv4 address in the LAN."},
	{.section = "services",
	 .key = "host6",
	 .type = SCHEMA_ADDR6,
	 .example = "\"2001:db8:11::20\"",
	 AT(struct conf_service, host6),
	 HAS(struct conf_service, has_host6),
	 LINE(struct conf_service, host6_line),
	 .doc = "The server's IPv6 address; its ports are opened towards it."},
	{.section = "services",
	 .key = "preset",
	 .type = SCHEMA_PRESET,
	 .example = "https",
	 .doc = "A known list of ports; `ports` may add to it."},
	{.section = "services",
	 .key = "ports",
	 .type = SCHEMA_PORTS,
	 .max = LIMIT_PORTS_PER_SERVICE,
	 .example = "[443/tcp, \"8443:443/tcp\", 30000-30099/udp]",
	 .doc = "The forwarded ports: [external:]internal/protocol, single or as ranges."},
	{.section = "services",
	 .key = "allow",
	 .type = SCHEMA_ALLOW,
	 .min = 1,
	 .max = LIMIT_ALLOW_PER_SERVICE,
	 .example = "[203.0.113.0/24]",
	 .doc = "Who may use the service from WAN; everybody without it."},
	{.section = "services",
	 .key = "hairpin-source",
	 .type = SCHEMA_WORD,
	 .example = "client",
	 .values = hairpin_source_values,
	 AT(struct conf_service, hairpin_source),
	 HAS(struct conf_service, has_hairpin_source),
	 .doc = "Overrides that of `nat` for this service."},
	{.section = "services",
	 .key = "filtering",
	 .type = SCHEMA_SECTION,
	 .example = "{ udp: endpoint-independent }",
	 .values = filtering_values,
	 .doc = "From whom the other ports of this service's host take packets; overrides that of "
		"`nat`."},
	{.section = "services",
	 .key = "rewrite",
	 .type = SCHEMA_WORD,
	 .fallback = "auto",
	 .values = rewrite_values,
	 AT(struct conf_service, rewrite),
	 LINE(struct conf_service, rewrite_line),
	 .doc = "Whether DNS answers with the address of the host inside."},

	{.section = "services.filtering",
	 .key = "udp",
	 .type = SCHEMA_WORD,
	 .example = "endpoint-independent",
	 .values = filtering_values,
	 AT(struct conf_service, filtering.udp),
	 HAS(struct conf_service, filtering.has_udp),
	 LINE(struct conf_service, filtering.udp_line),
	 .doc = "From whom a UDP mapping takes packets."},
	{.section = "services.filtering",
	 .key = "tcp",
	 .type = SCHEMA_WORD,
	 .example = "endpoint-independent",
	 .values = filtering_values,
	 AT(struct conf_service, filtering.tcp),
	 HAS(struct conf_service, filtering.has_tcp),
	 LINE(struct conf_service, filtering.tcp_line),
	 .doc = "From whom a TCP mapping takes connections."},

	{.section = "nat",
	 .key = "backend",
	 .type = SCHEMA_WORD,
	 .fallback = "auto",
	 .values = backend_values,
	 AT(struct conf, backend),
	 .doc = "What carries the packets."},
	{.section = "nat",
	 .key = "ignore-netfilter",
	 .type = SCHEMA_BOOL,
	 .fallback = "no",
	 AT(struct conf, ignore_netfilter),
	 .doc = "Whether to start beside firewall rules that the bpf backend would bypass."},
	{.section = "nat",
	 .key = "fast-path",
	 .type = SCHEMA_WORD,
	 .later = true,
	 .example = "auto",
	 .doc = "Where XDP accelerates known flows."},
	{.section = "nat",
	 .key = "hairpin-source",
	 .type = SCHEMA_WORD,
	 .fallback = "external",
	 .values = hairpin_source_values,
	 AT(struct conf, hairpin_source),
	 .doc = "The source address of a flow from the LAN through the public address."},
	{.section = "nat",
	 .key = "hairpin-filtering",
	 .type = SCHEMA_WORD,
	 .fallback = "open",
	 .values = hairpin_filtering_values,
	 AT(struct conf, hairpin_filtering),
	 .doc = "Whether hosts inside are filtered like those outside."},
	{.section = "nat",
	 .key = "filtering",
	 .type = SCHEMA_SECTION,
	 .example = "{ udp: address-dependent }",
	 .values = filtering_values,
	 .doc = "From whom a port that a host inside has opened by sending takes packets."},
	{.section = "nat",
	 .key = "hosts",
	 .type = SCHEMA_SECTIONS,
	 .max = LIMIT_FILTERED_HOSTS,
	 .example = "[{ address: 192.0.2.3, filtering: endpoint-independent }]",
	 .list = &host_list,
	 .doc = "Hosts without a service whose filtering is another."},
	{.section = "nat",
	 .key = "ports",
	 .type = SCHEMA_PORT_RANGE,
	 .fallback = "1-65535",
	 AT(struct conf, nat_port_first),
	 .doc = "External ports for outgoing flows."},
	{.section = "nat",
	 .key = "port-parity",
	 .type = SCHEMA_BOOL,
	 .fallback = "no",
	 AT(struct conf, port_parity),
	 .doc = "Whether a port that is drawn is odd or even as the host's own."},
	{.section = "nat",
	 .key = "tcp-pickup",
	 .type = SCHEMA_BOOL,
	 .fallback = "no",
	 AT(struct conf, tcp_pickup),
	 .doc = "Whether a TCP connection that is not known goes on in the middle."},
	{.section = "nat",
	 .key = "unsolicited",
	 .type = SCHEMA_WORD,
	 .fallback = "answer",
	 .values = unsolicited_values,
	 AT(struct conf, unsolicited),
	 .doc = "Whether who sends from outside what nobody asked for is told so."},
	{.section = "nat",
	 .key = "outgoing",
	 .type = SCHEMA_TEXTS,
	 .later = true,
	 .example = "[]",
	 .doc = "Which networks leave by which public address."},
	{.section = "nat",
	 .key = "mark",
	 .type = SCHEMA_NUMBER,
	 .later = true,
	 .example = "1",
	 .doc = "A packet mark for policy routing of translated flows."},
	{.section = "nat",
	 .key = "mss-clamp",
	 .type = SCHEMA_NUMBER,
	 .min = LIMIT_MSS_MIN,
	 .max = LIMIT_MSS_MAX,
	 .unit = "octets",
	 .fallback = "auto",
	 .values = mss_values,
	 AT(struct conf, mss_clamp),
	 .doc = "Largest TCP segment that both sides of a connection through WAN are told."},
	{.section = "nat",
	 .key = "limits",
	 .type = SCHEMA_SECTION,
	 .example = "{ sessions: auto }",
	 .doc = "Sizes of the tables, and what one host may take of them."},
	{.section = "nat",
	 .key = "timeouts",
	 .type = SCHEMA_SECTION,
	 .example = "{ udp: 5m }",
	 .doc = "How long a quiet session stays."},

	{.section = "nat.filtering",
	 .key = "udp",
	 .type = SCHEMA_WORD,
	 .fallback = "address-dependent",
	 .values = filtering_values,
	 AT(struct conf, filtering.udp),
	 LINE(struct conf, filtering.udp_line),
	 .doc = "From whom a UDP mapping takes packets."},
	{.section = "nat.filtering",
	 .key = "tcp",
	 .type = SCHEMA_WORD,
	 .fallback = "address-and-port-dependent",
	 .values = filtering_values,
	 AT(struct conf, filtering.tcp),
	 LINE(struct conf, filtering.tcp_line),
	 .doc = "From whom a TCP mapping takes connections."},

	{.section = "nat.hosts",
	 .key = "address",
	 .type = SCHEMA_ADDR4,
	 .required = true,
	 .example = "192.168.11.40",
	 AT(struct conf_host, address),
	 LINE(struct conf_host, line),
	 .doc = "The host's IPv4 address in the LAN."},
	{.section = "nat.hosts",
	 .key = "filtering",
	 .type = SCHEMA_SECTION,
	 .required = true,
	 .example = "endpoint-independent",
	 .values = filtering_values,
	 .doc = "From whom its ports take packets; overrides that of `nat`."},

	{.section = "nat.hosts.filtering",
	 .key = "udp",
	 .type = SCHEMA_WORD,
	 .example = "endpoint-independent",
	 .values = filtering_values,
	 AT(struct conf_host, filtering.udp),
	 HAS(struct conf_host, filtering.has_udp),
	 LINE(struct conf_host, filtering.udp_line),
	 .doc = "From whom a UDP mapping takes packets."},
	{.section = "nat.hosts.filtering",
	 .key = "tcp",
	 .type = SCHEMA_WORD,
	 .example = "endpoint-independent",
	 .values = filtering_values,
	 AT(struct conf_host, filtering.tcp),
	 HAS(struct conf_host, filtering.has_tcp),
	 LINE(struct conf_host, filtering.tcp_line),
	 .doc = "From whom a TCP mapping takes connections."},

	{.section = "nat.limits",
	 .key = "sessions",
	 .type = SCHEMA_NUMBER,
	 .min = LIMIT_SESSIONS_MIN,
	 .max = LIMIT_SESSIONS_MAX,
	 .unit = "sessions",
	 .fallback = "auto",
	 .values = sessions_values,
	 AT(struct conf, sessions),
	 .doc = "Sessions that the table holds; its memory is taken at the start."},
	{.section = "nat.limits",
	 .key = "mappings-per-host",
	 .type = SCHEMA_NUMBER,
	 .min = 1,
	 .max = LIMIT_MAPPINGS,
	 .unit = "external ports",
	 .fallback = TEXT(LIMIT_MAPPINGS_PER_HOST),
	 .values = unlimited_values,
	 AT(struct conf, mappings_per_host),
	 .doc = "External ports of all protocols that one host inside may hold (RFC 6888 REQ-4)."},
	{.section = "nat.limits",
	 .key = "sessions-per-host",
	 .type = SCHEMA_NUMBER,
	 .min = 1,
	 .max = LIMIT_SESSIONS_MAX,
	 .unit = "sessions",
	 .fallback = "auto",
	 .values = sessions_per_host_values,
	 AT(struct conf, sessions_per_host),
	 .doc = "Sessions that one host inside may hold (RFC 6888 REQ-5)."},
	{.section = "nat.limits",
	 .key = "new-per-host",
	 .type = SCHEMA_NUMBER,
	 .min = 1,
	 .max = LIMIT_NEW_PER_HOST_MAX,
	 .unit = "sessions a second",
	 .fallback = TEXT(LIMIT_NEW_PER_HOST),
	 .values = unlimited_values,
	 AT(struct conf, new_per_host),
	 .doc = "Sessions that one host inside may open in a second (RFC 6888 REQ-5)."},

	{.section = "nat.timeouts",
	 .key = "udp",
	 .type = SCHEMA_DURATION,
	 .min = TIMEOUT_UDP_MIN_S,
	 .max = TIMEOUT_MAX_S,
	 .floor = "RFC 4787 REQ-5",
	 .fallback = "5m",
	 AT(struct conf, udp_s),
	 .doc = "UDP (RFC 4787 REQ-5)."},
	{.section = "nat.timeouts",
	 .key = "tcp-established",
	 .type = SCHEMA_DURATION,
	 .min = TIMEOUT_TCP_ESTABLISHED_MIN_S,
	 .max = TIMEOUT_MAX_S,
	 .floor = "RFC 5382 REQ-5",
	 .fallback = "2h4m",
	 AT(struct conf, tcp_established_s),
	 .doc = "Open TCP connections (RFC 5382 REQ-5)."},
	{.section = "nat.timeouts",
	 .key = "tcp-transitory",
	 .type = SCHEMA_DURATION,
	 .min = TIMEOUT_TCP_TRANSITORY_MIN_S,
	 .max = TIMEOUT_MAX_S,
	 .floor = "RFC 5382 REQ-5",
	 .fallback = "4m",
	 AT(struct conf, tcp_transitory_s),
	 .doc = "TCP connections that open or close (RFC 5382 REQ-5)."},
	{.section = "nat.timeouts",
	 .key = "icmp",
	 .type = SCHEMA_DURATION,
	 .min = TIMEOUT_ICMP_QUERY_MIN_S,
	 .max = TIMEOUT_MAX_S,
	 .floor = "RFC 5508 REQ-2",
	 .fallback = "60s",
	 AT(struct conf, icmp_s),
	 .doc = "ICMP queries (RFC 5508 REQ-2)."},
	{.section = "nat.timeouts",
	 .key = "other",
	 .type = SCHEMA_DURATION,
	 .min = TIMEOUT_OTHER_MIN_S,
	 .max = TIMEOUT_MAX_S,
	 .fallback = "5m",
	 AT(struct conf, other_s),
	 .doc = "Protocols without ports."},

	{.section = "dns",
	 .key = "listen",
	 .type = SCHEMA_WORD,
	 .fallback = "lan",
	 .values = listen_values,
	 .offset = SCHEMA_NOWHERE,
	 .doc = "Where questions are taken."},
	{.section = "dns",
	 .key = "upstream",
	 .type = SCHEMA_UPSTREAMS,
	 .required = true,
	 .min = 1,
	 .max = LIMIT_UPSTREAMS,
	 .example = "[192.0.2.53]",
	 .values = upstream_values,
	 .doc = "Who is asked for names that are not ours."},
	{.section = "dns",
	 .key = "private-domains",
	 .type = SCHEMA_TREES,
	 .max = LIMIT_PRIVATE_DOMAINS,
	 .example = "plex.direct",
	 .doc = "Names that upstreams may answer with private addresses."},
	{.section = "dns",
	 .key = "rewrites",
	 .type = SCHEMA_SECTIONS,
	 .max = LIMIT_REWRITES,
	 .example = "[{ domain: nas.example.com, answer: 192.168.11.30 }]",
	 .list = &rewrite_list,
	 .doc = "Answers of your own."},
	{.section = "dns",
	 .key = "blocklists",
	 .type = SCHEMA_SECTIONS,
	 .later = true,
	 .example = "[{ name: ads, path: /etc/hairpin/ads.txt }]",
	 .doc = "Names that get no answer."},

	{.section = "dns.rewrites",
	 .key = "domain",
	 .type = SCHEMA_PATTERN,
	 .required = true,
	 .example = "nas.example.com",
	 AT(struct conf_rewrite, domain),
	 LINE(struct conf_rewrite, line),
	 .doc = "The name, or all below one."},
	{.section = "dns.rewrites",
	 .key = "answer",
	 .type = SCHEMA_ANSWER,
	 .required = true,
	 .min = 1,
	 .max = LIMIT_ADDRS_PER_REWRITE,
	 .example = "192.168.11.30",
	 .values = answer_values,
	 LINE(struct conf_rewrite, answer_line),
	 .doc = "Its addresses, or the name that it stands for (CNAME)."},
	{.section = "dns.blocklists",
	 .key = "name",
	 .type = SCHEMA_TEXT,
	 .later = true,
	 .example = "ads",
	 .doc = "The list's label in output."},
	{.section = "dns.blocklists",
	 .key = "path",
	 .type = SCHEMA_TEXT,
	 .later = true,
	 .example = "/etc/hairpin/ads.txt",
	 .doc = "The list's file."},

	{.section = "dhcp",
	 .key = "interface",
	 .type = SCHEMA_INTERFACE,
	 .later = true,
	 .example = "br-lan",
	 .doc = "The segment that gets leases."},
	{.section = "dhcp",
	 .key = "range",
	 .type = SCHEMA_TEXT,
	 .later = true,
	 .example = "192.168.11.100-192.168.11.199",
	 .doc = "The addresses that are leased."},
};

const size_t schema_count = ARRAY_SIZE(schema_rows);
