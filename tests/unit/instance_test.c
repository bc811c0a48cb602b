// SPDX-License-Identifier: GPL-2.0-or-later
#include "instance.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"

struct place {
	char path[32];
};

static void place_make(struct place *place)
{
	*place = (struct place){"/tmp/instance.XXXXXX"};
	assert_non_null(mkdtemp(place->path));
}

static void place_remove(const struct place *place)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/hairpind.lock", place->path);
	unlink(path);
	assert_int_equal(rmdir(place->path), 0);
}

static void test_held(void **state _unused_)
{
	struct place place;
	int lock, status;
	pid_t child;

	place_make(&place);
	lock = instance_lock(place.path);
	assert_true(lock >= 0);
	assert_int_equal(instance_owner(place.path), getpid());
	child = fork();
	if (!child)
		_exit(instance_lock(place.path) != -EWOULDBLOCK);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(instance_is_held(place.path));
	close(lock);
	assert_false(instance_is_held(place.path));
	place_remove(&place);
}

/* A daemon that was killed between a fork and what its child does first: the child has the lock, and lets go of it in a moment. */
static void test_leftover(void **state _unused_)
{
	int hold[2], forked[2], lock;
	struct place place;
	pid_t daemon;
	char octet;

	place_make(&place);
	assert_int_equal(pipe(hold), 0);
	assert_int_equal(pipe(forked), 0);
	daemon = fork();
	if (!daemon) {
		if (instance_lock(place.path) < 0)
			_exit(1);
		if (!fork()) {
			close(hold[1]);
			/* Until the test has seen that it holds, and has begun to wait. */
			(void)!read(hold[0], &octet, 1);
			poll(NULL, 0, 50);
			_exit(0);
		}
		(void)!write(forked[1], "", 1);
		_exit(0);
	}
	assert_int_equal(read(forked[0], &octet, 1), 1);
	assert_int_equal(waitpid(daemon, NULL, 0), daemon);
	assert_true(instance_is_held(place.path));
	close(hold[0]);
	close(hold[1]);
	lock = instance_lock(place.path);
	assert_true(lock >= 0);
	assert_int_equal(instance_owner(place.path), getpid());
	close(lock);
	close(forked[0]);
	close(forked[1]);
	place_remove(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_held),
		cmocka_unit_test(test_leftover),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
