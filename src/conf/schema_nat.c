// SPDX-License-Identifier: GPL-2.0-or-later
/* The keys of nat. */
#include "schema_parts.h"

#include <string.h>

#include "alloc.h"
#include "conf.h"

/* A type is stored as its parser writes it: enumerations as int, a range as two ports side by side. */
_Static_assert(sizeof(enum conf_backend) == sizeof(int), "SCHEMA_WORD stores an int");
_Static_assert(sizeof(enum conf_fast_path) == sizeof(int), "SCHEMA_WORD stores an int");
_Static_assert(sizeof(enum hp_hairpin_source) == sizeof(int), "SCHEMA_WORD stores an int");
_Static_assert(sizeof(enum conf_hairpin_filtering) == sizeof(int), "SCHEMA_WORD stores an int");
_Static_assert(sizeof(enum conf_unsolicited) == sizeof(int), "SCHEMA_WORD stores an int");
_Static_assert(sizeof(enum hp_filtering) == sizeof(int), "SCHEMA_WORD stores an int");
_Static_assert(offsetof(struct conf, nat_port_last) ==
		       offsetof(struct conf, nat_port_first) + sizeof(__u16),
	       "SCHEMA_PORT_RANGE stores two ports");

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

static const struct schema_list host_list = {
	.limit = LIMIT_FILTERED_HOSTS, .add = host_add, .count = host_count, .at = host_at};

static const struct schema_value backend_values[] = {
	{.word = "auto", .value = CONF_BACKEND_AUTO, .doc = "the best that this kernel allows"},
	{.word = "bpf", .value = CONF_BACKEND_BPF, .doc = "eBPF programs on the interfaces"},
	{.word = "nftables",
	 .value = CONF_BACKEND_NFTABLES,
	 .feature = FEATURE_NFTABLES,
	 .doc = "one nftables table"},
	{0}};

static const struct schema_value fast_path_values[] = {
	{.word = "auto",
	 .value = CONF_FAST_PATH_AUTO,
	 .doc = "XDP where it is right and pays, and else tc with what was noted of a flow"},
	{.word = "on",
	 .value = CONF_FAST_PATH_ON,
	 .doc = "XDP also where auto would leave it for speed's sake"},
	{.word = "off",
	 .value = CONF_FAST_PATH_OFF,
	 .doc = "nothing is noted, and all packets take the long way"},
	{0}};

const struct schema_value schema_hairpin_source_values[] = {
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

const struct schema_value schema_filtering_values[] = {
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

static const struct schema_value mark_values[] = {
	{.word = "auto",
	 .value = (int)CONF_AUTO,
	 .doc = "0x04000000 in role bypass, otherwise none"},
	{.word = "off", .value = 0, .doc = "none"},
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

static const struct schema_value outgoing_values[] = {
	{.word = "masquerade",
	 .value = CONF_OUTGOING_MASQUERADE,
	 .doc = "the address of this machine; nothing is asked of other routers"},
	{.word = "route",
	 .value = CONF_OUTGOING_ROUTE,
	 .doc = "its own; the router upstream translates, and has to know the way back"},
	{0}};

static const struct schema_row rows[] = {
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
	 .fallback = "auto",
	 .values = fast_path_values,
	 AT(struct conf, fast_path),
	 LINE(struct conf, fast_path_line),
	 .doc = "How packets of known flows are made fast."},
	{.section = "nat",
	 .key = "hairpin-source",
	 .type = SCHEMA_WORD,
	 .fallback = "external",
	 .values = schema_hairpin_source_values,
	 AT(struct conf, hairpin_source),
	 .doc = "The source address of a flow from the LAN through the public address."},
	{.section = "nat",
	 .key = "outgoing",
	 .type = SCHEMA_WORD,
	 .fallback = "masquerade",
	 .values = outgoing_values,
	 AT(struct conf, outgoing),
	 LINE(struct conf, outgoing_line),
	 .doc = "The source address of what the LAN opens towards the internet."},
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
	 .values = schema_filtering_values,
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
	 .key = "mark",
	 .type = SCHEMA_MARK,
	 .max = MARK_SORTED,
	 .fallback = "auto",
	 .values = mark_values,
	 AT(struct conf, mark),
	 .doc = "What packets that answer forwarded connections carry before they are routed, for rules of routing."},
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
	 .values = schema_filtering_values,
	 AT(struct conf, filtering.udp),
	 LINE(struct conf, filtering.udp_line),
	 .doc = "From whom a UDP mapping takes packets."},
	{.section = "nat.filtering",
	 .key = "tcp",
	 .type = SCHEMA_WORD,
	 .fallback = "address-and-port-dependent",
	 .values = schema_filtering_values,
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
	 .values = schema_filtering_values,
	 .doc = "From whom its ports take packets; overrides that of `nat`."},

	{.section = "nat.hosts.filtering",
	 .key = "udp",
	 .type = SCHEMA_WORD,
	 .example = "endpoint-independent",
	 .values = schema_filtering_values,
	 AT(struct conf_host, filtering.udp),
	 HAS(struct conf_host, filtering.has_udp),
	 LINE(struct conf_host, filtering.udp_line),
	 .doc = "From whom a UDP mapping takes packets."},
	{.section = "nat.hosts.filtering",
	 .key = "tcp",
	 .type = SCHEMA_WORD,
	 .example = "endpoint-independent",
	 .values = schema_filtering_values,
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
	 .doc = "UDP (RFC 4787 REQ-5); questions to name servers (port 53) have 20 seconds (REQ-5a)."},
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
};

const struct schema_part schema_part_nat = {rows, ARRAY_SIZE(rows)};
