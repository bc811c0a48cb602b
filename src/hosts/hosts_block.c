// SPDX-License-Identifier: GPL-2.0-or-later
#include "hosts_block.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define BEGIN "# hairpin: begin"
#define BEGIN_PLAIN BEGIN "; `hairpin hosts remove` takes this out"
/* The file's last line had no end, which we gave it: it goes with the block. */
#define BEGIN_JOINED BEGIN " behind a line without end; `hairpin hosts remove` takes this out"
#define END "# hairpin: end"

struct span {
	size_t from, to; /* octets */
};

struct found {
	struct span begin, end; /* lines of the marks, with their ends */
	unsigned int begin_line, n_begins, n_ends;
	bool is_joined;
};

static bool line_is(const char *line, size_t length, const char *mark)
{
	size_t n = strlen(mark);

	return length >= n && !memcmp(line, mark, n);
}

static void line_look(struct found *found, const char *text, struct span line, unsigned int number)
{
	size_t length = line.to - line.from;

	if (line_is(text + line.from, length, BEGIN)) {
		found->n_begins++;
		found->begin = line;
		found->begin_line = number;
		found->is_joined = line_is(text + line.from, length, BEGIN_JOINED);
	} else if (line_is(text + line.from, length, END)) {
		found->n_ends++;
		found->end = line;
	}
}

static void marks_find(struct found *found, const char *text, size_t length)
{
	unsigned int number = 0;

	for (struct span line = {0}; line.from < length; line.from = line.to) {
		const char *end = memchr(text + line.from, '\n', length - line.from);

		line.to = end ? (size_t)(end - text) + 1 : length;
		line_look(found, text, line, ++number);
	}
}

static int marks_judge(const struct found *found, struct strbuf *why)
{
	if (found->n_begins > 1 || found->n_ends > 1)
		strbuf_add(why, "more than one block of hairpin's; leave one, or none");
	else if (found->n_begins != found->n_ends)
		strbuf_add(why, "\"%s\" without \"%s\"; take out what is between and the mark",
			   found->n_begins ? BEGIN : END, found->n_begins ? END : BEGIN);
	else if (found->n_begins && found->end.from < found->begin.from)
		strbuf_add(why, "\"%s\" behind \"%s\"; take both out", BEGIN, END);
	else
		return 0;
	return -EINVAL;
}

/* How lines end there: as the first one does. */
static const char *ending_of(const char *text, size_t length)
{
	const char *end = memchr(text, '\n', length);

	return end && end > text && end[-1] == '\r' ? "\r\n" : "\n";
}

static void block_add(struct strbuf *out, const char *lines, const char *begin, const char *ending)
{
	strbuf_add(out, "%s%s", begin, ending);
	for (const char *at = lines; *at;) {
		size_t n = strcspn(at, "\n");

		strbuf_add(out, "%.*s%s", (int)n, at, ending);
		at += n + (at[n] == '\n');
	}
	strbuf_add(out, END "%s", ending);
}

/* What stands in front of the block, without the end of a line that came with it; @has_more: something stands behind it by now, which would be joined. */
static size_t before_length(const char *text, const struct found *found, bool has_more)
{
	size_t n = found->begin.from;

	if (!found->is_joined || has_more || !n)
		return n;
	n--;
	return n && text[n - 1] == '\r' && !strcmp(ending_of(text, n + 1), "\r\n") ? n - 1 : n;
}

int hosts_block_put(const char *text, size_t length, const char *lines, struct strbuf *ret_text,
		    struct strbuf *why)
{
	struct found found = {0};
	size_t before = length, behind = length;
	bool has_end;

	marks_find(&found, text, length);
	if (marks_judge(&found, why))
		return -EINVAL;
	if (found.n_begins) {
		behind = found.end.to;
		before = before_length(text, &found, behind < length);
	}
	has_end = !before || text[before - 1] == '\n';
	strbuf_add_bytes(ret_text, text, before);
	if (lines) {
		const char *ending = ending_of(text, length);

		if (!has_end)
			strbuf_add(ret_text, "%s", ending);
		block_add(ret_text, lines, has_end ? BEGIN_PLAIN : BEGIN_JOINED, ending);
	}
	strbuf_add_bytes(ret_text, text + behind, length - behind);
	return 0;
}
