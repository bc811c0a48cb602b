// SPDX-License-Identifier: GPL-2.0-or-later
/* What conf_parse() leaves of `dns` and of services' names in its object, and the limits of both. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "conf.h"
#include "pattern.h"
#include "rrtype.h"

#define HEAD                         \
	"wan: { interface: eth0 }\n" \
	"lan: [{ interface: br-lan }]\n"

static const char whole[] =
	HEAD "services:\n"
	     "  - name: web\n" /* 4 */
	     "    domain: [\"*.Web.example\", web.example]\n"
	     "    host: 192.168.11.20\n"
	     "    ports: [80/tcp]\n"
	     "    rewrite: on\n" /* 8 */
	     "  - { name: cam, host: 192.168.11.21, ports: [554/tcp], rewrite: off }\n"
	     "  - { name: ssh, host: 192.168.11.22, ports: [22/tcp] }\n"
	     "dns:\n"
	     "  rewrites:\n"
	     "    - domain: .NAS.example\n" /* 13 */
	     "      answer: [192.168.11.30, \"2001:db8::30\"]\n" /* 14 */
	     "    - answer: Nas.EXAMPLE\n" /* 15 */
	     "      domain: nas\n" /* 16 */
	     "  upstream:\n"
	     "    - 192.0.2.53\n" /* 18 */
	     "    - \"[2001:db8::53]:5353\"\n" /* 19 */
	     "  private-domains: [Plex.direct, lan]\n";

static struct conf *parse(const char *text)
{
	_strbuf_ struct strbuf errors = {0};
	struct conf *conf = NULL;

	conf_parse("t.yaml", text, strlen(text), &conf, &errors);
	assert_string_equal(strbuf_text(&errors), "");
	assert_non_null(conf);
	return conf;
}

static void assert_refused(const struct strbuf *text, const char *expected)
{
	_strbuf_ struct strbuf errors = {0};
	struct conf *conf = NULL;

	assert_int_equal(conf_parse("t.yaml", text->text, text->length, &conf, &errors), -EINVAL);
	assert_null(conf);
	assert_string_equal(strbuf_text(&errors), expected);
}

static void assert_addr(const struct ip_addr *addr, const char *expected)
{
	char text[IP_TEXT_MAX];

	assert_string_equal(ip_addr_format(addr, text), expected);
}

static void test_services(void **state _unused_)
{
	_conf_ struct conf *conf = parse(whole);

	assert_int_equal(conf->services[0].n_domains, 2);
	assert_string_equal(conf->services[0].domains[0], "*.web.example");
	assert_string_equal(conf->services[0].domains[1], "web.example");
	assert_int_equal(conf->services[0].rewrite, CONF_REWRITE_ON);
	assert_int_equal(conf->services[0].rewrite_line, 8);
	assert_int_equal(conf->services[1].rewrite, CONF_REWRITE_OFF);
	assert_int_equal(conf->services[2].rewrite, CONF_REWRITE_AUTO);
}

static void test_dns(void **state _unused_)
{
	_conf_ struct conf *conf = parse(whole);

	assert_true(conf->has_dns);
	assert_int_equal(conf->n_upstreams, 2);
	assert_addr(&conf->upstreams[0].addr, "192.0.2.53");
	assert_int_equal(conf->upstreams[0].port, 53);
	assert_int_equal(conf->upstreams[0].line, 18);
	assert_addr(&conf->upstreams[1].addr, "2001:db8::53");
	assert_int_equal(conf->upstreams[1].port, 5353);
	assert_int_equal(conf->upstreams[1].line, 19);

	assert_int_equal(conf->n_private_domains, 2);
	assert_string_equal(conf->private_domains[0], "plex.direct");
	assert_string_equal(conf->private_domains[1], "lan");

	assert_int_equal(conf->n_rewrites, 2);
	assert_string_equal(conf->rewrites[0].domain, ".nas.example");
	assert_null(conf->rewrites[0].target);
	assert_int_equal(conf->rewrites[0].n_addrs, 2);
	assert_addr(&conf->rewrites[0].addrs[0], "192.168.11.30");
	assert_addr(&conf->rewrites[0].addrs[1], "2001:db8::30");
	assert_int_equal(conf->rewrites[0].line, 13);
	assert_int_equal(conf->rewrites[0].answer_line, 14);
	assert_string_equal(conf->rewrites[1].domain, "nas");
	assert_string_equal(conf->rewrites[1].target, "nas.example");
	assert_int_equal(conf->rewrites[1].n_addrs, 0);
	assert_int_equal(conf->rewrites[1].line, 16);
	assert_int_equal(conf->rewrites[1].answer_line, 15);
}

/* Without the section nothing of it is there, and nothing of it is asked for or printed. */
static void test_without(void **state _unused_)
{
	_conf_ struct conf *conf = parse(HEAD);
	_strbuf_ struct strbuf text = {0};

	assert_false(conf->has_dns);
	assert_int_equal(conf->n_upstreams + conf->n_rewrites + conf->n_private_domains, 0);
	conf_print(conf, &text);
	assert_null(strstr(strbuf_text(&text), "dns"));
}

static void add_rewrites(struct strbuf *text, unsigned int n)
{
	strbuf_add(text, HEAD "dns:\n  upstream: 192.0.2.53\n  rewrites:\n");
	for (unsigned int i = 1; i <= n; i++)
		strbuf_add(text, "  - { domain: n%u.example, answer: n%u.example }\n", i, i + 1);
}

/* The longest chain of aliases that fits too: it leads out and is no circle. */
static void test_many_rewrites(void **state _unused_)
{
	_strbuf_ struct strbuf most = {0}, more = {0}, expected = {0};
	_conf_ struct conf *conf = NULL;

	add_rewrites(&most, LIMIT_REWRITES);
	conf = parse(strbuf_text(&most));
	assert_int_equal(conf->n_rewrites, LIMIT_REWRITES);
	assert_string_equal(conf->rewrites[LIMIT_REWRITES - 1].domain, "n4096.example");

	add_rewrites(&more, LIMIT_REWRITES + 1);
	strbuf_add(&expected, "t.yaml:%u: rewrites: more than %u; leave some out\n",
		   5 + LIMIT_REWRITES + 1, LIMIT_REWRITES);
	assert_refused(&more, strbuf_text(&expected));
}

static void add_addrs(struct strbuf *text, unsigned int n)
{
	strbuf_add(text, HEAD "dns: { upstream: 192.0.2.53, rewrites: [{ domain: a, answer: [");
	for (unsigned int i = 1; i <= n; i++)
		strbuf_add(text, "%s192.168.11.%u", i > 1 ? ", " : "", i);
	strbuf_add(text, "] }] }\n");
}

static void test_many_addrs(void **state _unused_)
{
	_strbuf_ struct strbuf most = {0}, more = {0};
	_conf_ struct conf *conf = NULL;

	add_addrs(&most, LIMIT_ADDRS_PER_REWRITE);
	conf = parse(strbuf_text(&most));
	assert_int_equal(conf->rewrites[0].n_addrs, LIMIT_ADDRS_PER_REWRITE);
	add_addrs(&more, LIMIT_ADDRS_PER_REWRITE + 1);
	assert_refused(&more, "t.yaml:3: answer: 17 items; at most 16\n");
}

static void add_private_domains(struct strbuf *text, unsigned int n)
{
	strbuf_add(text, HEAD "dns:\n  upstream: 192.0.2.53\n  private-domains:\n");
	for (unsigned int i = 1; i <= n; i++)
		strbuf_add(text, "  - n%u.example\n", i);
}

static void test_many_private_domains(void **state _unused_)
{
	_strbuf_ struct strbuf most = {0}, more = {0};
	_conf_ struct conf *conf = NULL;

	add_private_domains(&most, LIMIT_PRIVATE_DOMAINS);
	conf = parse(strbuf_text(&most));
	assert_int_equal(conf->n_private_domains, LIMIT_PRIVATE_DOMAINS);
	assert_string_equal(conf->private_domains[LIMIT_PRIVATE_DOMAINS - 1], "n64.example");
	add_private_domains(&more, LIMIT_PRIVATE_DOMAINS + 1);
	assert_refused(&more, "t.yaml:6: private-domains: 65 items; at most 64\n");
}

/* A name of 253 characters, the longest that there is, can be given, but nothing is below it. */
static void test_length(void **state _unused_)
{
	char name[LIMIT_DOMAIN_NAME + 4] = "*.";

	for (size_t i = 0; i < LIMIT_DOMAIN_NAME; i++)
		name[2 + i] = i % 50 == 49 ? '.' : 'a';
	assert_null(pattern_name_fault(name + 2));
	assert_null(pattern_fault(name + 2));
	assert_non_null(pattern_fault(name));
	name[LIMIT_DOMAIN_NAME] = '\0';
	assert_null(pattern_fault(name));
	strcpy(name + LIMIT_DOMAIN_NAME, "aaa");
	assert_non_null(pattern_name_fault(name + 2));
}

static void test_patterns(void **state _unused_)
{
	static const struct {
		const char *text, *name;
		enum pattern_match match;
	} cases[] = {
		{"a.example", "a.example", PATTERN_EXACT},
		{"*.a.example", "a.example", PATTERN_BELOW},
		{".a.example", "a.example", PATTERN_TREE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct pattern pattern = pattern_of(cases[i].text);

		assert_string_equal(pattern.name, cases[i].name);
		assert_int_equal(pattern.match, cases[i].match);
	}
}

/* Each name and its number, both ways; numbers for all else, and none for what no record can be. */
static void test_types(void **state _unused_)
{
	static const char *const none[] = {
		"",	  "CNAME",   "ANY",	  "OPT",    "AXFR",   "TYPE",  "TYPE0", "TYPE5",
		"TYPE41", "TYPE255", "TYPE65536", "TYPE 1", "TYPE+1", "TYPEx", "15",	"MXX"};
	char text[RRTYPE_TEXT_MAX];
	__u16 type;

	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		if (rrtype_parse(none[i], &type))
			fail_msg("\"%s\" is %u", none[i], type);
	}
	assert_true(rrtype_parse("mx", &type));
	assert_int_equal(type, 15);
	assert_true(rrtype_parse("TYPE15", &type));
	assert_string_equal(rrtype_format(type, text), "MX");
	for (unsigned int number = 1; number < 65536; number++) {
		if (number == 5 || number == 41 || (number >= 249 && number <= 255))
			continue;
		rrtype_format((__u16)number, text);
		if (!rrtype_parse(text, &type) || type != number)
			fail_msg("%s is not %u", text, number);
	}
	/* As IANA has them. */
	assert_string_equal(rrtype_format(65, text), "HTTPS");
	assert_string_equal(rrtype_format(257, text), "CAA");
	assert_string_equal(rrtype_format(52, text), "TLSA");
	assert_string_equal(rrtype_format(33, text), "SRV");
	assert_string_equal(rrtype_format(99, text), "TYPE99");
}

static void test_https(void **state _unused_)
{
	static const struct {
		const char *text, *again; /* NULL: refused */
	} rows[] = {
		{"HTTPS 1 . alpn=h3,h2", "HTTPS 1 . alpn=h3,h2"},
		{"https 10 .  port=8443  alpn=http/1.1", "HTTPS 10 . alpn=http/1.1 port=8443"},
		{"HTTPS 1 . no-default-alpn alpn=h2", "HTTPS 1 . alpn=h2 no-default-alpn"},
		{"HTTPS 65535 . port=1", "HTTPS 65535 . port=1"},
		{"HTTPS 65535 . alpn=http/1.1,h2,h3 no-default-alpn port=65535",
		 "HTTPS 65535 . alpn=http/1.1,h2,h3 no-default-alpn port=65535"},
		{"HTTPS ", NULL},
		{"HTTPS 1", NULL},
		{"HTTPS 1 .", NULL},
		{"HTTPS 01 . alpn=h2", NULL},
		{"HTTPS 65536 . alpn=h2", NULL},
		{"HTTPS -1 . alpn=h2", NULL},
		{"HTTPS 1 . alpn=", NULL},
		{"HTTPS 1 . alpn=h2,", NULL},
		{"HTTPS 1 . alpn", NULL},
		{"HTTPS 1 . port=0", NULL},
		{"HTTPS 1 . port=1 port=2", NULL},
		{"HTTPS 1 . no-default-alpn=1 alpn=h2", NULL},
		{"HTTPS 1 . key7=x alpn=h2", NULL},
		{"HTTPS 1 ..", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct conf_https https, again;
		char text[HTTPS_TEXT_MAX];
		const char *fault = https_parse(rows[i].text, &https);

		assert_true(https_is(rows[i].text));
		/* What would be right is said with each. */
		if (!fault != !!rows[i].again || (fault && !strchr(fault, ';')))
			fail_msg("\"%s\": %s", rows[i].text, fault ? fault : "taken");
		if (fault)
			continue;
		assert_string_equal(https_format(&https, text), rows[i].again);
		assert_null(https_parse(text, &again));
		assert_true(https_equal(&https, &again));
	}
	assert_false(https_is("https.example"));
	assert_false(https_is("HTTPS"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_services),
		cmocka_unit_test(test_dns),
		cmocka_unit_test(test_without),
		cmocka_unit_test(test_many_rewrites),
		cmocka_unit_test(test_many_addrs),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_many_private_domains),
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_https),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
