// SPDX-License-Identifier: GPL-2.0-or-later
/* The gateway's own flows: their ports come from the same index as those of the LAN. */
/* Requirements: 3, 39. */
#include "rig.h"

#define OWN                                                \
	"host udp host 203.0.113.5:50000>198.51.100.7:53 " \
	"wan 203.0.113.5:50000>198.51.100.7:53"
#define OWN_MAPPING "mapping udp 203.0.113.5:50000 = 203.0.113.5:50000 x1 host\n"

static const struct rig_case cases[] = {
	{
		"a flow of the gateway and its answer",
		NULL,
		{
			{FROM_HOST, "udp 203.0.113.5:50000 > 198.51.100.7:53", PASS,
			 HP_PASS_OWN_FLOW, NULL, OWN "\n" OWN_MAPPING},
			{FROM_WAN, "udp 198.51.100.7:53 > 203.0.113.5:50000", PASS,
			 HP_PASS_OWN_FLOW, NULL, OWN " replied\n" OWN_MAPPING},
			{FROM_WAN, "udp 192.0.2.66:53 > 203.0.113.5:50000", DROP, HP_DROP_FILTERED},
		},
	},
	{
		"TCP of the gateway",
		NULL,
		{
			{FROM_HOST, "tcp 203.0.113.5:50000 > 198.51.100.7:443 S", PASS,
			 HP_PASS_OWN_FLOW},
			{FROM_WAN, "tcp 198.51.100.7:443 > 203.0.113.5:50000 SA", PASS,
			 HP_PASS_OWN_FLOW},
			{FROM_HOST, "tcp 203.0.113.5:50000 > 198.51.100.7:443 A", PASS,
			 HP_PASS_OWN_FLOW, NULL,
			 "host tcp host 203.0.113.5:50000>198.51.100.7:443 "
			 "wan 203.0.113.5:50000>198.51.100.7:443 established replied\n"
			 "mapping tcp 203.0.113.5:50000 = 203.0.113.5:50000 x1 host\n"},
		},
	},
	{
		"echo of the gateway",
		NULL,
		{
			{FROM_HOST, "icmp 203.0.113.5 > 198.51.100.7 request id=9", PASS,
			 HP_PASS_OWN_FLOW},
			{FROM_WAN, "icmp 198.51.100.7 > 203.0.113.5 reply id=9", PASS,
			 HP_PASS_OWN_FLOW},
		},
	},
	{
		"a port that a LAN host has: the gateway's flow is translated, both ways",
		"wan 203.0.113.5 ports 40000-40001\n",
		{
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:40000 > 198.51.100.7:53"},
			{FROM_HOST, "udp 203.0.113.5:40000 > 198.51.100.7:53", PASS,
			 HP_PASS_OWN_FLOW, "udp 203.0.113.5:40001 > 198.51.100.7:53",
			 "outgoing udp lan 192.168.11.30:40000>198.51.100.7:53 "
			 "wan 203.0.113.5:40000>198.51.100.7:53\n"
			 "host udp host 203.0.113.5:40000>198.51.100.7:53 "
			 "wan 203.0.113.5:40001>198.51.100.7:53\n"
			 "mapping udp 192.168.11.30:40000 = 203.0.113.5:40000 x1\n"
			 "mapping udp 203.0.113.5:40000 = 203.0.113.5:40001 x1 host\n"},
			{FROM_WAN, "udp 198.51.100.7:53 > 203.0.113.5:40001", PASS,
			 HP_PASS_OWN_FLOW, "udp 198.51.100.7:53 > 203.0.113.5:40000"},
			{FROM_WAN, "udp 198.51.100.7:53 > 203.0.113.5:40000", TO_LAN,
			 HP_SENT_INCOMING, "udp 198.51.100.7:53 > 192.168.11.30:40000"},
			/* What it quotes is not what the gateway's stack sent. */
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=3/4 mtu=1400 about "
			 "( udp 203.0.113.5:40001 > 198.51.100.7:53 )",
			 PASS, HP_PASS_ICMP_ERROR,
			 "icmp 192.0.2.1 > 203.0.113.5 type=3/4 mtu=1400 about "
			 "( udp 203.0.113.5:40000 > 198.51.100.7:53 )"},
		},
	},
	{
		"a port of the gateway: a LAN host's flow is translated",
		"wan 203.0.113.5 ports 40000-40001\n",
		{
			{FROM_HOST, "udp 203.0.113.5:40000 > 198.51.100.7:53", PASS,
			 HP_PASS_OWN_FLOW},
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:40001 > 198.51.100.7:53"},
			/* A LAN host that speaks to that port speaks to the gateway. */
			{FROM_LAN, "udp 192.168.11.31:40000 > 203.0.113.5:40000", PASS,
			 HP_PASS_OWN_SERVICE},
		},
	},
	{
		"a port outside nat.ports is the gateway's to keep",
		"wan 203.0.113.5 ports 40000-40001\n",
		{
			{FROM_HOST, "udp 203.0.113.5:123 > 198.51.100.7:123", PASS,
			 HP_PASS_OWN_FLOW},
			{FROM_WAN, "udp 198.51.100.7:123 > 203.0.113.5:123", PASS,
			 HP_PASS_OWN_FLOW},
		},
	},
	{
		"a declared port is not the gateway's",
		"wan 203.0.113.5 ports 40000-40000\n"
		"forward udp 6000 192.168.11.20:6000\n",
		{
			{FROM_HOST, "udp 203.0.113.5:6000 > 198.51.100.7:53", PASS,
			 HP_PASS_OWN_FLOW, "udp 203.0.113.5:40000 > 198.51.100.7:53"},
			{FROM_WAN, "udp 198.51.100.7:53 > 203.0.113.5:40000", PASS,
			 HP_PASS_OWN_FLOW, "udp 198.51.100.7:53 > 203.0.113.5:6000"},
		},
	},
	{
		"a private source does not leave",
		NULL,
		{
			{FROM_HOST, "udp 192.168.11.30:40000 > 198.51.100.7:53", DROP,
			 HP_DROP_PRIVATE_SOURCE, NULL, ""},
			{FROM_HOST, "udp 192.168.11.1:40000 > 198.51.100.7:53", DROP,
			 HP_DROP_PRIVATE_SOURCE, NULL, ""},
			{FROM_HOST, "udp 10.99.0.7:40000 > 198.51.100.7:53", DROP,
			 HP_DROP_PRIVATE_SOURCE, NULL, ""},
			{FROM_HOST, "proto=47 10.99.0.7 > 198.51.100.7", DROP,
			 HP_DROP_PRIVATE_SOURCE, NULL, ""},
		},
	},
	{
		"what the NAT sent is not judged again",
		NULL,
		{
			{FROM_HOST, "udp 203.0.113.5:40000 > 198.51.100.7:53", PASS, HP_PASS_SENT,
			 NULL, "", .mark = MARK_SENT},
		},
	},
	{
		"what the link lives on",
		NULL,
		{
			{FROM_HOST, "udp 0.0.0.0:68 > 255.255.255.255:67", PASS, HP_PASS_LINK, NULL,
			 ""},
			{FROM_HOST, "igmp 203.0.113.5 > 224.0.0.22", PASS, HP_PASS_LINK, NULL, ""},
			{FROM_HOST, "ether=0x0806", PASS, HP_PASS_NOT_IP, NULL, ""},
		},
	},
	{
		"a tunnel of the gateway's own",
		NULL,
		{
			{FROM_HOST, "proto=47 203.0.113.5 > 198.51.100.7", PASS, HP_PASS_OWN_FLOW,
			 NULL,
			 "host proto47 host 203.0.113.5:0>198.51.100.7:0 "
			 "wan 203.0.113.5:0>198.51.100.7:0\n"},
			{FROM_WAN, "proto=47 198.51.100.7 > 203.0.113.5", PASS, HP_PASS_OWN_FLOW},
			{FROM_WAN, "proto=47 192.0.2.66 > 203.0.113.5", DROP, HP_DROP_PROTOCOL},
		},
	},
	{
		"errors and resets that the gateway answers with",
		NULL,
		{
			{FROM_HOST,
			 "icmp 203.0.113.5 > 198.51.100.9 type=3/3 about "
			 "( udp 198.51.100.9:5000 > 203.0.113.5:53 )",
			 PASS, HP_PASS_OWN_FLOW, NULL, ""},
			{FROM_HOST, "tcp 203.0.113.5:22 > 198.51.100.9:50000 RA", PASS,
			 HP_PASS_OWN_FLOW, NULL, ""},
		},
	},
	{
		"a connection that the gateway opened before we came is taken up",
		NULL,
		{
			{FROM_HOST, "tcp 203.0.113.5:50000 > 198.51.100.7:443 A", PASS,
			 HP_PASS_OWN_FLOW, NULL,
			 "host tcp host 203.0.113.5:50000>198.51.100.7:443 "
			 "wan 203.0.113.5:50000>198.51.100.7:443 established\n"
			 "mapping tcp 203.0.113.5:50000 = 203.0.113.5:50000 x1 host\n"},
			{FROM_WAN, "tcp 198.51.100.7:443 > 203.0.113.5:50000 A", PASS,
			 HP_PASS_OWN_FLOW},
		},
	},
	{
		"errors about a flow of the gateway, and about others",
		"wan 203.0.113.5 ports 40000-40001\n",
		{
			{FROM_HOST, "udp 203.0.113.5:50000 > 198.51.100.7:53", PASS,
			 HP_PASS_OWN_FLOW},
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=3/4 mtu=1400 about "
			 "( udp 203.0.113.5:50000 > 198.51.100.7:53 )",
			 PASS, HP_PASS_ICMP_ERROR},
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=3/4 mtu=1400 about "
			 "( udp 203.0.113.5:50001 > 198.51.100.7:53 )",
			 DROP, HP_DROP_ICMP_ERROR},
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:40000 > 198.51.100.7:53"},
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=11/0 about "
			 "( udp 203.0.113.5:40000 > 198.51.100.7:53 )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 192.0.2.1 > 192.168.11.30 type=11/0 about "
			 "( udp 192.168.11.30:40000 > 198.51.100.7:53 )"},
		},
	},
	{
		"errors about what a passed service answered",
		"pass tcp 22\n",
		{
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=3/4 mtu=1400 about "
			 "( tcp 203.0.113.5:22 > 198.51.100.9:50000 A )",
			 PASS, HP_PASS_ICMP_ERROR, NULL, ""},
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=3/4 mtu=1400 about "
			 "( udp 203.0.113.5:22 > 198.51.100.9:50000 )",
			 DROP, HP_DROP_ICMP_ERROR, NULL, ""},
		},
	},
};

int main(void)
{
	return RIG_RUN_CASES("host", cases);
}
