// SPDX-License-Identifier: GPL-2.0-or-later
/* When there is no room and no port: the packet is dropped and counted, and nothing is left behind. */
/* Requirements: 52, 68. */
#include <linux/pkt_cls.h>
#include <string.h>

#include "rig.h"

#define SESSIONS 4

static int setup(void **state)
{
	*state = rig_open(SESSIONS);
	return 0;
}

static void run_outgoing(struct rig *rig, unsigned int host, enum rig_verdict verdict,
			 enum hp_reason reason)
{
	char in[128], out[128];
	const struct step step = {FROM_LAN, in, verdict, reason, out};

	snprintf(in, sizeof(in), "udp 192.168.11.%u:%u > 198.51.100.7:53", host, 40000 + host);
	snprintf(out, sizeof(out), "udp 203.0.113.5:%u > 198.51.100.7:53", 40000 + host);
	rig_step(rig, &step);
}

static void test_table_full(void **state)
{
	struct rig *rig = *state;
	_strbuf_ struct strbuf before = {0};

	rig_reset(rig, RIG_PLAN "forward udp 6000 192.168.11.20:6000\n");
	for (unsigned int host = 30; host < 30 + SESSIONS; host++)
		run_outgoing(rig, host, TO_WAN, HP_SENT_OUTGOING);
	rig_state(rig, &before);
	run_outgoing(rig, 30 + SESSIONS, DROP, HP_DROP_TABLE_FULL);
	rig_steps(rig,
		  (const struct step[]){
			  {FROM_LAN, "icmp 192.168.11.30 > 198.51.100.7 request id=9", DROP,
			   HP_DROP_TABLE_FULL},
			  {FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.5:6000", DROP,
			   HP_DROP_TABLE_FULL},
			  {FROM_LAN, "udp 192.168.11.40:5000 > 203.0.113.5:6000", DROP,
			   HP_DROP_TABLE_FULL},
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
	run_outgoing(rig, 30, TO_WAN, HP_SENT_OUTGOING);
}

static void test_room_again(void **state)
{
	struct rig *rig = *state;

	rig_reset(rig, RIG_PLAN);
	for (unsigned int host = 30; host < 30 + SESSIONS; host++)
		run_outgoing(rig, host, TO_WAN, HP_SENT_OUTGOING);
	rig_age(rig, 1, TIMEOUT_UDP_S);
	run_outgoing(rig, 50, DROP, HP_DROP_TABLE_FULL);
	assert_int_equal(rig_sweep(rig, false), 1);
	run_outgoing(rig, 50, TO_WAN, HP_SENT_OUTGOING);
	run_outgoing(rig, 51, DROP, HP_DROP_TABLE_FULL);
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
	run_outgoing(rig, 30, TO_WAN, HP_SENT_OUTGOING);
	run_outgoing(rig, 31, DROP, HP_DROP_NO_PORT);
	rig_expect_state(rig, "outgoing udp lan 192.168.11.30:40030>198.51.100.7:53 "
			      "wan 203.0.113.5:40030>198.51.100.7:53\n"
			      "mapping udp 192.168.11.30:40030 = 203.0.113.5:40030 x1\n");
	rig_age(rig, 0, TIMEOUT_UDP_S);
	assert_int_equal(rig_sweep(rig, false), 1);
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
	run_outgoing(rig, 30, DROP, HP_DROP_NO_PORT);
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
