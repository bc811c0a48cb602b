// SPDX-License-Identifier: GPL-2.0-or-later
/* The keys of dhcp. */
#include "schema_parts.h"

#include "conf.h"

static const struct schema_row rows[] = {
	{.section = "dhcp",
	 .key = "interface",
	 .type = SCHEMA_INTERFACE,
	 .later = true,
	 .example = "br-lan",
	 .doc = "The segment that gets leases."},
	{.section = "dhcp",
	 .key = "range",
	 .type = SCHEMA_TEXT,
	 .later = true,
	 .example = "192.168.11.100-192.168.11.199",
	 .doc = "The addresses that are leased."},
};

const struct schema_part schema_part_dhcp = {rows, ARRAY_SIZE(rows)};
