// SPDX-License-Identifier: GPL-2.0-or-later
/* Sessions of ssh and of the kernel's NAT, made for real in a network namespace for each test. */
#include "peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <nftables/libnftables.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "netns.h"

static struct ip_addr addr_of(const char *text)
{
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	return addr;
}

/* --- $SSH_CONNECTION ------------------------------------------------------------------------------ */

static const struct {
	const char *env;
	const char *text; /* NULL: refused */
} connections[] = {
	{"198.51.100.7 50022 203.0.113.1 22", "198.51.100.7:50022 to 203.0.113.1:22"},
	{"2001:db8::7 50022 2001:db8::1 2222", "[2001:db8::7]:50022 to [2001:db8::1]:2222"},
	{"fe80::7%eth0 50022 fe80::1%eth0 22", "[fe80::7]:50022 to [fe80::1]:22 on eth0"},
	{"::ffff:198.51.100.7 1 203.0.113.1 65535", "198.51.100.7:1 to 203.0.113.1:65535"},
	{NULL, NULL},
	{"", NULL},
	{"UNKNOWN 65535 UNKNOWN 65535", NULL},
	{"198.51.100.7 50022 203.0.113.1", NULL},
	{"198.51.100.7 50022 203.0.113.1 22 more", NULL},
	{"198.51.100.7 0 203.0.113.1 22", NULL},
	{"198.51.100.7 65536 203.0.113.1 22", NULL},
	{"198.51.100.7 -1 203.0.113.1 22", NULL},
	{"198.51.100.7 ssh 203.0.113.1 22", NULL},
	{"198.51.100.256 50022 203.0.113.1 22", NULL},
	{"fe80::7% 50022 fe80::1 22", NULL},
	{"fe80::7%interface-too-long 50022 fe80::1 22", NULL},
};

static void ssh_connection_is_parsed(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(connections); i++) {
		struct strbuf text _strbuf_ = {};
		struct peer peer = {.local_port = 4711};
		bool parsed = peers_parse_ssh_connection(connections[i].env, &peer);

		assert_int_equal(parsed, connections[i].text != NULL);
		if (!parsed) {
			assert_int_equal(peer.local_port, 4711);
			continue;
		}
		peer_format(&peer, &text);
		assert_string_equal(strbuf_text(&text), connections[i].text);
	}
}

static void peers_are_equal_by_all_four(void **state _unused_)
{
	struct peer a, b;

	assert_true(peers_parse_ssh_connection("192.0.2.7 1000 192.0.2.1 22", &a));
	b = a;
	strcpy(b.interface, "eth0");
	assert_true(peer_equal(&a, &b));
	b.remote_port++;
	assert_false(peer_equal(&a, &b));
	b = a;
	b.local_port++;
	assert_false(peer_equal(&a, &b));
	b = a;
	b.local = addr_of("192.0.2.2");
	assert_false(peer_equal(&a, &b));
	b = a;
	b.remote = addr_of("192.0.2.2");
	assert_false(peer_equal(&a, &b));
}

/* --- which side ----------------------------------------------------------------------------------- */

static int enter(void **state)
{
	*state = NULL;
	netns_enter();
	run("ip link set lo up");
	return 0;
}

static int enter_with_two_sides(void **state)
{
	enter(state);
	run("ip link add wan type veth peer name wan-peer && ip link add lan type veth peer name "
	    "lan-peer");
	run("for i in wan wan-peer lan lan-peer; do ip link set $i up; done");
	run("ip addr add 203.0.113.1/24 dev wan && ip addr add 192.168.11.1/24 dev lan");
	run("ip -6 addr add 2001:db8:11::1/64 dev lan nodad");
	return 0;
}

static void assert_side(const char *env, const char *interface)
{
	struct peer peer;

	assert_true(peers_parse_ssh_connection(env, &peer));
	assert_int_equal(peer_interface_find(&peer), 0);
	assert_string_equal(peer.interface, interface);
}

static void side_is_where_the_remote_is(void **state _unused_)
{
	assert_side("203.0.113.9 1000 203.0.113.1 22", "wan");
	assert_side("192.168.11.20 1000 192.168.11.1 22", "lan");
	/* From the LAN to the public address: not a session over WAN. */
	assert_side("192.168.11.20 1000 203.0.113.1 22", "lan");
	assert_side("2001:db8:11::20 1000 2001:db8:11::1 22", "lan");
	assert_side("203.0.113.1 1000 203.0.113.1 22", "lo");
}

static void side_of_nowhere_is_empty(void **state _unused_)
{
	struct peer peer;

	assert_true(peers_parse_ssh_connection("198.51.100.7 1000 203.0.113.1 22", &peer));
	strcpy(peer.interface, "stale");
	assert_int_equal(peer_interface_find(&peer), -ENETUNREACH);
	assert_string_equal(peer.interface, "");
}

/* --- ssh sessions --------------------------------------------------------------------------------- */

/* Listens on loopback of both families at @port (0: any), and returns the socket. */
static int listen_on(__u16 port)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof(any)), 0);
	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

static int connect_to(__u16 port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static __u16 port_of(int fd)
{
	struct sockaddr_in addr;
	socklen_t length = sizeof(addr);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &length), 0);
	return ntohs(addr.sin_port);
}

static size_t ssh_count(__u16 port)
{
	struct peer *peers _free_ = NULL;
	size_t n = 77;

	assert_int_equal(peers_read_ssh(port, &peers, &n), 0);
	return n;
}

static void session_on_port_22(void **state _unused_)
{
	int server _close_ _unused_ = listen_on(22), client _close_ _unused_ = connect_to(22);
	struct peer *peers _free_ = NULL;
	char text[IP_TEXT_MAX];
	size_t n;

	assert_int_equal(peers_read_ssh(0, &peers, &n), 0);
	assert_int_equal(n, 1); /* the server's end and not the client's */
	assert_string_equal(ip_addr_format(&peers->local, text), "127.0.0.1");
	assert_string_equal(ip_addr_format(&peers->remote, text), "127.0.0.1");
	assert_int_equal(peers->local_port, 22);
	assert_int_equal(peers->remote_port, port_of(client));
	assert_string_equal(peers->interface, "lo");
}

static void no_session_without_a_connection(void **state _unused_)
{
	int server _close_ _unused_ = listen_on(22);
	struct peer *peers = NULL;
	size_t n = 77;

	assert_int_equal(peers_read_ssh(2222, &peers, &n), 0);
	assert_int_equal(n, 0);
	assert_null(peers);
}

static void session_on_the_port_of_the_asker(void **state _unused_)
{
	int server _close_ _unused_ = listen_on(2222), client _close_ _unused_ = connect_to(2222);

	assert_int_equal(ssh_count(0), 0);
	assert_int_equal(ssh_count(2223), 0);
	assert_int_equal(ssh_count(2222), 1);
}

/* This program stands in for sshd, by its name. */
static int named_sshd(void **state)
{
	enter(state);
	return prctl(PR_SET_NAME, "sshd");
}

static int named_back(void **state _unused_)
{
	return prctl(PR_SET_NAME, "unit_peers");
}

static void session_on_a_port_of_sshd(void **state _unused_)
{
	int server _close_ _unused_ = listen_on(2222), client _close_ _unused_ = connect_to(2222);

	assert_int_equal(ssh_count(0), 1);
}

/* A child of sshd's that listens for its client (ssh -R): whoever comes there is no ssh session. */
static void forwarded_port_is_no_session(void **state _unused_)
{
	int ready[2], client _close_ _unused_ = -1;
	pid_t pid;
	char byte;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		listen_on(6010);
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	client = connect_to(6010);
	assert_int_equal(ssh_count(0), 0);
	assert_int_equal(ssh_count(6010), 1);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(ready[0]);
	close(ready[1]);
}

/* --- the kernel's NAT ----------------------------------------------------------------------------- */

static void ruleset_add(const char *commands)
{
	struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);

	assert_non_null(nft);
	assert_int_equal(nft_run_cmd_from_buffer(nft, commands), 0);
	nft_ctx_free(nft);
}

static size_t nat_count(size_t max, struct strbuf *lines)
{
	size_t n = 77;

	assert_int_equal(peers_read_nat(max, lines, &n), 0);
	return n;
}

static void translated_destination_is_told(void **state _unused_)
{
	struct strbuf lines _strbuf_ = {};
	int server _close_ _unused_ = listen_on(8080), client _close_ _unused_ = -1;
	char expected[160];

	ruleset_add("table ip t { chain c { type nat hook output priority -100; "
		    "tcp dport 80 redirect to :8080; }; }");
	assert_int_equal(nat_count(10, &lines), 0);
	client = connect_to(80);
	assert_int_equal(nat_count(10, &lines), 1);
	snprintf(expected, sizeof(expected),
		 "tcp 127.0.0.1:%u to 127.0.0.1:80, destination becomes 127.0.0.1:8080\n",
		 port_of(client));
	assert_string_equal(strbuf_text(&lines), expected);
}

static void translated_source_is_told(void **state _unused_)
{
	struct strbuf lines _strbuf_ = {};
	int server _close_ _unused_ = listen_on(8080), client _close_ _unused_ = -1;
	char expected[160];

	run("ip addr add 192.0.2.9/32 dev lo");
	ruleset_add("table ip t { chain c { type nat hook postrouting priority 100; "
		    "tcp dport 8080 snat to 192.0.2.9:4000; }; }");
	client = connect_to(8080);
	assert_int_equal(nat_count(10, &lines), 1);
	snprintf(expected, sizeof(expected),
		 "tcp 127.0.0.1:%u to 127.0.0.1:8080, source becomes 192.0.2.9:4000\n",
		 port_of(client));
	assert_string_equal(strbuf_text(&lines), expected);
}

/* Tracked and not translated: nothing of it breaks when the NAT changes hands. */
static void untranslated_connection_does_not_count(void **state _unused_)
{
	struct strbuf lines _strbuf_ = {};
	int server _close_ _unused_ = listen_on(8080), client _close_ _unused_ = -1;

	ruleset_add("table ip t { chain c { type filter hook output priority 0; "
		    "ct state new counter; }; }");
	client = connect_to(8080);
	assert_int_equal(nat_count(10, &lines), 0);
	assert_string_equal(strbuf_text(&lines), "");
}

static void count_goes_on_after_the_last_line(void **state _unused_)
{
	int server _close_ _unused_ = listen_on(8080), first _close_ _unused_ = -1,
			   second _close_ _unused_ = -1;
	struct strbuf lines _strbuf_ = {};

	ruleset_add("table ip t { chain c { type nat hook output priority -100; "
		    "tcp dport 80 redirect to :8080; }; }");
	first = connect_to(80);
	second = connect_to(80);
	assert_int_equal(nat_count(1, &lines), 2);
	assert_ptr_equal(strchr(strbuf_text(&lines), '\n') + 1, strbuf_text(&lines) + lines.length);
	strbuf_reset(&lines);
	assert_int_equal(nat_count(0, &lines), 2);
	assert_int_equal(lines.length, 0);
}

#define IN_NETNS(test) cmocka_unit_test_setup(test, enter)
#define WITH_SIDES(test) cmocka_unit_test_setup(test, enter_with_two_sides)
#define AS_SSHD(test) cmocka_unit_test_setup_teardown(test, named_sshd, named_back)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ssh_connection_is_parsed),
		cmocka_unit_test(peers_are_equal_by_all_four),
		WITH_SIDES(side_is_where_the_remote_is),
		WITH_SIDES(side_of_nowhere_is_empty),
		IN_NETNS(session_on_port_22),
		IN_NETNS(no_session_without_a_connection),
		IN_NETNS(session_on_the_port_of_the_asker),
		AS_SSHD(session_on_a_port_of_sshd),
		AS_SSHD(forwarded_port_is_no_session),
		IN_NETNS(translated_destination_is_told),
		IN_NETNS(translated_source_is_told),
		IN_NETNS(untranslated_connection_does_not_count),
		IN_NETNS(count_goes_on_after_the_last_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
