// SPDX-License-Identifier: GPL-2.0-or-later
/* Whole lists: what is counted, what is shown of faults, and what is no list. */
#include "list_text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "strbuf.h"

static int rule_count(void *data, const struct list_rule *rule)
{
	(void)rule;
	++*(unsigned int *)data;
	return 0;
}

static struct list_text read_of(const char *text, size_t n, unsigned int *ret_rules)
{
	struct list_text read;

	*ret_rules = 0;
	assert_int_equal(list_text_read(text, n, rule_count, ret_rules, &read), 0);
	return read;
}

static void lines_are_counted(void **state)
{
	static const char text[] = "\xef\xbb\xbf# mixed\r\n"
				   "0.0.0.0 a.example b.example\r\n"
				   "\r\n"
				   "c.example\n"
				   "10.0.0.1 d.example\n"
				   "/regex/\n"
				   "tw\x1b[31mo words\n"
				   "nonsense\n"
				   "more nonsense\n"
				   "d\xc3\xa9.example\n"
				   "||e.example^"; /* no end of line */
	unsigned int rules;
	struct list_text read = read_of(text, sizeof(text) - 1, &rules);

	(void)state;
	assert_int_equal(rules, 4);
	assert_int_equal(read.lines, 9);
	assert_int_equal(read.counts[LIST_LINE_RULE], 3);
	assert_int_equal(read.counts[LIST_LINE_REWRITE], 1);
	assert_int_equal(read.counts[LIST_LINE_UNSUPPORTED], 1);
	/* One is shown, beside the faults. */
	assert_int_equal(read.unsupported.line, 6);
	assert_string_equal(read.unsupported.text, "/regex/");
	assert_int_equal(read.counts[LIST_LINE_INVALID], 3);
	assert_int_equal(read.counts[LIST_LINE_IDN], 1);
	assert_int_equal(read.n_faults, LIMIT_LIST_FAULTS);
	assert_int_equal(read.faults[0].line, 5);
	assert_string_equal(read.faults[0].text, "10.0.0.1 d.example");
	assert_int_equal(read.faults[1].line, 7);
	/* Nothing that a terminal would obey. */
	assert_string_equal(read.faults[1].text, "tw?[31mo words");
}

static void long_lines_are_faults(void **state)
{
	_strbuf_ struct strbuf text = {0};
	struct list_text read;
	unsigned int rules;

	(void)state;
	strbuf_add(&text, "a.example%*s\n", LIMIT_LIST_LINE - 9, "");
	strbuf_add(&text, "b.example%*s\n", LIMIT_LIST_LINE - 8, "");
	read = read_of(text.text, text.length, &rules);
	assert_int_equal(rules, 1);
	assert_int_equal(read.counts[LIST_LINE_INVALID], 1);
	assert_int_equal(strlen(read.faults[0].text), LIST_FAULT_TEXT - 1);
}

static int rule_refuse(void *data, const struct list_rule *rule)
{
	(void)data;
	(void)rule;
	return -ENOSPC;
}

static void reading_ends_where_asked(void **state)
{
	struct list_text read;

	(void)state;
	assert_int_equal(list_text_read("a.example\nb.example\n", 20, rule_refuse, NULL, &read),
			 -ENOSPC);
	assert_int_equal(read.counts[LIST_LINE_RULE], 1);
}

static const char *judge(const char *text, bool may_be_empty)
{
	unsigned int rules;
	struct list_text read = read_of(text, strlen(text), &rules);

	return list_text_judge(text, strlen(text), &read, may_be_empty);
}

static void pages_are_no_lists(void **state)
{
	static const char binary[] = "a.example\n\0\n";
	struct list_text read;
	unsigned int rules;

	(void)state;
	assert_null(judge("a.example\n", false));
	assert_null(judge("# nothing yet\n", true));
	assert_null(judge("oops\n", true));
	assert_null(judge("a.example\nnonsense\nmore\nand more\n", false));
	assert_string_equal(judge("# nothing\n", false), "empty");
	assert_string_equal(judge("", false), "empty");
	assert_non_null(judge("Not Found\n", false));
	assert_non_null(judge("\n <!DOCTYPE html>\n<html>a.example</html>", false));
	assert_non_null(judge("<html>", true));
	assert_non_null(judge("a.example\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n", true));
	read = read_of(binary, sizeof(binary) - 1, &rules);
	assert_string_equal(list_text_judge(binary, sizeof(binary) - 1, &read, false), "no text");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_counted),
		cmocka_unit_test(long_lines_are_faults),
		cmocka_unit_test(reading_ends_where_asked),
		cmocka_unit_test(pages_are_no_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
