// SPDX-License-Identifier: GPL-2.0-or-later
#include "pending.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "cleanup.h"
#include "file.h"

struct place {
	char state[64];
	char conf[128];
};

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	strcpy(place->state, "/tmp/hairpin-test-XXXXXX");
	if (!mkdtemp(place->state))
		return -1;
	snprintf(place->conf, sizeof(place->conf), "%s/hairpin.yaml", place->state);
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", place->state);
	free(TAKE_PTR(*state));
	return system(command);
}

static void put(const char *path, const char *text, mode_t mode)
{
	assert_int_equal(file_write_atomic(path, text, strlen(text), mode), 0);
}

static void assert_file(const char *path, const char *text)
{
	_free_ char *found = NULL;
	size_t length;

	assert_int_equal(file_read(path, 1000, &found, &length), 0);
	assert_string_equal(found, text);
}

static struct pending begin(const struct place *place, enum pending_file file)
{
	struct pending pending;

	assert_int_equal(pending_init(&pending, place->conf, 60), 0);
	pending.file = file;
	pending.had_plan = true;
	strcpy(pending.backend, "bpf");
	assert_int_equal(pending_write(place->state, &pending), 0);
	return pending;
}

static void test_round_trip(void **state)
{
	const struct place *place = *state;
	struct pending pending = begin(place, PENDING_FILE_RESTORE), read;

	assert_int_equal(strlen(pending.id), 32);
	assert_in_range(pending_left_s(&pending), 58, 60);
	assert_int_equal(pending_read(place->state, &read), 0);
	assert_string_equal(read.id, pending.id);
	assert_string_equal(read.boot, pending.boot);
	assert_string_equal(read.conf, place->conf);
	assert_int_equal(read.deadline_ms, pending.deadline_ms);
	assert_int_equal(read.confirm_s, 60);
	assert_int_equal(read.file, PENDING_FILE_RESTORE);
	assert_true(read.had_plan);
	assert_string_equal(read.backend, "bpf");
	assert_false(read.reverting);
}

static void test_confirm(void **state)
{
	const struct place *place = *state;
	struct pending pending, read;

	assert_int_equal(pending_confirm(place->state), -ENOENT);
	pending = begin(place, PENDING_FILE_KEEP);
	assert_int_equal(pending_save_text(place->state, PENDING_PREVIOUS, "x", 1), 0);
	assert_int_equal(pending_confirm(place->state), 0);
	assert_int_equal(pending_read(place->state, &read), -ENOENT);
	/* Confirmed: whoever waited for the time finds nothing to take back. */
	assert_int_equal(pending_begin_revert(place->state, pending.id), -ENOENT);
	assert_int_equal(pending_confirm(place->state), -ENOENT);
}

static void test_too_late(void **state)
{
	const struct place *place = *state;
	struct pending pending = begin(place, PENDING_FILE_KEEP);

	/* An older guardian's record was replaced: not its business. */
	assert_int_equal(pending_begin_revert(place->state, "another"), -ENOENT);
	assert_int_equal(pending_begin_revert(place->state, pending.id), 0);
	assert_int_equal(pending_confirm(place->state), -ETIME);
}

static void test_damaged(void **state)
{
	static const char *const texts[] = {"", "{", "{}", "[]", "{\"id\": 3}"};
	const struct place *place = *state;
	char path[PATH_MAX];
	struct pending pending;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		put(state_path(place->state, "pending.json", path), texts[i], 0600);
		assert_int_equal(pending_read(place->state, &pending), -EINVAL);
	}
}

static void test_guardian(void **state)
{
	const struct place *place = *state;
	int first, second, ends[2];
	char octet = '?';
	pid_t next;

	assert_false(pending_has_guardian(place->state));
	first = pending_guardian_lock(place->state);
	assert_true(first >= 0);
	assert_true(pending_has_guardian(place->state));

	/* The next one waits for it: a confirmation and another apply come faster than a process ends. */
	assert_int_equal(pipe(ends), 0);
	next = fork();
	if (next == 0) {
		/* The parent's descriptors would hold the first lock. */
		close(first);
		second = pending_guardian_lock(place->state);
		_exit(second < 0 || write(ends[1], &octet, 1) != 1);
	}
	assert_true(next > 0);
	close(ends[1]);
	/* Not before the first has ended. */
	assert_int_equal(poll(&(struct pollfd){.fd = ends[0], .events = POLLIN}, 1, 100), 0);
	close(first);
	assert_int_equal(read(ends[0], &octet, 1), 1);
	assert_int_equal(waitpid(next, NULL, 0), next);
	close(ends[0]);
	assert_false(pending_has_guardian(place->state));
}

/* Only what is not there, or is another one, has been confirmed; what cannot be read still waits. */
static void test_is(void **state)
{
	const struct place *place = *state;
	struct pending pending = begin(place, PENDING_FILE_KEEP);
	char path[PATH_MAX];

	assert_true(pending_is(place->state, pending.id));
	assert_false(pending_is(place->state, "another"));
	put(state_path(place->state, "pending.json", path), "{", 0600);
	assert_true(pending_is(place->state, pending.id));
	assert_int_equal(pending_remove(place->state), 0);
	assert_false(pending_is(place->state, pending.id));
}

/* The space that is set aside is there until going back begins, and gone with the record. */
static void test_room(void **state)
{
	const struct place *place = *state;
	struct pending pending = begin(place, PENDING_FILE_KEEP);
	struct stat status;
	char path[PATH_MAX];

	assert_int_equal(pending_keep_room(place->state), 0);
	state_path(place->state, "pending.room", path);
	assert_int_equal(stat(path, &status), 0);
	assert_true(status.st_blocks * 512 >= 65536);
	assert_int_equal(pending_begin_revert(place->state, pending.id), 0);
	assert_int_equal(stat(path, &status), -1);
	assert_int_equal(pending_keep_room(place->state), 0);
	assert_int_equal(pending_remove(place->state), 0);
	assert_int_equal(stat(path, &status), -1);
}

static void test_restore(void **state)
{
	const struct place *place = *state;
	struct pending pending = begin(place, PENDING_FILE_RESTORE);
	char rejected[256];
	struct stat status;

	snprintf(rejected, sizeof(rejected), "%s.rejected", place->conf);
	assert_int_equal(pending_save_text(place->state, PENDING_PREVIOUS_FILE, "old\n", 4), 0);
	put(place->conf, "new\n", 0640);
	/* A second time, as after a crash in between, changes nothing more. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pending_restore_file(place->state, &pending), 0);
		assert_file(place->conf, "old\n");
		assert_file(rejected, "new\n");
	}
	assert_int_equal(stat(place->conf, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0640);
}

static void test_restore_nothing(void **state)
{
	const struct place *place = *state;
	struct pending pending = begin(place, PENDING_FILE_REMOVE);
	char rejected[256];

	snprintf(rejected, sizeof(rejected), "%s.rejected", place->conf);
	put(place->conf, "new\n", 0644);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pending_restore_file(place->state, &pending), 0);
		assert_int_equal(access(place->conf, F_OK), -1);
		assert_file(rejected, "new\n");
	}
	pending.file = PENDING_FILE_KEEP;
	put(place->conf, "kept\n", 0644);
	assert_int_equal(pending_restore_file(place->state, &pending), 0);
	assert_file(place->conf, "kept\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_round_trip),	    TEST(test_confirm),	 TEST(test_too_late),
		TEST(test_damaged),	    TEST(test_guardian), TEST(test_restore),
		TEST(test_restore_nothing), TEST(test_is),	 TEST(test_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
