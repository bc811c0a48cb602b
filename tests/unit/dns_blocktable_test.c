// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Block tables: what is found in them, against a reference that compares texts one by one, and what becomes of one that is not as the maker makes it.
 */
#include "blocktable.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "blocktable_format.h"
#include "cleanup.h"
#include "list_text.h"
#include "strbuf.h"
#include "tablemaker.h"

#define SEALS (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)

static struct dns_name name_of(const char *text)
{
	struct dns_name name;

	assert_int_equal(dns_name_parse(text, &name), 0);
	return name;
}

struct source {
	enum dns_block_kind kind;
	const char *name, *text;
};

/* The sealed file of a table of @n lists. */
static int file_of(const struct source *sources, size_t n)
{
	struct tablemaker *maker = tablemaker_make();
	int fd = -1;

	assert_non_null(maker);
	for (size_t i = 0; i < n; i++) {
		struct tablemaker_of of = {.maker = maker};
		struct list_text read;

		assert_int_equal(tablemaker_list(maker, sources[i].kind, sources[i].name, &of.list),
				 0);
		assert_int_equal(of.list, i);
		assert_int_equal(list_text_read(sources[i].text, strlen(sources[i].text),
						tablemaker_add, &of, &read),
				 0);
	}
	assert_int_equal(tablemaker_finish(maker, &fd), 0);
	tablemaker_free(maker);
	return fd;
}

static struct dns_blocktable *table_of(const struct source *sources, size_t n)
{
	struct dns_blocktable *table;
	_close_ int fd = file_of(sources, n);

	assert_int_equal(dns_blocktable_open(fd, &table), 0);
	return table;
}

static struct dns_block_said said_of(const struct dns_blocktable *table, const char *text,
				     __u16 type)
{
	struct dns_name name = name_of(text);
	struct dns_block_said said;

	dns_blocktable_find(table, &name, type, &said);
	return said;
}

static struct dns_block_said said_of_addr(const struct dns_blocktable *table, const char *text)
{
	struct dns_block_said said;
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	dns_blocktable_find_addr(table, &addr, &said);
	return said;
}

/* --- what is found ---------------------------------------------------------------------------------------- */

static void names_are_matched_as_written(void **state)
{
	static const struct source sources[] = {
		{DNS_BLOCK_LIST, "hosts", "0.0.0.0 one.example two.example\n"},
		{DNS_BLOCK_LIST, "adblock",
		 "||two.example^\n||*.three.example^\n@@||good.two.example^\n"},
		{DNS_BLOCK_ALLOWLIST, "mine", "fine.two.example\n"},
	};
	static const struct {
		const char *name;
		__u64 block, allow, allow_important;
	} cases[] = {
		{"one.example", 1, 0, 0},
		{"ONE.example", 1, 0, 0},
		{"www.one.example", 0, 0, 0}, /* a hosts file's names are names */
		{"two.example", 3, 0, 0},
		{"www.two.example", 2, 0, 0},
		{"a.b.two.example", 2, 0, 0},
		{"three.example", 0, 0, 0},
		{"x.three.example", 2, 0, 0},
		{"good.two.example", 2, 2, 0},
		{"very.good.two.example", 2, 2, 0},
		{"fine.two.example", 2, 4, 4},
		{"very.fine.two.example", 2, 0, 0},
		{"example", 0, 0, 0},
		{".", 0, 0, 0},
		{"eone.example", 0, 0, 0},
	};
	struct dns_blocktable *table = table_of(sources, ARRAY_SIZE(sources));

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dns_block_said said = said_of(table, cases[i].name, DNS_A);

		if (said.block != cases[i].block || said.allow != cases[i].allow ||
		    said.allow_important != cases[i].allow_important || said.block_important)
			fail_msg("%s: %llx %llx %llx", cases[i].name, (long long)said.block,
				 (long long)said.allow, (long long)said.allow_important);
	}
	assert_int_equal(dns_blocktable_size(table).names, 5);
	assert_int_equal(dns_blocktable_n_lists(table), 3);
	assert_string_equal(dns_blocktable_list(table, 2).name, "mine");
	assert_int_equal(dns_blocktable_list(table, 2).kind, DNS_BLOCK_ALLOWLIST);
	assert_int_equal(dns_blocktable_bit(table, DNS_BLOCK_LIST, "adblock"), 2);
	assert_int_equal(dns_blocktable_bit(table, DNS_BLOCK_LIST, "mine"), 0);
	dns_blocktable_close(table);
}

static void conditions_hold(void **state)
{
	static const struct source source = {
		DNS_BLOCK_LIST, "l",
		"||t.example^$dnstype=AAAA|HTTPS\n"
		"||n.example^$dnstype=~A\n"
		"||d.example^$denyallow=ok.d.example|fine.example,important\n"
		"||b.example^\n||b.example^$badfilter\n"
		"||c.example^\n||c.example^$important,badfilter\n"};
	struct dns_blocktable *table = table_of(&source, 1);

	(void)state;
	assert_int_equal(said_of(table, "t.example", DNS_A).block, 0);
	assert_int_equal(said_of(table, "t.example", DNS_AAAA).block, 1);
	assert_int_equal(said_of(table, "x.t.example", DNS_HTTPS).block, 1);
	assert_int_equal(said_of(table, "n.example", DNS_A).block, 0);
	assert_int_equal(said_of(table, "n.example", DNS_MX).block, 1);
	assert_int_equal(said_of(table, "d.example", DNS_A).block_important, 1);
	assert_int_equal(said_of(table, "ok.d.example", DNS_A).block, 0);
	assert_int_equal(said_of(table, "very.ok.d.example", DNS_A).block, 0);
	assert_int_equal(said_of(table, "no.d.example", DNS_A).block, 1);
	assert_int_equal(said_of(table, "b.example", DNS_A).block, 0);
	/* Not the same rule, so nothing is taken back. */
	assert_int_equal(said_of(table, "c.example", DNS_A).block, 1);
	assert_int_equal(said_of(table, "c.example", DNS_A).block_important, 0);
	dns_blocktable_close(table);
}

static void badfilter_is_of_its_own_list(void **state)
{
	static const struct source sources[] = {
		{DNS_BLOCK_LIST, "a", "||x.example^\n"},
		{DNS_BLOCK_LIST, "b", "||x.example^$badfilter\n||x.example^\n"},
	};
	struct dns_blocktable *table = table_of(sources, 2);

	(void)state;
	assert_int_equal(said_of(table, "x.example", DNS_A).block, 1);
	dns_blocktable_close(table);
}

static void judged_in_order(void **state)
{
	static const struct source sources[] = {
		{DNS_BLOCK_LIST, "a",
		 "||x.example^\n||i.example^$important\n||s.example^\n||o.example^\n||p.example^\n"},
		{DNS_BLOCK_LIST, "b", "@@||x.example^\n@@||i.example^\n"},
		{DNS_BLOCK_ALLOWLIST, "c", "||s.example^\ni.example\n"},
		{DNS_BLOCK_OWN_BLOCK, "block", ".s.example\n.o.example\n"},
		{DNS_BLOCK_OWN_ALLOW, "allow", ".o.example\n"},
	};
	static const struct {
		const char *name;
		__u64 lists;
		enum dns_block_verdict verdict;
		unsigned int list;
	} cases[] = {
		{"x.example", 1, DNS_BLOCK_BLOCKED, 0},	 {"x.example", 3, DNS_BLOCK_ALLOWED, 1},
		{"x.example", 2, DNS_BLOCK_ALLOWED, 1},	 {"x.example", 4, DNS_BLOCK_NOTHING, 99},
		{"i.example", 3, DNS_BLOCK_BLOCKED, 0}, /* $important beats "@@" */
		{"i.example", 7, DNS_BLOCK_ALLOWED, 2}, /* and an allowlist beats it */
		{"s.example", 7, DNS_BLOCK_BLOCKED, 3}, /* own words beat all, for everybody */
		{"o.example", 0, DNS_BLOCK_ALLOWED, 4},	 {"p.example", 0, DNS_BLOCK_NOTHING, 99},
		{"p.example", 31, DNS_BLOCK_BLOCKED, 0},
	};
	struct dns_blocktable *table = table_of(sources, ARRAY_SIZE(sources));

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dns_block_said said = said_of(table, cases[i].name, DNS_A);
		unsigned int list = 99;

		if (dns_blocktable_judge(table, &said, cases[i].lists, &list) != cases[i].verdict ||
		    list != cases[i].list)
			fail_msg("case %zu, %s: list %u", i, cases[i].name, list);
	}
	dns_blocktable_close(table);
}

static void addresses_are_found(void **state)
{
	static const struct source sources[] = {
		{DNS_BLOCK_LIST, "a",
		 "203.0.113.7\n10.0.0.0/8\n10.255.0.0/16\n2001:db8::/32\n||198.51.100.1^\n"},
		{DNS_BLOCK_LIST, "b",
		 "10.1.0.0/16\n10.1.2.3\n@@||10.1.2.4^\n255.255.255.255\n"
		 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff\n203.0.113.8\n"},
	};
	static const struct {
		const char *addr;
		__u64 block, allow;
	} cases[] = {
		{"203.0.113.6", 0, 0},	   {"203.0.113.7", 1, 0},
		{"203.0.113.8", 2, 0},	   {"203.0.113.9", 0, 0},
		{"9.255.255.255", 0, 0},   {"10.0.0.0", 1, 0},
		{"10.0.255.255", 1, 0},	   {"10.1.0.0", 3, 0},
		{"10.1.2.3", 3, 0},	   {"10.1.2.4", 3, 2},
		{"10.1.2.5", 3, 0},	   {"10.1.255.255", 3, 0},
		{"10.2.0.0", 1, 0},	   {"10.255.0.0", 1, 0},
		{"10.255.255.255", 1, 0},  {"11.0.0.0", 0, 0},
		{"198.51.100.1", 1, 0},	   {"2001:db8::1", 1, 0},
		{"2001:db9::", 0, 0},	   {"::", 0, 0},
		{"255.255.255.255", 2, 0}, {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 2, 0},
	};
	struct dns_blocktable *table = table_of(sources, 2);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dns_block_said said = said_of_addr(table, cases[i].addr);

		if (said.block != cases[i].block || said.allow != cases[i].allow)
			fail_msg("%s: %llx %llx", cases[i].addr, (long long)said.block,
				 (long long)said.allow);
	}
	dns_blocktable_close(table);
}

static void nothing_is_in_none(void **state)
{
	struct dns_blocktable *empty = table_of(NULL, 0);
	struct dns_block_said said = {.block = 1};
	struct dns_name name = name_of("x.example");

	(void)state;
	assert_false(dns_blocktable_find(NULL, &name, DNS_A, &said));
	assert_int_equal(said.block, 0);
	assert_false(dns_blocktable_find(empty, &name, DNS_A, &said));
	assert_int_equal(dns_blocktable_judge(NULL, &said, ~0ULL, NULL), DNS_BLOCK_NOTHING);
	assert_int_equal(dns_blocktable_n_lists(NULL), 0);
	dns_blocktable_close(empty);
	dns_blocktable_close(NULL);
}

/* --- against a reference ---------------------------------------------------------------------------------- */

#define LISTS 5
#define RULES 3000
#define QUERIES 20000

struct reference {
	char name[32];
	enum dns_match match;
	unsigned int list;
	bool is_exception, is_important;
};

/* Few labels of few letters, so that most questions meet some rule. */
static void random_name(char *text)
{
	unsigned int labels = 1 + (unsigned int)rand() % 4;

	text[0] = '\0';
	for (unsigned int i = 0; i < labels; i++)
		snprintf(text + strlen(text), 8, "%c%c.", 'a' + rand() % 6, 'a' + rand() % 5);
	strcat(text, "t");
}

static bool reference_matches(const struct reference *rule, const char *name)
{
	size_t n = strlen(name), m = strlen(rule->name);

	if (!strcmp(name, rule->name))
		return rule->match != DNS_MATCH_BELOW;
	return rule->match != DNS_MATCH_EXACT && n > m && name[n - m - 1] == '.' &&
	       !strcmp(name + n - m, rule->name);
}

static struct reference *reference_make(struct strbuf *texts)
{
	struct reference *rules = calloc(RULES, sizeof(*rules));

	assert_non_null(rules);
	for (size_t i = 0; i < RULES; i++) {
		static const char *const starts[] = {[DNS_MATCH_EXACT] = "|",
						     [DNS_MATCH_BELOW] = "||*.",
						     [DNS_MATCH_TREE] = "||"};
		struct reference *rule = &rules[i];

		random_name(rule->name);
		rule->match = (enum dns_match)(rand() % 3);
		rule->list = (unsigned int)rand() % LISTS;
		rule->is_exception = rand() % 4 == 0;
		rule->is_important = rand() % 4 == 0;
		strbuf_add(&texts[rule->list], "%s%s%s^%s\n", rule->is_exception ? "@@" : "",
			   starts[rule->match], rule->name, rule->is_important ? "$important" : "");
	}
	return rules;
}

static void compare_one(const struct dns_blocktable *table, const struct reference *rules)
{
	struct dns_block_said expected = {0}, said;
	char name[32];

	random_name(name);
	for (size_t k = 0; k < RULES; k++) {
		const struct reference *rule = &rules[k];
		__u64 bit = 1ULL << rule->list;

		if (!reference_matches(rule, name))
			continue;
		*(rule->is_exception ? &expected.allow : &expected.block) |= bit;
		if (rule->is_important)
			*(rule->is_exception ? &expected.allow_important
					     : &expected.block_important) |= bit;
	}
	said = said_of(table, name, DNS_A);
	if (memcmp(&said, &expected, sizeof(said)))
		fail_msg("%s: %llx %llx, and not %llx %llx", name, (long long)said.block,
			 (long long)said.allow, (long long)expected.block,
			 (long long)expected.allow);
}

static void agrees_with_a_reference(void **state)
{
	static const char *const names[LISTS] = {"0", "1", "2", "3", "4"};
	struct strbuf texts[LISTS] = {0};
	struct source sources[LISTS];
	struct dns_blocktable *table;
	struct reference *rules;

	(void)state;
	srand(18);
	rules = reference_make(texts);
	for (size_t i = 0; i < LISTS; i++)
		sources[i] = (struct source){DNS_BLOCK_LIST, names[i], strbuf_text(&texts[i])};
	table = table_of(sources, LISTS);
	for (size_t i = 0; i < QUERIES; i++)
		compare_one(table, rules);
	dns_blocktable_close(table);
	free(rules);
	for (size_t i = 0; i < LISTS; i++)
		strbuf_fini(&texts[i]);
}

/* --- size --------------------------------------------------------------------------------------------------- */

static void many_names_are_small(void **state)
{
	const __u32 n = 100000;
	_strbuf_ struct strbuf text = {0};
	struct source source = {DNS_BLOCK_LIST, "l", NULL};
	struct dns_blocktable_size size;
	struct dns_blocktable *table;

	(void)state;
	for (__u32 i = 0; i < n; i++)
		strbuf_add(&text, "||host%u.some.advertiser%u.example^\n", i, i % 977);
	source.text = strbuf_text(&text);
	table = table_of(&source, 1);
	size = dns_blocktable_size(table);
	assert_int_equal(size.names, n);
	/* What limits.h and README promise is 16 octets for a name. */
	assert_in_range(size.octets, 8ULL * n, 12ULL * n);
	for (__u32 i = 0; i < n; i++) {
		char name[64];

		snprintf(name, sizeof(name), "host%u.some.advertiser%u.example", i, i % 977);
		assert_int_equal(said_of(table, name, DNS_A).block, 1);
		snprintf(name, sizeof(name), "host%u.some.advertiser%u.example", i + n, i % 977);
		assert_int_equal(said_of(table, name, DNS_A).block, 0);
	}
	dns_blocktable_close(table);
}

/* --- tables that are none ----------------------------------------------------------------------------------- */

/* A copy of @octets, sealed as asked. */
static int copy_sealed(const void *octets, size_t n, int seals)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, octets, n), n);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static int open_copy(const void *octets, size_t n)
{
	_close_ int fd = copy_sealed(octets, n, SEALS);
	struct dns_blocktable *table = NULL;
	int ret = dns_blocktable_open(fd, &table);

	if (!ret) {
		/* Whatever is in it: asking reads nothing outside (the sanitizers would tell), and comes to an end. */
		said_of(table, "x.good.two.example", DNS_A);
		said_of_addr(table, "203.0.113.7");
	}
	dns_blocktable_close(table);
	return ret;
}

struct loaded {
	size_t n;
	unsigned char *octets;
};

static struct loaded loaded_of(void)
{
	static const struct source sources[] = {
		{DNS_BLOCK_LIST, "a",
		 "||two.example^$dnstype=A|AAAA\n@@||good.two.example^$denyallow=x.example\n"
		 "203.0.113.0/24\none.example\n"},
	};
	_close_ int fd = file_of(sources, 1);
	struct loaded loaded;
	struct stat status;

	assert_int_equal(fstat(fd, &status), 0);
	loaded.n = (size_t)status.st_size;
	loaded.octets = malloc(loaded.n);
	assert_non_null(loaded.octets);
	assert_int_equal(pread(fd, loaded.octets, loaded.n, 0), loaded.n);
	return loaded;
}

static void unsealed_is_refused(void **state)
{
	struct loaded loaded = loaded_of();
	static const int missing[] = {F_SEAL_WRITE, F_SEAL_GROW, F_SEAL_SHRINK};
	struct dns_blocktable *table;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(missing); i++) {
		_close_ int fd = copy_sealed(loaded.octets, loaded.n, SEALS & ~missing[i]);

		assert_int_equal(dns_blocktable_open(fd, &table), -EPERM);
	}
	assert_int_equal(open_copy(loaded.octets, loaded.n), 0);
	free(loaded.octets);
}

static void what_is_cut_is_refused(void **state)
{
	struct loaded loaded = loaded_of();

	(void)state;
	for (size_t n = 0; n < loaded.n; n += 1 + n / 16)
		assert_int_equal(open_copy(loaded.octets, n), -EBADMSG);
	free(loaded.octets);
}

/* Every octet changed in every bit: refused, or harmless. */
static void what_is_changed_is_harmless(void **state)
{
	struct loaded loaded = loaded_of();
	unsigned int refused = 0;

	(void)state;
	for (size_t i = 0; i < loaded.n; i++) {
		for (unsigned int bit = 0; bit < 8; bit++) {
			loaded.octets[i] ^= (unsigned char)(1 << bit);
			refused += open_copy(loaded.octets, loaded.n) != 0;
			loaded.octets[i] ^= (unsigned char)(1 << bit);
		}
	}
	/* Places of clauses, types, sets and buckets, all counts and kinds. */
	assert_in_range(refused, 500, 8 * loaded.n);
	free(loaded.octets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_matched_as_written),
		cmocka_unit_test(conditions_hold),
		cmocka_unit_test(badfilter_is_of_its_own_list),
		cmocka_unit_test(judged_in_order),
		cmocka_unit_test(addresses_are_found),
		cmocka_unit_test(nothing_is_in_none),
		cmocka_unit_test(agrees_with_a_reference),
		cmocka_unit_test(many_names_are_small),
		cmocka_unit_test(unsealed_is_refused),
		cmocka_unit_test(what_is_cut_is_refused),
		cmocka_unit_test(what_is_changed_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
