// SPDX-License-Identifier: GPL-2.0-or-later
/* Looking things up in the table, whose parts are schema_SECTION.c. */
#include "schema_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const struct schema_part *const parts[] = {
	&schema_part_top,   &schema_part_services, &schema_part_nat, &schema_part_dns,
	&schema_part_lists, &schema_part_groups,   &schema_part_dhcp};

size_t schema_count(void)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		n += parts[i]->n;
	return n;
}

const struct schema_row *schema_row(size_t i)
{
	size_t part = 0;

	while (i >= parts[part]->n)
		i -= parts[part++]->n;
	return &parts[part]->rows[i];
}

const struct schema_row *schema_find(const char *section, const char *key)
{
	for (size_t i = 0; i < schema_count(); i++) {
		const struct schema_row *row = schema_row(i);

		if (!strcmp(row->section, section) && !strcmp(row->key, key))
			return row;
	}
	return NULL;
}

/* No key is longer; longer words have no neighbour. */
#define KEY_MAX 32

static bool is_same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Letters to add, drop or change to make one word of the other (Levenshtein), capitals apart. */
static unsigned int distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	unsigned int row[KEY_MAX + 1];

	if (n > KEY_MAX || m > KEY_MAX)
		return KEY_MAX;
	for (size_t j = 0; j <= m; j++)
		row[j] = (unsigned int)j;
	for (size_t i = 1; i <= n; i++) {
		unsigned int diagonal = row[0];

		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= m; j++) {
			unsigned int best = diagonal + !is_same_letter(a[i - 1], b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[m];
}

const struct schema_row *schema_nearest(const char *section, const char *key)
{
	const struct schema_row *nearest = NULL;
	size_t third = strlen(key) / 3;
	/* Half of a short word is another word, and four letters off is no slip of the finger. */
	unsigned int best = third < 3 ? (unsigned int)third + 1 : 3;

	for (size_t i = 0; i < schema_count(); i++) {
		const struct schema_row *row = schema_row(i);
		unsigned int d;

		if (strcmp(row->section, section) || row->later)
			continue;
		d = distance(row->key, key);
		if (d < best || (d == best && !nearest)) {
			best = d;
			nearest = row;
		}
	}
	return nearest;
}

const char *schema_path(const struct schema_row *row, char path[SCHEMA_PATH_MAX])
{
	snprintf(path, SCHEMA_PATH_MAX, "%s%s%s", row->section, *row->section ? "." : "", row->key);
	return path;
}

const struct schema_value *schema_value_find(const struct schema_row *row, const char *text)
{
	const struct schema_value *value = row->values;

	for (; value && value->word; value++) {
		if (value->matches ? value->matches(text) : !strcmp(value->word, text))
			return value;
	}
	return NULL;
}
