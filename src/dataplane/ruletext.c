// SPDX-License-Identifier: GPL-2.0-or-later
#include "ruletext.h"

#include <stdbool.h>
#include <string.h>

/* The body of the table: behind its first line, which starts in the first column, as does the brace that ends it. */
static const char *table_body(const char *text, const struct ruletext_place *place)
{
	_strbuf_ struct strbuf head = {0};

	strbuf_add(&head, "table %s %s {", place->family, place->table);
	while (text && strncmp(text, head.text, head.length)) {
		text = strchr(text, '\n');
		text += text != NULL;
	}
	return text;
}

static const char *line_next(const char *line)
{
	line = strchr(line, '\n');
	return line ? line + 1 : NULL;
}

static bool line_ends(const char *line, const char *end)
{
	size_t length = strcspn(line, "\n"), n = strlen(end);

	return length >= n && !memcmp(line + length - n, end, n);
}

static void line_add(const char *line, size_t cut, struct strbuf *out)
{
	size_t length = strcspn(line, "\n");

	while (length > cut && (*line == '\t' || *line == ' '))
		line++, length--;
	strbuf_add_bytes(out, line, length - cut);
}

void ruletext_rule(const char *text, const struct ruletext_place *place, struct strbuf *out)
{
	char end[48];
	int cut = snprintf(end, sizeof(end), " # handle %lld", place->handle);

	for (const char *line = table_body(text, place); line && *line != '}';
	     line = line_next(line)) {
		/* The heads of table and chains have handles too, numbered on their own. */
		if (strncmp(line, "\t\t", 2) || !line_ends(line, end))
			continue;
		line_add(line, (size_t)cut, out);
		return;
	}
	strbuf_add(out, "rule %lld", place->handle);
}

void ruletext_hook(const char *text, const struct ruletext_place *place, struct strbuf *out)
{
	_strbuf_ struct strbuf head = {0};

	strbuf_add(&head, "\tchain %s {", place->chain);
	for (const char *line = table_body(text, place); line && *line != '}';
	     line = line_next(line)) {
		const char *next = line_next(line);

		if (strncmp(line, head.text, head.length) || !next)
			continue;
		line_add(next, 0, out);
		return;
	}
}
