// SPDX-License-Identifier: GPL-2.0-or-later
#include "answer.h"

#include <string.h>

/* OPT: root, type, class, TTL, length; an option of it: code, length, and the two octets of an EDE. */
#define OPT_OCTETS 11
#define EDE_OCTETS 6
#define OPTION_EDE 15

size_t dns_query_room(const struct dns_query *query)
{
	return query->payload < DNS_UDP_MAX ? query->payload : DNS_UDP_MAX;
}

void dns_answer_begin(struct dns_answer *answer, const struct dns_query *query, const __u8 *asked,
		      struct dns_room room)
{
	*answer = (struct dns_answer){.query = query, .room = room, .ede = DNS_EDE_NONE};
	if (query->has_edns)
		answer->room.size -= OPT_OCTETS + EDE_OCTETS;
	memset(room.message, 0, DNS_HEADER);
	memcpy(room.message + DNS_HEADER, asked + DNS_HEADER, query->question_length);
	answer->length = DNS_HEADER + query->question_length;
}

/* Room for an owner of @owner octets and the record behind it; NULL: there is none. */
static __u8 *record_begin(struct dns_answer *answer, size_t owner, size_t data)
{
	if (answer->is_truncated || answer->length + owner + 10 + data > answer->room.size) {
		answer->is_truncated = true;
		return NULL;
	}
	return answer->room.message + answer->length;
}

/* What stands behind the owner; where the data begins. */
static size_t record_end(struct dns_answer *answer, __u8 *to, const struct dns_rr *rr)
{
	dns_put16(to, rr->type);
	dns_put16(to + 2, DNS_CLASS_IN);
	dns_put32(to + 4, rr->ttl_s);
	dns_put16(to + 8, rr->data_length);
	memcpy(to + 10, rr->data, rr->data_length);
	answer->length = (size_t)(to + 10 - answer->room.message) + rr->data_length;
	return answer->length - rr->data_length;
}

size_t dns_answer_add(struct dns_answer *answer, enum dns_section section, const struct dns_rr *rr)
{
	__u8 *to = record_begin(answer, 2, rr->data_length);

	if (!to)
		return 0;
	dns_put16(to, (__u16)(0xc000 | rr->owner_at));
	answer->counts[section]++;
	return record_end(answer, to + 2, rr);
}

size_t dns_answer_add_named(struct dns_answer *answer, enum dns_section section,
			    const struct dns_name *owner, const struct dns_rr *rr)
{
	__u8 *to = record_begin(answer, owner->length, rr->data_length);

	if (!to)
		return 0;
	memcpy(to, owner->wire, owner->length);
	answer->counts[section]++;
	return record_end(answer, to + owner->length, rr);
}

void dns_answer_add_soa(struct dns_answer *answer, size_t owner_at, __u32 ttl_s)
{
	/* Primary: the name itself; mailbox: none. Refresh, retry and expiry are read by secondaries, and there are none. */
	__u8 data[2 + 1 + 5 * 4] = {0};
	const __u32 numbers[5] = {1, 3600, 600, 86400, ttl_s};

	dns_put16(data, (__u16)(0xc000 | owner_at));
	for (int i = 0; i < 5; i++)
		dns_put32(data + 3 + 4 * i, numbers[i]);
	dns_answer_add(answer, DNS_AUTHORITY,
		       &(struct dns_rr){.owner_at = owner_at,
					.type = DNS_SOA,
					.ttl_s = ttl_s,
					.data = data,
					.data_length = sizeof(data)});
}

static void opt_add(struct dns_answer *answer, unsigned int rcode)
{
	__u8 *to = answer->room.message + answer->length;
	bool has_ede = answer->ede != DNS_EDE_NONE;

	to[0] = 0;
	dns_put16(to + 1, DNS_OPT);
	dns_put16(to + 3, DNS_UDP_MAX);
	dns_put32(to + 5, (rcode >> 4) << 24 | (answer->query->wants_dnssec ? 0x8000u : 0u));
	dns_put16(to + 9, has_ede ? EDE_OCTETS : 0);
	answer->length += OPT_OCTETS;
	answer->counts[DNS_ADDITIONAL]++;
	if (!has_ede)
		return;
	dns_put16(to + 11, OPTION_EDE);
	dns_put16(to + 13, 2);
	dns_put16(to + 15, (__u16)answer->ede);
	answer->length += EDE_OCTETS;
}

size_t dns_answer_end(struct dns_answer *answer, unsigned int rcode)
{
	const struct dns_query *query = answer->query;
	__u8 *message = answer->room.message;
	__u16 flags = (query->flags & (0x7800 | DNS_RD | DNS_CD)) | DNS_QR | DNS_RA | (rcode & 15);

	if (answer->is_truncated) {
		answer->length = DNS_HEADER + query->question_length;
		memset(answer->counts, 0, sizeof(answer->counts));
		flags |= DNS_TC;
	}
	if (answer->is_authentic)
		flags |= DNS_AD;
	if (query->has_edns)
		opt_add(answer, rcode);
	dns_put16(message, query->id);
	dns_put16(message + 2, flags);
	dns_put16(message + 4, query->question_length != 0);
	for (int i = 0; i < 3; i++)
		dns_put16(message + 6 + 2 * i, answer->counts[i]);
	return answer->length;
}
