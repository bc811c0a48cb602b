// SPDX-License-Identifier: GPL-2.0-or-later
/* ip_local_reserved_ports as sysctl_reserved_ports() works it out. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sysctl.h"

#define AUTOMATIC "32768\t60999"

static const struct {
	const char *what;
	const char *before, *range;
	struct plan_forward forwards[3];
	const char *want; /* NULL: refused */
} cases[] = {
	{"nothing", "", AUTOMATIC, {{0}}, ""},
	{"one forward", "", AUTOMATIC, {{6, 80, 80, 80}}, "80"},
	{"what is there stays", "5,7-9", AUTOMATIC, {{6, 80, 80, 80}}, "5,7-9,80"},
	{"neighbours become one range",
	 "79",
	 AUTOMATIC,
	 {{6, 80, 80, 80}, {17, 81, 83, 1}},
	 "79-83"},
	{"overlaps", "100-200", AUTOMATIC, {{6, 150, 250, 1}, {17, 150, 160, 1}}, "100-250"},
	{"the last port", "", AUTOMATIC, {{6, 65535, 65535, 1}}, "65535"},
	{"a large number outside the automatic range",
	 "",
	 AUTOMATIC,
	 {{6, 1, 30000, 1}},
	 "1-30000"},
	{"less than half of the automatic range",
	 "",
	 "1000 1999",
	 {{6, 1000, 1499, 1}},
	 "1000-1499"},
	{"more than half", "", "1000 1999", {{6, 999, 1500, 1}}, "999"},
	{"more than half, in pieces",
	 "",
	 "1000 1999",
	 {{6, 1000, 1300, 1}, {6, 1700, 2000, 1}},
	 "2000"},
	{"all of it", "22", AUTOMATIC, {{6, 1, 65535, 1}}, "1-32767,61000-65535"},
	{"what others reserved in it stays", "1500", "1000 1999", {{6, 1000, 1999, 1}}, "1500"},
	{"not a list", "a", AUTOMATIC, {{0}}, NULL},
	{"a port too large", "65536", AUTOMATIC, {{0}}, NULL},
	{"a range without an end", "5-", AUTOMATIC, {{0}}, NULL},
	{"a reversed range", "9-5", AUTOMATIC, {{0}}, NULL},
	{"another separator", "5;6", AUTOMATIC, {{0}}, NULL},
	{"no range", "", "", {{0}}, NULL},
	{"half a range", "", "32768", {{0}}, NULL},
	{"the range reversed", "", "60999 32768", {{0}}, NULL},
};

static void each_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_strbuf_ struct strbuf ports = {0};
		struct plan_forward forwards[3];
		struct plan_service service = {.forwards = forwards};
		const struct plan plan = {.services = &service, .n_services = 1};
		int ret;

		for (size_t j = 0; j < ARRAY_SIZE(forwards) && cases[i].forwards[j].proto; j++)
			forwards[service.n_forwards++] = cases[i].forwards[j];
		ret = sysctl_reserved_ports(&plan, cases[i].before, cases[i].range, &ports);
		print_message("# %s\n", cases[i].what);
		assert_int_equal(ret, cases[i].want ? 0 : -EINVAL);
		assert_string_equal(strbuf_text(&ports), cases[i].want ? cases[i].want : "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_case)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
