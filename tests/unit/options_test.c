// SPDX-License-Identifier: GPL-2.0-or-later
/* The command lines of hairpind. */
#include "options.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <hairpin/control.h>

#define WORDS_MAX 12

static int parse(const char *line, struct options *ret_options, struct strbuf *why)
{
	/* The strings stay until the next call: options point into them. */
	static char text[256];
	char *argv[WORDS_MAX + 1] = {text};
	int argc = 0;

	snprintf(text, sizeof(text), "hairpind %s", line);
	for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
		assert_true(argc < WORDS_MAX);
		argv[argc++] = word;
	}
	return options_parse(argc, argv, ret_options, why);
}

static struct options parsed(const char *line)
{
	_strbuf_ struct strbuf why = {0};
	struct options options;

	if (parse(line, &options, &why))
		fail_msg("%s: %s", line, strbuf_text(&why));
	return options;
}

static void test_defaults(void **state _unused_)
{
	struct options options = parsed("");

	assert_string_equal(options.conf, CONTROL_CONF);
	assert_string_equal(options.socket, CONTROL_SOCKET);
	assert_string_equal(options.pins, CONTROL_PINS);
	assert_string_equal(options.state, CONTROL_STATE);
	assert_false(options.check || options.verbose || options.force || options.install ||
		     options.revert || options.guardian || options.help || options.version);
	assert_null(options.from);
	assert_int_equal(options.confirm_s, 0);
}

static void test_all(void **state _unused_)
{
	struct options options = parsed("-nv -f a -s b -b c -d e --force");

	assert_true(options.check && options.verbose && options.force);
	assert_string_equal(options.conf, "a");
	assert_string_equal(options.socket, "b");
	assert_string_equal(options.pins, "c");
	assert_string_equal(options.state, "e");
	options = parsed("--from=x --install --confirm 1m30s");
	assert_string_equal(options.from, "x");
	assert_true(options.install);
	assert_int_equal(options.confirm_s, 90);
	assert_true(parsed("--guardian").guardian);
	assert_true(parsed("--revert").revert);
	assert_true(parsed("-v -n").verbose);
	assert_string_equal(parsed("--dns --level-fd 4").level_fd, "4");
}

static void test_refused(void **state _unused_)
{
	static const struct {
		const char *line, *says;
	} rows[] = {
		{"-x", "-x: unknown option"},
		{"--wrong", "--wrong: unknown option"},
		{"-f", "-f: needs an argument"},
		{"--from", "--from: needs an argument"},
		{"hairpin.yaml", "hairpin.yaml: hairpind takes options only"},
		{"--confirm 60", "60: not a duration"},
		{"--confirm 0s", "0s: from 1s"},
		{"--confirm 2h", "2h: from 1s to 3600s"},
		{"--install", "goes with --from"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_strbuf_ struct strbuf why = {0};
		struct options options = {.conf = "untouched"};

		assert_int_equal(parse(rows[i].line, &options, &why), -EINVAL);
		if (!strstr(strbuf_text(&why), rows[i].says))
			fail_msg("%s: \"%s\"", rows[i].line, strbuf_text(&why));
		assert_string_equal(options.conf, "untouched");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
