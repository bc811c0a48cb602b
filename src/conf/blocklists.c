// SPDX-License-Identifier: GPL-2.0-or-later
/* The types of `dns`: lists of names that get no answer, and words of the operator for the same. */
#include <ctype.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "pattern.h"
#include "value.h"

/* --- words --------------------------------------------------------------------------------- */

static bool pattern_parse(struct report *report, const struct schema_row *row,
			  const struct node *node, void *object)
{
	struct conf_words *words = value_field(row, object);
	const char *fault = pattern_fault(node->text);

	if (fault)
		return value_refuse(report, row, node, fault);
	for (size_t i = 0; i < words->n; i++) {
		if (!strcasecmp(words->words[i], node->text))
			return value_refuse(report, row, node,
					    "twice in this list; once is enough");
	}
	words->words[words->n++] = pattern_text(node->text);
	return true;
}

bool blocklists_patterns_parse(struct report *report, const struct schema_row *row,
			       const struct node *node, void *object)
{
	struct conf_words *words = value_field(row, object);
	long n = list_length(report, row, node);

	if (n < 0)
		return false;
	words->words = alloc_array(NULL, (size_t)n, sizeof(*words->words));
	return list_parse(report, row, node, object, pattern_parse);
}

void blocklists_patterns_print(const struct schema_row *row, const void *object, struct strbuf *out)
{
	const struct conf_words *words = value_field_in(row, object);

	if (words->n)
		list_words_print(words->words, words->n, out);
}

/* --- where a list is ----------------------------------------------------------------------- */

static bool has_odd(const char *text)
{
	for (; *text; text++) {
		if (!isgraph((unsigned char)*text))
			return true;
	}
	return false;
}

bool blocklists_file_parse(struct report *report, const struct schema_row *row,
			   const struct node *node, void *object)
{
	const char *text = node->text;

	/* Whoever starts the daemon may be in any folder. */
	if (*text != '/')
		return value_refuse(report, row, node, "does not begin at the root");
	if (strlen(text) > row->max)
		return value_refuse(report, row, node, "too long");
	if (has_odd(text))
		return value_refuse(report, row, node, "has a character that it may not");
	*(char **)value_field(row, object) = alloc_text(text);
	return true;
}

bool blocklists_url_parse(struct report *report, const struct schema_row *row,
			  const struct node *node, void *object)
{
	const char *text = node->text, *host = strstr(text, "://");

	if (strncmp(text, "https://", 8) && strncmp(text, "http://", 7))
		return value_refuse(report, row, node, "neither https:// nor http://");
	host += 3;
	if (!*host || strchr("/:?#@", *host))
		return value_refuse(report, row, node, "names no server");
	/* It would stand in the log and in `show`. */
	if (memchr(host, '@', strcspn(host, "/?#")))
		return value_refuse(report, row, node, "has a password in it");
	if (strlen(text) > row->max)
		return value_refuse(report, row, node, "too long");
	if (has_odd(text))
		return value_refuse(report, row, node, "has a character that it may not");
	*(char **)value_field(row, object) = alloc_text(text);
	return true;
}

void blocklists_text_print(const struct schema_row *row, const void *object, struct strbuf *out)
{
	const char *text = *(char *const *)value_field_in(row, object);

	if (text)
		value_print_text(text, out);
}

/* --- together ------------------------------------------------------------------------------ */

static void check_lists(const struct conf_list *lists, size_t n, struct report *report)
{
	for (size_t i = 0; i < n && !report_full(report); i++) {
		struct spot spot = {lists[i].line, "name", lists[i].name};

		if (!lists[i].path == !lists[i].url)
			report_add(report, spot, "%s; give it either a `path` or a `url`",
				   lists[i].path ? "has both" : "has nothing to read");
		for (size_t k = 0; k < i; k++) {
			if (!strcmp(lists[i].name, lists[k].name))
				report_add(report, spot,
					   "given to another list on line %u; each has its own",
					   lists[k].line);
		}
	}
}

void conf_check_lists(const struct conf *conf, struct report *report)
{
	size_t n = conf->n_blocklists + conf->n_allowlists;

	check_lists(conf->blocklists, conf->n_blocklists, report);
	check_lists(conf->allowlists, conf->n_allowlists, report);
	if (n > LIMIT_BLOCKLISTS)
		report_add(report, (struct spot){conf->allowlists[0].line, "allowlists", NULL},
			   "%zu lists with those to block; at most %u", n, LIMIT_BLOCKLISTS);
}

static void lists_free(struct conf_list *lists, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(lists[i].path);
		free(lists[i].url);
	}
	free(lists);
}

static void words_fini(struct conf_words *words)
{
	for (size_t i = 0; i < words->n; i++)
		free(words->words[i]);
	free(words->words);
}

void conf_lists_fini(struct conf *conf)
{
	lists_free(conf->blocklists, conf->n_blocklists);
	lists_free(conf->allowlists, conf->n_allowlists);
	words_fini(&conf->block);
	words_fini(&conf->allow);
}
