// SPDX-License-Identifier: GPL-2.0-or-later
/* What outsiders may take of the table, frame by frame: over IPv4 and IPv6, TCP and UDP they share one ring. */
/* Requirements: 68. */
#include <stdlib.h>
#include <string.h>

#include "rig.h"

#define SESSIONS 32
#define RING (SESSIONS / LIMIT_UNPROVEN_SHARE)
#define OUTSIDE_MAX (SESSIONS - SESSIONS / LIMIT_INSIDE_SHARE)
#define PLAN                                             \
	RIG_PLAN "forward tcp 8443 192.168.11.20:443\n"  \
		 "forward udp 6000 192.168.11.20:6000\n" \
		 "pinhole tcp 2001:db8:11::20 443\n"

static int setup(void **state)
{
	*state = rig_open(SESSIONS);
	return 0;
}

/* The table has no room for the packet, and its sender is told (limit_test.c has the frames). */
static void run_refused(struct rig *rig, enum rig_from from, const char *in)
{
	const struct rig_input input = {.mark = RIG_FOREIGN_MARK, .no_device_checksum = true};
	struct rig_result result;
	struct frame frame;

	frame_build(&frame, in, 64);
	rig_run(rig, from, &frame, &input, &result);
	rig_expect_counts(rig, HP_DROP_TABLE_FULL, HP_SENT_ICMP_ERROR);
	rig_check_tables(rig);
}

static void run_client(struct rig *rig, unsigned int n, const char *words, enum rig_verdict verdict,
		       enum hp_reason reason)
{
	char in[128], out[128];
	const struct step step = {FROM_WAN, in, verdict, reason, out};

	snprintf(in, sizeof(in), "tcp 198.51.100.%u:50000 > 203.0.113.5:8443 %s", n, words);
	snprintf(out, sizeof(out), "tcp 198.51.100.%u:50000 > 192.168.11.20:443 %s", n, words);
	rig_step(rig, &step);
}

static void run_server(struct rig *rig, unsigned int n, const char *words)
{
	char in[128], out[128];
	const struct step step = {FROM_LAN, in, TO_WAN, HP_SENT_OUTGOING, out};

	snprintf(in, sizeof(in), "tcp 192.168.11.20:443 > 198.51.100.%u:50000 %s", n, words);
	snprintf(out, sizeof(out), "tcp 203.0.113.5:8443 > 198.51.100.%u:50000 %s", n, words);
	rig_step(rig, &step);
}

static void connect_client(struct rig *rig, unsigned int n)
{
	run_client(rig, n, "S", TO_LAN, HP_SENT_INCOMING);
	run_server(rig, n, "SA");
	run_client(rig, n, "A", TO_LAN, HP_SENT_INCOMING);
}

/* A host for each port: no limit of one host is met. */
static void run_inside(struct rig *rig, unsigned int port)
{
	char in[128], out[128];
	const struct step step = {FROM_LAN, in, TO_WAN, HP_SENT_OUTGOING, out};

	snprintf(in, sizeof(in), "udp 192.168.11.%u:%u > 198.51.100.7:53", 30 + port % 200, port);
	snprintf(out, sizeof(out), "udp 203.0.113.5:%u > 198.51.100.7:53", port);
	rig_step(rig, &step);
}

static void test_oldest_makes_room(void **state)
{
	struct rig *rig = *state;

	rig_reset(rig, PLAN);
	run_inside(rig, 40000);
	connect_client(rig, 100);
	for (unsigned int n = 1; n < RING; n++)
		run_client(rig, n, "S", TO_LAN, HP_SENT_INCOMING);
	/* The fifth place is that of the first, who is proven; the sixth that of the second, who is not. */
	run_client(rig, RING, "S", TO_LAN, HP_SENT_INCOMING);
	assert_int_equal(rig_stat(rig, HP_STAT_REPLACED), 0);
	rig_steps(rig, (const struct step[]){
			       {FROM_WAN, "udp 198.51.100.90:50000 > 203.0.113.5:6000", TO_LAN,
				HP_SENT_INCOMING, "udp 198.51.100.90:50000 > 192.168.11.20:6000"},
			       {FROM_WAN, "tcp [2001:db8:77::9]:50000 > [2001:db8:11::20]:443 S",
				PASS, HP_PASS_PINHOLE6},
			       {0},
		       });
	assert_int_equal(rig_stat(rig, HP_STAT_REPLACED), 2);
	run_client(rig, 1, "A", DROP, HP_DROP_NO_SESSION);
	run_client(rig, 2, "A", DROP, HP_DROP_NO_SESSION);
	run_client(rig, 3, "S", TO_LAN, HP_SENT_INCOMING);
	run_client(rig, 100, "A", TO_LAN, HP_SENT_INCOMING);
	run_inside(rig, 40000);
}

/* An acknowledgement that does not know the server's number proves nobody. */
static void test_forged_proof(void **state)
{
	struct rig *rig = *state;

	rig_reset(rig, PLAN);
	run_client(rig, 1, "S", TO_LAN, HP_SENT_INCOMING);
	run_server(rig, 1, "SA");
	run_client(rig, 1, "A ack=77", TO_LAN, HP_SENT_INCOMING);
	for (unsigned int n = 2; n < 2 + RING; n++)
		run_client(rig, n, "S", TO_LAN, HP_SENT_INCOMING);
	run_client(rig, 1, "A", DROP, HP_DROP_NO_SESSION);
	assert_int_equal(rig_stat(rig, HP_STAT_REPLACED), 1);
}

static void test_inside_keeps_its_share(void **state)
{
	struct rig *rig = *state;
	unsigned int port = 40000;

	rig_reset(rig, PLAN);
	for (unsigned int n = 1; n <= OUTSIDE_MAX; n++)
		connect_client(rig, n);
	run_refused(rig, FROM_WAN, "tcp 198.51.100.200:50000 > 203.0.113.5:8443 S");
	for (; port < 40000 + SESSIONS - OUTSIDE_MAX; port++)
		run_inside(rig, port);
	run_refused(rig, FROM_LAN, "udp 192.168.11.29:40000 > 198.51.100.7:53");
	for (unsigned int n = 1; n <= OUTSIDE_MAX; n++)
		run_client(rig, n, "A", TO_LAN, HP_SENT_INCOMING);
	assert_int_equal(rig_stat(rig, HP_STAT_REPLACED), 0);
	/* What ends gives its share back. */
	rig_age(rig, 0, TIMEOUT_TCP_ESTABLISHED_S);
	assert_int_equal(rig_sweep(rig, false), 1);
	connect_client(rig, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_oldest_makes_room),
		cmocka_unit_test(test_forged_proof),
		cmocka_unit_test(test_inside_keeps_its_share),
	};

	rig_need_root();
	return cmocka_run_group_tests_name("unproven", tests, setup, rig_teardown);
}
