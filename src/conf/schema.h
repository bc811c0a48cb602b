/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The schema: one row for each key of the configuration. The parser, the checks and the canonical
 * print read it, so that a key is added or changed in one place. The manual page repeats parts of
 * it, and tests/conf/manual.sh fails where it does not repeat them right.
 *
 * A row belongs to a section: "" is the top of the file, and the others are named by their path
 * without list marks ("lan", "nat.limits"). Rows of one section stand together, in the order of the
 * canonical print. To walk everything:
 *
 *     for (size_t i = 0; i < schema_count(); i++)
 *             use(schema_row(i));
 *
 * A row with `later` is known but does not act in this version: the parser
 * refuses it in these words, and whatever reads the schema can leave it out. The rows below a later
 * section are later too.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "feature.h"

struct conf;

enum schema_type {
	/*
	 * A map whose rows are those of the section schema_path(); with `values`, which are theirs, one word stands for all. With a has_offset it is
	 * either there or nothing of it is, defaults and required keys included.
	 */
	SCHEMA_SECTION = 0,
	SCHEMA_SECTIONS, /* a list of such maps; `list` has its objects */
	SCHEMA_BOOL,
	SCHEMA_WORD, /* one of `values` */
	SCHEMA_NUMBER, /* min..max, or one of `values` */
	SCHEMA_DURATION, /* min..max seconds */
	SCHEMA_SIZE, /* min..max mebioctets */
	SCHEMA_MARK, /* bits of a packet mark, none of which is in `max`; or one of `values` */
	SCHEMA_PORT_RANGE,
	SCHEMA_INTERFACE,
	SCHEMA_NAME,
	SCHEMA_NETWORK, /* IPv4 prefix, min..max bits */
	SCHEMA_ADDR4,
	SCHEMA_HOST, /* an IPv4 address, or a word for this machine: host, has_host and is_self of a struct conf_service */
	SCHEMA_ADDR6,
	SCHEMA_PRESET, /* one of presets.h */
	SCHEMA_DOMAINS,
	SCHEMA_PORTS,
	SCHEMA_ALLOW,
	SCHEMA_PASS,
	SCHEMA_LISTEN, /* `values`, or a list of addresses */
	SCHEMA_UPSTREAMS,
	SCHEMA_BOOTSTRAPS,
	SCHEMA_TREES, /* names, each with all below it */
	SCHEMA_PATTERN, /* a name, or all below one */
	SCHEMA_ANSWER,
	SCHEMA_TYPES, /* types of records */
	SCHEMA_ADDR_RANGE, /* IPv4 "A-B"; two addresses side by side */
	SCHEMA_DHCP_DNS,
	SCHEMA_DHCP_OPTIONS,
	SCHEMA_DOMAIN, /* one name, stored as an owned text */
	SCHEMA_MAC,
	SCHEMA_CLIENTS, /* addresses, networks, Ethernet addresses */
	SCHEMA_LIST_NAMES, /* struct conf_list_names */
	SCHEMA_BLOCK_ANSWER, /* addresses */
	SCHEMA_LABEL, /* a name without dots */
	SCHEMA_PATTERNS, /* names, or all below them; a struct conf_words */
	SCHEMA_FILE, /* a whole path, stored as an owned text; so are these */
	SCHEMA_URL,
	SCHEMA_PUBLIC, /* a word of `values`, an IPv4 address or a name: public and what belongs to it, of a struct conf */
	SCHEMA_STUN, /* a word of `values`, or servers: stun and what belongs to it */
	/* Types that only rows of a later version have. */
	SCHEMA_TEXT,
	SCHEMA_TEXTS,
	SCHEMA_TYPE_MAX,
};

/* A word that a key takes beside, or instead of, what its type takes. */
struct schema_value {
	const char *word; /* NULL ends the list; with `matches`, an example */
	bool (*matches)(const char *text); /* NULL: the word itself */
	int value; /* what is stored; SCHEMA_WORD and SCHEMA_NUMBER */
	enum feature feature; /* that has to be built for it to act; else it is refused */
	const char *doc;
};

/* The objects of a SCHEMA_SECTIONS row. */
struct schema_list {
	size_t limit;
	void *(*add)(struct conf *conf); /* a new zeroed one at the end; never above limit */
	size_t (*count)(const struct conf *conf);
	const void *(*at)(const struct conf *conf, size_t i);
	/* Of a list below another one: whether at(i) stands in @object, which is of that one. NULL: all do. */
	bool (*is_in)(const struct conf *conf, size_t i, const void *object);
};

/* Offset of a row that has one value only and stores nothing. */
#define SCHEMA_NOWHERE ((size_t)-1)

struct schema_row {
	const char *section;
	const char *key;
	enum schema_type type;
	bool later;
	bool required;
	bool gateway_only; /* role resolver has nothing of it: refused, not required, not printed */
	bool resolver_may_lack; /* required in the other roles */
	enum feature
		feature; /* as of a value: what is given is refused, but a `no`; the default may stand */
	const char *
		instead; /* with gateway_only: what a resolver's operator does then; NULL: nothing */
	unsigned int min, max; /* of a number; seconds; items of a list; bits of a network */
	const char *floor; /* what sets `min`, as a message cites it; NULL: we do */
	const char *unit; /* of a number, or NULL */
	const char *fallback; /* the default, as it would be written; NULL: none */
	const char *example; /* a value that is accepted, in YAML; unneeded where fallback is */
	const struct schema_value *values; /* or NULL */
	const struct schema_list *list; /* SCHEMA_SECTIONS that act */
	/* Where the value goes in its object: struct conf, or what `list` adds. */
	size_t offset;
	size_t has_offset; /* of a bool that says the key was given; 0: none */
	size_t line_offset; /* of an unsigned int for the value's line; 0: none */
	const char *doc; /* one sentence for the manual */
};

size_t schema_count(void);
/* The @i-th of them, below schema_count(). */
const struct schema_row *schema_row(size_t i);

/* NULL: no such key in @section. */
const struct schema_row *schema_find(const char *section, const char *key);
/* The acting key of @section that @key is most probably meant to be, or NULL. */
const struct schema_row *schema_nearest(const char *section, const char *key);

/* The section that @row's children are in, "nat.limits"; writes into @path and returns it. */
#define SCHEMA_PATH_MAX 64
const char *schema_path(const struct schema_row *row, char path[SCHEMA_PATH_MAX]);

/* The value of @row that @text is, or NULL. */
const struct schema_value *schema_value_find(const struct schema_row *row, const char *text);
