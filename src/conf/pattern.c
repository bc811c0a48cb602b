// SPDX-License-Identifier: GPL-2.0-or-later
#include "pattern.h"

#include <ctype.h>
#include <string.h>

#include <hairpin/limits.h>

#include "addr.h"
#include "alloc.h"
#include "cleanup.h"

struct pattern pattern_of(const char *text)
{
	if (!strncmp(text, "*.", 2))
		return (struct pattern){text + 2, PATTERN_BELOW};
	if (*text == '.')
		return (struct pattern){text + 1, PATTERN_TREE};
	return (struct pattern){text, PATTERN_EXACT};
}

static const char *label_fault(const char *label, size_t length)
{
	if (length == 0)
		return "has an empty part; leave out a dot at its beginning or end";
	if (length > 63)
		return "has a part longer than 63 characters";
	if (label[0] == '-' || label[length - 1] == '-')
		return "has a part that begins or ends with \"-\"";
	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)label[i] >= 0x80)
			return "not ASCII; write the xn-- form";
		if (!isalnum((unsigned char)label[i]) && !strchr("-_", label[i]))
			return "has a character that a name may not have";
	}
	return NULL;
}

const char *pattern_name_fault(const char *name)
{
	const char *label = name, *fault;
	struct ip_addr addr;

	if (!ip_addr_parse(name, &addr))
		return "an address, not a name";
	if (strlen(name) > LIMIT_DOMAIN_NAME)
		return "longer than 253 characters";
	for (;;) {
		size_t length = strcspn(label, ".");

		fault = label_fault(label, length);
		if (fault)
			return fault;
		/* RFC 3696 section 2. A slip in an address, 192.168.11.300, would be an alias that leads nowhere. */
		if (!label[length])
			return strspn(label, "0123456789") == length
				       ? "its last part is a number, which no name has"
				       : NULL;
		label += length + 1;
	}
}

const char *pattern_fault(const char *text)
{
	/* With its "*.": below a name that long there is no room for another. */
	if (strlen(text) > LIMIT_DOMAIN_NAME)
		return "longer than 253 characters";
	return pattern_name_fault(pattern_of(text).name);
}

char *pattern_text(const char *text)
{
	char *copy = alloc_text(text);

	for (char *c = copy; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return copy;
}

const char *pattern_label_fault(const char *label)
{
	static const char *const taken[] = {"localhost", "wpad",	  "isatap",
					    "local",	 "broadcasthost", "gateway"};
	const char *fault = label_fault(label, strlen(label));

	if (fault)
		return strchr(fault, ';') ? "empty" : fault;
	if (strchr(label, '_'))
		return "has a character that a host's name may not have";
	if (strspn(label, "0123456789") == strlen(label))
		return "a number, which no name is";
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
		if (!strcasecmp(label, taken[i]))
			return "means something else to all clients";
	}
	return NULL;
}
