// SPDX-License-Identifier: GPL-2.0-or-later
/* Which way a device has, and why: from the first reason on that holds. */
#include "bpf/fast_judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"

/* A network card on which XDP is right and pays. */
#define GOOD .wanted = CONF_FAST_PATH_AUTO, .ethernet = true
#define GOOD_PORT GOOD, .port = true, .forwarding = true

static const struct {
	struct fast_case given;
	enum fast_why why;
	enum backend_fast_path path;
} cases[] = {
	{{GOOD}, FAST_WHY_NOTHING, BACKEND_FAST_XDP},
	{{.wanted = CONF_FAST_PATH_ON, .ethernet = true}, FAST_WHY_NOTHING, BACKEND_FAST_XDP},
	{{.wanted = CONF_FAST_PATH_OFF, .ethernet = true}, FAST_WHY_OFF, BACKEND_FAST_OFF},
	{{GOOD, .deaf = true}, FAST_WHY_NO_WATCH, BACKEND_FAST_OFF},
	{{.wanted = CONF_FAST_PATH_ON}, FAST_WHY_NO_ETHERNET, BACKEND_FAST_OFF},
	{{GOOD, .one_arm = true}, FAST_WHY_ONE_ARM, BACKEND_FAST_OFF},
	{{GOOD, .place_taken = true}, FAST_WHY_PLACE, BACKEND_FAST_OFF},
	{{GOOD, .bridge = true}, FAST_WHY_BRIDGE, BACKEND_FAST_TC},
	{{GOOD, .stacked = true}, FAST_WHY_STACKED, BACKEND_FAST_TC},
	{{GOOD, .has_vlans = true}, FAST_WHY_VLANS, BACKEND_FAST_TC},
	{{GOOD, .foreign = true}, FAST_WHY_FOREIGN, BACKEND_FAST_TC},
	{{GOOD, .filtered = true}, FAST_WHY_FILTERS, BACKEND_FAST_TC},
	{{GOOD, .strips_tags = true}, FAST_WHY_STRIPS_TAGS, BACKEND_FAST_TC},
	{{GOOD, .device_rules = true}, FAST_WHY_DEVICE_RULES, BACKEND_FAST_TC},
	{{GOOD_PORT, .device_rules = true}, FAST_WHY_DEVICE_RULES, BACKEND_FAST_TC},
	{{GOOD, .veth = true}, FAST_WHY_VETH, BACKEND_FAST_TC},
	{{GOOD, .tap = true}, FAST_WHY_TAP, BACKEND_FAST_TC},
	{{GOOD_PORT, .tap = true}, FAST_WHY_TAP, BACKEND_FAST_TC},
	{{.wanted = CONF_FAST_PATH_ON, .ethernet = true, .tap = true},
	 FAST_WHY_NOTHING,
	 BACKEND_FAST_XDP},
	{{.wanted = CONF_FAST_PATH_ON, .ethernet = true, .tap = true, .strips_tags = true},
	 FAST_WHY_STRIPS_TAGS,
	 BACKEND_FAST_TC},
	/* A veth says that it takes tags off, and there is nothing on the cable that could bear one. */
	{{.wanted = CONF_FAST_PATH_ON, .ethernet = true, .veth = true, .strips_tags = true},
	 FAST_WHY_NOTHING,
	 BACKEND_FAST_XDP},
	/* What is wrong stays wrong with `on`. */
	{{.wanted = CONF_FAST_PATH_ON, .ethernet = true, .strips_tags = true},
	 FAST_WHY_STRIPS_TAGS,
	 BACKEND_FAST_TC},
	{{.wanted = CONF_FAST_PATH_ON, .ethernet = true, .veth = true, .has_vlans = true},
	 FAST_WHY_VLANS,
	 BACKEND_FAST_TC},
	{{GOOD_PORT}, FAST_WHY_NOTHING, BACKEND_FAST_XDP},
	{{GOOD_PORT, .bridge_vlans = true}, FAST_WHY_BRIDGE_VLANS, BACKEND_FAST_TC},
	{{GOOD_PORT, .bridge_rules = true}, FAST_WHY_BRIDGE_RULES, BACKEND_FAST_TC},
	{{GOOD, .port = true}, FAST_WHY_PORT_STATE, BACKEND_FAST_TC},
	{{GOOD_PORT, .isolated = true}, FAST_WHY_PORT_ISOLATED, BACKEND_FAST_TC},
	{{GOOD_PORT, .guarded = true}, FAST_WHY_PORT_GUARDED, BACKEND_FAST_TC},
	{{GOOD_PORT, .strips_tags = true}, FAST_WHY_STRIPS_TAGS, BACKEND_FAST_TC},
	/* What is of ports alone says nothing of other devices. */
	{{GOOD, .bridge_vlans = true, .bridge_rules = true, .isolated = true, .guarded = true},
	 FAST_WHY_NOTHING,
	 BACKEND_FAST_XDP},
	/* The first reason counts. */
	{{GOOD, .bridge = true, .has_vlans = true}, FAST_WHY_BRIDGE, BACKEND_FAST_TC},
	{{GOOD_PORT, .veth = true, .isolated = true}, FAST_WHY_PORT_ISOLATED, BACKEND_FAST_TC},
	{{.wanted = CONF_FAST_PATH_OFF, .one_arm = true}, FAST_WHY_OFF, BACKEND_FAST_OFF},
};

static void test_judged(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		enum fast_why why = fast_judge(&cases[i].given);

		if (why != cases[i].why)
			print_message("case %zu\n", i);
		assert_int_equal(why, cases[i].why);
		assert_int_equal(fast_why_path(why), cases[i].path);
	}
}

/* Nobody is told that there is no XDP without being told why, in words that fit (struct backend_fast). */
static void test_texts(void **state _unused_)
{
	struct backend_fast row;

	assert_null(fast_why_text(FAST_WHY_NOTHING));
	for (enum fast_why why = FAST_WHY_NOTHING + 1; why < FAST_WHY_MAX; why++) {
		assert_non_null(fast_why_text(why));
		assert_true(strlen(fast_why_text(why)) + 40 < sizeof(row.why));
		assert_int_not_equal(fast_why_path(why), BACKEND_FAST_XDP);
		for (enum fast_why other = FAST_WHY_NOTHING + 1; other < why; other++)
			assert_string_not_equal(fast_why_text(why), fast_why_text(other));
	}
}

static void test_queues(void **state _unused_)
{
	static const char *const plain[] = {"noqueue", "mq", "fq_codel", "pfifo_fast", "fq"};
	static const char *const shaping[] = {"cake", "htb", "tbf", "hfsc", "netem", "prio", ""};

	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		assert_true(fast_queue_is_plain(plain[i]));
	for (size_t i = 0; i < ARRAY_SIZE(shaping); i++)
		assert_false(fast_queue_is_plain(shaping[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judged),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_queues),
	};

	return cmocka_run_group_tests_name("fast judge", tests, NULL, NULL);
}
