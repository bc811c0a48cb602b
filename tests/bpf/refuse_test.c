// SPDX-License-Identifier: GPL-2.0-or-later
/* Packets that the core refuses and whose sender is told so: when, in whose name, and when nothing may be said. */
#include "rig.h"

#define GAME "forward udp 6000 192.168.11.20:6000 allow 7\nallow 7 198.51.100.0/24\n"

static const struct rig_case cases[] = {
	{
		"a datagram to a forward that is not for everybody",
		GAME,
		{
			{FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.5:6000", TO_LAN,
			 HP_SENT_INCOMING, "udp 198.51.100.9:50000 > 192.168.11.20:6000"},
			{FROM_WAN, "udp 192.0.2.9:50000 > 203.0.113.5:6000 len=600", TO_WAN,
			 HP_DROP_NOT_ALLOWED,
			 "icmp 203.0.113.5 > 192.0.2.9 type=3/3 tos=0xc0 ttl=64 quote=28 about "
			 "( udp 192.0.2.9:50000 > 203.0.113.5:6000 len=600 )",
			 NULL, HP_SENT_ICMP_ERROR},
		},
	},
	{
		"in the name of the public address that was asked",
		GAME,
		{
			{FROM_WAN, "udp 192.0.2.9:50000 > 203.0.113.6:6000", TO_WAN,
			 HP_DROP_NOT_ALLOWED,
			 "icmp 203.0.113.6 > 192.0.2.9 type=3/3 tos=0xc0 ttl=64 quote=16 about "
			 "( udp 192.0.2.9:50000 > 203.0.113.6:6000 )",
			 "", HP_SENT_ICMP_ERROR},
		},
	},
	{
		"nat.unsolicited: silent",
		"wan 203.0.113.5 silent\n" GAME,
		{
			{FROM_WAN, "udp 192.0.2.9:50000 > 203.0.113.5:6000", DROP,
			 HP_DROP_NOT_ALLOWED, NULL, ""},
		},
	},
	{
		"dns.block-dot: TCP and UDP to port 853 outside, of hosts inside",
		"wan 203.0.113.5 nodot\nforward tcp 853 192.168.11.20:853\n",
		{
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:853 S", TO_LAN,
			 HP_DROP_DOT,
			 "icmp 192.168.11.1 > 192.168.11.30 type=3/3 tos=0xc0 ttl=64 quote=28 about "
			 "( tcp 192.168.11.30:40000 > 198.51.100.7:853 S )",
			 "", HP_SENT_ICMP_ERROR},
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:853", TO_LAN,
			 HP_DROP_DOT,
			 "icmp 192.168.11.1 > 192.168.11.30 type=3/3 tos=0xc0 ttl=64 quote=16 about "
			 "( udp 192.168.11.30:40000 > 198.51.100.7:853 )",
			 "", HP_SENT_ICMP_ERROR},
			/* Another port. */
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:854", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:40000 > 198.51.100.7:854"},
			/* The gateway's own, and a server of the house: by its public address and from outside. */
			{FROM_LAN, "tcp 192.168.11.30:40001 > 192.168.11.1:853 S", PASS,
			 HP_PASS_LAN},
			{FROM_LAN, "tcp 192.168.11.30:40002 > 203.0.113.5:853 S", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:40002 > 192.168.11.20:853 S"},
			{FROM_WAN, "tcp 198.51.100.7:50000 > 203.0.113.5:853 S", TO_LAN,
			 HP_SENT_INCOMING, "tcp 198.51.100.7:50000 > 192.168.11.20:853 S"},
		},
	},
	{
		"without it they go",
		NULL,
		{
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:853 S", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:40000 > 198.51.100.7:853 S"},
		},
	},
};

int main(void)
{
	return RIG_RUN_CASES("refuse", cases);
}
