// SPDX-License-Identifier: GPL-2.0-or-later
/* Where block lists stand among all that a query may be answered with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cleanup.h"
#include "dns_bench.h"
#include "list_text.h"
#include "tablemaker.h"

static const char *const rows[] = {"app.example.com 192.168.11.20",
				   "nas.home.arpa 192.168.11.21",
				   "a.example.com =app.example.com",
				   "away.example.com =cdn.example.net",
				   "lost.example.com =x.invalid",
				   "here.example.com =localhost",
				   NULL};

static struct dns_blocktable *blocktable_of(const char *list, const char *allowed)
{
	struct tablemaker *maker = tablemaker_make();
	struct tablemaker_of of = {.maker = maker};
	struct dns_blocktable *table;
	struct list_text read;
	_close_ int fd = -1;

	assert_int_equal(tablemaker_list(maker, DNS_BLOCK_LIST, "ads", &of.list), 0);
	assert_int_equal(list_text_read(list, strlen(list), tablemaker_add, &of, &read), 0);
	assert_int_equal(tablemaker_list(maker, DNS_BLOCK_OWN_ALLOW, "allow", &of.list), 0);
	assert_int_equal(list_text_read(allowed, strlen(allowed), tablemaker_add, &of, &read), 0);
	assert_int_equal(tablemaker_finish(maker, &fd), 0);
	tablemaker_free(maker);
	assert_int_equal(dns_blocktable_open(fd, &table), 0);
	return table;
}

static struct dns_blocking *blocking_of(const char *list, const char *allowed)
{
	struct dns_blocking *blocking = dns_blocking_make();
	struct dns_blocking_conf conf = {.n_groups = 1, .groups = calloc(1, sizeof(*conf.groups))};

	conf.groups[0] = (struct dns_block_group){true, {.has_all = true}, {.has_all = true}};
	dns_blocking_set_conf(blocking, &conf);
	dns_blocking_set_table(blocking, blocktable_of(list, allowed));
	return blocking;
}

/* Lists come behind what is ours and before the cache; what upstream says of other names is looked through. */
static void test_blocked(void **state _unused_)
{
	struct bench bench;

	bench_open(&bench, fake_honest, rows);
	bench.resolver.blocking =
		blocking_of("||app.example.com^\n||cdn.example.net^\n||localhost^\n||ads.example^\n"
			    "203.0.113.7\n",
			    "||fine.example^\n");
	learn(&bench, "www.ads.example", 0);
	expect(&bench, "www.ads.example", DNS_A, "0.0.0.0");
	expect(&bench, "www.ads.example", DNS_HTTPS, "type6");
	assert_int_equal(count(&bench, DNS_COUNT_BLOCKED), 2);
	assert_int_equal(bench.fake.over_udp, 0);
	/* Ours, also what stands behind our CNAME, whatever its name and addresses. */
	expect(&bench, "app.example.com", DNS_A, "192.168.11.20");
	expect(&bench, "localhost", DNS_A, "127.0.0.1");
	expect(&bench, "away.example.com", DNS_A, "=cdn.example.net 203.0.113.7");
	assert_int_equal(count(&bench, DNS_COUNT_BLOCKED), 2);
	assert_int_equal(bench.fake.over_udp, 1);
	/* By the address of the answer, from upstream and from the cache; unless the name is allowed. */
	expect(&bench, "other.example", DNS_A, "0.0.0.0");
	expect(&bench, "other.example", DNS_A, "0.0.0.0");
	assert_int_equal(count(&bench, DNS_COUNT_BLOCKED), 4);
	assert_int_equal(bench.fake.over_udp, 2);
	expect(&bench, "www.fine.example", DNS_A, "203.0.113.7");
	expect(&bench, "www.fine.example", DNS_A, "203.0.113.7");
	dns_blocking_set_off(bench.resolver.blocking, true);
	expect(&bench, "other.example", DNS_A, "203.0.113.7");
	expect(&bench, "www.ads.example", DNS_A, "203.0.113.1");
	dns_blocking_free(bench.resolver.blocking);
	bench_close(&bench);
}

/* A list that comes while upstream is asked counts for the answer. */
static void test_blocked_meanwhile(void **state _unused_)
{
	struct bench bench;
	unsigned int before;

	bench_open(&bench, fake_honest, NULL);
	bench.resolver.blocking = blocking_of("||nothing.example^\n", "");
	before = bench.answers;
	ask_begin(&bench, "www.ads.example", DNS_A);
	assert_int_equal(bench.answers, before);
	dns_blocking_set_table(bench.resolver.blocking, blocktable_of("||ads.example^\n", ""));
	run_until(&bench.loop, &bench.answers, before + 1);
	assert_string_equal(answer_text(&bench), "0.0.0.0");
	assert_int_equal(count(&bench, DNS_COUNT_BLOCKED), 1);
	assert_int_equal(count(&bench, DNS_COUNT_FORWARDED), 0);
	dns_blocking_free(bench.resolver.blocking);
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocked),
		cmocka_unit_test(test_blocked_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
