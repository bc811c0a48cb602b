// SPDX-License-Identifier: GPL-2.0-or-later
/* Ports and ids that the NAT picks at random: where they lie, and that the answer finds its way. */
/* Requirements: 3, 4, 5, 35, 57, 58, 66. */
#include <arpa/inet.h>
#include <linux/pkt_cls.h>
#include <string.h>

#include "rig.h"

/* Where an ICMP id and a source port stand without IP options. */
#define ICMP_ID (FRAME_L3 + 20 + 4)
#define SOURCE_PORT (FRAME_L3 + 20)

static unsigned int value_at(const struct frame *frame, size_t offset)
{
	return (unsigned int)frame->octets[offset] << 8 | frame->octets[offset + 1];
}

/* Runs a packet out to WAN whose external port or id, which stands at @offset, is not known before. */
static unsigned int run_out(struct rig *rig, const char *text, size_t offset)
{
	const struct rig_input input = {.mark = 0};
	struct rig_result result;
	struct frame frame;

	frame_build(&frame, text, 64);
	rig_run(rig, FROM_LAN, &frame, &input, &result);
	rig_expect_counts(rig, HP_SENT_OUTGOING, 0);
	assert_int_equal(result.verdict, TC_ACT_REDIRECT);
	assert_null(frame_fault(&result.out));
	rig_check_tables(rig);
	return value_at(&result.out, offset);
}

static void test_two_hosts_one_id(void **state)
{
	struct rig *rig = *state;
	char in[128];
	const struct step answer = {FROM_WAN, in, TO_LAN, HP_SENT_INCOMING,
				    "icmp 198.51.100.7 > 192.168.11.31 reply id=77"};
	unsigned int id;

	rig_reset(rig, RIG_PLAN);
	id = run_out(rig, "icmp 192.168.11.30 > 198.51.100.7 request id=77", ICMP_ID);
	assert_int_equal(id, 77);
	id = run_out(rig, "icmp 192.168.11.31 > 198.51.100.7 request id=77", ICMP_ID);
	assert_int_not_equal(id, 77);
	snprintf(in, sizeof(in), "icmp 198.51.100.7 > 203.0.113.5 reply id=%u", id);
	rig_step(rig, &answer);
}

static void test_two_hosts_one_port(void **state)
{
	struct rig *rig = *state;
	char in[128];
	const struct step answer = {FROM_WAN, in, TO_LAN, HP_SENT_INCOMING,
				    "udp 198.51.100.7:53 > 192.168.11.31:40000"};
	unsigned int port;

	rig_reset(rig, RIG_PLAN);
	port = run_out(rig, "udp 192.168.11.30:40000 > 198.51.100.7:53", SOURCE_PORT);
	assert_int_equal(port, 40000);
	port = run_out(rig, "udp 192.168.11.31:40000 > 198.51.100.7:53", SOURCE_PORT);
	assert_int_not_equal(port, 40000);
	assert_in_range(port, 1024, 65535);
	snprintf(in, sizeof(in), "udp 198.51.100.7:53 > 203.0.113.5:%u", port);
	rig_step(rig, &answer);
}

/* A hundred hosts with one port, in a range of two hundred: all of them different, and all in the range. */
static void test_many_hosts_one_port(void **state)
{
	struct rig *rig = *state;
	bool seen[65536] = {0};
	char text[128];

	rig_reset(rig, RIG_PLAN "wan 203.0.113.5 ports 50000-50199\n");
	for (unsigned int host = 2; host < 102; host++) {
		unsigned int port;

		snprintf(text, sizeof(text), "udp 192.168.11.%u:5000 > 198.51.100.7:53", host);
		port = run_out(rig, text, SOURCE_PORT);
		assert_in_range(port, 50000, 50199);
		assert_false(seen[port]);
		seen[port] = true;
	}
}

/* RFC 6056: who sees one port of a host must not be able to tell the next one. */
static void test_ports_are_not_in_a_row(void **state)
{
	struct rig *rig = *state;
	unsigned int previous = 0, in_a_row = 0;
	char text[128];

	rig_reset(rig, RIG_PLAN);
	for (unsigned int host = 2; host < 34; host++) {
		unsigned int port;

		snprintf(text, sizeof(text), "udp 192.168.11.%u:500 > 198.51.100.7:53", host);
		port = run_out(rig, text, SOURCE_PORT);
		in_a_row += port == previous + 1;
		previous = port;
	}
	assert_in_range(in_a_row, 0, 3);
}

/* Outside the pool of HP_POOL_GATEWAY are the ports of the gateway's own sockets. */
static void test_gateway_pool(void **state)
{
	const struct rig_input input = {.mark = 0};
	struct rig *rig = *state;
	struct rig_result result;
	struct frame frame;

	rig_reset(rig, RIG_PLAN "forward udp 6000 192.168.11.20:6000 source gateway\n");
	frame_build(&frame, "udp 192.168.11.30:40000 > 203.0.113.5:6000", 64);
	rig_run(rig, FROM_LAN, &frame, &input, &result);
	rig_expect_counts(rig, HP_SENT_HAIRPIN, 0);
	assert_in_range(value_at(&result.out, SOURCE_PORT), LIMIT_GATEWAY_POOL_FIRST,
			LIMIT_GATEWAY_POOL_LAST);
	rig_check_tables(rig);
}

/* RFC 4787 REQ-3a: low stays low, and high does not become low. */
static void test_classes(void **state)
{
	struct rig *rig = *state;
	char text[128];

	rig_reset(rig, RIG_PLAN "wan 203.0.113.5 ports 1-65535\n");
	for (unsigned int host = 2; host < 40; host++) {
		unsigned int port;

		snprintf(text, sizeof(text), "udp 192.168.11.%u:123 > 198.51.100.7:123", host);
		port = run_out(rig, text, SOURCE_PORT);
		assert_true(host != 2 || port == 123);
		assert_in_range(port, 1, 1023);
		snprintf(text, sizeof(text), "udp 192.168.11.%u:1024 > 198.51.100.7:123", host);
		port = run_out(rig, text, SOURCE_PORT);
		assert_true(host != 2 || port == 1024);
		assert_in_range(port, 1024, 65535);
	}
	rig_check_tables(rig);
}

/* RFC 4787 REQ-4, where it is asked for: not by luck, of thirty. */
static void test_parity(void **state)
{
	struct rig *rig = *state;
	char text[128];

	rig_reset(rig, RIG_PLAN "wan 203.0.113.5 ports 1-65535 parity\n");
	for (unsigned int host = 2; host < 32; host++) {
		unsigned int own = 5004 + host % 2;

		snprintf(text, sizeof(text), "udp 192.168.11.%u:%u > 198.51.100.7:53", host, own);
		assert_int_equal(run_out(rig, text, SOURCE_PORT) % 2, own % 2);
	}
}

/* Who could not keep its own port has the one that it got once it comes back, though its own is free by then. */
static void test_comes_back(void **state)
{
	static const char first[] = "udp 192.168.11.30:51820 > 198.51.100.7:51820";
	static const char second[] = "udp 192.168.11.31:51820 > 198.51.100.7:51820";
	struct rig *rig = *state;
	unsigned int drawn;

	rig_reset(rig, RIG_PLAN);
	assert_int_equal(run_out(rig, first, SOURCE_PORT), 51820);
	drawn = run_out(rig, second, SOURCE_PORT);
	rig_age(rig, 0, TIMEOUT_UDP_S);
	rig_age(rig, 1, TIMEOUT_UDP_S);
	assert_int_equal(rig_sweep(rig, false), 2);
	assert_int_equal(run_out(rig, second, SOURCE_PORT), drawn);
	assert_int_equal(run_out(rig, first, SOURCE_PORT), 51820);
	assert_int_equal(rig_stat(rig, HP_STAT_PORT_AGAIN), 1);
	assert_int_equal(rig_stat(rig, HP_STAT_PORT_KEPT), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_hosts_one_id),
		cmocka_unit_test(test_two_hosts_one_port),
		cmocka_unit_test(test_many_hosts_one_port),
		cmocka_unit_test(test_ports_are_not_in_a_row),
		cmocka_unit_test(test_gateway_pool),
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_parity),
		cmocka_unit_test(test_comes_back),
	};

	rig_need_root();
	return cmocka_run_group_tests_name("port", tests, rig_setup, rig_teardown);
}
