// SPDX-License-Identifier: GPL-2.0-or-later
/* Whom is believed about the public address, and when another NAT stands in front. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "public_address.h"

#define NOW_S 200000u /* more than PUBLIC_KEEP_S */

struct word {
	const char *addr; /* NULL: it never said one */
	unsigned int ago_s, since_s; /* said last, and first */
	bool is_silent;
};

static struct ip_addr addr_of(const char *text)
{
	struct ip_addr addr = {0};

	if (text)
		assert_int_equal(ip_addr_parse(text, &addr), 0);
	return addr;
}

static struct public_word word_of(const struct word *word)
{
	return (struct public_word){
		.has = word->addr,
		.answers = word->addr && !word->is_silent,
		.addr = addr_of(word->addr),
		.at_ms = 1000ull * (NOW_S - word->ago_s),
		.since_ms = 1000ull * (NOW_S - (word->since_s ? word->since_s : word->ago_s)),
	};
}

static const struct {
	const char *what;
	struct word words[PUBLIC_SOURCES];
	const char *source, *addr, *against;
} choices[] = {
	{"nobody said anything", {{0}}, "none", NULL, "none"},
	{"the router alone", {[PUBLIC_ROUTER] = {"25.11.0.1"}}, "router", "25.11.0.1", "none"},
	{"the router before STUN",
	 {[PUBLIC_ROUTER] = {"25.11.0.1"}, [PUBLIC_STUN] = {"25.11.0.2"}},
	 "router",
	 "25.11.0.1",
	 "stun"},
	{"they agree",
	 {[PUBLIC_ROUTER] = {"25.11.0.1"}, [PUBLIC_STUN] = {"25.11.0.1"}},
	 "router",
	 "25.11.0.1",
	 "none"},
	{"what was written before all",
	 {[PUBLIC_CONFIGURED] = {"25.11.0.9"}, [PUBLIC_ROUTER] = {"25.11.0.1"}},
	 "configured",
	 "25.11.0.9",
	 "router"},
	{"the name before the router",
	 {[PUBLIC_NAME] = {"25.11.0.8"},
	  [PUBLIC_ROUTER] = {"25.11.0.1"},
	  [PUBLIC_STUN] = {"25.11.0.1"}},
	 "name",
	 "25.11.0.8",
	 "router"},
	{"a name that is not known yet",
	 {[PUBLIC_NAME] = {0}, [PUBLIC_STUN] = {"25.11.0.1"}},
	 "stun",
	 "25.11.0.1",
	 "none"},
	{"a name that leads inside",
	 {[PUBLIC_NAME] = {"192.168.1.20"}, [PUBLIC_STUN] = {"25.11.0.1"}},
	 "stun",
	 "25.11.0.1",
	 "none"},
	{"STUN before the names of services",
	 {[PUBLIC_STUN] = {"25.11.0.1"}, [PUBLIC_SERVICES] = {"25.11.0.3"}},
	 "stun",
	 "25.11.0.1",
	 "services"},
	{"the names of services at last",
	 {[PUBLIC_SERVICES] = {"25.11.0.3"}},
	 "services",
	 "25.11.0.3",
	 "none"},
	{"a router behind a provider's NAT: what the internet sees",
	 {[PUBLIC_ROUTER] = {"100.64.0.2"}, [PUBLIC_STUN] = {"25.11.0.1"}},
	 "stun",
	 "25.11.0.1",
	 "none"},
	{"a router with a private address, and nobody else",
	 {[PUBLIC_ROUTER] = {"192.168.0.7"}},
	 "none",
	 NULL,
	 "none"},
	{"a router that is silent for a while",
	 {[PUBLIC_ROUTER] = {"25.11.0.1", 300, 5000, true}, [PUBLIC_STUN] = {"25.11.0.2", 0, 5000}},
	 "router",
	 "25.11.0.1",
	 "stun"},
	{"... too long",
	 {[PUBLIC_ROUTER] = {"25.11.0.1", PUBLIC_FRESH_S, 5000, true},
	  [PUBLIC_STUN] = {"25.11.0.2", 0, 5000}},
	 "stun",
	 "25.11.0.2",
	 "none"},
	{"... and STUN has something new since",
	 {[PUBLIC_ROUTER] = {"25.11.0.1", 30, 5000, true}, [PUBLIC_STUN] = {"25.11.0.2", 0, 10}},
	 "stun",
	 "25.11.0.2",
	 "none"},
	{"... and STUN says what it always said, anew",
	 {[PUBLIC_ROUTER] = {"25.11.0.1", 30, 5000, true}, [PUBLIC_STUN] = {"25.11.0.1", 0, 10}},
	 "router",
	 "25.11.0.1",
	 "none"},
	{"all are silent: the address stays",
	 {[PUBLIC_ROUTER] = {"25.11.0.1", 5000, 9000, true},
	  [PUBLIC_STUN] = {"25.11.0.2", 4000, 9000, true}},
	 "stun",
	 "25.11.0.2",
	 "none"},
	{"... not for ever",
	 {[PUBLIC_ROUTER] = {"25.11.0.1", PUBLIC_KEEP_S, PUBLIC_KEEP_S, true}},
	 "none",
	 NULL,
	 "none"},
	{"after a start what was known before",
	 {[PUBLIC_REMEMBERED] = {"25.11.0.1", 2, 2, true}},
	 "remembered",
	 "25.11.0.1",
	 "none"},
	{"... until somebody says something",
	 {[PUBLIC_REMEMBERED] = {"25.11.0.1", 2, 2, true}, [PUBLIC_SERVICES] = {"25.11.0.2"}},
	 "services",
	 "25.11.0.2",
	 "none"},
};

static void test_choice(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
		struct public_case it = {.now_ms = 1000ull * NOW_S};
		struct ip_addr addr = addr_of(choices[i].addr);
		struct public_verdict verdict;

		for (size_t k = 0; k < PUBLIC_SOURCES; k++)
			it.words[k] = word_of(&choices[i].words[k]);
		verdict = public_decide(&it);
		if (strcmp(public_source_key(verdict.source), choices[i].source) ||
		    !ip_addr_equal(&verdict.addr, &addr) ||
		    strcmp(public_source_key(verdict.against), choices[i].against))
			fail_msg("%s: %s against %s", choices[i].what,
				 public_source_key(verdict.source),
				 public_source_key(verdict.against));
	}
}

static void test_nat(void **state _unused_)
{
	static const struct {
		const char *own, *router, *stun, *split;
		enum public_nat nat;
		const char *addr;
		bool is_addressless;
	} rows[] = {
		{"192.168.1.2", NULL, NULL, NULL, PUBLIC_NAT_UNKNOWN, "192.168.1.2"},
		{"192.168.1.2", NULL, "25.11.0.1", NULL, PUBLIC_NAT_UNKNOWN, "192.168.1.2"},
		{"192.168.1.2", "25.11.0.1", NULL, NULL, PUBLIC_NAT_NONE, NULL},
		{"192.168.1.2", "25.11.0.1", "25.11.0.1", NULL, PUBLIC_NAT_NONE, NULL},
		{"192.168.1.2", "25.11.0.1", "25.11.0.2", NULL, PUBLIC_NAT_LIKELY, "25.11.0.2"},
		{"192.168.1.2", "25.11.0.1", "25.11.0.1", "25.11.0.3", PUBLIC_NAT_LIKELY,
		 "25.11.0.3"},
		{"192.168.1.2", "100.64.0.2", "25.11.0.1", NULL, PUBLIC_NAT_PROVED, "100.64.0.2"},
		{"192.168.1.2", "100.127.255.254", NULL, NULL, PUBLIC_NAT_PROVED,
		 "100.127.255.254"},
		{"192.168.1.2", "192.168.0.9", "25.11.0.1", NULL, PUBLIC_NAT_PROVED, "192.168.0.9"},
		{"192.168.1.2", "10.0.0.9", NULL, NULL, PUBLIC_NAT_PROVED, "10.0.0.9"},
		{"192.168.1.2", "172.16.0.9", NULL, NULL, PUBLIC_NAT_PROVED, "172.16.0.9"},
		{"192.168.1.2", "192.0.0.4", NULL, NULL, PUBLIC_NAT_PROVED, "192.0.0.4"},
		/* Our own router is the provider's, unless that says that it has an address for us. */
		{"100.64.0.7", NULL, "25.11.0.1", NULL, PUBLIC_NAT_PROVED, "100.64.0.7"},
		{"100.64.0.7", "25.11.0.1", "25.11.0.1", NULL, PUBLIC_NAT_NONE, NULL},
		/* A router that hides what it has, and one whose line is down. */
		{"192.168.1.2", NULL, "25.11.0.1", NULL, PUBLIC_NAT_LIKELY, "25.11.0.1", true},
		{"192.168.1.2", NULL, NULL, NULL, PUBLIC_NAT_UNKNOWN, NULL, true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct word router = {.addr = rows[i].router}, stun = {.addr = rows[i].stun};
		struct public_case it = {.words = {[PUBLIC_ROUTER] = word_of(&router),
						   [PUBLIC_STUN] = word_of(&stun)},
					 .own = addr_of(rows[i].own),
					 .is_addressless = rows[i].is_addressless,
					 .split = addr_of(rows[i].split),
					 .now_ms = 1000ull * NOW_S};
		struct public_verdict verdict = public_decide(&it);
		struct ip_addr addr = addr_of(rows[i].addr);
		_strbuf_ struct strbuf said = {0};

		if (verdict.nat != rows[i].nat ||
		    (rows[i].addr && !ip_addr_equal(&verdict.nat_addr, &addr)))
			fail_msg("row %zu: %s", i, public_nat_key(verdict.nat));
		public_nat_say(&verdict, &said);
		assert_int_equal(said.length > 0, verdict.nat >= PUBLIC_NAT_LIKELY);
		if (said.length)
			assert_non_null(strstr(strbuf_text(&said), rows[i].addr));
	}
}

static void test_heard(void **state _unused_)
{
	struct ip_addr one = addr_of("25.11.0.1"), two = addr_of("25.11.0.2");
	struct public_word word = {0};

	public_word_heard(&word, NULL, 10);
	assert_false(word.has || word.answers);
	public_word_heard(&word, &one, 20);
	public_word_heard(&word, &one, 30);
	assert_true(word.has && word.answers);
	assert_int_equal(word.since_ms, 20);
	assert_int_equal(word.at_ms, 30);
	public_word_heard(&word, NULL, 40);
	assert_true(word.has && !word.answers);
	assert_int_equal(word.at_ms, 30);
	public_word_heard(&word, &two, 50);
	assert_true(word.answers && ip_addr_equal(&word.addr, &two));
	assert_int_equal(word.since_ms, 50);
}

static void test_words(void **state _unused_)
{
	struct public_verdict verdict = {.source = PUBLIC_ROUTER,
					 .addr = addr_of("25.11.0.1"),
					 .against = PUBLIC_STUN,
					 .against_addr = addr_of("25.11.0.2")};
	_strbuf_ struct strbuf out = {0};

	public_disagreement_say(&verdict, &out);
	assert_string_equal(
		strbuf_text(&out),
		"the public address is 25.11.0.1 by the router upstream, and 25.11.0.2 by "
		"STUN; the first counts");
	strbuf_reset(&out);
	verdict.against = PUBLIC_SOURCES;
	public_disagreement_say(&verdict, &out);
	assert_int_equal(out.length, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_nat),
		cmocka_unit_test(test_heard),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
