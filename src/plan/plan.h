/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan: configuration + facts, worked out. A pure function; everything that acts consumes a
 * plan and never the raw configuration.
 *
 * A plan can always be made, also while an interface is missing: what is not there yet is absent
 * from the lists and named in `waits`. What makes a configuration impossible on this machine (a
 * host outside every LAN) is an error of plan_make() instead. Once in force it was possible, and then
 * the network changed: such a fault becomes a line of `waits`, and only what is at fault is left out
 * (struct plan_options). The rules of services stay while the
 * segment of their host is missing (`gateway` is 0 then): a LAN made anew must not end the sessions
 * of its forwards. So the data plane has to see for itself that the way to a host is a LAN device.
 * Rules and prefixes are in the form of the data plane (hairpin/dataplane.h), sorted by memcmp() of
 * their keys, so that two plans can be compared and a diff be counted.
 */
#pragma once

#include "conf.h"
#include "facts.h"
#include "plan_dhcp.h"

struct plan_rule {
	struct hp_rule_key key;
	struct hp_rule rule;
};

struct plan_prefix {
	struct hp_prefix_key key;
	struct hp_prefix prefix;
};

/* The network of its key. */
struct ip_net plan_prefix_net(const struct plan_prefix *prefix);

/* A device that gets our filters. */
struct plan_device {
	char name[IFNAMSIZ];
	unsigned int ifindex; /* 0: waited for */
	enum hp_side side; /* HP_SIDE_WAN or HP_SIDE_LAN */
	bool isolated;
};

/* What `show services` prints for one port item. */
struct plan_forward {
	__u8 proto;
	__u16 external_first, external_last, internal_first;
};

struct plan_service {
	bool left_out; /* while following: a fault of its host keeps rules out; `waits` names it */
	char name[LIMIT_SERVICE_NAME + 1];
	char **domains; /* owned */
	size_t n_domains;
	struct ip_addr host, host6;
	bool has_host, has_host6;
	bool is_self; /* the gateway itself; has_host and has_host6 are false */
	enum hp_hairpin_source
		hairpin_source; /* in role bypass `gateway`, where nothing else would come back */
	bool outside_gateway; /* who comes from outside has our address (role bypass) */
	bool answers_by_us; /* its host was seen to answer by this machine */
	struct plan_forward *forwards; /* owned */
	size_t n_forwards;
	char segment[IFNAMSIZ]; /* LAN interface that the host is behind */
};

/*
 * A name that is answered inside (section 5 of the design: `rewrite`). In the form of src/dns/rewrites.h, which this folder does not see.
 */
enum plan_match { PLAN_MATCH_EXACT, PLAN_MATCH_BELOW, PLAN_MATCH_TREE };

struct plan_name {
	char *domain; /* owned; without "*." or "." in front */
	enum plan_match match;
	struct ip_addr *addrs; /* owned, n_addrs; both families */
	size_t n_addrs;
	char *target; /* owned; of a CNAME instead of addresses, else NULL */
	__u16 pass[LIMIT_PASS_PER_REWRITE]; /* types that are asked upstream, n_pass */
	size_t n_pass;
	struct conf_https https[LIMIT_HTTPS_PER_REWRITE]; /* n_https; instead of what has_h3 says */
	size_t n_https;
	bool has_h3; /* 443/tcp and 443/udp are forwarded to that host as they are */
	bool from_service; /* else from dns.rewrites */
	char *broken; /* owned; ports that do not work inside, since `rewrite: on` is forced: "8443/tcp goes to 443"; NULL: none */
};

/*
 * A name of services that keeps its public address inside. It is asked upstream, also where a pattern above it ("*.example.com") is rewritten: the
 * server has to know it as an exception.
 */
struct plan_kept {
	char *domain; /* owned; without "*." or "." in front */
	enum plan_match match;
	char *why; /* owned; "8443/tcp goes to 443", for people */
};

/* Where questions are taken: one for each IPv4 network of ours on a LAN. */
struct plan_listener {
	struct ip_addr addr; /* ours */
	struct ip_net segment; /* of those who ask there */
	char interface[IFNAMSIZ];
	bool isolated; /* its hosts reach port 53 and no other of ours */
};

/* In the form of struct dns_upstream_conf (src/dns/upstream.h). */
struct plan_upstream {
	struct ip_addr addr; /* nothing with is_named */
	__u16 port;
	enum conf_transport transport;
	char name[LIMIT_DOMAIN_NAME + 1]; /* of its certificate; "": its address */
	char path[LIMIT_DNS_PATH + 1]; /* of HTTPS; else "" */
	char **domains; /* n_domains, owned: asked for these and all below them alone; "": names of one label */
	size_t n_domains; /* 0: for everything else */
	bool is_named; /* its address is asked for by name */
};

/* A machine of ours by name and address (src/dns/hosts.h). */
struct plan_dns_host {
	char *name; /* owned; whole: "gateway.home.arpa" */
	struct ip_addr addr;
	bool is_reverse_only; /* what the name itself answers is said in `names` */
};

/* An item of dns.blocklists or dns.allowlists. */
struct plan_list {
	char name[LIMIT_SERVICE_NAME + 1];
	char *path, *url; /* owned; one of them is NULL */
	bool is_allow;
};

/* One of the operator's own words. */
struct plan_word {
	char *domain; /* owned; without "*." or "." in front */
	enum plan_match match;
	bool is_allow;
};

struct plan_lists {
	struct plan_list *lists; /* owned; those to block first */
	size_t n_lists;
	struct plan_word *words; /* owned; the same */
	size_t n_words;
	unsigned int refresh_s;
};

/* What an answer from outside with a public address of ours means (src/dns/doctor.h). */
struct plan_doctor {
	struct ip_addr public, inside; /* of one family; inside: valid with has_inside */
	bool has_host; /* all that is forwarded goes to one machine */
	bool has_inside; /* which has an address of this family */
};

/* Who is blocked what. The configuration's own form: nothing in it depends on the machine. */
struct plan_blocking {
	enum conf_block_mode mode;
	struct ip_addr answers[LIMIT_DNS_BLOCK_ANSWERS];
	size_t n_answers;
	struct conf_group *groups; /* owned; those who are in none have everything */
	size_t n_groups;
};

/* Who we are to clients that ask over TLS or HTTPS, at the addresses of the listeners. */
struct plan_tls {
	bool on;
	char *certificate, *key,
		*name; /* owned; files, and the name that the certificate has to be for */
	__u16 https; /* port; 0: off */
	/* Where it was said, for messages; not part of what is compared. */
	char *path; /* owned; of the configuration */
	unsigned int certificate_line, key_line, name_line;
};

struct plan_dns {
	bool on; /* the configuration has `dns` */
	struct plan_listener *listeners; /* owned */
	size_t n_listeners;
	struct plan_upstream *upstreams; /* owned, in order */
	size_t n_upstreams;
	char **general_domains; /* owned: whoever is asked for everything else is asked for these, too */
	size_t n_general_domains;
	bool upstreams_parallel;
	struct plan_upstream *
		bootstraps; /* owned: plain servers that are asked for addresses of upstreams without one; none without such */
	size_t n_bootstraps;
	char *upstream_ca; /* owned; of those under TLS; NULL: the system's authorities */
	struct plan_tls tls;
	char **private_domains; /* owned, in order; each means all below it too */
	size_t n_private_domains;
	struct plan_name *names; /* owned; sorted by domain and match, each once */
	size_t n_names;
	struct plan_kept *kept; /* owned; sorted the same, no pattern of `names` among them */
	size_t n_kept;
	struct plan_dns_host *hosts; /* owned; of one address the first is its name */
	size_t n_hosts;
	char **local_domains; /* owned; what nobody of ours has there nobody has */
	size_t n_local_domains;
	bool doctoring;
	struct plan_doctor *doctor; /* owned; one for each public address */
	size_t n_doctor;
	char *doctor_why; /* owned; why no answer becomes another, for people; NULL: some do, or nothing is forwarded */
	struct conf_log log;
	struct ip_net *networks; /* owned; of LANs: whose reverse names nobody else knows */
	size_t n_networks;
	struct plan_lists lists;
	struct plan_blocking blocking;
};

/* dns.redirect: what comes in there for a DNS server outside is answered by ours at @server. */
struct plan_lead {
	char interface[IFNAMSIZ];
	struct ip_net clients; /* with has_clients; else everybody there */
	bool has_clients;
	struct ip_addr server; /* IPv4 */
};

/* hosts-service: where machines ask for names for their hosts files. IPv4 addresses of ours on segments that are not isolated. */
struct plan_hosts_listener {
	struct ip_addr addr;
	unsigned int
		ifindex; /* what comes in elsewhere is not answered, whatever its destination */
	char interface[IFNAMSIZ];
};

struct plan_hosts {
	bool on;
	struct plan_hosts_listener *listeners; /* owned; LIMIT_HOSTS_LISTENERS at most */
	size_t n_listeners;
};

struct plan {
	enum conf_role role;
	struct plan_dns dns;
	struct plan_dhcp dhcp;
	struct plan_hosts hosts;
	struct hp_settings settings; /* generation is 0 here; the daemon numbers what it applies */
	struct plan_device *
		devices; /* n_devices, owned: WAN first, then LANs in order; in role bypass the same one as both */
	size_t n_devices;
	struct plan_rule *rules; /* owned */
	size_t n_rules;
	struct plan_prefix *prefixes; /* owned */
	size_t n_prefixes;
	struct plan_service *services; /* owned; index is hp_rule.service */
	size_t n_services;
	struct plan_lead *
		leads; /* owned; the first that fits counts. None: questions go where they are sent */
	size_t n_leads;
	struct ip_addr *
		wan_addrs; /* owned: of the WAN interface, IPv4 first, of each family those that the internet may know first; primary at index 0 */
	size_t n_wan_addrs;
	struct ip_addr public; /* IPv4, that another router has; valid with has_public. Never on this host */
	bool has_public;
	__u32 mark; /* nat.mark */
	enum conf_fast_path fast_path;
	unsigned int sessions; /* size of the table, `auto` resolved */
	struct strbuf waits; /* one line each: what is not there yet */
};

struct plan_options {
	__u64 memory_bytes; /* that may be used (memory.h), for `nat.limits.sessions: auto` */
	/*
	 * The configuration is in force and the network changed. No fault is an error: an interface that
	 * cannot be used, and a LAN whose own network is on WAN too, count as missing; other networks at
	 * fault, and those past a limit, are as if nobody had a route to them; the rules of a host that
	 * cannot be right are left out. All the rest is planned.
	 */
	bool following;
	/* The names also where the configuration has no DNS: for who exports them to another server. With hosts-service they are there in any case. */
	bool names;
};

/*
 * 0; or -EINVAL with lines in @errors ("path:line: key: word: ...", LIMIT_CONF_ERRORS at most),
 * never while following; or -ENOMEM. *ret_plan is untouched then. Freed by plan_free().
 */
int plan_make(const struct conf *conf, const struct facts *facts,
	      const struct plan_options *options, struct plan **ret_plan, struct strbuf *errors);

/* Freed, and empty then. */
void plan_lists_fini(struct plan_lists *lists);
/* Whether they are the same lists, read from the same places. */
bool plan_lists_equal(const struct plan_lists *a, const struct plan_lists *b);

/*
 * The IPv4 address that hosts go out with: the first that the internet may know, or else the first; on one arm, the first. NULL: there is none.
 */
const struct ip_addr *plan_wan_primary(const struct plan *plan);

/* The same where the internet may know it; NULL: there is none. */
const struct ip_addr *plan_wan_public(const struct plan *plan);

/* Whether another router has the public address: role bypass, or a WAN interface with private addresses alone. */
bool plan_is_behind(const struct plan *plan);

/* The address that the internet knows, ours or another router's; NULL: not known. */
const struct ip_addr *plan_public(const struct plan *plan);

/* Equal in all that the data plane sees (generation and waits apart); names are plan_dns_equal()'s. */
bool plan_equal(const struct plan *a, const struct plan *b);

/* Equal in all that the DNS server is told; words for people apart. */
bool plan_dns_equal(const struct plan_dns *a, const struct plan_dns *b);

/* Whether the same addresses are asked for names for hosts files. */
bool plan_hosts_equal(const struct plan_hosts *a, const struct plan_hosts *b);

/* Whether they name the same files, name and port. */
bool plan_tls_equal(const struct plan_tls *a, const struct plan_tls *b);

/* How many rules @next adds, removes and changes against @old (NULL: nothing before). */
struct plan_diff {
	size_t added, removed, changed;
};
struct plan_diff plan_diff(const struct plan *old, const struct plan *next);

struct plan *plan_free(struct plan *plan);
static inline void plan_freep(struct plan **plan)
{
	*plan = plan_free(*plan);
}
#define _plan_ _cleanup_(plan_freep)
