// SPDX-License-Identifier: GPL-2.0-or-later
/* Our block in a hosts file: what is somebody else's stays octet for octet. */
#include "hosts_block.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "file.h"
#include "hosts_file.h"

#define LINES "192.168.11.20 app.example.com\n192.168.11.21 web.example.com\n"

static struct strbuf put(const char *text, size_t length, const char *lines)
{
	_strbuf_ struct strbuf why = {0};
	struct strbuf out = {0};

	assert_int_equal(hosts_block_put(text, length, lines, &out, &why), 0);
	assert_string_equal(strbuf_text(&why), "");
	return out;
}

static void there_and_back(const char *text, size_t length)
{
	_strbuf_ struct strbuf with = put(text, length, LINES);
	_strbuf_ struct strbuf again = put(strbuf_text(&with), with.length, LINES);
	_strbuf_ struct strbuf back = put(strbuf_text(&with), with.length, NULL);

	assert_non_null(memmem(strbuf_text(&with), with.length, "20 app.example.com", 18));
	assert_int_equal(with.length, again.length);
	assert_memory_equal(strbuf_text(&with), strbuf_text(&again), with.length);
	assert_int_equal(back.length, length);
	assert_memory_equal(strbuf_text(&back), text, length);
}

static void others_stay(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"\r\n",
		"127.0.0.1 localhost\n",
		"127.0.0.1 localhost",
		"127.0.0.1 localhost\r\n::1 localhost\r\n",
		"127.0.0.1 localhost\r\n::1 localhost",
		"127.0.0.1 localhost\n::1 localhost\r\n",
		"127.0.0.1 localhost\n::1 localhost\r",
		"\n\n# nothing\n\n",
		"# hairpin is not meant\n# hairpin: something else\n",
	};
	static const char with_nul[] = "127.0.0.1 a\n\0\n127.0.0.1 b";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		there_and_back(texts[i], strlen(texts[i]));
	there_and_back(with_nul, sizeof(with_nul) - 1);
}

static void ends_are_those_of_the_file(void **state)
{
	static const char text[] = "127.0.0.1 localhost\r\n";
	_strbuf_ struct strbuf with = put(text, strlen(text), LINES);

	(void)state;
	for (const char *at = strbuf_text(&with); (at = strchr(at, '\n')); at++)
		assert_int_equal(at[-1], '\r');
	assert_non_null(strstr(strbuf_text(&with), "app.example.com\r\n192.168.11.21"));
}

/* Somebody has written around the block: it is replaced where it stands. */
static void its_place_stays(void **state)
{
	static const char before[] = "127.0.0.1 localhost\n", behind[] = "10.0.0.1 printer\n";
	_strbuf_ struct strbuf with = put(before, strlen(before), "192.0.2.1 old.example.com\n");
	_strbuf_ struct strbuf text = {0}, expected = {0};
	_strbuf_ struct strbuf fresh = put(before, strlen(before), LINES);

	(void)state;
	strbuf_add(&text, "%s%s", strbuf_text(&with), behind);
	strbuf_add(&expected, "%s%s", strbuf_text(&fresh), behind);
	{
		_strbuf_ struct strbuf next = put(strbuf_text(&text), text.length, LINES);
		_strbuf_ struct strbuf gone = put(strbuf_text(&next), next.length, NULL);

		assert_string_equal(strbuf_text(&next), strbuf_text(&expected));
		assert_string_equal(strbuf_text(&gone), "127.0.0.1 localhost\n10.0.0.1 printer\n");
	}
}

/* The end that we gave the last line stays where lines came behind: else two would become one. */
static void no_lines_are_joined(void **state)
{
	_strbuf_ struct strbuf with = put("127.0.0.1 a", 11, LINES), text = {0};

	(void)state;
	strbuf_add(&text, "%s10.0.0.1 b", strbuf_text(&with));
	{
		_strbuf_ struct strbuf gone = put(strbuf_text(&text), text.length, NULL);

		assert_string_equal(strbuf_text(&gone), "127.0.0.1 a\n10.0.0.1 b");
	}
}

static void damaged_marks_are_refused(void **state)
{
	static const char *const texts[] = {
		"# hairpin: begin\n",
		"# hairpin: end\n",
		"# hairpin: end\n# hairpin: begin\n",
		"# hairpin: begin\n# hairpin: begin\n# hairpin: end\n",
		"# hairpin: begin\n# hairpin: end\n# hairpin: begin\n# hairpin: end\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_strbuf_ struct strbuf out = {0}, why = {0};

		assert_int_equal(hosts_block_put(texts[i], strlen(texts[i]), LINES, &out, &why),
				 -EINVAL);
		assert_string_not_equal(strbuf_text(&why), "");
		assert_int_equal(out.length, 0);
	}
}

/* --- the file ------------------------------------------------------------------------------ */

static void mode_and_link_stay(void **state)
{
	char folder[] = "/tmp/hosts_block.XXXXXX";
	_strbuf_ struct strbuf why = {0};
	_free_ char *text = NULL;
	struct stat st;
	size_t length;
	bool changed;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(file_write_atomic("real", "a\n", 2, 0640), 0);
	assert_int_equal(symlink("real", "hosts"), 0);
	assert_int_equal(hosts_file_put("hosts", LINES, &changed, &why), 0);
	assert_true(changed);
	assert_int_equal(hosts_file_put("hosts", LINES, &changed, &why), 0);
	assert_false(changed);
	assert_int_equal(lstat("hosts", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat("real", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(hosts_file_put("hosts", NULL, &changed, &why), 0);
	assert_int_equal(file_read("real", 100, &text, &length), 0);
	assert_string_equal(text, "a\n");

	assert_int_equal(hosts_file_put(folder, LINES, &changed, &why), -EINVAL);
	unlink("hosts");
	unlink("real");
	assert_int_equal(chdir("/"), 0);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_stay),
		cmocka_unit_test(ends_are_those_of_the_file),
		cmocka_unit_test(its_place_stays),
		cmocka_unit_test(no_lines_are_joined),
		cmocka_unit_test(damaged_marks_are_refused),
		cmocka_unit_test(mode_and_link_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
