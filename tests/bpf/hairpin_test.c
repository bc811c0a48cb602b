// SPDX-License-Identifier: GPL-2.0-or-later
/* From a LAN to the public address and back into a LAN, in one pass (RFC 4787 REQ-9). */
/* Requirements: 2, 11, 12, 32. */
#include "rig.h"

#define WEB "forward tcp 8443 192.168.11.20:443 service 3 gateway 192.168.11.1\n"
#define WEB_CLIENT "forward tcp 8443 192.168.11.20:443 service 3 source client\n"
#define WEB_GATEWAY "forward tcp 8443 192.168.11.20:443 service 3 source gateway\n"

#define SESSION                                                 \
	"hairpin tcp lan 192.168.11.30:40000>203.0.113.5:8443 " \
	"lan 203.0.113.5:40000>192.168.11.20:443"
#define MAPPING "mapping tcp 192.168.11.30:40000 = 203.0.113.5:40000 x1\n"

static const struct rig_case cases[] = {
	{
		"to a static forward: the server sees the public address (REQ-9a)",
		WEB,
		{
			{FROM_LAN, "tcp 192.168.11.30:40000 > 203.0.113.5:8443 S", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:40000 > 192.168.11.20:443 S",
			 SESSION " syn service3\n" MAPPING},
			{FROM_LAN, "tcp 192.168.11.20:443 > 203.0.113.5:40000 SA", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:8443 > 192.168.11.30:40000 SA",
			 SESSION " syn-ack replied service3\n" MAPPING},
			{FROM_LAN, "tcp 192.168.11.30:40000 > 203.0.113.5:8443 A len=1200", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:40000 > 192.168.11.20:443 A len=1200",
			 SESSION " established replied service3\n" MAPPING},
		},
	},
	{
		"the mapping is the one that the internet sees",
		WEB,
		{
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 S", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:40000 > 198.51.100.7:443 S"},
			{FROM_LAN, "tcp 192.168.11.30:40000 > 203.0.113.5:8443 S", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:40000 > 192.168.11.20:443 S",
			 "outgoing tcp lan 192.168.11.30:40000>198.51.100.7:443 "
			 "wan 203.0.113.5:40000>198.51.100.7:443 syn\n" SESSION " syn service3\n"
			 "mapping tcp 192.168.11.30:40000 = 203.0.113.5:40000 x2\n"},
		},
	},
	{
		"to a dynamic mapping, both by their external endpoints",
		NULL,
		{
			{FROM_LAN, "udp 192.168.11.31:5000 > 198.51.100.7:3478", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:5000 > 198.51.100.7:3478"},
			{FROM_LAN, "udp 192.168.11.30:40000 > 203.0.113.5:5000", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 203.0.113.5:40000 > 192.168.11.31:5000",
			 "outgoing udp lan 192.168.11.31:5000>198.51.100.7:3478 "
			 "wan 203.0.113.5:5000>198.51.100.7:3478\n"
			 "hairpin udp lan 192.168.11.30:40000>203.0.113.5:5000 "
			 "lan 203.0.113.5:40000>192.168.11.31:5000\n"
			 "mapping udp 192.168.11.30:40000 = 203.0.113.5:40000 x1\n"
			 "mapping udp 192.168.11.31:5000 = 203.0.113.5:5000 x2\n"},
			{FROM_LAN, "udp 192.168.11.31:5000 > 203.0.113.5:40000", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 203.0.113.5:5000 > 192.168.11.30:40000"},
		},
	},
	{
		"a host to itself",
		WEB,
		{
			{FROM_LAN, "tcp 192.168.11.20:40000 > 203.0.113.5:8443 S", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:40000 > 192.168.11.20:443 S",
			 "hairpin tcp lan 192.168.11.20:40000>203.0.113.5:8443 "
			 "lan 203.0.113.5:40000>192.168.11.20:443 syn service3\n"
			 "mapping tcp 192.168.11.20:40000 = 203.0.113.5:40000 x1\n"},
			{FROM_LAN, "tcp 192.168.11.20:443 > 203.0.113.5:40000 SA", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:8443 > 192.168.11.20:40000 SA"},
		},
	},
	{
		"a socket to its own mapping: one flow, not two",
		NULL,
		{
			{FROM_LAN, "udp 192.168.11.30:5000 > 198.51.100.7:3478", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:5000 > 198.51.100.7:3478"},
			{FROM_LAN, "udp 192.168.11.30:5000 > 203.0.113.5:5000", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 203.0.113.5:5000 > 192.168.11.30:5000",
			 "outgoing udp lan 192.168.11.30:5000>198.51.100.7:3478 "
			 "wan 203.0.113.5:5000>198.51.100.7:3478\n"
			 "hairpin udp lan 192.168.11.30:5000>203.0.113.5:5000 "
			 "lan 203.0.113.5:5000>192.168.11.30:5000 self\n"
			 "mapping udp 192.168.11.30:5000 = 203.0.113.5:5000 x3\n"},
			{FROM_LAN, "udp 192.168.11.30:5000 > 203.0.113.5:5000", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 203.0.113.5:5000 > 192.168.11.30:5000"},
		},
	},
	{
		"a declared socket to its own declared port",
		"forward udp 6000 192.168.11.20:6000\n",
		{
			{FROM_LAN, "udp 192.168.11.20:6000 > 203.0.113.5:6000", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 203.0.113.5:6000 > 192.168.11.20:6000",
			 "hairpin udp lan 192.168.11.20:6000>203.0.113.5:6000 "
			 "lan 203.0.113.5:6000>192.168.11.20:6000 self service0\n"
			 "mapping udp 192.168.11.20:6000 = 203.0.113.5:6000 x1 fixed\n"},
		},
	},
	{
		"from another segment",
		WEB,
		{
			{FROM_LAN1, "tcp 192.168.12.30:40000 > 203.0.113.5:8443 S", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:40000 > 192.168.11.20:443 S"},
			{FROM_LAN, "tcp 192.168.11.20:443 > 203.0.113.5:40000 SA", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:8443 > 192.168.12.30:40000 SA"},
		},
	},
	{
		"source client, from another segment: the client's own address",
		WEB_CLIENT,
		{
			{FROM_LAN1, "tcp 192.168.12.30:40000 > 203.0.113.5:8443 S", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 192.168.12.30:40000 > 192.168.11.20:443 S",
			 "hairpin tcp lan 192.168.12.30:40000>203.0.113.5:8443 "
			 "lan 192.168.12.30:40000>192.168.11.20:443 syn service3\n"},
			{FROM_LAN, "tcp 192.168.11.20:443 > 192.168.12.30:40000 SA", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:8443 > 192.168.12.30:40000 SA"},
		},
	},
	{
		"source client, from the server's own segment: the public one, or the answer would go past us",
		WEB_CLIENT,
		{
			{FROM_LAN, "tcp 192.168.11.30:40000 > 203.0.113.5:8443 S", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:40000 > 192.168.11.20:443 S",
			 SESSION " syn service3\n" MAPPING},
		},
	},
	{
		"source gateway: our address on the server's segment, out of a pool of its own",
		WEB_GATEWAY,
		{
			{FROM_LAN, "tcp 192.168.11.30:20000 > 203.0.113.5:8443 S", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 192.168.11.1:20000 > 192.168.11.20:443 S",
			 "hairpin tcp lan 192.168.11.30:20000>203.0.113.5:8443 "
			 "lan 192.168.11.1:20000>192.168.11.20:443 syn gateway service3\n"
			 "mapping tcp 192.168.11.30:20000 = 192.168.11.1:20000 x1 gateway\n"},
			{FROM_LAN, "tcp 192.168.11.20:443 > 192.168.11.1:20000 SA", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:8443 > 192.168.11.30:20000 SA"},
			{FROM_LAN, "tcp 192.168.11.30:20000 > 198.51.100.7:443 S", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:20000 > 198.51.100.7:443 S"},
		},
	},
	{
		"nat's source is that of dynamic mappings",
		"wan 203.0.113.5 source client\n",
		{
			{FROM_LAN, "udp 192.168.11.31:5000 > 198.51.100.7:3478", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:5000 > 198.51.100.7:3478"},
			{FROM_LAN1, "udp 192.168.12.30:40000 > 203.0.113.5:5000", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 192.168.12.30:40000 > 192.168.11.31:5000"},
			{FROM_LAN, "udp 192.168.11.31:5000 > 192.168.12.30:40000", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 203.0.113.5:5000 > 192.168.12.30:40000"},
		},
	},
	{
		"a forward's allow list does not limit the LAN",
		WEB "allow 7 198.51.100.0/24\n"
		    "forward udp 6000 192.168.11.20:6000 allow 7\n",
		{
			{FROM_LAN, "udp 192.168.11.30:40000 > 203.0.113.5:6000", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 203.0.113.5:40000 > 192.168.11.20:6000"},
		},
	},
	{
		"two clients with one port at one service",
		"wan 203.0.113.5 ports 40000-40001\n" WEB,
		{
			{FROM_LAN, "tcp 192.168.11.30:40000 > 203.0.113.5:8443 S", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:40000 > 192.168.11.20:443 S"},
			{FROM_LAN, "tcp 192.168.11.31:40000 > 203.0.113.5:8443 S", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:40001 > 192.168.11.20:443 S"},
			{FROM_LAN, "tcp 192.168.11.20:443 > 203.0.113.5:40001 SA", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:8443 > 192.168.11.31:40000 SA"},
		},
	},
	{
		"the other public address: one endpoint keeps one external endpoint",
		WEB,
		{
			{FROM_LAN, "tcp 192.168.11.30:40000 > 203.0.113.6:8443 S", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:40000 > 192.168.11.20:443 S"},
			{FROM_LAN, "tcp 192.168.11.20:443 > 203.0.113.5:40000 SA", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.6:8443 > 192.168.11.30:40000 SA"},
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 S", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:40000 > 198.51.100.7:443 S"},
		},
	},
	{
		"no session, no SYN",
		WEB,
		{
			{FROM_LAN, "tcp 192.168.11.30:40000 > 203.0.113.5:8443 A", DROP,
			 HP_DROP_NO_SESSION, NULL, ""},
		},
	},
	{
		"the gateway's own services answer a LAN on the public address",
		"pass tcp 22\n",
		{
			{FROM_LAN, "tcp 192.168.11.30:40000 > 203.0.113.5:22 S", PASS,
			 HP_PASS_OWN_SERVICE, NULL, ""},
			{FROM_LAN, "tcp 192.168.11.30:40000 > 203.0.113.5:80 S", PASS,
			 HP_PASS_OWN_SERVICE, NULL, ""},
			{FROM_LAN, "icmp 192.168.11.30 > 203.0.113.5 request id=5", PASS,
			 HP_PASS_OWN_SERVICE, NULL, ""},
		},
	},
};

int main(void)
{
	return RIG_RUN_CASES("hairpin", cases);
}
