// SPDX-License-Identifier: GPL-2.0-or-later
/* Answers from outside with our public address. ldns writes them, with names compressed, and reads what becomes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ldns/ldns.h>

#include "cleanup.h"
#include "dns_fixture.h"
#include "doctor.h"

#define PUBLIC "203.0.113.5"
#define PUBLIC2 "203.0.113.6"
#define PUBLIC6 "2001:db8:ff::5"
#define INSIDE "192.168.11.20"
#define INSIDE6 "2001:db8:11::20"

static struct ip_addr addr_of(const char *text)
{
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	return addr;
}

/* "ANSWER ", "AUTHORITY " or "ADDITIONAL ", then a line of a zone file; each behind a semicolon. */
static struct octets reply_of(const char *name, unsigned int type, const char *lines)
{
	static const char *const sections[] = {"ANSWER ", "AUTHORITY ", "ADDITIONAL "};
	char text[2048];
	ldns_pkt *packet = ldns_pkt_query_new(ldns_dname_new_frm_str(name), (ldns_rr_type)type,
					      LDNS_RR_CLASS_IN, LDNS_RD);
	struct octets made = {0};
	uint8_t *wire;
	size_t n;

	ldns_pkt_set_qr(packet, true);
	ldns_pkt_set_ad(packet, true);
	strcpy(text, lines);
	for (char *line = strtok(text, ";"); line; line = strtok(NULL, ";")) {
		for (size_t i = 0; i < 3; i++) {
			size_t length = strlen(sections[i]);
			ldns_rr *rr;

			if (strncmp(line, sections[i], length))
				continue;
			if (ldns_rr_new_frm_str(&rr, line + length, 0, NULL, NULL))
				fail_msg("\"%s\"", line);
			ldns_pkt_push_rr(packet, (ldns_pkt_section)(LDNS_SECTION_ANSWER + i), rr);
		}
	}
	/* OPT is of the hop, and never handed on. */
	ldns_pkt_set_edns_udp_size(packet, 1232);
	assert_int_equal(ldns_pkt2wire(&wire, packet, &n), LDNS_STATUS_OK);
	octets_add(&made, wire, n);
	free(wire);
	ldns_pkt_free(packet);
	return made;
}

/* Records in order, "name ttl type data", sections apart by " / ". */
static void words_of(struct dns_reply reply, char *text, size_t size)
{
	ldns_pkt *packet;
	size_t used = 0;

	assert_int_equal(ldns_wire2pkt(&packet, reply.message, reply.length), LDNS_STATUS_OK);
	assert_false(ldns_pkt_ad(packet));
	*text = '\0';
	for (int section = 0; section < 3; section++) {
		ldns_rr_list *list = section == 0   ? ldns_pkt_answer(packet)
				     : section == 1 ? ldns_pkt_authority(packet)
						    : ldns_pkt_additional(packet);

		for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
			char *line = ldns_rr2str(ldns_rr_list_rr(list, i));

			line[strcspn(line, "\n")] = '\0';
			for (char *c = line; *c; c++)
				*c = *c == '\t' ? ' ' : *c;
			used += (size_t)snprintf(text + used, size - used, "%s%s", i ? "; " : "",
						 line);
			free(line);
		}
		used += (size_t)snprintf(text + used, size - used, "%s", section < 2 ? " / " : "");
	}
	ldns_pkt_free(packet);
}

struct house {
	struct dns_doctor_rule rules[3];
	struct dns_doctor doctor;
	struct dns_rewrites *rewrites;
};

static void house_open(struct house *house)
{
	struct ip_addr addrs[] = {addr_of("192.168.11.30"), addr_of("192.168.12.30"),
				  addr_of("2001:db8:11::30")};
	const struct dns_rewrite rows[] = {
		{.name = name_of("own.example"), .addrs = addrs, .n_addrs = 3, .ttl_s = 60},
		{.name = name_of("kept.example"), .is_kept = true},
		{.name = name_of("pass.example"),
		 .addrs = addrs + 2,
		 .n_addrs = 1,
		 .pass = {DNS_A},
		 .n_pass = 1},
	};

	*house = (struct house){.rules = {{addr_of(PUBLIC), addr_of(INSIDE), true, true},
					  {addr_of(PUBLIC2), addr_of(INSIDE), true, true},
					  {addr_of(PUBLIC6), addr_of("::"), true, false}}};
	house->doctor = (struct dns_doctor){true, house->rules, 3};
	house->rewrites = dns_rewrites_make(rows, ARRAY_SIZE(rows));
	assert_non_null(house->rewrites);
}

static const struct {
	const char *name;
	unsigned int type;
	const char *lines, *expected; /* NULL: as it is */
} cases[] = {
	{"a.example", DNS_A, "ANSWER a.example. 300 IN A " PUBLIC,
	 "a.example. 60 IN A " INSIDE " /  / "},
	{"a.example", DNS_A, "ANSWER a.example. 30 IN A " PUBLIC,
	 "a.example. 30 IN A " INSIDE " /  / "},
	{"a.example", DNS_A, "ANSWER a.example. 300 IN A 198.51.100.9", NULL},
	/* Another machine's address stays beside; two of ours are one machine. */
	{"a.example", DNS_A,
	 "ANSWER a.example. 300 IN A 198.51.100.9;ANSWER a.example. 300 IN A " PUBLIC
	 ";ANSWER a.example. 300 IN A " PUBLIC2,
	 "a.example. 60 IN A 198.51.100.9; a.example. 60 IN A " INSIDE " /  / "},
	/* Signatures go, aliases stay with their names written out, and so do name servers. */
	{"www.a.example", DNS_A,
	 "ANSWER www.a.example. 300 IN CNAME host.a.example.;"
	 "ANSWER host.a.example. 300 IN A " PUBLIC ";"
	 "ANSWER host.a.example. 300 IN RRSIG A 8 3 300 20300101000000 20200101000000 1 example. "
	 "AAAA;AUTHORITY a.example. 300 IN NS ns.a.example.;"
	 "ADDITIONAL ns.a.example. 300 IN A " PUBLIC,
	 "www.a.example. 60 IN CNAME host.a.example.; host.a.example. 60 IN A " INSIDE
	 " / a.example. 60 IN NS ns.a.example. / "},
	/* Without an address inside in that family there is none; name servers beside that would be a referral. */
	{"a.example", DNS_AAAA,
	 "ANSWER a.example. 300 IN AAAA " PUBLIC6
	 ";AUTHORITY example. 300 IN NS ns.example.;ADDITIONAL ns.example. 300 IN A 192.0.2.1",
	 " / a.example. 60 IN SOA a.example. . 1 3600 600 86400 60 / "},
	{"www.example", DNS_AAAA,
	 "ANSWER www.example. 300 IN CNAME a.example.;ANSWER a.example. 300 IN AAAA " PUBLIC6,
	 "www.example. 60 IN CNAME a.example. / www.example. 60 IN SOA www.example. . 1 3600 600 "
	 "86400 60 / "},
	{"a.example", DNS_AAAA,
	 "ANSWER a.example. 300 IN AAAA " PUBLIC6 ";ANSWER a.example. 300 IN AAAA 2001:db8::9",
	 "a.example. 60 IN AAAA 2001:db8::9 /  / "},
	/* Hints: in their places, each once, and none where nothing is left of them. */
	{"a.example", DNS_HTTPS,
	 "ANSWER a.example. 300 IN HTTPS 1 . alpn=h3,h2 port=8443 ipv4hint=" PUBLIC "," PUBLIC2
	 ",198.51.100.9 ipv6hint=" PUBLIC6,
	 "a.example. 60 IN HTTPS 1 . alpn=h3,h2 port=8443 ipv4hint=" INSIDE ",198.51.100.9 /  / "},
	{"a.example", DNS_HTTPS,
	 "ANSWER a.example. 300 IN HTTPS 1 . alpn=h2 ipv6hint=2001:db8::9," PUBLIC6,
	 "a.example. 60 IN HTTPS 1 . alpn=h2 ipv6hint=2001:db8::9 /  / "},
	{"a.example", DNS_HTTPS, "ANSWER a.example. 300 IN HTTPS 1 . alpn=h2", NULL},
	/* What demands a hint that is left out is left out with it. */
	{"a.example", DNS_HTTPS,
	 "ANSWER a.example. 300 IN HTTPS 1 . mandatory=ipv6hint alpn=h2 ipv6hint=" PUBLIC6,
	 " / a.example. 60 IN SOA a.example. . 1 3600 600 86400 60 / "},
	{"_dns.a.example", DNS_SVCB,
	 "ANSWER _dns.a.example. 300 IN SVCB 1 ns.a.example. alpn=dot ipv4hint=" PUBLIC,
	 "_dns.a.example. 60 IN SVCB 1 ns.a.example. alpn=dot ipv4hint=" INSIDE " /  / "},
	/* Names that the operator leaves as they are, asked for or at the end of an alias. */
	{"kept.example", DNS_A, "ANSWER kept.example. 300 IN A " PUBLIC, NULL},
	{"pass.example", DNS_A, "ANSWER pass.example. 300 IN A " PUBLIC, NULL},
	{"www.example", DNS_A,
	 "ANSWER www.example. 300 IN CNAME kept.example.;ANSWER kept.example. 300 IN A " PUBLIC,
	 NULL},
	{"www.example", DNS_A,
	 "ANSWER www.example. 300 IN CNAME pass.example.;ANSWER pass.example. 300 IN A " PUBLIC,
	 NULL},
	/* A name of ours at the end of somebody's alias is what it is here. */
	{"www.example", DNS_A,
	 "ANSWER www.example. 300 IN CNAME own.example.;ANSWER own.example. 300 IN A " PUBLIC,
	 "www.example. 60 IN CNAME own.example.; own.example. 60 IN A 192.168.11.30; own.example. "
	 "60 IN A 192.168.12.30 /  / "},
	{"www.example", DNS_AAAA,
	 "ANSWER www.example. 300 IN CNAME own.example.;ANSWER own.example. 300 IN AAAA " PUBLIC6,
	 "www.example. 60 IN CNAME own.example.; own.example. 60 IN AAAA 2001:db8:11::30 /  / "},
	/* "There is none" with its SOA stays what it is. */
	{"a.example", DNS_MX,
	 "AUTHORITY example. 300 IN SOA ns.example. h.example. 1 2 3 4 50;"
	 "ADDITIONAL ns.example. 300 IN A " PUBLIC,
	 " / example. 60 IN SOA ns.example. h.example. 1 2 3 4 50 / ns.example. 60 IN A " INSIDE},
	{"a.example", DNS_MX,
	 "ANSWER a.example. 300 IN MX 10 mail.a.example.;ADDITIONAL mail.a.example. 300 IN A " PUBLIC,
	 "a.example. 60 IN MX 10 mail.a.example. /  / mail.a.example. 60 IN A " INSIDE},
};

static void test_replies(void **state _unused_)
{
	struct house house;

	house_open(&house);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct octets o = reply_of(cases[i].name, cases[i].type, cases[i].lines);
		struct dns_query query = {.name = name_of(cases[i].name),
					  .type = (__u16)cases[i].type,
					  .class = DNS_CLASS_IN};
		struct dns_reply reply = {.message = o.at, .length = o.n};
		__u8 room[DNS_MESSAGE_MAX];
		char text[2048];

		if (dns_doctor_reply(&house.doctor, house.rewrites, &query, &reply, room) !=
		    !!cases[i].expected)
			fail_msg("case %zu: %s", i,
				 cases[i].expected ? "as it is" : "told otherwise");
		if (!cases[i].expected) {
			assert_ptr_equal(reply.message, o.at);
			continue;
		}
		words_of(reply, text, sizeof(text));
		if (strcmp(text, cases[i].expected))
			fail_msg("case %zu: \"%s\", not \"%s\"", i, text, cases[i].expected);
	}
	dns_rewrites_free(house.rewrites);
}

/* Off, and where what is forwarded goes to several machines: there names of ours still say which one. */
static void test_without(void **state _unused_)
{
	struct octets o = reply_of("a.example", DNS_A, "ANSWER a.example. 300 IN A " PUBLIC);
	struct octets alias = reply_of("www.example", DNS_A,
				       "ANSWER www.example. 300 IN CNAME own.example.;"
				       "ANSWER own.example. 300 IN A " PUBLIC);
	struct dns_query query = {.name = name_of("a.example"), .type = DNS_A, .class = 1};
	struct dns_query query_alias = {.name = name_of("www.example"), .type = DNS_A, .class = 1};
	struct dns_reply reply = {.message = o.at, .length = o.n};
	struct dns_reply reply_alias = {.message = alias.at, .length = alias.n};
	__u8 room[DNS_MESSAGE_MAX];
	struct house house;

	house_open(&house);
	house.doctor.is_on = false;
	assert_false(dns_doctor_reply(&house.doctor, house.rewrites, &query, &reply, room));
	assert_false(
		dns_doctor_reply(&house.doctor, house.rewrites, &query_alias, &reply_alias, room));
	house.doctor.is_on = true;
	house.rules[0].has_host = house.rules[0].has_inside = false;
	assert_false(dns_doctor_reply(&house.doctor, house.rewrites, &query, &reply, room));
	assert_true(
		dns_doctor_reply(&house.doctor, house.rewrites, &query_alias, &reply_alias, room));
	dns_rewrites_free(house.rewrites);
}

/* Lists of hints that end in the middle, or go on for ever: the message stays as it is, and nothing is written beyond the room. */
static void test_broken(void **state _unused_)
{
	static const __u8 hints[] = {0, 1, 0, 0, 4, 0, 7, 203, 0, 113, 5, 203, 0, 113};
	struct dns_query query = {.name = name_of("a.example"), .type = DNS_HTTPS, .class = 1};
	struct octets o = message_begin(DNS_QR, (const unsigned int[4]){1, 2, 0, 0});
	__u8 room[DNS_MESSAGE_MAX];
	struct dns_reply reply;
	struct house house;

	house_open(&house);
	question_add(&o, "a.example", DNS_HTTPS);
	octets_add16(&o, 0xc00c);
	record_add(&o, DNS_A, 300, "\313\0\161\5", 4);
	octets_add16(&o, 0xc00c);
	record_add(&o, DNS_HTTPS, 300, hints, sizeof(hints));
	reply = (struct dns_reply){.message = o.at, .length = o.n};
	assert_false(dns_doctor_reply(&house.doctor, house.rewrites, &query, &reply, room));
	assert_ptr_equal(reply.message, o.at);
	dns_rewrites_free(house.rewrites);
}

static void test_equal(void **state _unused_)
{
	struct dns_doctor_rule a[] = {{addr_of(PUBLIC), addr_of(INSIDE), true, true}};
	struct dns_doctor_rule b[] = {{addr_of(PUBLIC2), addr_of(INSIDE), true, true},
				      {addr_of(PUBLIC), addr_of("192.168.11.21"), true, true},
				      {addr_of(PUBLIC), addr_of(INSIDE), true, false},
				      {addr_of(PUBLIC), addr_of(INSIDE), false, true}};
	const struct dns_doctor one = {true, a, 1}, same = {true, a, 1};

	assert_true(dns_doctor_equal(&one, &same));
	assert_false(dns_doctor_equal(&one, &(struct dns_doctor){false, a, 1}));
	assert_false(dns_doctor_equal(&one, &(struct dns_doctor){true, NULL, 0}));
	for (size_t i = 0; i < ARRAY_SIZE(b); i++)
		assert_false(dns_doctor_equal(&one, &(struct dns_doctor){true, &b[i], 1}));
}

static void cache_learn(struct dns_cache *cache, const char *name, unsigned int type,
			const char *lines)
{
	struct octets o = reply_of(name, type, lines);
	struct dns_query query = {.name = name_of(name), .type = (__u16)type, .class = 1};

	dns_cache_put(cache, &query, (struct dns_reply){.message = o.at, .length = o.n}, 0);
}

static bool has(struct dns_cache *cache, const char *name, unsigned int type)
{
	struct dns_query query = {.name = name_of(name), .type = (__u16)type, .class = 1};
	const struct dns_entry *entry;

	return dns_cache_find(cache, &query, 0, &entry) == DNS_FRESH;
}

/* Our address of before, that of now, and the host that was told: none of them is given again. */
static void test_forget(void **state _unused_)
{
	struct dns_doctor_rule before[] = {{addr_of(PUBLIC), addr_of(INSIDE), true, true}};
	struct dns_doctor_rule after[] = {{addr_of(PUBLIC2), addr_of("192.168.11.21"), true, true}};
	struct dns_cache *cache = dns_cache_make(1 << 20, 1);

	cache_learn(cache, "before.example", DNS_A, "ANSWER before.example. 300 IN A " PUBLIC);
	cache_learn(cache, "after.example", DNS_A, "ANSWER after.example. 300 IN A " PUBLIC2);
	cache_learn(cache, "told.example", DNS_A, "ANSWER told.example. 300 IN A " INSIDE);
	cache_learn(cache, "hint.example", DNS_HTTPS,
		    "ANSWER hint.example. 300 IN HTTPS 1 . ipv4hint=" PUBLIC);
	cache_learn(cache, "other.example", DNS_A, "ANSWER other.example. 300 IN A 192.0.2.1");
	cache_learn(cache, "other.example", DNS_MX, "ANSWER other.example. 300 IN MX 1 m.example.");
	assert_true(has(cache, "before.example", DNS_A));
	dns_doctor_forget(&(struct dns_doctor){true, before, 1},
			  &(struct dns_doctor){true, after, 1}, cache);
	assert_false(has(cache, "before.example", DNS_A));
	assert_false(has(cache, "after.example", DNS_A));
	assert_false(has(cache, "told.example", DNS_A));
	assert_false(has(cache, "hint.example", DNS_HTTPS));
	assert_true(has(cache, "other.example", DNS_A));
	assert_true(has(cache, "other.example", DNS_MX));
	assert_int_equal(dns_cache_stats(cache).entries, 2);
	dns_cache_free(cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replies), cmocka_unit_test(test_without),
		cmocka_unit_test(test_broken),	cmocka_unit_test(test_equal),
		cmocka_unit_test(test_forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
