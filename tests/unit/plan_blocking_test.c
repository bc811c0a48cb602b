// SPDX-License-Identifier: GPL-2.0-or-later
/* Who is blocked what: carried over from the configuration, and what counts as another. */
#include "plan_fixture.h"

#include <stdlib.h>

#define DNS(text) HEAD "dns:\n  upstream: [192.0.2.53]\n" text
#define LISTS                                         \
	"  blocklists:\n"                             \
	"    - { name: ads, path: /etc/ads.txt }\n"   \
	"    - { name: kids, path: /etc/kids.txt }\n" \
	"  allowlists:\n"                             \
	"    - { name: work, path: /etc/work.txt }\n"
#define GROUP(text) DNS(LISTS "  groups:\n    - { " text " }\n")

static void test_nothing(void **state _unused_)
{
	struct plan *plan = plan_of(DNS(""), USUAL);

	assert_int_equal(plan->dns.blocking.mode, CONF_BLOCK_NULL);
	assert_int_equal(plan->dns.blocking.n_answers + plan->dns.blocking.n_groups, 0);
	plan_free(plan);
}

static void test_groups(void **state _unused_)
{
	static const __u8 mac[] = {2, 0, 0, 0, 0, 0x44};
	struct plan *plan = plan_of(
		DNS(LISTS
		    "  groups:\n"
		    "    - { name: free, clients: [192.168.11.5], blocking: no }\n"
		    "    - { name: child, clients: [\"02:00:00:00:00:44\", 192.168.12.0/24],\n"
		    "        blocklists: [kids, ads], allowlists: [] }\n"),
		USUAL);
	const struct plan_blocking *blocking = &plan->dns.blocking;

	assert_int_equal(blocking->n_groups, 2);
	assert_string_equal(blocking->groups[0].name, "free");
	assert_false(blocking->groups[0].blocking);
	assert_false(blocking->groups[0].blocklists.is_given);
	assert_string_equal(blocking->groups[1].name, "child");
	assert_true(blocking->groups[1].blocking);
	assert_int_equal(blocking->groups[1].n_clients, 2);
	assert_true(blocking->groups[1].clients[0].is_mac);
	assert_memory_equal(blocking->groups[1].clients[0].mac, mac, sizeof(mac));
	assert_false(blocking->groups[1].clients[1].is_mac);
	assert_int_equal(blocking->groups[1].clients[1].net.length, 24);
	assert_int_equal(blocking->groups[1].blocklists.n, 2);
	assert_string_equal(blocking->groups[1].blocklists.names[0], "kids");
	assert_string_equal(blocking->groups[1].blocklists.names[1], "ads");
	/* None is not all. */
	assert_true(blocking->groups[1].allowlists.is_given);
	assert_int_equal(blocking->groups[1].allowlists.n, 0);
	plan_free(plan);
}

/* The plan outlives the configuration that it was made of: under the sanitizers, names that were not copied would be found here. */
static void test_outlives_conf(void **state _unused_)
{
	struct plan *first =
		plan_of(GROUP("name: a, clients: [192.168.11.5], blocklists: [ads]"), USUAL);
	struct plan *second =
		plan_of(GROUP("name: a, clients: [192.168.11.5], blocklists: [ads]"), USUAL);

	assert_true(plan_dns_equal(&first->dns, &second->dns));
	plan_free(first);
	assert_string_equal(second->dns.blocking.groups[0].blocklists.names[0], "ads");
	plan_free(second);
}

static void test_answers(void **state _unused_)
{
	struct plan *plan = plan_of(
		DNS("  blocking: { mode: custom, answer: [192.168.11.9, 2001:db8::9] }\n"), USUAL);

	assert_int_equal(plan->dns.blocking.mode, CONF_BLOCK_CUSTOM);
	assert_int_equal(plan->dns.blocking.n_answers, 2);
	assert_true(ip_addr_is_v4(&plan->dns.blocking.answers[0]));
	assert_false(ip_addr_is_v4(&plan->dns.blocking.answers[1]));
	plan_free(plan);
}

/* Everything that the DNS process would see makes another plan; a line of the file does not. */
static void test_equal(void **state _unused_)
{
	static const char plain[] = GROUP("name: a, clients: [192.168.11.5]");
	static const char mac[] = GROUP("name: a, clients: [\"02:00:00:00:00:44\"]");
	static const struct {
		const char *one, *other;
		bool is_equal;
	} pairs[] = {
		{plain, "# a line\n" GROUP("name: a, clients: [192.168.11.5]"), true},
		{mac, "# a line\n" GROUP("name: a, clients: [\"02:00:00:00:00:44\"]"), true},
		{plain, GROUP("name: b, clients: [192.168.11.5]"), false},
		{plain, GROUP("name: a, clients: [192.168.11.6]"), false},
		{plain, GROUP("name: a, clients: [192.168.11.5, 192.168.11.6]"), false},
		{plain, GROUP("name: a, clients: [192.168.11.5], blocking: no"), false},
		{plain, GROUP("name: a, clients: [192.168.11.5], blocklists: [ads, kids]"), false},
		{plain, GROUP("name: a, clients: [192.168.11.5], allowlists: []"), false},
		{plain, mac, false},
		{plain, DNS(LISTS), false},
		{mac, GROUP("name: a, clients: [\"02:00:00:00:00:45\"]"), false},
		{GROUP("name: a, clients: [192.168.11.5], blocklists: [ads]"),
		 GROUP("name: a, clients: [192.168.11.5], blocklists: [kids]"), false},
		{DNS(""), DNS("  blocking: { mode: nxdomain }\n"), false},
		{DNS("  blocking: { mode: custom, answer: [192.168.11.9] }\n"),
		 DNS("  blocking: { mode: custom, answer: [192.168.11.10] }\n"), false},
		{DNS("  blocking: { mode: custom, answer: [192.168.11.9] }\n"),
		 DNS("  blocking: { mode: custom, answer: [192.168.11.9, 192.168.11.10] }\n"),
		 false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct plan *one = plan_of(pairs[i].one, USUAL);
		struct plan *other = plan_of(pairs[i].other, USUAL);

		if (plan_dns_equal(&one->dns, &other->dns) != pairs[i].is_equal)
			fail_msg("pair %zu", i);
		plan_free(one);
		plan_free(other);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),	      cmocka_unit_test(test_groups),
		cmocka_unit_test(test_outlives_conf), cmocka_unit_test(test_answers),
		cmocka_unit_test(test_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
