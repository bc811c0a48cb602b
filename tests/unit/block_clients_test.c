// SPDX-License-Identifier: GPL-2.0-or-later
/* Ethernet addresses of groups become addresses, by the neighbours of a real kernel, and the DNS process is told once of each change. */
#include "block_clients.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "blocking.h"
#include "netns.h"

/* What stands in its place here hears what it would tell. */
struct dns_parent {
	struct dns_block_client told[16];
	size_t n;
	unsigned int times;
};

int dns_parent_clients(struct dns_parent *parent, const struct dns_block_client *clients, size_t n)
{
	assert_true(n <= ARRAY_SIZE(parent->told));
	for (size_t i = 0; i < n; i++)
		parent->told[i] = clients[i];
	parent->n = n;
	parent->times++;
	return 0;
}

struct fixture {
	uv_loop_t loop;
	struct dns_parent parent;
	struct block_clients *clients;
};

static int enter(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	netns_enter();
	run("sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.addr_gen_mode=1");
	run("ip link add br0 type bridge && ip link set br0 up");
	run("ip addr add 192.0.2.1/24 dev br0 && ip addr add 2001:db8::1/64 dev br0 nodad");
	assert_non_null(fixture);
	assert_int_equal(uv_loop_init(&fixture->loop), 0);
	fixture->clients = block_clients_make(&fixture->loop, &fixture->parent);
	assert_non_null(fixture->clients);
	*state = fixture;
	return 0;
}

/* Every handle is closed by then, or the loop could not be. */
static int leave(void **state)
{
	struct fixture *fixture = *state;

	block_clients_free(fixture->clients);
	uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
	free(fixture);
	return 0;
}

static void neigh(const char *text)
{
	run("ip neigh %s dev br0", text);
}

/* Two groups: the first has 02:..:10 and a network, the second 02:..:20 and 02:..:21. */
static void groups_set(struct fixture *fixture, size_t n)
{
	struct conf_client first[] = {{.mac = {2, 0, 0, 0, 0, 0x10}, .is_mac = true},
				      {.net = {.length = 0}}};
	struct conf_client second[] = {{.mac = {2, 0, 0, 0, 0, 0x20}, .is_mac = true},
				       {.mac = {2, 0, 0, 0, 0, 0x21}, .is_mac = true}};
	struct conf_group groups[] = {{.clients = first, .n_clients = 2},
				      {.clients = second, .n_clients = 2}};

	block_clients_set(fixture->clients,
			  &(struct plan_blocking){.groups = groups, .n_groups = n});
}

/* The group that @text was told to be in; 0: none. */
static unsigned int group_of(const struct fixture *fixture, const char *text)
{
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	for (size_t i = 0; i < fixture->parent.n; i++) {
		const struct dns_block_client *client = &fixture->parent.told[i];

		if (!ip_addr_equal(&client->net.addr, &addr))
			continue;
		assert_int_equal(client->net.length, ip_addr_is_v4(&addr) ? 32 : 128);
		return client->group;
	}
	return 0;
}

/* Until nothing more happens: the events that are there, and the timer that settles them. */
static void settle(struct fixture *fixture)
{
	uv_run(&fixture->loop, UV_RUN_NOWAIT);
	for (unsigned int i = 0; i < 3; i++) {
		usleep(FACTS_SETTLE_MS * 1000);
		uv_run(&fixture->loop, UV_RUN_NOWAIT);
	}
}

static void test_those_of_now(void **state)
{
	struct fixture *fixture = *state;

	neigh("add 192.0.2.10 lladdr 02:00:00:00:00:10 nud stale");
	neigh("add 2001:db8::10 lladdr 02:00:00:00:00:10 nud stale");
	neigh("add 192.0.2.21 lladdr 02:00:00:00:00:21 nud stale");
	neigh("add 192.0.2.30 lladdr 02:00:00:00:00:30 nud stale");
	groups_set(fixture, 2);
	assert_int_equal(fixture->parent.n, 3);
	assert_int_equal(group_of(fixture, "192.0.2.10"), 1);
	assert_int_equal(group_of(fixture, "2001:db8::10"), 1);
	assert_int_equal(group_of(fixture, "192.0.2.21"), 2);
	assert_int_equal(group_of(fixture, "192.0.2.30"), 0);
	assert_int_equal(fixture->parent.times, 1);
}

/* It comes, goes elsewhere, and another machine has its address. */
static void test_follows(void **state)
{
	struct fixture *fixture = *state;

	groups_set(fixture, 2);
	assert_int_equal(fixture->parent.n, 0);
	neigh("add 192.0.2.20 lladdr 02:00:00:00:00:20 nud stale");
	settle(fixture);
	assert_int_equal(group_of(fixture, "192.0.2.20"), 2);
	neigh("add 192.0.2.22 lladdr 02:00:00:00:00:20 nud stale");
	neigh("replace 192.0.2.20 lladdr 02:00:00:00:00:10 nud stale");
	settle(fixture);
	assert_int_equal(group_of(fixture, "192.0.2.22"), 2);
	assert_int_equal(group_of(fixture, "192.0.2.20"), 1);
	neigh("del 192.0.2.20");
	settle(fixture);
	assert_int_equal(group_of(fixture, "192.0.2.20"), 0);
	assert_int_equal(fixture->parent.n, 1);
}

/* Neighbours change their mind all the time. */
static void test_told_once(void **state)
{
	struct fixture *fixture = *state;
	unsigned int times;

	neigh("add 192.0.2.20 lladdr 02:00:00:00:00:20 nud stale");
	groups_set(fixture, 2);
	times = fixture->parent.times;
	neigh("replace 192.0.2.20 lladdr 02:00:00:00:00:20 nud reachable");
	neigh("add 192.0.2.30 lladdr 02:00:00:00:00:30 nud stale");
	settle(fixture);
	groups_set(fixture, 2);
	assert_int_equal(fixture->parent.times, times);
}

/* The same machines in groups of other numbers are told again; without any, that there are none, and nothing is watched. */
static void test_groups_change(void **state)
{
	struct fixture *fixture = *state;

	neigh("add 192.0.2.20 lladdr 02:00:00:00:00:20 nud stale");
	groups_set(fixture, 2);
	assert_int_equal(group_of(fixture, "192.0.2.20"), 2);
	groups_set(fixture, 1);
	assert_int_equal(fixture->parent.n, 0);
	groups_set(fixture, 2);
	assert_int_equal(group_of(fixture, "192.0.2.20"), 2);
	groups_set(fixture, 0);
	assert_int_equal(fixture->parent.n, 0);
	uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_false(uv_loop_alive(&fixture->loop));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_those_of_now, enter, leave),
		cmocka_unit_test_setup_teardown(test_follows, enter, leave),
		cmocka_unit_test_setup_teardown(test_told_once, enter, leave),
		cmocka_unit_test_setup_teardown(test_groups_change, enter, leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
