// SPDX-License-Identifier: GPL-2.0-or-later
/* Which names are ours, and what is said of them. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cleanup.h"
#include "dns_fixture.h"
#include "rewrites.h"

#define ADDRS_MAX 4

/* A rewrite as the tests write it: addresses, or the name of a CNAME behind '='. */
struct row {
	const char *pattern, *to;
	unsigned int pass;
	bool h3, kept;
};

static struct dns_rewrite rewrite_of(const struct row *row, struct ip_addr addrs[ADDRS_MAX])
{
	const char *pattern = row->pattern;
	struct dns_rewrite made = {.addrs = addrs,
				   .https = {{{0, 1, 0, 0, 1, 0, 6, 2, 'h', '3', 2, 'h', '2'}, 13}},
				   .n_https = row->h3,
				   .is_kept = row->kept,
				   .ttl_s = 60};
	char text[256];

	made.match = *pattern == '*'   ? DNS_MATCH_BELOW
		     : *pattern == '.' ? DNS_MATCH_TREE
				       : DNS_MATCH_EXACT;
	made.name = name_of(pattern +
			    (made.match == DNS_MATCH_BELOW ? 2 : made.match == DNS_MATCH_TREE));
	if (row->pass)
		made.pass[made.n_pass++] = (__u16)row->pass;
	if (*row->to == '=') {
		made.target = name_of(row->to + 1);
		return made;
	}
	strcpy(text, row->to);
	for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
		assert_int_equal(ip_addr_parse(word, &addrs[made.n_addrs++]), 0);
	return made;
}

static struct dns_rewrites *table_of(const struct row *rows, size_t n)
{
	struct dns_rewrite made[16];
	struct ip_addr addrs[16][ADDRS_MAX];
	struct dns_rewrites *table;

	for (size_t i = 0; i < n; i++)
		made[i] = rewrite_of(&rows[i], addrs[i]);
	table = dns_rewrites_make(made, n);
	assert_non_null(table);
	return table;
}

static const struct row rows[] = {
	{"app.example.com", "192.168.11.20"},
	{"web.example.com", "192.168.11.21 fd00::21", 0, true},
	{"six.example.com", "fd00::22"},
	{"*.lab.example.com", "192.168.11.30"},
	{"x.lab.example.com", "192.168.11.31"},
	{".tree.example.com", "192.168.11.32"},
	{"mail.example.com", "192.168.11.33", DNS_MX},
	{"two.example.com", "192.168.11.34 192.168.12.34"},
	{"alias.example.com", "=app.example.com"},
	{"away.example.com", "=cdn.example.net"},
	{"loop.example.com", "=pool.example.com"},
	{"pool.example.com", "=loop.example.com"},
	{"kept.lab.example.com", "", .kept = true},
};

static void test_find(void **state _unused_)
{
	static const struct {
		const char *name;
		__u16 type;
		const char *pattern; /* whose it is; NULL: nobody's */
	} asked[] = {
		{"app.example.com", DNS_A, "app.example.com"},
		{"APP.example.com", DNS_A, "app.example.com"},
		{"x.app.example.com", DNS_A, NULL},
		{"example.com", DNS_A, NULL},
		{"lab.example.com", DNS_A, NULL},
		{"y.lab.example.com", DNS_A, "lab.example.com"},
		{"z.y.lab.example.com", DNS_A, "lab.example.com"},
		{"x.lab.example.com", DNS_A, "x.lab.example.com"},
		/* An exact name says nothing about what is below it; the wildcard above does. */
		{"z.x.lab.example.com", DNS_A, "lab.example.com"},
		{"tree.example.com", DNS_A, "tree.example.com"},
		{"a.b.tree.example.com", DNS_A, "tree.example.com"},
		{"_8443._https.app.example.com", DNS_HTTPS, "app.example.com"},
		{"_dns.app.example.com", DNS_SVCB, "app.example.com"},
		{"_8443._https.app.example.com", DNS_TXT, NULL},
		{"_8443._https.other.example.com", DNS_HTTPS, NULL},
		{"www.app.example.com", DNS_HTTPS, NULL},
	};
	struct dns_rewrites *table = table_of(rows, ARRAY_SIZE(rows));

	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		struct dns_name name = name_of(asked[i].name), expected;
		const struct dns_rewrite *found = dns_rewrites_find(table, &name, asked[i].type);

		if (!found != !asked[i].pattern)
			fail_msg("%s is %s", asked[i].name, found ? "found" : "not found");
		if (!found)
			continue;
		expected = name_of(asked[i].pattern);
		if (!dns_name_equal(&found->name, &expected))
			fail_msg("%s is another's", asked[i].name);
	}
	dns_rewrites_free(table);
}

/* "type data" of each record of the answer, in a line. */
static void records_write(const __u8 *message, size_t n, char *text, size_t size)
{
	struct dns_cursor cursor;
	struct dns_record record;
	size_t used = 0;
	char part[DNS_NAME_TEXT_MAX];
	struct dns_name name;

	*text = '\0';
	assert_int_equal(dns_cursor_begin(message, n, &cursor), 0);
	while (dns_cursor_next(&cursor, &record) > 0) {
		const __u8 *data = message + record.data_at;

		switch (record.type) {
		case DNS_A:
		case DNS_AAAA:
			inet_ntop(record.type == DNS_A ? AF_INET : AF_INET6, data, part,
				  sizeof(part));
			break;
		case DNS_CNAME:
			assert_true(dns_name_read(message, n, record.data_at, &name) > 0);
			dns_name_format(&name, part);
			break;
		default:
			snprintf(part, sizeof(part), "type%u", record.type);
		}
		used += (size_t)snprintf(text + used, size - used, "%s%s", used ? " " : "", part);
	}
	assert_true(used < size);
	assert_int_equal(cursor.at, n);
}

static void test_answers(void **state _unused_)
{
	static const struct {
		const char *name;
		__u16 type;
		const char *segment;
		enum dns_rewritten verdict;
		const char *records;
	} asked[] = {
		{"app.example.com", DNS_A, NULL, DNS_REWRITTEN_WHOLE, "192.168.11.20"},
		{"app.example.com", DNS_AAAA, NULL, DNS_REWRITTEN_WHOLE, "type6"},
		{"app.example.com", DNS_HTTPS, NULL, DNS_REWRITTEN_WHOLE, "type6"},
		{"app.example.com", DNS_MX, NULL, DNS_REWRITTEN_WHOLE, "type6"},
		{"app.example.com", 4711, NULL, DNS_REWRITTEN_WHOLE, "type6"},
		{"app.example.com", DNS_ANY, NULL, DNS_REWRITTEN_WHOLE, "192.168.11.20"},
		{"web.example.com", DNS_ANY, NULL, DNS_REWRITTEN_WHOLE, "192.168.11.21 fd00::21"},
		{"web.example.com", DNS_AAAA, NULL, DNS_REWRITTEN_WHOLE, "fd00::21"},
		{"web.example.com", DNS_HTTPS, NULL, DNS_REWRITTEN_WHOLE, "type65"},
		{"_8443._https.web.example.com", DNS_HTTPS, NULL, DNS_REWRITTEN_WHOLE, "type6"},
		{"six.example.com", DNS_A, NULL, DNS_REWRITTEN_WHOLE, "type6"},
		{"mail.example.com", DNS_MX, NULL, DNS_REWRITTEN_PASS, ""},
		{"mail.example.com", DNS_AAAA, NULL, DNS_REWRITTEN_WHOLE, "type6"},
		{"two.example.com", DNS_A, NULL, DNS_REWRITTEN_WHOLE,
		 "192.168.11.34 192.168.12.34"},
		{"two.example.com", DNS_A, "192.168.12.0/24", DNS_REWRITTEN_WHOLE, "192.168.12.34"},
		{"two.example.com", DNS_A, "192.168.13.0/24", DNS_REWRITTEN_WHOLE,
		 "192.168.11.34 192.168.12.34"},
		{"alias.example.com", DNS_A, NULL, DNS_REWRITTEN_WHOLE,
		 "app.example.com 192.168.11.20"},
		{"alias.example.com", DNS_AAAA, NULL, DNS_REWRITTEN_WHOLE, "app.example.com type6"},
		{"alias.example.com", DNS_CNAME, NULL, DNS_REWRITTEN_WHOLE, "app.example.com"},
		{"away.example.com", DNS_A, NULL, DNS_REWRITTEN_ALIAS, "cdn.example.net"},
		{"loop.example.com", DNS_A, NULL, DNS_REWRITTEN_LOOP, NULL},
		{"kept.lab.example.com", DNS_A, NULL, DNS_REWRITTEN_PASS, ""},
		{"kept.lab.example.com", DNS_HTTPS, NULL, DNS_REWRITTEN_PASS, ""},
		{"_8443._https.kept.lab.example.com", DNS_HTTPS, NULL, DNS_REWRITTEN_PASS, ""},
		{"other.lab.example.com", DNS_A, NULL, DNS_REWRITTEN_WHOLE, "192.168.11.30"},
	};
	struct dns_rewrites *table = table_of(rows, ARRAY_SIZE(rows));

	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		struct octets o = query_make(asked[i].name, asked[i].type);
		struct dns_name target = {0}, cdn = name_of("cdn.example.net");
		struct ip_net segment;
		struct dns_answer answer;
		struct dns_query query;
		__u8 message[DNS_UDP_MAX];
		enum dns_rewritten verdict;
		char text[512];

		assert_int_equal(dns_query_parse(o.at, o.n, &query), 0);
		dns_answer_begin(&answer, &query, o.at, (struct dns_room){message, 512});
		if (asked[i].segment)
			assert_int_equal(ip_net_parse(asked[i].segment, &segment), 0);
		verdict =
			dns_rewrite_answer(table, dns_rewrites_find(table, &query.name, query.type),
					   asked[i].segment ? &segment : NULL, &answer, &target);
		if (verdict != asked[i].verdict)
			fail_msg("%s %u: verdict %d", asked[i].name, asked[i].type, verdict);
		if (verdict == DNS_REWRITTEN_ALIAS)
			assert_true(dns_name_equal(&target, &cdn));
		if (!asked[i].records)
			continue;
		records_write(message, dns_answer_end(&answer, DNS_NOERROR), text, sizeof(text));
		if (strcmp(text, asked[i].records))
			fail_msg("%s %u: \"%s\", expected \"%s\"", asked[i].name, asked[i].type,
				 text, asked[i].records);
	}
	dns_rewrites_free(table);
}

/* The whole of one HTTPS record, and that AD is never set: both octet by octet. */
static void test_https(void **state _unused_)
{
	static const __u8 expected[] =
		"\x12\x34\x81\x80\0\1\0\1\0\0\0\0\3web\7example\3com\0\0\x41\0\1"
		"\xc0\x0c\0\x41\0\1\0\0\0\x3c\0\x29"
		"\0\1\0\0\1\0\6\2h3\2h2\0\4\0\4\300\250\13\25\0\6\0\x10\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x21";
	struct dns_rewrites *table = table_of(rows, ARRAY_SIZE(rows));
	struct octets o = query_make("web.example.com", DNS_HTTPS);
	struct dns_answer answer;
	struct dns_name target;
	struct dns_query query;
	__u8 message[512];

	dns_put16(o.at + 2, DNS_RD | DNS_AD);
	assert_int_equal(dns_query_parse(o.at, o.n, &query), 0);
	dns_answer_begin(&answer, &query, o.at, (struct dns_room){message, sizeof(message)});
	dns_rewrite_answer(table, dns_rewrites_find(table, &query.name, query.type), NULL, &answer,
			   &target);
	assert_int_equal(dns_answer_end(&answer, DNS_NOERROR), sizeof(expected) - 1);
	assert_memory_equal(message, expected, sizeof(expected) - 1);
	dns_rewrites_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_https),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
