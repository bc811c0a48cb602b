// SPDX-License-Identifier: GPL-2.0-or-later
/* The question whose gateway we are as a frame, and what counts as an answer to it; and a real kernel that answers, behind a filter that takes everything away. */
#include "echo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cmocka.h>

#include <hairpin/limits.h>

#include "echo_tap.h"
#include "neighs.h"
#include "netns.h"

static const struct echo ask = {.from_mac = {2, 0, 0, 0, 0, 1},
				.to_mac = {2, 0, 0, 0, 0, 2},
				.token = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xff}};

#define IP_AT 14
#define ICMP_AT 34

static void sum_set(__u8 *at, size_t length, size_t sum_at)
{
	__u32 sum = 0;

	at[sum_at] = at[sum_at + 1] = 0;
	for (size_t i = 0; i < length; i += 2)
		sum += (__u32)(at[i] << 8 | at[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	at[sum_at] = (__u8)(~sum >> 8);
	at[sum_at + 1] = (__u8)~sum;
}

static void sums_set(__u8 *frame)
{
	sum_set(frame + IP_AT, 20, 10);
	sum_set(frame + ICMP_AT, ECHO_FRAME_BYTES - ICMP_AT, 2);
}

/* What an honest server makes of the question. */
static void reply_make(__u8 *frame)
{
	struct echo question = ask;

	question.from = htonl(0xc0a80b14);
	question.to = htonl(GATEWAY_OUTSIDE);
	echo_request_write(&question, frame);
	frame[ICMP_AT] = 0;
	sums_set(frame);
}

static void test_request(void **state _unused_)
{
	/* By hand: 192.0.2.213 asks 192.168.11.20. */
	static const __u8 wanted[] = {2,    0,	  0,	0,  0,	2,   2,	  0,   0,    0,	  0,  1,
				      8,    0,	  0x45, 0,  0,	44,  0,	  0,   0x40, 0,	  64, 1,
				      0xac, 0xa9, 192,	0,  2,	213, 192, 168, 11,   20,  8,  0,
				      0xb6, 0xbe, 1,	2,  0,	0,   1,	  2,   3,    4,	  5,  6,
				      7,    8,	  9,	10, 11, 12,  13,  14,  15,   0xff};
	__u8 frame[ECHO_FRAME_BYTES], summed[ECHO_FRAME_BYTES];
	struct echo question = ask;

	question.from = htonl(GATEWAY_OUTSIDE);
	question.to = htonl(0xc0a80b14);
	echo_request_write(&question, frame);
	memcpy(summed, frame, sizeof(frame));
	sums_set(summed);
	assert_memory_equal(frame, summed, sizeof(frame));
	/* But for the sums, which were judged above. */
	memcpy(summed, wanted, sizeof(wanted));
	sums_set(summed);
	assert_memory_equal(frame, summed, sizeof(frame));
}

static void test_reply(void **state _unused_)
{
	__u8 frame[ECHO_FRAME_MAX] = {0};
	struct echo reply;

	reply_make(frame);
	assert_true(echo_reply_read(frame, ECHO_FRAME_BYTES, &reply));
	assert_int_equal(ntohl(reply.to), GATEWAY_OUTSIDE);
	assert_int_equal(ntohl(reply.from), 0xc0a80b14);
	assert_memory_equal(reply.token, ask.token, ECHO_TOKEN_BYTES);
	assert_memory_equal(reply.from_mac, ask.from_mac, 6);
	/* The padding of a short frame. */
	assert_true(echo_reply_read(frame, 60, &reply));
}

static void test_refused(void **state _unused_)
{
	static const struct {
		size_t at;
		__u8 value;
		const char *what;
	} cases[] = {
		{12, 0x86, "not IPv4"},
		{IP_AT, 0x46, "options"},
		{IP_AT, 0x65, "another version"},
		{IP_AT + 3, 43, "shorter than it has to be"},
		{IP_AT + 3, 45, "longer"},
		{IP_AT + 6, 0x20, "more fragments"},
		{IP_AT + 7, 1, "a later fragment"},
		{IP_AT + 9, 17, "UDP"},
		{ICMP_AT, 8, "a question"},
		{ICMP_AT + 1, 1, "another code"},
	};
	__u8 frame[ECHO_FRAME_BYTES];
	struct echo reply;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		reply_make(frame);
		frame[cases[i].at] = cases[i].value;
		sums_set(frame);
		if (echo_reply_read(frame, sizeof(frame), &reply))
			fail_msg("%s", cases[i].what);
	}
	/* Any octet behind the addresses of the frame is under a sum. */
	for (size_t at = IP_AT; at < ECHO_FRAME_BYTES; at++) {
		reply_make(frame);
		frame[at] ^= 0x10;
		if (echo_reply_read(frame, sizeof(frame), &reply))
			fail_msg("octet %zu", at);
	}
	reply_make(frame);
	for (size_t length = 0; length < ECHO_FRAME_BYTES; length++)
		assert_false(echo_reply_read(frame, length, &reply));
}

/* --- a real kernel ------------------------------------------------------------------------------------ */

static struct neigh neigh_of(const char *text)
{
	struct neigh *neighs = NULL, found = {0};
	struct ip_addr addr;
	size_t n = 0;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	assert_int_equal(neighs_read(&neighs, &n), 0);
	for (size_t i = 0; i < n; i++) {
		if (ip_addr_equal(&neighs[i].addr, &addr))
			found = neighs[i];
	}
	free(neighs);
	return found;
}

/*
 * A cable from us (eth0) to a server in a namespace of its own, whose gateway is us. Our netfilter drops all that comes and goes before anything else sees it,
 * as a backend or a rule of others may.
 */
static int enter(void **state)
{
	static pid_t server;
	int ready[2];
	char octet;

	netns_enter();
	assert_int_equal(pipe(ready), 0);
	server = fork();
	if (!server) {
		netns_enter();
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &octet, 1), 1);
	close(ready[0]);
	close(ready[1]);
	run("ip link add eth0 address 02:00:00:00:00:01 type veth peer name eth1 address 02:00:00:00:00:02 netns %d",
	    (int)server);
	run("ip addr add 192.168.11.3/24 dev eth0 && ip link set eth0 up");
	run("nsenter --net=/proc/%d/ns/net sh -ec 'ip addr add 192.168.11.20/24 dev eth1; ip link set eth1 up; "
	    "ip route add default via 192.168.11.3'",
	    (int)server);
	run("nft 'table netdev deaf { chain in { type filter hook ingress device eth0 priority -500; ip protocol icmp drop; }; }'");
	*state = &server;
	return 0;
}

static int leave(void **state)
{
	const pid_t *server = *state;

	kill(*server, SIGKILL);
	waitpid(*server, NULL, 0);
	return 0;
}

/* Has the kernel find it out. */
static struct neigh neigh_wait(const char *text)
{
	int watch _close_ = neighs_watch_open();
	struct pollfd one = {.fd = watch, .events = POLLIN};
	struct neigh found = {0};
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	assert_int_equal(neigh_use(if_nametoindex("eth0"), &addr), 0);
	while (!(found = neigh_of(text)).ifindex && poll(&one, 1, 5000) == 1)
		neighs_watch_drain(watch);
	return found;
}

static ssize_t frame_wait(const struct echo_tap *tap, __u8 *frame)
{
	struct pollfd one = {.fd = tap->fd, .events = POLLIN};

	return poll(&one, 1, 5000) == 1 ? echo_tap_take(tap, frame) : 0;
}

static void test_kernel(void **state _unused_)
{
	struct ip_addr server;
	struct echo question = ask, reply;
	__u8 frame[ECHO_FRAME_MAX];
	struct echo_tap tap, other;
	struct neigh neigh;

	assert_int_equal(ip_addr_parse("192.168.11.20", &server), 0);
	assert_int_equal(neigh_of("192.168.11.20").ifindex, 0);
	neigh = neigh_wait("192.168.11.20");
	assert_int_equal(neigh.ifindex, if_nametoindex("eth0"));
	assert_memory_equal(neigh.mac, ask.to_mac, 6);

	assert_int_equal(echo_tap_open(&tap, neigh.ifindex), 0);
	assert_int_equal(echo_tap_open(&other, neigh.ifindex), 0);
	assert_int_equal(echo_tap_token(&tap, question.token), 0);
	question.from = htonl(GATEWAY_OUTSIDE);
	question.to = ip_addr_v4(&server);
	assert_int_equal(echo_tap_ask(&tap, &question), 0);
	assert_true(frame_wait(&tap, frame) >= ECHO_FRAME_BYTES);
	assert_true(echo_reply_read(frame, sizeof(frame), &reply));
	assert_memory_equal(reply.token, question.token, ECHO_TOKEN_BYTES);
	assert_memory_equal(reply.from_mac, ask.to_mac, 6);
	assert_memory_equal(reply.to_mac, ask.from_mac, 6);
	assert_int_equal(ntohl(reply.to), GATEWAY_OUTSIDE);
	/* Nothing else is let through: not its own question, nor an answer to another tap. */
	assert_int_equal(echo_tap_take(&tap, frame), 0);
	assert_int_equal(echo_tap_take(&other, frame), 0);
	echo_tap_close(&tap);
	echo_tap_close(&other);
	assert_int_equal(echo_tap_open(&tap, 9999), -ENODEV);
	assert_int_equal(tap.fd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_reply),
		cmocka_unit_test(test_refused),
		cmocka_unit_test_setup_teardown(test_kernel, enter, leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
