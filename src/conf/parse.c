// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "conf.h"
#include "file.h"
#include "item.h"
#include "value.h"

/* A walk of one text: where its faults and its values go. */
struct walk {
	struct report report;
	struct conf *conf;
};

/* One map of the file: its section of the schema and the object that its values go into. */
struct place {
	const char *section;
	const struct node *map; /* NULL: absent, only defaults apply */
	unsigned int line;
	void *object;
};

static void section_parse(struct walk *walk, struct place place);

/* The words of the section, for those who have to guess. */
static void list_keys(const char *section, struct strbuf *out)
{
	for (size_t i = 0; i < schema_count(); i++) {
		if (!strcmp(schema_row(i)->section, section) && !schema_row(i)->later)
			strbuf_add(out, "%s%s", out->length ? ", " : "", schema_row(i)->key);
	}
}

static void refuse_unknown(struct walk *walk, const char *section, const struct node *node)
{
	const struct schema_row *nearest = schema_nearest(section, node->key);
	struct spot spot = {node->key_line, NULL, node->key};
	_strbuf_ struct strbuf where = {0}, keys = {0};

	if (*section)
		strbuf_add(&where, " in %s", section);
	list_keys(section, &keys);
	if (nearest)
		report_add(&walk->report, spot, "no such key%s; did you mean %s?",
			   strbuf_text(&where), nearest->key);
	else
		report_add(&walk->report, spot, "no such key%s; known there: %s",
			   strbuf_text(&where), strbuf_text(&keys));
}

static const struct node *child_of(const struct node *map, const char *key)
{
	const struct node *child = map ? map->first : NULL;

	while (child && strcmp(child->key, key))
		child = child->next;
	return child;
}

/* No value at all, as `services:` has when everything below it is commented out. */
static bool is_nothing(const struct node *node)
{
	return node->kind == NODE_SCALAR && !node->quoted && !*node->text;
}

static void refuse_kind(struct walk *walk, const struct schema_row *row, const struct node *node)
{
	value_refuse(&walk->report, row, node,
		     node->kind == NODE_SCALAR ? "one word where more belongs"
		     : node->kind == NODE_LIST ? "a list where keys belong"
					       : "keys where a list belongs");
}

/* False: the list is full. */
static bool stanza_parse(struct walk *walk, const struct schema_row *row, const struct node *item)
{
	const struct schema_list *list = row->list;
	char path[SCHEMA_PATH_MAX];
	struct place place = {schema_path(row, path), item, item->line, NULL};

	if (item->kind != NODE_MAP) {
		report_add(&walk->report, (struct spot){item->line, row->key, item->text},
			   "not a stanza; keys and values belong below each \"- \"");
		return true;
	}
	if (list->count(walk->conf) == list->limit) {
		report_add(&walk->report, (struct spot){item->line, row->key, NULL},
			   "more than %zu; leave some out", list->limit);
		return false;
	}
	place.object = list->add(walk->conf);
	section_parse(walk, place);
	return true;
}

void conf_parse_item(struct conf *conf, const char *section, const char *key,
		     const struct node *map, struct report *report)
{
	struct walk walk = {.report = *report, .conf = conf};

	stanza_parse(&walk, schema_find(section, key), map);
	*report = walk.report;
}

static void items_parse(struct walk *walk, const struct schema_row *row, const struct node *node)
{
	const struct schema_list *list = row->list;
	struct spot spot = {node->key_line, row->key, NULL};

	if (!is_nothing(node) && node->kind != NODE_LIST) {
		refuse_kind(walk, row, node);
		return;
	}
	for (const struct node *item = node->first; item; item = item->next) {
		if (report_full(&walk->report) || !stanza_parse(walk, row, item))
			return;
	}
	if (list->count(walk->conf) < row->min && !node->first)
		report_add(&walk->report, spot, "empty; at least one is needed, for example `%s`",
			   row->example);
}

/* One word in the place of a section's keys is the value of each. */
static void word_for_all(struct walk *walk, const struct schema_row *row, const struct node *node,
			 void *object)
{
	char path[SCHEMA_PATH_MAX];

	schema_path(row, path);
	if (!schema_value_find(row, node->text)) {
		value_refuse(&walk->report, row, node, "not known here");
		return;
	}
	for (size_t i = 0; i < schema_count(); i++) {
		if (!strcmp(schema_row(i)->section, path))
			value_parse(&walk->report, schema_row(i), node, object);
	}
}

/* @node is NULL where the file does not have the key. */
static void row_parse(struct walk *walk, const struct schema_row *row, const struct node *node,
		      const struct place *parent)
{
	struct place place = {NULL, NULL, node ? node->key_line : parent->line, parent->object};
	char path[SCHEMA_PATH_MAX];

	if (row->type == SCHEMA_SECTIONS) {
		if (node)
			items_parse(walk, row, node);
		return;
	}
	if (row->type != SCHEMA_SECTION) {
		value_parse(&walk->report, row, node, parent->object);
		return;
	}
	if (row->has_offset && !node)
		return;
	if (row->has_offset)
		*(bool *)((char *)parent->object + row->has_offset) = true;
	if (node && row->values && node->kind == NODE_SCALAR && !is_nothing(node)) {
		word_for_all(walk, row, node, parent->object);
		return;
	}
	if (node && !is_nothing(node) && node->kind != NODE_MAP) {
		refuse_kind(walk, row, node);
		return;
	}
	place.section = schema_path(row, path);
	if (node && node->kind == NODE_MAP)
		place.map = node;
	section_parse(walk, place);
}

static bool is_of_other_role(const struct walk *walk, const struct schema_row *row)
{
	return row->gateway_only && walk->conf->role == CONF_ROLE_RESOLVER;
}

static bool is_required(const struct walk *walk, const struct schema_row *row)
{
	return row->required && !is_of_other_role(walk, row) &&
	       !(row->resolver_may_lack && walk->conf->role == CONF_ROLE_RESOLVER);
}

/* A key of the file. */
static void key_parse(struct walk *walk, const struct node *node, const struct place *place)
{
	const struct schema_row *row = schema_find(place->section, node->key);
	const struct node *first = child_of(place->map, node->key);

	if (first != node)
		report_add(&walk->report, (struct spot){node->key_line, NULL, node->key},
			   "given twice; first on line %u", first->key_line);
	else if (!row)
		refuse_unknown(walk, place->section, node);
	else if (row->later)
		report_add(&walk->report, (struct spot){node->key_line, row->key, NULL},
			   "not in this version");
	else if (row->type == SCHEMA_SECTION && !feature_is_built(row->feature))
		report_add(&walk->report, (struct spot){node->key_line, row->key, NULL},
			   "%s; take it out, or install one that has it",
			   feature_lacks(row->feature));
	else if (is_of_other_role(walk, row))
		report_add(&walk->report, (struct spot){node->key_line, row->key, NULL}, "%s",
			   row->instead ? row->instead
					: "means nothing in role resolver, which routes nothing; "
					  "take it out");
	else
		row_parse(walk, row, node, place);
}

/*
 * In the file's order first, so that faults come in the order of their lines; then what it leaves
 * out.
 */
static void section_parse(struct walk *walk, struct place place)
{
	const struct node *node = place.map ? place.map->first : NULL;

	for (; node && !report_full(&walk->report); node = node->next)
		key_parse(walk, node, &place);
	for (size_t i = 0; i < schema_count(); i++) {
		const struct schema_row *row = schema_row(i);

		if (row->later || strcmp(row->section, place.section) ||
		    child_of(place.map, row->key))
			continue;
		if (is_required(walk, row))
			report_add(&walk->report, (struct spot){place.line, row->key, NULL},
				   "missing%s%s; for example `%s: %s`",
				   *place.section ? " in " : "", place.section, row->key,
				   row->example);
		else if (!row->required)
			row_parse(walk, row, NULL, &place);
	}
}

/* The role says which keys there are, wherever it stands. A wrong word, or one of a part that is not built, is refused where the keys are read. */
static enum conf_role role_of(const struct node *root)
{
	const struct node *node = child_of(root, "role");
	const struct schema_row *row = schema_find("", "role");
	const struct schema_value *value =
		node && node->kind == NODE_SCALAR ? schema_value_find(row, node->text) : NULL;

	return value && feature_is_built(value->feature) ? (enum conf_role)value->value
							 : CONF_ROLE_GATEWAY;
}

/*
 * The configuration as far as it could be read is in walk->conf, complete only if nothing was
 * reported.
 */
static void text_parse(struct walk *walk, const char *text, size_t length)
{
	const char *nul = memchr(text, '\0', length);
	_node_ struct node *root = NULL;
	struct place place = {"", NULL, 1, walk->conf};

	if (nul) {
		struct spot spot = {node_line_at(text, length, (size_t)(nul - text)), NULL, NULL};

		report_add(&walk->report, spot, "a NUL character; the file must be plain text");
		return;
	}
	if (node_parse(&walk->report, text, length, &root))
		return;
	if (root->kind != NODE_MAP) {
		report_add(&walk->report, (struct spot){root->line, NULL, NULL},
			   "no keys; the file begins with a key such as `wan:`");
		return;
	}
	place.map = root;
	walk->conf->role = role_of(root);
	section_parse(walk, place);
}

/* A service that says nothing has nat's, which may stand behind it in the file. */
static void inherit(struct conf *conf)
{
	for (size_t i = 0; i < conf->n_services; i++) {
		if (!conf->services[i].has_hairpin_source)
			conf->services[i].hairpin_source = conf->hairpin_source;
	}
}

int conf_parse(const char *path, const char *text, size_t length, struct conf **ret_conf,
	       struct strbuf *errors)
{
	_conf_ struct conf *conf = alloc_zero(sizeof(*conf));
	struct walk walk = {.report = {.path = path}, .conf = conf};

	conf->path = alloc_text(path);
	if (length > LIMIT_CONF_BYTES)
		report_add(&walk.report, (struct spot){0},
			   "larger than %u bytes; no configuration is", LIMIT_CONF_BYTES);
	else
		text_parse(&walk, text, length);
	/* Half a configuration would only lead to faults that are none. */
	if (!walk.report.n)
		conf_check(conf, &walk.report);
	if (walk.report.n) {
		report_finish(&walk.report, errors);
		return -EINVAL;
	}
	inherit(conf);
	*ret_conf = TAKE_PTR(conf);
	return 0;
}

int conf_load(const char *path, struct conf **ret_conf, struct strbuf *errors)
{
	struct report report = {.path = path};
	_free_ char *text = NULL;
	size_t length;
	int ret = file_read(path, LIMIT_CONF_BYTES, &text, &length);

	if (ret == -EFBIG)
		report_add(&report, (struct spot){0}, "larger than %u bytes; no configuration is",
			   LIMIT_CONF_BYTES);
	else if (ret)
		report_add(&report, (struct spot){0}, "cannot be read: %s", strerror(-ret));
	report_finish(&report, errors);
	return ret ? ret : conf_parse(path, text, length, ret_conf, errors);
}

static void service_fini(struct conf_service *service)
{
	for (size_t i = 0; i < service->n_domains; i++)
		free(service->domains[i]);
	free(service->domains);
	free(service->ports);
	free(service->allow);
}

void conf_rewrite_fini(struct conf_rewrite *rewrite)
{
	free(rewrite->domain);
	free(rewrite->target);
	free(rewrite->addrs);
}

static void dhcp_fini(struct conf_dhcp *dhcp)
{
	for (size_t i = 0; i < dhcp->n_options; i++)
		free(dhcp->options[i].octets);
	free(dhcp->options);
	free(dhcp->dns);
	free(dhcp->domain);
}

struct conf *conf_free(struct conf *conf)
{
	if (!conf)
		return NULL;
	for (size_t i = 0; i < conf->n_dhcp; i++)
		dhcp_fini(&conf->dhcp[i]);
	free(conf->dhcp);
	free(conf->reservations);
	for (size_t i = 0; i < conf->n_rewrites; i++)
		conf_rewrite_fini(&conf->rewrites[i]);
	free(conf->rewrites);
	conf_lists_fini(conf);
	for (size_t i = 0; i < conf->n_groups; i++)
		conf_group_fini(&conf->groups[i]);
	free(conf->groups);
	for (size_t i = 0; i < conf->n_private_domains; i++)
		free(conf->private_domains[i]);
	free(conf->private_domains);
	free(conf->listeners);
	upstreams_free(conf);
	for (size_t i = 0; i < conf->n_services; i++)
		service_fini(&conf->services[i]);
	free(conf->services);
	free(conf->hosts);
	free(conf->pass);
	free(conf->upstream_ca);
	free(conf->tls.certificate);
	free(conf->tls.key);
	free(conf->tls.name);
	free(conf->path);
	free(conf);
	return NULL;
}
