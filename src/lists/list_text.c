// SPDX-License-Identifier: GPL-2.0-or-later
#include "list_text.h"

#include <string.h>
#include <strings.h>

/* Fewer lines than this may all be wrong, and it is still a list that somebody began to write. */
#define JUDGED_LINES 10

static bool is_fault(enum list_line is)
{
	return is == LIST_LINE_INVALID || is == LIST_LINE_REWRITE || is == LIST_LINE_IDN;
}

/* Where a line of that kind is shown; NULL: it is counted alone. */
static struct list_fault *fault_place(struct list_text *read, enum list_line is)
{
	if (is == LIST_LINE_UNSUPPORTED)
		return read->unsupported.line ? NULL : &read->unsupported;
	if (!is_fault(is) || read->n_faults == LIMIT_LIST_FAULTS)
		return NULL;
	return &read->faults[read->n_faults++];
}

static void fault_note(struct list_text *read, const char *line, size_t n, enum list_line is,
		       __u32 number)
{
	struct list_fault *fault = fault_place(read, is);
	size_t i;

	if (!fault)
		return;
	fault->line = number;
	fault->is = is;
	/* It goes to a terminal, and strangers wrote it. */
	for (i = 0; i < n && i < sizeof(fault->text) - 1; i++)
		fault->text[i] = line[i] >= ' ' && line[i] <= '~' ? line[i] : '?';
	fault->text[i] = '\0';
}

static const char *behind_mark(const char *text, const char *end)
{
	return end - text >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? text + 3 : text;
}

int list_text_read(const char *text, size_t n, list_rule_cb *cb, void *data,
		   struct list_text *ret_read)
{
	const char *end = text + n, *at = behind_mark(text, end);
	__u32 number = 0;
	int ret = 0;

	*ret_read = (struct list_text){0};
	while (at < end && !ret) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((newline ? newline : end) - at);
		enum list_line is = LIST_LINE_INVALID;

		number++;
		if (length && at[length - 1] == '\r')
			length--;
		if (length <= LIMIT_LIST_LINE)
			ret = list_line_read(at, length, cb, data, &is);
		ret_read->counts[is]++;
		if (is != LIST_LINE_EMPTY)
			ret_read->lines++;
		fault_note(ret_read, at, length, is, number);
		at = newline ? newline + 1 : end;
	}
	return ret;
}

static bool is_page(const char *text, size_t n)
{
	const char *end = text + n, *at = behind_mark(text, end);

	while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
		at++;
	return end - at >= 5 && (!strncasecmp(at, "<!doc", 5) || !strncasecmp(at, "<html", 5) ||
				 !strncasecmp(at, "<?xml", 5) || !strncasecmp(at, "<head", 5));
}

const char *list_text_judge(const char *text, size_t n, const struct list_text *read,
			    bool may_be_empty)
{
	__u32 faulty = read->counts[LIST_LINE_INVALID];

	if (is_page(text, n))
		return "a page in HTML and no list";
	if (memchr(text, '\0', n))
		return "no text";
	if (!read->lines)
		return may_be_empty ? NULL : "empty";
	if (read->lines < JUDGED_LINES ? !may_be_empty && faulty == read->lines
				       : faulty > read->lines / 2)
		return "no list: most of its lines are none of one";
	return NULL;
}
