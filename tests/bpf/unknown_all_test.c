// SPDX-License-Identifier: GPL-2.0-or-later
/* Every protocol number there is, and when a claim to one ends; unknown_test.c has the rest. */
#include <linux/pkt_cls.h>
#include <netinet/in.h>
#include <string.h>

#include "rig.h"

/* The address that an IPv4 frame says it is from. */
static __be32 source_of(const struct frame *frame)
{
	__be32 source;

	memcpy(&source, frame->octets + FRAME_L3 + 12, sizeof(source));
	return source;
}

/* The one that must hold for every number: whatever leaves by WAN has the public address, or it does not leave. */
static void test_every_number(void **state)
{
	/* An answer is made out of the packet, and then the kernel forgets the device's checksum. */
	const struct rig_input input = {.mark = RIG_FOREIGN_MARK, .no_device_checksum = true};
	struct rig *rig = *state;
	unsigned int sent = 0;

	rig_reset(rig, RIG_PLAN);
	for (unsigned int proto = 0; proto < 256; proto++) {
		struct rig_result result;
		struct frame in;
		char text[64];

		/* Of several hosts: one alone may not have nearly the whole table. */
		snprintf(text, sizeof(text), "proto=%u 192.168.11.%u > 198.51.100.7 len=40", proto,
			 30 + proto % 4);
		frame_build(&in, text, 64);
		rig_run(rig, FROM_LAN, &in, &input, &result);
		/* The stack would route it as it is. */
		assert_int_not_equal(result.verdict, TC_ACT_UNSPEC);
		if (!(result.mark & MARK_SENT))
			continue;
		sent++;
		assert_int_equal(source_of(&result.out), htonl(0xcb007105));
		assert_null(frame_fault(&result.out));
	}
	/* All but the seven that do not fit; TCP without SYN, and the ICMP of type 3 that the octets would be. */
	assert_int_equal(sent, 256 - 9);
	rig_check_tables(rig);
}

/* The claim is given up after nat.timeouts.other, and with the address that it was on. */
static void test_ends(void **state)
{
	static const struct step first[] = {
		{FROM_LAN, "proto=47 192.168.11.30 > 198.51.100.7", TO_WAN, HP_SENT_UNKNOWN,
		 "proto=47 203.0.113.5 > 198.51.100.7"},
		{0},
	};
	static const struct step second[] = {
		{FROM_LAN1, "proto=47 192.168.12.30 > 198.51.100.7", TO_WAN, HP_SENT_UNKNOWN,
		 "proto=47 203.0.113.5 > 198.51.100.7"},
		{0},
	};
	struct rig *rig = *state;

	rig_reset(rig, RIG_PLAN);
	rig_steps(rig, first);
	rig_age(rig, 0, TIMEOUT_OTHER_S - 2);
	assert_int_equal(rig_sweep(rig, true), 0);
	rig_age(rig, 0, 2);
	rig_steps(rig, second);
	assert_int_equal(rig_sweep(rig, true), 0);
	rig_plan_write(rig, 1,
		       "wan 203.0.113.6\n"
		       "link wan0 203.0.113.6\n"
		       "link lan1 192.168.12.1\n"
		       "net 192.168.12.0/24 lan lan1\n"
		       "net 203.0.113.6 wan wan0\n");
	rig_plan_activate(rig, 1);
	assert_int_equal(rig_sweep(rig, true), 1);
	rig_expect_state(rig, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_number),
		cmocka_unit_test(test_ends),
	};

	rig_need_root();
	return cmocka_run_group_tests_name("unknown_all", tests, rig_setup, rig_teardown);
}
