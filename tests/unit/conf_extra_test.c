// SPDX-License-Identifier: GPL-2.0-or-later
/* Items that are added to a configuration by command. */
#include "extra.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"

#define HEAD                         \
	"wan: { interface: eth0 }\n" \
	"lan: [{ interface: br-lan }]\n"

static const char text[] = HEAD
	"services:\n"
	"  - { name: web, domain: [web.example, \"*.web.example\"], host: 192.168.11.20, ports: [80/tcp] }\n" /* 4 */
	"  - { name: off, domain: off.example, host: 192.168.11.21, ports: [81/tcp], rewrite: off }\n"
	"dns:\n"
	"  upstream: 192.0.2.53\n"
	"  rewrites:\n"
	"    - { domain: nas.example, answer: 192.168.11.30 }\n" /* 9 */
	"    - { domain: a.example, answer: b.example }\n";

/* What is added to that, alone. */
static const struct {
	const char *domain;
	const char *answers[3];
	int ret;
	const char *why;
} rows[] = {
	{"new.example", {"192.168.11.1"}, 0, ""},
	{"*.new.example", {"192.168.11.1", "2001:db8::1"}, 0, ""},
	{".Tree.example", {"nas.example"}, 0, ""},
	{"x.nas.example", {"192.168.11.1"}, 0, ""},
	{"off.example", {"192.168.11.1"}, 0, ""},
	{"NAS.example",
	 {"192.168.11.1"},
	 -EEXIST,
	 "nas.example: stands in t.yaml too, on line 9, and that counts"},
	{"*.web.example",
	 {"192.168.11.1"},
	 -EEXIST,
	 "*.web.example: a name of service web in t.yaml, on line 4, and that counts"},
	{"b.example",
	 {"a.example"},
	 -EINVAL,
	 "rewrite: answer: a.example: leads back to b.example; an address, or a name that has one"},
	{"x..example", {"192.168.11.1"}, -EINVAL, "rewrite: domain: x..example: "},
	{"x.example", {"192.168.11"}, -EINVAL, "rewrite: answer: 192.168.11: "},
	{"x.example", {"192.168.11.1", "192.168.11.1"}, -EINVAL, "twice in this list"},
	{"x.example", {"nas.example", "192.168.11.1"}, -EINVAL, "a name beside others"},
	{"", {"192.168.11.1"}, -EINVAL, "rewrite: domain: "},
	{"x.example", {0}, -EINVAL, "rewrite: answer: "},
};

static struct conf *parse(const char *what)
{
	_strbuf_ struct strbuf errors = {0};
	struct conf *conf = NULL;

	conf_parse("t.yaml", what, strlen(what), &conf, &errors);
	assert_string_equal(strbuf_text(&errors), "");
	return conf;
}

static void test_rows(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct conf_extra_rewrite extra = {rows[i].domain, rows[i].answers, 0};
		_strbuf_ struct strbuf why = {0};
		_conf_ struct conf *conf = parse(text);
		size_t before = conf->n_rewrites;
		int ret;

		while (extra.n_answers < 3 && rows[i].answers[extra.n_answers])
			extra.n_answers++;
		ret = conf_add_rewrite(conf, &extra, &why);
		if (ret != rows[i].ret || !strstr(strbuf_text(&why), rows[i].why))
			fail_msg("%s: %d, \"%s\"", rows[i].domain, ret, strbuf_text(&why));
		assert_int_equal(conf->n_rewrites, before + !ret);
		if (ret)
			continue;
		assert_string_equal(why.length ? strbuf_text(&why) : "", "");
		assert_int_equal(conf->rewrites[before].line, 0);
		assert_int_equal(conf->rewrites[before].n_addrs,
				 conf->rewrites[before].target ? 0 : extra.n_answers);
	}
}

/* Two that were added by command: the first has the name. */
static void test_twice(void **state _unused_)
{
	const char *answer = "192.168.11.1", *other = "a.example";
	_strbuf_ struct strbuf why = {0};
	_conf_ struct conf *conf = parse(text);

	assert_int_equal(
		conf_add_rewrite(conf, &(struct conf_extra_rewrite){"n.example", &answer, 1}, &why),
		0);
	assert_int_equal(
		conf_add_rewrite(conf, &(struct conf_extra_rewrite){"c.example", &other, 1}, &why),
		0);
	assert_int_equal(conf->n_rewrites, 4);
}

/* --- reservations ------------------------------------------------------------------------------- */

static const char dhcp[] = HEAD
	"dhcp:\n"
	"  - interface: br-lan\n"
	"    range: 192.168.11.100-192.168.11.199\n"
	"    reservations:\n"
	"      - { mac: \"52:54:00:00:00:01\", address: 192.168.11.50, name: printer }\n"; /* 7 */

static const struct {
	struct conf_extra_reservation extra;
	int ret;
	const char *why;
} reserved[] = {
	{{"52:54:00:00:00:02", "192.168.11.51", "nas"}, 0, ""},
	{{"52:54:00:00:00:02", "10.0.0.1", NULL}, 0, ""},
	{{"52:54:00:00:00:01", "192.168.11.51", NULL},
	 -EEXIST,
	 "52:54:00:00:00:01: its machine has a reservation in t.yaml too, on line 7, and that counts"},
	{{"52:54:00:00:00:02", "192.168.11.50", NULL}, -EEXIST, "its address has"},
	{{"52:54:00:00:00:02", "192.168.11.51", "Printer"}, -EEXIST, "its name has"},
	{{"52:54:00:00:00:03", "192.168.11.51", NULL}, 0, ""},
	{{"52:54:00:00:00", "192.168.11.51", NULL}, -EINVAL, "reservation: mac: 52:54:00:00:00: "},
	{{"52:54:00:00:00:02", "192.168.11", NULL}, -EINVAL, "reservation: address: 192.168.11: "},
	{{"52:54:00:00:00:02", "192.168.11.51", "a.b"}, -EINVAL, "reservation: name: a.b: "},
};

static void test_reservations(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++) {
		_strbuf_ struct strbuf why = {0};
		_conf_ struct conf *conf = parse(dhcp);
		int ret = conf_add_reservation(conf, &reserved[i].extra, &why);

		if (ret != reserved[i].ret || !strstr(strbuf_text(&why), reserved[i].why))
			fail_msg("row %zu: %d, \"%s\"", i, ret, strbuf_text(&why));
		assert_int_equal(conf->n_reservations, ret ? 1 : 2);
		if (!ret)
			assert_true(conf->reservations[1].dhcp == CONF_ANY_DHCP);
	}
}

/* Two that were added by command. */
static void test_reserved_twice(void **state _unused_)
{
	_strbuf_ struct strbuf why = {0};
	_conf_ struct conf *conf = parse(dhcp), *none = parse(HEAD);

	assert_int_equal(conf_add_reservation(conf, &reserved[0].extra, &why), 0);
	assert_int_equal(conf_add_reservation(conf, &reserved[5].extra, &why), -EINVAL);
	assert_string_equal(strbuf_text(&why),
			    "52:54:00:00:00:03: its address is reserved by command already");
	assert_int_equal(conf->n_reservations, 2);
	assert_int_equal(conf_add_reservation(none, &reserved[0].extra, &why), -ENOENT);
}

static void test_without_dns(void **state _unused_)
{
	const char *answer = "192.168.11.1";
	_strbuf_ struct strbuf why = {0};
	_conf_ struct conf *conf = parse(HEAD);

	assert_int_equal(
		conf_add_rewrite(conf, &(struct conf_extra_rewrite){"n.example", &answer, 1}, &why),
		-ENOENT);
	assert_string_equal(strbuf_text(&why),
			    "n.example: t.yaml has no `dns`, so nothing answers");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),	     cmocka_unit_test(test_twice),
		cmocka_unit_test(test_reservations), cmocka_unit_test(test_reserved_twice),
		cmocka_unit_test(test_without_dns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
