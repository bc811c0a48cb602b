/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages for the tests of src/dns/, and what they should look like. Include it behind cmocka.h. */
#pragma once

#include <string.h>

#include "wire.h"

struct octets {
	__u8 at[4096];
	size_t n;
};

static inline void octets_add(struct octets *o, const void *data, size_t n)
{
	assert_true(o->n + n <= sizeof(o->at));
	memcpy(o->at + o->n, data, n);
	o->n += n;
}

static inline void octets_add16(struct octets *o, unsigned int value)
{
	__u8 word[2];

	dns_put16(word, (__u16)value);
	octets_add(o, word, 2);
}

static inline struct dns_name name_of(const char *text)
{
	struct dns_name name;

	if (dns_name_parse(text, &name))
		fail_msg("\"%s\" is no name", text);
	return name;
}

/* Header with the counts of the four sections. */
static inline struct octets message_begin(unsigned int flags, const unsigned int counts[4])
{
	struct octets o = {0};

	octets_add16(&o, 0x1234);
	octets_add16(&o, flags);
	for (int i = 0; i < 4; i++)
		octets_add16(&o, counts[i]);
	return o;
}

static inline void question_add(struct octets *o, const char *name, unsigned int type)
{
	struct dns_name wire = name_of(name);

	octets_add(o, wire.wire, wire.length);
	octets_add16(o, type);
	octets_add16(o, DNS_CLASS_IN);
}

/* A query with RD for @name, without EDNS. */
static inline struct octets query_make(const char *name, unsigned int type)
{
	struct octets o = message_begin(DNS_RD, (const unsigned int[4]){1, 0, 0, 0});

	question_add(&o, name, type);
	return o;
}

/* The fixed part of a record behind its name. */
static inline void record_add(struct octets *o, unsigned int type, unsigned int ttl_s,
			      const void *data, unsigned int length)
{
	octets_add16(o, type);
	octets_add16(o, DNS_CLASS_IN);
	octets_add16(o, ttl_s >> 16);
	octets_add16(o, ttl_s & 0xffff);
	octets_add16(o, length);
	octets_add(o, data, length);
}

/* OPT behind a query that has no additional records yet. */
static inline void opt_append(struct octets *o, unsigned int payload, unsigned int version,
			      unsigned int flags)
{
	const unsigned int words[] = {DNS_OPT, payload, version, flags, 0};

	octets_add(o, "", 1);
	for (size_t i = 0; i < 5; i++)
		octets_add16(o, words[i]);
	dns_put16(o->at + 10, (__u16)(dns_get16(o->at + 10) + 1));
}
