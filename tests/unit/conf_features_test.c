// SPDX-License-Identifier: GPL-2.0-or-later
/* What a build without a part says of keys and words that would not act there, and that what it does not name is taken. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "conf.h"
#include "feature_all.h"

#define GATEWAY                      \
	"wan: { interface: eth0 }\n" \
	"lan: [{ interface: br-lan }]\n"
#define WAN(keys)                              \
	"wan: { interface: eth0, " keys " }\n" \
	"lan: [{ interface: br-lan }]\n"
#define TAKE_OUT "; take it out, or install one that has it\n"
#define LEAVE_OUT "; leave it out, or install one that has it\n"
#define NO_DNS "this build has no dns (-Ddns=disabled)"
#define NO_NFTABLES "this build has no nftables (-Dnftables=disabled)"
#define NO_PORTMAP "this build has no portmap (-Dportmap=disabled)"

static const struct {
	enum feature without;
	const char *text;
	const char *said; /* NULL: taken */
} rows[] = {
	{FEATURE_DNS, GATEWAY, NULL},
	{FEATURE_DNS, GATEWAY "dns: { upstream: 192.0.2.53 }\n", "t.yaml:3: dns: " NO_DNS TAKE_OUT},
	{FEATURE_DNS, GATEWAY "dns:\n", "t.yaml:3: dns: " NO_DNS TAKE_OUT},
	{FEATURE_DNS, GATEWAY "hosts-service: no\n", NULL},
	{FEATURE_DNS, GATEWAY "hosts-service: yes\n",
	 "t.yaml:3: hosts-service: yes: " NO_DNS LEAVE_OUT},
	{FEATURE_DNS, GATEWAY "role: resolver\n", "t.yaml:3: role: resolver: " NO_DNS LEAVE_OUT},
	{FEATURE_DNS, WAN("public-address: auto"), NULL},
	{FEATURE_DNS, WAN("public-address: home.example.com"),
	 "t.yaml:1: public-address: home.example.com: " NO_DNS LEAVE_OUT},
	{FEATURE_DNS, WAN("stun: [192.0.2.3]"), NULL},
	{FEATURE_DNS, WAN("stun: [stun.example.com]"),
	 "t.yaml:1: stun: stun.example.com: " NO_DNS LEAVE_OUT},
	{FEATURE_DNS,
	 GATEWAY "dhcp: [{ interface: br-lan, range: 192.168.11.100-192.168.11.199 }]\n", NULL},
	{FEATURE_NFTABLES, GATEWAY "nat: { backend: auto }\n", NULL},
	{FEATURE_NFTABLES, GATEWAY "nat: { backend: bpf }\n", NULL},
	{FEATURE_NFTABLES, GATEWAY "nat: { backend: nftables }\n",
	 "t.yaml:3: backend: nftables: " NO_NFTABLES LEAVE_OUT},
	{FEATURE_PORTMAP, WAN("map-upstream: off, stun: off"), NULL},
	{FEATURE_PORTMAP, WAN("map-upstream: auto, stun: auto"), NULL},
	{FEATURE_PORTMAP, WAN("stun: [192.0.2.3]"),
	 "t.yaml:1: stun: 192.0.2.3: " NO_PORTMAP LEAVE_OUT},
};

static int parse(const char *text, struct strbuf *errors)
{
	_conf_ struct conf *conf = NULL;

	return conf_parse("t.yaml", text, strlen(text), &conf, errors);
}

static void test_without(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_strbuf_ struct strbuf errors = {0};

		features_left_out[rows[i].without] = true;
		assert_int_equal(parse(rows[i].text, &errors), rows[i].said ? -EINVAL : 0);
		assert_string_equal(strbuf_text(&errors), rows[i].said ? rows[i].said : "");
		features_left_out[rows[i].without] = false;
	}
}

/* What is refused above is right where the part is there. */
static void test_with(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_strbuf_ struct strbuf errors = {0};

		parse(rows[i].text, &errors);
		assert_null(strstr(strbuf_text(&errors), "this build"));
	}
}

/* What is printed of a build without a part is read again there: defaults that name it do not count. */
static void test_printed(void **state)
{
	_strbuf_ struct strbuf errors = {0}, printed = {0};
	_conf_ struct conf *conf = NULL, *again = NULL;

	(void)state;
	for (enum feature feature = FEATURE_ALWAYS + 1; feature < FEATURE_MAX; feature++)
		features_left_out[feature] = true;
	assert_int_equal(conf_parse("t.yaml", GATEWAY, strlen(GATEWAY), &conf, &errors), 0);
	conf_print(conf, &printed);
	assert_int_equal(conf_parse("p.yaml", printed.text, printed.length, &again, &errors), 0);
	for (enum feature feature = FEATURE_ALWAYS + 1; feature < FEATURE_MAX; feature++)
		features_left_out[feature] = false;
}

static void test_listed(void **state)
{
	_strbuf_ struct strbuf out = {0};

	(void)state;
	features_left_out[FEATURE_NFTABLES] = true;
	features_print(&out);
	features_left_out[FEATURE_NFTABLES] = false;
	assert_string_equal(strbuf_text(&out), "features: +dns -nftables +portmap\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without),
		cmocka_unit_test(test_with),
		cmocka_unit_test(test_printed),
		cmocka_unit_test(test_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
