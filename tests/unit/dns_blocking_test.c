// SPDX-License-Identifier: GPL-2.0-or-later
/* Whom lists hold for, what a blocked name is answered with, and what answers lead to. */
#include "blocking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"
#include "dns_fixture.h"
#include "list_text.h"
#include "tablemaker.h"

/* --- a table ------------------------------------------------------------------------------------ */

struct source {
	enum dns_block_kind kind;
	const char *name, *text;
};

/* Numbers as the tests name them: 0 ads, 1 kids, 2 work (allows), 3 the operator's to block, 4 to allow. */
static const struct source sources[] = {
	{DNS_BLOCK_LIST, "ads",
	 "||ads.example^\n||cloak.example^\n||strict.example^$important\n203.0.113.0/24\n"
	 "2001:db8:bad::/48\n||onlya.example^$dnstype=A\n"},
	{DNS_BLOCK_LIST, "kids", "||games.example^\n@@||strict.example^\n"},
	{DNS_BLOCK_ALLOWLIST, "work", "||good.ads.example^\n"},
	{DNS_BLOCK_OWN_BLOCK, "block", "||own.example^\n||good.ads.example^\n||both.example^\n"},
	{DNS_BLOCK_OWN_ALLOW, "allow", "||both.example^\n||strict.ok.example^\n||fine.example^\n"},
};

static struct dns_blocktable *table_make(const struct source *from, size_t n)
{
	struct tablemaker *maker = tablemaker_make();
	struct dns_blocktable *table;
	_close_ int fd = -1;

	for (size_t i = 0; i < n; i++) {
		struct tablemaker_of of = {.maker = maker};
		struct list_text read;

		assert_int_equal(tablemaker_list(maker, from[i].kind, from[i].name, &of.list), 0);
		assert_int_equal(list_text_read(from[i].text, strlen(from[i].text), tablemaker_add,
						&of, &read),
				 0);
	}
	assert_int_equal(tablemaker_finish(maker, &fd), 0);
	tablemaker_free(maker);
	assert_int_equal(dns_blocktable_open(fd, &table), 0);
	return table;
}

/* --- groups ------------------------------------------------------------------------------------- */

static struct dns_block_names names_of(const char *name)
{
	struct dns_block_names names = {.names = calloc(2, sizeof(*names.names))};

	if (name)
		strcpy(names.names[names.n++], name);
	return names;
}

static const struct dns_block_names all = {.has_all = true};

/* The group of everybody; 1 with ads alone and nothing allowed; 2 with kids alone; 3 that nothing is blocked for. */
static struct dns_blocking_conf conf_make(enum dns_block_mode mode)
{
	static const struct {
		const char *net;
		__u32 group;
	} clients[] = {
		{"192.168.11.0/24", 1},	 {"192.168.11.64/26", 2}, {"192.168.11.70/32", 3},
		{"2001:db8:11::/64", 2}, {"192.168.11.80/32", 1},
	};
	struct dns_blocking_conf conf = {.mode = mode, .n_groups = 4, .n_clients = 5};

	conf.groups = calloc(4, sizeof(*conf.groups));
	conf.groups[0] = (struct dns_block_group){true, all, all};
	conf.groups[1] = (struct dns_block_group){true, names_of("ads"), names_of(NULL)};
	conf.groups[2] = (struct dns_block_group){true, names_of("kids"), all};
	conf.groups[3] = (struct dns_block_group){false, all, all};
	conf.clients = calloc(5, sizeof(*conf.clients));
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(ip_net_parse(clients[i].net, &conf.clients[i].net), 0);
		conf.clients[i].group = clients[i].group;
	}
	conf.answers = calloc(2, sizeof(*conf.answers));
	assert_int_equal(ip_addr_parse("192.168.11.9", &conf.answers[0]), 0);
	assert_int_equal(ip_addr_parse("192.168.11.10", &conf.answers[1]), 0);
	conf.n_answers = 2;
	return conf;
}

static struct dns_blocking *blocking_make(enum dns_block_mode mode)
{
	struct dns_blocking_conf conf = conf_make(mode);
	struct dns_blocking *blocking = dns_blocking_make();

	dns_blocking_set_conf(blocking, &conf);
	dns_blocking_set_table(blocking, table_make(sources, ARRAY_SIZE(sources)));
	return blocking;
}

static struct dns_block_ask ask_of(const char *client, const struct dns_query *query)
{
	struct dns_block_ask ask = {.query = query};

	assert_int_equal(ip_addr_parse(client, &ask.client), 0);
	return ask;
}

static struct dns_query query_of(const char *name, __u16 type)
{
	return (struct dns_query){.name = name_of(name), .type = type, .class = DNS_CLASS_IN};
}

/* The list that blocks, or -1: allowed, or 0: nothing. */
static int judged(struct dns_blocking *blocking, const char *client, const char *name, __u16 type)
{
	const struct dns_query query = query_of(name, type);
	const struct dns_block_ask ask = ask_of(client, &query);
	__u8 list = 77;

	switch (dns_blocking_judge(blocking, &ask, &list)) {
	case DNS_BLOCK_BLOCKED:
		assert_true(list > 0);
		return list;
	case DNS_BLOCK_ALLOWED:
		assert_int_equal(list, 0);
		return -1;
	case DNS_BLOCK_NOTHING:
		assert_int_equal(list, 0);
		break;
	}
	return 0;
}

#define EVERYBODY "10.0.0.1"
#define ADS_ONLY "192.168.11.5"
#define KIDS "192.168.11.65"
#define FREE "192.168.11.70"

static const struct {
	const char *client, *name;
	__u16 type;
	int list;
} rows[] = {
	{EVERYBODY, "www.ads.example", DNS_A, 1},
	{EVERYBODY, "www.ads.example", DNS_HTTPS, 1},
	{EVERYBODY, "games.example", DNS_A, 2},
	{EVERYBODY, "other.example", DNS_A, 0},
	{EVERYBODY, "example", DNS_A, 0},
	{EVERYBODY, "onlya.example", DNS_A, 1},
	{EVERYBODY, "onlya.example", DNS_AAAA, 0},
	/* The operator's own words go before lists, and of these what allows. */
	{EVERYBODY, "both.example", DNS_A, -1},
	{EVERYBODY, "own.example", DNS_A, 4},
	{EVERYBODY, "x.fine.example", DNS_A, -1},
	/* $important before what a block list allows. */
	{EVERYBODY, "strict.example", DNS_A, 1},
	/* ads alone. */
	{ADS_ONLY, "www.ads.example", DNS_A, 1},
	{ADS_ONLY, "games.example", DNS_A, 0},
	{ADS_ONLY, "own.example", DNS_A, 4},
	{"192.168.11.80", "games.example", DNS_A,
	 0}, /* by its address, in a network that has another */
	{"192.168.11.80", "ads.example", DNS_A, 1},
	/* kids alone: by the longer network. */
	{KIDS, "www.ads.example", DNS_A, 0},
	{KIDS, "games.example", DNS_A, 2},
	{"2001:db8:11::5", "games.example", DNS_A, 2},
	{"2001:db8:12::5", "ads.example", DNS_A, 1},
	{FREE, "www.ads.example", DNS_A, 0},
	{FREE, "own.example", DNS_A, 0},
};

static void test_groups(void **state _unused_)
{
	struct dns_blocking *blocking = blocking_make(DNS_BLOCK_MODE_NULL);

	/* Twice: what is remembered of a client says the same. */
	for (size_t i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		size_t k = i % ARRAY_SIZE(rows);
		int list = judged(blocking, rows[k].client, rows[k].name, rows[k].type);

		if (list != rows[k].list)
			fail_msg("%s for %s, type %u: %d", rows[k].name, rows[k].client,
				 rows[k].type, list);
	}
	dns_blocking_free(blocking);
}

/* An Ethernet address counts more than a network, and less than an address. */
static void test_by_mac(void **state _unused_)
{
	struct dns_blocking *blocking = blocking_make(DNS_BLOCK_MODE_NULL);
	struct dns_block_client *list = calloc(2, sizeof(*list));

	assert_int_equal(ip_net_parse("192.168.11.5/32", &list[0].net), 0);
	list[0].group = 2;
	assert_int_equal(ip_net_parse("192.168.11.70/32", &list[1].net), 0);
	list[1].group = 2;
	assert_int_equal(judged(blocking, ADS_ONLY, "ads.example", DNS_A), 1);
	dns_blocking_set_clients(blocking, list, 2);
	assert_int_equal(judged(blocking, ADS_ONLY, "ads.example", DNS_A), 0);
	assert_int_equal(judged(blocking, ADS_ONLY, "games.example", DNS_A), 2);
	assert_int_equal(judged(blocking, FREE, "games.example", DNS_A), 0);
	/* The machine has another address now. */
	dns_blocking_set_clients(blocking, NULL, 0);
	assert_int_equal(judged(blocking, ADS_ONLY, "ads.example", DNS_A), 1);
	dns_blocking_free(blocking);
}

/* Lists have other numbers in another table. */
static void test_swapped(void **state _unused_)
{
	static const struct source other[] = {
		{DNS_BLOCK_LIST, "kids", "||games.example^\n"},
		{DNS_BLOCK_LIST, "ads", "||new.example^\n"},
	};
	struct dns_blocking *blocking = blocking_make(DNS_BLOCK_MODE_NULL);

	dns_blocking_set_table(blocking, table_make(other, 2));
	assert_int_equal(judged(blocking, ADS_ONLY, "new.example", DNS_A), 2);
	assert_int_equal(judged(blocking, ADS_ONLY, "games.example", DNS_A), 0);
	assert_int_equal(judged(blocking, ADS_ONLY, "ads.example", DNS_A), 0);
	assert_int_equal(judged(blocking, KIDS, "games.example", DNS_A), 1);
	dns_blocking_set_table(blocking, NULL);
	assert_int_equal(judged(blocking, KIDS, "games.example", DNS_A), 0);
	dns_blocking_free(blocking);
}

static void test_off(void **state _unused_)
{
	struct dns_blocking *blocking = blocking_make(DNS_BLOCK_MODE_NULL);

	assert_int_equal(judged(blocking, EVERYBODY, "ads.example", DNS_A), 1);
	dns_blocking_set_off(blocking, true);
	assert_int_equal(judged(blocking, EVERYBODY, "ads.example", DNS_A), 0);
	dns_blocking_set_off(blocking, false);
	assert_int_equal(judged(blocking, EVERYBODY, "ads.example", DNS_A), 1);
	dns_blocking_free(blocking);
	assert_int_equal(judged(NULL, EVERYBODY, "ads.example", DNS_A), 0);
}

/* --- answers of upstreams ----------------------------------------------------------------------- */

static void answer_name(struct octets *o, __u16 type, const char *target)
{
	struct dns_name name = name_of(target);

	octets_add(o, "\300\14", 2);
	record_add(o, type, 300, name.wire, name.length);
}

static void answer_addr(struct octets *o, const char *text)
{
	struct ip_addr addr;
	bool v4;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	v4 = ip_addr_is_v4(&addr);
	octets_add(o, "\300\14", 2);
	record_add(o, v4 ? DNS_A : DNS_AAAA, 300, addr.b + (v4 ? 12 : 0), v4 ? 4 : 16);
}

/* Priority 1, @target, and a hint of either family ("": none). */
static void answer_https(struct octets *o, const char *target, const char *hint)
{
	struct octets data = {0};
	struct dns_name name = name_of(target);
	struct ip_addr addr;

	octets_add16(&data, 1);
	octets_add(&data, name.wire, name.length);
	octets_add(&data, "\0\1\0\3\2h2", 7);
	if (*hint) {
		assert_int_equal(ip_addr_parse(hint, &addr), 0);
		octets_add16(&data, ip_addr_is_v4(&addr) ? 4 : 6);
		octets_add16(&data, ip_addr_is_v4(&addr) ? 4 : 16);
		octets_add(&data, addr.b + (ip_addr_is_v4(&addr) ? 12 : 0),
			   ip_addr_is_v4(&addr) ? 4 : 16);
	}
	octets_add(o, "\300\14", 2);
	record_add(o, DNS_HTTPS, 300, data.at, (unsigned int)data.n);
}

enum form { CNAME, ADDR, HTTPS, HINT };

static const struct {
	const char *client, *name;
	enum form form;
	const char *to;
	int list;
} replies[] = {
	{EVERYBODY, "www.shop.example", CNAME, "x.cloak.example", 1},
	{EVERYBODY, "www.shop.example", CNAME, "x.other.example", 0},
	{KIDS, "www.shop.example", CNAME, "x.cloak.example", 0},
	{KIDS, "www.shop.example", CNAME, "games.example", 2},
	{FREE, "www.shop.example", CNAME, "x.cloak.example", 0},
	/* What a CNAME leads to may be allowed, and what stands behind it is judged by itself. */
	{EVERYBODY, "www.shop.example", CNAME, "both.example", 0},
	{EVERYBODY, "www.shop.example", ADDR, "203.0.113.9", 1},
	{EVERYBODY, "www.shop.example", ADDR, "203.0.114.9", 0},
	{EVERYBODY, "www.shop.example", ADDR, "2001:db8:bad::1", 1},
	{KIDS, "www.shop.example", ADDR, "203.0.113.9", 0},
	{EVERYBODY, "www.shop.example", HTTPS, "ads.example", 1},
	{EVERYBODY, "www.shop.example", HTTPS, ".", 0},
	{EVERYBODY, "www.shop.example", HINT, "203.0.113.9", 1},
	{EVERYBODY, "www.shop.example", HINT, "2001:db8:bad::1", 1},
	{EVERYBODY, "www.shop.example", HINT, "203.0.114.9", 0},
};

static struct octets reply_make(size_t i)
{
	struct octets o =
		message_begin(DNS_QR | DNS_RD | DNS_RA, (const unsigned int[4]){1, 1, 0, 0});

	question_add(&o, replies[i].name, DNS_A);
	switch (replies[i].form) {
	case CNAME:
		answer_name(&o, DNS_CNAME, replies[i].to);
		break;
	case ADDR:
		answer_addr(&o, replies[i].to);
		break;
	case HTTPS:
		answer_https(&o, replies[i].to, "");
		break;
	case HINT:
		answer_https(&o, ".", replies[i].to);
		break;
	}
	return o;
}

/* The list that blocks it, 0: none. */
static int inspected(struct dns_blocking *blocking, size_t i, __u32 *mark)
{
	const struct octets o = reply_make(i);
	const struct dns_query query = query_of(replies[i].name, DNS_A);
	const struct dns_block_ask ask = ask_of(replies[i].client, &query);
	__u8 list;
	bool is = dns_blocking_inspect(
		blocking, &ask, (struct dns_reply){.message = o.at, .length = o.n}, mark, &list);

	assert_int_equal(is, list != 0);
	return list;
}

static void test_replies(void **state _unused_)
{
	struct dns_blocking *blocking = blocking_make(DNS_BLOCK_MODE_NULL);

	for (size_t i = 0; i < ARRAY_SIZE(replies); i++) {
		__u32 mark = 0;

		if (inspected(blocking, i, NULL) != replies[i].list)
			fail_msg("%s for %s", replies[i].to, replies[i].client);
		/* From the cache: the first time, and later ones. */
		for (int k = 0; k < 3; k++)
			assert_int_equal(inspected(blocking, i, &mark), replies[i].list);
	}
	dns_blocking_set_off(blocking, true);
	assert_int_equal(inspected(blocking, 0, NULL), 0);
	dns_blocking_free(blocking);
}

/* A mark holds for all clients, and for one table. */
static void test_marks(void **state _unused_)
{
	static const struct source other[] = {{DNS_BLOCK_LIST, "ads", "||other.example^\n"}};
	struct dns_blocking *blocking = blocking_make(DNS_BLOCK_MODE_NULL);
	__u32 mark = 0, before;

	/* Not blocked for KIDS, and so for everybody. */
	assert_int_equal(inspected(blocking, 2, &mark), 0);
	assert_int_equal(inspected(blocking, 0, &mark), 1);
	mark = 0;
	assert_int_equal(inspected(blocking, 1, &mark), 0);
	before = mark;
	assert_int_not_equal(before, 0);
	assert_int_equal(inspected(blocking, 1, &mark), 0);
	assert_int_equal(mark, before);
	dns_blocking_set_table(blocking, table_make(other, 1));
	assert_int_equal(inspected(blocking, 1, &mark), 1);
	dns_blocking_free(blocking);
}

/* Records cut short anywhere are no reason to read beyond them, and what stands in other sections leads nowhere. */
static void test_broken(void **state _unused_)
{
	struct dns_blocking *blocking = blocking_make(DNS_BLOCK_MODE_NULL);
	const struct dns_query query = query_of("www.shop.example", DNS_A);
	const struct dns_block_ask ask = ask_of(EVERYBODY, &query);
	__u8 list;

	for (size_t i = 0; i < ARRAY_SIZE(replies); i++) {
		struct octets o = reply_make(i);

		for (size_t n = 0; n < o.n; n++) {
			_free_ __u8 *cut = malloc(n + 1);

			memcpy(cut, o.at, n);
			dns_blocking_inspect(blocking, &ask,
					     (struct dns_reply){.message = cut, .length = n}, NULL,
					     &list);
		}
		/* The one record in the additional section. */
		dns_put16(o.at + 6, 0);
		dns_put16(o.at + 10, 1);
		assert_false(dns_blocking_inspect(
			blocking, &ask, (struct dns_reply){.message = o.at, .length = o.n}, NULL,
			&list));
	}
	dns_blocking_free(blocking);
}

/* --- what is answered --------------------------------------------------------------------------- */

static const struct {
	enum dns_block_mode mode;
	__u16 type;
	enum dns_rcode rcode;
	unsigned int answers, authorities;
	const char *address; /* the first */
} modes[] = {
	{DNS_BLOCK_MODE_NULL, DNS_A, DNS_NOERROR, 1, 0, "0.0.0.0"},
	{DNS_BLOCK_MODE_NULL, DNS_AAAA, DNS_NOERROR, 1, 0, "::"},
	{DNS_BLOCK_MODE_NULL, DNS_HTTPS, DNS_NOERROR, 0, 1, NULL},
	{DNS_BLOCK_MODE_NULL, DNS_MX, DNS_NOERROR, 0, 1, NULL},
	{DNS_BLOCK_MODE_NXDOMAIN, DNS_A, DNS_NXDOMAIN, 0, 1, NULL},
	{DNS_BLOCK_MODE_REFUSED, DNS_A, DNS_REFUSED, 0, 0, NULL},
	{DNS_BLOCK_MODE_NODATA, DNS_A, DNS_NOERROR, 0, 1, NULL},
	{DNS_BLOCK_MODE_CUSTOM, DNS_A, DNS_NOERROR, 2, 0, "192.168.11.9"},
	{DNS_BLOCK_MODE_CUSTOM, DNS_AAAA, DNS_NOERROR, 0, 1, NULL},
	{DNS_BLOCK_MODE_CUSTOM, DNS_TXT, DNS_NOERROR, 0, 1, NULL},
};

static void assert_address(const struct dns_record *record, const __u8 *message, const char *text)
{
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	assert_memory_equal(message + record->data_at, addr.b + 16 - record->data_length,
			    record->data_length);
}

static void test_modes(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		struct dns_blocking *blocking = blocking_make(modes[i].mode);
		struct octets asked = query_make("Ads.Example", modes[i].type);
		struct dns_query query;
		struct dns_answer answer;
		struct dns_cursor cursor;
		struct dns_record record;
		__u8 message[DNS_UDP_MAX];
		size_t n;

		opt_append(&asked, 1232, 0, 0);
		assert_int_equal(dns_query_parse(asked.at, asked.n, &query), 0);
		dns_answer_begin(&answer, &query, asked.at,
				 (struct dns_room){message, sizeof(message)});
		n = dns_blocking_answer(blocking, &answer);
		assert_int_equal(answer.outcome.count, DNS_COUNT_BLOCKED);
		assert_int_equal(DNS_RCODE(dns_get16(message + 2)), modes[i].rcode);
		assert_int_equal(dns_get16(message + 6), modes[i].answers);
		assert_int_equal(dns_get16(message + 8), modes[i].authorities);
		assert_int_equal(dns_get16(message + 10), 1);
		assert_int_equal(dns_cursor_begin(message, n, &cursor), 0);
		assert_int_equal(dns_cursor_next(&cursor, &record), 1);
		if (modes[i].answers) {
			assert_int_equal(record.type, modes[i].type);
			assert_address(&record, message, modes[i].address);
		} else if (modes[i].authorities) {
			assert_int_equal(record.type, DNS_SOA);
		}
		if (record.type != DNS_OPT)
			assert_in_range(record.ttl_s, 2, 10);
		while (record.type != DNS_OPT)
			assert_int_equal(dns_cursor_next(&cursor, &record), 1);
		/* RFC 8914: option 15, two octets, code 15: blocked. */
		assert_int_equal(record.data_length, 6);
		assert_memory_equal(message + record.data_at, "\0\17\0\2\0\17", 6);
		dns_blocking_free(blocking);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_groups),	cmocka_unit_test(test_by_mac),
		cmocka_unit_test(test_swapped), cmocka_unit_test(test_off),
		cmocka_unit_test(test_replies), cmocka_unit_test(test_marks),
		cmocka_unit_test(test_broken),	cmocka_unit_test(test_modes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
