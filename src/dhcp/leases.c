// SPDX-License-Identifier: GPL-2.0-or-later
#include "leases.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pattern.h"

/* A line is shorter: a client's id of 255 octets takes three characters each, and its name 63 or little more. */
#define LINE_MAX_BYTES 1024

/* Where a lease's fields are, in the order of the line: expiry, station, address, name, id. */
#define FIELDS 5

/* "aa:bb:cc:dd:ee:ff"; stations that are not Ethernet's have their type in front. */
static bool read_mac(const char *text, __u8 mac[6])
{
	for (unsigned int i = 0; i < 6; i++, text += 3) {
		char digits[3] = {text[0], text[0] ? text[1] : '\0', '\0'};

		if (!isxdigit((unsigned char)digits[0]) || !isxdigit((unsigned char)digits[1]) ||
		    text[2] != (i < 5 ? ':' : '\0'))
			return false;
		mac[i] = (__u8)strtoul(digits, NULL, 16);
	}
	return true;
}

static bool read_expiry(const char *text, __u64 *ret_expires)
{
	char *end;

	if (!isdigit((unsigned char)*text) || strlen(text) > 18)
		return false;
	*ret_expires = strtoull(text, &end, 10);
	return !*end;
}

/* What is no name of a host counts as none: "*" is dnsmasq's own mark for that. */
static void read_name(const char *text, char *name)
{
	if (pattern_label_fault(text)) {
		*name = '\0';
		return;
	}
	do {
		*name++ = (char)tolower((unsigned char)*text);
	} while (*text++);
}

static bool parse_line(char *line, struct dhcp_lease *lease)
{
	char *fields[FIELDS], *rest = NULL;
	size_t n = 0;

	for (char *at = strtok_r(line, " ", &rest); at; at = strtok_r(NULL, " ", &rest)) {
		if (n == FIELDS)
			return false;
		fields[n++] = at;
	}
	if (n != FIELDS || !read_expiry(fields[0], &lease->expires) ||
	    !read_mac(fields[1], lease->mac) || ip_addr_parse(fields[2], &lease->addr) ||
	    !ip_addr_is_v4(&lease->addr) || strchr(fields[2], ':'))
		return false;
	read_name(fields[3], lease->name);
	return true;
}

static size_t count_lines(const char *text, size_t length)
{
	size_t n = 0;

	for (size_t i = 0; i < length; i++)
		n += text[i] == '\n';
	return n;
}

int dhcp_leases_parse(const char *text, size_t length, struct dhcp_lease **ret_leases,
		      size_t *ret_n)
{
	size_t room = count_lines(text, length), n = 0;
	struct dhcp_lease *leases = calloc(room ? room : 1, sizeof(*leases));
	const char *end = text + length, *stop;

	if (!leases)
		return -ENOMEM;
	for (; (stop = memchr(text, '\n', (size_t)(end - text))); text = stop + 1) {
		char line[LINE_MAX_BYTES];
		size_t size = (size_t)(stop - text);

		if (size >= sizeof(line) || memchr(text, '\0', size))
			continue;
		memcpy(line, text, size);
		line[size] = '\0';
		if (parse_line(line, &leases[n]))
			n++;
	}
	*ret_leases = leases;
	*ret_n = n;
	return 0;
}
