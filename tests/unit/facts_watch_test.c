// SPDX-License-Identifier: GPL-2.0-or-later
/* What the watch tells and what it keeps quiet about, with a real kernel. */
#include "facts.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "netns.h"

/* Loopback alone, so that nothing happens later than the command that asks for it. */
static int enter_with_lo(void **state)
{
	static int fd;

	netns_enter();
	run("ip link set lo up && ip addr add 192.0.2.1/24 dev lo");
	fd = facts_watch_open();
	assert_true(fd >= 0);
	*state = &fd;
	return 0;
}

static int watch_close(void **state)
{
	return close(*(int *)*state);
}

static bool readable(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

	return poll(&poll_fd, 1, 0) == 1;
}

static void watch_is_quiet_at_first(void **state)
{
	int fd = *(int *)*state;

	assert_false(readable(fd));
	assert_int_equal(facts_watch_drain(fd), 0);
}

static void watch_tells_of_what_matters(void **state)
{
	static const char *const commands[] = {
		"addr add 192.0.2.2/24 dev lo",
		"addr del 192.0.2.2/24 dev lo",
		"addr add 2001:db8::1/64 dev lo",
		"addr del 2001:db8::1/64 dev lo",
		"route add 10.0.0.0/8 dev lo",
		"route replace blackhole 10.0.0.0/8",
		"-6 route add 2001:db8:1::/48 dev lo",
		"-6 route del 2001:db8:1::/48 dev lo",
		"link set lo mtu 1500",
		"link set lo down",
		"link set lo up",
		"link add br0 type bridge",
		"link set br0 name br1",
		"link del br1",
	};
	int fd = *(int *)*state;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		run("ip %s", commands[i]);
		if (!readable(fd) || facts_watch_drain(fd) != 1)
			fail_msg("no event of: ip %s", commands[i]);
		assert_false(readable(fd));
	}
}

/* No new plan for a neighbour that comes, goes or changes its mind. */
static void watch_is_silent_about_neighbours(void **state)
{
	int fd = *(int *)*state;

	run("ip link add br0 type bridge"); /* down: nothing happens by itself */
	assert_int_equal(facts_watch_drain(fd), 1);
	run("ip neigh add 192.0.2.7 lladdr 02:00:00:00:00:77 dev br0");
	run("ip neigh replace 192.0.2.7 lladdr 02:00:00:00:00:78 dev br0");
	run("ip neigh del 192.0.2.7 dev br0");
	assert_false(readable(fd));
}

static void watch_passes_over_other_tables(void **state)
{
	int fd = *(int *)*state;

	run("ip route add 10.0.0.0/8 dev lo table 100");
	run("ip -6 route add 2001:db8:1::/48 dev lo table 100");
	assert_true(readable(fd));
	assert_int_equal(facts_watch_drain(fd), 0);
	assert_false(readable(fd));
}

/* Events of another table alone would be 0: it is the overrun that makes it 1. */
static void watch_overrun_counts_as_a_change(void **state)
{
	int fd = *(int *)*state, bytes = 1;

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)), 0);
	run("for i in $(seq 200); do echo route add 10.0.$i.0/24 dev lo table 100; done | "
	    "ip -batch -");
	assert_int_equal(facts_watch_drain(fd), 1);
	assert_int_equal(facts_watch_drain(fd), 0);
}

static void watch_of_a_wrong_descriptor_fails(void **state _unused_)
{
	assert_int_equal(facts_watch_drain(-1), -EBADF);
}

#define WITH_WATCH(test) cmocka_unit_test_setup_teardown(test, enter_with_lo, watch_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WATCH(watch_is_quiet_at_first),
		WITH_WATCH(watch_tells_of_what_matters),
		WITH_WATCH(watch_is_silent_about_neighbours),
		WITH_WATCH(watch_passes_over_other_tables),
		WITH_WATCH(watch_overrun_counts_as_a_change),
		cmocka_unit_test(watch_of_a_wrong_descriptor_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
