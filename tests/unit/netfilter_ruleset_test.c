// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A plan as nft's commands. The whole text is in ruleset.nft and ruleset_bypass.nft, which change with every change of the rules: HAIRPIN_UPDATE=1 writes it anew,
 * to be read before it is committed. What the rules do to packets is in tests/lab.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "file.h"
#include "hold.h"
#include "netfilter/ruleset.h"
#include "netfilter_fixture.h"

#define LIMIT_GOLDEN_BYTES (1 << 20)
#define HEAD "# SPDX-License-Identifier: GPL-2.0-or-later\n"

static struct strbuf compile(const struct house *house)
{
	struct strbuf out = {0};

	assert_int_equal(ruleset_compile(&house->plan, 17, &out), 0);
	return out;
}

static void is_as_it_was_read(const struct house *house, const char *name)
{
	_strbuf_ struct strbuf text = compile(house);
	_free_ char *golden = NULL;
	char path[4096];
	size_t length;

	snprintf(path, sizeof(path), "%s/%s", getenv("UNIT_DATA"), name);
	if (getenv("HAIRPIN_UPDATE")) {
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		fputs(HEAD, file);
		fputs(strbuf_text(&text), file);
		fclose(file);
	}
	assert_int_equal(file_read(path, LIMIT_GOLDEN_BYTES, &golden, &length), 0);
	assert_int_equal(strncmp(golden, HEAD, strlen(HEAD)), 0);
	assert_string_equal(strbuf_text(&text), golden + strlen(HEAD));
}

static void the_whole_is_as_it_was_read(void **state)
{
	struct house house;

	(void)state;
	house_build(&house);
	is_as_it_was_read(&house, "ruleset.nft");
	arm_build(&house);
	is_as_it_was_read(&house, "ruleset_bypass.nft");
}

static size_t count(const char *text, const char *word)
{
	size_t n = 0;

	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
		n++;
	return n;
}

static void forwards_of(void (*build)(struct house *house))
{
	struct house few, many;
	_strbuf_ struct strbuf small = {0}, large = {0};

	build(&few);
	build(&many);
	for (__u16 i = 0; i < 10; i++)
		forward_put(&many, &(struct forward){IPPROTO_TCP, (__u16)(9000 + i),
						     (__u16)(9000 + i), "192.168.11.20", 0});
	for (size_t i = 0; i < many.plan.n_rules; i++)
		many.rules[i].rule.outside_gateway = many.plan.settings.one_arm;
	small = compile(&few);
	large = compile(&many);
	assert_int_equal(count(strbuf_text(&small), "add rule"),
			 count(strbuf_text(&large), "add rule"));
	assert_int_equal(count(strbuf_text(&large), "tcp . 9005 : 192.168.11.20 . 9005"), 1);
}

/* 10,000 forwards cost a packet what one does: they are elements, and no rule. */
static void forwards_are_no_rules(void **state)
{
	(void)state;
	forwards_of(house_build);
	forwards_of(arm_build);
}

static void without_an_address_nothing_is_translated(void **state)
{
	struct house house;
	_strbuf_ struct strbuf text = {0};

	(void)state;
	house_build(&house);
	house.plan.settings.wan_addr = house.plan.settings.loop_addr = 0;
	text = compile(&house);
	assert_null(strstr(strbuf_text(&text), "snat ip to"));
	assert_non_null(strstr(strbuf_text(&text),
			       "outgoing4 ip saddr @lan4 counter name \"drop-no-wan\" drop"));
}

/* Where the main router translates, nothing that goes out is; where we do, answers to what never came by are not. */
static void what_goes_out_on_one_arm(void **state)
{
	static const char masquerade[] =
		"srcnat oifname \"eth0\" ip saddr @lan4 snat ip to 192.168.11.3\n";
	struct house house;
	_strbuf_ struct strbuf text = {0}, routed = {0};
	const char *at;

	(void)state;
	arm_build(&house);
	text = compile(&house);
	at = strstr(strbuf_text(&text),
		    "srcnat ip saddr @lan4 tcp flags & (fin|syn|rst|ack) != syn accept\n");
	assert_non_null(at);
	assert_non_null(strstr(at, masquerade));
	house.plan.settings.routed = 1;
	routed = compile(&house);
	assert_null(strstr(strbuf_text(&routed), masquerade));
	assert_non_null(strstr(strbuf_text(&routed),
			       "outgoing4 ip saddr @lan4 counter name \"pass-routed4\" accept\n"));
}

/* A gateway behind another router has the public address of that one, too. */
static void another_routers_address_leads_to_services(void **state)
{
	struct house house;
	_strbuf_ struct strbuf text = {0};
	struct ip_addr public = addr_of("192.0.2.9");

	(void)state;
	house_build(&house);
	net_put(&house, 0, "192.0.2.9/32", HP_NET_PUBLIC, 0);
	house.plan.public = public;
	house.plan.has_public = true;
	house.plan.settings.loop_addr = ip_addr_v4(&public);
	text = compile(&house);
	assert_non_null(strstr(strbuf_text(&text),
			       "add element inet hairpin entry4 { 192.0.2.9, 198.51.100.1 }\n"));
	assert_non_null(
		strstr(strbuf_text(&text), "loopback meta nfproto ipv4 snat ip to 192.0.2.9\n"));
	assert_non_null(strstr(strbuf_text(&text),
			       "srcnat oifname \"wan0\" ip saddr @lan4 snat ip to 198.51.100.1\n"));
}

static void no_mark_is_no_chain(void **state)
{
	struct house house;
	_strbuf_ struct strbuf without = {0}, gateway = {0};

	(void)state;
	arm_build(&house);
	house.plan.mark = 0;
	without = compile(&house);
	assert_null(strstr(strbuf_text(&without), " answers "));
	/* On a gateway no answer comes by that has no connection here. */
	house_build(&house);
	house.plan.mark = MARK;
	gateway = compile(&house);
	assert_int_equal(count(strbuf_text(&gateway), "add rule inet hairpin answers"), 1);
}

static void silence_answers_nobody(void **state)
{
	struct house house;
	_strbuf_ struct strbuf text = {0};

	(void)state;
	house_build(&house);
	house.plan.settings.silent = 1;
	text = compile(&house);
	assert_null(strstr(strbuf_text(&text), "reject"));
}

static void a_port_that_is_no_longer_passed_is_closed(void **state)
{
	struct house before, now;
	_strbuf_ struct strbuf text = {0};

	(void)state;
	house_build(&before);
	house_build(&now);
	ruleset_closed_add(&before.plan, &now.plan, &text);
	assert_string_equal(strbuf_text(&text), "");
	now.plan.n_rules = 0;
	ruleset_closed_add(&before.plan, &now.plan, &text);
	assert_string_equal(strbuf_text(&text),
			    "add element inet hairpin closed_ports { tcp . 22 }\n"
			    "add element inet hairpin closed_ports { tcp . 993 }\n"
			    "add element inet hairpin closed_ports { tcp . 443 }\n");
}

/* What stays when all rules are flushed: translation, and a closed door for what nobody judged. */
static void what_stays_is_closed_and_translates(void **state)
{
	static const char *const lines[] = {
		"add table inet hairpin-hold { flags owner; }\n",
		"translates { type nat hook prerouting priority -90; policy accept; }\n",
		"unjudged meta mark & 0x10000000 != 0 accept\n",
		"unjudged ct state established,related accept\n",
		"unjudged iifname \"wan0\" drop\n",
		"unjudged ip daddr { 198.51.100.1 } drop\n",
		"unjudged iifname \"br-guest\" drop\n",
		"leaving oifname \"wan0\" ip saddr != { 0.0.0.0, 198.51.100.1 } drop\n",
	};
	struct house house;
	_strbuf_ struct strbuf text = {0};
	struct ip_addr wan = addr_of("198.51.100.1");
	const char *at;

	(void)state;
	house_build(&house);
	house.plan.wan_addrs = &wan;
	house.plan.n_wan_addrs = 1;
	hold_compile(&house.plan, &text);
	at = strbuf_text(&text);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		at = strstr(at, lines[i]);
		if (!at)
			fail_msg("not there, or not behind the one before: %s", lines[i]);
	}
	/* Or nobody could come in from a segment to repair it. */
	assert_int_equal(count(strbuf_text(&text), " drop\n"), 5);
}

/* On one arm the LAN goes on, and reaches us by everything that is not forwarded. */
static void what_stays_on_one_arm(void **state)
{
	static const char *const lines[] = {
		"unjudged ip daddr { 192.168.11.3, 198.51.100.1 } meta l4proto . th dport { udp . 7000, tcp . 8443 } drop\n",
		"unjudged iifname \"eth0\" ip saddr 192.168.11.0/24 accept\n",
		"unjudged iifname \"eth0\" ip6 saddr 2001:db8:11::/64 accept\n",
		"unjudged iifname \"eth0\" ip6 saddr { ::, fe80::/10 } accept\n",
		"unjudged iifname \"eth0\" drop\n",
	};
	struct house house;
	_strbuf_ struct strbuf text = {0};
	struct ip_addr own = addr_of("192.168.11.3");
	const char *at;

	(void)state;
	arm_build(&house);
	house.plan.wan_addrs = &own;
	house.plan.n_wan_addrs = 1;
	hold_compile(&house.plan, &text);
	at = strbuf_text(&text);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		at = strstr(at, lines[i]);
		if (!at)
			fail_msg("not there, or not behind the one before: %s", lines[i]);
	}
	assert_int_equal(count(strbuf_text(&text), " drop\n"), 2);
}

static void without_an_address_nothing_leaves_meanwhile(void **state)
{
	struct house house;
	_strbuf_ struct strbuf text = {0};

	(void)state;
	house_build(&house);
	hold_compile(&house.plan, &text);
	assert_non_null(
		strstr(strbuf_text(&text), "oifname \"wan0\" ip saddr != { 0.0.0.0 } drop"));
	assert_null(strstr(strbuf_text(&text), "ip daddr"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_is_as_it_was_read),
		cmocka_unit_test(forwards_are_no_rules),
		cmocka_unit_test(without_an_address_nothing_is_translated),
		cmocka_unit_test(what_goes_out_on_one_arm),
		cmocka_unit_test(another_routers_address_leads_to_services),
		cmocka_unit_test(no_mark_is_no_chain),
		cmocka_unit_test(silence_answers_nobody),
		cmocka_unit_test(a_port_that_is_no_longer_passed_is_closed),
		cmocka_unit_test(what_stays_is_closed_and_translates),
		cmocka_unit_test(what_stays_on_one_arm),
		cmocka_unit_test(without_an_address_nothing_leaves_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
