// SPDX-License-Identifier: GPL-2.0-or-later
/* When a session is over: its timer, the sweep, and the packet that comes too late while nobody sweeps. */
/* Requirements: 6, 7, 8, 28, 29, 36, 60. */
#include <time.h>

#include "rig.h"

/* The clock goes on while a test runs. */
#define SLACK_S 5

#define SYN                                                                             \
	{                                                                               \
		FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 S", TO_WAN,       \
			HP_SENT_OUTGOING, "tcp 203.0.113.5:40000 > 198.51.100.7:443 S", \
	}
#define SYN_ACK                                                                                    \
	{                                                                                          \
		FROM_WAN, "tcp 198.51.100.7:443 > 203.0.113.5:40000 SA", TO_LAN, HP_SENT_INCOMING, \
			"tcp 198.51.100.7:443 > 192.168.11.30:40000 SA",                           \
	}
#define FROM_INITIATOR(flags)                                                                \
	{                                                                                    \
		FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 " flags, TO_WAN,       \
			HP_SENT_OUTGOING, "tcp 203.0.113.5:40000 > 198.51.100.7:443 " flags, \
	}
#define FROM_RESPONDER(flags)                                                                  \
	{                                                                                      \
		FROM_WAN, "tcp 198.51.100.7:443 > 203.0.113.5:40000 " flags, TO_LAN,           \
			HP_SENT_INCOMING, "tcp 198.51.100.7:443 > 192.168.11.30:40000 " flags, \
	}
#define UDP                                                                                       \
	{                                                                                         \
		FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:443", TO_WAN, HP_SENT_OUTGOING, \
			"udp 203.0.113.5:40000 > 198.51.100.7:443",                               \
	}

/* RFC 5382 REQ-5, RFC 4787 REQ-5, RFC 5508 REQ-2; written out, not taken from limits.h. */
static const struct {
	const char *name;
	struct step steps[7];
	__u32 timeout_s;
} lives[] = {
	{"TCP opening", {SYN}, 240},
	{"TCP answered", {SYN, SYN_ACK}, 240},
	{"TCP established", {SYN, SYN_ACK, FROM_INITIATOR("A")}, 7440},
	{
		"TCP half closed",
		{SYN, SYN_ACK, FROM_INITIATOR("A"), FROM_INITIATOR("FA")},
		7440,
	},
	{
		"TCP closed",
		{SYN, SYN_ACK, FROM_INITIATOR("A"), FROM_INITIATOR("FA"), FROM_RESPONDER("FA")},
		240,
	},
	{"TCP reset", {SYN, SYN_ACK, FROM_INITIATOR("A"), FROM_RESPONDER("R")}, 240},
	{"UDP", {UDP}, 300},
	/* RFC 4787 REQ-5a: a well-known port has a time of its own. */
	{
		"a question to a name server",
		{{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53", TO_WAN, HP_SENT_OUTGOING,
		  "udp 203.0.113.5:40000 > 198.51.100.7:53"}},
		20,
	},
	{
		"a question of the gateway's own",
		{{FROM_HOST, "udp 203.0.113.5:40000 > 198.51.100.7:53", PASS, HP_PASS_OWN_FLOW}},
		20,
	},
	{
		"a question over IPv6",
		{{FROM_LAN, "udp [2001:db8:11::30]:40000 > [2001:db8:77::7]:53", PASS,
		  HP_PASS_ROUTED6}},
		20,
	},
	{
		"echo",
		{{FROM_LAN, "icmp 192.168.11.30 > 198.51.100.7 request id=9", TO_WAN,
		  HP_SENT_OUTGOING, "icmp 203.0.113.5 > 198.51.100.7 request id=9"}},
		60,
	},
	{
		"echo of IPv6",
		{{FROM_LAN, "icmp6 [2001:db8:11::30] > [2001:db8:77::7] request id=9", PASS,
		  HP_PASS_ROUTED6}},
		60,
	},
	{
		"a tunnel of the gateway",
		{{FROM_HOST, "proto=47 203.0.113.5 > 198.51.100.7", PASS, HP_PASS_OWN_FLOW}},
		300,
	},
};

static void test_timeouts(void **state)
{
	struct rig *rig = *state;

	for (size_t i = 0; i < ARRAY_SIZE(lives); i++) {
		print_message("# %s\n", lives[i].name);
		rig_reset(rig, RIG_PLAN);
		rig_steps(rig, lives[i].steps);
		rig_age(rig, 0, lives[i].timeout_s - SLACK_S);
		assert_int_equal(rig_sweep(rig, false), 0);
		rig_age(rig, 0, SLACK_S);
		assert_int_equal(rig_sweep(rig, false), 1);
		rig_expect_state(rig, "");
	}
}

/* Nobody sweeps while the daemon is dead: a packet that comes too late finds no session. */
static void test_late_packets(void **state)
{
	static const struct step opening[] = {UDP, {0}};
	static const struct step late_answer[] = {
		{FROM_WAN, "udp 198.51.100.7:443 > 203.0.113.5:40000", DROP, HP_DROP_CLOSED, NULL,
		 ""},
		{0},
	};
	static const struct step late_ack[] = {
		{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 A", DROP, HP_DROP_NO_SESSION,
		 NULL, ""},
		{0},
	};
	static const struct step syn[] = {SYN, {0}};
	struct rig *rig = *state;

	rig_reset(rig, RIG_PLAN);
	rig_steps(rig, opening);
	rig_age(rig, 0, TIMEOUT_UDP_S);
	rig_steps(rig, late_answer);

	rig_reset(rig, RIG_PLAN);
	rig_steps(rig, syn);
	rig_age(rig, 0, TIMEOUT_TCP_TRANSITORY_S);
	rig_steps(rig, late_ack);

	/* One that may open a session opens a new one. */
	rig_reset(rig, RIG_PLAN);
	rig_steps(rig, opening);
	rig_age(rig, 0, TIMEOUT_UDP_S);
	rig_steps(rig, opening);
	assert_in_range(rig_session(rig, 1).last_seen_s - rig_session(rig, 0).last_seen_s,
			TIMEOUT_UDP_S - 1, TIMEOUT_UDP_S + SLACK_S);
}

/* A session that is over does not keep the tuple of a new one. */
static void test_late_clash(void **state)
{
	struct rig *rig = *state;
	static const struct step first[] = {
		{FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.5:6000", TO_LAN, HP_SENT_INCOMING,
		 "udp 198.51.100.9:50000 > 192.168.11.20:6000"},
		{FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.6:6000", DROP, HP_DROP_CLASH},
		{0},
	};
	static const struct step second[] = {
		{FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.6:6000", TO_LAN, HP_SENT_INCOMING,
		 "udp 198.51.100.9:50000 > 192.168.11.20:6000",
		 "forward udp wan 198.51.100.9:50000>203.0.113.6:6000 "
		 "lan 198.51.100.9:50000>192.168.11.20:6000 service0\n"},
		{0},
	};

	rig_reset(rig, RIG_PLAN "forward udp 6000 192.168.11.20:6000\n");
	rig_steps(rig, first);
	rig_age(rig, 0, TIMEOUT_UDP_S);
	rig_steps(rig, second);
}

/* Packets of either direction keep it alive (RFC 4787 REQ-6 asks for outbound ones at least). */
static void test_packets_keep_alive(void **state)
{
	static const struct step opening[] = {UDP, {0}};
	static const struct step answer[] = {
		{FROM_WAN, "udp 198.51.100.7:443 > 203.0.113.5:40000", TO_LAN, HP_SENT_INCOMING,
		 "udp 198.51.100.7:443 > 192.168.11.30:40000"},
		{0},
	};
	struct rig *rig = *state;

	rig_reset(rig, RIG_PLAN);
	rig_steps(rig, opening);
	for (unsigned int i = 0; i < 4; i++) {
		__u32 fresh = rig_session(rig, 0).last_seen_s;

		rig_age(rig, 0, TIMEOUT_UDP_S - SLACK_S);
		rig_steps(rig, i % 2 ? opening : answer);
		assert_in_range(rig_session(rig, 0).last_seen_s, fresh, fresh + SLACK_S);
	}
	assert_int_equal(rig_sweep(rig, false), 0);
}

/* A mapping lives as long as any of its sessions, and goes with the last. */
static void test_mapping_goes_last(void **state)
{
	static const struct step opening[] = {
		UDP,
		{FROM_LAN, "udp 192.168.11.30:40000 > 192.0.2.80:53", TO_WAN, HP_SENT_OUTGOING,
		 "udp 203.0.113.5:40000 > 192.0.2.80:53"},
		{0},
	};
	struct rig *rig = *state;

	rig_reset(rig, RIG_PLAN);
	rig_steps(rig, opening);
	rig_age(rig, 0, TIMEOUT_UDP_S);
	assert_int_equal(rig_sweep(rig, false), 1);
	rig_expect_state(rig, "outgoing udp lan 192.168.11.30:40000>192.0.2.80:53 "
			      "wan 203.0.113.5:40000>192.0.2.80:53\n"
			      "mapping udp 192.168.11.30:40000 = 203.0.113.5:40000 x1\n");
	rig_age(rig, 1, TIMEOUT_UDP_S);
	assert_int_equal(rig_sweep(rig, false), 1);
	rig_expect_state(rig, "");
}

/* A clock that seems to go back, as another CPU's may by a second, ends nothing. */
static void test_stamp_of_the_future(void **state)
{
	static const struct step opening[] = {UDP, {0}};
	struct rig *rig = *state;

	rig_reset(rig, RIG_PLAN);
	rig_steps(rig, opening);
	rig_age(rig, 0, (__u32)-2);
	assert_int_equal(rig_sweep(rig, false), 0);
	rig_steps(rig, opening);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_timeouts),
		cmocka_unit_test(test_late_packets),
		cmocka_unit_test(test_late_clash),
		cmocka_unit_test(test_packets_keep_alive),
		cmocka_unit_test(test_mapping_goes_last),
		cmocka_unit_test(test_stamp_of_the_future),
	};

	rig_need_root();
	return cmocka_run_group_tests_name("expiry", tests, rig_setup, rig_teardown);
}
