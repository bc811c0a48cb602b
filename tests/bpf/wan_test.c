// SPDX-License-Identifier: GPL-2.0-or-later
/* What comes from WAN without having been asked for: what is let in, and why the rest is not. */
/* Requirements: 48. */
#include "rig.h"

static const struct rig_case cases[] = {
	{
		"closed",
		NULL,
		{
			{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:22 S", DROP,
			 HP_DROP_CLOSED, NULL, ""},
			{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:22 R", DROP,
			 HP_DROP_CLOSED, NULL, ""},
			{FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.6:53", DROP, HP_DROP_CLOSED,
			 NULL, ""},
		},
	},
	{
		"wan.pass",
		"pass tcp 22\n",
		{
			{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:22 S", PASS,
			 HP_PASS_OWN_SERVICE, NULL, ""},
			{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:22 A", PASS,
			 HP_PASS_OWN_SERVICE, NULL, ""},
			{FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.5:22", DROP, HP_DROP_CLOSED,
			 NULL, ""},
			{FROM_HOST, "tcp 203.0.113.5:22 > 198.51.100.9:50000 SA", PASS,
			 HP_PASS_OWN_SERVICE, NULL, ""},
		},
	},
	{
		"a service of the gateway itself: who is on the list, and who is not",
		"pass tcp 22 service 3 allow 7\n"
		"pass tcp 8443 service 4 allow 7 inside 443\n"
		"allow 7 198.51.100.0/24\n"
		"allow 8 192.0.2.0/24\n",
		{
			{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:22 S", PASS,
			 HP_PASS_OWN_SERVICE, NULL, ""},
			{FROM_HOST, "tcp 203.0.113.5:22 > 198.51.100.9:50000 SA", PASS,
			 HP_PASS_OWN_SERVICE, NULL, ""},
			/* Each packet: a list that is narrowed ends what it let in. */
			{FROM_WAN, "tcp 192.0.2.9:50000 > 203.0.113.5:22 S", DROP,
			 HP_DROP_NOT_ALLOWED, NULL, ""},
			{FROM_WAN, "tcp 192.0.2.9:50000 > 203.0.113.5:22 A", DROP,
			 HP_DROP_NOT_ALLOWED, NULL, ""},
			/* As it arrives; where it goes is the stack's business. */
			{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:8443 S", PASS,
			 HP_PASS_OWN_SERVICE, NULL, ""},
			{FROM_WAN, "tcp 192.0.2.9:50000 > 203.0.113.5:8443 S", DROP,
			 HP_DROP_NOT_ALLOWED, NULL, ""},
			{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:443 S", DROP,
			 HP_DROP_CLOSED, NULL, ""},
		},
	},
	{
		"echo is answered where it is passed",
		NULL,
		{
			{FROM_WAN, "icmp 198.51.100.9 > 203.0.113.5 request id=5", PASS,
			 HP_PASS_OWN_SERVICE, NULL, ""},
			{FROM_HOST, "icmp 203.0.113.5 > 198.51.100.9 reply id=5", PASS,
			 HP_PASS_OWN_FLOW, NULL, ""},
			{FROM_WAN, "icmp 198.51.100.9 > 203.0.113.5 reply id=5", DROP,
			 HP_DROP_CLOSED, NULL, ""},
		},
	},
	{
		"other ICMP, other protocols",
		NULL,
		{
			{FROM_WAN, "icmp 198.51.100.9 > 203.0.113.5 type=13", DROP,
			 HP_DROP_ICMP_TYPE, NULL, ""},
			{FROM_WAN, "icmp 198.51.100.9 > 203.0.113.5 type=5/1", DROP,
			 HP_DROP_ICMP_TYPE, NULL, ""},
			{FROM_WAN, "proto=47 198.51.100.9 > 203.0.113.5", DROP, HP_DROP_PROTOCOL,
			 NULL, ""},
			{FROM_WAN, "icmp6 198.51.100.9 > 203.0.113.5 request id=5", DROP,
			 HP_DROP_PROTOCOL, NULL, ""},
			{FROM_WAN, "icmp6 198.51.100.9 > 203.0.113.5 type=134", DROP,
			 HP_DROP_PROTOCOL, NULL, ""},
		},
	},
	{
		"a source of the inside or of ourselves",
		"pass udp 53\n",
		{
			{FROM_WAN, "udp 192.168.11.30:50000 > 203.0.113.5:53", DROP,
			 HP_DROP_SPOOFED, NULL, ""},
			{FROM_WAN, "udp 192.168.13.30:50000 > 203.0.113.5:53", DROP,
			 HP_DROP_SPOOFED, NULL, ""},
			{FROM_WAN, "udp 192.168.11.1:50000 > 203.0.113.5:53", DROP, HP_DROP_SPOOFED,
			 NULL, ""},
			{FROM_WAN, "udp 203.0.113.5:50000 > 203.0.113.5:53", DROP, HP_DROP_SPOOFED,
			 NULL, ""},
		},
	},
	{
		"a source that no machine has (RFC 1812 section 5.3.7)",
		"pass udp 53\n",
		{
			{FROM_WAN, "udp 127.0.0.1:50000 > 203.0.113.5:53", DROP, HP_DROP_SPOOFED,
			 NULL, ""},
			{FROM_WAN, "udp 0.0.0.0:50000 > 203.0.113.5:53", DROP, HP_DROP_SPOOFED,
			 NULL, ""},
			{FROM_WAN, "udp 224.0.0.1:50000 > 203.0.113.5:53", DROP, HP_DROP_SPOOFED,
			 NULL, ""},
			{FROM_WAN, "udp 255.255.255.255:50000 > 203.0.113.5:53", DROP,
			 HP_DROP_SPOOFED, NULL, ""},
		},
	},
	{
		"to a LAN address, whatever it carries",
		NULL,
		{
			{FROM_WAN, "udp 198.51.100.9:50000 > 192.168.11.20:53", DROP,
			 HP_DROP_TO_LAN, NULL, ""},
			{FROM_WAN, "tcp 198.51.100.9:50000 > 192.168.13.20:80 S", DROP,
			 HP_DROP_TO_LAN, NULL, ""},
			{FROM_WAN, "icmp 198.51.100.9 > 192.168.11.1 request id=5", DROP,
			 HP_DROP_TO_LAN, NULL, ""},
			{FROM_WAN, "udp 198.51.100.9:67 > 192.168.11.20:68", DROP, HP_DROP_TO_LAN,
			 NULL, ""},
			{FROM_WAN, "udp 198.51.100.9:67 > 192.168.11.1:68", DROP, HP_DROP_TO_LAN,
			 NULL, ""},
		},
	},
	{
		"a source of the inside does not come in as a DHCP answer",
		NULL,
		{
			{FROM_WAN, "udp 192.168.11.30:67 > 203.0.113.5:68", DROP, HP_DROP_SPOOFED,
			 NULL, ""},
		},
	},
	{
		"to an address that is nobody's here",
		NULL,
		{
			{FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.77:53", DROP,
			 HP_DROP_NOT_OURS, NULL, ""},
			{FROM_WAN, "udp 198.51.100.9:50000 > 10.99.0.7:53", DROP, HP_DROP_NOT_OURS,
			 NULL, ""},
		},
	},
	{
		"multicast and broadcast",
		NULL,
		{
			{FROM_WAN, "udp 198.51.100.9:5353 > 224.0.0.251:5353", DROP,
			 HP_DROP_MULTICAST, NULL, ""},
			{FROM_WAN, "udp 198.51.100.9:50000 > 255.255.255.255:7", DROP,
			 HP_DROP_MULTICAST, NULL, ""},
		},
	},
	{
		"what the link lives on",
		NULL,
		{
			{FROM_WAN, "udp 203.0.113.1:67 > 203.0.113.5:68", PASS, HP_PASS_LINK, NULL,
			 ""},
			{FROM_WAN, "udp 203.0.113.1:67 > 255.255.255.255:68", PASS, HP_PASS_LINK,
			 NULL, ""},
			/* The address that is offered is not ours yet. */
			{FROM_WAN, "udp 203.0.113.1:67 > 203.0.113.99:68", PASS, HP_PASS_LINK, NULL,
			 ""},
			{FROM_WAN, "igmp 203.0.113.1 > 224.0.0.1 ttl=1", PASS, HP_PASS_LINK, NULL,
			 ""},
			{FROM_WAN, "ether=0x0806", PASS, HP_PASS_NOT_IP, NULL, ""},
			{FROM_WAN, "ether=0x8863", PASS, HP_PASS_NOT_IP, NULL, ""},
		},
	},
	{
		"IGMP that is sent to one address is no part of the link",
		NULL,
		{
			{FROM_WAN, "igmp 198.51.100.9 > 203.0.113.5", DROP, HP_DROP_PROTOCOL, NULL,
			 ""},
			{FROM_WAN, "igmp 198.51.100.9 > 192.168.11.20", DROP, HP_DROP_TO_LAN, NULL,
			 ""},
		},
	},
	{
		"no plan names a public address",
		"wan -\n",
		{
			{FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.77:53", DROP,
			 HP_DROP_NOT_OURS, NULL, ""},
			{FROM_WAN, "udp 203.0.113.1:67 > 255.255.255.255:68", PASS, HP_PASS_LINK,
			 NULL, ""},
		},
	},
};

int main(void)
{
	return RIG_RUN_CASES("wan", cases);
}
