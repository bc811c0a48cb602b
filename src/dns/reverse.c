// SPDX-License-Identifier: GPL-2.0-or-later
#include "reverse.h"

#include <stdio.h>
#include <string.h>

/* Two labels behind the octets or digits. */
#define ZONE_LABELS 2

static size_t text_v4(const struct ip_addr *addr, char *text, size_t size)
{
	return (size_t)snprintf(text, size, "%u.%u.%u.%u.in-addr.arpa", addr->b[15], addr->b[14],
				addr->b[13], addr->b[12]);
}

static size_t text_v6(const struct ip_addr *addr, char *text, size_t size)
{
	size_t n = 0;

	for (int i = 15; i >= 0; i--)
		n += (size_t)snprintf(text + n, size - n, "%x.%x.", addr->b[i] & 15,
				      addr->b[i] >> 4);
	return n + (size_t)snprintf(text + n, size - n, "ip6.arpa");
}

void dns_reverse_name(const struct ip_addr *addr, struct dns_name *ret_name)
{
	char text[DNS_NAME_TEXT_MAX];

	if (ip_addr_is_v4(addr))
		text_v4(addr, text, sizeof(text));
	else
		text_v6(addr, text, sizeof(text));
	/* Digits and dots: it is a name. */
	(void)dns_name_parse(text, ret_name);
}

/* Where each label begins; how many there are. */
static unsigned int labels_find(const struct dns_name *name, __u8 at[DNS_LABELS_MAX])
{
	unsigned int n = 0;

	for (unsigned int i = 0; name->wire[i]; i += 1u + name->wire[i])
		at[n++] = (__u8)i;
	return n;
}

/* An octet as everybody writes it: no zeros in front, 255 at most. -1: it is none. */
static int octet_read(const __u8 *label)
{
	int value = 0;

	if (label[0] > 3 || (label[0] > 1 && label[1] == '0'))
		return -1;
	for (unsigned int i = 1; i <= label[0]; i++) {
		if (label[i] < '0' || label[i] > '9')
			return -1;
		value = 10 * value + (label[i] - '0');
	}
	return value <= 255 ? value : -1;
}

static int digit_read(const __u8 *label)
{
	if (label[0] != 1)
		return -1;
	if (label[1] >= '0' && label[1] <= '9')
		return label[1] - '0';
	return label[1] >= 'a' && label[1] <= 'f' ? label[1] - 'a' + 10 : -1;
}

/* One of the two zones: what a label of it is worth. */
struct zone {
	__u8 wire[14];
	size_t length;
	unsigned int labels_max, bits;
	int (*read)(const __u8 *label);
};

static const struct zone zones[] = {
	{"\7in-addr\4arpa", 14, 4, 8, octet_read},
	{"\3ip6\4arpa", 10, 32, 4, digit_read},
};

static const struct zone *zone_of(const struct dns_name *name, size_t at)
{
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		if (name->length - at == zones[i].length &&
		    !memcmp(&name->wire[at], zones[i].wire, zones[i].length))
			return &zones[i];
	}
	return NULL;
}

bool dns_reverse_read(const struct dns_name *name, struct ip_net *ret_net, bool *ret_rest)
{
	__u8 at[DNS_LABELS_MAX];
	unsigned int n = labels_find(name, at), left, read = 0;
	const struct zone *zone = n > ZONE_LABELS ? zone_of(name, at[n - ZONE_LABELS]) : NULL;
	bool is_v4 = zone == &zones[0];

	if (!zone)
		return false;
	*ret_net = (struct ip_net){.addr = is_v4 ? ip_addr_from_v4(0) : (struct ip_addr){{0}}};
	for (left = n - ZONE_LABELS; left && read < zone->labels_max; left--, read++) {
		int value = zone->read(&name->wire[at[left - 1]]);

		if (value < 0)
			break;
		if (is_v4)
			ret_net->addr.b[12 + read] = (__u8)value;
		else
			ret_net->addr.b[read / 2] |= (__u8)(read % 2 ? value : value << 4);
	}
	ret_net->length = (__u8)(read * zone->bits);
	*ret_rest = left;
	/* An IPv4 address in the form of IPv6 has no name of its own, and struct ip_net would take its 128 bits for those of IPv4. */
	return is_v4 || !ip_addr_is_v4(&ret_net->addr);
}
