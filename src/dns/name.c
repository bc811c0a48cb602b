// SPDX-License-Identifier: GPL-2.0-or-later
#include "name.h"

#include <errno.h>
#include <string.h>

/* 64 bits of FNV-1a from the right, finished by the mixer of splitmix64: an octet costs one multiplication, and names have some twenty. */
#define HASH_BASIS 0xcbf29ce484222325ull
#define HASH_PRIME 0x100000001b3ull

static __u64 hash_finish(__u64 h)
{
	h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ull;
	h = (h ^ (h >> 27)) * 0x94d049bb133111ebull;
	return h ^ (h >> 31);
}

void dns_octets_lower(__u8 *octets, size_t n)
{
	for (size_t i = 0; i < n; i++)
		octets[i] |= (__u8)(((__u8)(octets[i] - 'A') < 26) << 5);
}

/* --- text --------------------------------------------------------------------------------------------- */

/* One octet of a label at *@text, which is moved on. -EINVAL: an escape that is none. */
static int octet_parse(const char **text)
{
	const char *p = *text;
	unsigned int value;

	if (*p != '\\') {
		*text = p + 1;
		return (__u8)*p;
	}
	if (!p[1])
		return -EINVAL;
	if (p[1] < '0' || p[1] > '9') {
		*text = p + 2;
		return (__u8)p[1];
	}
	if (p[2] < '0' || p[2] > '9' || p[3] < '0' || p[3] > '9')
		return -EINVAL;
	value = (unsigned int)((p[1] - '0') * 100 + (p[2] - '0') * 10 + (p[3] - '0'));
	*text = p + 4;
	return value > 255 ? -EINVAL : (int)value;
}

/* One label into name->wire at its end. */
static int label_parse(const char **text, struct dns_name *name)
{
	__u8 *length = &name->wire[name->length];
	unsigned int n = 0;

	while (**text && **text != '.') {
		int octet = octet_parse(text);

		if (octet < 0)
			return octet;
		/* Behind it the root has to fit. */
		if (n == DNS_LABEL_MAX || name->length + n + 2 >= DNS_NAME_MAX)
			return -ENAMETOOLONG;
		length[++n] = (__u8)octet;
	}
	if (!n)
		return -EINVAL;
	*length = (__u8)n;
	name->length = (__u8)(name->length + n + 1);
	return 0;
}

int dns_name_parse(const char *text, struct dns_name *ret_name)
{
	struct dns_name name = {0};
	int ret;

	if (!*text)
		return -EINVAL;
	if (!strcmp(text, "."))
		text++;
	while (*text) {
		ret = label_parse(&text, &name);
		if (ret)
			return ret;
		text += *text == '.';
	}
	name.wire[name.length++] = 0;
	dns_octets_lower(name.wire, name.length);
	*ret_name = name;
	return 0;
}

static bool is_plain(__u8 c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '*';
}

const char *dns_name_format(const struct dns_name *name, char text[DNS_NAME_TEXT_MAX])
{
	const __u8 *p = name->wire;
	char *to = text;

	if (!*p)
		*to++ = '.';
	while (*p) {
		for (unsigned int n = *p++; n > 0; n--, p++) {
			if (is_plain(*p)) {
				*to++ = (char)*p;
				continue;
			}
			*to++ = '\\';
			*to++ = (char)('0' + *p / 100);
			*to++ = (char)('0' + *p / 10 % 10);
			*to++ = (char)('0' + *p % 10);
		}
		if (*p)
			*to++ = '.';
	}
	*to = '\0';
	return text;
}

/* --- suffixes ----------------------------------------------------------------------------------------- */

void dns_name_suffixes(const struct dns_name *name, __u64 seed, struct dns_suffixes *ret_suffixes)
{
	unsigned int n = 0, at = 0;
	__u64 h = seed ^ HASH_BASIS;

	for (; name->wire[at]; at += 1u + name->wire[at])
		ret_suffixes->at[n++] = (__u8)at;
	ret_suffixes->at[n] = (__u8)at;
	ret_suffixes->hash[n] = hash_finish(h);
	ret_suffixes->n = n + 1;
	while (n-- > 0) {
		/* The label with its length, so that where labels end makes a difference. */
		while (at-- > ret_suffixes->at[n])
			h = (h ^ name->wire[at]) * HASH_PRIME;
		at++;
		ret_suffixes->hash[n] = hash_finish(h);
	}
}

__u64 dns_name_hash(const struct dns_name *name, __u64 seed)
{
	__u64 h = seed ^ HASH_BASIS;

	for (unsigned int at = name->length - 1u; at-- > 0;)
		h = (h ^ name->wire[at]) * HASH_PRIME;
	return hash_finish(h);
}
