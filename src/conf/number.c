// SPDX-License-Identifier: GPL-2.0-or-later
/* The types that are numbers with bounds: counts, marks, times and sizes. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "duration.h"
#include "value.h"

bool number_parse(struct report *report, const struct schema_row *row, const struct node *node,
		  void *object)
{
	const struct schema_value *value = schema_value_find(row, node->text);
	unsigned int *field = value_field(row, object);
	unsigned long long number;
	char *end;

	if (value) {
		*field = (unsigned int)value->value;
		return true;
	}
	errno = 0;
	number = strtoull(node->text, &end, 10);
	if (!isdigit((unsigned char)*node->text) || *end)
		return value_refuse(report, row, node, "not a number");
	if (errno || number > row->max)
		return value_refuse(report, row, node, "too large");
	if (number < row->min)
		return value_refuse(report, row, node, "too small");
	*field = (unsigned int)number;
	return true;
}

void number_print(const struct schema_row *row, const void *object, struct strbuf *out)
{
	unsigned int number = *(const unsigned int *)value_field_in(row, object);
	const char *word = value_word(row, (int)number);

	if (word)
		strbuf_add(out, "%s", word);
	else
		strbuf_add(out, "%u", number);
}

bool number_mark_parse(struct report *report, const struct schema_row *row, const struct node *node,
		       void *object)
{
	const struct schema_value *value = schema_value_find(row, node->text);
	bool hex = !strncasecmp(node->text, "0x", 2);
	const char *digits = node->text + (hex ? 2 : 0);
	unsigned int *field = value_field(row, object);
	unsigned long long bits;
	char *end;

	if (value) {
		*field = (unsigned int)value->value;
		return true;
	}
	errno = 0;
	bits = strtoull(digits, &end, hex ? 16 : 10);
	if (!isxdigit((unsigned char)*digits) || *end)
		return value_refuse(report, row, node, "not a number");
	if (errno || bits > UINT_MAX)
		return value_refuse(report, row, node, "too large");
	if (!bits)
		return value_refuse(report, row, node, "no bit at all");
	if (bits & row->max)
		return value_refuse(report, row, node, "has a bit that hairpin itself needs");
	*field = (unsigned int)bits;
	return true;
}

void number_mark_print(const struct schema_row *row, const void *object, struct strbuf *out)
{
	unsigned int bits = *(const unsigned int *)value_field_in(row, object);
	const char *word = value_word(row, (int)bits);

	if (word)
		strbuf_add(out, "%s", word);
	else
		strbuf_add(out, "0x%08x", bits);
}

bool number_duration_parse(struct report *report, const struct schema_row *row,
			   const struct node *node, void *object)
{
	unsigned int seconds;
	char why[64] = "too short";
	int ret = duration_parse(node->text, &seconds);

	if (ret == -EINVAL)
		return value_refuse(report, row, node, "not a time");
	if (ret || seconds > row->max)
		return value_refuse(report, row, node, "too long");
	if (seconds >= row->min) {
		*(unsigned int *)value_field(row, object) = seconds;
		return true;
	}
	if (row->floor)
		snprintf(why, sizeof(why), "shorter than %s allows", row->floor);
	return value_refuse(report, row, node, why);
}

void number_duration_print(const struct schema_row *row, const void *object, struct strbuf *out)
{
	const unsigned int *seconds = value_field_in(row, object);
	char text[DURATION_TEXT_MAX];

	strbuf_add(out, "%s", duration_format_exact(*seconds, text));
}

/* A megabyte here is 1024 times 1024 octets, as disks of a file system are counted. 0; or what is wrong. */
static const char *size_read(const char *text, unsigned int *ret_mebioctets)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text) || (strcmp(end, "M") && strcmp(end, "G")))
		return "not a size";
	if (errno || number > UINT_MAX / 1024)
		return "too large";
	*ret_mebioctets = (unsigned int)number * (*end == 'G' ? 1024 : 1);
	return NULL;
}

bool number_size_parse(struct report *report, const struct schema_row *row, const struct node *node,
		       void *object)
{
	unsigned int size;
	const char *why = size_read(node->text, &size);

	if (!why && size < row->min)
		why = "too small";
	else if (!why && size > row->max)
		why = "too large";
	if (why)
		return value_refuse(report, row, node, why);
	*(unsigned int *)value_field(row, object) = size;
	return true;
}

const char *number_size_format(unsigned int mebioctets, char text[NUMBER_SIZE_TEXT_MAX])
{
	bool is_whole = mebioctets % 1024 == 0;

	snprintf(text, NUMBER_SIZE_TEXT_MAX, "%u%c", is_whole ? mebioctets / 1024 : mebioctets,
		 is_whole ? 'G' : 'M');
	return text;
}

void number_size_print(const struct schema_row *row, const void *object, struct strbuf *out)
{
	char text[NUMBER_SIZE_TEXT_MAX];

	strbuf_add(out, "%s",
		   number_size_format(*(const unsigned int *)value_field_in(row, object), text));
}
