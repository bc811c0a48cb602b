// SPDX-License-Identifier: GPL-2.0-or-later
#include "json_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

/* C0 without the tab, DEL, and C1 as UTF-8 writes it (0xc2 and this octet). */
static bool is_control(const char *text, size_t at)
{
	unsigned char c = (unsigned char)text[at];

	if (c >= 0x80 && c < 0xa0)
		return at > 0 && (unsigned char)text[at - 1] == 0xc2;
	return (c < 0x20 && c != '\t') || c == 0x7f;
}

static void replace_controls(const char *text, size_t length, char *clean)
{
	for (size_t i = 0; i < length; i++) {
		clean[i] = text[i];
		if (!is_control(text, i))
			continue;
		clean[i] = '?';
		if ((unsigned char)text[i] >= 0x80)
			clean[i - 1] = '?';
	}
}

json_t *json_text(const char *text, size_t length)
{
	_free_ char *clean = calloc(length + 1, 1);
	json_t *json;

	if (!clean)
		abort();
	replace_controls(text, length, clean);
	json = json_stringn(clean, length);
	for (size_t i = 0; !json && i < length; i++) {
		if ((unsigned char)clean[i] >= 0x80)
			clean[i] = '?';
	}
	if (!json)
		json = json_stringn(clean, length);
	if (!json)
		abort();
	return json;
}

json_t *json_lines(const char *text)
{
	json_t *lines = json_array();

	while (*text) {
		size_t length = strcspn(text, "\n");

		if (length > 0)
			json_array_append_new(lines, json_text(text, length));
		text += length + (text[length] == '\n');
	}
	return lines;
}
