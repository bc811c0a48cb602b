// SPDX-License-Identifier: GPL-2.0-or-later
#include "uci.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "alloc.h"
#include "import_internal.h"

/* Nobody has as many; they bound what looking for a name costs. */
#define SECTIONS_MAX 8192
#define OPTIONS_MAX 256
#define VALUES_MAX 4096

#define WORDS_MAX 4 /* a statement has three at most; the fourth is the fault */

struct reader {
	const char *at;
	unsigned int line;
	char *package; /* owned; NULL: none was said */
	struct uci_section *section; /* that options go to; NULL: none */
	struct uci *uci;
	struct strbuf *why;
};

static int refuse(struct reader *reader, const char *what)
{
	strbuf_add(reader->why, "line %u: %s", reader->line, what);
	return -EINVAL;
}

static int refuse_size(struct reader *reader, const char *what)
{
	refuse(reader, what);
	return -E2BIG;
}

/* --- words --------------------------------------------------------------------------------- */

static void octet_take(struct reader *reader, struct strbuf *word)
{
	reader->line += *reader->at == '\n';
	strbuf_add_bytes(word, reader->at++, 1);
}

/* At a backslash: what follows is itself, and the end of a line is nothing. */
static void escaped_take(struct reader *reader, struct strbuf *word)
{
	reader->at++;
	if (*reader->at == '\n') {
		reader->line++;
		reader->at++;
	} else if (*reader->at) {
		octet_take(reader, word);
	}
}

static int quoted_take(struct reader *reader, struct strbuf *word)
{
	char quote = *reader->at++;
	unsigned int begin = reader->line;

	while (*reader->at && *reader->at != quote) {
		if (*reader->at == '\\' && quote == '"')
			escaped_take(reader, word);
		else
			octet_take(reader, word);
	}
	if (!*reader->at) {
		reader->line = begin;
		return refuse(reader, "a quote that nothing ends");
	}
	reader->at++;
	return 0;
}

static bool is_end(char c)
{
	return !c || c == '\n' || c == ';' || c == '#';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* 1: a word; 0: the statement has no more; -EINVAL. */
static int word_take(struct reader *reader, struct strbuf *word)
{
	while (is_blank(*reader->at))
		reader->at++;
	if (is_end(*reader->at))
		return 0;
	while (!is_end(*reader->at) && !is_blank(*reader->at)) {
		if (*reader->at == '\'' || *reader->at == '"') {
			if (quoted_take(reader, word))
				return -EINVAL;
		} else if (*reader->at == '\\') {
			escaped_take(reader, word);
		} else {
			octet_take(reader, word);
		}
	}
	return 1;
}

static void statement_end(struct reader *reader)
{
	if (*reader->at == '#')
		reader->at += strcspn(reader->at, "\n");
	reader->line += *reader->at == '\n';
	reader->at += *reader->at != '\0';
}

static bool is_name(const char *text)
{
	const char *at = text;

	while (isalnum((unsigned char)*at) || *at == '_')
		at++;
	return at != text && !*at;
}

/* A type, or a package: it stands in messages. */
static bool is_type(const char *text)
{
	const char *at = text;

	while (*at > ' ' && *at < 0x7f)
		at++;
	return at != text && !*at;
}

/* --- statements ---------------------------------------------------------------------------- */

static bool equal_or_none(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static int section_begin(struct reader *reader, const char *type, const char *name)
{
	struct uci *uci = reader->uci;
	size_t index = 0;

	if (!is_type(type) || (name && !is_name(name)))
		return refuse(reader, "no name of a section");
	for (size_t i = 0; i < uci->n_sections; i++) {
		struct uci_section *other = &uci->sections[i];

		if (!equal_or_none(other->package, reader->package))
			continue;
		if (name && other->name && !strcmp(other->name, name)) {
			reader->section = other;
			return strcmp(other->type, type)
				       ? refuse(reader, "the name of a section of another type")
				       : 0;
		}
		index += !strcmp(other->type, type);
	}
	if (uci->n_sections == SECTIONS_MAX)
		return refuse_size(reader, "more sections than anybody has");
	if ((uci->n_sections & (uci->n_sections - 1)) == 0)
		uci->sections =
			alloc_array(uci->sections, uci->n_sections ? 2 * uci->n_sections : 1,
				    sizeof(*uci->sections));
	reader->section = &uci->sections[uci->n_sections++];
	*reader->section = (struct uci_section){
		.package = reader->package ? alloc_text(reader->package) : NULL,
		.type = alloc_text(type),
		.name = name ? alloc_text(name) : NULL,
		.index = index,
		.line = reader->line};
	return 0;
}

static void values_fini(struct uci_option *option)
{
	for (size_t i = 0; i < option->n_values; i++)
		free(option->values[i]);
	free(option->values);
	option->values = NULL;
	option->n_values = 0;
}

static struct uci_option *option_find(const struct uci_section *section, const char *key)
{
	for (size_t i = 0; i < section->n_options; i++) {
		if (!strcmp(section->options[i].key, key))
			return &section->options[i];
	}
	return NULL;
}

static int value_set(struct reader *reader, const char *key, const char *value, bool is_list)
{
	struct uci_section *section = reader->section;
	struct uci_option *option;

	if (!section)
		return refuse(reader, "an option before any section");
	if (!is_name(key))
		return refuse(reader, "no name of an option");
	option = option_find(section, key);
	if (!option) {
		if (section->n_options == OPTIONS_MAX)
			return refuse_size(reader, "more options than any section has");
		section->options = alloc_array(section->options, section->n_options + 1,
					       sizeof(*section->options));
		option = &section->options[section->n_options++];
		*option = (struct uci_option){.key = alloc_text(key)};
	}
	if (!is_list)
		values_fini(option);
	if (option->n_values == VALUES_MAX)
		return refuse_size(reader, "more values than any list has");
	option->values = alloc_array(option->values, option->n_values + 1, sizeof(*option->values));
	option->values[option->n_values++] = alloc_text(value);
	option->is_list = is_list;
	return 0;
}

static int package_begin(struct reader *reader, const char *name)
{
	if (!is_type(name))
		return refuse(reader, "no name of a package");
	free(reader->package);
	reader->package = alloc_text(name);
	reader->section = NULL;
	return 0;
}

static int statement_take(struct reader *reader, const struct strbuf words[WORDS_MAX], int n)
{
	const char *verb = strbuf_text(&words[0]), *first = strbuf_text(&words[1]);
	const char *second = strbuf_text(&words[2]);

	if (n == 0)
		return 0;
	if (!strcmp(verb, "package") && n == 2)
		return package_begin(reader, first);
	if (!strcmp(verb, "config") && (n == 2 || n == 3))
		return section_begin(reader, first, n == 3 && *second ? second : NULL);
	if (!strcmp(verb, "option") && n == 3)
		return value_set(reader, first, second, false);
	if (!strcmp(verb, "list") && n == 3)
		return value_set(reader, first, second, true);
	return refuse(reader, "no statement of UCI: package, config, option and list begin one");
}

static int statement_read(struct reader *reader)
{
	struct strbuf words[WORDS_MAX] = {0};
	unsigned int begin = reader->line, end;
	int n = 0, ret = 1;

	while (ret > 0 && n < WORDS_MAX) {
		ret = word_take(reader, &words[n]);
		n += ret > 0;
	}
	end = reader->line;
	reader->line = begin;
	if (ret >= 0)
		ret = statement_take(reader, words, n);
	reader->line = end;
	for (int i = 0; i < WORDS_MAX; i++)
		strbuf_fini(&words[i]);
	if (!ret)
		statement_end(reader);
	return ret;
}

int uci_parse(const char *text, struct uci *uci, struct strbuf *why)
{
	struct reader reader = {.at = text, .line = 1, .uci = uci, .why = why};
	int ret = 0;

	while (!ret && *reader.at)
		ret = statement_read(&reader);
	free(reader.package);
	if (!ret && !uci->n_sections) {
		strbuf_add(why, "no section of UCI in it; OpenWrt has them in /etc/config");
		ret = -EINVAL;
	}
	if (ret)
		uci_fini(uci);
	return ret;
}

void uci_fini(struct uci *uci)
{
	for (size_t i = 0; i < uci->n_sections; i++) {
		struct uci_section *section = &uci->sections[i];

		for (size_t k = 0; k < section->n_options; k++) {
			free(section->options[k].key);
			values_fini(&section->options[k]);
		}
		free(section->options);
		free(section->package);
		free(section->type);
		free(section->name);
	}
	free(uci->sections);
	*uci = (struct uci){0};
}

/* --- what it says -------------------------------------------------------------------------- */

bool uci_is_of(const struct uci_section *section, const char *package)
{
	return !section->package || !strcmp(section->package, package);
}

bool uci_is_type(const struct uci_section *section, const char *package, const char *type)
{
	return uci_is_of(section, package) && !strcmp(section->type, type);
}

const struct uci_option *uci_option(const struct uci_section *section, const char *key)
{
	return option_find(section, key);
}

const char *uci_value(const struct uci_section *section, const char *key)
{
	const struct uci_option *option = uci_option(section, key);

	return option ? option->values[0] : NULL;
}

bool uci_means(const char *text, bool on)
{
	static const char *const words[2][5] = {{"0", "no", "off", "false", "disabled"},
						{"1", "yes", "on", "true", "enabled"}};

	for (size_t i = 0; i < ARRAY_SIZE(words[on]); i++) {
		if (!strcmp(text, words[on][i]))
			return true;
	}
	return false;
}

bool uci_is_on(const struct uci_section *section, const char *key, bool fallback)
{
	const char *text = uci_value(section, key);

	return text ? !uci_means(text, false) : fallback;
}

void uci_place(const struct uci_section *section, struct strbuf *out)
{
	if (!section->package)
		strbuf_add(out, "line %u: %s", section->line, section->type);
	else if (section->name)
		strbuf_add(out, "%s.%s", section->package, section->name);
	else
		strbuf_add(out, "%s.@%s[%zu]", section->package, section->type, section->index);
}
