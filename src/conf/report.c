// SPDX-License-Identifier: GPL-2.0-or-later
#include "report.h"

#include <stdarg.h>
#include <string.h>

/*
 * Longest part of a foreign word that is repeated: one line of a terminal holds it with its
 * message.
 */
#define WORD_MAX 64

/* Length in octets of the character that begins with @c. */
static size_t utf8_length(unsigned char c)
{
	if (c < 0x80)
		return 1;
	if (c < 0xe0)
		return 2;
	return c < 0xf0 ? 3 : 4;
}

/*
 * Control characters, C1 too (U+0080 to U+009F): a terminal obeys them, and a log line ends at one.
 */
static bool is_control(const unsigned char *c)
{
	return c[0] < 0x20 || c[0] == 0x7f || (c[0] == 0xc2 && c[1] < 0xa0);
}

void report_add_word(struct strbuf *out, const char *text)
{
	size_t length = strlen(text), at = 0;

	while (at < length) {
		const unsigned char *c = (const unsigned char *)text + at;
		size_t step = utf8_length(*c);

		if (at + step > WORD_MAX || at + step > length) {
			strbuf_add(out, "...");
			return;
		}
		if (is_control(c))
			strbuf_add(out, "?");
		else
			strbuf_add_bytes(out, c, step);
		at += step;
	}
}

void report_add(struct report *report, struct spot spot, const char *format, ...)
{
	_strbuf_ struct strbuf line = {0};
	char text[1024];
	va_list args;

	if (report_full(report))
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	strbuf_add(&line, "%s:", report->path);
	if (spot.line)
		strbuf_add(&line, "%u:", spot.line);
	if (spot.key)
		strbuf_add(&line, " %s:", spot.key);
	if (spot.word) {
		strbuf_add(&line, " ");
		report_add_word(&line, *spot.word ? spot.word : "\"\"");
		strbuf_add(&line, ":");
	}
	strbuf_add(&line, " %s\n", text);
	report->lines[report->n].line = spot.line;
	report->lines[report->n++].text = TAKE_PTR(line.text);
}

bool report_full(const struct report *report)
{
	return report->n >= LIMIT_CONF_ERRORS;
}

void report_finish(struct report *report, struct strbuf *out)
{
	/* By insertion: twenty at most, and those of one line stay as they came. */
	for (unsigned int i = 1; i < report->n; i++) {
		struct report_line line = report->lines[i];
		unsigned int j = i;

		for (; j > 0 && report->lines[j - 1].line > line.line; j--)
			report->lines[j] = report->lines[j - 1];
		report->lines[j] = line;
	}
	for (unsigned int i = 0; i < report->n; i++) {
		strbuf_add(out, "%s", report->lines[i].text);
		free(report->lines[i].text);
	}
	report->n = 0;
}
