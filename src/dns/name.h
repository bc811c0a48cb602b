/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names as DNS messages carry them (RFC 1035 section 3.1): labels behind their lengths, the root last, 255 octets at most.
 *
 * A struct dns_name is whole, uncompressed and in lower case, so that two are equal where memcmp() says so (RFC 4343). Only two things make one:
 * dns_name_parse() from text, and wire.h from what a stranger sent. Everything else here trusts it.
 */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

/* RFC 1035 section 2.3.4, root and lengths included. */
#define DNS_NAME_MAX 255
#define DNS_LABEL_MAX 63
/* More labels do not fit: each takes two octets at least. */
#define DNS_LABELS_MAX 127
/* Room for any text of dns_name_format(): four characters for an octet, NUL included. */
#define DNS_NAME_TEXT_MAX (4 * DNS_NAME_MAX + 1)

struct dns_name {
	__u8 length; /* octets, the root included: 1 is the root itself */
	__u8 wire[DNS_NAME_MAX];
};

/* The letters of @n octets in lower case; lengths of labels are below 'A' and stay. */
void dns_octets_lower(__u8 *octets, size_t n);

/*
 * "example.com", with or without the last dot; "\065" and "\." as RFC 1035 section 5.1 has them. 0; -EINVAL: no name; -ENAMETOOLONG: a label
 * of more than 63 octets or a name of more than 255. *ret_name is untouched then.
 */
int dns_name_parse(const char *text, struct dns_name *ret_name);

/* "example.com" without the last dot, "." for the root; what is not a letter, digit, '-' or '_' escaped. Writes into @text and returns it. */
const char *dns_name_format(const struct dns_name *name, char text[DNS_NAME_TEXT_MAX]);

static inline bool dns_name_equal(const struct dns_name *a, const struct dns_name *b)
{
	return a->length == b->length && !__builtin_memcmp(a->wire, b->wire, a->length);
}

/*
 * Every name that @name is or is below, with its hash: at[0] is the name itself, at[n - 1] the root. One pass from the right gives all of them,
 * so that a table of names is asked for the longest match by one probe a label.
 */
struct dns_suffixes {
	unsigned int n;
	__u8 at[DNS_LABELS_MAX + 1]; /* octet of dns_name.wire where it begins */
	__u64 hash[DNS_LABELS_MAX + 1];
};

/* @seed: of the table that is asked; random where strangers choose the names in it. */
void dns_name_suffixes(const struct dns_name *name, __u64 seed, struct dns_suffixes *ret_suffixes);

/* The hash of the name alone, the same as suffixes' first. */
__u64 dns_name_hash(const struct dns_name *name, __u64 seed);
