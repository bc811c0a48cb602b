/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Types of DNS records by their names. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

/* Room for any text of rrtype_format(), NUL included. */
#define RRTYPE_TEXT_MAX 12

/*
 * "MX", "mx", or "TYPE99" (RFC 3597 section 5) for a type without a name here. False: none, or one that no record can have here: a CNAME, which stands for
 * all types, and those that are only asked for.
 */
bool rrtype_parse(const char *text, __u16 *ret_type);

/* Writes into @text and returns it. */
const char *rrtype_format(__u16 type, char text[RRTYPE_TEXT_MAX]);
