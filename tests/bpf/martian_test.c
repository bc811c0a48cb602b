// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets that no honest machine sends, from both sides: addresses that are nobody's (RFC 1812 section 5.3.7), broadcasts of a
 * network from outside of it, the gateway's own addresses in the mouth of others, and whatever would go round in circles. wan_test.c and
 * lan_test.c have the usual ones.
 */
#include "rig.h"

#define DROPPED(from, packet, reason)                \
	{                                            \
		from, packet, DROP, reason, NULL, "" \
	}
/* Dropped, and the sender told that the host is not to be reached. */
#define TOLD_OUTSIDE(packet)                                                                \
	{                                                                                   \
		FROM_WAN, packet, TO_WAN, HP_DROP_NO_ROUTE,                                 \
			"icmp 203.0.113.5 > 198.51.100.9 type=3/1 tos=0xc0 ttl=64 quote=16" \
			" about ( " packet " )",                                            \
			NULL, HP_SENT_ICMP_ERROR                                            \
	}
#define TOLD_INSIDE(packet)                                                                   \
	{                                                                                     \
		FROM_LAN, packet, TO_LAN, HP_DROP_NO_ROUTE,                                   \
			"icmp 192.168.11.1 > 192.168.11.30 type=3/1 tos=0xc0 ttl=64 quote=16" \
			" about ( " packet " )",                                              \
			NULL, HP_SENT_ICMP_ERROR                                              \
	}
#define LOOPS                                  \
	"forward udp 6001 192.168.11.1:6001\n" \
	"forward udp 6002 203.0.113.5:6002\n"  \
	"forward udp 6003 203.0.113.6:6003\n"  \
	"forward udp 6004 198.51.100.7:6004\n" \
	"forward udp 6005 192.168.11.255:6005\n"

static const struct rig_case cases[] = {
	{
		"from WAN: sources that are nobody's",
		"forward udp 53 192.168.11.20:53\npass udp 54\n",
		{
			DROPPED(FROM_WAN, "udp 0.1.2.3:9 > 203.0.113.5:53", HP_DROP_SPOOFED),
			DROPPED(FROM_WAN, "udp 127.9.9.9:9 > 203.0.113.5:54", HP_DROP_SPOOFED),
			DROPPED(FROM_WAN, "udp 239.1.1.1:9 > 203.0.113.5:53", HP_DROP_SPOOFED),
			DROPPED(FROM_WAN, "udp 240.0.0.1:9 > 203.0.113.5:53", HP_DROP_SPOOFED),
			DROPPED(FROM_WAN, "udp 255.255.255.255:9 > 203.0.113.5:54",
				HP_DROP_SPOOFED),
			DROPPED(FROM_WAN, "icmp 224.0.0.1 > 203.0.113.5 request id=5",
				HP_DROP_SPOOFED),
			DROPPED(FROM_WAN, "proto=47 127.0.0.1 > 203.0.113.5", HP_DROP_SPOOFED),
		},
	},
	{
		"from WAN: our own addresses as the source, to themselves and to others",
		"forward udp 53 192.168.11.20:53\npass udp 54\n",
		{
			DROPPED(FROM_WAN, "udp 203.0.113.5:53 > 203.0.113.5:53", HP_DROP_SPOOFED),
			DROPPED(FROM_WAN, "tcp 203.0.113.5:54 > 203.0.113.5:54 S", HP_DROP_SPOOFED),
			DROPPED(FROM_WAN, "udp 203.0.113.6:9 > 203.0.113.5:53", HP_DROP_SPOOFED),
			DROPPED(FROM_WAN, "udp 192.168.11.1:9 > 203.0.113.5:54", HP_DROP_SPOOFED),
			DROPPED(FROM_WAN, "udp 192.168.11.20:53 > 203.0.113.5:53", HP_DROP_SPOOFED),
			DROPPED(FROM_WAN, "udp 198.51.100.9:9 > 198.51.100.9:9", HP_DROP_NOT_OURS),
		},
	},
	{
		"from WAN: destinations that are nobody's, and broadcasts",
		NULL,
		{
			DROPPED(FROM_WAN, "udp 198.51.100.9:9 > 0.0.0.0:53", HP_DROP_NOT_OURS),
			DROPPED(FROM_WAN, "udp 198.51.100.9:9 > 127.0.0.1:53", HP_DROP_NOT_OURS),
			DROPPED(FROM_WAN, "udp 198.51.100.9:9 > 240.0.0.1:53", HP_DROP_NOT_OURS),
			DROPPED(FROM_WAN, "udp 198.51.100.9:9 > 224.0.0.5:53", HP_DROP_MULTICAST),
			/* Of the WAN network, and of LANs: a smurf's. */
			DROPPED(FROM_WAN, "icmp 198.51.100.9 > 203.0.113.255 request id=5",
				HP_DROP_NOT_OURS),
			DROPPED(FROM_WAN, "icmp 198.51.100.9 > 192.168.11.255 request id=5",
				HP_DROP_TO_LAN),
			DROPPED(FROM_WAN, "udp 198.51.100.9:9 > 192.168.13.0:7", HP_DROP_TO_LAN),
			DROPPED(FROM_WAN, "udp 198.51.100.9:67 > 192.168.11.255:68",
				HP_DROP_TO_LAN),
		},
	},
	{
		"from a LAN: destinations that are nobody's do not leave by the default route",
		NULL,
		{
			DROPPED(FROM_LAN, "udp 192.168.11.30:9 > 0.0.0.0:53", HP_DROP_MARTIAN),
			DROPPED(FROM_LAN, "udp 192.168.11.30:9 > 0.1.2.3:53", HP_DROP_MARTIAN),
			DROPPED(FROM_LAN, "udp 192.168.11.30:9 > 127.0.0.1:53", HP_DROP_MARTIAN),
			DROPPED(FROM_LAN, "tcp 192.168.11.30:9 > 240.0.0.1:53 S", HP_DROP_MARTIAN),
			DROPPED(FROM_LAN, "proto=47 192.168.11.30 > 255.0.0.1", HP_DROP_MARTIAN),
			DROPPED(FROM_ISO, "udp 192.168.13.30:9 > 127.0.0.1:53", HP_DROP_MARTIAN),
		},
	},
	{
		"from a LAN: sources that are nobody's, or the gateway's",
		"forward udp 53 192.168.11.20:53\n",
		{
			DROPPED(FROM_LAN, "udp 127.0.0.1:9 > 198.51.100.7:53", HP_DROP_SPOOFED),
			DROPPED(FROM_LAN, "udp 224.0.0.1:9 > 198.51.100.7:53", HP_DROP_SPOOFED),
			DROPPED(FROM_LAN, "udp 255.255.255.255:9 > 203.0.113.5:53",
				HP_DROP_SPOOFED),
			DROPPED(FROM_LAN, "udp 203.0.113.5:9 > 203.0.113.5:53", HP_DROP_SPOOFED),
			DROPPED(FROM_LAN, "udp 203.0.113.5:53 > 198.51.100.7:53", HP_DROP_SPOOFED),
			DROPPED(FROM_LAN, "udp 192.168.11.1:9 > 192.168.11.1:9", HP_DROP_SPOOFED),
			DROPPED(FROM_LAN, "udp 192.168.11.30:9 > 192.168.11.30:9", HP_DROP_MARTIAN),
			DROPPED(FROM_LAN, "udp 0.0.0.0:68 > 203.0.113.5:67", HP_DROP_SPOOFED),
		},
	},
	{
		"from a LAN: what is for everybody stays inside, and the stack's",
		NULL,
		{
			{FROM_LAN, "udp 192.168.11.30:9 > 255.255.255.255:9", PASS, HP_PASS_LAN,
			 NULL, ""},
			{FROM_LAN, "udp 192.168.11.30:9 > 192.168.11.255:9", PASS, HP_PASS_LAN,
			 NULL, ""},
			{FROM_LAN, "udp 192.168.11.30:9 > 192.168.12.255:9", PASS, HP_PASS_LAN,
			 NULL, ""},
			{FROM_LAN, "udp 192.168.11.30:9 > 239.1.1.1:9", PASS, HP_PASS_LAN, NULL,
			 ""},
			/* The WAN network's: no route leads there but the stack's own, which does not forward it. */
			{FROM_LAN, "udp 192.168.11.30:9 > 203.0.113.255:9", PASS, HP_PASS_NO_ROUTE,
			 NULL, ""},
			{FROM_ISO, "udp 192.168.13.30:9 > 203.0.113.255:9", TO_LAN,
			 HP_DROP_NO_ROUTE,
			 "icmp 192.168.13.1 > 192.168.13.30 type=3/1 tos=0xc0 ttl=64 quote=16 about "
			 "( udp 192.168.13.30:9 > 203.0.113.255:9 )",
			 "", HP_SENT_ICMP_ERROR},
			DROPPED(FROM_ISO, "udp 192.168.13.30:9 > 192.168.11.255:9",
				HP_DROP_ISOLATED),
		},
	},
	{
		"a broadcast address as the source gets no answer",
		NULL,
		{
			{FROM_LAN, "udp 192.168.11.255:40000 > 198.51.100.7:53", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:40000 > 198.51.100.7:53"},
			{FROM_WAN, "udp 198.51.100.7:53 > 203.0.113.5:40000", TO_WAN,
			 HP_DROP_NO_ROUTE,
			 "icmp 203.0.113.5 > 198.51.100.7 type=3/1 tos=0xc0 ttl=64 quote=16 about "
			 "( udp 198.51.100.7:53 > 203.0.113.5:40000 )",
			 NULL, HP_SENT_ICMP_ERROR},
		},
	},
	{
		"forwards that point back at the gateway or out again: refused, from outside ...",
		LOOPS,
		{
			TOLD_OUTSIDE("udp 198.51.100.9:9 > 203.0.113.5:6001"),
			TOLD_OUTSIDE("udp 198.51.100.9:9 > 203.0.113.5:6002"),
			TOLD_OUTSIDE("udp 198.51.100.9:9 > 203.0.113.5:6003"),
			TOLD_OUTSIDE("udp 198.51.100.9:9 > 203.0.113.5:6004"),
			TOLD_OUTSIDE("udp 198.51.100.9:9 > 203.0.113.5:6005"),
		},
	},
	{
		"... and from a LAN",
		LOOPS,
		{
			TOLD_INSIDE("udp 192.168.11.30:9 > 203.0.113.5:6001"),
			TOLD_INSIDE("udp 192.168.11.30:9 > 203.0.113.5:6002"),
			TOLD_INSIDE("udp 192.168.11.30:9 > 203.0.113.5:6003"),
			TOLD_INSIDE("udp 192.168.11.30:9 > 203.0.113.5:6004"),
			TOLD_INSIDE("udp 192.168.11.30:9 > 203.0.113.5:6005"),
		},
	},
	{
		"two that answer each other through the gateway lose a hop each time",
		"forward udp 7 192.168.11.20:7\n",
		{
			{FROM_LAN, "udp 192.168.11.20:7 > 203.0.113.5:7 ttl=3", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 203.0.113.5:7 > 192.168.11.20:7 ttl=2"},
			{FROM_LAN, "udp 192.168.11.20:7 > 203.0.113.5:7 ttl=2", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 203.0.113.5:7 > 192.168.11.20:7 ttl=1"},
			{FROM_LAN, "udp 192.168.11.20:7 > 203.0.113.5:7 ttl=1", TO_LAN, HP_DROP_TTL,
			 "icmp 192.168.11.1 > 192.168.11.20 type=11 tos=0xc0 ttl=64 quote=16 about "
			 "( udp 192.168.11.20:7 > 203.0.113.5:7 ttl=1 )",
			 NULL, HP_SENT_ICMP_ERROR},
		},
	},
};

int main(void)
{
	return RIG_RUN_CASES("martian", cases);
}
