// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The operator's file: what it holds, and what is left of it when writing fails, or the power, at each step.
 *
 * The system calls of the write are this program's own: the executable's come before the library's.
 */
#include "operator.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <hairpin/limits.h>

#include "cleanup.h"
#include "file.h"

/* --- a disk that fails -------------------------------------------------------------------------- */

static struct {
	unsigned int step; /* calls until now */
	unsigned int bad; /* the step that fails; 0: none */
	int error; /* with this; 0: the power goes */
	int unsynced; /* the file that would lose what it has; -1: none */
	bool named; /* a rename that no folder has been synced after */
} disk = {.unsynced = -1};

static void power_cut(void)
{
	/* The name may have come to the disk before the text. */
	if (disk.unsynced >= 0 && ftruncate(disk.unsynced, 0))
		_exit(2);
	_exit(0);
}

/* Whether this call fails. */
static bool fails(void)
{
	if (++disk.step != disk.bad)
		return false;
	if (!disk.error)
		power_cut();
	errno = disk.error;
	return true;
}

static bool is_folder(int fd)
{
	struct stat status;

	return !fstat(fd, &status) && S_ISDIR(status.st_mode);
}

ssize_t write(int fd, const void *data, size_t n)
{
	static ssize_t (*real)(int, const void *, size_t);
	struct stat status;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "write");
	if (fstat(fd, &status) || !S_ISREG(status.st_mode))
		return real(fd, data, n);
	if (disk.unsynced < 0)
		disk.unsynced = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	/* Half of it comes first. */
	if (n > 1 && !disk.error && disk.bad == disk.step + 1)
		real(fd, data, n / 2);
	return fails() ? -1 : real(fd, data, n);
}

int fsync(int fd)
{
	if (fails())
		return -1;
	if (is_folder(fd)) {
		disk.named = false;
	} else if (disk.unsynced >= 0) {
		close(disk.unsynced);
		disk.unsynced = -1;
	}
	return 0;
}

int rename(const char *from, const char *to)
{
	static int (*real)(const char *, const char *);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "rename");
	if (fails())
		return -1;
	disk.named = true;
	return real(from, to);
}

static void disk_break(unsigned int step, int error)
{
	disk.step = 0;
	disk.bad = step;
	disk.error = error;
	disk.named = false;
	if (disk.unsynced >= 0)
		close(disk.unsynced);
	disk.unsynced = -1;
}

/* --- states ------------------------------------------------------------------------------------- */

static char folder[] = "/tmp/hairpin-operator-XXXXXX";

static int folder_make(void **state _unused_)
{
	return mkdtemp(folder) ? 0 : -1;
}

static int folder_empty(void **state _unused_)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	disk_break(0, 0);
	while ((entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	return 0;
}

static int folder_remove(void **state)
{
	folder_empty(state);
	return rmdir(folder);
}

static void put_rewrite(struct operator_state *state, const char *domain, const char *answer)
{
	const struct operator_rewrite_words words = {domain, &answer, 1};
	bool replaced;

	assert_int_equal(operator_rewrite_put(state, &words, &replaced), 0);
}

/* One rewrite, whose name says which. */
static struct operator_state state_of(const char *domain)
{
	struct operator_state state = {0};

	put_rewrite(&state, domain, "192.0.2.1");
	return state;
}

/* The name of the one rewrite that the file has. */
static char *read_back(void)
{
	_operator_ struct operator_state state = {0};
	_strbuf_ struct strbuf why = {0};

	if (operator_read(folder, &state, &why))
		fail_msg("%s", strbuf_text(&why));
	assert_int_equal(state.n_rewrites, 1);
	return strdup(state.rewrites[0].domain);
}

static void assert_file(const char *expected)
{
	_free_ char *domain = read_back();

	assert_string_equal(domain, expected);
}

/* --- tests -------------------------------------------------------------------------------------- */

static void test_nothing(void **state _unused_)
{
	_strbuf_ struct strbuf why = {0};
	struct operator_state read;

	assert_int_equal(operator_read(folder, &read, &why), 0);
	assert_int_equal(read.n_rewrites + read.n_reservations, 0);
	assert_false(read.pause.is_off);
	assert_int_equal(why.length, 0);
}

static void test_whole(void **state _unused_)
{
	static const char *const answers[] = {"192.0.2.1", "2001:db8::1"};
	_operator_ struct operator_state before = {0}, next = {0}, read = {0};
	_strbuf_ struct strbuf why = {0};
	bool replaced;

	assert_int_equal(
		operator_rewrite_put(&next,
				     &(struct operator_rewrite_words){"*.lab.example", answers, 2},
				     &replaced),
		0);
	assert_false(replaced);
	put_rewrite(&next, "nas.example", "alias.example");
	assert_int_equal(
		operator_reservation_put(&next,
					 &(struct operator_reservation_words){
						 "02:00:00:00:00:01", "192.0.2.9", "printer"},
					 &replaced),
		0);
	assert_int_equal(operator_reservation_put(&next,
						  &(struct operator_reservation_words){
							  "02:00:00:00:00:02", "192.0.2.8", NULL},
						  &replaced),
			 0);
	next.pause = (struct pause){true, 600, 1700000600, 700000, "boot", 0};
	assert_int_equal(operator_write(folder, &next, &before), 0);
	assert_int_equal(operator_read(folder, &read, &why), 0);
	assert_int_equal(read.n_rewrites, 2);
	assert_string_equal(read.rewrites[0].domain, "*.lab.example");
	assert_int_equal(read.rewrites[0].n_answers, 2);
	assert_string_equal(read.rewrites[0].answers[1], "2001:db8::1");
	assert_string_equal(read.rewrites[1].answers[0], "alias.example");
	assert_int_equal(read.n_reservations, 2);
	assert_string_equal(read.reservations[0].name, "printer");
	assert_string_equal(read.reservations[1].address, "192.0.2.8");
	assert_null(read.reservations[1].name);
	assert_memory_equal(&read.pause, &next.pause, sizeof(read.pause));
}

static void test_changes(void **state _unused_)
{
	const char *answer = "192.0.2.2";
	const struct operator_rewrite_words again = {"B.example", &answer, 1};
	_operator_ struct operator_state now = state_of("a.example");
	bool replaced;

	put_rewrite(&now, "b.example", "192.0.2.1");
	put_rewrite(&now, "c.example", "192.0.2.1");
	assert_int_equal(operator_rewrite_put(&now, &again, &replaced), 0);
	assert_true(replaced);
	assert_int_equal(now.n_rewrites, 3);
	assert_string_equal(now.rewrites[1].answers[0], "192.0.2.2");
	assert_int_equal(operator_rewrite_remove(&now, "none.example"), -ENOENT);
	assert_int_equal(operator_rewrite_remove(&now, "A.example"), 0);
	assert_int_equal(now.n_rewrites, 2);
	assert_string_equal(now.rewrites[0].domain, "B.example");
	assert_string_equal(now.rewrites[1].domain, "c.example");
	assert_int_equal(operator_reservation_remove(&now, "02:00:00:00:00:01"), -ENOENT);
}

static void test_limit(void **state _unused_)
{
	const char *answer = "192.0.2.2";
	const struct operator_rewrite_words one_more = {"one.more", &answer, 1};
	_operator_ struct operator_state now = {0};
	bool replaced;

	for (unsigned int i = 0; i < LIMIT_OPERATOR_REWRITES; i++) {
		char name[32];

		snprintf(name, sizeof(name), "n%u.example", i);
		put_rewrite(&now, name, "192.0.2.1");
	}
	assert_int_equal(operator_rewrite_put(&now, &one_more, &replaced), -ENOSPC);
	put_rewrite(&now, "n7.example", "192.0.2.2");
	assert_int_equal(now.n_rewrites, LIMIT_OPERATOR_REWRITES);
}

/* Files that nobody wrote, or half. */
static const char *const damaged[] = {
	"",
	"{",
	"[]",
	"{}",
	"{\"version\": 2, \"blocking_off\": null, \"rewrites\": [], \"reservations\": []}",
	"{\"version\": 1, \"blocking_off\": null, \"rewrites\": {}, \"reservations\": []}",
	"{\"version\": 1, \"blocking_off\": {}, \"rewrites\": [], \"reservations\": []}",
	"{\"version\": 1, \"blocking_off\": null, \"rewrites\": [{}], \"reservations\": []}",
	"{\"version\": 1, \"blocking_off\": null, \"rewrites\": [{\"domain\": \"a\", "
	"\"answers\": []}], \"reservations\": []}",
	"{\"version\": 1, \"blocking_off\": null, \"rewrites\": [{\"domain\": \"a\", "
	"\"answers\": [1]}], \"reservations\": []}",
	"{\"version\": 1, \"blocking_off\": null, \"rewrites\": [], \"reservations\": [{\"mac\": "
	"\"a\"}]}",
};

static void test_damaged(void **state _unused_)
{
	char path[64], aside[64];

	snprintf(path, sizeof(path), "%s/%s", folder, OPERATOR_FILE);
	snprintf(aside, sizeof(aside), "%s/%s", folder, OPERATOR_DAMAGED);
	for (size_t i = 0; i < ARRAY_SIZE(damaged); i++) {
		_strbuf_ struct strbuf why = {0};
		_free_ char *kept = NULL;
		struct operator_state read;
		size_t length;

		assert_int_equal(file_write_atomic(path, damaged[i], strlen(damaged[i]), 0600), 0);
		if (operator_read(folder, &read, &why) != -EINVAL)
			fail_msg("taken: %s", damaged[i]);
		assert_non_null(strstr(strbuf_text(&why), path));
		assert_int_equal(read.n_rewrites + read.n_reservations, 0);
		assert_int_equal(operator_set_aside(folder), 0);
		assert_int_equal(operator_read(folder, &read, &why), 0);
		assert_int_equal(file_read(aside, 4096, &kept, &length), 0);
		assert_string_equal(kept, damaged[i]);
	}
}

/* The steps of one write: those that a child counts which nothing happens to. */
static unsigned int count_steps(const struct operator_state *next,
				const struct operator_state *before)
{
	disk_break(0, 0);
	assert_int_equal(operator_write(folder, next, before), 0);
	return disk.step;
}

/* The power goes at each step: the old state or the new, and the new where the command has returned. */
static void test_power(void **state _unused_)
{
	_operator_ struct operator_state before = state_of("before.example");
	_operator_ struct operator_state next = state_of("next.example");
	unsigned int steps = count_steps(&before, &before);

	assert_true(steps >= 4);
	/* What a power cut may still take is nothing. */
	assert_false(disk.named);
	assert_int_equal(disk.unsynced, -1);
	for (unsigned int step = 1; step <= steps; step++) {
		_free_ char *now = NULL;
		int status;
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (!pid) {
			disk_break(step, 0);
			operator_write(folder, &next, &before);
			_exit(3); /* nothing happened */
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		now = read_back();
		if (strcmp(now, "before.example") && strcmp(now, "next.example"))
			fail_msg("after step %u: %s", step, now);
		/* The name stands from the rename on, and nothing before it may show. */
		if (step < steps)
			assert_string_equal(now, "before.example");
		assert_int_equal(count_steps(&before, &next), steps);
	}
}

/* A full or broken disk at each step: the command fails, and the old state stands, also for the next start. */
static void test_errors(void **state _unused_)
{
	static const int errors[] = {ENOSPC, EIO};
	_operator_ struct operator_state before = state_of("before.example");
	_operator_ struct operator_state next = state_of("next.example");
	unsigned int steps = count_steps(&before, &before);

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		for (unsigned int step = 1; step <= steps; step++) {
			disk_break(step, errors[i]);
			assert_int_equal(operator_write(folder, &next, &before), -errors[i]);
			assert_file("before.example");
		}
	}
	/* And goes on as soon as it can. */
	disk_break(0, 0);
	assert_int_equal(operator_write(folder, &next, &before), 0);
	assert_file("next.example");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_nothing, folder_empty),
		cmocka_unit_test_teardown(test_whole, folder_empty),
		cmocka_unit_test_teardown(test_changes, folder_empty),
		cmocka_unit_test_teardown(test_limit, folder_empty),
		cmocka_unit_test_teardown(test_damaged, folder_empty),
		cmocka_unit_test_teardown(test_power, folder_empty),
		cmocka_unit_test_teardown(test_errors, folder_empty),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
