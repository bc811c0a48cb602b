// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the gateway's own sockets decide: on the public address from a LAN, and in the middle of a connection at WAN egress. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#include "addr.h"
#include "rig.h"

/* A socket bound to an address of the rig; one of TCP listens. */
static int open_socket(const char *address, __u16 port, int type)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	bool is_v6 = inet_pton(AF_INET6, address, &v6.sin6_addr) == 1;
	int fd = socket(is_v6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	if (is_v6) {
		assert_int_equal(bind(fd, (struct sockaddr *)&v6, sizeof(v6)), 0);
	} else {
		assert_int_equal(inet_pton(AF_INET, address, &v4.sin_addr), 1);
		assert_int_equal(bind(fd, (struct sockaddr *)&v4, sizeof(v4)), 0);
	}
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 1), 0);
	return fd;
}

/* A LAN host has external port 5000; a socket of the gateway on that port goes first for a LAN's packets. */
static void check_own_service(struct rig *rig, const char *address)
{
	static const struct step mapping[] = {
		{FROM_LAN, "udp 192.168.11.31:5000 > 198.51.100.7:3478", TO_WAN, HP_SENT_OUTGOING,
		 "udp 203.0.113.5:5000 > 198.51.100.7:3478"},
		{FROM_LAN, "udp 192.168.11.30:40000 > 203.0.113.5:5000", TO_LAN, HP_SENT_HAIRPIN,
		 "udp 203.0.113.5:40000 > 192.168.11.31:5000"},
		{0},
	};
	static const struct step own[] = {
		{FROM_LAN, "udp 192.168.11.30:40001 > 203.0.113.5:5000", PASS, HP_PASS_OWN_SERVICE},
		/* From WAN a socket opens nothing. */
		{FROM_WAN, "udp 198.51.100.9:40001 > 203.0.113.5:5000", DROP, HP_DROP_FILTERED},
		{0},
	};
	_close_ int fd = -1;

	rig_reset(rig, RIG_PLAN);
	rig_steps(rig, mapping);
	fd = open_socket(address, 5000, SOCK_DGRAM);
	rig_steps(rig, own);
}

static void test_own_udp(void **state)
{
	check_own_service(*state, "203.0.113.5");
	check_own_service(*state, "0.0.0.0");
}

static void test_own_tcp(void **state)
{
	static const struct step mapping[] = {
		{FROM_LAN, "tcp 192.168.11.31:5000 > 198.51.100.7:443 S", TO_WAN, HP_SENT_OUTGOING,
		 "tcp 203.0.113.5:5000 > 198.51.100.7:443 S"},
		{0},
	};
	static const struct step own[] = {
		{FROM_LAN, "tcp 192.168.11.30:40001 > 203.0.113.5:5000 S", PASS,
		 HP_PASS_OWN_SERVICE},
		{0},
	};
	struct rig *rig = *state;
	_close_ int fd = -1;

	rig_reset(rig, RIG_PLAN);
	rig_steps(rig, mapping);
	fd = open_socket("203.0.113.5", 5000, SOCK_STREAM);
	rig_steps(rig, own);
}

/* A forward goes before a listener of the gateway. */
static void test_forward_first(void **state)
{
	static const struct step steps[] = {
		{FROM_LAN, "tcp 192.168.11.30:40000 > 203.0.113.5:5000 S", TO_LAN, HP_SENT_HAIRPIN,
		 "tcp 203.0.113.5:40000 > 192.168.11.20:5000 S"},
		{FROM_WAN, "tcp 198.51.100.9:40000 > 203.0.113.5:5000 S", TO_LAN, HP_SENT_INCOMING,
		 "tcp 198.51.100.9:40000 > 192.168.11.20:5000 S"},
		{0},
	};
	struct rig *rig = *state;
	_close_ _unused_ int fd = open_socket("203.0.113.5", 5000, SOCK_STREAM);

	rig_reset(rig, RIG_PLAN "forward tcp 5000 192.168.11.20:5000\n");
	rig_steps(rig, steps);
}

/*
 * A connection that a listener accepted while the port was open is closed with the port; one that the gateway opened itself
 * before us is taken up.
 */
static void test_midstream(void **state)
{
	static const struct step accepted[] = {
		{FROM_HOST, "tcp 203.0.113.5:2222 > 198.51.100.9:50000 A", DROP, HP_DROP_CLOSED,
		 NULL, ""},
		{FROM_HOST, "tcp 203.0.113.5:2222 > 198.51.100.9:50000 SA", DROP, HP_DROP_CLOSED,
		 NULL, ""},
		{FROM_HOST, "tcp 203.0.113.5:2222 > 198.51.100.9:50000 R", PASS, HP_PASS_OWN_FLOW,
		 NULL, ""},
		{FROM_HOST, "tcp [2001:db8:ff::5]:2223 > [2001:db8:77::7]:50000 A", DROP,
		 HP_DROP_CLOSED, NULL, ""},
		{0},
	};
	static const struct step opened[] = {
		{FROM_HOST, "tcp 203.0.113.5:2224 > 198.51.100.9:443 A", PASS, HP_PASS_OWN_FLOW},
		{FROM_WAN, "tcp 198.51.100.9:443 > 203.0.113.5:2224 A", PASS, HP_PASS_OWN_FLOW},
		{FROM_HOST, "tcp [2001:db8:ff::5]:2224 > [2001:db8:77::7]:443 A", PASS,
		 HP_PASS_OWN_FLOW},
		{FROM_WAN, "tcp [2001:db8:77::7]:443 > [2001:db8:ff::5]:2224 A", PASS,
		 HP_PASS_OWN_FLOW},
		{0},
	};
	struct rig *rig = *state;
	_close_ _unused_ int v4 = open_socket("203.0.113.5", 2222, SOCK_STREAM);
	_close_ _unused_ int v6 = open_socket("2001:db8:ff::5", 2223, SOCK_STREAM);

	rig_reset(rig, RIG_PLAN);
	rig_steps(rig, accepted);
	rig_steps(rig, opened);
}

/* Connects the socket, or lets it try: what it asks for leaves by a device at whose other end nobody listens. */
static void connect_socket(int fd, const char *address, __u16 port)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	int ret;

	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	if (inet_pton(AF_INET6, address, &v6.sin6_addr) == 1) {
		ret = connect(fd, (struct sockaddr *)&v6, sizeof(v6));
	} else {
		assert_int_equal(inet_pton(AF_INET, address, &v4.sin_addr), 1);
		ret = connect(fd, (struct sockaddr *)&v4, sizeof(v4));
	}
	assert_true(!ret || errno == EINPROGRESS);
}

/* A bound socket of TCP that does not listen. */
static int open_client(const char *address, __u16 port, int type)
{
	int fd = open_socket(address, port, type);

	if (type == SOCK_STREAM)
		assert_int_equal(shutdown(fd, SHUT_RDWR), 0);
	return fd;
}

/* An isolated host may answer what a socket of the gateway asked it, from where it was asked. */
static void test_isolated_answers(void **state)
{
	static const struct step asked[] = {
		{FROM_ISO, "udp 192.168.13.30:7 > 192.168.13.1:5000", PASS, HP_PASS_OWN_FLOW},
		{FROM_ISO, "udp 192.168.13.30:8 > 192.168.13.1:5000", DROP, HP_DROP_ISOLATED},
		{FROM_ISO, "udp 192.168.13.31:7 > 192.168.13.1:5000", DROP, HP_DROP_ISOLATED},
		{FROM_ISO, "tcp 192.168.13.30:80 > 192.168.13.1:5001 SA", PASS, HP_PASS_OWN_FLOW},
		{FROM_ISO, "tcp 192.168.13.30:81 > 192.168.13.1:5001 SA", DROP, HP_DROP_ISOLATED},
		{FROM_ISO, "udp [2001:db8:13::30]:7 > [2001:db8:13::1]:5000", PASS,
		 HP_PASS_OWN_FLOW},
		{FROM_ISO, "udp [2001:db8:13::30]:8 > [2001:db8:13::1]:5000", DROP,
		 HP_DROP_ISOLATED},
		{FROM_ISO, "tcp [2001:db8:13::30]:80 > [2001:db8:13::1]:5001 SA", PASS,
		 HP_PASS_OWN_FLOW},
		{0},
	};
	struct rig *rig = *state;
	_close_ int udp = open_client("192.168.13.1", 5000, SOCK_DGRAM);
	_close_ int tcp = open_client("192.168.13.1", 5001, SOCK_STREAM);
	_close_ int udp6 = open_client("2001:db8:13::1", 5000, SOCK_DGRAM);
	_close_ int tcp6 = open_client("2001:db8:13::1", 5001, SOCK_STREAM);

	connect_socket(udp, "192.168.13.30", 7);
	connect_socket(tcp, "192.168.13.30", 80);
	connect_socket(udp6, "2001:db8:13::30", 7);
	connect_socket(tcp6, "2001:db8:13::30", 80);
	rig_reset(rig, RIG_PLAN);
	rig_steps(rig, asked);
}

/* A socket that waits for anybody asked nobody. */
static void test_isolated_does_not_ask(void **state)
{
	static const struct step steps[] = {
		{FROM_ISO, "udp 192.168.13.30:7 > 192.168.13.1:5000", DROP, HP_DROP_ISOLATED},
		{FROM_ISO, "tcp 192.168.13.30:80 > 192.168.13.1:5001 S", DROP, HP_DROP_ISOLATED},
		{FROM_ISO, "udp [2001:db8:13::30]:7 > [2001:db8:13::1]:5002", DROP,
		 HP_DROP_ISOLATED},
		{FROM_ISO, "tcp [2001:db8:13::30]:80 > [2001:db8:13::1]:5003 S", DROP,
		 HP_DROP_ISOLATED},
		{0},
	};
	struct rig *rig = *state;
	_close_ _unused_ int udp = open_socket("0.0.0.0", 5000, SOCK_DGRAM);
	_close_ _unused_ int tcp = open_socket("0.0.0.0", 5001, SOCK_STREAM);
	_close_ _unused_ int udp6 = open_socket("::", 5002, SOCK_DGRAM);
	_close_ _unused_ int tcp6 = open_socket("::", 5003, SOCK_STREAM);

	rig_reset(rig, RIG_PLAN);
	rig_steps(rig, steps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_udp),
		cmocka_unit_test(test_own_tcp),
		cmocka_unit_test(test_forward_first),
		cmocka_unit_test(test_midstream),
		cmocka_unit_test(test_isolated_answers),
		cmocka_unit_test(test_isolated_does_not_ask),
	};

	rig_need_root();
	return cmocka_run_group_tests_name("socket", tests, rig_setup, rig_teardown);
}
