// SPDX-License-Identifier: GPL-2.0-or-later
/* What the list loader makes of a job: which text is in force, what is kept, what is told. Without its process; the lab has that. */
#include "lists_job.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "blocktable.h"
#include "cleanup.h"
#include "list_copy.h"
#include "wire.h"

static int file_of(const char *text)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* One list in a file: @text, NULL if there is none now, with @copy as the last good one, NULL if there is none. */
struct one {
	json_t *report;
	struct dns_blocktable *table;
	int fresh;
};

static struct one do_one(const char *text, const char *copy)
{
	int fds[3] = {text ? file_of(text) : -1, copy ? file_of(copy) : -1, file_of("")};
	json_t *job =
		json_pack("{s:[{s:s, s:b, s:i, s:i, s:i}], s:[{s:s, s:i, s:b}]}", "lists", "name",
			  "ads", "allow", 0, "source", text ? 0 : -1, "copy", copy ? 1 : -1,
			  "fresh", 2, "words", "name", "own.example", "match", 2, "allow", 0);
	struct one one = {.fresh = fds[2]};
	int table = -1, ret = 0;

	assert_non_null(job);
	one.report = lists_job_do(job, fds, 3, &table, &ret);
	assert_non_null(one.report);
	assert_int_equal(ret, 0);
	assert_int_equal(dns_blocktable_open(table, &one.table), 0);
	close(table);
	json_decref(job);
	for (size_t i = 0; i < 2; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	return one;
}

static void one_fini(struct one *one)
{
	json_decref(one->report);
	dns_blocktable_close(one->table);
	close(one->fresh);
}

static const char *told(const struct one *one, const char *key)
{
	return json_string_value(
		json_object_get(json_array_get(json_object_get(one->report, "lists"), 0), key));
}

static json_int_t number(const struct one *one, const char *key)
{
	return json_integer_value(
		json_object_get(json_array_get(json_object_get(one->report, "lists"), 0), key));
}

static bool is_blocked(const struct one *one, const char *text)
{
	struct dns_block_said said;
	struct dns_name name;

	assert_int_equal(dns_name_parse(text, &name), 0);
	return dns_blocktable_find(one->table, &name, DNS_A, &said);
}

static void a_good_file_is_read_and_kept(void **state)
{
	_cleanup_(one_fini) struct one one = do_one("a.example\nb.example\nnonsense\n", NULL);
	struct list_copy copy;

	(void)state;
	assert_string_equal(told(&one, "state"), "read");
	assert_string_equal(told(&one, "error"), "");
	assert_int_equal(number(&one, "names"), 2);
	assert_int_equal(number(&one, "invalid"), 1);
	assert_true(is_blocked(&one, "a.example"));
	assert_true(is_blocked(&one, "x.own.example"));
	assert_false(is_blocked(&one, "c.example"));
	assert_int_equal(list_copy_read(one.fresh, &copy), 0);
	assert_int_equal(copy.n, strlen("a.example\nb.example\nnonsense\n"));
	assert_null(copy.url);
	list_copy_fini(&copy);
}

static void what_is_kept_already_is_not_written(void **state)
{
	_cleanup_(one_fini) struct one one = do_one("a.example\n", "{\"url\":null}\na.example\n");

	(void)state;
	assert_string_equal(told(&one, "state"), "read");
	assert_int_equal(lseek(one.fresh, 0, SEEK_END), 0);
}

static void the_last_good_one_stays(void **state)
{
	static const char *const broken[] = {"<html>sign in</html>\n", NULL};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		_cleanup_(one_fini) struct one one =
			do_one(broken[i], "{\"url\":null}\nold.example\n");

		assert_string_equal(told(&one, "state"), "kept");
		assert_string_not_equal(told(&one, "error"), "");
		assert_true(is_blocked(&one, "old.example"));
		assert_int_equal(number(&one, "names"), 1);
		assert_int_equal(lseek(one.fresh, 0, SEEK_END), 0);
	}
}

/* A copy of another list, or of none, is no copy. */
static void a_copy_is_of_its_list(void **state)
{
	static const char *const others[] = {"{\"url\":\"http://x.example/\"}\nold.example\n",
					     "old.example\n", "", "{\"url\":null}"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		_cleanup_(one_fini) struct one one = do_one(NULL, others[i]);

		assert_string_equal(told(&one, "state"), "failed");
		assert_false(is_blocked(&one, "old.example"));
		assert_true(is_blocked(&one, "own.example"));
	}
}

static void a_copy_comes_back_as_it_was(void **state)
{
	char url[] = "https://x.example/a?b=\"c\"";
	struct list_copy copy = {.url = url, .body = "a.example\n", .n = 10}, again;
	_close_ int fd = file_of("");

	(void)state;
	strcpy(copy.mark.etag, "W/\"x\\y\"");
	strcpy(copy.mark.date, "Thu, 01 Jan 2026 00:00:00 GMT");
	assert_int_equal(list_copy_write(fd, &copy), 0);
	assert_int_equal(list_copy_read(fd, &again), 0);
	assert_string_equal(again.url, copy.url);
	assert_string_equal(again.mark.etag, copy.mark.etag);
	assert_string_equal(again.mark.date, copy.mark.date);
	assert_int_equal(again.n, 10);
	assert_memory_equal(again.body, copy.body, 10);
	list_copy_fini(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_file_is_read_and_kept),
		cmocka_unit_test(what_is_kept_already_is_not_written),
		cmocka_unit_test(the_last_good_one_stays),
		cmocka_unit_test(a_copy_is_of_its_list),
		cmocka_unit_test(a_copy_comes_back_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
