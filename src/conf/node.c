// SPDX-License-Identifier: GPL-2.0-or-later
#include "node.h"

#include <errno.h>
#include <yaml.h>

#include <hairpin/limits.h>

#include "alloc.h"

/*
 * libyaml's document interface would be shorter, but it resolves aliases before anybody sees them.
 * Events show them, and let the depth be bounded before memory is spent.
 */
struct builder {
	struct report *report;
	struct node *root;
	struct node *open[LIMIT_CONF_DEPTH];
	unsigned int depth;
	char *key; /* read, its value not yet */
	unsigned int key_line;
	unsigned int documents;
};

static void node_free_alone(struct node *node)
{
	free(node->key);
	free(node->text);
	free(node);
}

struct node *node_free(struct node *node)
{
	struct node *child, *next;

	if (!node)
		return NULL;
	/* Recursion ends at LIMIT_CONF_DEPTH. */
	for (child = node->first; child; child = next) {
		next = child->next;
		node_free(child);
	}
	node_free_alone(node);
	return NULL;
}

unsigned int node_line_at(const char *text, size_t length, size_t offset)
{
	unsigned int line = 1;

	for (size_t i = 0; i < offset && i < length; i++)
		line += text[i] == '\n';
	return line;
}

static unsigned int line_of(const yaml_event_t *event)
{
	return (unsigned int)event->start_mark.line + 1;
}

static int refuse(struct builder *builder, const yaml_event_t *event, const char *word,
		  const char *text)
{
	report_add(builder->report, (struct spot){line_of(event), NULL, word}, "%s", text);
	return -EINVAL;
}

static struct node *top_of(const struct builder *builder)
{
	return builder->depth ? builder->open[builder->depth - 1] : NULL;
}

static bool wants_key(const struct builder *builder)
{
	const struct node *top = top_of(builder);

	return top && top->kind == NODE_MAP && !builder->key;
}

static struct node *node_append(struct builder *builder, enum node_kind kind, unsigned int line)
{
	struct node *node = alloc_zero(sizeof(*node)), *top = top_of(builder);

	node->kind = kind;
	node->line = line;
	node->key = TAKE_PTR(builder->key);
	node->key_line = builder->key_line;
	if (!top)
		builder->root = node;
	else if (!top->first)
		top->first = node;
	else
		top->last->next = node;
	if (top)
		top->last = node;
	return node;
}

static int take_scalar(struct builder *builder, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	struct node *node;

	if (strlen(text) != event->data.scalar.length)
		return refuse(builder, event, text, "has a NUL character after this; leave it out");
	if (wants_key(builder)) {
		builder->key = alloc_text(text);
		builder->key_line = line_of(event);
		return 0;
	}
	node = node_append(builder, NODE_SCALAR, line_of(event));
	node->text = alloc_text(text);
	node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	return 0;
}

static int take_open(struct builder *builder, const yaml_event_t *event, enum node_kind kind)
{
	struct node *node;

	if (wants_key(builder))
		return refuse(builder, event, NULL, "a list or a map as a key; a key is one word");
	if (builder->depth == LIMIT_CONF_DEPTH)
		return refuse(builder, event, NULL, "nested too deep; no key needs this");
	node = node_append(builder, kind, line_of(event));
	builder->open[builder->depth++] = node;
	return 0;
}

static int take_document(struct builder *builder, const yaml_event_t *event)
{
	if (builder->documents++)
		return refuse(builder, event, "---",
			      "a second document; one file holds one configuration");
	return 0;
}

static int take_alias(struct builder *builder, const yaml_event_t *event)
{
	struct spot spot = {line_of(event), NULL, (const char *)event->data.alias.anchor};

	report_add(
		builder->report, spot,
		"a YAML alias; aliases are not used here, put a word that begins with * in quotes");
	return -EINVAL;
}

/* The anchor or tag that an event carries, or NULL. */
static const char *decoration_of(const yaml_event_t *event, bool tag)
{
	const yaml_char_t *text = NULL;

	if (event->type == YAML_SCALAR_EVENT)
		text = tag ? event->data.scalar.tag : event->data.scalar.anchor;
	else if (event->type == YAML_SEQUENCE_START_EVENT)
		text = tag ? event->data.sequence_start.tag : event->data.sequence_start.anchor;
	else if (event->type == YAML_MAPPING_START_EVENT)
		text = tag ? event->data.mapping_start.tag : event->data.mapping_start.anchor;
	return (const char *)text;
}

static int take_event(struct builder *builder, const yaml_event_t *event)
{
	const char *anchor = decoration_of(event, false), *tag = decoration_of(event, true);

	if (anchor)
		return refuse(builder, event, anchor,
			      "a YAML anchor; anchors are not used here, put a word that begins "
			      "with & in quotes");
	if (tag)
		return refuse(builder, event, tag,
			      "a YAML tag; tags are not used here, put a word that begins with ! "
			      "in quotes");
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		return take_document(builder, event);
	case YAML_ALIAS_EVENT:
		return take_alias(builder, event);
	case YAML_SCALAR_EVENT:
		return take_scalar(builder, event);
	case YAML_SEQUENCE_START_EVENT:
		return take_open(builder, event, NODE_LIST);
	case YAML_MAPPING_START_EVENT:
		return take_open(builder, event, NODE_MAP);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		builder->depth--;
		return 0;
	default:
		return 0;
	}
}

/* The character at @mark, whose column counts characters and not octets. */
static char char_at(const char *text, size_t length, const yaml_mark_t *mark)
{
	size_t at = 0;

	for (size_t line = 0; line < mark->line; line++) {
		const char *end = memchr(text + at, '\n', length - at);

		if (!end)
			return '\0';
		at = (size_t)(end - text) + 1;
	}
	for (size_t column = 0; column < mark->column && at < length; column++) {
		at++;
		while (at < length && ((unsigned char)text[at] & 0xc0) == 0x80)
			at++;
	}
	return at < length ? text[at] : '\0';
}

/* What would be right, for the mistakes that libyaml's own words do not name. */
static const char *hint_for(char c)
{
	switch (c) {
	case '\t':
		return "; indent with spaces, not with a tab";
	case '*':
	case '&':
	case '@':
	case '`':
	case '%':
		return "; put a word that begins with this character in quotes";
	case ':':
		return "; put a word that holds \": \" or ends in \":\" in quotes";
	default:
		return "; look for a missing quote, bracket or colon, or a wrong indentation";
	}
}

static void complain(struct report *report, const yaml_parser_t *yaml, const char *text,
		     size_t length)
{
	const char *problem = yaml->problem ? yaml->problem : "unknown error";
	struct spot spot = {(unsigned int)yaml->problem_mark.line + 1, NULL, NULL};
	size_t column = yaml->problem_mark.column;
	yaml_mark_t before = yaml->problem_mark;
	char c = char_at(text, length, &yaml->problem_mark);

	if (yaml->error == YAML_READER_ERROR) {
		spot.line = node_line_at(text, length, yaml->problem_offset);
		report_add(report, spot, "not plain text: %s; the file must be UTF-8", problem);
		return;
	}
	/* An alias's name is what is wrong, but the mark is behind its star. */
	before.column = column ? column - 1 : 0;
	if (char_at(text, length, &before) == '*')
		c = '*';
	if (yaml->context && yaml->context_mark.line < yaml->problem_mark.line)
		report_add(report, spot, "not YAML: %s, in what begins on line %zu%s", problem,
			   yaml->context_mark.line + 1, hint_for(c));
	else
		report_add(report, spot, "not YAML: %s at column %zu%s", problem, column + 1,
			   hint_for(c));
}

static int build(struct builder *builder, yaml_parser_t *yaml, const char *text, size_t length)
{
	for (;;) {
		yaml_event_t event;
		yaml_event_type_t type;
		int ret;

		if (!yaml_parser_parse(yaml, &event)) {
			complain(builder->report, yaml, text, length);
			return -EINVAL;
		}
		type = event.type;
		ret = take_event(builder, &event);
		yaml_event_delete(&event);
		if (ret)
			return ret;
		if (type == YAML_STREAM_END_EVENT)
			return 0;
	}
}

int node_parse(struct report *report, const char *text, size_t length, struct node **ret_root)
{
	struct builder builder = {.report = report};
	yaml_parser_t yaml;
	int ret;

	/*
	 * libyaml takes a byte order mark only while it may guess the encoding, which it may not
	 * here.
	 */
	if (length >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		text += 3;
		length -= 3;
	}
	if (!yaml_parser_initialize(&yaml))
		abort();
	yaml_parser_set_encoding(&yaml, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&yaml, (const unsigned char *)text, length);
	ret = build(&builder, &yaml, text, length);
	yaml_parser_delete(&yaml);
	free(builder.key);
	if (!ret && !builder.root) {
		report_add(report, (struct spot){1, NULL, NULL},
			   "nothing in the file; `wan` and `lan` are needed");
		ret = -EINVAL;
	}
	if (ret) {
		node_free(builder.root);
		return ret;
	}
	*ret_root = builder.root;
	return 0;
}
