// SPDX-License-Identifier: GPL-2.0-or-later
#include "setup_https.h"

#include <errno.h>
#include <string.h>

#include "addresses.h"
#include "cleanup.h"

/* Places in an item. */
enum { PRIORITY, PORT, NO_DEFAULT, ALPN };

/* False: no room. */
static bool param_put(struct dns_https *https, __u16 key, const void *value, size_t n)
{
	__u8 *to = https->data + https->length;

	if (https->length + 4 + n > DNS_HTTPS_MAX)
		return false;
	dns_put16(to, key);
	dns_put16(to + 2, (__u16)n);
	memcpy(to + 4, value, n);
	https->length += 4 + n;
	return true;
}

static bool alpn_put(const json_t *item, struct dns_https *https)
{
	__u8 value[DNS_HTTPS_MAX];
	size_t n = 0;

	for (size_t i = ALPN; i < json_array_size(item); i++) {
		const char *text = json_string_value(json_array_get(item, i));
		size_t length = text ? strlen(text) : 0;

		if (!length || n + 1 + length > sizeof(value))
			return false;
		value[n] = (__u8)length;
		/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): a label, behind its length */
		memcpy(value + n + 1, text, length);
		n += 1 + length;
	}
	return !n || param_put(https, DNS_PARAM_ALPN, value, n);
}

/* Keys in ascending order (RFC 9460 section 2.2); the hints have the highest. */
static bool item_put(const json_t *item, struct dns_https *https)
{
	__u16 number = (__u16)json_integer_value(json_array_get(item, PORT));
	__u8 port[2];

	dns_put16(https->data, (__u16)json_integer_value(json_array_get(item, PRIORITY)));
	https->data[2] = 0; /* the name itself */
	https->length = 3;
	if (!alpn_put(item, https))
		return false;
	if (json_is_true(json_array_get(item, NO_DEFAULT)) &&
	    !param_put(https, DNS_PARAM_NO_DEFAULT_ALPN, "", 0))
		return false;
	dns_put16(port, number);
	return !number || param_put(https, DNS_PARAM_PORT, port, sizeof(port));
}

int dns_https_read(const json_t *list, struct dns_rewrite *name)
{
	if (json_array_size(list) > ARRAY_SIZE(name->https))
		return -EINVAL;
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (!item_put(json_array_get(list, i), &name->https[name->n_https++]))
			return -EINVAL;
	}
	return 0;
}
