/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tap on one segment that asks for other DHCP servers and hears their offers.
 *
 * A packet socket: no port is taken from a DHCP client of this machine, and the Ethernet address of who answers is seen. Our own server does not hear the question, which
 * leaves by the device. The kernel hands over nothing but datagrams from port 67 to port 68. Needs CAP_NET_RAW.
 */
#pragma once

#include "offer.h"

struct dhcp_probe {
	int fd; /* readable: dhcp_probe_hear(); -1: closed */
	unsigned int ifindex;
	struct dhcp_ask ask; /* of the last question */
};

/* On the Ethernet device @ifindex with address @mac. 0 or -errno; closed with dhcp_probe_close(). */
int dhcp_probe_open(struct dhcp_probe *probe, unsigned int ifindex, const __u8 mac[6]);
void dhcp_probe_close(struct dhcp_probe *probe);

/* A new question; offers that answer older ones count no more. 0 or -errno. */
int dhcp_probe_ask(struct dhcp_probe *probe);

/* 1 and an offer; 0: nothing waits any more; -errno. Never blocks. */
int dhcp_probe_hear(struct dhcp_probe *probe, struct dhcp_offer *ret_offer);
