/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The question whether a segment has another DHCP server, as frames: a DHCPDISCOVER that nobody follows up (RFC 2131), and what is offered in answer.
 *
 * Pure: octets in, octets out. What is read comes from strangers; every octet that is looked at is inside the frame, and nothing is copied out but numbers.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "addr.h"

/* Ethernet, IPv4, UDP, and BOOTP's smallest message (RFC 1542 section 2.1). */
#define DHCP_DISCOVER_BYTES (14 + 20 + 8 + 300)
/* Of DNS servers that are offered, the first ones: clients ask no more (resolv.conf(5)). */
#define DHCP_OFFER_DNS 3

struct dhcp_ask {
	__u8 mac[6]; /* who asks: our interface on the segment */
	__u32 id; /* a random number; answers have it too */
};

struct dhcp_offer {
	struct ip_addr server; /* option 54, or where the packet came from without it */
	__u8 mac[6]; /* of who sent the frame: the server, or a relay */
	struct ip_addr addr; /* what is offered */
	struct ip_addr router; /* zero: none is offered */
	struct ip_addr dns[DHCP_OFFER_DNS];
	size_t n_dns;
};

/* Answers shall be broadcast, since no address is ours to be answered at; a tap on the device sees them. */
void dhcp_discover_write(const struct dhcp_ask *ask, __u8 frame[DHCP_DISCOVER_BYTES]);

/* Whether @frame (of @length, from the Ethernet header on) is an offer in answer to @ask. */
bool dhcp_offer_read(const struct dhcp_ask *ask, const __u8 *frame, size_t length,
		     struct dhcp_offer *ret_offer);
