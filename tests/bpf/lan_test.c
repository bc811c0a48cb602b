// SPDX-License-Identifier: GPL-2.0-or-later
/* What else comes from a LAN: oddities of the packet, of the protocol, of the source, of the way. */
#include "rig.h"

static const struct rig_case cases[] = {
	{
		"UDP without a checksum stays without",
		NULL,
		{
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53 nocheck", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:40000 > 198.51.100.7:53 nocheck",
			 .nocheck = true},
			{FROM_WAN, "udp 198.51.100.7:53 > 203.0.113.5:40000 nocheck", TO_LAN,
			 HP_SENT_INCOMING, "udp 198.51.100.7:53 > 192.168.11.30:40000 nocheck",
			 .nocheck = true},
		},
	},
	{
		"IP options, type of service and DF are kept",
		NULL,
		{
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 S options tos=0xb8",
			 TO_WAN, HP_SENT_OUTGOING,
			 "tcp 203.0.113.5:40000 > 198.51.100.7:443 S options tos=0xb8"},
			{FROM_WAN, "tcp 198.51.100.7:443 > 203.0.113.5:40000 SA options df", TO_LAN,
			 HP_SENT_INCOMING,
			 "tcp 198.51.100.7:443 > 192.168.11.30:40000 SA options df"},
			{FROM_LAN, "icmp 192.168.11.30 > 198.51.100.7 request id=9 options", TO_WAN,
			 HP_SENT_OUTGOING, "icmp 203.0.113.5 > 198.51.100.7 request id=9 options"},
		},
	},
	{
		"packets without payload",
		NULL,
		{
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 S len=0", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:40000 > 198.51.100.7:443 S len=0"},
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53 len=0", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:40000 > 198.51.100.7:53 len=0"},
			{FROM_LAN, "icmp 192.168.11.30 > 198.51.100.7 request id=9 len=0", TO_WAN,
			 HP_SENT_OUTGOING, "icmp 203.0.113.5 > 198.51.100.7 request id=9 len=0"},
		},
	},
	{
		"ICMP that opens nothing",
		NULL,
		{
			{FROM_LAN, "icmp 192.168.11.30 > 198.51.100.7 reply id=9", DROP,
			 HP_DROP_ICMP_TYPE, NULL, ""},
			{FROM_LAN, "icmp 192.168.11.30 > 198.51.100.7 type=17", DROP,
			 HP_DROP_ICMP_TYPE, NULL, ""},
			{FROM_LAN,
			 "icmp 192.168.11.30 > 198.51.100.7 type=3/3 about "
			 "( udp 198.51.100.7:53 > 192.168.11.30:40000 )",
			 DROP, HP_DROP_ICMP_ERROR, NULL, ""},
		},
	},
	{
		"without a sorter fragments are refused, also of known flows",
		NULL,
		{
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:40000 > 198.51.100.7:53"},
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53 mf", DROP,
			 HP_DROP_FRAGMENT},
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53 offset=1480", DROP,
			 HP_DROP_FRAGMENT},
			{FROM_WAN, "udp 198.51.100.7:53 > 203.0.113.5:40000 mf offset=1480", DROP,
			 HP_DROP_FRAGMENT},
			{FROM_LAN, "udp 192.168.11.30:40000 > 203.0.113.5:53 mf", DROP,
			 HP_DROP_FRAGMENT},
		},
	},
	{
		"fragments that need no translation are the stack's",
		NULL,
		{
			{FROM_LAN, "udp 192.168.11.30:40000 > 192.168.12.30:53 mf", PASS,
			 HP_PASS_LAN, NULL, ""},
			{FROM_LAN, "udp 192.168.11.30:40000 > 192.168.11.1:53 offset=1480", PASS,
			 HP_PASS_LAN, NULL, ""},
			{FROM_LAN, "udp 192.168.12.30:40000 > 192.168.11.1:53 mf", DROP,
			 HP_DROP_SPOOFED, NULL, ""},
			{FROM_ISO, "udp 192.168.13.30:40000 > 192.168.13.1:53 mf", DROP,
			 HP_DROP_FRAGMENT, NULL, ""},
			{FROM_ISO, "udp 192.168.13.30:40000 > 192.168.11.30:53 mf", DROP,
			 HP_DROP_FRAGMENT, NULL, ""},
		},
	},
	{
		"a source that is not of the segment",
		NULL,
		{
			{FROM_LAN, "udp 10.1.1.1:40000 > 198.51.100.7:53", DROP, HP_DROP_SPOOFED,
			 NULL, ""},
			{FROM_LAN, "udp 192.168.12.30:40000 > 198.51.100.7:53", DROP,
			 HP_DROP_SPOOFED, NULL, ""},
			{FROM_LAN, "udp 203.0.113.5:40000 > 198.51.100.7:53", DROP, HP_DROP_SPOOFED,
			 NULL, ""},
			{FROM_LAN, "udp 192.168.11.1:40000 > 198.51.100.7:53", DROP,
			 HP_DROP_SPOOFED, NULL, ""},
			{FROM_LAN, "udp 0.0.0.0:40000 > 198.51.100.7:53", DROP, HP_DROP_SPOOFED,
			 NULL, ""},
		},
	},
	{
		"DHCP, and what is for the link",
		NULL,
		{
			{FROM_LAN, "udp 0.0.0.0:68 > 255.255.255.255:67", PASS, HP_PASS_LAN, NULL,
			 ""},
			{FROM_LAN, "udp 192.168.11.30:5353 > 224.0.0.251:5353", PASS, HP_PASS_LAN,
			 NULL, ""},
			{FROM_LAN, "igmp 192.168.11.30 > 224.0.0.22", PASS, HP_PASS_LAN, NULL, ""},
			{FROM_LAN, "udp 192.168.11.30:137 > 192.168.11.255:137", PASS, HP_PASS_LAN,
			 NULL, ""},
			{FROM_LAN, "ether=0x0806", PASS, HP_PASS_NOT_IP, NULL, ""},
			{FROM_LAN, "ether=0x8863", PASS, HP_PASS_NOT_IP, NULL, ""},
		},
	},
	{
		"ways that do not lead to WAN",
		NULL,
		{
			{FROM_LAN, "udp 192.168.11.30:40000 > 10.99.0.7:53", PASS,
			 HP_PASS_OTHER_DEVICE, NULL, ""},
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.18.0.1:53", PASS,
			 HP_PASS_NO_ROUTE, NULL, ""},
			{FROM_OTHER, "udp 10.99.0.7:40000 > 192.168.11.30:53", PASS,
			 HP_PASS_OTHER_DEVICE, NULL, ""},
		},
	},
	{
		"no public address now",
		"wan -\n",
		{
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53", TO_LAN,
			 HP_DROP_NO_WAN,
			 "icmp 192.168.11.1 > 192.168.11.30 type=3/1 tos=0xc0 ttl=64 quote=16 about "
			 "( udp 192.168.11.30:40000 > 198.51.100.7:53 )",
			 "", HP_SENT_ICMP_ERROR},
			{FROM_LAN, "udp 192.168.11.30:40000 > 192.168.11.1:53", PASS, HP_PASS_LAN,
			 NULL, ""},
		},
	},
};

int main(void)
{
	return RIG_RUN_CASES("lan", cases);
}
