// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of neighbours of a real kernel: which of its entries have an Ethernet address, and when they change. */
#include "neighs.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "netns.h"

/* A bridge without ports: nobody answers, so that entries are what the tests made them. */
static int enter(void **state _unused_)
{
	netns_enter();
	run("sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.addr_gen_mode=1");
	run("ip link add br0 type bridge && ip link set br0 up");
	run("ip addr add 192.0.2.1/24 dev br0 && ip addr add 2001:db8::1/64 dev br0 nodad");
	return 0;
}

/* The group of what is known of @text, as the last octet of its Ethernet address; 0: nothing. */
static int mac_of(const char *text)
{
	struct neigh *neighs = NULL;
	struct ip_addr addr;
	size_t n = 0;
	int mac = 0;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	assert_int_equal(neighs_read(&neighs, &n), 0);
	for (size_t i = 0; i < n; i++) {
		if (ip_addr_equal(&neighs[i].addr, &addr))
			mac = neighs[i].mac[5];
	}
	free(neighs);
	return mac;
}

static void test_states(void **state _unused_)
{
	static const struct {
		const char *addr, *entry;
		int mac;
	} cases[] = {
		{"192.0.2.10", "lladdr 02:00:00:00:00:10 nud reachable", 0x10},
		{"192.0.2.11", "lladdr 02:00:00:00:00:11 nud stale", 0x11},
		{"192.0.2.12", "lladdr 02:00:00:00:00:12 nud permanent", 0x12},
		{"2001:db8::13", "lladdr 02:00:00:00:00:13 nud stale", 0x13},
		{"192.0.2.14", "nud failed", 0},
		/* Nobody was asked: that address is made up. */
		{"192.0.2.15", "lladdr 02:00:00:00:00:15 nud noarp", 0},
		{"192.0.2.16", NULL, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (cases[i].entry)
			run("ip neigh replace %s dev br0 %s", cases[i].addr, cases[i].entry);
		if (mac_of(cases[i].addr) != cases[i].mac)
			fail_msg("%s %s: %#x", cases[i].addr,
				 cases[i].entry ? cases[i].entry : "unknown",
				 (unsigned int)mac_of(cases[i].addr));
	}
}

static void test_none(void **state _unused_)
{
	struct neigh *neighs = NULL;
	size_t n = 7;

	netns_enter();
	assert_int_equal(neighs_read(&neighs, &n), 0);
	assert_int_equal(n, 0);
	free(neighs);
}

static bool readable(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

	return poll(&poll_fd, 1, 0) == 1;
}

static void test_watch(void **state _unused_)
{
	static const char *const commands[] = {
		"neigh add 192.0.2.20 lladdr 02:00:00:00:00:20 nud stale dev br0",
		"neigh replace 192.0.2.20 lladdr 02:00:00:00:00:21 nud stale dev br0",
		"neigh del 192.0.2.20 dev br0",
		"neigh add 2001:db8::20 lladdr 02:00:00:00:00:20 nud stale dev br0",
	};
	int fd = neighs_watch_open();

	assert_true(fd >= 0);
	assert_false(neighs_watch_drain(fd));
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		run("ip %s", commands[i]);
		if (!readable(fd) || !neighs_watch_drain(fd))
			fail_msg("no event of: ip %s", commands[i]);
		assert_false(readable(fd));
	}
	run("ip addr add 192.0.2.2/24 dev br0");
	assert_false(neighs_watch_drain(fd));
	close(fd);
}

/* More events than the socket holds: those that are lost are a change too, and it is told once. */
static void test_watch_overrun(void **state _unused_)
{
	int fd = neighs_watch_open(), size = 1;

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), 0);
	for (int i = 0; i < 100; i++)
		run("ip neigh replace 192.0.2.%d lladdr 02:00:00:00:01:%02x nud stale dev br0",
		    100 + i, (unsigned int)i);
	assert_true(neighs_watch_drain(fd));
	assert_false(readable(fd));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_states, enter),
		cmocka_unit_test(test_none),
		cmocka_unit_test_setup(test_watch, enter),
		cmocka_unit_test_setup(test_watch_overrun, enter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
