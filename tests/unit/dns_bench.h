/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A resolver on a loop of its own, with an upstream that behaves as it is told (dns_fake.h). Include it behind cmocka.h. */
#pragma once

#include "cleanup.h"
#include "dns_fake.h"
#include "resolver.h"

/* Where nobody is silent, so that a machine which is busy elsewhere changes nothing; and where upstream is. */
static const struct dns_upstream_times patient = {
	.ask_ms = 10000, .try_min_ms = 5000, .try_max_ms = 5000, .out_ms = 300, .slow_ms = 200};
static const struct dns_upstream_times quick = {
	.ask_ms = 500, .try_min_ms = 150, .try_max_ms = 150, .out_ms = 300, .slow_ms = 100};

struct bench {
	uv_loop_t loop;
	struct fake fake;
	struct dns_resolver resolver;
	struct octets asked;
	struct ip_net segment;
	bool has_segment, is_stream;
	/* The last answer. */
	unsigned int answers;
	__u8 message[DNS_MESSAGE_MAX];
	size_t n;
};

struct someone {
	struct dns_waiting waiting; /* first */
	struct bench *bench;
	struct octets asked;
};

/* --- the bench --------------------------------------------------------------------------------------- */

/* "NAME ADDRESS" or "NAME =TARGET", '*' and '.' in front as in the configuration; ends with NULL. */
static inline struct dns_rewrites *table_of(const char *const *rows)
{
	struct dns_rewrite made[8] = {0};
	struct ip_addr addrs[8];
	size_t n = 0;

	for (; rows[n]; n++) {
		char name[256];
		const char *to = strchr(rows[n], ' ');

		snprintf(name, sizeof(name), "%.*s", (int)(to - rows[n]), rows[n]);
		made[n].ttl_s = 60;
		made[n].match = *name == '*'   ? DNS_MATCH_BELOW
				: *name == '.' ? DNS_MATCH_TREE
					       : DNS_MATCH_EXACT;
		made[n].name = name_of(name + (*name == '*' ? 2 : *name == '.'));
		if (to[1] == '=') {
			made[n].target = name_of(to + 2);
			continue;
		}
		assert_int_equal(ip_addr_parse(to + 1, &addrs[n]), 0);
		made[n].addrs = &addrs[n];
		made[n].n_addrs = 1;
	}
	return dns_rewrites_make(made, n);
}

static inline struct dns_upstreams *upstreams_of(struct bench *bench)
{
	struct dns_upstream_conf conf = {.port = bench->fake.port};
	struct dns_upstreams *made;

	assert_int_equal(ip_addr_parse("127.0.0.1", &conf.addr), 0);
	made = dns_upstreams_make(&bench->loop, &conf, 1);
	assert_non_null(made);
	dns_upstreams_set_times(made, bench->fake.behave ? &patient : &quick);
	return made;
}

static inline void bench_open(struct bench *bench, void (*behave)(struct fake_question *question),
			      const char *const *rows)
{
	static const char *const none[] = {NULL};

	*bench = (struct bench){0};
	assert_int_equal(uv_loop_init(&bench->loop), 0);
	fake_open(&bench->fake, &bench->loop, "203.0.113.7", behave);
	bench->resolver = (struct dns_resolver){.loop = &bench->loop,
						.rewrites = table_of(rows ? rows : none),
						.special = dns_special_make(),
						.cache = dns_cache_make(1 << 20, 1),
						.upstreams = upstreams_of(bench)};
}

static inline void bench_close(struct bench *bench)
{
	struct dns_upstreams *upstreams = bench->resolver.upstreams;

	bench->resolver.upstreams = dns_upstreams_make(&bench->loop, NULL, 0);
	dns_upstreams_free(upstreams);
	dns_upstreams_free(bench->resolver.upstreams);
	fake_close(&bench->fake);
	loop_end(&bench->loop);
	dns_rewrites_free(bench->resolver.rewrites);
	dns_rewrites_free(bench->resolver.special);
	dns_cache_free(bench->resolver.cache);
}

static inline void taken(struct bench *bench, const __u8 *message, size_t n)
{
	bench->answers++;
	memcpy(bench->message, message, n);
	bench->n = n;
}

static inline void sent(struct dns_waiting *waiting, const __u8 *message, size_t n)
{
	struct someone *one = (struct someone *)waiting;

	one->bench->asked = one->asked;
	taken(one->bench, message, n);
	free(one);
}

/* As a transport does. */
static inline void ask_message(struct bench *bench, const struct octets *o)
{
	struct dns_asked asked = {.message = o->at,
				  .length = o->n,
				  .segment = bench->has_segment ? &bench->segment : NULL,
				  .is_datagram = !bench->is_stream};
	__u8 message[DNS_MESSAGE_MAX];
	struct someone *one;
	struct dns_query query;
	int n;

	bench->asked = *o;
	uv_update_time(&bench->loop);
	n = dns_resolver_ask(&bench->resolver, &asked, message, &query);
	if (n != -EINPROGRESS) {
		assert_true(n >= 0);
		taken(bench, message, (size_t)n);
		return;
	}
	one = calloc(1, sizeof(*one));
	assert_non_null(one);
	one->bench = bench;
	one->asked = *o;
	one->waiting.send = sent;
	dns_resolver_wait(&bench->resolver, &asked, &query, &one->waiting);
}

static inline void ask_begin(struct bench *bench, const char *name, unsigned int type)
{
	struct octets o = query_make(name, type);

	ask_message(bench, &o);
}

/* The records of the last answer, "address", "=target", "type6" and the like in a line; RCODE in front where there is one. */
static inline const char *answer_text(const struct bench *bench)
{
	static char text[1024];
	struct dns_cursor cursor;
	struct dns_record record;
	struct dns_name name;
	char part[1 + DNS_NAME_TEXT_MAX];
	size_t used = 0;

	assert_int_equal(dns_cursor_begin(bench->message, bench->n, &cursor), 0);
	/* The question is the asker's to the octet. */
	if (cursor.question_length)
		assert_memory_equal(bench->message + DNS_HEADER, bench->asked.at + DNS_HEADER,
				    cursor.question_length);
	assert_memory_equal(bench->message, bench->asked.at, 2);
	*text = '\0';
	if (DNS_RCODE(cursor.flags))
		used += (size_t)snprintf(text, sizeof(text), "rcode%u", DNS_RCODE(cursor.flags));
	while (dns_cursor_next(&cursor, &record) > 0) {
		const __u8 *data = bench->message + record.data_at;

		if (record.type == DNS_A || record.type == DNS_AAAA) {
			inet_ntop(record.type == DNS_A ? AF_INET : AF_INET6, data, part,
				  sizeof(part));
		} else if (record.type == DNS_CNAME) {
			assert_true(dns_name_read(bench->message, bench->n, record.data_at, &name) >
				    0);
			*part = '=';
			dns_name_format(&name, part + 1);
		} else {
			snprintf(part, sizeof(part), "type%u", record.type);
		}
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used ? " " : "",
					 part);
	}
	assert_int_equal(cursor.at, bench->n);
	return text;
}

/* Asks, waits, and compares. */
static inline void expect(struct bench *bench, const char *name, unsigned int type,
			  const char *expected)
{
	unsigned int before = bench->answers;

	ask_begin(bench, name, type);
	run_until(&bench->loop, &bench->answers, before + 1);
	if (strcmp(answer_text(bench), expected))
		fail_msg("%s %u: \"%s\", expected \"%s\"", name, type, answer_text(bench),
			 expected);
}

static inline __u64 count(const struct bench *bench, enum dns_count what)
{
	return bench->resolver.log.counts[what];
}

/* As if it had been learned so long ago. */
static inline void learn(struct bench *bench, const char *name, unsigned int age_s)
{
	struct octets asked = query_make(name, DNS_A), o = asked;
	struct dns_query query;

	assert_int_equal(dns_query_parse(asked.at, asked.n, &query), 0);
	dns_put16(o.at + 2, DNS_QR | DNS_RD | DNS_RA);
	dns_put16(o.at + 6, 1);
	octets_add(&o, "\xc0\x0c", 2);
	record_add(&o, DNS_A, 100, "\313\0\161\1", 4); /* 203.0.113.1 */
	uv_update_time(&bench->loop);
	dns_cache_put(bench->resolver.cache, &query, (struct dns_reply){o.at, o.n},
		      uv_now(&bench->loop) - age_s * 1000ull);
}

/* Names of the operator, for whoever needs no others. */
static const char *const bench_rows[] = {"app.example.com 192.168.11.20",
					 "nas.home.arpa 192.168.11.21",
					 "a.example.com =app.example.com",
					 "away.example.com =cdn.example.net",
					 "lost.example.com =x.invalid",
					 "here.example.com =localhost",
					 NULL};
