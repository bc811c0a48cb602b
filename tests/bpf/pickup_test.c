// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Connections in the middle with nat.tcp-pickup, frame by frame: what may be taken up and what not, and that nothing is where the option
 * is off (outgoing_test.c, forward_test.c).
 */
/* Requirements: 23, 31, 50. */
#include "rig.h"

/* Comes after the line of RIG_PLAN that names the public address, and wins. */
#define PICKUP "wan 203.0.113.5 echo pickup\n"
#define WEB "forward tcp 8443 192.168.11.20:443 service 3\n"
#define OUT_SESSION                                              \
	"outgoing tcp lan 192.168.11.30:40000>198.51.100.7:443 " \
	"wan 203.0.113.5:40000>198.51.100.7:443 "
#define OUT_MAPPING "mapping tcp 192.168.11.30:40000 = 203.0.113.5:40000 x1\n"
#define IN_SESSION                                             \
	"forward tcp wan 198.51.100.9:50000>203.0.113.5:8443 " \
	"lan 198.51.100.9:50000>192.168.11.20:443 "
#define LOOP_SESSION                                            \
	"hairpin tcp lan 192.168.11.30:40000>203.0.113.5:8443 " \
	"lan 203.0.113.5:40000>192.168.11.20:443 "

/* One step each way of the connection in question; seq and ack as in the middle of it. */
#define OUT(words, state)                                                                          \
	{                                                                                          \
		FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 " words, TO_WAN,             \
			HP_SENT_OUTGOING, "tcp 203.0.113.5:40000 > 198.51.100.7:443 " words, state \
	}
#define ANSWER(words, state)                                                                   \
	{                                                                                      \
		FROM_WAN, "tcp 198.51.100.7:443 > 203.0.113.5:40000 " words, TO_LAN,           \
			HP_SENT_INCOMING, "tcp 198.51.100.7:443 > 192.168.11.30:40000 " words, \
			state                                                                  \
	}
#define CLIENT(words, state)                                                                   \
	{                                                                                      \
		FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:8443 " words, TO_LAN,          \
			HP_SENT_INCOMING, "tcp 198.51.100.9:50000 > 192.168.11.20:443 " words, \
			state                                                                  \
	}
#define SERVER(words, state)                                                                  \
	{                                                                                     \
		FROM_LAN, "tcp 192.168.11.20:443 > 198.51.100.9:50000 " words, TO_WAN,        \
			HP_SENT_OUTGOING, "tcp 203.0.113.5:8443 > 198.51.100.9:50000 " words, \
			state                                                                 \
	}

static const struct rig_case cases[] = {
	{
		"a client inside",
		PICKUP,
		{
			OUT("A seq=5000 ack=9000 len=100", OUT_SESSION "established\n" OUT_MAPPING),
			/* Only one direction was seen: no reset of the other fits yet. */
			ANSWER("R seq=9000", OUT_SESSION "established\n" OUT_MAPPING),
			ANSWER("A seq=9000 ack=5100 len=0",
			       OUT_SESSION "established replied\n" OUT_MAPPING),
			ANSWER("R seq=9000", OUT_SESSION "reset replied\n" OUT_MAPPING),
		},
	},
	{
		"a client inside that has closed",
		PICKUP,
		{
			OUT("FA seq=5000 ack=9000 len=0", OUT_SESSION "fin-orig\n" OUT_MAPPING),
			ANSWER("FA seq=9000 ack=5001 len=0",
			       OUT_SESSION "closed replied\n" OUT_MAPPING),
		},
	},
	{
		"what is no middle of a connection",
		PICKUP WEB,
		{
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 R", DROP,
			 HP_DROP_NO_SESSION, NULL, ""},
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 RA", DROP,
			 HP_DROP_NO_SESSION, NULL, ""},
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 SA", DROP,
			 HP_DROP_NO_SESSION, NULL, ""},
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 F", DROP,
			 HP_DROP_NO_SESSION, NULL, ""},
			{FROM_LAN, "tcp 192.168.11.20:443 > 198.51.100.9:50000 SA", DROP,
			 HP_DROP_NO_SESSION, NULL, ""},
			{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:8443 R", DROP,
			 HP_DROP_NO_SESSION, NULL, ""},
			{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:8443 SA", DROP,
			 HP_DROP_NO_SESSION, NULL, ""},
			{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:8444 A", DROP,
			 HP_DROP_CLOSED, NULL, ""},
		},
	},
	{
		"another host has the port: its server knows no other",
		PICKUP,
		{
			{FROM_LAN, "tcp 192.168.11.31:40000 > 198.51.100.7:443 S", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:40000 > 198.51.100.7:443 S"},
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.8:443 A len=8", TO_LAN,
			 HP_DROP_NO_PORT,
			 "icmp 192.168.11.1 > 192.168.11.30 type=3/13 tos=0xc0 ttl=64 quote=28 about "
			 "( tcp 192.168.11.30:40000 > 198.51.100.8:443 A len=8 )",
			 "outgoing tcp lan 192.168.11.31:40000>198.51.100.7:443 "
			 "wan 203.0.113.5:40000>198.51.100.7:443 syn\n"
			 "mapping tcp 192.168.11.31:40000 = 203.0.113.5:40000 x1\n",
			 HP_SENT_ICMP_ERROR},
		},
	},
	{
		"a client outside is believed when it acknowledges what the server sends",
		PICKUP WEB,
		{
			CLIENT("A seq=5000 ack=9000", IN_SESSION "syn-ack service3\n"),
			CLIENT("A seq=5011 ack=9000", IN_SESSION "syn-ack service3\n"),
			/* Whoever is not there is refused by the server, and that is no connection. */
			{FROM_LAN, "tcp 192.168.11.20:443 > 198.51.100.9:50000 R seq=9000", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:8443 > 198.51.100.9:50000 R seq=9000",
			 IN_SESSION "syn-ack service3\n"},
			SERVER("A seq=9000 ack=5022 len=50",
			       IN_SESSION "syn-ack replied service3\n"),
			CLIENT("A seq=5022 ack=9000 len=0",
			       IN_SESSION "syn-ack replied service3\n"),
			CLIENT("A seq=5022 ack=9050 len=0",
			       IN_SESSION "established replied service3\n"),
		},
	},
	{
		"a server inside speaks for its client",
		PICKUP WEB,
		{
			SERVER("A seq=9000 ack=5000", IN_SESSION "established replied service3\n"),
			CLIENT("FA seq=5000 ack=9011", IN_SESSION "fin-orig replied service3\n"),
			SERVER("FA seq=9011 ack=5012 len=0",
			       IN_SESSION "closed replied service3\n"),
		},
	},
	{
		"whom the list does not admit is no client: the host's own connection",
		PICKUP "forward tcp 8443 192.168.11.20:443 allow 7\nallow 7 192.0.2.0/24\n",
		{
			{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:8443 A", DROP,
			 HP_DROP_NOT_ALLOWED, NULL, ""},
			{FROM_LAN, "tcp 192.168.11.20:443 > 198.51.100.9:50000 A", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:8443 > 198.51.100.9:50000 A",
			 "outgoing tcp lan 192.168.11.20:443>198.51.100.9:50000 "
			 "wan 203.0.113.5:8443>198.51.100.9:50000 established\n"
			 "mapping tcp 192.168.11.20:443 = 203.0.113.5:8443 x1 fixed\n"},
		},
	},
	{
		"a hairpin: the server waits for its client",
		PICKUP WEB,
		{
			{FROM_LAN, "tcp 192.168.11.20:443 > 203.0.113.5:40000 A", DROP,
			 HP_DROP_NO_SESSION, NULL, ""},
			{FROM_LAN, "tcp 192.168.11.30:40000 > 203.0.113.5:8443 A", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:40000 > 192.168.11.20:443 A",
			 LOOP_SESSION "established service3\n" OUT_MAPPING},
			{FROM_LAN, "tcp 192.168.11.20:443 > 203.0.113.5:40000 A", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:8443 > 192.168.11.30:40000 A",
			 LOOP_SESSION "established replied service3\n" OUT_MAPPING},
		},
	},
	{
		"what is for the gateway itself stays its own",
		PICKUP WEB,
		{
			{FROM_LAN, "tcp 192.168.11.30:40000 > 203.0.113.5:22 A", PASS,
			 HP_PASS_OWN_SERVICE, NULL, ""},
		},
	},
	{
		"IPv6, out and by a pinhole",
		PICKUP "pinhole tcp 2001:db8:11::20 443\n",
		{
			{FROM_LAN, "tcp [2001:db8:11::30]:40000 > [2001:db8:77::7]:443 A", PASS,
			 HP_PASS_ROUTED6, NULL,
			 "routed tcp lan [2001:db8:11::30]:40000>[2001:db8:77::7]:443 wan "
			 "established\n"},
			{FROM_WAN, "tcp [2001:db8:77::7]:50000 > [2001:db8:11::20]:443 A", PASS,
			 HP_PASS_PINHOLE6},
			{FROM_WAN, "tcp [2001:db8:77::7]:50000 > [2001:db8:11::20]:22 A", DROP,
			 HP_DROP_CLOSED},
		},
	},
};

int main(void)
{
	return RIG_RUN_CASES("pickup", cases);
}
