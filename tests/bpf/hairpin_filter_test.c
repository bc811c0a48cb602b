// SPDX-License-Identifier: GPL-2.0-or-later
/* nat.hairpin-filtering: same. A packet from a LAN to a dynamic mapping is judged by its external source, as if it came from outside. */
/* Requirements: 11, 12, 14, 24, 32. */
#include "rig.h"

#define UDP_TARGET                                                                                \
	{                                                                                         \
		FROM_LAN, "udp 192.168.11.31:5000 > 198.51.100.7:3478", TO_WAN, HP_SENT_OUTGOING, \
			"udp 203.0.113.5:5000 > 198.51.100.7:3478",                               \
	}
#define UDP_SOURCE                                                                                 \
	{                                                                                          \
		FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:3478", TO_WAN, HP_SENT_OUTGOING, \
			"udp 203.0.113.5:40000 > 198.51.100.7:3478",                               \
	}

static const struct rig_case cases[] = {
	{
		"endpoint-independent: let in, with the external source (REQ-9a)",
		"wan 203.0.113.5 same udp independent\n",
		{
			UDP_TARGET,
			{FROM_LAN, "udp 192.168.11.30:40000 > 203.0.113.5:5000", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 203.0.113.5:40000 > 192.168.11.31:5000",
			 "outgoing udp lan 192.168.11.31:5000>198.51.100.7:3478 "
			 "wan 203.0.113.5:5000>198.51.100.7:3478\n"
			 "hairpin udp lan 192.168.11.30:40000>203.0.113.5:5000 "
			 "lan 203.0.113.5:40000>192.168.11.31:5000\n"
			 "mapping udp 192.168.11.30:40000 = 203.0.113.5:40000 x1\n"
			 "mapping udp 192.168.11.31:5000 = 203.0.113.5:5000 x2\n"},
		},
	},
	{
		"address-dependent: the target has not spoken to our address; nothing is left of it",
		"wan 203.0.113.5 same udp address\n",
		{
			UDP_TARGET,
			{FROM_LAN, "udp 192.168.11.30:40000 > 203.0.113.5:5000", DROP,
			 HP_DROP_FILTERED, NULL,
			 "outgoing udp lan 192.168.11.31:5000>198.51.100.7:3478 "
			 "wan 203.0.113.5:5000>198.51.100.7:3478\n"
			 "mapping udp 192.168.11.31:5000 = 203.0.113.5:5000 x1\n"
			 "peer udp 203.0.113.5:5000 < 198.51.100.7 x1\n"},
		},
	},
	{
		"address-dependent: spoken to one behind our address, it hears all of them",
		"wan 203.0.113.5 same udp address\n"
		"filter udp 192.168.11.30 independent\n",
		{
			UDP_TARGET,
			UDP_SOURCE,
			{FROM_LAN, "udp 192.168.11.31:5000 > 203.0.113.5:40000", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 203.0.113.5:5000 > 192.168.11.30:40000",
			 "outgoing udp lan 192.168.11.31:5000>198.51.100.7:3478 "
			 "wan 203.0.113.5:5000>198.51.100.7:3478\n"
			 "outgoing udp lan 192.168.11.30:40000>198.51.100.7:3478 "
			 "wan 203.0.113.5:40000>198.51.100.7:3478\n"
			 "hairpin udp lan 192.168.11.31:5000>203.0.113.5:40000 "
			 "lan 203.0.113.5:5000>192.168.11.30:40000\n"
			 "mapping udp 192.168.11.30:40000 = 203.0.113.5:40000 x2\n"
			 "mapping udp 192.168.11.31:5000 = 203.0.113.5:5000 x2\n"
			 "peer udp 203.0.113.5:5000 < 198.51.100.7 x1\n"
			 "peer udp 203.0.113.5:40000 < 198.51.100.7 x1\n"
			 "peer udp 203.0.113.5:5000 < 203.0.113.5 x1\n"},
			{FROM_LAN1, "udp 192.168.12.32:7000 > 203.0.113.5:5000", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 203.0.113.5:7000 > 192.168.11.31:5000"},
		},
	},
	{
		"address-and-port-dependent: both send, as outside, and the second meets the hole",
		"wan 203.0.113.5 same udp port\n",
		{
			UDP_TARGET,
			UDP_SOURCE,
			{FROM_LAN, "udp 192.168.11.30:40000 > 203.0.113.5:5000", DROP,
			 HP_DROP_FILTERED},
			{FROM_LAN, "udp 192.168.11.31:5000 > 203.0.113.5:40000", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 203.0.113.5:5000 > 192.168.11.30:40000"},
			{FROM_LAN, "udp 192.168.11.30:40000 > 203.0.113.5:5000", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 203.0.113.5:40000 > 192.168.11.31:5000"},
			{FROM_LAN1, "udp 192.168.12.32:7000 > 203.0.113.5:5000", DROP,
			 HP_DROP_FILTERED},
		},
	},
	{
		"TCP: simultaneous open between two hosts inside",
		"wan 203.0.113.5 same tcp port\n",
		{
			{FROM_LAN, "tcp 192.168.11.31:5000 > 198.51.100.7:443 S", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:5000 > 198.51.100.7:443 S"},
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 S", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:40000 > 198.51.100.7:443 S"},
			{FROM_LAN, "tcp 192.168.11.30:40000 > 203.0.113.5:5000 S", DROP,
			 HP_DROP_FILTERED},
			{FROM_LAN, "tcp 192.168.11.31:5000 > 203.0.113.5:40000 S", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:5000 > 192.168.11.30:40000 S"},
			/* The first one's SYN, repeated, and not an answer: both have sent theirs. */
			{FROM_LAN, "tcp 192.168.11.30:40000 > 203.0.113.5:5000 S", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:40000 > 192.168.11.31:5000 S"},
			{FROM_LAN, "tcp 192.168.11.31:5000 > 203.0.113.5:40000 SA", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:5000 > 192.168.11.30:40000 SA"},
			{FROM_LAN, "tcp 192.168.11.30:40000 > 203.0.113.5:5000 SA", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:40000 > 192.168.11.31:5000 SA"},
		},
	},
	{
		"a socket to its own mapping, whatever the filtering",
		"wan 203.0.113.5 same udp port\n",
		{
			UDP_TARGET,
			{FROM_LAN, "udp 192.168.11.31:5000 > 203.0.113.5:5000", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 203.0.113.5:5000 > 192.168.11.31:5000"},
		},
	},
	{
		"a forward is for everybody inside, and isolation is another question",
		"wan 203.0.113.5 same udp independent\n"
		"forward udp 6000 192.168.11.20:6000\n",
		{
			UDP_TARGET,
			{FROM_LAN, "udp 192.168.11.30:40000 > 203.0.113.5:6000", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 203.0.113.5:40000 > 192.168.11.20:6000"},
			{FROM_ISO, "udp 192.168.13.30:40000 > 203.0.113.5:5000", DROP,
			 HP_DROP_ISOLATED},
		},
	},
	{
		"source client: judged by the address that it would have outside",
		"wan 203.0.113.5 same source client udp address\n",
		{
			UDP_TARGET,
			{FROM_LAN1, "udp 192.168.12.32:7000 > 203.0.113.5:5000", DROP,
			 HP_DROP_FILTERED},
			{FROM_LAN, "udp 192.168.11.31:5000 > 203.0.113.5:5000", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 203.0.113.5:5000 > 192.168.11.31:5000"},
			{FROM_LAN1, "udp 192.168.12.32:7000 > 203.0.113.5:5000", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 192.168.12.32:7000 > 192.168.11.31:5000"},
		},
	},
};

int main(void)
{
	return RIG_RUN_CASES("hairpin filter", cases);
}
