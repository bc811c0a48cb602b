// SPDX-License-Identifier: GPL-2.0-or-later
/* From a LAN to the internet and back (RFC 4787, 5382, 5508): the mapping, its port, its filter. */
/* Requirements: 1, 3, 35, 53. */
#include "rig.h"

#define TCP_SESSION                                              \
	"outgoing tcp lan 192.168.11.30:40000>198.51.100.7:443 " \
	"wan 203.0.113.5:40000>198.51.100.7:443"
#define TCP_MAPPING "mapping tcp 192.168.11.30:40000 = 203.0.113.5:40000 x1\n"
#define UDP_SESSION                                             \
	"outgoing udp lan 192.168.11.30:40000>198.51.100.7:53 " \
	"wan 203.0.113.5:40000>198.51.100.7:53"
#define UDP_MAPPING "mapping udp 192.168.11.30:40000 = 203.0.113.5:40000 x1\n"
#define UDP_OUT                                                                                  \
	{                                                                                        \
		FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53", TO_WAN, HP_SENT_OUTGOING, \
			"udp 203.0.113.5:40000 > 198.51.100.7:53", NULL,                         \
	}

static const struct rig_case cases[] = {
	{
		"TCP opens, is answered, is established",
		NULL,
		{
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 S", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:40000 > 198.51.100.7:443 S",
			 TCP_SESSION " syn\n" TCP_MAPPING},
			{FROM_WAN, "tcp 198.51.100.7:443 > 203.0.113.5:40000 SA", TO_LAN,
			 HP_SENT_INCOMING, "tcp 198.51.100.7:443 > 192.168.11.30:40000 SA",
			 TCP_SESSION " syn-ack replied\n" TCP_MAPPING},
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 A", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:40000 > 198.51.100.7:443 A",
			 TCP_SESSION " established replied\n" TCP_MAPPING},
		},
	},
	{
		"UDP and its answer",
		NULL,
		{
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:40000 > 198.51.100.7:53",
			 UDP_SESSION "\n" UDP_MAPPING},
			{FROM_WAN, "udp 198.51.100.7:53 > 203.0.113.5:40000 len=600", TO_LAN,
			 HP_SENT_INCOMING, "udp 198.51.100.7:53 > 192.168.11.30:40000 len=600",
			 UDP_SESSION " replied\n" UDP_MAPPING},
		},
	},
	{
		"echo and its answer",
		NULL,
		{
			{FROM_LAN, "icmp 192.168.11.30 > 198.51.100.7 request id=77", TO_WAN,
			 HP_SENT_OUTGOING, "icmp 203.0.113.5 > 198.51.100.7 request id=77",
			 "outgoing icmp lan 192.168.11.30:77>198.51.100.7:0 "
			 "wan 203.0.113.5:77>198.51.100.7:0\n"
			 "mapping icmp 192.168.11.30:77 = 203.0.113.5:77 x1\n"},
			{FROM_WAN, "icmp 198.51.100.7 > 203.0.113.5 reply id=77", TO_LAN,
			 HP_SENT_INCOMING, "icmp 198.51.100.7 > 192.168.11.30 reply id=77",
			 "outgoing icmp lan 192.168.11.30:77>198.51.100.7:0 "
			 "wan 203.0.113.5:77>198.51.100.7:0 replied\n"
			 "mapping icmp 192.168.11.30:77 = 203.0.113.5:77 x1\n"},
			/* An id that nobody asked with: RFC 5508 REQ-3. */
			/* The mapping is the id's, whomever it asks, and whatever. */
			{FROM_LAN, "icmp 192.168.11.30 > 198.51.100.8 type=13 id=77 len=12", TO_WAN,
			 HP_SENT_OUTGOING, "icmp 203.0.113.5 > 198.51.100.8 type=13 id=77 len=12",
			 "outgoing icmp lan 192.168.11.30:77>198.51.100.7:0 "
			 "wan 203.0.113.5:77>198.51.100.7:0 replied\n"
			 "outgoing icmp lan 192.168.11.30:77>198.51.100.8:0 "
			 "wan 203.0.113.5:77>198.51.100.8:0\n"
			 "mapping icmp 192.168.11.30:77 = 203.0.113.5:77 x2\n"},
			{FROM_WAN, "icmp 198.51.100.8 > 203.0.113.5 type=14 id=77 len=12", TO_LAN,
			 HP_SENT_INCOMING,
			 "icmp 198.51.100.8 > 192.168.11.30 type=14 id=77 len=12"},
			{FROM_WAN, "icmp 198.51.100.8 > 203.0.113.5 type=14 id=78 len=12", DROP,
			 HP_DROP_CLOSED},
			{FROM_WAN, "icmp 198.51.100.7 > 203.0.113.5 reply id=78", DROP,
			 HP_DROP_CLOSED},
		},
	},
	{
		"two hosts with one port get two external ports (RFC 4787 REQ-1, no overloading)",
		"wan 203.0.113.5 ports 40000-40001\n",
		{
			UDP_OUT,
			{FROM_LAN, "udp 192.168.11.31:40000 > 198.51.100.7:53", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:40001 > 198.51.100.7:53",
			 UDP_SESSION "\n"
				     "outgoing udp lan 192.168.11.31:40000>198.51.100.7:53 "
				     "wan 203.0.113.5:40001>198.51.100.7:53\n" UDP_MAPPING
				     "mapping udp 192.168.11.31:40000 = 203.0.113.5:40001 x1\n"},
			{FROM_WAN, "udp 198.51.100.7:53 > 203.0.113.5:40001", TO_LAN,
			 HP_SENT_INCOMING, "udp 198.51.100.7:53 > 192.168.11.31:40000"},
			{FROM_WAN, "udp 198.51.100.7:53 > 203.0.113.5:40000", TO_LAN,
			 HP_SENT_INCOMING, "udp 198.51.100.7:53 > 192.168.11.30:40000"},
		},
	},
	{
		"one endpoint keeps its port towards all destinations (RFC 4787 REQ-1)",
		NULL,
		{
			UDP_OUT,
			{FROM_LAN, "udp 192.168.11.30:40000 > 192.0.2.80:3478", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:40000 > 192.0.2.80:3478",
			 UDP_SESSION "\n"
				     "outgoing udp lan 192.168.11.30:40000>192.0.2.80:3478 "
				     "wan 203.0.113.5:40000>192.0.2.80:3478\n"
				     "mapping udp 192.168.11.30:40000 = 203.0.113.5:40000 x2\n"},
		},
	},
	{
		"TCP and UDP ports are apart",
		"wan 203.0.113.5 ports 40000-40000\n",
		{
			UDP_OUT,
			{FROM_LAN, "tcp 192.168.11.31:40000 > 198.51.100.7:443 S", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:40000 > 198.51.100.7:443 S"},
		},
	},
	{
		"a port outside nat.ports is exchanged for one inside",
		"wan 203.0.113.5 ports 40000-40000\n",
		{
			{FROM_LAN, "udp 192.168.11.30:500 > 198.51.100.7:500", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:40000 > 198.51.100.7:500",
			 "outgoing udp lan 192.168.11.30:500>198.51.100.7:500 "
			 "wan 203.0.113.5:40000>198.51.100.7:500\n"
			 "mapping udp 192.168.11.30:500 = 203.0.113.5:40000 x1\n"},
			{FROM_WAN, "udp 198.51.100.7:500 > 203.0.113.5:40000", TO_LAN,
			 HP_SENT_INCOMING, "udp 198.51.100.7:500 > 192.168.11.30:500"},
		},
	},
	{
		"a declared port is given to nobody else",
		"wan 203.0.113.5 ports 40000-40001\n"
		"forward udp 40000 192.168.11.20:5000\n",
		{
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:40001 > 198.51.100.7:53"},
		},
	},
	{
		"a declared host leaves from its declared port",
		"forward udp 6000 192.168.11.20:5000\n",
		{
			{FROM_LAN, "udp 192.168.11.20:5000 > 198.51.100.7:53", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:6000 > 198.51.100.7:53",
			 "outgoing udp lan 192.168.11.20:5000>198.51.100.7:53 "
			 "wan 203.0.113.5:6000>198.51.100.7:53\n"
			 "mapping udp 192.168.11.20:5000 = 203.0.113.5:6000 x1 fixed\n"},
			{FROM_WAN, "udp 198.51.100.7:53 > 203.0.113.5:6000", TO_LAN,
			 HP_SENT_INCOMING, "udp 198.51.100.7:53 > 192.168.11.20:5000"},
		},
	},
	{
		"a stranger does not come in through a mapping",
		NULL,
		{
			UDP_OUT,
			{FROM_WAN, "udp 192.0.2.66:53 > 203.0.113.5:40000", DROP, HP_DROP_FILTERED,
			 NULL, UDP_SESSION "\n" UDP_MAPPING},
			{FROM_WAN, "udp 198.51.100.7:54 > 203.0.113.5:40000", DROP,
			 HP_DROP_FILTERED, NULL, UDP_SESSION "\n" UDP_MAPPING},
			{FROM_WAN, "tcp 198.51.100.7:53 > 203.0.113.5:40000 S", DROP,
			 HP_DROP_CLOSED},
		},
	},
	{
		"TCP in the middle of nothing",
		NULL,
		{
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 A", DROP,
			 HP_DROP_NO_SESSION, NULL, ""},
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 SA", DROP,
			 HP_DROP_NO_SESSION, NULL, ""},
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 R", DROP,
			 HP_DROP_NO_SESSION, NULL, ""},
		},
	},
};

int main(void)
{
	return RIG_RUN_CASES("outgoing", cases);
}
