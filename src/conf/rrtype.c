// SPDX-License-Identifier: GPL-2.0-or-later
#include "rrtype.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"

static const struct {
	const char *name;
	__u16 type;
} names[] = {
	{"A", 1},	    {"NS", 2},	   {"SOA", 6},	   {"PTR", 12},	 {"MX", 15},
	{"TXT", 16},	    {"AAAA", 28},  {"LOC", 29},	   {"SRV", 33},	 {"NAPTR", 35},
	{"DS", 43},	    {"SSHFP", 44}, {"DNSKEY", 48}, {"TLSA", 52}, {"SMIMEA", 53},
	{"OPENPGPKEY", 61}, {"SVCB", 64},  {"HTTPS", 65},  {"URI", 256}, {"CAA", 257},
};

/* The numbers that no record of a name can have: 0, CNAME, OPT, and the questions from 249 (TKEY) to 255 (ANY). */
static bool is_asked_only(unsigned long type)
{
	return !type || type == 5 || type == 41 || (type >= 249 && type <= 255);
}

bool rrtype_parse(const char *text, __u16 *ret_type)
{
	unsigned long type;
	char *end;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcasecmp(names[i].name, text))
			continue;
		*ret_type = names[i].type;
		return true;
	}
	if (strncasecmp(text, "TYPE", 4) || strspn(text + 4, "0123456789") != strlen(text + 4) ||
	    !text[4] || strlen(text) > 9)
		return false;
	type = strtoul(text + 4, &end, 10);
	if (type > 0xffff || is_asked_only(type))
		return false;
	*ret_type = (__u16)type;
	return true;
}

const char *rrtype_format(__u16 type, char text[RRTYPE_TEXT_MAX])
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].type == type)
			return strcpy(text, names[i].name);
	}
	snprintf(text, RRTYPE_TEXT_MAX, "TYPE%u", type);
	return text;
}
