// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ICMP errors about packets that went through the NAT, from both sides. The expected frame is built from what its receiver once sent, with
 * every checksum computed anew: whatever the translation gets wrong in the quote shows.
 */
/* Requirements: 16, 17, 33, 38, 39, 40, 41, 43, 44, 46, 48, 61. */
#include "rig.h"

/* The host's own port differs from the one outside, in both directions. */
#define GAME "forward udp 6000 192.168.11.20:5000\n"
#define WEB "forward tcp 8443 192.168.11.20:443\n"

static const struct rig_case cases[] = {
	{
		"from outside, about what a LAN host sent: UDP",
		GAME,
		{
			{FROM_LAN, "udp 192.168.11.20:5000 > 198.51.100.7:53", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:6000 > 198.51.100.7:53"},
			{FROM_WAN,
			 "icmp 198.51.100.7 > 203.0.113.5 type=3/3 about "
			 "( udp 203.0.113.5:6000 > 198.51.100.7:53 )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 198.51.100.7 > 192.168.11.20 type=3/3 about "
			 "( udp 192.168.11.20:5000 > 198.51.100.7:53 )",
			 "outgoing udp lan 192.168.11.20:5000>198.51.100.7:53 "
			 "wan 203.0.113.5:6000>198.51.100.7:53\n"
			 "mapping udp 192.168.11.20:5000 = 203.0.113.5:6000 x1 fixed\n"},
			/* Any router on the way, one with a private address among them. */
			{FROM_WAN,
			 "icmp 10.20.30.40 > 203.0.113.5 type=3/4 mtu=1280 tos=0xc0 about "
			 "( udp 203.0.113.5:6000 > 198.51.100.7:53 ttl=3 len=700 )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 10.20.30.40 > 192.168.11.20 type=3/4 mtu=1280 tos=0xc0 about "
			 "( udp 192.168.11.20:5000 > 198.51.100.7:53 ttl=3 len=700 )"},
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=11/0 options quote=19 about "
			 "( udp 203.0.113.5:6000 > 198.51.100.7:53 ttl=1 )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 192.0.2.1 > 192.168.11.20 type=11/0 options quote=19 about "
			 "( udp 192.168.11.20:5000 > 198.51.100.7:53 ttl=1 )"},
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=12/0 quote=11 about "
			 "( udp 203.0.113.5:6000 > 198.51.100.7:53 options )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 192.0.2.1 > 192.168.11.20 type=12/0 quote=11 about "
			 "( udp 192.168.11.20:5000 > 198.51.100.7:53 options )"},
			/* No checksum stays none. */
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=11/0 about "
			 "( udp 203.0.113.5:6000 > 198.51.100.7:53 nocheck )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 192.0.2.1 > 192.168.11.20 type=11/0 about "
			 "( udp 192.168.11.20:5000 > 198.51.100.7:53 nocheck )"},
		},
	},
	{
		"from outside, about what a LAN host sent: TCP, of which any length is quoted",
		"forward tcp 8443 192.168.11.30:40000\n",
		{
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 S", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:8443 > 198.51.100.7:443 S"},
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=3/1 about "
			 "( tcp 203.0.113.5:8443 > 198.51.100.7:443 S )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 192.0.2.1 > 192.168.11.30 type=3/1 about "
			 "( tcp 192.168.11.30:40000 > 198.51.100.7:443 S )"},
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=3/1 quote=18 about "
			 "( tcp 203.0.113.5:8443 > 198.51.100.7:443 S )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 192.0.2.1 > 192.168.11.30 type=3/1 quote=18 about "
			 "( tcp 192.168.11.30:40000 > 198.51.100.7:443 S )"},
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=3/1 quote=20 about "
			 "( tcp 203.0.113.5:8443 > 198.51.100.7:443 S )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 192.0.2.1 > 192.168.11.30 type=3/1 quote=20 about "
			 "( tcp 192.168.11.30:40000 > 198.51.100.7:443 S )"},
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=3/4 mtu=1280 quote=31 about "
			 "( tcp 203.0.113.5:8443 > 198.51.100.7:443 A options df )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 192.0.2.1 > 192.168.11.30 type=3/4 mtu=1280 quote=31 about "
			 "( tcp 192.168.11.30:40000 > 198.51.100.7:443 A options df )"},
			/* Padding, and extensions behind it, are nobody's business here. */
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=11/0 mtu=17 quote=20 pad=101 about "
			 "( tcp 203.0.113.5:8443 > 198.51.100.7:443 A )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 192.0.2.1 > 192.168.11.30 type=11/0 mtu=17 quote=20 pad=101 about "
			 "( tcp 192.168.11.30:40000 > 198.51.100.7:443 A )"},
		},
	},
	{
		"from outside, about what a LAN host answered",
		WEB,
		{
			{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:8443 S", TO_LAN,
			 HP_SENT_INCOMING, "tcp 198.51.100.9:50000 > 192.168.11.20:443 S"},
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=3/4 mtu=1280 quote=20 about "
			 "( tcp 203.0.113.5:8443 > 198.51.100.9:50000 SA )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 192.0.2.1 > 192.168.11.20 type=3/4 mtu=1280 quote=20 about "
			 "( tcp 192.168.11.20:443 > 198.51.100.9:50000 SA )"},
		},
	},
	{
		"from inside, about what came in by a forward",
		GAME,
		{
			{FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.5:6000", TO_LAN,
			 HP_SENT_INCOMING, "udp 198.51.100.9:50000 > 192.168.11.20:5000"},
			{FROM_LAN,
			 "icmp 192.168.11.20 > 198.51.100.9 type=3/3 tos=0xc0 quote=19 about "
			 "( udp 198.51.100.9:50000 > 192.168.11.20:5000 )",
			 TO_WAN, HP_SENT_RELATED,
			 "icmp 203.0.113.5 > 198.51.100.9 type=3/3 tos=0xc0 quote=19 about "
			 "( udp 198.51.100.9:50000 > 203.0.113.5:6000 )"},
			/* A router inside speaks in our name too, with an address that no network of ours holds. */
			{FROM_LAN,
			 "icmp 10.9.9.9 > 198.51.100.9 type=3/4 mtu=1280 about "
			 "( udp 198.51.100.9:50000 > 192.168.11.20:5000 ttl=9 )",
			 TO_WAN, HP_SENT_RELATED,
			 "icmp 203.0.113.5 > 198.51.100.9 type=3/4 mtu=1280 about "
			 "( udp 198.51.100.9:50000 > 203.0.113.5:6000 ttl=9 )"},
			/* In the name of the public address that was spoken to. */
			{FROM_WAN, "udp 198.51.100.9:50001 > 203.0.113.6:6000", TO_LAN,
			 HP_SENT_INCOMING, "udp 198.51.100.9:50001 > 192.168.11.20:5000"},
			{FROM_LAN,
			 "icmp 192.168.11.20 > 198.51.100.9 type=3/3 about "
			 "( udp 198.51.100.9:50001 > 192.168.11.20:5000 )",
			 TO_WAN, HP_SENT_RELATED,
			 "icmp 203.0.113.6 > 198.51.100.9 type=3/3 about "
			 "( udp 198.51.100.9:50001 > 203.0.113.6:6000 )"},
		},
	},
	{
		"from inside, about an answer that came in",
		GAME,
		{
			{FROM_LAN, "udp 192.168.11.20:5000 > 198.51.100.7:53", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:6000 > 198.51.100.7:53"},
			{FROM_LAN,
			 "icmp 192.168.11.20 > 198.51.100.7 type=3/3 about "
			 "( udp 198.51.100.7:53 > 192.168.11.20:5000 )",
			 TO_WAN, HP_SENT_RELATED,
			 "icmp 203.0.113.5 > 198.51.100.7 type=3/3 about "
			 "( udp 198.51.100.7:53 > 203.0.113.5:6000 )",
			 "outgoing udp lan 192.168.11.20:5000>198.51.100.7:53 "
			 "wan 203.0.113.5:6000>198.51.100.7:53\n"
			 "mapping udp 192.168.11.20:5000 = 203.0.113.5:6000 x1 fixed\n"},
		},
	},
	{
		"through a hairpin: from its server, from its client, and from one on another segment",
		GAME,
		{
			{FROM_LAN, "udp 192.168.11.30:40000 > 203.0.113.5:6000", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 203.0.113.5:40000 > 192.168.11.20:5000"},
			{FROM_LAN,
			 "icmp 192.168.11.20 > 203.0.113.5 type=3/3 about "
			 "( udp 203.0.113.5:40000 > 192.168.11.20:5000 )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 203.0.113.5 > 192.168.11.30 type=3/3 about "
			 "( udp 192.168.11.30:40000 > 203.0.113.5:6000 )"},
			{FROM_LAN,
			 "icmp 192.168.11.30 > 203.0.113.5 type=3/3 about "
			 "( udp 203.0.113.5:6000 > 192.168.11.30:40000 )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 203.0.113.5 > 192.168.11.20 type=3/3 about "
			 "( udp 192.168.11.20:5000 > 203.0.113.5:40000 )"},
			{FROM_LAN1, "udp 192.168.12.30:40001 > 203.0.113.5:6000", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 203.0.113.5:40001 > 192.168.11.20:5000"},
			{FROM_LAN,
			 "icmp 192.168.11.9 > 203.0.113.5 type=3/4 mtu=1280 quote=16 about "
			 "( udp 203.0.113.5:40001 > 192.168.11.20:5000 )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 203.0.113.5 > 192.168.12.30 type=3/4 mtu=1280 quote=16 about "
			 "( udp 192.168.12.30:40001 > 203.0.113.5:6000 )"},
			{FROM_LAN1,
			 "icmp 192.168.12.30 > 203.0.113.5 type=3/3 about "
			 "( udp 203.0.113.5:6000 > 192.168.12.30:40001 )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 203.0.113.5 > 192.168.11.20 type=3/3 about "
			 "( udp 192.168.11.20:5000 > 203.0.113.5:40001 )"},
		},
	},
	{
		"through a hairpin: dynamic, and a socket to itself",
		GAME,
		{
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:40000 > 198.51.100.7:53"},
			{FROM_LAN1, "udp 192.168.12.30:40001 > 203.0.113.5:40000", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 203.0.113.5:40001 > 192.168.11.30:40000"},
			{FROM_LAN,
			 "icmp 192.168.11.30 > 203.0.113.5 type=3/3 about "
			 "( udp 203.0.113.5:40001 > 192.168.11.30:40000 )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 203.0.113.5 > 192.168.12.30 type=3/3 about "
			 "( udp 192.168.12.30:40001 > 203.0.113.5:40000 )"},
			{FROM_LAN, "udp 192.168.11.20:5000 > 203.0.113.5:6000", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 203.0.113.5:6000 > 192.168.11.20:5000"},
			{FROM_LAN,
			 "icmp 192.168.11.20 > 203.0.113.5 type=3/3 about "
			 "( udp 203.0.113.5:6000 > 192.168.11.20:5000 )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 203.0.113.5 > 192.168.11.20 type=3/3 about "
			 "( udp 192.168.11.20:5000 > 203.0.113.5:6000 )"},
		},
	},
	{
		"through a hairpin that keeps the client's address",
		"forward udp 6000 192.168.11.20:5000 source client\n",
		{
			{FROM_LAN1, "udp 192.168.12.30:40000 > 203.0.113.5:6000", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 192.168.12.30:40000 > 192.168.11.20:5000"},
			{FROM_LAN,
			 "icmp 192.168.11.20 > 192.168.12.30 type=3/3 about "
			 "( udp 192.168.12.30:40000 > 192.168.11.20:5000 )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 203.0.113.5 > 192.168.12.30 type=3/3 about "
			 "( udp 192.168.12.30:40000 > 203.0.113.5:6000 )"},
			{FROM_LAN1,
			 "icmp 192.168.12.30 > 203.0.113.5 type=3/3 about "
			 "( udp 203.0.113.5:6000 > 192.168.12.30:40000 )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 192.168.12.30 > 192.168.11.20 type=3/3 about "
			 "( udp 192.168.11.20:5000 > 192.168.12.30:40000 )"},
		},
	},
	{
		"through a hairpin in the gateway's name",
		"forward udp 6000 192.168.11.20:5000 source gateway\n",
		{
			{FROM_LAN1, "udp 192.168.12.30:20000 > 203.0.113.5:6000", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 192.168.11.1:20000 > 192.168.11.20:5000"},
			{FROM_LAN,
			 "icmp 192.168.11.20 > 192.168.11.1 type=3/3 about "
			 "( udp 192.168.11.1:20000 > 192.168.11.20:5000 )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 203.0.113.5 > 192.168.12.30 type=3/3 about "
			 "( udp 192.168.12.30:20000 > 203.0.113.5:6000 )"},
			/* About no flow of a hairpin: the gateway's own, and its stack knows. */
			{FROM_LAN,
			 "icmp 192.168.11.20 > 192.168.11.1 type=3/3 about "
			 "( udp 192.168.11.1:20001 > 192.168.11.20:5000 )",
			 PASS, HP_PASS_LAN},
		},
	},
	{
		"about queries, asked from inside",
		NULL,
		{
			{FROM_LAN, "icmp 192.168.11.30 > 198.51.100.7 request id=77", TO_WAN,
			 HP_SENT_OUTGOING, "icmp 203.0.113.5 > 198.51.100.7 request id=77"},
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=11/0 quote=19 about "
			 "( icmp 203.0.113.5 > 198.51.100.7 request id=77 )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 192.0.2.1 > 192.168.11.30 type=11/0 quote=19 about "
			 "( icmp 192.168.11.30 > 198.51.100.7 request id=77 )"},
			{FROM_LAN,
			 "icmp 192.168.11.30 > 198.51.100.7 type=3/2 about "
			 "( icmp 198.51.100.7 > 192.168.11.30 reply id=77 )",
			 TO_WAN, HP_SENT_RELATED,
			 "icmp 203.0.113.5 > 198.51.100.7 type=3/2 about "
			 "( icmp 198.51.100.7 > 203.0.113.5 reply id=77 )"},
			/* Nobody asked that, or not there. */
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=11/0 about "
			 "( icmp 203.0.113.5 > 198.51.100.7 request id=78 )",
			 DROP, HP_DROP_ICMP_ERROR},
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=11/0 about "
			 "( icmp 203.0.113.5 > 198.51.100.7 reply id=77 )",
			 DROP, HP_DROP_ICMP_ERROR},
			/* An error about an error, and one about a later fragment: they name no flow. */
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=11/0 about "
			 "( icmp 203.0.113.5 > 198.51.100.7 type=3/3 id=77 )",
			 DROP, HP_DROP_ICMP_ERROR},
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=11/0 about "
			 "( icmp 203.0.113.5 > 198.51.100.7 request id=77 offset=1480 )",
			 DROP, HP_DROP_ICMP_ERROR, NULL,
			 "outgoing icmp lan 192.168.11.30:77>198.51.100.7:0 "
			 "wan 203.0.113.5:77>198.51.100.7:0\n"
			 "mapping icmp 192.168.11.30:77 = 203.0.113.5:77 x1\n"},
		},
	},
	{
		"about the first fragment of a datagram, which has the ports",
		GAME,
		{
			{FROM_LAN, "udp 192.168.11.20:5000 > 198.51.100.7:53", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:6000 > 198.51.100.7:53"},
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=11/1 about "
			 "( udp 203.0.113.5:6000 > 198.51.100.7:53 mf )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 192.0.2.1 > 192.168.11.20 type=11/1 about "
			 "( udp 192.168.11.20:5000 > 198.51.100.7:53 mf )"},
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=11/1 about "
			 "( udp 203.0.113.5:6000 > 198.51.100.7:53 mf offset=8 )",
			 DROP, HP_DROP_ICMP_ERROR},
		},
	},
	{
		"in fragments itself: the first one has the quote",
		"sorter 1280\n" GAME,
		{
			{FROM_LAN, "udp 192.168.11.20:5000 > 198.51.100.7:53", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:6000 > 198.51.100.7:53"},
			{FROM_SORTER,
			 "icmp 192.0.2.1 > 203.0.113.5 type=3/3 ipid=7 mf quote=19 pad=9 about "
			 "( udp 203.0.113.5:6000 > 198.51.100.7:53 )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 192.0.2.1 > 192.168.11.20 type=3/3 ipid=7 mf quote=19 pad=9 about "
			 "( udp 192.168.11.20:5000 > 198.51.100.7:53 )"},
			{FROM_SORTER, "proto=1 192.0.2.1 > 203.0.113.5 ipid=7 offset=56", TO_LAN,
			 HP_SENT_RELATED, "proto=1 192.0.2.1 > 192.168.11.20 ipid=7 offset=56"},
		},
	},
	{
		"about a timestamp, asked from inside",
		NULL,
		{
			{FROM_LAN, "icmp 192.168.11.30 > 198.51.100.7 type=13 id=77 len=12", TO_WAN,
			 HP_SENT_OUTGOING, "icmp 203.0.113.5 > 198.51.100.7 type=13 id=77 len=12"},
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=11/0 about "
			 "( icmp 203.0.113.5 > 198.51.100.7 type=13 id=77 )",
			 TO_LAN, HP_SENT_RELATED,
			 "icmp 192.0.2.1 > 192.168.11.30 type=11/0 about "
			 "( icmp 192.168.11.30 > 198.51.100.7 type=13 id=77 )"},
		},
	},
	{
		"echo to the public address is the gateway's to answer, whoever has that id outside",
		NULL,
		{
			{FROM_LAN, "icmp 192.168.11.30 > 198.51.100.7 request id=77", TO_WAN,
			 HP_SENT_OUTGOING, "icmp 203.0.113.5 > 198.51.100.7 request id=77"},
			{FROM_WAN, "icmp 198.51.100.9 > 203.0.113.5 request id=77", PASS,
			 HP_PASS_OWN_SERVICE},
			{FROM_WAN, "icmp 198.51.100.7 > 203.0.113.5 request id=77", PASS,
			 HP_PASS_OWN_SERVICE},
			{FROM_LAN, "icmp 192.168.11.31 > 203.0.113.5 request id=77", PASS,
			 HP_PASS_OWN_SERVICE},
			{FROM_HOST, "icmp 203.0.113.5 > 198.51.100.9 reply id=77", PASS,
			 HP_PASS_OWN_FLOW},
			{FROM_WAN, "icmp 198.51.100.9 > 203.0.113.5 type=13 id=77", DROP,
			 HP_DROP_ICMP_TYPE},
			/* An answer to what nobody asked goes nowhere. */
			{FROM_LAN, "icmp 192.168.11.30 > 198.51.100.9 reply id=77", DROP,
			 HP_DROP_ICMP_TYPE},
			{FROM_WAN, "icmp 198.51.100.9 > 203.0.113.5 reply id=77", DROP,
			 HP_DROP_CLOSED, NULL,
			 "outgoing icmp lan 192.168.11.30:77>198.51.100.7:0 "
			 "wan 203.0.113.5:77>198.51.100.7:0\n"
			 "mapping icmp 192.168.11.30:77 = 203.0.113.5:77 x1\n"},
		},
	},
	{
		"from outside, about nothing that we sent",
		GAME,
		{
			{FROM_LAN, "udp 192.168.11.20:5000 > 198.51.100.7:53", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:6000 > 198.51.100.7:53"},
			{FROM_WAN,
			 "icmp 198.51.100.7 > 203.0.113.5 type=3/3 about "
			 "( udp 203.0.113.5:6001 > 198.51.100.7:53 )",
			 DROP, HP_DROP_ICMP_ERROR},
			{FROM_WAN,
			 "icmp 198.51.100.7 > 203.0.113.5 type=3/3 about "
			 "( udp 203.0.113.5:6000 > 198.51.100.8:53 )",
			 DROP, HP_DROP_ICMP_ERROR},
			{FROM_WAN,
			 "icmp 198.51.100.7 > 203.0.113.5 type=3/3 about "
			 "( tcp 203.0.113.5:6000 > 198.51.100.7:53 S )",
			 DROP, HP_DROP_ICMP_ERROR},
			/* To somebody else than the sender of what is quoted. */
			{FROM_WAN,
			 "icmp 198.51.100.7 > 203.0.113.6 type=3/3 about "
			 "( udp 203.0.113.5:6000 > 198.51.100.7:53 )",
			 DROP, HP_DROP_ICMP_ERROR},
			/* The tuple inside, which nobody outside knows. */
			{FROM_WAN,
			 "icmp 198.51.100.7 > 203.0.113.5 type=3/3 about "
			 "( udp 192.168.11.20:5000 > 198.51.100.7:53 )",
			 DROP, HP_DROP_ICMP_ERROR},
			/* Source quench and redirects are no errors that a router passes on. */
			{FROM_WAN,
			 "icmp 198.51.100.7 > 203.0.113.5 type=4 about "
			 "( udp 203.0.113.5:6000 > 198.51.100.7:53 )",
			 DROP, HP_DROP_ICMP_TYPE},
			{FROM_WAN,
			 "icmp 198.51.100.7 > 203.0.113.5 type=5/1 about "
			 "( udp 203.0.113.5:6000 > 198.51.100.7:53 )",
			 DROP, HP_DROP_ICMP_TYPE},
			{FROM_WAN,
			 "icmp 192.168.11.9 > 203.0.113.5 type=3/3 about "
			 "( udp 203.0.113.5:6000 > 198.51.100.7:53 )",
			 DROP, HP_DROP_SPOOFED},
			{FROM_WAN, "icmp 198.51.100.7 > 203.0.113.5 type=3/3", DROP,
			 HP_DROP_ICMP_ERROR},
		},
	},
	{
		"from inside, about nothing that came in",
		GAME,
		{
			{FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.5:6000", TO_LAN,
			 HP_SENT_INCOMING, "udp 198.51.100.9:50000 > 192.168.11.20:5000"},
			{FROM_LAN,
			 "icmp 192.168.11.20 > 198.51.100.9 type=3/3 about "
			 "( udp 198.51.100.9:50001 > 192.168.11.20:5000 )",
			 DROP, HP_DROP_ICMP_ERROR},
			{FROM_LAN,
			 "icmp 192.168.11.20 > 198.51.100.10 type=3/3 about "
			 "( udp 198.51.100.9:50000 > 192.168.11.20:5000 )",
			 DROP, HP_DROP_ICMP_ERROR},
			{FROM_LAN,
			 "icmp 192.168.11.20 > 203.0.113.5 type=3/3 about "
			 "( udp 198.51.100.9:50000 > 192.168.11.20:5000 )",
			 DROP, HP_DROP_ICMP_ERROR},
			/* From a segment where the flow never was, and in the name of another one. */
			{FROM_LAN1,
			 "icmp 192.168.12.30 > 198.51.100.9 type=3/3 about "
			 "( udp 198.51.100.9:50000 > 192.168.11.20:5000 )",
			 DROP, HP_DROP_SPOOFED},
			{FROM_ISO,
			 "icmp 192.168.11.20 > 198.51.100.9 type=3/3 about "
			 "( udp 198.51.100.9:50000 > 192.168.11.20:5000 )",
			 DROP, HP_DROP_SPOOFED},
			{FROM_LAN,
			 "icmp 192.168.12.30 > 198.51.100.9 type=3/3 about "
			 "( udp 198.51.100.9:50000 > 192.168.11.20:5000 )",
			 DROP, HP_DROP_SPOOFED},
			{FROM_LAN,
			 "icmp 127.0.0.1 > 198.51.100.9 type=3/3 about "
			 "( udp 198.51.100.9:50000 > 192.168.11.20:5000 )",
			 DROP, HP_DROP_SPOOFED},
			{FROM_LAN,
			 "icmp 192.168.11.20 > 198.51.100.9 type=4 about "
			 "( udp 198.51.100.9:50000 > 192.168.11.20:5000 )",
			 DROP, HP_DROP_ICMP_TYPE},
			{FROM_LAN,
			 "icmp 192.168.11.20 > 198.51.100.9 type=5/1 about "
			 "( udp 198.51.100.9:50000 > 192.168.11.20:5000 )",
			 DROP, HP_DROP_ICMP_TYPE, NULL,
			 "forward udp wan 198.51.100.9:50000>203.0.113.5:6000 "
			 "lan 198.51.100.9:50000>192.168.11.20:5000 service0\n"},
		},
	},
	{
		"between segments, one of them isolated",
		NULL,
		{
			{FROM_LAN, "udp 192.168.11.30:40000 > 192.168.13.30:53", PASS, HP_PASS_LAN},
			{FROM_ISO,
			 "icmp 192.168.13.30 > 192.168.11.30 type=3/3 about "
			 "( udp 192.168.11.30:40000 > 192.168.13.30:53 )",
			 PASS, HP_PASS_ICMP_ERROR},
			{FROM_ISO,
			 "icmp 192.168.13.30 > 192.168.11.30 type=3/3 about "
			 "( udp 192.168.11.30:40001 > 192.168.13.30:53 )",
			 DROP, HP_DROP_ISOLATED},
			{FROM_LAN,
			 "icmp 192.168.11.30 > 192.168.12.30 type=3/3 about "
			 "( udp 192.168.12.30:40001 > 192.168.11.30:53 )",
			 PASS, HP_PASS_LAN},
			/* What the gateway answered a LAN from its public address has no session. */
			{FROM_LAN,
			 "icmp 192.168.11.30 > 203.0.113.5 type=3/3 about "
			 "( udp 203.0.113.5:53 > 192.168.11.30:40000 )",
			 PASS, HP_PASS_OWN_SERVICE},
		},
	},
	{
		"about flows of the gateway, whose port had to change",
		"wan 203.0.113.5 ports 40000-40001\n",
		{
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:40000 > 198.51.100.7:53"},
			{FROM_HOST, "udp 203.0.113.5:40000 > 198.51.100.7:53", PASS,
			 HP_PASS_OWN_FLOW, "udp 203.0.113.5:40001 > 198.51.100.7:53"},
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=3/4 mtu=1300 quote=19 about "
			 "( udp 203.0.113.5:40001 > 198.51.100.7:53 )",
			 PASS, HP_PASS_ICMP_ERROR,
			 "icmp 192.0.2.1 > 203.0.113.5 type=3/4 mtu=1300 quote=19 about "
			 "( udp 203.0.113.5:40000 > 198.51.100.7:53 )"},
			{FROM_HOST,
			 "icmp 203.0.113.5 > 198.51.100.7 type=3/3 about "
			 "( udp 198.51.100.7:53 > 203.0.113.5:40000 )",
			 PASS, HP_PASS_OWN_FLOW,
			 "icmp 203.0.113.5 > 198.51.100.7 type=3/3 about "
			 "( udp 198.51.100.7:53 > 203.0.113.5:40001 )"},
		},
	},
	{
		"about what a passed service answered: only to the address that answered",
		"pass tcp 22\n",
		{
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.6 type=3/4 mtu=1400 about "
			 "( tcp 203.0.113.6:22 > 198.51.100.9:50000 A )",
			 PASS, HP_PASS_ICMP_ERROR, NULL, ""},
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=3/4 mtu=1400 about "
			 "( tcp 192.168.11.30:22 > 198.51.100.9:50000 A )",
			 DROP, HP_DROP_ICMP_ERROR, NULL, ""},
			{FROM_WAN,
			 "icmp 192.0.2.1 > 203.0.113.5 type=3/4 mtu=1400 about "
			 "( tcp 198.51.100.1:22 > 198.51.100.9:50000 A )",
			 DROP, HP_DROP_ICMP_ERROR, NULL, ""},
		},
	},
	{
		"one hop less, and none at all: no error is about an error",
		GAME,
		{
			{FROM_LAN, "udp 192.168.11.20:5000 > 198.51.100.7:53", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:6000 > 198.51.100.7:53"},
			{FROM_WAN,
			 "icmp 198.51.100.7 > 203.0.113.5 type=3/3 ttl=1 about "
			 "( udp 203.0.113.5:6000 > 198.51.100.7:53 )",
			 DROP, HP_DROP_TTL},
		},
	},
};

int main(void)
{
	return RIG_RUN_CASES("icmp related", cases);
}
