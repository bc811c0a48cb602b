// SPDX-License-Identifier: GPL-2.0-or-later
#include "uci_stanzas.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "openwrt_network.h"
#include "schema.h"

#define FAULTS_MAX 20

struct writer {
	const struct uci *uci;
	struct import *import;
	struct strbuf *why;
	unsigned int n_faults;
	bool has_sides; /* WAN and LAN, which role resolver has not */
};

_printf_(4, 5) static void fault(struct writer *writer, const struct uci_section *section,
				 const char *key, const char *format, ...)
{
	_strbuf_ struct strbuf place = {0};
	char text[512];
	va_list args;

	if (writer->n_faults++ >= FAULTS_MAX)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (section)
		uci_place(section, &place);
	strbuf_add(writer->why, "%s%s%s%s%s%s", writer->why->length ? "\n  " : "",
		   strbuf_text(&place), key ? "." : "", key ? key : "", section ? ": " : "", text);
}

/* --- which section is which stanza ---------------------------------------------------------- */

static bool is_map(const struct schema_row *row)
{
	return row->type == SCHEMA_SECTION || row->type == SCHEMA_SECTIONS;
}

/* A stanza in an item of a list: UCI has no sections in sections. */
static bool is_below_list(const char *path)
{
	for (size_t i = 0; i < schema_count(); i++) {
		char list[SCHEMA_PATH_MAX];
		size_t length;

		if (schema_row(i)->type != SCHEMA_SECTIONS)
			continue;
		length = strlen(schema_path(schema_row(i), list));
		if (!strncmp(path, list, length) && (!path[length] || path[length] == '.'))
			return true;
	}
	return false;
}

/* "nat.limits" is nat_limits; an item of "dns.rewrites" is dns_rewrite. */
static const char *type_of(const struct schema_row *row, char type[SCHEMA_PATH_MAX])
{
	size_t length = strlen(schema_path(row, type));

	if (row->type == SCHEMA_SECTIONS && type[length - 1] == 's')
		type[length - 1] = '\0';
	for (char *at = type; *at; at++) {
		if (*at == '.' || *at == '-')
			*at = '_';
	}
	return type;
}

static const struct schema_row *row_of_type(const char *type)
{
	for (size_t i = 0; i < schema_count(); i++) {
		const struct schema_row *row = schema_row(i);
		char text[SCHEMA_PATH_MAX];

		if (is_map(row) && !row->later && !is_below_list(row->section) &&
		    !strcmp(type_of(row, text), type))
			return row;
	}
	return NULL;
}

static const struct uci_section *section_next(const struct uci *uci, const char *type, size_t *at)
{
	while (*at < uci->n_sections) {
		const struct uci_section *section = &uci->sections[(*at)++];

		if (uci_is_type(section, "hairpin", type))
			return section;
	}
	return NULL;
}

const struct uci_section *uci_main(const struct uci *uci)
{
	size_t at = 0;

	return section_next(uci, UCI_MAIN, &at);
}

/* A key as UCI writes it, or back. */
static const char *key_turn(const char *key, char from, char to, char text[SCHEMA_PATH_MAX])
{
	size_t n = 0;

	for (; key[n] && n + 1 < SCHEMA_PATH_MAX; n++)
		text[n] = key[n] == from ? to : key[n];
	text[n] = '\0';
	return text;
}

static const struct uci_option *option_of(const struct uci_section *section,
					  const struct schema_row *row)
{
	char key[SCHEMA_PATH_MAX];

	return section ? uci_option(section, key_turn(row->key, '-', '_', key)) : NULL;
}

/* --- what would have no effect --------------------------------------------------------------- */

static bool is_for_openwrt(const char *path, const char *key)
{
	static const char *const keys[] = {"enabled", "file", "statedir", UCI_REDIRECTS};

	for (size_t i = 0; !*path && i < ARRAY_SIZE(keys); i++) {
		if (!strcmp(key, keys[i]))
			return true;
	}
	return false;
}

static void option_judge(struct writer *writer, const struct uci_section *section, const char *path,
			 const char *key)
{
	const struct schema_row *row, *nearest;
	char turned[SCHEMA_PATH_MAX], meant[SCHEMA_PATH_MAX];

	if (is_for_openwrt(path, key))
		return;
	key_turn(key, '_', '-', turned);
	row = schema_find(path, turned);
	if (row && !row->later && (!is_map(row) || row->values))
		return;
	nearest = schema_nearest(path, turned);
	if (row && !row->later)
		fault(writer, section, key,
		      "has keys below it, which OpenWrt's form cannot say; %s",
		      "option file names a file that can");
	else if (nearest)
		fault(writer, section, key, "no such option; did you mean %s?",
		      key_turn(nearest->key, '-', '_', meant));
	else
		fault(writer, section, key, "no such option");
}

static void sections_judge(struct writer *writer)
{
	const struct uci_section *end = writer->uci->sections + writer->uci->n_sections;

	for (const struct uci_section *section = writer->uci->sections; section < end; section++) {
		const struct schema_row *row = row_of_type(section->type);
		bool is_main = !strcmp(section->type, UCI_MAIN);
		char path[SCHEMA_PATH_MAX] = "";

		if (!uci_is_of(section, "hairpin"))
			continue;
		if (!is_main && !row) {
			fault(writer, section, NULL, "no such type of section");
			continue;
		}
		if (section->index && (is_main || row->type == SCHEMA_SECTION))
			fault(writer, section, NULL, "there can be one of them");
		if (row)
			schema_path(row, path);
		for (size_t k = 0; k < section->n_options; k++)
			option_judge(writer, section, path, section->options[k].key);
	}
}

/* --- values ---------------------------------------------------------------------------------- */

static bool is_plain(const char *text)
{
	const char *at = text;

	while (isalnum((unsigned char)*at) || (*at && at != text && strchr("._/-", *at)))
		at++;
	return at != text && !*at;
}

static void scalar_add(struct strbuf *out, const char *text)
{
	if (is_plain(text)) {
		strbuf_add(out, "%s", text);
		return;
	}
	strbuf_add(out, "\"");
	for (; *text; text++)
		strbuf_add(out, "%s%c", *text == '"' || *text == '\\' ? "\\" : "", *text);
	strbuf_add(out, "\"");
}

/* OpenWrt's name of an interface, or the device itself. */
static void interface_add(struct writer *writer, const struct uci_section *section,
			  const char *text, struct strbuf *out)
{
	char device[IFNAMSIZ];

	switch (openwrt_device(writer->uci, text, device)) {
	case 0:
		scalar_add(out, device);
		break;
	case -ENOENT:
		scalar_add(out, text);
		break;
	default:
		fault(writer, section, "interface",
		      "which device that is, /etc/config/network does not say; name the device");
	}
}

static void value_add(struct writer *writer, const struct uci_section *section,
		      const struct schema_row *row, const char *text, struct strbuf *out)
{
	for (const char *at = text; *at; at++) {
		if ((unsigned char)*at < ' ' || *at == 0x7f) {
			fault(writer, section, row->key, "has a control character");
			return;
		}
	}
	if (row->type == SCHEMA_INTERFACE)
		interface_add(writer, section, text, out);
	else if (row->type == SCHEMA_BOOL && (uci_means(text, true) || uci_means(text, false)))
		strbuf_add(out, "%s", uci_means(text, true) ? "yes" : "no");
	else
		scalar_add(out, text);
}

/* Keys that take lists alone: here `option` is one of one value. */
static bool is_list(const struct schema_row *row)
{
	return row->type == SCHEMA_PORTS || row->type == SCHEMA_ALLOW || row->type == SCHEMA_PASS;
}

static void option_add(struct writer *writer, const struct uci_section *section,
		       const struct schema_row *row, struct strbuf *out)
{
	const struct uci_option *option = option_of(section, row);
	bool listed = option->is_list || is_list(row);

	strbuf_add(out, listed ? "[" : "");
	for (size_t i = 0; i < option->n_values; i++) {
		strbuf_add(out, i ? ", " : "");
		value_add(writer, section, row, option->values[i], out);
	}
	strbuf_add(out, listed ? "]" : "");
}

/* --- what is not said, and known nevertheless ------------------------------------------------ */

static void wan_find(struct writer *writer, struct strbuf *out)
{
	struct uci_devices devices = {0};

	openwrt_wan_devices(writer->uci, &devices);
	if (devices.n == 1 && !devices.n_unknown)
		scalar_add(out, devices.names[0]);
	else
		fault(writer, NULL, NULL,
		      "`config wan` has no option interface, and of the zones that masquerade in "
		      "/etc/config/firewall %zu devices are known, not one",
		      devices.n);
}

static void lans_find(struct writer *writer, struct strbuf *out)
{
	for (size_t i = 0; i < writer->uci->n_sections; i++) {
		const struct uci_section *zone = &writer->uci->sections[i];
		struct uci_devices devices = {0};

		if (!openwrt_is_inside(writer->uci, zone))
			continue;
		openwrt_zone_devices(writer->uci, zone, &devices);
		if (devices.n_unknown)
			fault(writer, zone, NULL,
			      "/etc/config/network does not say all its devices; %s",
			      "name the segments, each by a `config lan`");
		strbuf_add(out, devices.n ? "  # " : "");
		if (devices.n)
			uci_place(zone, out);
		strbuf_add(out, devices.n ? "\n" : "");
		for (size_t k = 0; k < devices.n; k++) {
			strbuf_add(out, "  - interface: ");
			scalar_add(out, devices.names[k]);
			strbuf_add(out, "\n%s",
				   openwrt_is_isolated(writer->uci, zone) ? "    isolate: yes\n"
									  : "");
		}
	}
}

/* Of a service that has no name the section's. */
static bool unsaid_add(struct writer *writer, const struct uci_section *section,
		       const struct schema_row *row, struct strbuf *out)
{
	if (!strcmp(row->section, "wan") && !strcmp(row->key, "interface") && writer->has_sides)
		wan_find(writer, out);
	else if (!strcmp(row->section, "services") && !strcmp(row->key, "name") && section &&
		 section->name)
		scalar_add(out, section->name);
	else
		return false;
	return true;
}

/* --- stanzas --------------------------------------------------------------------------------- */

/* What is being written: the keys of one map. */
struct place {
	const char *path; /* of the schema */
	const struct uci_section *section; /* NULL: none says anything of it */
	unsigned int indent;
};

static void keys_write(struct writer *writer, const struct place *place, struct strbuf *out);

static void key_write(struct writer *writer, const struct place *place,
		      const struct schema_row *row, struct strbuf *out)
{
	_strbuf_ struct strbuf value = {0};

	if (option_of(place->section, row))
		option_add(writer, place->section, row, &value);
	else if (!unsaid_add(writer, place->section, row, &value))
		return;
	strbuf_add(out, "%*s%s: %s\n", (int)place->indent, "", row->key, strbuf_text(&value));
}

static void map_write(struct writer *writer, const struct place *place,
		      const struct schema_row *row, struct strbuf *out)
{
	char path[SCHEMA_PATH_MAX], type[SCHEMA_PATH_MAX];
	struct place below = {.path = schema_path(row, path), .indent = place->indent + 2};
	_strbuf_ struct strbuf keys = {0};
	size_t at = 0;

	if (is_below_list(place->path))
		return;
	below.section = section_next(writer->uci, type_of(row, type), &at);
	keys_write(writer, &below, &keys);
	if (keys.length)
		strbuf_add(out, "%*s%s:\n%s", (int)place->indent, "", row->key, strbuf_text(&keys));
	else if (below.section)
		strbuf_add(out, "%*s%s: {}\n", (int)place->indent, "", row->key);
}

static void items_write(struct writer *writer, const struct place *place,
			const struct schema_row *row, struct strbuf *out)
{
	char path[SCHEMA_PATH_MAX], type[SCHEMA_PATH_MAX];
	struct place below = {.path = schema_path(row, path), .indent = place->indent + 4};

	type_of(row, type);
	for (size_t at = 0; (below.section = section_next(writer->uci, type, &at));) {
		_strbuf_ struct strbuf keys = {0};

		keys_write(writer, &below, &keys);
		if (keys.length)
			keys.text[place->indent + 2] = '-';
		strbuf_add(out, "%*s# ", (int)place->indent + 2, "");
		uci_place(below.section, out);
		strbuf_add(out, "\n%s", keys.length ? strbuf_text(&keys) : "  - {}\n");
	}
}

static void list_write(struct writer *writer, const struct place *place,
		       const struct schema_row *row, struct strbuf *out)
{
	_strbuf_ struct strbuf items = {0};

	if (is_below_list(place->path))
		return;
	items_write(writer, place, row, &items);
	if (!items.length && !*place->path && !strcmp(row->key, "lan") && writer->has_sides)
		lans_find(writer, &items);
	/* Services stand last, where those of redirects join them. */
	if (!*place->path && !strcmp(row->key, "services"))
		strbuf_add(&writer->import->said_services, "%s", strbuf_text(&items));
	else if (items.length)
		strbuf_add(out, "%*s%s:\n%s", (int)place->indent, "", row->key,
			   strbuf_text(&items));
}

static void keys_write(struct writer *writer, const struct place *place, struct strbuf *out)
{
	for (size_t i = 0; i < schema_count(); i++) {
		const struct schema_row *row = schema_row(i);

		if (strcmp(row->section, place->path) || row->later)
			continue;
		if (row->type == SCHEMA_SECTIONS)
			list_write(writer, place, row, out);
		else if (row->type == SCHEMA_SECTION && !option_of(place->section, row))
			map_write(writer, place, row, out);
		else
			key_write(writer, place, row, out);
	}
}

/* So that no redirect becomes a service of the same name. */
static void names_note(struct writer *writer)
{
	const struct uci_section *service;

	for (size_t at = 0; (service = section_next(writer->uci, "service", &at));) {
		const char *name = uci_value(service, "name");

		name = name ? name : service->name;
		if (name)
			strbuf_add(&writer->import->said_names, "%s\n", name);
	}
}

int uci_stanzas_write(const struct uci *uci, struct import *import, struct strbuf *why)
{
	const struct uci_section *main_section = uci_main(uci);
	const char *role = main_section ? uci_value(main_section, "role") : NULL;
	struct writer writer = {.uci = uci,
				.import = import,
				.why = why,
				.has_sides = !role || strcmp(role, "resolver") != 0};
	struct place top = {.path = "", .section = main_section};

	sections_judge(&writer);
	keys_write(&writer, &top, &import->stanzas);
	names_note(&writer);
	return writer.n_faults ? -EINVAL : 0;
}
