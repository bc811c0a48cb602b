/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An answer of ours as it is written: header, the question as it came, records, OPT. On the stack of whoever answers; takes no memory.
 *
 *     dns_answer_begin(&answer, &query, asked, (struct dns_room){buffer, dns_query_room(&query)});
 *     dns_answer_add(&answer, DNS_ANSWER, &record);
 *     length = dns_answer_end(&answer, DNS_NOERROR);
 *
 * What does not fit is never cut in the middle of a set: then the answer is empty with TC, and the client comes back over TCP (RFC 2181 section 9).
 */
#pragma once

#include "outcome.h"

/* Where the name of the question stands, as an owner or in data of records. */
#define DNS_AT_QUESTION DNS_HEADER

/* RFC 8914: why. 0 is one of its codes, so "none" is another. */
enum dns_ede {
	DNS_EDE_NONE = -1,
	DNS_EDE_STALE = 3,
	DNS_EDE_BLOCKED = 15,
	DNS_EDE_FILTERED = 17,
	DNS_EDE_STALE_NXDOMAIN = 19,
	DNS_EDE_NETWORK = 23,
};

struct dns_room {
	__u8 *message;
	size_t size;
};

struct dns_rr {
	size_t owner_at; /* where its name stands in the message */
	__u16 type;
	__u32 ttl_s;
	const void *data;
	__u16 data_length;
};

struct dns_answer {
	const struct dns_query *query;
	struct dns_room room; /* OPT taken off */
	size_t length;
	__u16 counts[3]; /* by enum dns_section */
	enum dns_ede ede; /* may be set until the end */
	struct dns_outcome outcome; /* whoever answers says what he did */
	bool is_authentic; /* AD; never for what is ours */
	bool is_truncated;
};

/* What the sender of @query takes in one datagram, of ours at most. */
size_t dns_query_room(const struct dns_query *query);

/*
 * @asked: the message that @query was read from, for the question as its sender wrote it. @room has DNS_UDP_PLAIN octets at least. @query has
 * to last as long as the answer.
 */
void dns_answer_begin(struct dns_answer *answer, const struct dns_query *query, const __u8 *asked,
		      struct dns_room room);

/* Sections in order. Where the record's data begins; 0: it did not fit, and the answer will say so. */
size_t dns_answer_add(struct dns_answer *answer, enum dns_section section, const struct dns_rr *rr);

/* The same for a record whose name stands nowhere yet; rr->owner_at is not looked at. */
size_t dns_answer_add_named(struct dns_answer *answer, enum dns_section section,
			    const struct dns_name *owner, const struct dns_rr *rr);

/*
 * The SOA that makes "there is none" an answer which can be kept (RFC 2308 section 5), for @ttl_s; its zone is the name at @owner_at, that of the
 * question or what its aliases lead to.
 */
void dns_answer_add_soa(struct dns_answer *answer, size_t owner_at, __u32 ttl_s);

/* The octets of the finished message. @rcode: an enum dns_rcode; one above 15 needs a query with EDNS. */
size_t dns_answer_end(struct dns_answer *answer, unsigned int rcode);
