// SPDX-License-Identifier: GPL-2.0-or-later
/* The keys of dns.blocking and dns.groups: what a blocked name hears, and whom lists hold for. */
#include "schema_parts.h"

#include <string.h>

#include "alloc.h"
#include "conf.h"

static void *group_add(struct conf *conf)
{
	size_t n = conf->n_groups++;

	if ((n & (n - 1)) == 0)
		conf->groups = alloc_array(conf->groups, n ? 2 * n : 1, sizeof(*conf->groups));
	return memset(&conf->groups[n], 0, sizeof(conf->groups[n]));
}

static size_t group_count(const struct conf *conf)
{
	return conf->n_groups;
}

static const void *group_at(const struct conf *conf, size_t i)
{
	return &conf->groups[i];
}

const struct schema_list schema_group_list = {
	.limit = LIMIT_DNS_GROUPS, .add = group_add, .count = group_count, .at = group_at};

_Static_assert(sizeof(enum conf_block_mode) == sizeof(int), "SCHEMA_WORD stores an int");

static const struct schema_value block_mode_values[] = {
	{.word = "null",
	 .value = CONF_BLOCK_NULL,
	 .doc = "0.0.0.0 and ::, which clients give up at once; no data for other types"},
	{.word = "nxdomain", .value = CONF_BLOCK_NXDOMAIN, .doc = "that there is no such name"},
	{.word = "refused",
	 .value = CONF_BLOCK_REFUSED,
	 .doc = "REFUSED, which makes some clients ask another server"},
	{.word = "nodata", .value = CONF_BLOCK_NODATA, .doc = "that the name has no data"},
	{.word = "custom",
	 .value = CONF_BLOCK_CUSTOM,
	 .doc = "the addresses that are given as answer"},
	{0}};

static const struct schema_row rows[] = {
	{.section = "dns.blocking",
	 .key = "mode",
	 .type = SCHEMA_WORD,
	 .fallback = "null",
	 .values = block_mode_values,
	 AT(struct conf, block_mode),
	 LINE(struct conf, block_mode_line),
	 .doc = "What a query for a blocked name hears."},
	{.section = "dns.blocking",
	 .key = "answer",
	 .type = SCHEMA_BLOCK_ANSWER,
	 .min = 1,
	 .max = LIMIT_DNS_BLOCK_ANSWERS,
	 .example = "192.168.11.1",
	 LINE(struct conf, block_answer_line),
	 .doc = "The addresses of the mode custom."},
	{.section = "dns.blocking",
	 .key = "refresh",
	 .type = SCHEMA_DURATION,
	 .min = LISTS_REFRESH_MIN_S,
	 .max = TIMEOUT_MAX_S,
	 .fallback = "24h",
	 AT(struct conf, lists_refresh_s),
	 .doc = "How old a fetched list becomes before its server is asked for a new one."},

	{.section = "dns.groups",
	 .key = "name",
	 .type = SCHEMA_NAME,
	 .required = true,
	 .max = LIMIT_SERVICE_NAME,
	 .unit = "characters",
	 .example = "tv",
	 AT(struct conf_group, name),
	 LINE(struct conf_group, line),
	 .doc = "The group's label in output."},
	{.section = "dns.groups",
	 .key = "clients",
	 .type = SCHEMA_CLIENTS,
	 .required = true,
	 .min = 1,
	 .max = LIMIT_DNS_GROUP_CLIENTS,
	 .example = "[192.168.11.60]",
	 .doc = "Who is in it."},
	{.section = "dns.groups",
	 .key = "blocklists",
	 .type = SCHEMA_LIST_NAMES,
	 .max = LIMIT_DNS_GROUP_LISTS,
	 .example = "[ads]",
	 AT(struct conf_group, blocklists),
	 .doc = "Its block lists, of those in dns.blocklists; without the key all of them."},
	{.section = "dns.groups",
	 .key = "allowlists",
	 .type = SCHEMA_LIST_NAMES,
	 .max = LIMIT_DNS_GROUP_LISTS,
	 .example = "[ads]",
	 AT(struct conf_group, allowlists),
	 .doc = "Its allow lists, of those in dns.allowlists; without the key all of them."},
	{.section = "dns.groups",
	 .key = "blocking",
	 .type = SCHEMA_BOOL,
	 .fallback = "yes",
	 AT(struct conf_group, blocking),
	 .doc = "Whether anything is blocked for it."},
};

const struct schema_part schema_part_groups = {rows, ARRAY_SIZE(rows)};
