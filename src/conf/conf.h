/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration: one immutable object, read from a text and checked by conf_parse(), printed in
 * canonical form by conf_print().
 *
 * The schema table (schema.h) drives all three. Ports and ranges here are in host byte order.
 * Nothing in it comes from the machine: what the configuration means there is the plan's business.
 * Any process may use this library; it keeps no state.
 */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include <hairpin/dataplane.h>
#include <hairpin/limits.h>

#include "addr.h"
#include "https.h"
#include "strbuf.h"

enum conf_backend { CONF_BACKEND_AUTO = 0, CONF_BACKEND_BPF, CONF_BACKEND_NFTABLES };
enum conf_fast_path { CONF_FAST_PATH_AUTO = 0, CONF_FAST_PATH_ON, CONF_FAST_PATH_OFF };

/* What this machine is in the network: the router, or a server of names in somebody else's. */
enum conf_role { CONF_ROLE_GATEWAY = 0, CONF_ROLE_BYPASS, CONF_ROLE_RESOLVER };

/* nat.outgoing: whether what LANs open towards the internet gets our address. */
enum conf_outgoing { CONF_OUTGOING_MASQUERADE = 0, CONF_OUTGOING_ROUTE };

/* wan.map-upstream: whether the router upstream is asked to forward to us. */
enum conf_map_upstream { CONF_MAP_AUTO = 0, CONF_MAP_OFF };

/* The source that a server in role bypass sees of who comes from outside. */
enum conf_outside_source {
	CONF_OUTSIDE_AUTO =
		0, /* the client's own, where the server's answers were seen to come by us; else ours */
	CONF_OUTSIDE_CLIENT,
	CONF_OUTSIDE_GATEWAY,
};

/* wan.stun */
enum conf_stun { CONF_STUN_AUTO = 0, CONF_STUN_OFF, CONF_STUN_SERVERS };

struct conf_stun_server {
	char host[LIMIT_DOMAIN_NAME + 1]; /* an IPv4 address, or a name in lower case */
	__u16 port;
};

/* wan.public-address */
enum conf_public { CONF_PUBLIC_AUTO = 0, CONF_PUBLIC_ADDRESS, CONF_PUBLIC_NAME };

enum conf_hairpin_filtering { CONF_HAIRPIN_OPEN = 0, CONF_HAIRPIN_SAME };
enum conf_unsolicited { CONF_UNSOLICITED_ANSWER = 0, CONF_UNSOLICITED_SILENT };

/* Whether answers from outside with our own public address are told with the host inside. */
enum conf_doctoring { CONF_DOCTORING_AUTO = 0, CONF_DOCTORING_OFF };

/* Whether DNS gives a service's name its address inside. */
enum conf_rewriting { CONF_REWRITE_AUTO = 0, CONF_REWRITE_ON, CONF_REWRITE_OFF };

/* Whether IPv6 hosts of a segment are told by router advertisements. */
enum conf_ra { CONF_RA_AUTO = 0, CONF_RA_OFF };

#define CONF_ANY_DHCP ((size_t)-1)

/* A number that the plan works out; and one without a bound, where the key takes that. */
#define CONF_AUTO ((unsigned int)-1)
#define CONF_UNLIMITED 0

/* What is written down of a query. */
enum conf_log_queries { CONF_LOG_ANONYMISED = 0, CONF_LOG_YES, CONF_LOG_NO };

/* dns.log */
struct conf_log {
	enum conf_log_queries queries;
	unsigned int retention_s;
	unsigned int size_mb; /* mebioctets */
};

/* From whom dynamic mappings take packets; of a host, only what is said there. */
struct conf_filtering {
	enum hp_filtering udp, tcp;
	bool has_udp, has_tcp; /* not for that of `nat`, which is always whole */
	unsigned int udp_line, tcp_line;
};

/*
 * [external:]internal/protocol, expanded: the internal port of an external one is
 * internal_first + (external - external_first).
 */
struct conf_port {
	__u16 external_first, external_last;
	__u16 internal_first;
	__u8 proto; /* IPPROTO_TCP or IPPROTO_UDP */
	bool from_preset;
	unsigned int line; /* of the item, or of `preset` */
};

struct conf_lan {
	char interface[IFNAMSIZ];
	struct ip_net network; /* valid with has_network */
	bool has_network;
	bool isolate;
	unsigned int line; /* of `interface`; network_line of its `network` */
	unsigned int network_line;
};

struct conf_service {
	char name[LIMIT_SERVICE_NAME + 1];
	char **domains; /* n_domains, owned; lower case, as pattern.h reads them */
	size_t n_domains;
	struct ip_addr host; /* IPv4; valid with has_host */
	struct ip_addr host6;
	bool has_host, has_host6;
	bool is_self; /* `host: self`: this machine, containers included; has_host and has_host6 are false */
	bool says_host; /* one of the two, for the print */
	const char *preset; /* NULL: none; points into the preset table */
	struct conf_port *ports; /* n_ports, owned; preset's ports included, first */
	size_t n_ports;
	struct ip_net *allow; /* n_allow, owned; empty: everybody */
	size_t n_allow;
	enum hp_hairpin_source hairpin_source; /* nat's where not given here */
	bool has_hairpin_source;
	struct conf_filtering filtering; /* of all dynamic mappings of `host` */
	enum conf_outside_source outside_source;
	bool has_outside_source;
	unsigned int outside_source_line;
	enum conf_rewriting rewrite;
	unsigned int rewrite_line;
	unsigned int line; /* of `name`; the others of the keys that they are named for */
	unsigned int host_line, host6_line;
};

/* An item of nat.hosts. */
struct conf_host {
	struct ip_addr address; /* IPv4 */
	struct conf_filtering filtering;
	unsigned int line; /* of `address` */
};

enum conf_transport { CONF_DNS_PLAIN = 0, CONF_DNS_TLS, CONF_DNS_HTTPS };

struct conf_upstream {
	enum conf_transport transport;
	struct ip_addr addr; /* valid with has_addr; else `name` has to be asked for */
	bool has_addr;
	__u16 port;
	/* What its certificate is for, in lower case; "": its address. Always "" for PLAIN. */
	char name[LIMIT_DOMAIN_NAME + 1];
	char path[LIMIT_DNS_PATH + 1]; /* of HTTPS, with its "/" in front; else "" */
	/* n_domains, owned, lower case: it is asked for these and all below them, and for nothing else; "" stands for names of one label */
	char **domains;
	size_t n_domains; /* 0: asked for everything that no other has as its domain */
	unsigned int line; /* of the item */
};

enum conf_upstream_choice { CONF_UPSTREAMS_IN_ORDER = 0, CONF_UPSTREAMS_PARALLEL };

/* An item of dns.listen. */
struct conf_listener {
	struct ip_addr addr;
	unsigned int line;
};

/* dns.tls */
struct conf_tls {
	char *certificate, *key, *name; /* owned; NULL without has_tls */
	unsigned int https; /* port; 0: off */
	unsigned int certificate_line, key_line, name_line, https_line;
};

/* An item of dns.rewrites. */
struct conf_rewrite {
	char *domain; /* owned; as pattern.h reads it */
	char *target; /* owned; of a CNAME, lower case; NULL: there are addresses */
	struct ip_addr *addrs; /* n_addrs, owned; both families */
	size_t n_addrs;
	struct conf_https https[LIMIT_HTTPS_PER_REWRITE]; /* n_https */
	size_t n_https;
	__u16 pass[LIMIT_PASS_PER_REWRITE]; /* types that are asked upstream, n_pass */
	size_t n_pass;
	bool pass_all; /* of the name nothing is answered here */
	unsigned int line; /* of `domain` */
	unsigned int answer_line, pass_line;
};

/* An option of DHCPv4 as it goes out. */
enum conf_option_form { CONF_OPTION_IPS = 0, CONF_OPTION_TEXT, CONF_OPTION_HEX };
struct conf_option {
	__u8 code;
	enum conf_option_form form; /* as it was written */
	__u8 *octets; /* n_octets, owned; 1 to LIMIT_DHCP_OPTION_BYTES */
	size_t n_octets;
};

/* An item of `dhcp`. */
struct conf_dhcp {
	char interface[IFNAMSIZ];
	struct ip_addr first, last; /* IPv4 */
	unsigned int lease_s;
	struct ip_addr gateway; /* IPv4; valid with has_gateway, else ours */
	bool has_gateway;
	struct ip_addr *dns; /* n_dns, owned; more servers, behind ours; both families */
	size_t n_dns;
	char *domain; /* owned; lower case */
	struct conf_option *options; /* n_options, owned; each code once */
	size_t n_options;
	enum conf_ra ra;
	unsigned int line; /* of `interface`; the others of the keys that they are named for */
	unsigned int range_line, gateway_line, dns_line;
};

/*
 * An item of dhcp.reservations. They stand in one list, so that what an operator adds is added without
 * knowing the item of `dhcp` that it belongs to: that is the one whose network has the address.
 */
struct conf_reservation {
	size_t dhcp; /* index of the item that it was written in; CONF_ANY_DHCP: added at run time */
	__u8 mac[6];
	struct ip_addr address; /* IPv4 */
	char name[LIMIT_HOST_LABEL + 1]; /* lower case; empty: none */
	unsigned int line; /* of `mac`; 0: not from the file */
	unsigned int address_line, name_line;
};

/* An item of dns.blocklists or dns.allowlists: `path` or `url`. */
struct conf_list {
	char name[LIMIT_SERVICE_NAME + 1];
	char *path, *url; /* owned; NULL */
	unsigned int line; /* of `name` */
};

/* dns.block, dns.allow. */
struct conf_words {
	char **words; /* owned; as pattern.h reads them */
	size_t n;
};

/* Of a group: an address or a network, or an Ethernet address. */
struct conf_client {
	struct ip_net net; /* without is_mac */
	__u8 mac[6];
	bool is_mac;
	unsigned int line;
};

/* Names of block lists, or of allow lists. */
struct conf_list_names {
	char **names; /* n, owned */
	size_t n;
	bool is_given; /* else all that there are */
	unsigned int line;
};

/* An item of dns.groups. */
struct conf_group {
	char name[LIMIT_SERVICE_NAME + 1];
	struct conf_client *clients; /* n_clients, owned */
	size_t n_clients;
	struct conf_list_names blocklists, allowlists;
	bool blocking;
	unsigned int line; /* of `name` */
};

/* What a blocked name is answered with. */
enum conf_block_mode {
	CONF_BLOCK_NULL,
	CONF_BLOCK_NXDOMAIN,
	CONF_BLOCK_REFUSED,
	CONF_BLOCK_NODATA,
	CONF_BLOCK_CUSTOM,
};

struct conf_pass {
	__u16 first, last;
	__u8 proto;
	unsigned int line;
};

struct conf {
	char *path; /* as messages name it; owned */
	enum conf_role role;
	unsigned int role_line;
	/* "" in role resolver, as all of `wan` and `nat` is not there */
	char wan_interface[IFNAMSIZ];
	unsigned int wan_line; /* of `wan: interface` */
	unsigned int public_line; /* of wan.public-address */
	struct conf_pass *pass; /* n_pass, owned: ports */
	size_t n_pass;
	enum conf_public public; /* wan.public-address */
	struct ip_addr public_addr; /* IPv4; CONF_PUBLIC_ADDRESS */
	char public_name[LIMIT_DOMAIN_NAME + 1]; /* CONF_PUBLIC_NAME */
	enum conf_stun stun; /* of wan */
	struct conf_stun_server stun_servers[LIMIT_STUN_SERVERS]; /* n_stun_servers; of SERVERS */
	size_t n_stun_servers;
	enum conf_map_upstream map_upstream;
	unsigned int map_upstream_line;
	enum conf_outgoing outgoing; /* of nat */
	unsigned int outgoing_line;
	__u32 mark; /* of nat; bits that answers of forwarded connections carry; 0: none, or CONF_AUTO */
	struct conf_lan lan[LIMIT_LANS];
	size_t n_lan;
	struct conf_service *services; /* n_services, owned */
	size_t n_services;
	enum conf_backend backend;
	enum conf_fast_path fast_path;
	unsigned int fast_path_line;
	enum hp_hairpin_source hairpin_source;
	enum conf_hairpin_filtering hairpin_filtering;
	struct conf_filtering filtering;
	struct conf_host *hosts; /* n_hosts, owned */
	size_t n_hosts;
	__u16 nat_port_first, nat_port_last;
	bool port_parity, tcp_pickup;
	bool ignore_netfilter;
	bool pass_icmp_echo; /* of wan.pass */
	enum conf_unsolicited unsolicited;
	unsigned int mss_clamp; /* CONF_AUTO, or 0: off */
	unsigned int sessions; /* nat.limits.sessions; CONF_AUTO */
	unsigned int mappings_per_host, new_per_host; /* CONF_UNLIMITED */
	unsigned int sessions_per_host; /* CONF_AUTO or CONF_UNLIMITED */
	enum conf_upstream_choice upstream_choice;
	unsigned int bootstrap_line, lists_refresh_s; /* of dns, as the next */
	enum conf_doctoring doctoring;
	unsigned int hosts_service_line;
	bool block_dot, lead_questions; /* dns.block-dot, dns.redirect */
	bool hosts_service;
	bool has_dns; /* nothing of it is there else */
	bool has_tls; /* of dns, the same */
	struct conf_listener *listeners; /* n_listeners, owned; none: `lan` */
	size_t n_listeners;
	struct conf_tls tls; /* of dns; valid with has_tls */
	struct conf_upstream *upstreams; /* n_upstreams, owned, in order */
	size_t n_upstreams;
	char *upstream_ca; /* owned; NULL: the system's authorities */
	char **general_domains; /* n_general_domains, owned, the same: those without a domain are asked, also below one that another has */
	size_t n_general_domains;
	struct ip_addr *
		bootstraps; /* n_bootstraps, owned: who is asked for addresses of upstreams that have a name only */
	size_t n_bootstraps;
	char **private_domains; /* n_private_domains, owned; lower case; each means all below it too */
	size_t n_private_domains;
	struct conf_rewrite *rewrites; /* n_rewrites, owned */
	size_t n_rewrites;
	struct conf_list *blocklists, *allowlists; /* owned */
	size_t n_blocklists, n_allowlists;
	struct conf_words block, allow;
	struct conf_group *groups; /* n_groups, owned; of dns */
	size_t n_groups;
	enum conf_block_mode block_mode;
	struct ip_addr block_answers[LIMIT_DNS_BLOCK_ANSWERS]; /* n_block_answers; of CUSTOM */
	size_t n_block_answers;
	unsigned int block_mode_line, block_answer_line;
	struct conf_log log; /* of dns */
	struct conf_dhcp *dhcp; /* n_dhcp, owned; empty: DHCP is off */
	size_t n_dhcp;
	struct conf_reservation *reservations; /* n_reservations, owned */
	size_t n_reservations;
	unsigned int udp_s, tcp_established_s, tcp_transitory_s, icmp_s, other_s;
};

/*
 * Parses and checks @text (of @length, not necessarily NUL-terminated); @path is for messages only.
 * On success *ret_conf is new, freed by conf_free(). On failure -EINVAL, *ret_conf untouched, and
 * @errors holds one line for each fault found, "path:line: text", the word that is wrong and what
 * would be right. At most LIMIT_CONF_ERRORS lines. Running out of memory ends the process, as it
 * does in strbuf.h.
 */
int conf_parse(const char *path, const char *text, size_t length, struct conf **ret_conf,
	       struct strbuf *errors);

/* conf_parse() of a file; -errno of the read with its reason in @errors. */
int conf_load(const char *path, struct conf **ret_conf, struct strbuf *errors);

/* Who is asked for our public address by STUN: those of the file or those of `auto`; 0: nobody. Valid as long as @conf. */
size_t conf_stun_servers(const struct conf *conf, const struct conf_stun_server **ret_servers);

/*
 * Canonical form, with defaults written out; parses to an equal object (lines apart) and prints the
 * same again.
 */
void conf_print(const struct conf *conf, struct strbuf *out);

/* Frees what @group has; the plan has copies of them. */
void conf_group_fini(struct conf_group *group);

struct conf *conf_free(struct conf *conf); /* NULL is fine; returns NULL */
static inline void conf_freep(struct conf **conf)
{
	*conf = conf_free(*conf);
}
#define _conf_ _cleanup_(conf_freep)
