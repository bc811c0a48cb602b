/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the schema, a file for each section at the top: schema_SECTION.c. Only they and schema.c see this. */
#pragma once

#include "cleanup.h" /* ARRAY_SIZE */
#include "schema.h"

struct schema_part {
	const struct schema_row *rows;
	size_t n;
};

/* In the order of the canonical print. */
extern const struct schema_part schema_part_top, schema_part_services, schema_part_nat,
	schema_part_dns, schema_part_lists, schema_part_groups, schema_part_dhcp;

/* schema_lists.c, of keys of dns. */
extern const struct schema_list schema_blocklists, schema_allowlists, schema_group_list;

/* Of services as of nat; schema_nat.c. */
extern const struct schema_value schema_hairpin_source_values[], schema_filtering_values[];

/* Of the top; schema_dhcp.c. */
extern const struct schema_list schema_dhcp_list;

#define AT(type, member) .offset = offsetof(type, member)
#define HAS(type, member) .has_offset = offsetof(type, member)
#define LINE(type, member) .line_offset = offsetof(type, member)

/* A number of limits.h as it is written. Times have forms of their own; conf_test.c compares their defaults. */
#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)
