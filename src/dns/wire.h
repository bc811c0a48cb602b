/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNS messages as they come from strangers (RFC 1035, 6891), read in one pass and with every octet checked before it is used.
 *
 * Two readers: dns_query_parse() for what clients ask, and a cursor over the records of what upstreams answer. Neither takes memory, keeps a pointer
 * into the message beyond the call, or looks inside a record that it was not asked for: what a type means is its asker's business (RFC 3597).
 * Numbers are in host order, and places are octets from the start of the message.
 */
#pragma once

#include "name.h"

/* A UDP message that fits everywhere unfragmented: the value of the DNS flag day 2020, and of RFC 9715. */
#define DNS_UDP_MAX 1232
/* RFC 1035 section 2.3.4: what a client without EDNS takes. */
#define DNS_UDP_PLAIN 512
#define DNS_MESSAGE_MAX 65535
#define DNS_HEADER 12

enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_DNAME = 39,
	DNS_OPT = 41,
	DNS_RRSIG = 46,
	DNS_SVCB = 64,
	DNS_HTTPS = 65,
	DNS_IXFR = 251,
	DNS_AXFR = 252,
	DNS_MAILB = 253, /* up to here and ANY: questions that many types answer */
	DNS_ANY = 255,
};

#define DNS_CLASS_IN 1
#define DNS_CLASS_ANY 255

enum dns_rcode {
	DNS_NOERROR = 0,
	DNS_FORMERR = 1,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_NOTIMP = 4,
	DNS_REFUSED = 5,
	DNS_BADVERS = 16, /* RFC 6891 section 9; its upper bits stand in OPT */
};

/* The second word of the header. */
#define DNS_QR 0x8000
#define DNS_OPCODE(flags) (((flags) >> 11) & 15)
#define DNS_AA 0x0400
#define DNS_TC 0x0200
#define DNS_RD 0x0100
#define DNS_RA 0x0080
#define DNS_AD 0x0020 /* RFC 4035; in a query: RFC 6840 section 5.7 */
#define DNS_CD 0x0010
#define DNS_RCODE(flags) ((flags)&15)

struct dns_query {
	__u16 id, flags;
	__u16 type, class;
	struct dns_name
		name; /* in lower case; for an answer the question is copied as it came (draft 0x20) */
	__u16 question_length; /* behind the header; 0: there is none that can be repeated */
	bool has_edns;
	bool wants_dnssec; /* DO, RFC 3225 */
	__u16 payload; /* octets of UDP that the sender takes; DNS_UDP_PLAIN without EDNS, never less */
};

/*
 * 0: to be answered. An RCODE above 0: to be answered with that alone, and *ret_query has what is known. -EBADMSG: no answer at all, because
 * there is not even a header or it is an answer itself (RFC 1035 section 7.3; two servers would talk for ever).
 *
 * FORMERR: not one question, a name that is none, a record cut short, two OPT or one that is not the root's, octets behind the
 * last record. NOTIMP: another opcode, a zone transfer. BADVERS: EDNS above version 0.
 */
int dns_query_parse(const __u8 *message, size_t length, struct dns_query *ret_query);

/* --- what upstreams answer ------------------------------------------------------------------------------ */

enum dns_section { DNS_ANSWER, DNS_AUTHORITY, DNS_ADDITIONAL };

struct dns_record {
	enum dns_section section;
	__u16 type, class;
	__u32 ttl_s;
	__u16 name_at, ttl_at;
	__u16 data_at, data_length;
};

struct dns_cursor {
	const __u8 *message;
	size_t length, at;
	__u16 left[3]; /* records, by section */
	__u16 flags;
	__u16 question_length;
};

/*
 * Before the first record of a message with one question or none. 0, or -EBADMSG.
 */
int dns_cursor_begin(const __u8 *message, size_t length, struct dns_cursor *ret_cursor);

/* 1: *ret_record is the next; 0: there is no more; -EBADMSG: the message is broken here, and what came before cannot be trusted either. */
int dns_cursor_next(struct dns_cursor *cursor, struct dns_record *ret_record);

/*
 * The name at @at, its pointers followed, in lower case. Where it ends in the message is returned; -EBADMSG: it is none. A pointer has to lead
 * back of all that the name has shown so far, so that no message can make this go round.
 */
int dns_name_read(const __u8 *message, size_t length, size_t at, struct dns_name *ret_name);

/* Where the name at @at ends, without looking where its pointers lead; -EBADMSG. */
int dns_name_skip(const __u8 *message, size_t length, size_t at);

static inline __u16 dns_get16(const __u8 *p)
{
	return (__u16)(p[0] << 8 | p[1]);
}

static inline __u32 dns_get32(const __u8 *p)
{
	return (__u32)p[0] << 24 | (__u32)p[1] << 16 | (__u32)p[2] << 8 | p[3];
}

static inline void dns_put16(__u8 *p, __u16 value)
{
	p[0] = (__u8)(value >> 8);
	p[1] = (__u8)value;
}

static inline void dns_put32(__u8 *p, __u32 value)
{
	dns_put16(p, (__u16)(value >> 16));
	dns_put16(p + 2, (__u16)value);
}
