/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an IPv4 address says about where it is known. */
#pragma once

#include "addr.h"

enum addr_class {
	ADDR_PUBLIC =
		0, /* the internet's; documentation's (RFC 5737) as well, which labs stand for it with */
	ADDR_PRIVATE, /* RFC 1918: somebody's own network */
	ADDR_SHARED, /* RFC 6598, 100.64/10: behind a provider's NAT */
	ADDR_RESERVED, /* nobody's towards the internet: 0/8, 127/8, 169.254/16, 192.0.0/24, 198.18/15, 224/3 */
};

/* One that is not IPv4 is ADDR_RESERVED. */
enum addr_class addr_class_of(const struct ip_addr *addr);

/* "in a private network (RFC 1918)"; a constant, never NULL. */
const char *addr_class_words(enum addr_class class);
