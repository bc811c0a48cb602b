// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ICMP errors that the gateway answers with: what they quote, who they come from. Every octet is compared but the random
 * identification.
 */
/* Requirements: 18, 47. */
#include "rig.h"

/* The kernel's mark for packets that are cut where they were put together. */
#define GSO_BY_FRAGS 0xffff
#define WEB "forward tcp 8443 192.168.11.20:443\n"

static const struct rig_case cases[] = {
	{
		"time exceeded, towards a LAN: TCP, UDP, echo, options",
		NULL,
		{
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 S ttl=1", TO_LAN,
			 HP_DROP_TTL,
			 "icmp 192.168.11.1 > 192.168.11.30 type=11 tos=0xc0 ttl=64 quote=28 about "
			 "( tcp 192.168.11.30:40000 > 198.51.100.7:443 S ttl=1 )",
			 NULL, HP_SENT_ICMP_ERROR},
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53 ttl=1 len=600",
			 TO_LAN, HP_DROP_TTL,
			 "icmp 192.168.11.1 > 192.168.11.30 type=11 tos=0xc0 ttl=64 quote=28 about "
			 "( udp 192.168.11.30:40000 > 198.51.100.7:53 ttl=1 len=600 )",
			 NULL, HP_SENT_ICMP_ERROR},
			{FROM_LAN, "icmp 192.168.11.30 > 198.51.100.7 request id=9 ttl=1", TO_LAN,
			 HP_DROP_TTL,
			 "icmp 192.168.11.1 > 192.168.11.30 type=11 tos=0xc0 ttl=64 quote=16 about "
			 "( icmp 192.168.11.30 > 198.51.100.7 request id=9 ttl=1 )",
			 NULL, HP_SENT_ICMP_ERROR},
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53 ttl=1 options",
			 TO_LAN, HP_DROP_TTL,
			 "icmp 192.168.11.1 > 192.168.11.30 type=11 tos=0xc0 ttl=64 quote=16 about "
			 "( udp 192.168.11.30:40000 > 198.51.100.7:53 ttl=1 options )",
			 NULL, HP_SENT_ICMP_ERROR},
		},
	},
	{
		"time exceeded about a short packet, and about one without a checksum",
		NULL,
		{
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53 ttl=1 len=0", TO_LAN,
			 HP_DROP_TTL,
			 "icmp 192.168.11.1 > 192.168.11.30 type=11 tos=0xc0 ttl=64 quote=8 about "
			 "( udp 192.168.11.30:40000 > 198.51.100.7:53 ttl=1 len=0 )",
			 NULL, HP_SENT_ICMP_ERROR},
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53 ttl=1 nocheck",
			 TO_LAN, HP_DROP_TTL,
			 "icmp 192.168.11.1 > 192.168.11.30 type=11 tos=0xc0 ttl=64 quote=16 about "
			 "( udp 192.168.11.30:40000 > 198.51.100.7:53 ttl=1 nocheck )",
			 NULL, HP_SENT_ICMP_ERROR},
		},
	},
	{
		"time exceeded, towards WAN",
		WEB,
		{
			{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:8443 S ttl=1", TO_WAN,
			 HP_DROP_TTL,
			 "icmp 203.0.113.5 > 198.51.100.9 type=11 tos=0xc0 ttl=64 quote=28 about "
			 "( tcp 198.51.100.9:50000 > 203.0.113.5:8443 S ttl=1 )",
			 NULL, HP_SENT_ICMP_ERROR},
		},
	},
	{
		"time exceeded about a packet of a hairpin",
		WEB,
		{
			{FROM_LAN1, "tcp 192.168.12.30:40000 > 203.0.113.5:8443 S ttl=1", TO_LAN,
			 HP_DROP_TTL,
			 "icmp 192.168.12.1 > 192.168.12.30 type=11 tos=0xc0 ttl=64 quote=28 about "
			 "( tcp 192.168.12.30:40000 > 203.0.113.5:8443 S ttl=1 )",
			 NULL, HP_SENT_ICMP_ERROR},
			{FROM_LAN, "tcp 192.168.11.20:443 > 203.0.113.5:40000 SA ttl=1", TO_LAN,
			 HP_DROP_TTL,
			 "icmp 192.168.11.1 > 192.168.11.20 type=11 tos=0xc0 ttl=64 quote=28 about "
			 "( tcp 192.168.11.20:443 > 203.0.113.5:40000 SA ttl=1 )",
			 NULL, HP_SENT_ICMP_ERROR},
		},
	},
	{
		"two hops are enough for one",
		NULL,
		{
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53 ttl=2", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:40000 > 198.51.100.7:53 ttl=1"},
			/* What is passed is the stack's, which counts the hop. */
			{FROM_LAN, "udp 192.168.11.30:40000 > 192.168.12.30:53 ttl=1", PASS,
			 HP_PASS_LAN},
		},
	},
	{
		"larger than the next link: LAN to WAN",
		NULL,
		{
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53 df len=1372", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:40000 > 198.51.100.7:53 df len=1372"},
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53 df len=1373", TO_LAN,
			 HP_DROP_TOO_BIG,
			 "icmp 192.168.11.1 > 192.168.11.30 type=3/4 mtu=1400 tos=0xc0 ttl=64 "
			 "quote=28 about "
			 "( udp 192.168.11.30:40000 > 198.51.100.7:53 df len=1373 )",
			 NULL, HP_SENT_ICMP_ERROR},
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53 df len=1460", TO_LAN,
			 HP_DROP_TOO_BIG,
			 "icmp 192.168.11.1 > 192.168.11.30 type=3/4 mtu=1400 tos=0xc0 ttl=64 "
			 "quote=28 about "
			 "( udp 192.168.11.30:40000 > 198.51.100.7:53 df len=1460 )",
			 NULL, HP_SENT_ICMP_ERROR},
		},
	},
	{
		"larger than the route says (its MTU is locked: else only the host itself minds it)",
		NULL,
		{
			{FROM_LAN, "udp 192.168.11.30:40000 > 192.0.2.200:53 df len=1323", TO_LAN,
			 HP_DROP_TOO_BIG,
			 "icmp 192.168.11.1 > 192.168.11.30 type=3/4 mtu=1350 tos=0xc0 ttl=64 "
			 "quote=28 about "
			 "( udp 192.168.11.30:40000 > 192.0.2.200:53 df len=1323 )",
			 NULL, HP_SENT_ICMP_ERROR},
		},
	},
	{
		"larger than the next link: WAN to LAN, and a hairpin",
		"forward udp 6000 192.168.12.20:6000\n",
		{
			{FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.5:6000 df len=1272", TO_LAN,
			 HP_SENT_INCOMING,
			 "udp 198.51.100.9:50000 > 192.168.12.20:6000 df len=1272"},
			{FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.5:6000 df len=1273", TO_WAN,
			 HP_DROP_TOO_BIG,
			 "icmp 203.0.113.5 > 198.51.100.9 type=3/4 mtu=1300 tos=0xc0 ttl=64 "
			 "quote=28 about "
			 "( udp 198.51.100.9:50000 > 203.0.113.5:6000 df len=1273 )",
			 NULL, HP_SENT_ICMP_ERROR},
			{FROM_LAN, "udp 192.168.11.30:40000 > 203.0.113.5:6000 df len=1273", TO_LAN,
			 HP_DROP_TOO_BIG,
			 "icmp 192.168.11.1 > 192.168.11.30 type=3/4 mtu=1300 tos=0xc0 ttl=64 "
			 "quote=28 about "
			 "( udp 192.168.11.30:40000 > 203.0.113.5:6000 df len=1273 )",
			 NULL, HP_SENT_ICMP_ERROR},
		},
	},
	{
		"a packet that stands for several is as large as one of them",
		NULL,
		{
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 S len=1900", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:40000 > 198.51.100.7:443 S len=1900",
			 .gso_size = 1360},
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 A df len=1900",
			 TO_LAN, HP_DROP_TOO_BIG,
			 "icmp 192.168.11.1 > 192.168.11.30 type=3/4 mtu=1400 tos=0xc0 ttl=64 "
			 "quote=28 about "
			 "( tcp 192.168.11.30:40000 > 198.51.100.7:443 A df len=1900 )",
			 NULL, HP_SENT_ICMP_ERROR},
		},
	},
	{
		"SCTP that stands for two, each with a length of its own",
		NULL,
		{
			{FROM_LAN, "proto=132 192.168.11.30 > 198.51.100.7 df len=2748", TO_WAN,
			 HP_SENT_UNKNOWN, "proto=132 203.0.113.5 > 198.51.100.7 df len=2748",
			 .gso_size = GSO_BY_FRAGS},
			{FROM_LAN, "proto=132 192.168.11.30 > 198.51.100.7 df len=2749", TO_LAN,
			 HP_DROP_TOO_BIG,
			 "icmp 192.168.11.1 > 192.168.11.30 type=3/4 mtu=1400 tos=0xc0 ttl=64 "
			 "quote=28 about "
			 "( proto=132 192.168.11.30 > 198.51.100.7 df len=2749 )",
			 NULL, HP_SENT_ICMP_ERROR, .gso_size = GSO_BY_FRAGS},
		},
	},
};

int main(void)
{
	return RIG_RUN_CASES("icmp error", cases);
}
