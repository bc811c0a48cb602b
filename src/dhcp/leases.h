/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file of leases that dnsmasq keeps: who has which address, until when, and what he calls himself.
 *
 * Names in it were sent by clients. Only a host's plain name gets through (pattern_label_fault()); any other lease has none.
 */
#pragma once

#include <stddef.h>

#include <hairpin/limits.h>

#include "addr.h"

struct dhcp_lease {
	__u64 expires; /* seconds of the realtime clock; 0: never */
	__u8 mac[6];
	struct ip_addr addr; /* IPv4 */
	char name[LIMIT_HOST_LABEL + 1]; /* lower case; empty: none */
};

/*
 * Reads @text (of @length) into a new array, freed by the caller with free(). Lines that are no lease of an Ethernet host are left out, also the last one if it has
 * no end: dnsmasq writes the file in place, and a reader may see half of it. 0, or -ENOMEM.
 */
int dhcp_leases_parse(const char *text, size_t length, struct dhcp_lease **ret_leases,
		      size_t *ret_n);
