// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What upstreams may answer: any octets behind a question of ours, through the cache and behind an alias.
 *
 * Input: flags, seconds until it is asked for, how much room there is; then the reply behind its question. What must hold: whatever is written is no longer than
 * its room, begins with the asker's id and question, and, where the reply was good, is read to its last octet; no TTL of a kept one is above what it
 * may be; its counts are those of its records.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <hairpin/limits.h>

#include "addresses.h"
#include "alias.h"
#include "doctor.h"
#include "fuzz.h"
#include "question.h"

#define HAS_EDNS 1
#define WANTS_DNSSEC 2
#define IS_ANY_NAME 4 /* the reply is taken as it is, header and all */
#define NOW 1000000ull
#define NAMES_END \
	256 /* names are read at each place up to here: further on they are no others, and take time */

static const __u8 asked_octets[] = "\x77\x77\1\0\0\1\0\0\0\0\0\0\3WWW\7eXample\3com\0\0\1\0\1";
#define ASKED (sizeof(asked_octets) - 1)

static struct dns_query query_of(unsigned int flags)
{
	struct dns_query query;

	if (dns_query_parse(asked_octets, ASKED, &query))
		abort();
	query.has_edns = flags & HAS_EDNS;
	query.wants_dnssec = flags & WANTS_DNSSEC;
	query.payload = query.has_edns ? DNS_UDP_MAX : DNS_UDP_PLAIN;
	return query;
}

/* Records of a finished answer; how many. */
static unsigned int answer_check(const __u8 *message, size_t n, size_t room, bool is_kept)
{
	struct dns_cursor cursor;
	struct dns_record record;
	unsigned int records = 0;
	int ret;

	assert(n <= room && n >= ASKED);
	assert(!memcmp(message, asked_octets, 2));
	assert(!memcmp(message + DNS_HEADER, asked_octets + DNS_HEADER, ASKED - DNS_HEADER));
	assert(!dns_cursor_begin(message, n, &cursor));
	while ((ret = dns_cursor_next(&cursor, &record)) > 0) {
		records++;
		if (is_kept && record.type != DNS_OPT)
			assert(record.ttl_s <= LIMIT_DNS_TTL_S);
	}
	assert(!ret && cursor.at == n);
	assert(!(cursor.flags & DNS_TC) || !dns_get16(message + 6));
	return records;
}

static void cached_check(const struct dns_query *query, struct dns_reply reply, size_t room_size,
			 __u64 age_ms)
{
	struct dns_cache *cache = dns_cache_make(16384, 1);
	const struct dns_entry *entry;
	struct dns_answer answer;
	__u8 *room = malloc(room_size);

	assert(cache && room);
	dns_cache_put(cache, query, reply, NOW);
	assert(dns_cache_stats(cache).octets <= 16384);
	if (dns_cache_find(cache, query, NOW + age_ms, &entry) != DNS_MISS) {
		dns_answer_begin(&answer, query, asked_octets, (struct dns_room){room, room_size});
		answer_check(room, dns_entry_answer(entry, &answer, NOW + age_ms), room_size, true);
	}
	/* Again, and over itself. */
	dns_cache_put(cache, query, reply, NOW + age_ms);
	dns_cache_fail(cache, query, NOW + age_ms);
	assert(dns_cache_stats(cache).entries <= 1);
	dns_cache_free(cache);
	free(room);
}

static void direct_check(const struct dns_query *query, struct dns_reply reply, size_t room_size)
{
	struct dns_answer answer;
	__u8 *room = malloc(room_size);

	assert(room);
	dns_answer_begin(&answer, query, asked_octets, (struct dns_room){room, room_size});
	answer_check(room, dns_reply_answer(reply, &answer), room_size, false);
	free(room);
}

/* Behind a CNAME of ours, and every name of it can be read there. */
static void alias_check(const struct dns_query *query, struct dns_reply reply, size_t room_size)
{
	__u8 *room = malloc(room_size);
	struct dns_cursor cursor;
	struct dns_record record;
	struct dns_answer answer;
	struct dns_name name;
	size_t n;

	assert(room);
	dns_answer_begin(&answer, query, asked_octets, (struct dns_room){room, room_size});
	dns_answer_add(&answer, DNS_ANSWER,
		       &(struct dns_rr){.owner_at = DNS_AT_QUESTION,
					.type = DNS_CNAME,
					.ttl_s = 60,
					.data = "\1x\1y",
					.data_length = 5});
	dns_alias_append(&answer, reply);
	n = dns_answer_end(&answer, DNS_NOERROR);
	answer_check(room, n, room_size, false);
	assert(!dns_cursor_begin(room, n, &cursor));
	while (dns_cursor_next(&cursor, &record) > 0) {
		assert(dns_name_read(room, n, record.name_at, &name) > 0);
		if (record.type == DNS_CNAME || record.type == DNS_NS || record.type == DNS_PTR)
			assert(dns_name_read(room, n, record.data_at, &name) ==
			       record.data_at + record.data_length);
	}
	free(room);
}

static bool is_public(void *data, const struct ip_addr *addr)
{
	const struct dns_doctor *doctor = data;

	for (size_t i = 0; i < doctor->n; i++) {
		if (ip_addr_equal(addr, &doctor->rules[i].public))
			return true;
	}
	return false;
}

/* With addresses of ours that a fuzzer finds: nothing of them is left, and what is told is a message with the same question. */
static void doctor_check(const struct dns_query *query, struct dns_reply reply)
{
	struct dns_doctor_rule rules[] = {{.has_host = true, .has_inside = true},
					  {.has_host = true, .has_inside = true},
					  {.has_host = true}};
	struct dns_doctor doctor = {true, rules, 3};
	struct dns_rewrites *none = dns_rewrites_make(NULL, 0);
	__u8 *room = malloc(DNS_MESSAGE_MAX);
	const struct dns_reply before = reply;
	struct dns_cursor cursor;
	struct dns_record record;
	int ret;

	assert(none && room);
	if (ip_addr_parse("0.0.0.0", &rules[0].public) ||
	    ip_addr_parse("10.9.8.7", &rules[0].inside) ||
	    ip_addr_parse("192.0.2.1", &rules[1].public) ||
	    ip_addr_parse("10.9.8.6", &rules[1].inside) || ip_addr_parse("::", &rules[2].public))
		abort();
	if (dns_doctor_reply(&doctor, none, query, &reply, room)) {
		assert(reply.message == room && reply.length <= DNS_MESSAGE_MAX);
		assert(dns_reply_addresses(before, is_public, &doctor));
		assert(!dns_reply_addresses(reply, is_public, &doctor));
		assert(!memcmp(room + DNS_HEADER, before.message + DNS_HEADER,
			       query->name.length + 4u));
		assert(!dns_cursor_begin(room, reply.length, &cursor));
		while ((ret = dns_cursor_next(&cursor, &record)) > 0)
			assert(record.ttl_s <= LIMIT_DNS_REWRITE_TTL_S);
		assert(!ret && cursor.at == reply.length && !(cursor.flags & DNS_AD));
	}
	dns_rewrites_free(none);
	free(room);
}

/* Names at every place, whatever stands there: read or refused, and the two readers agree where it ends. */
static void names_check(struct dns_reply reply)
{
	char text[DNS_NAME_TEXT_MAX];
	struct dns_name name, again;

	for (size_t at = DNS_HEADER; at < reply.length && at < NAMES_END; at++) {
		int end = dns_name_read(reply.message, reply.length, at, &name);

		if (end < 0)
			continue;
		assert(dns_name_skip(reply.message, reply.length, at) == end);
		assert(name.length >= 1 && !name.wire[name.length - 1]);
		assert(!dns_name_parse(dns_name_format(&name, text), &again));
		assert(dns_name_equal(&name, &again));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {.data = data, .size = size};
	unsigned int flags = fuzz_u8(&input), age_s = fuzz_u16(&input);
	size_t room_size = DNS_UDP_PLAIN + fuzz_u16(&input) % (DNS_UDP_MAX - DNS_UDP_PLAIN + 1);
	const __u8 random[34] = {0x12, 0x34};
	struct dns_query query = query_of(flags);
	struct dns_question question;
	struct dns_reply reply;
	size_t before = flags & IS_ANY_NAME ? 0 : DNS_HEADER + query.name.length + 4u;
	__u8 *message = malloc(before + input.size + 1);

	assert(message);
	dns_question_make(&question, &query, random, false);
	memcpy(message, question.message, before);
	memcpy(message + before, input.data, input.size);
	/* Flags and counts are the input's: its first ten octets stand behind the id. */
	if (before && input.size >= 10) {
		memcpy(message + 2, input.data, 10);
		memmove(message + before, input.data + 10, input.size - 10);
		message[2] |= DNS_QR >> 8;
		message[2] &= (__u8) ~(0x78);
		dns_put16(message + 4, 1);
		before -= 10;
	}
	reply = (struct dns_reply){message, before + input.size};
	names_check(reply);
	/* Only what answers the question goes further. */
	if (dns_question_match(&question, reply) == DNS_REPLY_MATCHES) {
		cached_check(&query, reply, room_size, age_s * 1000ull);
		direct_check(&query, reply, room_size);
		alias_check(&query, reply, room_size);
		doctor_check(&query, reply);
	}
	free(message);
	return 0;
}
