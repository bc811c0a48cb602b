// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Answers of ours as another implementation reads them: ldns parses each, says in its own words what is in it, and agrees field by field with our reader.
 *
 * The expected words are written by hand; our own reader and writer have no part in them, so that both cannot be wrong in the same way.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ldns/ldns.h>

#include "cleanup.h"
#include "dns_fixture.h"
#include "resolver.h"

struct bench {
	uv_loop_t loop;
	struct dns_resolver resolver;
	struct ip_net segment;
};

/* --- the bench: everything is known here, no upstream is asked ------------------------------------------------ */

static struct dns_rewrites *names(void)
{
	struct ip_addr addrs[3];
	struct dns_rewrite rows[] = {
		{.name = name_of("web.example.com"),
		 .addrs = addrs,
		 .n_addrs = 3,
		 .https = {{{0, 1, 0, 0, 1, 0, 6, 2, 'h', '3', 2, 'h', '2'}, 13}},
		 .n_https = 1},
		{.name = name_of("*.lab.example.com") /* an asterisk as a name */, .addrs = addrs},
		{.name = name_of("alias.example.com"), .target = name_of("web.example.com")},
		{.name = name_of("away.example.com"), .target = name_of("cdn.example.net")},
		{.name = name_of("gone.example.com"), .is_absent = true},
		{.name = name_of("loop.example.com"), .target = name_of("loop.example.com")},
	};

	assert_int_equal(ip_addr_parse("192.168.11.21", &addrs[0]), 0);
	assert_int_equal(ip_addr_parse("192.168.12.21", &addrs[1]), 0);
	assert_int_equal(ip_addr_parse("fd00::21", &addrs[2]), 0);
	rows[1].n_addrs = 1;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		rows[i].ttl_s = 60;
	return dns_rewrites_make(rows, ARRAY_SIZE(rows));
}

/* ldns writes it as upstream would, with names compressed; OPT with DO at its end. */
static void learn(struct bench *bench, const char *name, unsigned int type, unsigned int rcode,
		  const char *const *records)
{
	struct octets asked = query_make(name, type);
	ldns_pkt *packet = ldns_pkt_new();
	struct dns_query query;
	uint8_t *wire;
	size_t n;

	assert_int_equal(dns_query_parse(asked.at, asked.n, &query), 0);
	ldns_pkt_set_qr(packet, true);
	ldns_pkt_set_aa(packet, true);
	ldns_pkt_set_ad(packet, true);
	ldns_pkt_set_ra(packet, true);
	ldns_pkt_set_rcode(packet, (uint8_t)rcode);
	ldns_pkt_set_edns_udp_size(packet, 4096);
	ldns_pkt_push_rr(packet, LDNS_SECTION_QUESTION, ldns_rr_new_frm_type((ldns_rr_type)type));
	ldns_rr_set_question(ldns_rr_list_rr(ldns_pkt_question(packet), 0), true);
	ldns_rr_set_owner(ldns_rr_list_rr(ldns_pkt_question(packet), 0),
			  ldns_dname_new_frm_str(name));
	/* "ANSWER " or "AUTHORITY ", then a line of a zone file. */
	for (; *records; records++) {
		bool is_answer = !strncmp(*records, "ANSWER ", 7);
		ldns_rr *rr;

		assert_int_equal(
			ldns_rr_new_frm_str(&rr, *records + (is_answer ? 7 : 10), 0, NULL, NULL),
			LDNS_STATUS_OK);
		ldns_pkt_push_rr(packet, is_answer ? LDNS_SECTION_ANSWER : LDNS_SECTION_AUTHORITY,
				 rr);
	}
	assert_int_equal(ldns_pkt2wire(&wire, packet, &n), LDNS_STATUS_OK);
	dns_cache_put(bench->resolver.cache, &query, (struct dns_reply){wire, n},
		      uv_now(&bench->loop));
	free(wire);
	ldns_pkt_free(packet);
}

static void bench_open(struct bench *bench)
{
	static const char *const chain[] = {"ANSWER www.example.net. 300 IN CNAME cdn.example.net.",
					    "ANSWER cdn.example.net. 20 IN A 192.0.2.1",
					    "ANSWER cdn.example.net. 20 IN A 192.0.2.2",
					    "AUTHORITY example.net. 4000 IN NS ns.example.net.",
					    NULL};
	static const char *const cdn[] = {"ANSWER cdn.example.net. 20 IN CNAME edge.example.net.",
					  "ANSWER edge.example.net. 10 IN MX 10 mx.example.net.",
					  NULL};
	static const char *const absent[] = {
		"AUTHORITY example.net. 3600 IN SOA ns.example.net. h.example.net. 1 2 3 4 50",
		NULL};
	static const char *const srv[] = {
		"ANSWER cdn.example.net. 20 IN SRV 1 2 443 edge.example.net.", NULL};

	*bench = (struct bench){0};
	assert_int_equal(uv_loop_init(&bench->loop), 0);
	assert_int_equal(ip_net_parse("192.168.12.0/24", &bench->segment), 0);
	bench->resolver =
		(struct dns_resolver){.loop = &bench->loop,
				      .rewrites = names(),
				      .special = dns_special_make(),
				      .cache = dns_cache_make(1 << 20, 1),
				      .upstreams = dns_upstreams_make(&bench->loop, NULL, 0)};
	learn(bench, "www.example.net", DNS_A, 0, chain);
	learn(bench, "cdn.example.net", DNS_MX, 0, cdn);
	learn(bench, "cdn.example.net", DNS_SRV, 0, srv);
	learn(bench, "cdn.example.net", DNS_TXT, DNS_NXDOMAIN, absent);
	learn(bench, "no.example.net", DNS_A, DNS_NXDOMAIN, absent);
	learn(bench, "www.example.net", DNS_AAAA, 0, absent);
}

static void bench_close(struct bench *bench)
{
	dns_upstreams_free(bench->resolver.upstreams);
	assert_int_equal(uv_loop_close(&bench->loop), 0);
	dns_rewrites_free(bench->resolver.rewrites);
	dns_rewrites_free(bench->resolver.special);
	dns_cache_free(bench->resolver.cache);
}

/* --- one answer -------------------------------------------------------------------------------------- */

struct answer {
	struct dns_waiting waiting; /* first */
	__u8 message[DNS_MESSAGE_MAX];
	size_t n;
};

static void sent(struct dns_waiting *waiting, const __u8 *message, size_t n)
{
	struct answer *answer = (struct answer *)waiting;

	memcpy(answer->message, message, n);
	answer->n = n;
}

static void ask(struct bench *bench, const struct octets *o, bool in_segment, struct answer *answer)
{
	struct dns_asked asked = {.message = o->at,
				  .length = o->n,
				  .segment = in_segment ? &bench->segment : NULL,
				  .is_datagram = true};
	struct dns_query query;
	int n = dns_resolver_ask(&bench->resolver, &asked, answer->message, &query);

	answer->waiting.send = sent;
	answer->n = n > 0 ? (size_t)n : 0;
	if (n == -EINPROGRESS)
		dns_resolver_wait(&bench->resolver, &asked, &query, &answer->waiting);
	assert_true(answer->n > 0);
}

/* Every record by ldns and by our cursor. OPT is none to ldns, and our last. */
static void records_compare(const struct answer *answer, const ldns_pkt *packet)
{
	ldns_rr_list *const lists[3] = {ldns_pkt_answer(packet), ldns_pkt_authority(packet),
					ldns_pkt_additional(packet)};
	struct dns_cursor cursor;
	struct dns_record record;

	assert_int_equal(dns_cursor_begin(answer->message, answer->n, &cursor), 0);
	for (int section = 0; section < 3; section++) {
		for (size_t i = 0; i < ldns_rr_list_rr_count(lists[section]); i++) {
			const ldns_rr *rr = ldns_rr_list_rr(lists[section], i);
			struct dns_name owner;

			assert_int_equal(dns_cursor_next(&cursor, &record), 1);
			assert_int_equal(record.section, section);
			assert_int_equal(record.type, ldns_rr_get_type(rr));
			assert_int_equal(record.class, ldns_rr_get_class(rr));
			assert_int_equal(record.ttl_s, ldns_rr_ttl(rr));
			assert_true(dns_name_read(answer->message, answer->n, record.name_at,
						  &owner) > 0);
			ldns_dname2canonical(ldns_rr_owner(rr));
			assert_int_equal(owner.length, ldns_rdf_size(ldns_rr_owner(rr)));
			assert_memory_equal(owner.wire, ldns_rdf_data(ldns_rr_owner(rr)),
					    owner.length);
		}
	}
	if (ldns_pkt_edns(packet)) {
		assert_int_equal(dns_cursor_next(&cursor, &record), 1);
		assert_int_equal(record.type, DNS_OPT);
		assert_int_equal(record.class, ldns_pkt_edns_udp_size(packet));
		assert_int_equal(record.ttl_s >> 24, ldns_pkt_edns_extended_rcode(packet));
		assert_int_equal(record.ttl_s & 0xffff, ldns_pkt_edns_z(packet));
	}
	assert_int_equal(dns_cursor_next(&cursor, &record), 0);
	assert_int_equal(cursor.at, answer->n);
}

static void header_compare(const struct octets *asked, const ldns_pkt *packet)
{
	const ldns_rr *question;

	assert_int_equal(ldns_pkt_id(packet), dns_get16(asked->at));
	assert_true(ldns_pkt_qr(packet));
	assert_int_equal(ldns_pkt_get_opcode(packet), LDNS_PACKET_QUERY);
	assert_false(ldns_pkt_aa(packet));
	assert_false(ldns_pkt_tc(packet));
	assert_true(ldns_pkt_rd(packet));
	assert_true(ldns_pkt_ra(packet));
	assert_int_equal(ldns_rr_list_rr_count(ldns_pkt_question(packet)), 1);
	question = ldns_rr_list_rr(ldns_pkt_question(packet), 0);
	assert_int_equal(ldns_rr_get_type(question), dns_get16(asked->at + asked->n - 4));
	assert_int_equal(ldns_rr_get_class(question), DNS_CLASS_IN);
	assert_memory_equal(ldns_rdf_data(ldns_rr_owner(question)), asked->at + DNS_HEADER,
			    ldns_rdf_size(ldns_rr_owner(question)));
}

/* "RCODE" and its flags, then each record in ldns' words, blanks for its tabs, '|' between. */
static void words_write(const ldns_pkt *packet, char *text, size_t size)
{
	ldns_rr_list *const lists[] = {ldns_pkt_answer(packet), ldns_pkt_authority(packet),
				       ldns_pkt_additional(packet)};
	ldns_lookup_table *rcode = ldns_lookup_by_id(ldns_rcodes, ldns_pkt_get_rcode(packet));
	size_t used =
		(size_t)snprintf(text, size, "%s%s", rcode->name, ldns_pkt_ad(packet) ? " ad" : "");

	for (size_t k = 0; k < ARRAY_SIZE(lists); k++) {
		for (size_t i = 0; i < ldns_rr_list_rr_count(lists[k]); i++) {
			_free_ char *line = ldns_rr2str(ldns_rr_list_rr(lists[k], i));

			line[strcspn(line, "\n")] = '\0';
			for (char *p = line; *p; p++)
				*p = *p == '\t' ? ' ' : *p;
			used += (size_t)snprintf(text + used, size - used, "|%s", line);
		}
	}
	assert_true(used < size);
}

static void test_answers(void **state _unused_)
{
	static const struct {
		const char *name;
		unsigned int type, flags;
		bool in_segment;
		const char *words;
	} rows[] = {
		{"web.example.com", DNS_A, 0, false,
		 "NOERROR|web.example.com. 60 IN A 192.168.11.21|web.example.com. 60 IN A 192.168.12.21"},
		{"web.example.com", DNS_A, DNS_AD, true,
		 "NOERROR|web.example.com. 60 IN A 192.168.12.21"},
		{"web.example.com", DNS_AAAA, 0, false,
		 "NOERROR|web.example.com. 60 IN AAAA fd00::21"},
		{"web.example.com", DNS_HTTPS, 0, true,
		 "NOERROR|web.example.com. 60 IN HTTPS 1 . alpn=h3,h2 ipv4hint=192.168.12.21 ipv6hint=fd00::21"},
		{"web.example.com", DNS_MX, 0, false,
		 "NOERROR|web.example.com. 60 IN SOA web.example.com. . 1 3600 600 86400 60"},
		{"*.lab.example.com", DNS_A, 0, false,
		 "NOERROR|*.lab.example.com. 60 IN A 192.168.11.21"},
		{"alias.example.com", DNS_AAAA, 0, false,
		 "NOERROR|alias.example.com. 60 IN CNAME web.example.com.|web.example.com. 60 IN AAAA fd00::21"},
		{"alias.example.com", DNS_TXT, 0, false,
		 "NOERROR|alias.example.com. 60 IN CNAME web.example.com.|web.example.com. 60 IN SOA web.example.com. . 1 3600 600 86400 60"},
		{"gone.example.com", DNS_A, 0, false,
		 "NXDOMAIN|gone.example.com. 60 IN SOA gone.example.com. . 1 3600 600 86400 60"},
		{"away.example.com", DNS_MX, 0, false,
		 "NOERROR|away.example.com. 60 IN CNAME cdn.example.net.|cdn.example.net. 20 IN CNAME edge.example.net.|edge.example.net. 10 IN MX 10 mx.example.net."},
		{"away.example.com", DNS_SRV, DNS_AD, false,
		 "NOERROR|away.example.com. 60 IN CNAME cdn.example.net.|cdn.example.net. 20 IN SRV 1 2 443 edge.example.net."},
		{"away.example.com", DNS_TXT, 0, false,
		 "NXDOMAIN|away.example.com. 60 IN CNAME cdn.example.net.|example.net. 50 IN SOA ns.example.net. h.example.net. 1 2 3 4 50"},
		{"www.example.net", DNS_A, 0, false,
		 "NOERROR|www.example.net. 300 IN CNAME cdn.example.net.|cdn.example.net. 20 IN A 192.0.2.1|cdn.example.net. 20 IN A 192.0.2.2|example.net. 4000 IN NS ns.example.net."},
		{"www.example.net", DNS_AAAA, DNS_AD, false,
		 "NOERROR ad|example.net. 50 IN SOA ns.example.net. h.example.net. 1 2 3 4 50"},
		{"no.example.net", DNS_A, 0, false,
		 "NXDOMAIN|example.net. 50 IN SOA ns.example.net. h.example.net. 1 2 3 4 50"},
		{"localhost", DNS_AAAA, 0, false, "NOERROR|localhost. 3600 IN AAAA ::1"},
		{"x.onion", DNS_A, 0, false,
		 "NXDOMAIN|x.onion. 3600 IN SOA x.onion. . 1 3600 600 86400 3600"},
		{"example.org", DNS_ANY, 0, false,
		 "NOERROR|example.org. 3600 IN HINFO \"RFC8482\" \"\""},
	};
	struct bench bench;

	bench_open(&bench);
	for (size_t i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		size_t at = i / 2;
		struct octets plain = query_make(rows[at].name, rows[at].type), asked;
		struct answer answer;
		ldns_pkt *packet;
		char words[1024];

		plain.at[DNS_HEADER + 1] &= (__u8)~0x20; /* letters of the asker's own */
		if (*rows[at].name == '*')
			plain.at[DNS_HEADER + 1] = '*';
		dns_put16(plain.at + 2, (__u16)(DNS_RD | rows[at].flags));
		asked = plain;
		/* Each without EDNS and with it. */
		if (i % 2)
			opt_append(&asked, 4096, 0, 0);
		ask(&bench, &asked, rows[at].in_segment, &answer);
		assert_int_equal(ldns_wire2pkt(&packet, answer.message, answer.n), LDNS_STATUS_OK);
		header_compare(&plain, packet);
		assert_int_equal(ldns_pkt_edns(packet), i % 2);
		if (i % 2)
			assert_int_equal(ldns_pkt_edns_udp_size(packet), DNS_UDP_MAX);
		records_compare(&answer, packet);
		words_write(packet, words, sizeof(words));
		if (strcasecmp(words, rows[at].words))
			fail_msg("%s %u: \"%s\", expected \"%s\"", rows[at].name, rows[at].type,
				 words, rows[at].words);
		ldns_pkt_free(packet);
	}
	bench_close(&bench);
}

/* What we refuse, and what we could not find out: with the codes of EDNS where the asker has it. */
static void test_errors(void **state _unused_)
{
	static const struct {
		const char *name;
		unsigned int version, rcode, extended;
		const char *ede;
	} rows[] = {
		{"x.example.org", 0, LDNS_RCODE_SERVFAIL, 0, "\0\x0f\0\2\0\x17"},
		{"loop.example.com", 0, LDNS_RCODE_SERVFAIL, 0, NULL},
		{"web.example.com", 3, LDNS_RCODE_NOERROR, 1 /* BADVERS */, NULL},
	};
	struct bench bench;

	bench_open(&bench);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct octets asked = query_make(rows[i].name, DNS_A);
		struct answer answer;
		ldns_pkt *packet;
		ldns_rdf *data;

		opt_append(&asked, 1232, rows[i].version, 0x8000);
		ask(&bench, &asked, false, &answer);
		assert_int_equal(ldns_wire2pkt(&packet, answer.message, answer.n), LDNS_STATUS_OK);
		assert_int_equal(ldns_pkt_get_rcode(packet), rows[i].rcode);
		assert_int_equal(ldns_pkt_edns_extended_rcode(packet), rows[i].extended);
		assert_int_equal(ldns_pkt_edns_version(packet), 0);
		assert_true(ldns_pkt_edns_do(packet));
		data = ldns_pkt_edns_data(packet);
		assert_int_equal(!!data, !!rows[i].ede);
		if (data)
			assert_memory_equal(ldns_rdf_data(data), rows[i].ede, 6);
		records_compare(&answer, packet);
		ldns_pkt_free(packet);
	}
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
