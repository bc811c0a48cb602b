// SPDX-License-Identifier: GPL-2.0-or-later
/* SYNs that nobody asked for: silence at first, and an answer to the one that is repeated (RFC 5382 REQ-4). */
/* Requirements: 24, 26, 27. */
#include "rig.h"

#define PLAN RIG_PLAN "forward tcp 8443 192.168.11.20:443 allow 7\nallow 7 198.51.100.0/24\n"

/* Where such a SYN may come to. */
static const struct {
	const char *port;
	enum hp_reason reason;
} closed[] = {
	{"22", HP_DROP_CLOSED}, /* nobody's */
	{"5000", HP_DROP_FILTERED}, /* a mapping's, whose host has not spoken to the sender */
	{"8443", HP_DROP_NOT_ALLOWED}, /* a forward's, for others */
};

static const struct step opening = {
	FROM_LAN,	  "tcp 192.168.11.30:5000 > 198.51.100.7:443 S", TO_WAN,
	HP_SENT_OUTGOING, "tcp 203.0.113.5:5000 > 198.51.100.7:443 S",
};

static void send_silently(struct rig *rig, const char *packet, enum hp_reason reason)
{
	const struct step step = {FROM_WAN, packet, DROP, reason};

	rig_step(rig, &step);
}

static void send_answered(struct rig *rig, const char *port, enum hp_reason reason)
{
	char packet[100], answer[250];
	const struct step step = {
		FROM_WAN, packet, TO_WAN, reason, answer, NULL, HP_SENT_ICMP_ERROR,
	};

	snprintf(packet, sizeof(packet), "tcp 192.0.2.9:50000 > 203.0.113.5:%s S", port);
	snprintf(answer, sizeof(answer),
		 "icmp 203.0.113.5 > 192.0.2.9 type=3/3 tos=0xc0 ttl=64 quote=28 about ( %s )",
		 packet);
	rig_step(rig, &step);
}

static void test_silence_and_answer(void **state)
{
	struct rig *rig = *state;
	char packet[100];

	for (size_t i = 0; i < ARRAY_SIZE(closed); i++) {
		rig_reset(rig, PLAN);
		rig_step(rig, &opening);
		snprintf(packet, sizeof(packet), "tcp 192.0.2.9:50000 > 203.0.113.5:%s S",
			 closed[i].port);
		print_message("# %s\n", packet);
		send_silently(rig, packet, closed[i].reason);
		send_silently(rig, packet, closed[i].reason);
		rig_age_note(rig, 4);
		send_silently(rig, packet, closed[i].reason);
		rig_age_note(rig, 3);
		send_answered(rig, closed[i].port, closed[i].reason);
		/* Once: the next one is the first again. */
		assert_int_equal(rig_count_notes(rig), 0);
		send_silently(rig, packet, closed[i].reason);
		assert_int_equal(rig_count_notes(rig), 1);
	}
}

/* Two seconds that are cut off: 6 between them may be 5.1, which is too soon. */
static void test_six_whole_seconds(void **state)
{
	struct rig *rig = *state;

	rig_reset(rig, PLAN);
	send_silently(rig, "tcp 192.0.2.9:50000 > 203.0.113.5:22 S", HP_DROP_CLOSED);
	/* The clock may go on by one before the next packet. */
	rig_age_note(rig, 5);
	send_silently(rig, "tcp 192.0.2.9:50000 > 203.0.113.5:22 S", HP_DROP_CLOSED);
}

/* Another attempt, an hour later, of the same tuple: it begins anew. */
static void test_old_note(void **state)
{
	struct rig *rig = *state;

	rig_reset(rig, PLAN);
	send_silently(rig, "tcp 192.0.2.9:50000 > 203.0.113.5:22 S", HP_DROP_CLOSED);
	rig_age_note(rig, 3600);
	send_silently(rig, "tcp 192.0.2.9:50000 > 203.0.113.5:22 S", HP_DROP_CLOSED);
	rig_age_note(rig, 7);
	send_answered(rig, "22", HP_DROP_CLOSED);
}

/* Only what would open a connection is noted, and each tuple by itself. */
static void test_not_noted(void **state)
{
	struct rig *rig = *state;

	rig_reset(rig, PLAN);
	send_silently(rig, "tcp 192.0.2.9:50000 > 203.0.113.5:22 A", HP_DROP_CLOSED);
	send_silently(rig, "tcp 192.0.2.9:50000 > 203.0.113.5:22 R", HP_DROP_CLOSED);
	send_silently(rig, "tcp 192.0.2.9:50000 > 203.0.113.5:22 SA", HP_DROP_CLOSED);
	send_silently(rig, "udp 192.0.2.9:50000 > 203.0.113.5:22", HP_DROP_CLOSED);
	assert_int_equal(rig_count_notes(rig), 0);
	send_silently(rig, "tcp 192.0.2.9:50000 > 203.0.113.5:22 S", HP_DROP_CLOSED);
	rig_age_note(rig, 7);
	send_silently(rig, "tcp 192.0.2.9:50001 > 203.0.113.5:22 S", HP_DROP_CLOSED);
	send_silently(rig, "tcp 192.0.2.9:50000 > 203.0.113.6:22 S", HP_DROP_CLOSED);
	assert_int_equal(rig_count_notes(rig), 3);
}

static void test_silent(void **state)
{
	struct rig *rig = *state;

	rig_reset(rig, PLAN "wan 203.0.113.5 silent\n");
	send_silently(rig, "tcp 192.0.2.9:50000 > 203.0.113.5:22 S", HP_DROP_CLOSED);
	send_silently(rig, "tcp 192.0.2.9:50000 > 203.0.113.5:8443 S", HP_DROP_NOT_ALLOWED);
	assert_int_equal(rig_count_notes(rig), 0);
}

/* Both ends open: the one outside first. Its repeated SYN meets the session of the host's own, and the host answers as RFC 793 says. */
static void test_simultaneous_open(void **state)
{
	static const struct step meet[] = {
		{FROM_LAN, "tcp 192.168.11.30:5001 > 192.0.2.9:50000 S", TO_WAN, HP_SENT_OUTGOING,
		 "tcp 203.0.113.5:5001 > 192.0.2.9:50000 S"},
		{FROM_WAN, "tcp 192.0.2.9:50000 > 203.0.113.5:5001 S", TO_LAN, HP_SENT_INCOMING,
		 "tcp 192.0.2.9:50000 > 192.168.11.30:5001 S"},
		{FROM_LAN, "tcp 192.168.11.30:5001 > 192.0.2.9:50000 SA", TO_WAN, HP_SENT_OUTGOING,
		 "tcp 203.0.113.5:5001 > 192.0.2.9:50000 SA"},
		{FROM_WAN, "tcp 192.0.2.9:50000 > 203.0.113.5:5001 SA", TO_LAN, HP_SENT_INCOMING,
		 "tcp 192.0.2.9:50000 > 192.168.11.30:5001 SA",
		 "outgoing tcp lan 192.168.11.30:5001>192.0.2.9:50000 "
		 "wan 203.0.113.5:5001>192.0.2.9:50000 established replied\n"
		 "mapping tcp 192.168.11.30:5001 = 203.0.113.5:5001 x1\n"},
		{0},
	};
	struct rig *rig = *state;

	rig_reset(rig, RIG_PLAN);
	send_silently(rig, "tcp 192.0.2.9:50000 > 203.0.113.5:5001 S", HP_DROP_CLOSED);
	assert_int_equal(rig_count_notes(rig), 1);
	rig_step(rig, &meet[0]);
	assert_int_equal(rig_count_notes(rig), 0);
	rig_steps(rig, meet + 1);
}

/* The same with a socket of the gateway itself. */
static void test_gateway_opens_too(void **state)
{
	static const struct step meet[] = {
		{FROM_HOST, "tcp 203.0.113.5:5001 > 192.0.2.9:50000 S", PASS, HP_PASS_OWN_FLOW},
		{FROM_WAN, "tcp 192.0.2.9:50000 > 203.0.113.5:5001 S", PASS, HP_PASS_OWN_FLOW},
		{0},
	};
	struct rig *rig = *state;

	rig_reset(rig, RIG_PLAN);
	send_silently(rig, "tcp 192.0.2.9:50000 > 203.0.113.5:5001 S", HP_DROP_CLOSED);
	rig_step(rig, &meet[0]);
	assert_int_equal(rig_count_notes(rig), 0);
	rig_steps(rig, meet + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_silence_and_answer),
		cmocka_unit_test(test_six_whole_seconds),
		cmocka_unit_test(test_old_note),
		cmocka_unit_test(test_not_noted),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_simultaneous_open),
		cmocka_unit_test(test_gateway_opens_too),
	};

	rig_need_root();
	return cmocka_run_group_tests_name("unsolicited", tests, rig_setup, rig_teardown);
}
