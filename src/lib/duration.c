// SPDX-License-Identifier: GPL-2.0-or-later
#include "duration.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define YEAR_S (366UL * 24 * 3600)

static const struct {
	char letter;
	unsigned int seconds;
} units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};

#define N_UNITS (sizeof(units) / sizeof(units[0]))

/* Digits at *@text; -EINVAL if there are none. */
static int parse_number(const char **text, unsigned long *ret_number)
{
	unsigned long number = 0;
	const char *at = *text;

	for (; *at >= '0' && *at <= '9'; at++) {
		number = number * 10 + (unsigned long)(*at - '0');
		if (number > YEAR_S)
			return -ERANGE;
	}
	if (at == *text)
		return -EINVAL;
	*text = at;
	*ret_number = number;
	return 0;
}

int duration_parse(const char *text, unsigned int *ret_seconds)
{
	unsigned long total = 0;
	size_t unit = 0;

	if (!*text)
		return -EINVAL;
	while (*text) {
		unsigned long number;
		int ret = parse_number(&text, &number);

		if (ret)
			return ret;
		while (unit < N_UNITS && units[unit].letter != *text)
			unit++;
		if (unit == N_UNITS)
			return -EINVAL;
		total += number * units[unit++].seconds;
		if (total > YEAR_S)
			return -ERANGE;
		text++;
	}
	*ret_seconds = (unsigned int)total;
	return 0;
}

const char *duration_format(unsigned int seconds, char *text)
{
	size_t unit = 0;
	int used;

	while (unit < N_UNITS - 1 && seconds < units[unit].seconds)
		unit++;
	used = snprintf(text, DURATION_TEXT_MAX, "%u%c", seconds / units[unit].seconds,
			units[unit].letter);
	seconds %= units[unit].seconds;
	if (unit + 1 < N_UNITS && seconds / units[unit + 1].seconds > 0)
		snprintf(text + used, DURATION_TEXT_MAX - (size_t)used, "%u%c",
			 seconds / units[unit + 1].seconds, units[unit + 1].letter);
	return text;
}

const char *duration_format_exact(unsigned int seconds, char *text)
{
	size_t used = 0;

	strcpy(text, "0s");
	for (size_t unit = 0; unit < N_UNITS; unit++) {
		unsigned int number = seconds / units[unit].seconds;

		if (!number)
			continue;
		used += (size_t)snprintf(text + used, DURATION_TEXT_MAX - used, "%u%c", number,
					 units[unit].letter);
		seconds %= units[unit].seconds;
	}
	return text;
}

unsigned int duration_since(unsigned int now, unsigned int then)
{
	return (int)(now - then) > 0 ? now - then : 0;
}
