// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Protocols of which only the number is known: one host at a time towards one destination, with the public address; what cannot be
 * translated does not leave.
 */
#include "rig.h"

#define S_GRE                                                  \
	"outgoing proto47 lan 192.168.11.30:0>198.51.100.7:0 " \
	"wan 203.0.113.5:0>198.51.100.7:0"
#define S_HOST                                            \
	"host proto47 host 203.0.113.5:0>198.51.100.7:0 " \
	"wan 203.0.113.5:0>198.51.100.7:0\n"

#define TOLD "type=3/13 tos=0xc0 ttl=64 quote=8 about "

static const struct rig_case cases[] = {
	{
		"out and back, octets after the IP header untouched",
		NULL,
		{
			{FROM_LAN, "proto=47 192.168.11.30 > 198.51.100.7 len=100", TO_WAN,
			 HP_SENT_UNKNOWN, "proto=47 203.0.113.5 > 198.51.100.7 len=100",
			 S_GRE "\n"},
			{FROM_WAN, "proto=47 198.51.100.7 > 203.0.113.5 len=77", TO_LAN,
			 HP_SENT_UNKNOWN, "proto=47 198.51.100.7 > 192.168.11.30 len=77",
			 S_GRE " replied\n"},
			{FROM_LAN, "proto=47 192.168.11.30 > 198.51.100.7 options tos=0xb8 df",
			 TO_WAN, HP_SENT_UNKNOWN,
			 "proto=47 203.0.113.5 > 198.51.100.7 options tos=0xb8 df"},
			{FROM_LAN, "proto=47 192.168.11.30 > 198.51.100.7 len=0", TO_WAN,
			 HP_SENT_UNKNOWN, "proto=47 203.0.113.5 > 198.51.100.7 len=0"},
		},
	},
	{
		"ESP, SCTP, IP in IP, 6in4, L2TP",
		NULL,
		{
			{FROM_LAN, "proto=50 192.168.11.30 > 198.51.100.7", TO_WAN, HP_SENT_UNKNOWN,
			 "proto=50 203.0.113.5 > 198.51.100.7"},
			{FROM_LAN, "proto=132 192.168.11.30 > 198.51.100.7", TO_WAN,
			 HP_SENT_UNKNOWN, "proto=132 203.0.113.5 > 198.51.100.7"},
			{FROM_LAN, "proto=4 192.168.11.30 > 198.51.100.7", TO_WAN, HP_SENT_UNKNOWN,
			 "proto=4 203.0.113.5 > 198.51.100.7"},
			{FROM_LAN, "proto=41 192.168.11.30 > 198.51.100.7", TO_WAN, HP_SENT_UNKNOWN,
			 "proto=41 203.0.113.5 > 198.51.100.7"},
			{FROM_LAN, "proto=115 192.168.11.30 > 198.51.100.7", TO_WAN,
			 HP_SENT_UNKNOWN, "proto=115 203.0.113.5 > 198.51.100.7"},
			{FROM_WAN, "proto=132 198.51.100.7 > 203.0.113.5", TO_LAN, HP_SENT_UNKNOWN,
			 "proto=132 198.51.100.7 > 192.168.11.30"},
		},
	},
	{
		"the second host towards one destination",
		NULL,
		{
			{FROM_LAN, "proto=47 192.168.11.30 > 198.51.100.7", TO_WAN, HP_SENT_UNKNOWN,
			 "proto=47 203.0.113.5 > 198.51.100.7"},
			{FROM_LAN1, "proto=47 192.168.12.30 > 198.51.100.7", TO_LAN, HP_DROP_CLASH,
			 "icmp 192.168.12.1 > 192.168.12.30 " TOLD
			 "( proto=47 192.168.12.30 > 198.51.100.7 )",
			 S_GRE "\n", HP_SENT_ICMP_ERROR},
			/* Another protocol, another destination: nothing to tell apart. */
			{FROM_LAN1, "proto=50 192.168.12.30 > 198.51.100.7", TO_WAN,
			 HP_SENT_UNKNOWN, "proto=50 203.0.113.5 > 198.51.100.7"},
			{FROM_LAN1, "proto=47 192.168.12.30 > 198.51.100.8", TO_WAN,
			 HP_SENT_UNKNOWN, "proto=47 203.0.113.5 > 198.51.100.8"},
			{FROM_WAN, "proto=47 198.51.100.8 > 203.0.113.5", TO_LAN, HP_SENT_UNKNOWN,
			 "proto=47 198.51.100.8 > 192.168.12.30"},
			{FROM_WAN, "proto=50 198.51.100.7 > 203.0.113.5", TO_LAN, HP_SENT_UNKNOWN,
			 "proto=50 198.51.100.7 > 192.168.12.30"},
			{FROM_WAN, "proto=47 198.51.100.7 > 203.0.113.5", TO_LAN, HP_SENT_UNKNOWN,
			 "proto=47 198.51.100.7 > 192.168.11.30"},
		},
	},
	{
		"a tunnel of the gateway's own was first",
		NULL,
		{
			{FROM_HOST, "proto=47 203.0.113.5 > 198.51.100.7", PASS, HP_PASS_OWN_FLOW},
			{FROM_LAN, "proto=47 192.168.11.30 > 198.51.100.7", TO_LAN, HP_DROP_CLASH,
			 "icmp 192.168.11.1 > 192.168.11.30 " TOLD
			 "( proto=47 192.168.11.30 > 198.51.100.7 )",
			 S_HOST, HP_SENT_ICMP_ERROR},
			{FROM_WAN, "proto=47 198.51.100.7 > 203.0.113.5", PASS, HP_PASS_OWN_FLOW},
		},
	},
	{
		"a LAN host was first, and the gateway comes too late",
		NULL,
		{
			{FROM_LAN, "proto=47 192.168.11.30 > 198.51.100.7", TO_WAN, HP_SENT_UNKNOWN,
			 "proto=47 203.0.113.5 > 198.51.100.7"},
			{FROM_HOST, "proto=47 203.0.113.5 > 198.51.100.7", DROP, HP_DROP_CLASH,
			 NULL, S_GRE "\n"},
		},
	},
	{
		"nobody but that remote answers, and nobody begins from outside",
		"forward tcp 47 192.168.11.20:47\n",
		{
			{FROM_LAN, "proto=47 192.168.11.30 > 198.51.100.7", TO_WAN, HP_SENT_UNKNOWN,
			 "proto=47 203.0.113.5 > 198.51.100.7"},
			{FROM_WAN, "proto=47 198.51.100.8 > 203.0.113.5", DROP, HP_DROP_PROTOCOL},
			{FROM_WAN, "proto=50 198.51.100.7 > 203.0.113.5", DROP, HP_DROP_PROTOCOL},
			{FROM_WAN, "proto=47 198.51.100.7 > 203.0.113.6", DROP, HP_DROP_PROTOCOL},
			{FROM_WAN, "proto=47 198.51.100.7 > 192.168.11.30", DROP, HP_DROP_TO_LAN},
		},
	},
	{
		"what covers the addresses, or means one link, does not leave",
		NULL,
		{
			{FROM_LAN, "proto=2 192.168.11.30 > 198.51.100.7", TO_LAN, HP_DROP_PROTOCOL,
			 "icmp 192.168.11.1 > 192.168.11.30 " TOLD
			 "( proto=2 192.168.11.30 > 198.51.100.7 )",
			 "", HP_SENT_ICMP_ERROR},
			{FROM_LAN, "proto=33 192.168.11.30 > 198.51.100.7", TO_LAN,
			 HP_DROP_PROTOCOL,
			 "icmp 192.168.11.1 > 192.168.11.30 " TOLD
			 "( proto=33 192.168.11.30 > 198.51.100.7 )",
			 "", HP_SENT_ICMP_ERROR},
			{FROM_LAN, "proto=51 192.168.11.30 > 198.51.100.7", TO_LAN,
			 HP_DROP_PROTOCOL,
			 "icmp 192.168.11.1 > 192.168.11.30 " TOLD
			 "( proto=51 192.168.11.30 > 198.51.100.7 )",
			 "", HP_SENT_ICMP_ERROR},
			{FROM_LAN, "proto=112 192.168.11.30 > 198.51.100.7", TO_LAN,
			 HP_DROP_PROTOCOL,
			 "icmp 192.168.11.1 > 192.168.11.30 " TOLD
			 "( proto=112 192.168.11.30 > 198.51.100.7 )",
			 "", HP_SENT_ICMP_ERROR},
			{FROM_LAN, "proto=136 192.168.11.30 > 198.51.100.7", TO_LAN,
			 HP_DROP_PROTOCOL,
			 "icmp 192.168.11.1 > 192.168.11.30 " TOLD
			 "( proto=136 192.168.11.30 > 198.51.100.7 )",
			 "", HP_SENT_ICMP_ERROR},
			{FROM_LAN, "proto=139 192.168.11.30 > 198.51.100.7", TO_LAN,
			 HP_DROP_PROTOCOL,
			 "icmp 192.168.11.1 > 192.168.11.30 " TOLD
			 "( proto=139 192.168.11.30 > 198.51.100.7 )",
			 "", HP_SENT_ICMP_ERROR},
			/* Octets that would be an echo in IPv6. */
			{FROM_LAN, "icmp6 192.168.11.30 > 198.51.100.7 request id=9", TO_LAN,
			 HP_DROP_PROTOCOL,
			 "icmp 192.168.11.1 > 192.168.11.30 "
			 "type=3/13 tos=0xc0 ttl=64 quote=16 about "
			 "( icmp6 192.168.11.30 > 198.51.100.7 request id=9 )",
			 "", HP_SENT_ICMP_ERROR},
		},
	},
	{
		"isolated segments may, other segments are not translated",
		NULL,
		{
			{FROM_ISO, "proto=47 192.168.13.30 > 198.51.100.7", TO_WAN, HP_SENT_UNKNOWN,
			 "proto=47 203.0.113.5 > 198.51.100.7"},
			{FROM_LAN, "proto=47 192.168.11.30 > 192.168.12.30", PASS, HP_PASS_LAN},
			{FROM_LAN, "proto=47 192.168.11.30 > 10.99.0.7", PASS,
			 HP_PASS_OTHER_DEVICE},
			{FROM_LAN, "proto=47 192.168.11.30 > 203.0.113.5", PASS,
			 HP_PASS_OWN_SERVICE},
			{FROM_ISO, "proto=47 192.168.13.30 > 203.0.113.5", DROP, HP_DROP_ISOLATED},
		},
	},
	{
		"hops, sizes, and who is told",
		NULL,
		{
			{FROM_LAN, "proto=47 192.168.11.30 > 198.51.100.7 ttl=1", TO_LAN,
			 HP_DROP_TTL,
			 "icmp 192.168.11.1 > 192.168.11.30 type=11 tos=0xc0 ttl=64 quote=8 about "
			 "( proto=47 192.168.11.30 > 198.51.100.7 ttl=1 )",
			 NULL, HP_SENT_ICMP_ERROR},
			{FROM_LAN, "proto=47 192.168.11.30 > 198.51.100.7 len=1381 df", TO_LAN,
			 HP_DROP_TOO_BIG,
			 "icmp 192.168.11.1 > 192.168.11.30 type=3/4 mtu=1400 tos=0xc0 ttl=64 "
			 "quote=28 about ( proto=47 192.168.11.30 > 198.51.100.7 len=1381 df )",
			 NULL, HP_SENT_ICMP_ERROR},
			{FROM_LAN, "proto=47 192.168.11.30 > 198.51.100.7 len=1380 df", TO_WAN,
			 HP_SENT_UNKNOWN, "proto=47 203.0.113.5 > 198.51.100.7 len=1380 df"},
		},
	},
	{
		"ICMP errors about it come through, with the quote restored",
		NULL,
		{
			{FROM_LAN, "proto=50 192.168.11.30 > 198.51.100.7", TO_WAN, HP_SENT_UNKNOWN,
			 "proto=50 203.0.113.5 > 198.51.100.7"},
			{FROM_WAN,
			 "icmp 198.51.100.1 > 203.0.113.5 type=3/4 mtu=1280 about "
			 "( proto=50 203.0.113.5 > 198.51.100.7 )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 198.51.100.1 > 192.168.11.30 type=3/4 mtu=1280 about "
			 "( proto=50 192.168.11.30 > 198.51.100.7 )"},
			{FROM_WAN,
			 "icmp 198.51.100.1 > 203.0.113.5 type=3/4 mtu=1280 about "
			 "( proto=47 203.0.113.5 > 198.51.100.7 )",
			 DROP, HP_DROP_ICMP_ERROR},
		},
	},
	{
		"no public address now",
		"wan -\n",
		{
			{FROM_LAN, "proto=47 192.168.11.30 > 198.51.100.7", TO_LAN, HP_DROP_NO_WAN,
			 "icmp 192.168.11.1 > 192.168.11.30 type=3/1 tos=0xc0 ttl=64 quote=8 about "
			 "( proto=47 192.168.11.30 > 198.51.100.7 )",
			 "", HP_SENT_ICMP_ERROR},
		},
	},
};

int main(void)
{
	return RIG_RUN_CASES("unknown", cases);
}
