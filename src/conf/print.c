// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "conf.h"
#include "value.h"

/*
 * Where the print stands: its indentation, and the "- " that the next line of a stanza begins with.
 */
struct print {
	struct strbuf *out;
	const struct conf *conf;
	unsigned int depth;
	bool dash;
};

static void print_section(struct print *print, const char *section, const void *object);

static void print_key(struct print *print, const char *key)
{
	unsigned int spaces = 2 * print->depth;

	if (print->dash)
		spaces -= 2;
	strbuf_add(print->out, "%*s%s%s:", (int)spaces, "", print->dash ? "- " : "", key);
	print->dash = false;
}

static bool is_listed(const struct print *print, const struct schema_list *list, size_t i,
		      const void *object)
{
	return !list->is_in || list->is_in(print->conf, i, object);
}

static void print_list(struct print *print, const struct schema_row *row, const void *object)
{
	size_t n = row->list->count(print->conf), first = 0;
	char path[SCHEMA_PATH_MAX];

	while (first < n && !is_listed(print, row->list, first, object))
		first++;
	print_key(print, row->key);
	strbuf_add(print->out, first < n ? "\n" : " []\n");
	schema_path(row, path);
	print->depth += 2;
	for (size_t i = first; i < n; i++) {
		if (!is_listed(print, row->list, i, object))
			continue;
		print->dash = true;
		print_section(print, path, row->list->at(print->conf, i));
	}
	print->depth -= 2;
}

/* A section of which nothing is said (a service's filtering) is left out with its key. */
static void print_map(struct print *print, const struct schema_row *row, const void *object)
{
	_strbuf_ struct strbuf below = {0};
	struct print inner = {.out = &below, .conf = print->conf, .depth = print->depth + 1};
	char path[SCHEMA_PATH_MAX];

	print_section(&inner, schema_path(row, path), object);
	if (!below.length)
		return;
	print_key(print, row->key);
	strbuf_add(print->out, "\n%s", strbuf_text(&below));
}

static void print_row(struct print *print, const struct schema_row *row, const void *object)
{
	_strbuf_ struct strbuf value = {0};

	if (row->gateway_only && print->conf->role == CONF_ROLE_RESOLVER)
		return;
	if (row->type == SCHEMA_SECTIONS) {
		/* Empty it would not be read again where something has to be in it. */
		if (!row->min || row->list->count(print->conf))
			print_list(print, row, object);
		return;
	}
	if (row->has_offset && !*(const bool *)((const char *)object + row->has_offset))
		return;
	if (row->type == SCHEMA_SECTION) {
		print_map(print, row, object);
		return;
	}
	value_types[row->type].print(row, object, &value);
	if (!value.length)
		return;
	print_key(print, row->key);
	strbuf_add(print->out, " %s\n", strbuf_text(&value));
}

static void print_section(struct print *print, const char *section, const void *object)
{
	for (size_t i = 0; i < schema_count(); i++) {
		const struct schema_row *row = schema_row(i);

		if (!row->later && !strcmp(row->section, section))
			print_row(print, row, object);
	}
}

void conf_print(const struct conf *conf, struct strbuf *out)
{
	struct print print = {.out = out, .conf = conf};

	print_section(&print, "", conf);
}
