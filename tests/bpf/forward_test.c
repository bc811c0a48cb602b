// SPDX-License-Identifier: GPL-2.0-or-later
/* From the internet to a declared service. */
#include "rig.h"

#define WEB "forward tcp 8443 192.168.11.20:443 service 3\n"
#define WEB_SESSION                                            \
	"forward tcp wan 198.51.100.9:50000>203.0.113.5:8443 " \
	"lan 198.51.100.9:50000>192.168.11.20:443"
#define GAME "forward udp 6000 192.168.11.20:6000 service 4\n"

#define NOT_REACHED                                                                  \
	"icmp 203.0.113.5 > 198.51.100.9 type=3/1 tos=0xc0 ttl=64 quote=16 about ( " \
	"udp 198.51.100.9:50000 > 203.0.113.5:6000 )"

static const struct rig_case cases[] = {
	{
		"another port inside, and the client's address kept",
		WEB,
		{
			{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:8443 S", TO_LAN,
			 HP_SENT_INCOMING, "tcp 198.51.100.9:50000 > 192.168.11.20:443 S",
			 WEB_SESSION " syn service3\n"},
			{FROM_LAN, "tcp 192.168.11.20:443 > 198.51.100.9:50000 SA", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:8443 > 198.51.100.9:50000 SA",
			 WEB_SESSION " syn-ack replied service3\n"},
			{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:8443 A len=1000", TO_LAN,
			 HP_SENT_INCOMING, "tcp 198.51.100.9:50000 > 192.168.11.20:443 A len=1000",
			 WEB_SESSION " established replied service3\n"},
		},
	},
	{
		"UDP to the same port",
		GAME,
		{
			{FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.5:6000", TO_LAN,
			 HP_SENT_INCOMING, "udp 198.51.100.9:50000 > 192.168.11.20:6000",
			 "forward udp wan 198.51.100.9:50000>203.0.113.5:6000 "
			 "lan 198.51.100.9:50000>192.168.11.20:6000 service4\n"},
			{FROM_LAN, "udp 192.168.11.20:6000 > 198.51.100.9:50000", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:6000 > 198.51.100.9:50000",
			 "forward udp wan 198.51.100.9:50000>203.0.113.5:6000 "
			 "lan 198.51.100.9:50000>192.168.11.20:6000 replied service4\n"},
		},
	},
	{
		"the same number in another protocol is another port",
		GAME,
		{
			{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:6000 S", DROP,
			 HP_DROP_CLOSED, NULL, ""},
		},
	},
	{
		"every public address serves it",
		GAME,
		{
			{FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.6:6000", TO_LAN,
			 HP_SENT_INCOMING, "udp 198.51.100.9:50000 > 192.168.11.20:6000"},
			{FROM_LAN, "udp 192.168.11.20:6000 > 198.51.100.9:50000", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.6:6000 > 198.51.100.9:50000"},
		},
	},
	{
		"two external ports of one service do not share a tuple at the server",
		"forward udp 6000 192.168.11.20:6000\n",
		{
			{FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.5:6000", TO_LAN,
			 HP_SENT_INCOMING, "udp 198.51.100.9:50000 > 192.168.11.20:6000"},
			{FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.6:6000", DROP, HP_DROP_CLASH,
			 NULL,
			 "forward udp wan 198.51.100.9:50000>203.0.113.5:6000 "
			 "lan 198.51.100.9:50000>192.168.11.20:6000 service0\n"},
		},
	},
	{
		"allow: who is on the list, and who is not",
		"forward tcp 8443 192.168.11.20:443 allow 7\n"
		"allow 7 198.51.100.0/24\n"
		"allow 8 192.0.2.0/24\n",
		{
			{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:8443 S", TO_LAN,
			 HP_SENT_INCOMING, "tcp 198.51.100.9:50000 > 192.168.11.20:443 S"},
			{FROM_WAN, "tcp 192.0.2.9:50000 > 203.0.113.5:8443 S", DROP,
			 HP_DROP_NOT_ALLOWED},
		},
	},
	{
		"a forward opens with a SYN only",
		WEB,
		{
			{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:8443 A", DROP,
			 HP_DROP_NO_SESSION, NULL, ""},
			{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:8443 SA", DROP,
			 HP_DROP_NO_SESSION, NULL, ""},
			{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:8443 R", DROP,
			 HP_DROP_NO_SESSION, NULL, ""},
		},
	},
	{
		"a forward goes before a dynamic mapping on its port",
		"wan 203.0.113.5 ports 40000-40001\n"
		"forward udp 40000 192.168.11.20:5000\n",
		{
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:40001 > 198.51.100.7:53"},
			{FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.5:40000", TO_LAN,
			 HP_SENT_INCOMING, "udp 198.51.100.9:50000 > 192.168.11.20:5000"},
		},
	},
	{
		"the server's own packet to a client that came in takes the client's session",
		GAME,
		{
			{FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.6:6000", TO_LAN,
			 HP_SENT_INCOMING, "udp 198.51.100.9:50000 > 192.168.11.20:6000"},
			{FROM_LAN, "udp 192.168.11.20:6000 > 198.51.100.9:50000", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.6:6000 > 198.51.100.9:50000",
			 "forward udp wan 198.51.100.9:50000>203.0.113.6:6000 "
			 "lan 198.51.100.9:50000>192.168.11.20:6000 replied service4\n"},
		},
	},
	{
		"a host on the second segment",
		"forward tcp 80 192.168.12.20:80\n",
		{
			{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:80 S", TO_LAN,
			 HP_SENT_INCOMING, "tcp 198.51.100.9:50000 > 192.168.12.20:80 S"},
			{FROM_LAN1, "tcp 192.168.12.20:80 > 198.51.100.9:50000 SA", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:80 > 198.51.100.9:50000 SA"},
		},
	},
	{
		"a host on an isolated segment answers its clients",
		"forward tcp 80 192.168.13.20:80\n",
		{
			{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:80 S", TO_LAN,
			 HP_SENT_INCOMING, "tcp 198.51.100.9:50000 > 192.168.13.20:80 S"},
			{FROM_ISO, "tcp 192.168.13.20:80 > 198.51.100.9:50000 SA", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:80 > 198.51.100.9:50000 SA"},
		},
	},
	{
		"a host that no route leads to",
		"forward udp 6000 198.18.0.7:6000\n",
		{
			{FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.5:6000", TO_WAN,
			 HP_DROP_NO_ROUTE, NOT_REACHED, NULL, HP_SENT_ICMP_ERROR},
		},
	},
	{
		"a host whose segment is gone: its packets do not follow the default route to WAN",
		"forward udp 6000 192.168.77.7:6000\n",
		{
			{FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.5:6000", TO_WAN,
			 HP_DROP_NO_ROUTE, NOT_REACHED, NULL, HP_SENT_ICMP_ERROR},
		},
	},
	{
		"a host behind a device that is neither LAN nor WAN",
		"forward udp 6000 10.99.0.7:6000\n",
		{
			{FROM_WAN, "udp 198.51.100.9:50000 > 203.0.113.5:6000", TO_WAN,
			 HP_DROP_NO_ROUTE, NOT_REACHED, NULL, HP_SENT_ICMP_ERROR},
		},
	},
};

int main(void)
{
	return RIG_RUN_CASES("forward", cases);
}
