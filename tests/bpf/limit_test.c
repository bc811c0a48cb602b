// SPDX-License-Identifier: GPL-2.0-or-later
/* When there is no room and no port: the packet is refused and counted, nobody loses anything for it, and nothing is left behind. */
/* Requirements: 45, 52, 68. */
#include <linux/pkt_cls.h>
#include <string.h>

#include "rig.h"

#define SESSIONS 4

/* "Communication administratively prohibited" to whom follows, about what follows then. */
#define PROHIBITED "icmp 192.168.11.1 > "
#define QUOTE(packet) " type=3/13 tos=0xc0 ttl=64 quote=16 about ( " packet " )"

static int setup(void **state)
{
	*state = rig_open(SESSIONS);
	return 0;
}

/* Outgoing: sent, or refused for @reason, and the host is told that it was (RFC 5508 REQ-8). */
static void run_outgoing(struct rig *rig, unsigned int host, enum hp_reason reason)
{
	bool refused = reason != HP_SENT_OUTGOING;
	char in[128], out[256];
	const struct step step = {
		.from = FROM_LAN,
		.in = in,
		.verdict = refused ? TO_LAN : TO_WAN,
		.reason = reason,
		.out = out,
		.also = refused ? HP_SENT_ICMP_ERROR : 0,
	};

	snprintf(in, sizeof(in), "udp 192.168.11.%u:%u > 198.51.100.7:53 len=8", host,
		 40000 + host);
	if (refused)
		snprintf(out, sizeof(out), PROHIBITED "192.168.11.%u" QUOTE("%s"), host, in);
	else
		snprintf(out, sizeof(out), "udp 203.0.113.5:%u > 198.51.100.7:53 len=8",
			 40000 + host);
	rig_step(rig, &step);
}

static void test_table_full(void **state)
{
	struct rig *rig = *state;
	_strbuf_ struct strbuf before = {0};

	rig_reset(rig, RIG_PLAN "forward udp 6000 192.168.11.20:6000\n");
	for (unsigned int host = 30; host < 30 + SESSIONS; host++)
		run_outgoing(rig, host, HP_SENT_OUTGOING);
	rig_state(rig, &before);
	run_outgoing(rig, 30 + SESSIONS, HP_DROP_TABLE_FULL);
	rig_steps(rig,
		  (const struct step[]){
			  {FROM_LAN, "icmp 192.168.11.30 > 198.51.100.7 request id=9 len=8", TO_LAN,
			   HP_DROP_TABLE_FULL,
			   PROHIBITED "192.168.11.30" QUOTE(
				   "icmp 192.168.11.30 > 198.51.100.7 request id=9 len=8"),
			   NULL, HP_SENT_ICMP_ERROR},
			  {FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.5:6000 len=8", TO_WAN,
			   HP_DROP_TABLE_FULL,
			   "icmp 203.0.113.5 > 198.51.100.9" QUOTE(
				   "udp 198.51.100.9:50000 > 203.0.113.5:6000 len=8"),
			   NULL, HP_SENT_ICMP_ERROR},
			  {FROM_LAN, "udp 192.168.11.40:5000 > 203.0.113.5:6000 len=8", TO_LAN,
			   HP_DROP_TABLE_FULL,
			   PROHIBITED
			   "192.168.11.40" QUOTE("udp 192.168.11.40:5000 > 203.0.113.5:6000 len=8"),
			   NULL, HP_SENT_ICMP_ERROR},
			  {FROM_HOST, "udp 203.0.113.5:50000 > 198.51.100.7:53", DROP,
			   HP_DROP_TABLE_FULL},
			  {FROM_LAN, "udp [2001:db8:11::30]:1 > [2001:db8:77::7]:53", DROP,
			   HP_DROP_TABLE_FULL},
			  /* Towards an isolated segment the session is a note only. */
			  {FROM_LAN, "udp 192.168.11.30:1 > 192.168.13.30:53", PASS, HP_PASS_LAN},
			  {0},
		  });
	rig_expect_state(rig, strbuf_text(&before));
	/* Known flows go on. */
	run_outgoing(rig, 30, HP_SENT_OUTGOING);
}

static void test_room_again(void **state)
{
	struct rig *rig = *state;

	rig_reset(rig, RIG_PLAN);
	for (unsigned int host = 30; host < 30 + SESSIONS; host++)
		run_outgoing(rig, host, HP_SENT_OUTGOING);
	rig_age(rig, 1, TIMEOUT_UDP_S);
	run_outgoing(rig, 50, HP_DROP_TABLE_FULL);
	assert_int_equal(rig_sweep(rig, false), 1);
	run_outgoing(rig, 50, HP_SENT_OUTGOING);
	run_outgoing(rig, 51, HP_DROP_TABLE_FULL);
}

/* hp_flows6 has one flow for each session, and a session of IPv6 needs two: half the table may be IPv6. */
static void test_flows6_full(void **state)
{
	struct rig *rig = *state;

	rig_reset(rig, RIG_PLAN);
	rig_steps(rig, (const struct step[]){
			       {FROM_LAN, "udp [2001:db8:11::30]:1 > [2001:db8:77::7]:53", PASS,
				HP_PASS_ROUTED6},
			       {FROM_LAN, "udp [2001:db8:11::30]:2 > [2001:db8:77::7]:53", PASS,
				HP_PASS_ROUTED6},
			       {FROM_LAN, "udp [2001:db8:11::30]:3 > [2001:db8:77::7]:53", DROP,
				HP_DROP_TABLE_FULL, NULL,
				"routed udp lan [2001:db8:11::30]:1>[2001:db8:77::7]:53 wan\n"
				"routed udp lan [2001:db8:11::30]:2>[2001:db8:77::7]:53 wan\n"},
			       {FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53", TO_WAN,
				HP_SENT_OUTGOING, "udp 203.0.113.5:40000 > 198.51.100.7:53"},
			       {0},
		       });
}

static void test_no_port(void **state)
{
	struct rig *rig = *state;

	rig_reset(rig, RIG_PLAN "wan 203.0.113.5 ports 40030-40030\n");
	run_outgoing(rig, 30, HP_SENT_OUTGOING);
	run_outgoing(rig, 31, HP_DROP_NO_PORT);
	rig_expect_state(rig, "outgoing udp lan 192.168.11.30:40030>198.51.100.7:53 "
			      "wan 203.0.113.5:40030>198.51.100.7:53\n"
			      "mapping udp 192.168.11.30:40030 = 203.0.113.5:40030 x1\n");
	/* It has ended, and its port is another host's when it has rested. */
	rig_age(rig, 0, TIMEOUT_UDP_S);
	assert_int_equal(rig_sweep(rig, false), 1);
	run_outgoing(rig, 31, HP_DROP_NO_PORT);
	rig_age_rest(rig, PORT_REST_S);
	rig_steps(rig, (const struct step[]){
			       {FROM_LAN, "udp 192.168.11.31:40031 > 198.51.100.7:53", TO_WAN,
				HP_SENT_OUTGOING, "udp 203.0.113.5:40030 > 198.51.100.7:53"},
			       {0},
		       });
}

static void test_every_port_declared(void **state)
{
	struct rig *rig = *state;

	rig_reset(rig, RIG_PLAN "wan 203.0.113.5 ports 40000-40001\n"
				"forward udp 40000 192.168.11.20:1\n"
				"pass udp 40001\n");
	run_outgoing(rig, 30, HP_DROP_NO_PORT);
	rig_expect_state(rig, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_full),	    cmocka_unit_test(test_room_again),
		cmocka_unit_test(test_flows6_full),	    cmocka_unit_test(test_no_port),
		cmocka_unit_test(test_every_port_declared),
	};

	rig_need_root();
	return cmocka_run_group_tests_name("limit", tests, setup, rig_teardown);
}
