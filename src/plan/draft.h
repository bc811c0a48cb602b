/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan while it is made; private to this folder. plan_make() runs the draft_*() steps below in
 * the order in which they stand here, each builds on those before.
 *
 * Steps collect faults instead of stopping at the first, so that one run of `check` shows them all.
 * While following, a step leaves out what is at fault, since the rest is going to be used.
 * Running out of memory is remembered in `no_memory` and reported once, at the end.
 */
#pragma once

#include "plan.h"
#include "report.h"

/* A network behind a LAN: where a host may be, and what must not arrive from WAN. */
struct draft_net {
	struct ip_net net;
	size_t lan; /* index in conf->lan */
	unsigned int ifindex; /* of that LAN; 0 while it is missing */
	unsigned int rank; /* of two LANs with one and the same network the lower one has it */
	bool left_out; /* for a fault, while following */
};

struct draft_rule {
	struct plan_rule rule;
	unsigned int order; /* of declaration: the first of a key stays */
};

/* What the rules of one service have in common. */
struct draft_service {
	__be32 gateway; /* our IPv4 address on the host's segment; 0: none now */
	__u32 allow; /* set of the prefix table, 0: everybody */
	bool no_host, no_host6; /* a fault of that address: no rules for it */
};

struct draft {
	const struct conf *conf;
	const struct facts *facts;
	struct plan *plan; /* owned until plan_make() hands it out */
	bool following, names; /* of the options */
	const struct fact_link *wan; /* NULL while missing or left out */
	const struct fact_link *lan[LIMIT_LANS]; /* in order of conf->lan; NULL the same */
	struct draft_net *nets; /* owned; sorted by network, unique */
	size_t n_nets, nets_size;
	struct draft_service *services; /* owned; conf->n_services */
	struct draft_rule *rules; /* owned */
	size_t n_rules, rules_size;
	size_t prefixes_size; /* room of plan->prefixes */
	struct report report;
	bool no_memory;
};

/* Where the configuration names a host, for messages: "service " and its name, or "nat.hosts" and nothing. */
struct draft_place {
	unsigned int line;
	const char *key;
	const char *owner, *name;
};

/* plan_links.c: interfaces, their devices in the plan, public addresses. */
void draft_links(struct draft *draft);
/* plan_nets.c: fills `nets`. */
void draft_nets(struct draft *draft);
/* plan_hosts.c: the services with their segments; faults of their hosts. */
void draft_services(struct draft *draft);
/*
 * The network that a host of the configuration is in; NULL without one now. *ret_fault: it cannot be right, which was reported, so
 * nothing is planned for it.
 */
const struct draft_net *draft_host_find(struct draft *draft, const struct ip_addr *addr,
					const struct draft_place *place, bool *ret_fault);
/* plan_rules.c, plan_filters.c, plan_prefixes.c: the two tables of the data plane. */
void draft_rules(struct draft *draft);
void draft_filters(struct draft *draft);
void draft_rule_add(struct draft *draft, const struct hp_rule_key *key, const struct hp_rule *rule);
void draft_prefixes(struct draft *draft);
/* plan_settings.c: the rest of what the data plane is told; after the rules. */
void draft_settings(struct draft *draft);
/* plan_dns.c, plan_names.c: what the DNS server is told; after the services. */
void draft_dns(struct draft *draft);
void draft_names(struct draft *draft);
/* plan_dhcp.c: after the listeners of DNS, whose addresses clients are told. */
void draft_dhcp(struct draft *draft);
/* The address of ours on LAN @lan that its hosts are told by router advertisements as DNS server; NULL: they are told none. */
const struct fact_addr *draft_ra_server(const struct draft *draft, size_t lan);
void plan_names_fini(struct plan_dns *dns);
/* plan_hosts_service.c: after the links. */
void draft_hosts_service(struct draft *draft);
/* plan_redirect.c: hosts that dns.redirect leaves alone, among the rules; and where the others are led, after the listeners of DNS. */
void draft_askers(struct draft *draft);
void draft_redirect(struct draft *draft);
bool plan_leads_equal(const struct plan *a, const struct plan *b);
/* plan_doctor.c: after the services and the public addresses. */
void draft_doctor(struct draft *draft);
bool plan_doctor_equal(const struct plan_dns *a, const struct plan_dns *b);
/* plan_upstreams.c */
void draft_upstreams(struct draft *draft);
bool plan_upstreams_equal(const struct plan_dns *a, const struct plan_dns *b);
void plan_upstreams_fini(struct plan_dns *dns);
/* plan_tls.c */
void draft_tls(struct draft *draft);
void plan_tls_fini(struct plan_tls *tls);
/* plan_blocking.c */
void draft_blocking(struct draft *draft);
void plan_blocking_fini(struct plan_blocking *blocking);
bool plan_blocking_equal(const struct plan_blocking *a, const struct plan_blocking *b);
/* plan_machines.c: machines of the house for reverse names; after the names. */
void draft_machines(struct draft *draft);
void plan_machines_fini(struct plan_dns *dns);
bool plan_machines_equal(const struct plan_dns *a, const struct plan_dns *b);
/* plan_lists.c */
void draft_lists(struct draft *draft);
/* Room of the session table, with `auto` worked out. */
unsigned int draft_sessions(const struct conf *conf, __u64 memory_bytes);

/*
 * One more element of @size bytes at the end of an array of *@n; @array points to the pointer to
 * it, and *@room are allocated. Returns the new element, zeroed; NULL, with `no_memory` set and
 * nothing added, when there is no room.
 */
void *draft_grow(struct draft *draft, void *array, size_t *n, size_t *room, size_t size);

/* The longest network behind a LAN that @addr is in, or NULL. */
const struct draft_net *draft_net_find(const struct draft *draft, const struct ip_addr *addr);

/* fe80::/10 and 169.254.0.0/16 */
bool addr_is_link_local(const struct ip_addr *addr);

/*
 * The address that the gateway itself uses on @link, which may be NULL: its first lasting IPv4
 * address that is not link-local; 0 without one.
 */
__be32 link_primary_v4(const struct fact_link *link);

/* The prefix that @addr has on its link. */
static inline struct ip_net fact_addr_net(const struct fact_addr *addr)
{
	return ip_net_of(&addr->addr, addr->length);
}
