// SPDX-License-Identifier: GPL-2.0-or-later
/* The clock: the kernel ends what is over and forgets what has rested, with nobody in user space taking part. */
/* Requirements: 66. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <unistd.h>

#include "hairpin.skel.h"
#include "rig_maps.h"

/* How long anything may take here, in waits of WAIT_US. */
#define WAITS 1000
#define WAIT_US 10000
#define PASSES_US (20 * WAIT_US)

/* A clock that walks the table in no time, or, after a test, one that ticks in an hour. */
static void run_clock(struct rig *rig, __u32 slice, __u32 period_us)
{
	struct hp_clock_args args = {.failed = ENOMEM};

	/* The kernel may have no memory for the timer at this very moment (clock_start() in sweep.c). */
	for (unsigned int i = 0; i < WAITS && args.failed == ENOMEM; i++) {
		args = (struct hp_clock_args){.slice = slice, .period_us = period_us};
		rig_work(rig->skel->progs.hp_clock_start, &args, sizeof(args));
	}
	assert_int_equal(args.failed, 0);
}

static void stop_clock(struct rig *rig)
{
	run_clock(rig, 1, 3600000000u);
	/* A tick that was under way. */
	usleep(WAIT_US);
}

static struct hp_clock read_clock(struct rig *rig)
{
	struct hp_clock clock;
	__u32 zero = 0;

	assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(rig->skel->maps.hp_clock), &zero, &clock),
			 0);
	return clock;
}

static size_t count_active(struct rig *rig)
{
	size_t n = 0;

	for (__u32 i = 0; i < rig->sessions; i++) {
		struct hp_session s = rig_session(rig, i);

		n += rig_is_active(&s);
	}
	return n;
}

static void open_sessions(struct rig *rig, unsigned int n)
{
	char in[128], out[128];

	for (unsigned int i = 0; i < n; i++) {
		const struct step step = {FROM_LAN, in, TO_WAN, HP_SENT_OUTGOING, out};

		snprintf(in, sizeof(in), "udp 192.168.11.%u:%u > 198.51.100.7:443", 30 + i % 50,
			 40000 + i);
		snprintf(out, sizeof(out), "udp 203.0.113.5:%u > 198.51.100.7:443", 40000 + i);
		rig_step(rig, &step);
	}
}

/* Waits until @n sessions are active; ends the test if that takes too long. */
static void await_active(struct rig *rig, size_t n)
{
	for (unsigned int i = 0; i < WAITS && count_active(rig) != n; i++)
		usleep(WAIT_US);
	assert_int_equal(count_active(rig), n);
}

/* Of every part of the table, in slices that do not divide it; who still speaks stays. */
static void test_sessions_end(void **state)
{
	struct rig *rig = *state;

	rig_reset(rig, RIG_PLAN);
	open_sessions(rig, 100);
	for (__u32 i = 0; i < 100; i++)
		rig_age(rig, i, i % 4 ? TIMEOUT_UDP_S : TIMEOUT_UDP_S - 60);
	run_clock(rig, 7, 500);
	await_active(rig, 25);
	stop_clock(rig);
	rig_check_tables(rig);
	assert_int_equal(rig_stat(rig, HP_STAT_SWEPT), 75);
}

/* Past the end of the table it begins anew. */
static void test_comes_round(void **state)
{
	struct rig *rig = *state;
	unsigned int rounds = 0;
	__u32 next = 0;

	rig_reset(rig, RIG_PLAN);
	run_clock(rig, rig->sessions / 3, 20000);
	for (unsigned int i = 0; i < WAITS && rounds < 3; i++) {
		__u32 now = read_clock(rig).next;

		assert_in_range(now, 0, rig->sessions + rig->sessions / 3);
		rounds += now < next;
		next = now;
		usleep(WAIT_US / 2);
	}
	stop_clock(rig);
	assert_int_equal(rounds, 3);
}

static size_t count_bindings(struct rig *rig)
{
	_entries_ struct rig_entries e =
		rig_entries_read(bpf_map__fd(rig->skel->maps.hp_bindings),
				 sizeof(struct hp_binding_key), sizeof(struct hp_binding));

	return e.n;
}

/* Waits until all are gone. They are not counted meanwhile: between two looks at a table that is being emptied, what was there is not. */
static void await_no_bindings(struct rig *rig)
{
	int map = bpf_map__fd(rig->skel->maps.hp_bindings);
	struct hp_binding_key key;

	for (unsigned int i = 0; i < WAITS && !bpf_map_get_next_key(map, NULL, &key); i++)
		usleep(WAIT_US);
	assert_int_not_equal(bpf_map_get_next_key(map, NULL, &key), 0);
}

/* Ports rest, and when their rest is over nothing of them is left. */
static void test_ports_rest(void **state)
{
	struct rig *rig = *state;
	struct hp_rest rest;

	rig_reset(rig, RIG_PLAN);
	open_sessions(rig, 60);
	for (__u32 i = 0; i < 60; i++)
		rig_age(rig, i, TIMEOUT_UDP_S);
	run_clock(rig, rig->sessions, 500);
	await_active(rig, 0);
	assert_int_equal(count_bindings(rig), 60);
	stop_clock(rig);
	rig_age_rest(rig, PORT_REST_S - 60);
	run_clock(rig, rig->sessions, 500);
	/* Some passes of the clock, in which nothing may happen. */
	usleep(PASSES_US);
	assert_int_equal(count_bindings(rig), 60);
	stop_clock(rig);
	rig_age_rest(rig, 60);
	run_clock(rig, rig->sessions, 500);
	await_no_bindings(rig);
	stop_clock(rig);
	rig_check_tables(rig);
	assert_int_not_equal(bpf_map_lookup_and_delete_elem(bpf_map__fd(rig->skel->maps.hp_resting),
							    NULL, &rest),
			     0);
}

/* The timers that the plan in force sets, and a plan that comes later sets others. */
static void test_timers_of_the_plan(void **state)
{
	struct rig *rig = *state;

	rig_reset(rig, RIG_PLAN "timeouts udp 600\n");
	open_sessions(rig, 10);
	for (__u32 i = 0; i < 10; i++)
		rig_age(rig, i, 500);
	run_clock(rig, rig->sessions, 500);
	/* Some passes of the clock, in which nothing may happen. */
	usleep(PASSES_US);
	assert_int_equal(count_active(rig), 10);
	rig_plan_write(rig, 1, RIG_PLAN "timeouts udp 400\n");
	rig_plan_activate(rig, 1);
	await_active(rig, 0);
	stop_clock(rig);
	rig_check_tables(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sessions_end),
		cmocka_unit_test(test_comes_round),
		cmocka_unit_test(test_ports_rest),
		cmocka_unit_test(test_timers_of_the_plan),
	};

	rig_need_root();
	return cmocka_run_group_tests_name("clock", tests, rig_setup, rig_teardown);
}
