// SPDX-License-Identifier: GPL-2.0-or-later
#include "padding.h"

#include <string.h>

#include "wire.h"

#define OPTION_PADDING 12
#define OPTION_HEADER 4

/* Where the length of the data of the OPT that ends @message stands; 0: there is none. */
static size_t opt_find(const __u8 *message, size_t length)
{
	struct dns_record record = {0};
	struct dns_cursor cursor;
	int ret;

	if (dns_cursor_begin(message, length, &cursor))
		return 0;
	do {
		ret = dns_cursor_next(&cursor, &record);
	} while (ret > 0);
	if (ret || record.type != DNS_OPT || record.data_at + (size_t)record.data_length != length)
		return 0;
	return record.data_at - 2u;
}

size_t dns_pad(__u8 *message, size_t length, size_t room, size_t block)
{
	size_t at = opt_find(message, length), least = length + OPTION_HEADER;
	size_t whole = (least + block - 1) / block * block;
	size_t added;

	if (!at || least > room)
		return length;
	if (whole > room)
		whole = room;
	added = whole - length;
	if (dns_get16(message + at) + added > 0xffff)
		return length;
	dns_put16(message + at, (__u16)(dns_get16(message + at) + added));
	dns_put16(message + length, OPTION_PADDING);
	dns_put16(message + length + 2, (__u16)(added - OPTION_HEADER));
	memset(message + least, 0, added - OPTION_HEADER);
	return whole;
}
