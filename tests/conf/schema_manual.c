// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * schema_manual PART: what doc/hairpin.yaml.5 has to say of the schema, in the lines that it has to say it with.
 *
 *   keys      each section with its acting keys: what a key is, what it takes, what it has by default
 *   values    the words that keys take, once each
 *   presets   each preset with its ports and its note
 *   later     the keys that are not in this version
 *   names     every key, by its own name and by its path
 *
 * A block is a line that begins with ".", and the text below it. manual.sh compares them with the page, so that a row of the
 * table cannot change without it.
 */
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "presets.h"
#include "schema.h"
#include "value.h"

/* As a sentence of the page: a key that the table has in `marks` is in quotes there. */
static void print_words(const char *words)
{
	for (; *words; words++)
		putchar(*words == '`' ? '"' : *words);
}

static void print_doc(const char *doc)
{
	print_words(doc);
	putchar('\n');
}

/* Types of which a key has some: how many. */
static void print_count(const struct schema_row *row)
{
	switch (row->type) {
	case SCHEMA_SECTIONS:
	case SCHEMA_DOMAINS:
	case SCHEMA_PORTS:
	case SCHEMA_ALLOW:
	case SCHEMA_PASS:
	case SCHEMA_UPSTREAMS:
	case SCHEMA_TREES:
	case SCHEMA_ANSWER:
	case SCHEMA_TYPES:
	case SCHEMA_DHCP_DNS:
	case SCHEMA_DHCP_OPTIONS:
		printf(", %u to %u of them", row->min, row->max);
		break;
	default:
		break;
	}
}

static void print_key(const struct schema_row *row)
{
	_strbuf_ struct strbuf form = {0};

	value_form(row, &form);
	printf(".It Ic %s\n", row->key);
	print_doc(row->doc);
	printf("Takes %s", strbuf_text(&form));
	print_count(row);
	if (row->fallback)
		printf("; default %s.\n", row->fallback);
	else
		printf("; %s.\n", row->required ? "required" : "optional");
}

static void print_keys(void)
{
	const char *section = NULL;

	for (size_t i = 0; i < schema_count(); i++) {
		const struct schema_row *row = schema_row(i);

		if (row->later)
			continue;
		if (!section || strcmp(section, row->section))
			printf(".Ss %s\n", *row->section ? row->section : "Top of the file");
		section = row->section;
		print_key(row);
	}
}

static bool is_shown_before(size_t end)
{
	for (size_t i = 0; i < end; i++) {
		const struct schema_row *row = schema_row(i);

		if (row->values == schema_row(end)->values && !row->later)
			return true;
	}
	return false;
}

static void print_values(void)
{
	for (size_t i = 0; i < schema_count(); i++) {
		const struct schema_row *row = schema_row(i);
		const struct schema_value *value = row->later ? NULL : row->values;

		for (; value && value->word && !is_shown_before(i); value++)
			printf(".It Cm %s\n%s.\n", value->word, value->doc);
	}
}

static void print_preset(const struct preset *preset)
{
	const struct preset_port *port = preset->ports;

	printf(".It Cm %s\n", preset->name);
	print_doc(preset->doc);
	printf("Ports:");
	for (; port->first; port++) {
		printf("%s %u", port == preset->ports ? "" : ",", port->first);
		if (port->last != port->first)
			printf("-%u", port->last);
		printf("/%s", port->proto == IPPROTO_TCP ? "tcp" : "udp");
	}
	printf(".\n");
	if (preset->note)
		printf("Note: %s.\n", preset->note);
	if (preset->rewrite_note) {
		printf("Rewritten: ");
		print_words(preset->rewrite_note);
		printf(".\n");
	}
}

static void print_presets(void)
{
	for (size_t i = 0; i < preset_count; i++)
		print_preset(&presets[i]);
}

static void print_later(void)
{
	for (size_t i = 0; i < schema_count(); i++) {
		const struct schema_row *row = schema_row(i);
		char path[SCHEMA_PATH_MAX];

		if (!row->later)
			continue;
		schema_path(row, path);
		printf(".It Ic %s\n", path);
		print_doc(row->doc);
	}
}

static void print_names(void)
{
	for (size_t i = 0; i < schema_count(); i++) {
		char path[SCHEMA_PATH_MAX];

		printf("%s\n%s\n", schema_row(i)->key, schema_path(schema_row(i), path));
	}
}

static const struct {
	const char *name;
	void (*print)(void);
} parts[] = {
	{"keys", print_keys},	{"values", print_values}, {"presets", print_presets},
	{"later", print_later}, {"names", print_names},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < ARRAY_SIZE(parts); i++) {
		if (!strcmp(parts[i].name, argv[1])) {
			parts[i].print();
			return 0;
		}
	}
	fprintf(stderr, "usage: schema_manual keys|values|presets|later|names\n");
	return 2;
}
