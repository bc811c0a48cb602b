// SPDX-License-Identifier: GPL-2.0-or-later
/* The keys of dns.blocklists, dns.allowlists. */
#include "schema_parts.h"

#include <string.h>

#include "alloc.h"
#include "conf.h"

static void *list_add(struct conf_list **lists, size_t *n)
{
	size_t at = (*n)++;

	if ((at & (at - 1)) == 0)
		*lists = alloc_array(*lists, at ? 2 * at : 1, sizeof(**lists));
	return memset(&(*lists)[at], 0, sizeof(**lists));
}

static void *blocklist_add(struct conf *conf)
{
	return list_add(&conf->blocklists, &conf->n_blocklists);
}

static size_t blocklist_count(const struct conf *conf)
{
	return conf->n_blocklists;
}

static const void *blocklist_at(const struct conf *conf, size_t i)
{
	return &conf->blocklists[i];
}

static void *allowlist_add(struct conf *conf)
{
	return list_add(&conf->allowlists, &conf->n_allowlists);
}

static size_t allowlist_count(const struct conf *conf)
{
	return conf->n_allowlists;
}

static const void *allowlist_at(const struct conf *conf, size_t i)
{
	return &conf->allowlists[i];
}

const struct schema_list schema_blocklists = {.limit = LIMIT_BLOCKLISTS,
					      .add = blocklist_add,
					      .count = blocklist_count,
					      .at = blocklist_at};
const struct schema_list schema_allowlists = {.limit = LIMIT_BLOCKLISTS,
					      .add = allowlist_add,
					      .count = allowlist_count,
					      .at = allowlist_at};

/* clang-format off: a list is a list, whatever it is for. */
#define LIST_ROWS(where)                                                                   \
	{.section = (where),                                                               \
	 .key = "name",                                                                    \
	 .type = SCHEMA_NAME,                                                              \
	 .required = true,                                                                 \
	 .max = LIMIT_SERVICE_NAME,                                                        \
	 .example = "ads",                                                                 \
	 AT(struct conf_list, name),                                                       \
	 LINE(struct conf_list, line),                                                     \
	 .doc = "The list's label in output and in groups."},                              \
		{.section = (where),                                                       \
		 .key = "path",                                                            \
		 .type = SCHEMA_FILE,                                                      \
		 .max = LIMIT_FILE_PATH,                                                   \
		 .example = "/etc/hairpin/ads.txt",                                        \
		 AT(struct conf_list, path),                                               \
		 .doc = "The list's file, read again when it changes."},                   \
	{                                                                                  \
		.section = (where), .key = "url", .type = SCHEMA_URL, .max = LIMIT_URL,    \
		.example = "https://lists.example.net/ads.txt", AT(struct conf_list, url), \
		.doc = "Where the list is fetched instead; the last good one is kept."     \
	}

static const struct schema_row rows[] = {
	LIST_ROWS("dns.blocklists"),
	LIST_ROWS("dns.allowlists"),
};
/* clang-format on */

const struct schema_part schema_part_lists = {rows, ARRAY_SIZE(rows)};
