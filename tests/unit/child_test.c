// SPDX-License-Identifier: GPL-2.0-or-later
/* The life of the daemon's processes. This program is started in their roles as well. */
#include "child.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "fd_message.h"
#include "log.h"

#define PLACE 3
/* Of patience. */
#define ROUND_US 500
#define ROUNDS 40000

struct bench {
	uv_loop_t loop;
	struct children children;
	struct child child;
	const char *role;
	unsigned int starts, taken, asked, lost, hung;
	int start_error;
	char last; /* that was taken */
};

/* --- what is started ------------------------------------------------------------------------------- */

static int role_run(const char *role)
{
	char octet = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!strcmp(role, "--dies"))
		return 3;
	if (!strcmp(role, "--tells"))
		return send(PLACE, "t", 1, 0) != 1;
	if (!strcmp(role, "--babbles"))
		return send(PLACE, "two octets", 10, 0) != 10 || pause();
	if (!strcmp(role, "--leaves")) {
		/* Somebody that holds its end is left, until the test has gone. */
		if (!fork()) {
			prctl(PR_SET_PDEATHSIG, 0);
			recv(PLACE, &octet, 1, 0);
			_exit(0);
		}
		return 0;
	}
	while (!strcmp(role, "--echoes") && recv(PLACE, &octet, 1, 0) == 1)
		send(PLACE, &octet, 1, 0);
	if (!strcmp(role, "--finishes")) {
		signal(SIGTERM, SIG_IGN);
		send(PLACE, "r", 1, 0);
		while (recv(PLACE, &octet, 1, 0) == 1)
			;
		return 0;
	}
	while (!strcmp(role, "--hangs"))
		pause();
	return 0;
}

/* --- the owner ------------------------------------------------------------------------------------- */

static int start(void *owner)
{
	struct bench *bench = owner;

	bench->starts++;
	if (bench->start_error)
		return bench->start_error;
	return child_spawn(&bench->child, bench->role, NULL, NULL);
}

static int take(void *owner, int fd)
{
	struct bench *bench = owner;
	size_t none = 0;
	int ret = fd_message_receive(fd, &bench->last, 1, NULL, &none);

	bench->taken += !ret;
	return ret;
}

static void ask(void *owner)
{
	struct bench *bench = owner;

	bench->asked++;
	child_send(&bench->child, "?", 1, NULL, 0);
}

static void lost(void *owner, bool is_hung)
{
	struct bench *bench = owner;

	bench->lost++;
	bench->hung += is_hung;
}

static const struct child_kind restarted = {
	.name = "the child",
	.consequence = "it is started again",
	.place = PLACE,
	.silent_ticks = 2,
	.start = start,
	.take = take,
	.ask = ask,
};

static const struct child_kind once = {
	.name = "the job",
	.place = PLACE,
	.silent_ticks = 2,
	.end_ms = 20000,
	.start = start,
	.take = take,
	.lost = lost,
};

static void bench_open(struct bench *bench, const struct child_kind *kind, const char *role)
{
	*bench = (struct bench){.role = role};
	assert_int_equal(uv_loop_init(&bench->loop), 0);
	bench->children.loop = &bench->loop;
	child_init(&bench->child, &bench->children, kind, bench);
}

static void bench_close(struct bench *bench)
{
	child_fini(&bench->child);
	assert_null(bench->children.first);
	uv_run(&bench->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&bench->loop), 0);
	/* Nothing is left to be waited for. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void until(struct bench *bench, const unsigned int *count, unsigned int n)
{
	for (int i = 0; i < ROUNDS && *count < n; i++) {
		uv_run(&bench->loop, UV_RUN_NOWAIT);
		usleep(ROUND_US);
	}
	assert_int_equal(*count, n);
}

static void until_ended(pid_t pid)
{
	siginfo_t end;

	assert_int_equal(waitid(P_PID, (id_t)pid, &end, WEXITED | WNOWAIT), 0);
}

/* --- tests ----------------------------------------------------------------------------------------- */

static void test_talks(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, &restarted, "--echoes");
	assert_false(child_runs(&bench.child));
	assert_int_equal(child_send(&bench.child, "x", 1, NULL, 0), 0);
	assert_int_equal(child_start(&bench.child), 0);
	assert_true(child_runs(&bench.child));
	assert_int_equal(child_send(&bench.child, "x", 1, NULL, 0), 0);
	until(&bench, &bench.taken, 1);
	assert_int_equal(bench.last, 'x');
	/* Asked at each tick, it is alive at each. */
	for (unsigned int i = 0; i < 10; i++) {
		child_tick(&bench.child);
		until(&bench, &bench.taken, 2 + i);
	}
	assert_int_equal(bench.asked, 10);
	assert_int_equal(bench.starts, 1);
	bench_close(&bench);
}

/* At once the first time, and then once a tick. */
static void test_dies_at_start(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, &restarted, "--dies");
	child_start(&bench.child);
	for (unsigned int i = 0; i < ROUNDS && bench.child.restarts < 2; i++) {
		uv_run(&bench.loop, UV_RUN_NOWAIT);
		usleep(ROUND_US);
	}
	assert_int_equal(bench.starts, 2);
	assert_int_equal(bench.child.restarts, 2);
	assert_false(child_runs(&bench.child));
	for (int i = 0; i < 20; i++)
		uv_run(&bench.loop, UV_RUN_NOWAIT);
	assert_int_equal(bench.starts, 2);
	child_tick(&bench.child);
	assert_int_equal(bench.starts, 3);
	bench_close(&bench);
}

static void test_killed(void **state)
{
	struct bench bench;
	pid_t before;

	(void)state;
	bench_open(&bench, &restarted, "--echoes");
	child_start(&bench.child);
	before = bench.child.pid;
	kill(before, SIGKILL);
	until(&bench, &bench.starts, 2);
	assert_int_not_equal(bench.child.pid, before);
	child_send(&bench.child, "y", 1, NULL, 0);
	until(&bench, &bench.taken, 1);
	bench_close(&bench);
}

static void test_cannot_start(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, &restarted, "--echoes");
	bench.start_error = -ENOMEM;
	assert_int_equal(child_start(&bench.child), -ENOMEM);
	assert_false(child_runs(&bench.child));
	bench.start_error = 0;
	child_tick(&bench.child);
	assert_true(child_runs(&bench.child));
	bench_close(&bench);
}

static void test_hangs(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, &restarted, "--hangs");
	child_start(&bench.child);
	child_tick(&bench.child);
	child_tick(&bench.child);
	assert_int_equal(bench.starts, 1);
	child_tick(&bench.child);
	assert_int_equal(bench.starts, 2);
	assert_int_equal(bench.child.restarts, 1);
	bench_close(&bench);
}

static void test_babbles(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, &once, "--babbles");
	child_start(&bench.child);
	until(&bench, &bench.lost, 1);
	assert_int_equal(bench.taken, 0);
	assert_int_equal(bench.hung, 0);
	assert_false(child_runs(&bench.child));
	/* Its owner says when there is another. */
	child_tick(&bench.child);
	assert_int_equal(bench.starts, 1);
	child_start(&bench.child);
	bench.role = "--hangs";
	until(&bench, &bench.lost, 2);
	child_start(&bench.child);
	for (int i = 0; i < 3; i++)
		child_tick(&bench.child);
	assert_int_equal(bench.lost, 3);
	assert_int_equal(bench.hung, 1);
	bench_close(&bench);
}

/* One that does not take what it is told. */
static void test_told(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, &restarted, "--echoes");
	child_start(&bench.child);
	child_told(&bench.child, 0);
	assert_int_equal(bench.starts, 1);
	child_told(&bench.child, -EAGAIN);
	assert_int_equal(bench.starts, 2);
	child_end(&bench.child);
	child_told(&bench.child, -EPIPE);
	assert_int_equal(bench.starts, 2);
	bench_close(&bench);
}

/* What has ended is reaped whosever it is, and what it said before is heard all the same. */
static void test_reaped(void **state)
{
	struct bench bench;
	pid_t strangers[3];

	(void)state;
	bench_open(&bench, &once, "--tells");
	for (size_t i = 0; i < 3; i++) {
		strangers[i] = fork();
		if (!strangers[i])
			_exit(0);
		/* In the middle, where nobody may stop at it. */
		if (i == 1)
			child_start(&bench.child);
		until_ended(strangers[i]);
	}
	until_ended(bench.child.pid);
	children_reap(&bench.children);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(waitpid(strangers[i], NULL, WNOHANG), -1);
	assert_int_equal(bench.child.pid, 0);
	assert_true(child_runs(&bench.child));
	assert_int_equal(bench.lost, 0);
	until(&bench, &bench.taken, 1);
	assert_int_equal(bench.last, 't');
	until(&bench, &bench.lost, 1);
	bench_close(&bench);
}

/* Its channel does not end, as somebody else holds it. */
static void test_leaves(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, &restarted, "--leaves");
	child_start(&bench.child);
	until_ended(bench.child.pid);
	children_reap(&bench.children);
	assert_true(child_runs(&bench.child));
	child_tick(&bench.child);
	assert_int_equal(bench.child.restarts, 1);
	assert_int_equal(bench.starts, 2);
	until_ended(bench.child.pid);
	bench_close(&bench);
}

/* It is let finish, not killed, and not waited for longer than that takes. */
static void test_finishes(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, &once, "--finishes");
	child_start(&bench.child);
	until(&bench, &bench.taken, 1);
	child_end(&bench.child);
	assert_true(WIFEXITED(bench.child.status));
	assert_int_equal(WEXITSTATUS(bench.child.status), 0);
	child_end(&bench.child);
	bench_close(&bench);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_talks),  cmocka_unit_test(test_dies_at_start),
		cmocka_unit_test(test_killed), cmocka_unit_test(test_cannot_start),
		cmocka_unit_test(test_hangs),  cmocka_unit_test(test_babbles),
		cmocka_unit_test(test_told),   cmocka_unit_test(test_reaped),
		cmocka_unit_test(test_leaves), cmocka_unit_test(test_finishes),
	};

	if (argc > 1)
		return role_run(argv[1]);
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
