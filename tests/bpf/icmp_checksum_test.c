// SPDX-License-Identifier: GPL-2.0-or-later
/* ICMP errors whose checksums are wrong, and which of them matter; what a table of packets cannot say of the right ones. */
/* Requirements: 37, 38, 40. */
#include <arpa/inet.h>
#include <linux/pkt_cls.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "rig.h"

#define QUESTION "udp 192.168.11.20:5000 > 198.51.100.7:53"
#define ASKED "udp 203.0.113.5:6000 > 198.51.100.7:53"
#define ERROR(words) "icmp 192.0.2.1 > 203.0.113.5 type=11/0 " words " about ( " ASKED " )"

/* Without IP options. */
#define ICMP_AT (FRAME_L3 + 20)
#define QUOTE_AT (ICMP_AT + 8)
#define QUOTED_UDP_AT (QUOTE_AT + 20)

static void reset(struct rig *rig)
{
	rig_reset(rig, RIG_PLAN "forward udp 6000 192.168.11.20:5000\n");
	rig_step(rig, &(const struct step){FROM_LAN, QUESTION, TO_WAN, HP_SENT_OUTGOING, ASKED});
}

/* One's complement sum of what stands from @at to the end, in the order of the packet; complete, it is all ones. */
static __u16 sum_from(const struct frame *frame, size_t at)
{
	__u32 total = 0;

	for (size_t i = at; i < frame->length; i++)
		total += (i - at) % 2 ? frame->octets[i] : (__u32)frame->octets[i] << 8;
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (__u16)total;
}

/* Makes the ICMP checksum right again. */
static void mend(struct frame *frame)
{
	__u16 check;

	memset(frame->octets + ICMP_AT + 2, 0, 2);
	check = htons((__u16)~sum_from(frame, ICMP_AT));
	memcpy(frame->octets + ICMP_AT + 2, &check, sizeof(check));
}

/* Whether the frame was translated; if not, it was dropped. */
static bool is_sent(struct rig *rig, const struct frame *frame, struct rig_result *ret_result)
{
	const struct rig_input input = {0};

	rig_run(rig, FROM_WAN, frame, &input, ret_result);
	assert_true(ret_result->verdict == TC_ACT_REDIRECT || ret_result->verdict == TC_ACT_SHOT);
	return ret_result->verdict == TC_ACT_REDIRECT;
}

/* No octet of the message may be another one, be it near its end: all of it is summed up. */
static void test_every_octet(void **state)
{
	struct rig *rig = *state;
	struct rig_result result;
	struct frame frame;

	reset(rig);
	frame_build(&frame, ERROR("quote=19 pad=150"), 64);
	assert_true(is_sent(rig, &frame, &result));
	for (size_t i = ICMP_AT; i < frame.length; i++) {
		__u64 before = rig_count(rig, HP_DROP_ICMP_CHECKSUM);

		frame.octets[i] ^= 0x40;
		assert_false(is_sent(rig, &frame, &result));
		/* Type, addresses and ports say something before they are summed up, and so do the quoted lengths. */
		if (i < ICMP_AT + 4 ? i > ICMP_AT : i >= QUOTED_UDP_AT + 4)
			assert_int_equal(rig_count(rig, HP_DROP_ICMP_CHECKSUM), before + 1);
		frame.octets[i] ^= 0x40;
	}
	assert_true(is_sent(rig, &frame, &result));
}

/* Messages that end anywhere in a chunk, and long ones. */
static void test_every_length(void **state)
{
	struct rig *rig = *state;
	struct rig_result result;
	struct frame frame, expected;
	char text[256];

	reset(rig);
	for (unsigned int pad = 0; pad <= 1280; pad += pad < 140 ? 1 : 57) {
		snprintf(text, sizeof(text),
			 "icmp 192.0.2.1 > 203.0.113.5 type=11/0 pad=%u about ( " ASKED " )", pad);
		frame_build(&frame, text, 64);
		assert_true(is_sent(rig, &frame, &result));
		snprintf(text, sizeof(text),
			 "icmp 192.0.2.1 > 192.168.11.20 type=11/0 ttl=63 pad=%u about ( " QUESTION
			 " )",
			 pad);
		frame_build(&expected, text, 63);
		assert_int_equal(result.out.length, expected.length);
		assert_memory_equal(result.out.octets, expected.octets, expected.length);
		frame.octets[frame.length - 1] ^= 1;
		assert_false(is_sent(rig, &frame, &result));
	}
}

/* The quoted IP header has to be right in itself (REQ-3a), whatever the message's checksum says. */
static void test_quoted_header(void **state)
{
	struct rig *rig = *state;
	struct rig_result result;
	struct frame frame;

	reset(rig);
	for (size_t i = 1; i < 20; i++) {
		frame_build(&frame, ERROR(), 64);
		frame.octets[QUOTE_AT + i] ^= 0x10;
		mend(&frame);
		assert_int_equal(sum_from(&frame, ICMP_AT), 0xffff);
		assert_false(is_sent(rig, &frame, &result));
	}
	/* Of these, version, fragment, protocol and addresses named another flow, or none. */
	assert_int_equal(rig_count(rig, HP_DROP_ICMP_CHECKSUM), 19 - 2 - 1 - 8);
}

/* The quoted transport's checksum is nobody's business (REQ-3c): as wrong as it came it goes on, by the same difference. */
static void test_quoted_transport(void **state)
{
	struct rig *rig = *state;
	struct frame right, wrong;
	struct rig_result result;

	reset(rig);
	frame_build(&right, ERROR(), 64);
	wrong = right;
	wrong.octets[QUOTED_UDP_AT + 6] ^= 0x10;
	mend(&wrong);
	assert_true(is_sent(rig, &wrong, &result));
	assert_null(frame_fault(&result.out));
	/* A quoted length that is a lie is nobody's either. */
	right.octets[QUOTED_UDP_AT + 5] ^= 0x10;
	mend(&right);
	assert_true(is_sent(rig, &right, &result));
	assert_null(frame_fault(&result.out));
}

/* Two hosts ask with one id, so one of them has another one outside: the quote gets its own back. */
static void test_changed_id(void **state)
{
	const struct rig_input input = {0};
	struct rig *rig = *state;
	struct rig_result result;
	struct frame frame, expected;
	char text[256];
	__be16 id;

	rig_reset(rig, RIG_PLAN);
	frame_build(&frame, "icmp 192.168.11.30 > 198.51.100.7 request id=77", 64);
	rig_run(rig, FROM_LAN, &frame, &input, &result);
	frame_build(&frame, "icmp 192.168.11.31 > 198.51.100.7 request id=77", 64);
	rig_run(rig, FROM_LAN, &frame, &input, &result);
	memcpy(&id, result.out.octets + ICMP_AT + 4, sizeof(id));
	assert_int_not_equal(ntohs(id), 77);
	snprintf(text, sizeof(text),
		 "icmp 192.0.2.1 > 203.0.113.5 type=11/0 about "
		 "( icmp 203.0.113.5 > 198.51.100.7 request id=%u )",
		 ntohs(id));
	frame_build(&frame, text, 64);
	assert_true(is_sent(rig, &frame, &result));
	frame_build(&expected,
		    "icmp 192.0.2.1 > 192.168.11.31 type=11/0 about "
		    "( icmp 192.168.11.31 > 198.51.100.7 request id=77 )",
		    63);
	assert_int_equal(result.out.length, expected.length);
	assert_memory_equal(result.out.octets, expected.octets, expected.length);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_octet),   cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_quoted_header), cmocka_unit_test(test_quoted_transport),
		cmocka_unit_test(test_changed_id),
	};

	rig_need_root();
	return cmocka_run_group_tests_name("icmp checksum", tests, rig_setup, rig_teardown);
}
