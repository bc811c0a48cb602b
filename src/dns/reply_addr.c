// SPDX-License-Identifier: GPL-2.0-or-later
#include "reply_addr.h"

#include <hairpin/limits.h>
#include <string.h>

#include "wire.h"

bool dns_reply_addr(struct dns_reply reply, __u16 type, struct ip_addr *ret_addr, __u32 *ret_ttl_s)
{
	size_t size = type == DNS_A ? 4 : 16;
	struct dns_cursor cursor;
	struct dns_record record;
	bool found = false;

	*ret_ttl_s = LIMIT_DNS_TTL_S;
	if (dns_cursor_begin(reply.message, reply.length, &cursor))
		return false;
	while (dns_cursor_next(&cursor, &record) > 0 && record.section == DNS_ANSWER) {
		const __u8 *data = reply.message + record.data_at;
		__be32 v4;

		if (record.ttl_s < *ret_ttl_s)
			*ret_ttl_s = record.ttl_s;
		if (found || record.type != type || record.data_length != size)
			continue;
		found = true;
		memcpy(&v4, data, sizeof(v4));
		*ret_addr = type == DNS_A ? ip_addr_from_v4(v4) : ip_addr_from_v6(data);
	}
	return found;
}

unsigned int dns_reply_rcode(struct dns_reply reply)
{
	return reply.length < DNS_HEADER ? (unsigned int)DNS_SERVFAIL
					 : DNS_RCODE(dns_get16(reply.message + 2));
}
