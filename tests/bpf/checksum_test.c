// SPDX-License-Identifier: GPL-2.0-or-later
/* Checksums that come out as all zeros or all ones, in every translation that there is. */
#include <linux/pkt_cls.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <string.h>

#include "rig.h"

/* Where the checksum of a UDP packet without IP options stands. */
#define UDP_CHECK (FRAME_L3 + 20 + offsetof(struct udphdr, check))

static __u16 check_of(const struct frame *frame)
{
	return (__u16)(frame->octets[UDP_CHECK] << 8 | frame->octets[UDP_CHECK + 1]);
}

/* The port with which @format gives a packet whose checksum comes out as zero, and so is sent as all ones. */
static unsigned int find_port(const char *before, const char *after)
{
	char text[256];

	for (unsigned int port = 1024; port < 65536; port++) {
		struct frame frame;

		snprintf(text, sizeof(text), "%s:%u%s", before, port, after);
		frame_build(&frame, text, 63);
		if (check_of(&frame) == 0xffff)
			return port;
	}
	fail_msg("no port gives that checksum");
	return 0;
}

/* A packet by what stands before its source port and after it. */
struct ends {
	const char *before, *after;
};

struct zero {
	const char *plan;
	enum rig_from from;
	struct ends in;
	enum rig_verdict verdict;
	enum hp_reason reason;
	struct ends out;
};

/* The packet from a port with which @zero, its one end or the other, has that checksum. */
static void run_zero(struct rig *rig, const struct zero *zero, const struct ends *has)
{
	unsigned int port = find_port(has->before, has->after);
	char in[128], out[128];
	const struct step step = {zero->from, in, zero->verdict, zero->reason, out};

	rig_reset(rig, zero->plan);
	snprintf(in, sizeof(in), "%s:%u%s", zero->in.before, port, zero->in.after);
	snprintf(out, sizeof(out), "%s:%u%s", zero->out.before, port, zero->out.after);
	rig_step(rig, &step);
}

static const struct zero outgoing = {
	.plan = RIG_PLAN,
	.from = FROM_LAN,
	.in = {"udp 192.168.11.30", " > 198.51.100.7:53"},
	.verdict = TO_WAN,
	.reason = HP_SENT_OUTGOING,
	.out = {"udp 203.0.113.5", " > 198.51.100.7:53"},
};
static const struct zero incoming = {
	.plan = RIG_PLAN "forward udp 5000 192.168.11.20:6000\n",
	.from = FROM_WAN,
	.in = {"udp 198.51.100.9", " > 203.0.113.5:5000"},
	.verdict = TO_LAN,
	.reason = HP_SENT_INCOMING,
	.out = {"udp 198.51.100.9", " > 192.168.11.20:6000"},
};

/* A sum of zero is sent as all ones (RFC 768): as zero it would say that there is none. */
static void test_udp_to_zero(void **state)
{
	run_zero(*state, &outgoing, &outgoing.out);
	run_zero(*state, &incoming, &incoming.out);
}

/* All ones on arrival mean zero. */
static void test_udp_from_zero(void **state)
{
	run_zero(*state, &outgoing, &outgoing.in);
	run_zero(*state, &incoming, &incoming.in);
}

/* Every length once, odd and even, with both ports and both addresses changed. */
static void test_every_length(void **state)
{
	struct rig *rig = *state;
	char in[128], out[128];

	rig_reset(rig, RIG_PLAN "forward tcp 8443 192.168.11.20:443\n"
				"forward udp 8443 192.168.11.20:443\n");
	for (unsigned int length = 0; length < 300; length++) {
		const char *proto = length % 2 ? "tcp" : "udp";
		const struct step step = {FROM_LAN, in, TO_LAN, HP_SENT_HAIRPIN, out};

		snprintf(in, sizeof(in), "%s 192.168.11.30:40000 > 203.0.113.5:8443%s len=%u",
			 proto, length % 2 ? " S" : "", length / 2);
		snprintf(out, sizeof(out), "%s 203.0.113.5:40000 > 192.168.11.20:443%s len=%u",
			 proto, length % 2 ? " S" : "", length / 2);
		rig_step(rig, &step);
	}
}

/* A packet whose checksum is wrong stays wrong by as much: nobody may make it look right. */
static void test_wrong_stays_wrong(void **state)
{
	const struct rig_input input = {.mark = 0};
	struct rig *rig = *state;
	struct rig_result result;
	struct frame frame;

	rig_reset(rig, RIG_PLAN);
	frame_build(&frame, "udp 192.168.11.30:40000 > 198.51.100.7:53", 64);
	frame.octets[frame.length - 2] ^= 0x10;
	assert_string_equal(frame_fault(&frame), "transport checksum");
	rig_run(rig, FROM_LAN, &frame, &input, &result);
	assert_int_equal(result.verdict, TC_ACT_REDIRECT);
	assert_string_equal(frame_fault(&result.out), "transport checksum");
	result.out.octets[frame.length - 2] ^= 0x10;
	assert_null(frame_fault(&result.out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_udp_to_zero),
		cmocka_unit_test(test_udp_from_zero),
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_wrong_stays_wrong),
	};

	rig_need_root();
	return cmocka_run_group_tests_name("checksum", tests, rig_setup, rig_teardown);
}
