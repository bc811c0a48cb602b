// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines of lists: what each says, as a text. */
#include "list_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "strbuf.h"

static int rule_tell(void *data, const struct list_rule *rule)
{
	static const char *const matches[] = {
		[DNS_MATCH_EXACT] = "=", [DNS_MATCH_BELOW] = "*.", [DNS_MATCH_TREE] = "."};
	struct strbuf *out = data;
	char text[DNS_NAME_TEXT_MAX];

	strbuf_add(out, "%s%s", out->length ? " " : "", rule->is_exception ? "@" : "");
	if (rule->is_addr)
		strbuf_add(out, "%s", ip_net_format(&rule->net, text));
	else
		strbuf_add(out, "%s%s", matches[rule->match], dns_name_format(&rule->name, text));
	if (rule->is_important)
		strbuf_add(out, "!");
	if (rule->is_badfilter)
		strbuf_add(out, "-");
	for (unsigned int i = 0; i < rule->n_types; i++)
		strbuf_add(out, "%s%u", rule->is_but_types ? "~" : "/", rule->types[i]);
	for (unsigned int i = 0; i < rule->n_denied; i++)
		strbuf_add(out, "\\%s", dns_name_format(&rule->denied[i], text));
	return 0;
}

static const char *const kinds[LIST_LINE_MAX] = {
	[LIST_LINE_EMPTY] = "empty",	 [LIST_LINE_RULE] = "rule",
	[LIST_LINE_REWRITE] = "rewrite", [LIST_LINE_UNSUPPORTED] = "unsupported",
	[LIST_LINE_IDN] = "idn",	 [LIST_LINE_INVALID] = "invalid",
};

struct line_case {
	const char *line, *kind, *rules;
};

static void check(const struct line_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		_strbuf_ struct strbuf out = {0};
		enum list_line is;

		assert_int_equal(
			list_line_read(cases[i].line, strlen(cases[i].line), rule_tell, &out, &is),
			0);
		if (strcmp(kinds[is], cases[i].kind) || strcmp(strbuf_text(&out), cases[i].rules))
			fail_msg("\"%s\": %s, \"%s\"", cases[i].line, kinds[is], strbuf_text(&out));
	}
}

static void hosts_lines(void **state)
{
	static const struct line_case cases[] = {
		{"0.0.0.0 ads.example.com", "rule", "=ads.example.com"},
		{"127.0.0.1\tads.example.com  b.example # why", "rule",
		 "=ads.example.com =b.example"},
		{":: ads.example.com", "rule", "=ads.example.com"},
		{"::1 ads.example.com", "rule", "=ads.example.com"},
		{"0.0.0.0 ads.example.com#x", "rule", "=ads.example.com"},
		{"0.0.0.0 wpad", "rule", "=wpad"},
		{"127.0.0.1 localhost localhost.localdomain", "empty", ""},
		{"::1 ip6-loopback", "empty", ""},
		{"0.0.0.0 0.0.0.0", "empty", ""},
		{"192.168.1.1 router.example", "rewrite", ""},
		{"2001:db8::1 router.example", "rewrite", ""},
		{"0.0.0.0 good.example b\xc3\xbc\x63her.example", "idn", "=good.example"},
		{"0.0.0.0 good.example a_b.example x,y.example", "invalid",
		 "=good.example =a_b.example"},
		{"0.0.0.0 http://x.example/", "invalid", ""},
	};

	(void)state;
	check(cases, ARRAY_SIZE(cases));
}

static void domain_lines(void **state)
{
	static const struct line_case cases[] = {
		{"", "empty", ""},
		{"   \t", "empty", ""},
		{"# ads.example.com", "empty", ""},
		{"! ads.example.com", "empty", ""},
		{"; ads.example.com", "empty", ""},
		{"[Adblock Plus 2.0]", "empty", ""},
		{"ads.example.com", "rule", "=ads.example.com"},
		{"  Ads.Example.COM. ", "rule", "=ads.example.com"},
		{"ads.example.com # costs $5^", "rule", "=ads.example.com"},
		{"xn--bcher-kva.example", "rule", "=xn--bcher-kva.example"},
		{"b\xc3\xbc\x63her.example", "idn", ""},
		{"*.ads.example.com", "rule", ".ads.example.com"},
		{".ads.example.com", "rule", ".ads.example.com"},
		{"1.example", "rule", "=1.example"},
		{"localhost", "empty", ""},
		{"word", "invalid", ""},
		{"two words", "invalid", ""},
		{"a..b.example", "invalid", ""},
		{"x\\.example.com", "invalid", ""},
		{"ads.*.example", "invalid", ""},
		{"1.2.3", "invalid", ""},
		{"1.2.3.256", "invalid", ""},
		{"<p>ads.example.com</p>", "invalid", ""},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example",
		 "invalid", ""},
	};

	(void)state;
	check(cases, ARRAY_SIZE(cases));
}

static void address_lines(void **state)
{
	static const struct line_case cases[] = {
		{"203.0.113.7", "rule", "203.0.113.7/32"},
		{"203.0.113.0/24 # bad", "rule", "203.0.113.0/24"},
		{"2001:db8::/32", "rule", "2001:db8::/32"},
		{"||203.0.113.7^", "rule", "203.0.113.7/32"},
		{"@@||203.0.113.7^$important", "rule", "@203.0.113.7/32!"},
		{"0.0.0.0", "invalid", ""},
		{"127.0.0.1", "invalid", ""},
		{"::", "invalid", ""},
		{"::1", "invalid", ""},
		{"0.0.0.0/0", "invalid", ""},
		{"64.0.0.0/7", "invalid", ""},
		{"::/0", "invalid", ""},
		{"203.0.113.1/24", "invalid", ""},
	};

	(void)state;
	check(cases, ARRAY_SIZE(cases));
}

static void adblock_lines(void **state)
{
	static const struct line_case cases[] = {
		{"||ads.example.com^", "rule", ".ads.example.com"},
		{"||ads.example.com^|", "rule", ".ads.example.com"},
		{"||ads.example.com", "rule", ".ads.example.com"},
		{"||zip^", "rule", ".zip"},
		{"||*.ads.example.com^", "rule", "*.ads.example.com"},
		{"*.ads.example.com^", "rule", ".ads.example.com"},
		{"|ads.example.com^", "rule", "=ads.example.com"},
		{"@@||good.example^", "rule", "@.good.example"},
		{"@@|good.example^|", "rule", "@=good.example"},
		{"@@good.example", "rule", "@=good.example"},
		{"||a.example^$important", "rule", ".a.example!"},
		{"||a.example^$badfilter", "rule", ".a.example-"},
		{"||a.example^$important,badfilter", "rule", ".a.example!-"},
		{"||a.example^$dnstype=A", "rule", ".a.example/1"},
		{"||a.example^$dnstype=a|AAAA", "rule", ".a.example/1/28"},
		{"||a.example^$dnstype=~A|~HTTPS", "rule", ".a.example~1~65"},
		{"||a.example^$dnstype=A|~HTTPS", "invalid", ""},
		{"||a.example^$dnstype=", "invalid", ""},
		{"||a.example^$dnstype=WKS", "unsupported", ""},
		{"||a.example^$denyallow=b.a.example|c.example", "rule",
		 ".a.example\\b.a.example\\c.example"},
		{"||a.example^$denyallow=", "invalid", ""},
		{"||a.example^$", "invalid", ""},
		{"||a.example^$third-party", "unsupported", ""},
		{"||a.example^$important,client=x", "unsupported", ""},
		{"||a.example^$dnsrewrite=1.2.3.4", "unsupported", ""},
		{"||a.example/path^", "unsupported", ""},
		{"||a.*.example^", "unsupported", ""},
		{"||ads.", "unsupported", ""},
		{"|https://a.example^", "unsupported", ""},
		{"a.example^", "unsupported", ""},
		{"/ads[0-9]+/", "unsupported", ""},
		{"@@/ads[0-9]+/$important", "unsupported", ""},
		{"a.example##.banner", "unsupported", ""},
		{"##.banner", "empty", ""},
		{"a.example#@#.banner", "unsupported", ""},
		{"||", "invalid", ""},
		{"||^", "invalid", ""},
		{"@@", "invalid", ""},
		{"||x,y.example^", "invalid", ""},
		{"||b\xc3\xbc\x63her.example^", "idn", ""},
	};

	(void)state;
	check(cases, ARRAY_SIZE(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_lines),
		cmocka_unit_test(domain_lines),
		cmocka_unit_test(address_lines),
		cmocka_unit_test(adblock_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
