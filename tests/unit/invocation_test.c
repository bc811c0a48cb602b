// SPDX-License-Identifier: GPL-2.0-or-later
/* The command lines of hairpin. */
#include "invocation.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"

#define WORDS_MAX 12

static int parse(const char *line, struct invocation *ret_invocation, struct strbuf *why)
{
	/* The strings stay until the next call: the invocation points into them. */
	static char text[256];
	char *argv[WORDS_MAX + 1] = {text};
	int argc = 0;

	snprintf(text, sizeof(text), "hairpin %s", line);
	for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
		assert_true(argc < WORDS_MAX);
		argv[argc++] = word;
	}
	return invocation_parse(argc, argv, ret_invocation, why);
}

static struct invocation parsed(const char *line)
{
	_strbuf_ struct strbuf why = {0};
	struct invocation invocation;

	if (parse(line, &invocation, &why))
		fail_msg("%s: %s", line, strbuf_text(&why));
	return invocation;
}

/* Options stand before, between or after the words. */
static void test_order(void **state _unused_)
{
	static const char *const lines[] = {"-j -s x show sessions", "show sessions -s x -j",
					    "show -j sessions -sx"};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct invocation invocation;

		assert_int_equal(setenv("POSIXLY_CORRECT", "1", 1), 0);
		invocation = parsed(lines[i]);
		assert_string_equal(invocation.command->name, "show sessions");
		assert_true(invocation.json);
		assert_string_equal(invocation.socket, "x");
		assert_int_equal(invocation.n_args, 0);
	}
}

static void test_arguments(void **state _unused_)
{
	struct invocation invocation = parsed("apply new.yaml --confirm 60s --force");

	assert_string_equal(invocation.command->name, "apply");
	assert_int_equal(invocation.n_args, 1);
	assert_string_equal(invocation.args[0], "new.yaml");
	assert_int_equal(invocation.confirm_s, 60);
	assert_true(invocation.force);
	invocation = parsed("check -- -odd-name");
	assert_string_equal(invocation.args[0], "-odd-name");
	assert_string_equal(parsed("check --facts f.json").facts, "f.json");
}

/* They stand for a command, and what else is there does not matter: the line that came before was wrong. */
static void test_asked_for_help(void **state _unused_)
{
	static const struct {
		const char *line, *command;
	} rows[] = {{"-h", "help"},	   {"--help", "help"},	     {"show --help", "help"},
		    {"stauts -h", "help"}, {"--version", "version"}, {"-V", "version"}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(parsed(rows[i].line).command->name, rows[i].command);
}

static void test_every_command(void **state _unused_)
{
	for (const struct command *row = commands; row->name; row++) {
		char line[128] = "";

		/* Each word of its arguments that is not in brackets has to be there. */
		snprintf(line, sizeof(line), "%s%s%s", row->name, *row->args == '[' ? "" : " ",
			 *row->args == '[' ? "" : row->args);
		assert_ptr_equal(parsed(line).command, row);
		assert_non_null(row->run);
		assert_true(row->max_args <= INVOCATION_ARGS_MAX);
		assert_true(strlen(row->help) > 0);
	}
}

static void test_refused(void **state _unused_)
{
	static const struct {
		const char *line, *says;
	} rows[] = {
		{"", "a command is missing"},
		{"-j", "a command is missing"},
		{"stauts", "nearest is `hairpin status`"},
		{"relod", "nearest is `hairpin reload`"},
		{"show sesions", "nearest is `hairpin show sessions`"},
		{"show", "unknown command"},
		{"show status", "unknown command"},
		{"status now", "now: too much"},
		{"apply a b", "b: too much: hairpin apply [FILE]"},
		{"status --force", "--force: not an option of `hairpin status`"},
		{"rewrite", "unknown command"},
		{"rewrite ad x", "nearest is `hairpin rewrite add`"},
		{"rewrite add x", "too little: hairpin rewrite add DOMAIN ANSWER..."},
		{"rewrite remove", "too little: hairpin rewrite remove DOMAIN"},
		{"reservation add x", "too little: hairpin reservation add MAC ADDRESS [NAME]"},
		{"reservation add a b c d", "d: too much"},
		{"blocking of", "of: too much: hairpin blocking"},
		{"rewrite remove x y", "y: too much"},
		{"check --confirm 5s", "--confirm: not an option"},
		{"demo -j", "-j: not an option"},
		{"apply --confirm 60", "60: not a duration"},
		{"apply --confirm 0s", "0s: from 1s"},
		{"status -s", "-s: needs an argument"},
		{"status -q", "-q: unknown option"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_strbuf_ struct strbuf why = {0};
		struct invocation invocation;

		assert_int_equal(parse(rows[i].line, &invocation, &why), -EINVAL);
		if (!strstr(strbuf_text(&why), rows[i].says))
			fail_msg("%s: \"%s\"", rows[i].line, strbuf_text(&why));
	}
}

/* Words of any length, as a fuzzer would give them. */
static void test_long_word(void **state _unused_)
{
	char line[200];
	_strbuf_ struct strbuf why = {0};
	struct invocation invocation;

	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	assert_int_equal(parse(line, &invocation, &why), -EINVAL);
}

static void test_help(void **state _unused_)
{
	_strbuf_ struct strbuf out = {0};

	invocation_help(&out);
	for (const struct command *row = commands; row->name; row++)
		assert_non_null(strstr(strbuf_text(&out), row->help));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),	       cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_every_command),  cmocka_unit_test(test_refused),
		cmocka_unit_test(test_long_word),      cmocka_unit_test(test_help),
		cmocka_unit_test(test_asked_for_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
