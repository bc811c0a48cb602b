/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of the plan that the DHCP server is told: segments that have a range and are there. Made by draft_dhcp(), freed with its plan.
 */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include <hairpin/limits.h>

#include "addr.h"

struct plan_reservation {
	__u8 mac[6];
	struct ip_addr addr;
	char name[LIMIT_HOST_LABEL + 1]; /* lower case; empty: none */
};

struct plan_dhcp_option {
	__u8 code;
	bool is_addrs; /* octets are IPv4 addresses */
	__u8 *octets; /* owned */
	size_t n_octets;
};

/* A segment that gets leases. All addresses but those of dns6 are IPv4. */
struct plan_segment {
	char interface[IFNAMSIZ];
	unsigned int ifindex; /* a device that was made anew needs other sockets */
	__u8 mac[6]; /* of the interface */
	struct ip_net net;
	struct ip_addr own; /* ours in it */
	struct ip_addr first, last;
	unsigned int lease_s;
	struct ip_addr gateway;
	struct ip_addr *dns,
		*dns6; /* owned; ours first where our server answers over that family */
	size_t n_dns, n_dns6;
	bool has_own_dns, has_own_dns6;
	char *domain; /* owned; lower case */
	struct plan_dhcp_option *options; /* owned */
	size_t n_options;
	struct plan_reservation *reservations; /* owned; in order */
	size_t n_reservations;
	bool ra; /* the segment has an IPv6 prefix that hosts make addresses of, and we say so */
	bool is_router6; /* ... and that we lead elsewhere: one of these prefixes is a global one */
};

struct plan_dhcp {
	bool on; /* the configuration has `dhcp` */
	struct plan_segment *segments; /* owned; in order */
	size_t n_segments;
};

/* Equal in all that the DHCP server is told. */
bool plan_dhcp_equal(const struct plan_dhcp *a, const struct plan_dhcp *b);

/* The segment that @addr is in, or NULL. */
const struct plan_segment *plan_dhcp_find(const struct plan_dhcp *dhcp, const struct ip_addr *addr);

void plan_dhcp_fini(struct plan_dhcp *dhcp);
