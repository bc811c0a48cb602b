/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Durations as people write them, "60s", "5m", "1h30m", and as stamps of a clock tell them. */
#pragma once

/*
 * Parses @text: numbers with a unit each (d, h, m, s), larger units first. 0; -EINVAL if it is not a duration; -ERANGE if it
 * is more than a year. *ret_seconds is untouched on failure.
 */
int duration_parse(const char *text, unsigned int *ret_seconds);

/* Room for any text of duration_format() and duration_format_exact(). */
#define DURATION_TEXT_MAX 24

/* "45s", "12m", "3h4m", "2d5h": the two largest units that are not zero. Writes into @text and returns it. */
const char *duration_format(unsigned int seconds, char *text);

/* "2h4m", "1d2h3m4s": what duration_parse() reads back as the same. Writes into @text and returns it. */
const char *duration_format_exact(unsigned int seconds, char *text);

/*
 * Seconds from @then to @now, stamps of one clock in 32 bits that goes around. 0: @then lies ahead (another CPU stamped it in this very second).
 * The data plane compares its stamps in the same way, so what is shown is what it acts on.
 */
unsigned int duration_since(unsigned int now, unsigned int then);
