// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Walks the schema table: every row and value that acts is accepted in a minimal file, and every
 * one that does not act yet is refused in these words and on its line.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conf.h"
#include "presets.h"
#include "schema.h"
#include "value.h"

/*
 * --- a minimal file with one row's key in it -----------------------------------------------------
 */

/* What a file cannot do without. */
static const struct {
	const char *section, *key, *value;
	const char *unless; /* the key that stands in its place */
} base[] = {
	{"wan", "interface", "eth0"},
	{"lan", "interface", "br-lan"},
	{"services", "name", "web"},
	{"services", "host", "192.168.11.20"},
	{"services", "ports", "[80/tcp]"},
	{"nat.hosts", "address", "192.168.11.40"},
	{"nat.hosts", "filtering", "endpoint-independent"},
	{"dns", "upstream", "192.0.2.53"},
	{"dns.tls", "certificate", "/etc/hairpin/dns.pem"},
	{"dns.tls", "key", "/etc/hairpin/dns.key"},
	{"dns.tls", "name", "dns.example.net"},
	{"dns.rewrites", "domain", "nas.example.com"},
	{"dns.rewrites", "pass", "TXT"},
	{"dns.blocklists", "name", "ads"},
	{"dns.blocklists", "path", "/etc/hairpin/ads.txt", "url"},
	{"dns.allowlists", "name", "ads"},
	{"dns.allowlists", "path", "/etc/hairpin/ads.txt", "url"},
	{"dns.groups", "name", "tv"},
	{"dns.groups", "clients", "192.168.11.60"},
	{"dhcp", "interface", "br-lan"},
	{"dhcp", "range", "192.168.11.100-192.168.11.199"},
	{"dhcp.reservations", "mac", "\"52:54:00:12:34:56\""},
	{"dhcp.reservations", "address", "192.168.11.30"},
};

struct file {
	struct strbuf text;
	const struct schema_row *row; /* the key to put in */
	const char *value;
	unsigned int lines;
	unsigned int row_line; /* of row's key */
	unsigned int later_line; /* of the first later key on the way to it; 0: none */
	bool dash;
};

static const char *base_value(const struct file *file, const struct schema_row *row)
{
	for (size_t i = 0; i < ARRAY_SIZE(base); i++) {
		if (strcmp(base[i].section, row->section) || strcmp(base[i].key, row->key))
			continue;
		if (base[i].unless && !strcmp(file->row->section, row->section) &&
		    !strcmp(file->row->key, base[i].unless))
			return NULL;
		return base[i].value;
	}
	return NULL;
}

/* Whether something of the base is right below @row. */
static bool has_base(const struct schema_row *row)
{
	char path[SCHEMA_PATH_MAX];

	schema_path(row, path);
	for (size_t i = 0; i < ARRAY_SIZE(base); i++) {
		if (!strcmp(base[i].section, path))
			return true;
	}
	return false;
}

/* Values that only stand together: where the first is put in, the other is too. */
static const struct {
	const char *section, *key;
	const char *value; /* NULL: any */
	const char *other, *other_value;
	const char *other_section; /* NULL: the same */
} pairs[] = {
	{"dns", "bootstrap", NULL, "upstream", "\"tls://dns.example.net\""},
	{"dns.blocking", "mode", "custom", "answer", "192.168.11.1"},
	{"dns.blocking", "answer", NULL, "mode", "custom"},
	{"", "role", "bypass", "interface", "br-lan", "wan"},
	{"services", "outside-source", NULL, "role", "bypass", ""},
	{"services", "outside-source", NULL, "interface", "br-lan", "wan"},
	{"nat", "outgoing", "route", "role", "bypass", ""},
	{"nat", "outgoing", "route", "interface", "br-lan", "wan"},
};

static const char *pair_value(const struct file *file, const struct schema_row *row)
{
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		const char *section =
			pairs[i].other_section ? pairs[i].other_section : pairs[i].section;

		if (!strcmp(file->row->section, pairs[i].section) &&
		    !strcmp(file->row->key, pairs[i].key) &&
		    (!pairs[i].value || !strcmp(file->value, pairs[i].value)) &&
		    !strcmp(row->section, section) && !strcmp(row->key, pairs[i].other))
			return pairs[i].other_value;
	}
	return NULL;
}

/* Whether the key to put in is below @row. */
static bool is_on_the_way(const struct file *file, const struct schema_row *row)
{
	char path[SCHEMA_PATH_MAX];
	size_t length = strlen(schema_path(row, path));

	if (row->type != SCHEMA_SECTION && row->type != SCHEMA_SECTIONS)
		return false;
	return !strncmp(file->row->section, path, length) &&
	       (!file->row->section[length] || file->row->section[length] == '.');
}

static void put_key(struct file *file, const struct schema_row *row, unsigned int depth,
		    const char *value)
{
	strbuf_add(&file->text, "%*s%s%s:%s%s\n", (int)(4 * depth - (file->dash ? 2 : 0)), "",
		   file->dash ? "- " : "", row->key, *value ? " " : "", value);
	file->dash = false;
	file->lines++;
	if (row->later && !file->later_line)
		file->later_line = file->lines;
}

/* Recursion follows the schema, three sections deep. */
static void put_section(struct file *file, const char *section, unsigned int depth)
{
	for (size_t i = 0; i < schema_count(); i++) {
		const struct schema_row *row = schema_row(i);
		char path[SCHEMA_PATH_MAX];

		if (strcmp(row->section, section))
			continue;
		/* A resolver has no part that routes. */
		if (row->gateway_only && !strcmp(file->row->key, "role") &&
		    !strcmp(file->value, "resolver"))
			continue;
		if (row == file->row) {
			put_key(file, row, depth, file->value);
			file->row_line = file->lines;
		} else if (pair_value(file, row)) {
			put_key(file, row, depth, pair_value(file, row));
		} else if (base_value(file, row) && !is_on_the_way(file, row)) {
			put_key(file, row, depth, base_value(file, row));
		} else if (has_base(row) || is_on_the_way(file, row)) {
			put_key(file, row, depth, "");
			file->dash = row->type == SCHEMA_SECTIONS;
			put_section(file, schema_path(row, path), depth + 1);
		}
	}
}

static struct file file_with(const struct schema_row *row, const char *value)
{
	struct file file = {.row = row, .value = value};

	put_section(&file, "", 0);
	assert_true(file.row_line > 0);
	return file;
}

/* The errors of @file, empty if it is accepted; then its canonical form must print as itself. */
static void read_file(const struct file *file, struct strbuf *errors)
{
	_strbuf_ struct strbuf once = {0}, twice = {0};
	_conf_ struct conf *conf = NULL, *again = NULL;

	if (conf_parse("t.yaml", file->text.text, file->text.length, &conf, errors)) {
		assert_null(conf);
		assert_true(errors->length > 0);
		return;
	}
	conf_print(conf, &once);
	assert_int_equal(conf_parse("t.yaml", once.text, once.length, &again, errors), 0);
	conf_print(again, &twice);
	assert_string_equal(strbuf_text(&once), strbuf_text(&twice));
}

static void assert_accepted(const struct schema_row *row, const char *value)
{
	struct file file = file_with(row, value);
	_strbuf_ struct strbuf errors = {0};

	read_file(&file, &errors);
	if (errors.length)
		print_error("%s%s", strbuf_text(&file.text), strbuf_text(&errors));
	assert_string_equal(strbuf_text(&errors), "");
	strbuf_fini(&file.text);
}

/* Refused with one line, "t.yaml:LINE: ...: not in this version", that names @word. */
static void assert_later(struct file *file, unsigned int line, const char *word)
{
	_strbuf_ struct strbuf errors = {0}, expected = {0};

	read_file(file, &errors);
	strbuf_add(&expected, "t.yaml:%u: %s: not in this version\n", line, word);
	assert_string_equal(strbuf_text(&errors), strbuf_text(&expected));
	strbuf_fini(&file->text);
}

/* The key of the outermost later section that @row is in, or its own. */
static const char *later_key(const struct schema_row *row)
{
	for (size_t i = 0; i < schema_count(); i++) {
		const struct schema_row *section = schema_row(i);
		char path[SCHEMA_PATH_MAX];
		size_t length = strlen(schema_path(section, path));

		if (section->later && !strncmp(row->section, path, length) &&
		    (!row->section[length] || row->section[length] == '.'))
			return section->key;
	}
	return row->key;
}

static const char *some_value(const struct schema_row *row)
{
	return row->example ? row->example : row->fallback;
}

/*
 * --- the tests
 * -------------------------------------------------------------------------------------
 */

static void test_rows_complete(void **state _unused_)
{
	for (size_t i = 0; i < schema_count(); i++) {
		const struct schema_row *row = schema_row(i);
		const struct value_type *type = &value_types[row->type];
		bool section = row->type == SCHEMA_SECTION || row->type == SCHEMA_SECTIONS;

		assert_ptr_equal(schema_find(row->section, row->key), row);
		assert_non_null(row->doc);
		assert_non_null(some_value(row));
		assert_non_null(type->form);
		if (row->later)
			continue;
		assert_true(section || (type->parse && type->print));
		assert_true(row->type != SCHEMA_SECTIONS || row->list);
		assert_true(row->type != SCHEMA_WORD || row->values);
		/* A key has a default, or must be there, or can be told to be absent. */
		assert_false(row->required && row->fallback);
	}
}

/* Every section that rows name is a row itself, and a later one has later rows only. */
static void test_sections(void **state _unused_)
{
	for (size_t i = 0; i < schema_count(); i++) {
		const struct schema_row *row = schema_row(i), *section = NULL;
		char path[SCHEMA_PATH_MAX];

		for (size_t j = 0; j < schema_count() && *row->section; j++) {
			if (!strcmp(schema_path(schema_row(j), path), row->section))
				section = schema_row(j);
		}
		assert_true(section || !*row->section);
		assert_true(!section || !section->later || row->later);
	}
}

static void test_acting_rows(void **state _unused_)
{
	for (size_t i = 0; i < schema_count(); i++) {
		const struct schema_row *row = schema_row(i);

		if (row->later)
			continue;
		assert_accepted(row, some_value(row));
		if (row->fallback)
			assert_accepted(row, row->fallback);
		for (const struct schema_value *value = row->values; value && value->word; value++)
			assert_accepted(row, value->word);
	}
}

static void test_later_rows(void **state _unused_)
{
	unsigned int n = 0;

	for (size_t i = 0; i < schema_count(); i++) {
		const struct schema_row *row = schema_row(i);
		struct file file;

		if (!row->later)
			continue;
		file = file_with(row, some_value(row));
		assert_later(&file, file.later_line, later_key(row));
		n++;
	}
	assert_true(n > 0);
}

static void assert_number(const struct schema_row *row, unsigned int number, const char *unit,
			  bool accepted)
{
	_strbuf_ struct strbuf text = {0}, errors = {0};
	struct file file;

	strbuf_add(&text, "%u%s", number, unit);
	file = file_with(row, strbuf_text(&text));
	read_file(&file, &errors);
	assert_int_equal(errors.length == 0, accepted);
	strbuf_fini(&file.text);
}

static void test_number_bounds(void **state _unused_)
{
	for (size_t i = 0; i < schema_count(); i++) {
		const struct schema_row *row = schema_row(i);

		const char *unit = row->type == SCHEMA_DURATION ? "s"
				   : row->type == SCHEMA_SIZE	? "M"
								: "";

		if (row->later || (row->type != SCHEMA_NUMBER && row->type != SCHEMA_DURATION &&
				   row->type != SCHEMA_SIZE))
			continue;
		assert_number(row, row->min, unit, true);
		assert_number(row, row->max, unit, true);
		assert_number(row, row->min - 1, unit, false);
		assert_number(row, row->max + 1, unit, false);
	}
}

static void test_nearest(void **state _unused_)
{
	static const struct {
		const char *section, *key, *nearest;
	} cases[] = {
		{"", "service", "services"},
		{"", "LAN", "lan"},
		{"", "firewall", NULL},
		{"", "", NULL},
		{"wan", "interfaces", "interface"},
		{"wan", "public_address", "public-address"},
		{"services", "hots", "host"},
		{"services", "prset", "preset"},
		/* A key that does not act is no advice. */
		{"", "webb", NULL},
		{"nat", "fastpath", "fast-path"},
		{"nat", "timeout", "timeouts"},
		{"lan", "a-word-that-is-longer-than-any-key-of-this-file", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct schema_row *row = schema_nearest(cases[i].section, cases[i].key);

		if (!cases[i].nearest)
			assert_null(row);
		else
			assert_string_equal(row ? row->key : "nothing", cases[i].nearest);
	}
}

static void test_presets(void **state _unused_)
{
	const struct schema_row *row = schema_find("services", "preset");

	for (size_t i = 0; i < preset_count; i++) {
		const struct preset *preset = &presets[i];

		assert_true(i == 0 || strcmp(presets[i - 1].name, preset->name) < 0);
		assert_ptr_equal(preset_find(preset->name), preset);
		assert_non_null(preset->doc);
		assert_true(preset->ports[0].first > 0);
		assert_int_equal(preset->ports[PRESET_PORTS_MAX].first, 0);
	}
	/* The base has 80/tcp, so that `http` is there twice; all others are free of overlaps. */
	for (size_t i = 0; i < preset_count; i++) {
		if (strcmp(presets[i].name, "http"))
			assert_accepted(row, presets[i].name);
	}
	assert_null(preset_find("rustdesc"));
	assert_non_null(preset_find("rustdesk-web")->note);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_complete), cmocka_unit_test(test_sections),
		cmocka_unit_test(test_acting_rows),   cmocka_unit_test(test_later_rows),
		cmocka_unit_test(test_number_bounds), cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_presets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
