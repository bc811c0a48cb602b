// SPDX-License-Identifier: GPL-2.0-or-later
/* What is known of a server's default gateway after a row of questions, and when it is asked next. */
#include "gateway_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <hairpin/limits.h>

#include "cleanup.h"

/* Events: H heard, o only our own was answered, n nothing, c changed. */
static enum gateway_event event_of(char letter)
{
	switch (letter) {
	case 'H':
		return GATEWAY_HEARD;
	case 'o':
		return GATEWAY_ONLY_OWN;
	case 'n':
		return GATEWAY_NOTHING;
	default:
		return GATEWAY_CHANGED;
	}
}

static const struct {
	const char *events, *state;
	bool is_proved;
	unsigned int interval_s;
} cases[] = {
	{"", "asking", false, 1},
	{"H", "proved", true, 2},
	{"oo", "asking", false, 1},
	{"ooo", "elsewhere", false, 2},
	{"nnn", "silent", false, 2},
	/* What came last counts, and all of them are misses. */
	{"non", "silent", false, 2},
	{"nno", "elsewhere", false, 2},
	/* One answer is enough, at any time. */
	{"ooH", "proved", true, 2},
	{"oooH", "proved", true, 2},
	{"nnnH", "proved", true, 2},
	/* One or two that were lost change nothing, and are not added up. */
	{"Ho", "doubted", true, 1},
	{"Hoo", "doubted", true, 1},
	{"HooH", "proved", true, 2},
	{"HooHooHoo", "doubted", true, 1},
	{"Hooo", "elsewhere", false, 2},
	{"Hnnn", "silent", false, 2},
	/* Seldom while nothing changes, and at once again where something does. */
	{"HH", "proved", true, 4},
	{"HHH", "proved", true, 8},
	{"HHHHHH", "proved", true, GATEWAY_PROVED_MOST_S},
	{"oooo", "elsewhere", false, 4},
	{"oooooooo", "elsewhere", false, GATEWAY_ELSEWHERE_MOST_S},
	{"nnnnnnn", "silent", false, GATEWAY_SILENT_MOST_S},
	{"HHHHHHc", "doubted", true, 1},
	{"HHHHHHcnn", "doubted", true, 1},
	{"HHHHHHcnnn", "silent", false, 2},
	{"ooooooc", "asking", false, 1},
	{"nnnnc", "asking", false, 1},
	{"Hoocoo", "doubted", true, 1},
	/* Silence is said late, an answer at once. */
	{"ooonn", "elsewhere", false, 4},
	{"ooonno", "elsewhere", false, 4},
	{"ooonnonn", "elsewhere", false, 4},
	{"ooonnn", "silent", false, 2},
	{"nnno", "elsewhere", false, 2},
};

static void test_rows(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct gateway gateway;

		gateway_init(&gateway);
		for (const char *at = cases[i].events; *at; at++) {
			enum gateway_state before = gateway.state;
			bool is_other = gateway_step(&gateway, event_of(*at));

			assert_int_equal(is_other, gateway.state != before);
		}
		if (strcmp(gateway_state_name(gateway.state), cases[i].state) ||
		    gateway_is_proved(&gateway) != cases[i].is_proved ||
		    gateway.interval_s != cases[i].interval_s)
			fail_msg("\"%s\": %s, %u s", cases[i].events,
				 gateway_state_name(gateway.state), gateway.interval_s);
	}
}

/* The bound that decision 033 promises, from the last answer on: the server's gateway becomes another one right behind it. */
static void test_wrong_proof(void **state _unused_)
{
	struct gateway gateway;
	unsigned int wrong_s;

	gateway_init(&gateway);
	for (int i = 0; i < 100; i++)
		gateway_step(&gateway, GATEWAY_HEARD);
	wrong_s = gateway.interval_s;
	while (gateway_is_proved(&gateway)) {
		gateway_step(&gateway, GATEWAY_ONLY_OWN);
		wrong_s++; /* a second for the answer, and the next question with it */
	}
	assert_int_equal(wrong_s, GATEWAY_PROVED_MOST_S + GATEWAY_MISSES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_wrong_proof),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
