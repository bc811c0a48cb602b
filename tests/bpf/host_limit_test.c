// SPDX-License-Identifier: GPL-2.0-or-later
/* One host at its limits: it is refused and told so, what it has goes on, and nobody else notices. */
/* Requirements: 45, 62, 63. */
#include "rig.h"

#define OUT(host, port, to)                                                                     \
	{                                                                                       \
		FROM_LAN, "udp 192.168.11." #host ":" #port " > 198.51.100." #to ":53", TO_WAN, \
			HP_SENT_OUTGOING, "udp 203.0.113.5:" #port " > 198.51.100." #to ":53",  \
	}
#define REFUSED(host, packet, drop)                                                 \
	{                                                                           \
		FROM_LAN, packet, TO_LAN, drop,                                     \
			"icmp 192.168.11.1 > 192.168.11." #host                     \
			" type=3/13 tos=0xc0 ttl=64 quote=16 about ( " packet " )", \
			NULL, HP_SENT_ICMP_ERROR,                                   \
	}
#define UDP6(host, port) FROM_LAN, "udp [2001:db8:11::" #host "]:" #port " > [2001:db8:77::7]:53"

static const struct rig_case cases[] = {
	{
		"mappings",
		"limits mappings 2\n",
		{
			OUT(30, 40000, 7),
			OUT(30, 40001, 7),
			REFUSED(30, "udp 192.168.11.30:40002 > 198.51.100.7:53 len=8",
				HP_DROP_HOST_LIMIT),
			/* TCP and ICMP count to the same. */
			REFUSED(30, "icmp 192.168.11.30 > 198.51.100.7 request id=9 len=8",
				HP_DROP_HOST_LIMIT),
			/* The same mappings towards another one, and another host. */
			OUT(30, 40001, 8),
			OUT(31, 40002, 7),
			{FROM_WAN, "udp 198.51.100.7:53 > 203.0.113.5:40000", TO_LAN,
			 HP_SENT_INCOMING, "udp 198.51.100.7:53 > 192.168.11.30:40000"},
		},
	},
	{
		"sessions",
		"limits sessions 2\n",
		{
			OUT(30, 40000, 7),
			OUT(30, 40000, 8),
			REFUSED(30, "udp 192.168.11.30:40000 > 198.51.100.9:53 len=8",
				HP_DROP_HOST_LIMIT),
			OUT(31, 40001, 7),
		},
	},
	{
		"sessions of IPv6, by address; an error about one is the stack's",
		"limits sessions 1\n",
		{
			{UDP6(30, 1), PASS, HP_PASS_ROUTED6},
			{UDP6(30, 2), DROP, HP_DROP_HOST_LIMIT},
			{UDP6(31, 2), PASS, HP_PASS_ROUTED6},
			/* The same machine by IPv4 is another address. */
			OUT(30, 40000, 7),
		},
	},
	{
		"a session through the public address counts, too",
		"limits sessions 1\nforward udp 6000 192.168.11.20:6000\n",
		{
			OUT(30, 40000, 7),
			REFUSED(30, "udp 192.168.11.30:40000 > 203.0.113.5:6000 len=8",
				HP_DROP_HOST_LIMIT),
			/* For the server, what others begin does not. */
			{FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.5:6000", TO_LAN,
			 HP_SENT_INCOMING, "udp 198.51.100.9:50000 > 192.168.11.20:6000"},
			{FROM_WAN, "udp 198.51.100.9:50001 > 203.0.113.5:6000", TO_LAN,
			 HP_SENT_INCOMING, "udp 198.51.100.9:50001 > 192.168.11.20:6000"},
			OUT(20, 40001, 7),
		},
	},
};

int main(void)
{
	return RIG_RUN_CASES("host limit", cases);
}
