/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the network of this machine looks like now: links, addresses, routes and neighbours of the interfaces that the
 * configuration names, and nothing of the others but their addresses.
 *
 * A snapshot is immutable. facts_read() takes one; facts_watch_*() says when to take the next. `hairpin show facts -j` prints one, and
 * facts_from_json() reads it back for commands that run without the machine.
 */
#pragma once

#include <jansson.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "addr.h"
#include "cleanup.h"

struct fact_addr {
	struct ip_addr addr; /* IFA_LOCAL: on a point-to-point link IFA_ADDRESS is the peer */
	__u8 length;
	bool permanent; /* not deprecated and not tentative */
};

struct fact_link {
	char name[IFNAMSIZ];
	unsigned int ifindex; /* 0: a named interface that does not exist (now) */
	unsigned int master; /* ifindex of the bridge, bond or VRF that it is a port of, or 0 */
	char master_name[IFNAMSIZ]; /* empty: none, or gone since */
	__u8 mac[6];
	unsigned int mtu;
	bool up; /* administratively */
	bool running; /* has a carrier */
	bool ethernet; /* has an Ethernet header (ARPHRD_ETHER) */
	bool layer3; /* has no link header at all: packets begin with IP (PPP, tunnels) */
	bool bridge;
	struct fact_addr *addrs; /* n_addrs, owned */
	size_t n_addrs;
};

struct fact_route {
	struct ip_net net;
	struct ip_addr gateway; /* zero: on link */
	unsigned int ifindex;
	unsigned int metric;
	unsigned int table;
};

struct fact_neigh {
	struct ip_addr addr;
	unsigned int ifindex;
	__u8 mac[6];
	bool reachable; /* NUD_VALID; else failed or incomplete */
};

struct facts {
	struct fact_link *links; /* n_links, owned: those asked for, in that order */
	size_t n_links;
	struct fact_route *routes; /* of those links, unicast, main table */
	size_t n_routes;
	struct fact_neigh *neighs; /* of those links */
	size_t n_neighs;
	struct ip_addr *others; /* addresses of all other interfaces (loopback included), owned */
	size_t n_others;
	/* What the kernel does not know (struct facts_observed); empty where nobody has asked. */
	struct ip_addr *publics; /* owned */
	size_t n_publics;
	struct ip_addr *answering; /* owned */
	size_t n_answering;
};

/*
 * Found out by asking other machines, and added to what the kernel says: facts_observe(). Both lists are IPv4 and owned by who watches.
 */
struct facts_observed {
	struct ip_addr *publics; /* of the router upstream, towards the internet: none or one */
	size_t n_publics;
	struct ip_addr *
		answering; /* hosts whose answers to the outside were seen to come by this machine */
	size_t n_answering;
};

/* Copies @observed, which may be NULL, into @facts. 0 or -ENOMEM. */
int facts_observe(struct facts *facts, const struct facts_observed *observed);
/* Whether @addr is in a list. */
bool facts_holds(const struct ip_addr *list, size_t n, const struct ip_addr *addr);
/* Whether this machine has @addr, on whichever interface, be it one that cannot be used. */
bool facts_has_own(const struct facts *facts, const struct ip_addr *addr);

/* Reads a snapshot about @names (n_names). 0 or -errno; *ret_facts is freed by facts_free(). A name that does not exist
 * yields a link with ifindex 0. -EINTR: the network changed all the while; the watch, readable then, says when to try again. */
int facts_read(const char *const *names, size_t n_names, struct facts **ret_facts);

struct facts *facts_free(struct facts *facts);
static inline void facts_freep(struct facts **facts)
{
	*facts = facts_free(*facts);
}
#define _facts_ _cleanup_(facts_freep)

const struct fact_link *facts_link(const struct facts *facts,
				   const char *name); /* NULL: not asked for */

/* A new reference. Keys are those of the structures above, addresses as text; no gateway and no master_name are null. */
json_t *facts_to_json(const struct facts *facts);
/* 0 or -EINVAL with the missing or wrong key in @why (NUL-terminated, @size). */
int facts_from_json(const json_t *json, struct facts **ret_facts, char *why, size_t size);

/*
 * The watch: a netlink socket subscribed to links, addresses and routes of both families. Readable means that
 * something may have changed; facts_watch_drain() empties it and says whether anything in it concerns facts_read()
 * (other tables' routes, bridge port states: 0; anything else, or an overrun of the socket: 1; or -errno).
 * Neighbours are not watched: no plan depends on them, and their state never rests. facts_read() for a fresh list.
 * Opened before the first facts_read(), it misses nothing.
 */
int facts_watch_open(void); /* descriptor, non-blocking, or -errno */
int facts_watch_drain(int fd);
