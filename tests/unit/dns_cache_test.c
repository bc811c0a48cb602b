// SPDX-License-Identifier: GPL-2.0-or-later
/* What is kept, for how long, for whom, and what goes when there is no room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <hairpin/limits.h>

#include "cache.h"
#include "cleanup.h"
#include "dns_fixture.h"

#define ROOM (1024 * 1024)
#define S 1000u /* milliseconds */
/* Any time; nothing may depend on where the clock begins. */
#define NOW ((__u64)7 * 86400 * S)

static struct dns_query query_for(const char *name, unsigned int type, unsigned int flags,
				  bool dnssec)
{
	struct octets o = query_make(name, type);
	struct dns_query query;

	dns_put16(o.at + 2, (__u16)(DNS_RD | flags));
	if (dnssec)
		opt_append(&o, 1232, 0, 0x8000);
	assert_int_equal(dns_query_parse(o.at, o.n, &query), 0);
	return query;
}

static struct dns_query query_a(const char *name)
{
	return query_for(name, DNS_A, 0, false);
}

/* A reply for @name with one A record. */
static struct octets reply_a(const char *name, unsigned int flags, unsigned int ttl_s)
{
	struct octets o = message_begin(DNS_QR | DNS_RD | DNS_RA | flags,
					(const unsigned int[4]){1, 1, 0, 0});

	question_add(&o, name, DNS_A);
	octets_add(&o, "\xc0\x0c", 2);
	record_add(&o, DNS_A, ttl_s, "\300\250\13\24", 4);
	return o;
}

static void soa_add(struct octets *o, unsigned int ttl_s, unsigned int minimum_s)
{
	__u8 data[22] = {0};

	dns_put32(data + 18, minimum_s);
	octets_add(o, "", 1);
	record_add(o, DNS_SOA, ttl_s, data, sizeof(data));
}

/* "There is none", with an SOA or without. */
static struct octets reply_none(unsigned int rcode, bool soa, unsigned int ttl_s,
				unsigned int minimum_s)
{
	struct octets o = message_begin(DNS_QR | DNS_RD | DNS_RA | rcode,
					(const unsigned int[4]){1, 0, soa, 0});

	question_add(&o, "x.test", DNS_A);
	if (soa)
		soa_add(&o, ttl_s, minimum_s);
	return o;
}

static struct dns_cache *cache_make(size_t octets)
{
	struct dns_cache *cache = dns_cache_make(octets, 42);

	assert_non_null(cache);
	return cache;
}

static void put(struct dns_cache *cache, const struct dns_query *query, const struct octets *o,
		__u64 now_ms)
{
	dns_cache_put(cache, query, (struct dns_reply){o->at, o->n}, now_ms);
}

static enum dns_freshness find(struct dns_cache *cache, const struct dns_query *query, __u64 now_ms)
{
	const struct dns_entry *entry;

	return dns_cache_find(cache, query, now_ms, &entry);
}

/* The answer to @asked, in the octets that it came in. */
struct got {
	__u8 message[DNS_MESSAGE_MAX];
	size_t n;
};

static void get(struct dns_cache *cache, const struct octets *asked, __u64 now_ms, struct got *got)
{
	const struct dns_entry *entry;
	struct dns_answer answer;
	struct dns_query query;

	assert_int_equal(dns_query_parse(asked->at, asked->n, &query), 0);
	assert_int_not_equal(dns_cache_find(cache, &query, now_ms, &entry), DNS_MISS);
	memset(got->message, 0xee, sizeof(got->message));
	dns_answer_begin(&answer, &query, asked->at,
			 (struct dns_room){got->message, dns_query_room(&query)});
	got->n = dns_entry_answer(entry, &answer, now_ms);
	assert_true(got->n <= dns_query_room(&query));
	assert_int_equal(got->message[got->n], 0xee);
}

/* Keep and age: the TTLs go down by whole seconds, and with them the time that it is kept. */
static void test_age(void **state _unused_)
{
	struct dns_query query = query_a("x.test");
	struct octets asked = query_make("x.test", DNS_A), o;
	struct dns_cache *cache = cache_make(ROOM);
	struct got got;

	o = message_begin(DNS_QR | DNS_RD | DNS_RA, (const unsigned int[4]){1, 2, 0, 0});
	question_add(&o, "x.test", DNS_A);
	octets_add(&o, "\xc0\x0c", 2);
	record_add(&o, DNS_CNAME, 500, "\xc0\x0c", 2);
	octets_add(&o, "\xc0\x0c", 2);
	record_add(&o, DNS_A, 100, "\300\250\13\24", 4);
	assert_int_equal(find(cache, &query, NOW), DNS_MISS);
	put(cache, &query, &o, NOW);
	get(cache, &asked, NOW, &got);
	assert_int_equal(got.n, o.n);
	assert_memory_equal(got.message, o.at, o.n);

	get(cache, &asked, NOW + 60 * S + 999, &got);
	assert_int_equal(dns_get32(got.message + 30), 440);
	assert_int_equal(dns_get32(got.message + 44), 40);
	assert_int_equal(find(cache, &query, NOW + 89 * S), DNS_FRESH);
	assert_int_equal(find(cache, &query, NOW + 90 * S), DNS_AGEING);
	assert_int_equal(find(cache, &query, NOW + 100 * S - 1), DNS_AGEING);
	assert_int_equal(find(cache, &query, NOW + 100 * S), DNS_STALE);
	dns_cache_free(cache);
}

/* What may be kept, and how long: until then it is there, and not beyond (stale is not what is asked here). */
static void test_lifetime(void **state _unused_)
{
	const struct {
		const char *what;
		struct octets reply;
		__u32 expected_s; /* 0: not kept */
	} rows[] = {
		{"an answer", reply_a("x.test", 0, 60), 60},
		{"no longer than a day", reply_a("x.test", 0, 1000000), 86400},
		{"TTL 0", reply_a("x.test", 0, 0), 0},
		{"the upper half of TTLs", reply_a("x.test", 0, 0x80000001), 0},
		{"truncated", reply_a("x.test", DNS_TC, 60), 0},
		{"NXDOMAIN, by the minimum", reply_none(DNS_NXDOMAIN, true, 3600, 40), 40},
		{"NXDOMAIN, by the SOA's TTL", reply_none(DNS_NXDOMAIN, true, 30, 40), 30},
		{"NXDOMAIN without SOA", reply_none(DNS_NXDOMAIN, false, 0, 0), 0},
		{"no data, by the minimum", reply_none(DNS_NOERROR, true, 3600, 40), 40},
		{"no data without SOA", reply_none(DNS_NOERROR, false, 0, 0), 0},
		{"a minimum of 0", reply_none(DNS_NXDOMAIN, true, 3600, 0), 0},
		{"SERVFAIL", reply_none(DNS_SERVFAIL, false, 0, 0), LIMIT_DNS_FAILURE_TTL_S},
		{"REFUSED", reply_none(DNS_REFUSED, false, 0, 0), 0},
		{"FORMERR", reply_none(DNS_FORMERR, true, 60, 60), 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct dns_cache *cache = cache_make(ROOM);
		struct dns_query query = query_a("x.test");
		__u64 end = NOW + (__u64)rows[i].expected_s * S;
		enum dns_freshness last, over;

		put(cache, &query, &rows[i].reply, NOW);
		last = rows[i].expected_s ? find(cache, &query, end - 1) : DNS_MISS;
		over = find(cache, &query, end);
		if ((last == DNS_FRESH || last == DNS_AGEING) != (rows[i].expected_s > 0) ||
		    over == DNS_FRESH || over == DNS_AGEING)
			fail_msg("%s: %u, then %u", rows[i].what, last, over);
		if (!rows[i].expected_s)
			assert_int_equal(dns_cache_stats(cache).entries, 0);
		dns_cache_free(cache);
	}
}

/* CNAMEs that lead to nothing, without an SOA: kept for the CNAME's time, nothing would be there for as long. */
static void test_dangling(void **state _unused_)
{
	static const struct {
		unsigned int type;
		bool is_kept;
	} rows[] = {{DNS_A, false}, {DNS_CNAME, true}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct octets o = message_begin(DNS_QR | DNS_RD | DNS_RA,
						(const unsigned int[4]){1, 1, 0, 0});
		struct dns_query query = query_for("x.test", rows[i].type, 0, false);
		struct dns_cache *cache = cache_make(ROOM);

		question_add(&o, "x.test", rows[i].type);
		octets_add(&o, "\xc0\x0c", 2);
		record_add(&o, DNS_CNAME, 500, "\xc0\x0c", 2);
		put(cache, &query, &o, NOW);
		assert_int_equal(find(cache, &query, NOW), rows[i].is_kept ? DNS_FRESH : DNS_MISS);
		dns_cache_free(cache);
	}
}

/* Who keeps our "there is none" behind us must not keep it for longer than we do. */
static void test_negative_ttl(void **state _unused_)
{
	struct octets asked = query_make("x.test", DNS_A),
		      o = reply_none(DNS_NXDOMAIN, true, 3600, 40);
	struct dns_query query = query_a("x.test");
	struct dns_cache *cache = cache_make(ROOM);
	struct got got;

	put(cache, &query, &o, NOW);
	get(cache, &asked, NOW + 15 * S, &got);
	assert_int_equal(DNS_RCODE(dns_get16(got.message + 2)), DNS_NXDOMAIN);
	assert_int_equal(dns_get16(got.message + 8), 1);
	assert_int_equal(dns_get32(got.message + o.n - 22 - 6), 25);
	dns_cache_free(cache);
}

/* OPT of upstream's is upstream's; what stands before it stays, and ours is there where the asker has one. */
static void test_opt(void **state _unused_)
{
	struct octets asked = query_make("x.test", DNS_A), o = reply_a("x.test", 0, 60);
	struct dns_query query = query_a("x.test");
	struct dns_cache *cache = cache_make(ROOM);
	size_t plain = o.n;
	struct got got;

	opt_append(&o, 4096, 0, 0x8000);
	put(cache, &query, &o, NOW);
	get(cache, &asked, NOW, &got);
	assert_int_equal(got.n, plain);
	assert_int_equal(dns_get16(got.message + 10), 0);

	opt_append(&asked, 1000, 0, 0);
	get(cache, &asked, NOW, &got);
	assert_int_equal(got.n, plain + 11);
	assert_memory_equal(got.message + plain, "\0\0\x29\4\xd0\0\0\0\0\0\0", 11);
	dns_cache_free(cache);
}

/* RFC 6840 section 5.7: AD in the query, or DO. */
static void test_authentic(void **state _unused_)
{
	static const struct {
		unsigned int from, asked;
		bool dnssec, expected;
	} rows[] = {
		{DNS_AD, 0, false, false},
		{DNS_AD, DNS_AD, false, true},
		{DNS_AD, 0, true, true},
		{0, DNS_AD, true, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct octets asked = query_make("x.test", DNS_A),
			      o = reply_a("x.test", rows[i].from, 60);
		struct dns_cache *cache = cache_make(ROOM);
		struct dns_query query;
		struct got got;

		dns_put16(asked.at + 2, (__u16)(DNS_RD | rows[i].asked));
		if (rows[i].dnssec)
			opt_append(&asked, 1232, 0, 0x8000);
		assert_int_equal(dns_query_parse(asked.at, asked.n, &query), 0);
		put(cache, &query, &o, NOW);
		get(cache, &asked, NOW, &got);
		assert_int_equal(!!(dns_get16(got.message + 2) & DNS_AD), rows[i].expected);
		dns_cache_free(cache);
	}
}

/* DO, CD, type, class and name make other answers; the case of letters and the id do not. */
static void test_apart(void **state _unused_)
{
	struct octets o = reply_a("x.test", 0, 60);
	struct dns_cache *cache = cache_make(ROOM);
	struct dns_query query = query_a("x.test"), other;

	put(cache, &query, &o, NOW);
	other = query_for("x.test", DNS_A, 0, true);
	assert_int_equal(find(cache, &other, NOW), DNS_MISS);
	other = query_for("x.test", DNS_A, DNS_CD, false);
	assert_int_equal(find(cache, &other, NOW), DNS_MISS);
	other = query_for("x.test", DNS_AAAA, 0, false);
	assert_int_equal(find(cache, &other, NOW), DNS_MISS);
	other = query_a("y.test");
	assert_int_equal(find(cache, &other, NOW), DNS_MISS);
	other = query_a("x.test");
	other.class = 4;
	assert_int_equal(find(cache, &other, NOW), DNS_MISS);
	other = query_for("X.tEsT", DNS_A, DNS_AD, false);
	other.id = 7;
	assert_int_equal(find(cache, &other, NOW), DNS_FRESH);
	dns_cache_free(cache);
}

/* The answer is the asker's: its id, its letters, its CD, and the pointers of the records lead to its name. */
static void test_echo(void **state _unused_)
{
	struct octets asked = query_make("x.test", DNS_A), o = reply_a("x.test", DNS_AA, 60);
	struct dns_cache *cache = cache_make(ROOM);
	struct dns_query query = query_a("x.test");
	struct got got;

	asked.at[0] = 0x77;
	asked.at[DNS_HEADER + 1] = 'X';
	asked.at[DNS_HEADER + 4] = 'E';
	put(cache, &query, &o, NOW);
	get(cache, &asked, NOW, &got);
	assert_int_equal(got.message[0], 0x77);
	assert_int_equal(dns_get16(got.message + 2), DNS_QR | DNS_RD | DNS_RA);
	assert_memory_equal(got.message + DNS_HEADER, asked.at + DNS_HEADER, asked.n - DNS_HEADER);
	assert_int_equal(dns_get16(got.message + asked.n), 0xc00c);
	dns_cache_free(cache);
}

/* Over, and good enough for a day; then it is not. A failure is never. */
static void test_stale(void **state _unused_)
{
	const __u64 over = NOW + 60 * S;
	struct octets asked = query_make("x.test", DNS_A), o = reply_a("x.test", 0, 60),
		      failure = reply_none(DNS_SERVFAIL, false, 0, 0);
	struct dns_cache *cache = cache_make(ROOM);
	struct dns_query query = query_a("x.test");
	struct got got;

	opt_append(&asked, 1232, 0, 0);
	put(cache, &query, &o, NOW);
	assert_int_equal(find(cache, &query, over), DNS_STALE);
	get(cache, &asked, over, &got);
	assert_int_equal(dns_get32(got.message + o.n - 10), LIMIT_DNS_STALE_TTL_S);
	/* EDE 3 */
	assert_memory_equal(got.message + got.n - 6, "\0\x0f\0\2\0\3", 6);
	assert_int_equal(find(cache, &query, over + LIMIT_DNS_STALE_S * (__u64)S - 1), DNS_STALE);
	assert_int_equal(find(cache, &query, over + LIMIT_DNS_STALE_S * (__u64)S), DNS_MISS);

	/* A failure in its place: at once, for half a minute, and then upstreams are worth another try. */
	put(cache, &query, &failure, over + S);
	assert_int_equal(find(cache, &query, over + S), DNS_STALE_NOW);
	assert_int_equal(find(cache, &query, over + 31 * S - 1), DNS_STALE_NOW);
	assert_int_equal(find(cache, &query, over + 31 * S), DNS_STALE);
	dns_cache_fail(cache, &query, over + 40 * S);
	assert_int_equal(find(cache, &query, over + 40 * S), DNS_STALE_NOW);
	/* Good again. */
	put(cache, &query, &o, over + 50 * S);
	assert_int_equal(find(cache, &query, over + 50 * S), DNS_FRESH);
	assert_int_equal(find(cache, &query, over + 110 * S), DNS_STALE);
	/* What is too old gives way. */
	put(cache, &query, &failure, over + 2 * LIMIT_DNS_STALE_S * (__u64)S);
	assert_int_equal(find(cache, &query, over + 2 * LIMIT_DNS_STALE_S * (__u64)S), DNS_FRESH);
	get(cache, &asked, over + 2 * LIMIT_DNS_STALE_S * (__u64)S, &got);
	assert_int_equal(DNS_RCODE(dns_get16(got.message + 2)), DNS_SERVFAIL);
	dns_cache_free(cache);
}

/* Near its end and upstreams do not answer: it is not asked for with every query. */
static void test_ageing_failed(void **state _unused_)
{
	struct octets o = reply_a("x.test", 0, 1000);
	struct dns_cache *cache = cache_make(ROOM);
	struct dns_query query = query_a("x.test");

	put(cache, &query, &o, NOW);
	assert_int_equal(find(cache, &query, NOW + 910 * S), DNS_AGEING);
	dns_cache_fail(cache, &query, NOW + 910 * S);
	assert_int_equal(find(cache, &query, NOW + 939 * S), DNS_FRESH);
	assert_int_equal(find(cache, &query, NOW + 940 * S), DNS_AGEING);
	dns_cache_free(cache);
}

/* Silence about what is not known is kept like a SERVFAIL (RFC 9520). */
static void test_failure(void **state _unused_)
{
	struct octets asked = query_make("x.test", DNS_A);
	struct dns_cache *cache = cache_make(ROOM);
	struct dns_query query = query_a("x.test");
	struct got got;

	dns_cache_fail(cache, &query, NOW);
	get(cache, &asked, NOW, &got);
	assert_int_equal(got.n, asked.n);
	assert_int_equal(dns_get16(got.message + 2), DNS_QR | DNS_RD | DNS_RA | DNS_SERVFAIL);
	assert_int_equal(find(cache, &query, NOW + LIMIT_DNS_FAILURE_TTL_S * S), DNS_MISS);
	dns_cache_free(cache);
}

/* --- room --------------------------------------------------------------------------------------------- */

static struct dns_query numbered(unsigned int i, struct octets *ret_reply)
{
	char name[32];

	snprintf(name, sizeof(name), "n%05u.test", i);
	*ret_reply = reply_a(name, 0, 600);
	return query_a(name);
}

/* Octets never exceed the bound; who was asked for since the hand came by stays, who was not goes. */
static void test_eviction(void **state _unused_)
{
	struct dns_cache *cache = cache_make(ROOM);
	struct dns_query query;
	struct octets o;
	size_t one, fit;

	query = numbered(0, &o);
	put(cache, &query, &o, NOW);
	one = dns_cache_stats(cache).octets;
	assert_true(one >= o.n && one < o.n + 256);
	fit = ROOM / one;
	for (unsigned int i = 1; i < fit; i++) {
		query = numbered(i, &o);
		put(cache, &query, &o, NOW);
	}
	assert_int_equal(dns_cache_stats(cache).entries, fit);
	assert_int_equal(dns_cache_stats(cache).evicted, 0);

	/* Every second one is asked for. Half as many new ones then take the places of the others. */
	for (unsigned int i = 0; i < fit; i += 2) {
		query = numbered(i, &o);
		assert_int_equal(find(cache, &query, NOW), DNS_FRESH);
	}
	for (unsigned int i = 0; i < fit / 2; i++) {
		query = numbered(50000 + i, &o);
		put(cache, &query, &o, NOW);
		assert_true(dns_cache_stats(cache).octets <= ROOM);
		assert_int_equal(find(cache, &query, NOW), DNS_FRESH);
	}
	assert_int_equal(dns_cache_stats(cache).evicted, fit / 2);
	for (unsigned int i = 0; i < fit; i++) {
		query = numbered(i, &o);
		if (find(cache, &query, NOW) != (i % 2 ? DNS_MISS : DNS_FRESH))
			fail_msg("%u of %zu", i, fit);
	}
	dns_cache_clear(cache);
	assert_int_equal(dns_cache_stats(cache).entries, 0);
	assert_int_equal(dns_cache_stats(cache).octets, 0);
	dns_cache_free(cache);
}

/* Where nobody asks for anything the oldest goes, and what has just come stays longest. */
static void test_oldest_first(void **state _unused_)
{
	struct dns_cache *cache = cache_make(4096);
	struct dns_query query;
	struct octets o;
	size_t fit;

	for (unsigned int i = 0; i < 100; i++) {
		query = numbered(i, &o);
		put(cache, &query, &o, NOW);
	}
	fit = dns_cache_stats(cache).entries;
	assert_true(fit > 10 && fit < 90);
	for (unsigned int i = 0; i < 100; i++) {
		query = numbered(i, &o);
		assert_int_equal(find(cache, &query, NOW), i < 100 - fit ? DNS_MISS : DNS_FRESH);
	}
	dns_cache_free(cache);
}

/* Where everything is in use something goes all the same. */
static void test_all_used(void **state _unused_)
{
	struct dns_cache *cache = cache_make(4096);
	struct dns_query query;
	struct octets o;

	for (unsigned int i = 0; i < 1000; i++) {
		query = numbered(i, &o);
		put(cache, &query, &o, NOW);
		assert_int_equal(find(cache, &query, NOW), DNS_FRESH);
		assert_true(dns_cache_stats(cache).octets <= 4096);
	}
	assert_int_equal(dns_cache_stats(cache).entries + dns_cache_stats(cache).evicted, 1000);
	dns_cache_free(cache);
}

/* A message larger than the whole cache does not empty it, and what it would have taken the place of is gone. */
static void test_too_large(void **state _unused_)
{
	struct octets o, large = message_begin(DNS_QR, (const unsigned int[4]){1, 1, 0, 0});
	struct dns_cache *cache = cache_make(1024);
	struct dns_query small = numbered(1, &o), query = query_a("large.test");
	static const __u8 data[2000];

	put(cache, &small, &o, NOW);
	question_add(&large, "large.test", DNS_A);
	octets_add(&large, "\xc0\x0c", 2);
	record_add(&large, DNS_A, 60, data, sizeof(data));
	put(cache, &query, &large, NOW);
	assert_int_equal(find(cache, &query, NOW), DNS_MISS);
	assert_int_equal(find(cache, &small, NOW), DNS_FRESH);
	assert_int_equal(dns_cache_stats(cache).entries, 1);
	dns_cache_free(cache);
}

/* --- what does not fit ---------------------------------------------------------------------------------- */

/* A records, NS records as authority, addresses of these: each of 16 octets behind the question. */
static struct octets reply_large(unsigned int answers, unsigned int authorities,
				 unsigned int additional)
{
	struct octets o =
		message_begin(DNS_QR | DNS_RD | DNS_RA,
			      (const unsigned int[4]){1, answers, authorities, additional});

	question_add(&o, "x.test", DNS_A);
	for (unsigned int i = 0; i < answers + authorities + additional; i++) {
		bool is_ns = i >= answers && i < answers + authorities;

		octets_add(&o, "\xc0\x0c", 2);
		record_add(&o, is_ns ? DNS_NS : DNS_A, 60, is_ns ? "\1a\xc0\x0c" : "\300\250\13\24",
			   4);
	}
	return o;
}

/* RFC 2181 section 9: TC says that something is missing that was asked for, and nothing else does. */
static void test_fit(void **state _unused_)
{
	static const struct {
		unsigned int answers, authorities, additional;
		bool dnssec;
		unsigned int left[3];
		bool truncated;
	} rows[] = {
		/* 512 octets hold 30 records, with the OPT of an asker of DNSSEC 29. */
		{10, 10, 10, false, {10, 10, 10}, false}, {10, 10, 11, false, {10, 10, 0}, false},
		{10, 21, 1, false, {10, 0, 0}, false},	  {30, 1, 0, false, {30, 0, 0}, false},
		{31, 0, 0, false, {0, 0, 0}, true},	  {0, 31, 0, false, {0, 0, 0}, true},
		{10, 10, 11, true, {10, 10, 0}, false},	  {10, 21, 0, true, {0, 0, 0}, true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct octets asked = query_make("x.test", DNS_A),
			      o = reply_large(rows[i].answers, rows[i].authorities,
					      rows[i].additional);
		struct dns_cache *cache = cache_make(ROOM);
		struct dns_answer answer;
		struct dns_query query;
		struct got got, direct;

		if (rows[i].dnssec)
			opt_append(&asked, 512, 0, 0x8000);
		assert_int_equal(dns_query_parse(asked.at, asked.n, &query), 0);
		/* "There is none" is kept with an SOA alone; that row is asked directly. */
		dns_answer_begin(&answer, &query, asked.at, (struct dns_room){direct.message, 512});
		direct.n = dns_reply_answer((struct dns_reply){o.at, o.n}, &answer);
		assert_true(direct.n <= 512);
		for (int k = 0; k < 3; k++)
			assert_int_equal(dns_get16(direct.message + 6 + 2 * k),
					 rows[i].left[k] + (k == 2 && rows[i].dnssec));
		assert_int_equal(!!(dns_get16(direct.message + 2) & DNS_TC), rows[i].truncated);
		if (rows[i].answers) {
			put(cache, &query, &o, NOW);
			get(cache, &asked, NOW, &got);
			assert_int_equal(got.n, direct.n);
			assert_memory_equal(got.message, direct.message, got.n);
		}
		dns_cache_free(cache);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_age),	     cmocka_unit_test(test_lifetime),
		cmocka_unit_test(test_dangling),     cmocka_unit_test(test_negative_ttl),
		cmocka_unit_test(test_opt),	     cmocka_unit_test(test_authentic),
		cmocka_unit_test(test_apart),	     cmocka_unit_test(test_echo),
		cmocka_unit_test(test_stale),	     cmocka_unit_test(test_ageing_failed),
		cmocka_unit_test(test_failure),	     cmocka_unit_test(test_eviction),
		cmocka_unit_test(test_oldest_first), cmocka_unit_test(test_all_used),
		cmocka_unit_test(test_too_large),    cmocka_unit_test(test_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
