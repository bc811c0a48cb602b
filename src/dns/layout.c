// SPDX-License-Identifier: GPL-2.0-or-later
#include "layout.h"

#include "wire.h"

/* RFC 3597 section 4, and RFC 6672 section 2.5 for DNAME. NAPTR is not here: RFC 3403 forbids it, and nobody does it. */
/* clang-format off */
static const struct dns_layout layouts[] = {
	{DNS_NS, 0, 1, 0},
	{DNS_CNAME, 0, 1, 0},
	{DNS_SOA, 0, 2, 20},
	{DNS_PTR, 0, 1, 0},
	{14 /* MINFO */, 0, 2, 0},
	{DNS_MX, 2, 1, 0},
	{17 /* RP */, 0, 2, 0},
	{18 /* AFSDB */, 2, 1, 0},
	{21 /* RT */, 2, 1, 0},
	{26 /* PX */, 2, 2, 0},
	{DNS_SRV, 6, 1, 0},
	{36 /* KX */, 2, 1, 0},
	{DNS_DNAME, 0, 1, 0},
};
/* clang-format on */

struct dns_layout dns_layout_of(__u16 type)
{
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		if (layouts[i].type == type)
			return layouts[i];
	}
	return (struct dns_layout){.type = type};
}
