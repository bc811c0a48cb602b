// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The segment size that a SYN asks for is lowered where it crosses WAN: both directions, both families, wherever the option stands; what is
 * small enough, what is no SYN, and what stays inside is left alone. Checksums are compared with those that the builder computes.
 */
#include "rig.h"

#define MSS "wan 203.0.113.5 mss 1360\n"
#define WEB "forward tcp 8443 192.168.11.20:443\npass tcp 22\n"
#define PINHOLE "pinhole tcp 2001:db8:11::20 443\n"

/* Options of a SYN: an MSS of 1460, 1440, 1360, 1340 and 1361 octets; window scale, SACK permitted. */
#define M1460 "020405b4"
#define M1440 "020405a0"
#define M1361 "02040551"
#define M1360 "02040550"
#define M1340 "0204053c"
#define WS "030307"
#define SACK "0402"
#define TS "080a0000000100000000"

struct clamp {
	struct step step;
	unsigned int clamped;
};

/* A SYN out, and what it is outside. */
#define OUT(options_in, options_out, clamped)                                                 \
	{                                                                                     \
		{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 S tcpopt=" options_in, \
		 TO_WAN, HP_SENT_OUTGOING,                                                    \
		 "tcp 203.0.113.5:40000 > 198.51.100.7:443 S tcpopt=" options_out},           \
			clamped                                                               \
	}
/* One that no translation touches, from outside to a service of the gateway. */
#define IN(options_in, options_out, clamped)                                                     \
	{                                                                                        \
		{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:22 S tcpopt=" options_in, PASS, \
		 HP_PASS_OWN_SERVICE,                                                            \
		 "tcp 198.51.100.9:50000 > 203.0.113.5:22 S tcpopt=" options_out},               \
			clamped                                                                  \
	}

static const struct clamp clamps[] = {
	/* Lowered, never raised. */
	OUT(M1460, M1360, 1),
	OUT(M1361, M1360, 1),
	OUT(M1360, M1360, 0),
	OUT(M1340, M1340, 0),
	OUT("02040000", "02040000", 0),
	OUT("0204ffff", M1360, 1),
	/* Wherever it stands, at odd octets too. */
	OUT(M1460 SACK TS "01" WS, M1360 SACK TS "01" WS, 1),
	OUT("01" M1460, "01" M1360, 1),
	OUT("010101" M1460, "010101" M1360, 1),
	OUT(WS M1460, WS M1360, 1),
	OUT(TS TS TS "010101010101" M1460, TS TS TS "010101010101" M1360, 1),
	IN("01" M1460, "01" M1360, 1),
	/* Without the option, or with what only looks like it. */
	OUT(TS, TS, 0),
	OUT("00" M1460, "00" M1460, 0),
	OUT("0101010102040000", "0101010102040000", 0),
	OUT("020305b4", "020305b4", 0),
	OUT("0200" M1460, "0200" M1460, 0),
	OUT("0301" M1460, "0301" M1460, 0),
	OUT("0300" M1460, "0300" M1460, 0),
	OUT("03ff" M1460, "03ff" M1460, 0),
	OUT("fd06" M1460 "01", "fd06" M1460 "01", 0),
	OUT("010204", "010204", 0),
	OUT("01010101010101010101010101010101010101010101010101010101010101010101010101010101",
	    "01010101010101010101010101010101010101010101010101010101010101010101010101010101", 0),
	{{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 S", TO_WAN, HP_SENT_OUTGOING,
	  "tcp 203.0.113.5:40000 > 198.51.100.7:443 S"},
	 0},
	/* The answer to it, in. */
	{{FROM_WAN, "tcp 198.51.100.7:443 > 203.0.113.5:40000 SA tcpopt=" M1460, TO_LAN,
	  HP_SENT_INCOMING, "tcp 198.51.100.7:443 > 192.168.11.30:40000 SA tcpopt=" M1360},
	 1},
	/* No SYN: the octets mean nothing then. */
	{{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 A tcpopt=" M1460, TO_WAN,
	  HP_SENT_OUTGOING, "tcp 203.0.113.5:40000 > 198.51.100.7:443 A tcpopt=" M1460},
	 0},
	/* A forward, in and out. */
	{{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:8443 S tcpopt=" M1460, TO_LAN,
	  HP_SENT_INCOMING, "tcp 198.51.100.9:50000 > 192.168.11.20:443 S tcpopt=" M1360},
	 1},
	{{FROM_LAN, "tcp 192.168.11.20:443 > 198.51.100.9:50000 SA tcpopt=" M1460, TO_WAN,
	  HP_SENT_OUTGOING, "tcp 203.0.113.5:8443 > 198.51.100.9:50000 SA tcpopt=" M1360},
	 1},
	/* The gateway's own. */
	IN(M1460, M1360, 1),
	{{FROM_HOST, "tcp 203.0.113.5:22 > 198.51.100.9:50000 SA tcpopt=" M1460, PASS,
	  HP_PASS_OWN_SERVICE, "tcp 203.0.113.5:22 > 198.51.100.9:50000 SA tcpopt=" M1360},
	 1},
	{{FROM_HOST, "tcp 203.0.113.5:45000 > 198.51.100.7:80 S tcpopt=" M1460, PASS,
	  HP_PASS_OWN_FLOW, "tcp 203.0.113.5:45000 > 198.51.100.7:80 S tcpopt=" M1360},
	 1},
	/* What the NAT sent was seen when it arrived. */
	{{FROM_HOST, "tcp 203.0.113.5:46000 > 198.51.100.7:80 S tcpopt=" M1460, PASS, HP_PASS_SENT,
	  NULL, .mark = MARK_SENT},
	 0},
	/* Inside: through the public address, and to another segment. */
	{{FROM_LAN1, "tcp 192.168.12.30:40001 > 203.0.113.5:8443 S tcpopt=" M1460, TO_LAN,
	  HP_SENT_HAIRPIN, "tcp 203.0.113.5:40001 > 192.168.11.20:443 S tcpopt=" M1460},
	 0},
	{{FROM_LAN, "tcp 192.168.11.30:40002 > 192.168.12.30:443 S tcpopt=" M1460, PASS,
	  HP_PASS_LAN},
	 0},
	/* Dropped is dropped, and an error quotes what was sent. */
	{{FROM_LAN, "tcp 192.168.11.30:40003 > 198.51.100.7:443 S ttl=1 len=0 tcpopt=" M1460,
	  TO_LAN, HP_DROP_TTL,
	  "icmp 192.168.11.1 > 192.168.11.30 type=11 tos=0xc0 ttl=64 quote=24 about "
	  "( tcp 192.168.11.30:40003 > 198.51.100.7:443 S ttl=1 len=0 tcpopt=" M1460 " )",
	  NULL, HP_SENT_ICMP_ERROR},
	 0},
	{{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:23 S tcpopt=" M1460, DROP,
	  HP_DROP_CLOSED},
	 0},
	/* IPv6, whose header is longer: at WAN in both directions, whoever routes it. */
	{{FROM_WAN, "tcp [2001:db8:77::7]:50000 > [2001:db8:11::20]:443 S tcpopt=" M1440, PASS,
	  HP_PASS_PINHOLE6, "tcp [2001:db8:77::7]:50000 > [2001:db8:11::20]:443 S tcpopt=" M1340},
	 1},
	{{FROM_LAN, "tcp [2001:db8:11::20]:443 > [2001:db8:77::7]:50000 SA tcpopt=" M1440, PASS,
	  HP_PASS_ROUTED6},
	 0},
	{{FROM_HOST, "tcp [2001:db8:11::20]:443 > [2001:db8:77::7]:50000 SA tcpopt=01" M1440, PASS,
	  HP_PASS_ROUTED6, "tcp [2001:db8:11::20]:443 > [2001:db8:77::7]:50000 SA tcpopt=01" M1340,
	  .mark = MARK_ADMITTED},
	 1},
	{{FROM_HOST, "tcp [2001:db8:ff::5]:46000 > [2001:db8:77::7]:80 S ext=0 tcpopt=" M1440, PASS,
	  HP_PASS_OWN_FLOW,
	  "tcp [2001:db8:ff::5]:46000 > [2001:db8:77::7]:80 S ext=0 tcpopt=" M1340},
	 1},
	{{FROM_LAN, "tcp [2001:db8:11::20]:443 > [2001:db8:12::7]:50000 S tcpopt=" M1440, PASS,
	  HP_PASS_LAN},
	 0},
};

static void test_clamps(void **state)
{
	struct rig *rig = *state;

	rig_reset(rig, RIG_PLAN MSS WEB PINHOLE);
	for (size_t i = 0; i < ARRAY_SIZE(clamps); i++) {
		__u64 before = rig_stat(rig, HP_STAT_MSS_CLAMPED);

		print_message("# %s\n", clamps[i].step.in);
		rig_step(rig, &clamps[i].step);
		assert_int_equal(rig_stat(rig, HP_STAT_MSS_CLAMPED) - before, clamps[i].clamped);
	}
}

/* nat.mss-clamp: off. */
static void test_left_alone(void **state)
{
	static const struct step steps[] = {
		{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 S tcpopt=" M1460, TO_WAN,
		 HP_SENT_OUTGOING, "tcp 203.0.113.5:40000 > 198.51.100.7:443 S tcpopt=" M1460},
		{FROM_WAN, "tcp 198.51.100.7:443 > 203.0.113.5:40000 SA tcpopt=" M1460, TO_LAN,
		 HP_SENT_INCOMING, "tcp 198.51.100.7:443 > 192.168.11.30:40000 SA tcpopt=" M1460},
		{0},
	};
	struct rig *rig = *state;

	rig_reset(rig, RIG_PLAN WEB);
	rig_steps(rig, steps);
	assert_int_equal(rig_stat(rig, HP_STAT_MSS_CLAMPED), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clamps),
		cmocka_unit_test(test_left_alone),
	};

	rig_need_root();
	return cmocka_run_group_tests_name("mss", tests, rig_setup, rig_teardown);
}
