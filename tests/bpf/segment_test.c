// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who may talk to whom: every cell of source segment and destination.
 *
 *                       own segment's   gateway's     gateway's    other     isolated   internet   public address:
 *                       broadcast       LAN address   DHCP, DNS    segment   segment               declared   own   dynamic
 *   open segment        pass            pass          pass         pass      pass       sent       sent       pass  sent
 *   isolated segment    no              no            pass         declared  no         sent       sent       no    no
 */
#include "rig.h"

#define WEB "forward tcp 8443 192.168.11.20:443 service 3\n"
#define GUEST_WEB "forward tcp 80 192.168.13.20:80 service 5\n"

static const struct rig_case cases[] = {
	{
		"an open segment to the gateway",
		NULL,
		{
			{FROM_LAN, "tcp 192.168.11.30:40000 > 192.168.11.1:22 S", PASS, HP_PASS_LAN,
			 NULL, ""},
			{FROM_LAN, "udp 192.168.11.30:40000 > 192.168.11.1:53", PASS, HP_PASS_LAN,
			 NULL, ""},
			{FROM_LAN, "icmp 192.168.11.30 > 192.168.11.1 request id=5", PASS,
			 HP_PASS_LAN, NULL, ""},
			/* By its address on another segment, too. */
			{FROM_LAN, "tcp 192.168.11.30:40000 > 192.168.12.1:22 S", PASS, HP_PASS_LAN,
			 NULL, ""},
		},
	},
	{
		"an open segment to another one and back, untouched",
		NULL,
		{
			{FROM_LAN, "tcp 192.168.11.30:40000 > 192.168.12.30:80 S", PASS,
			 HP_PASS_LAN, NULL, ""},
			{FROM_LAN1, "tcp 192.168.12.30:80 > 192.168.11.30:40000 SA", PASS,
			 HP_PASS_LAN, NULL, ""},
			{FROM_LAN, "icmp 192.168.11.30 > 192.168.12.30 request id=5", PASS,
			 HP_PASS_LAN, NULL, ""},
		},
	},
	{
		"an open segment to an isolated one: the answer comes back, nothing else does",
		NULL,
		{
			{FROM_LAN, "tcp 192.168.11.30:40000 > 192.168.13.30:80 S", PASS,
			 HP_PASS_LAN, NULL,
			 "routed tcp lan 192.168.11.30:40000>192.168.13.30:80 "
			 "lan 192.168.11.30:40000>192.168.13.30:80 syn\n"},
			{FROM_ISO, "tcp 192.168.13.30:80 > 192.168.11.30:40000 SA", PASS,
			 HP_PASS_LAN, NULL,
			 "routed tcp lan 192.168.11.30:40000>192.168.13.30:80 "
			 "lan 192.168.11.30:40000>192.168.13.30:80 syn-ack replied\n"},
			{FROM_ISO, "tcp 192.168.13.30:80 > 192.168.11.30:40001 SA", DROP,
			 HP_DROP_ISOLATED},
			{FROM_ISO, "tcp 192.168.13.30:81 > 192.168.11.30:40000 S", DROP,
			 HP_DROP_ISOLATED},
		},
	},
	{
		"an open segment asks an isolated one by UDP and by echo",
		NULL,
		{
			{FROM_LAN, "udp 192.168.11.30:40000 > 192.168.13.30:53", PASS, HP_PASS_LAN},
			{FROM_ISO, "udp 192.168.13.30:53 > 192.168.11.30:40000", PASS, HP_PASS_LAN},
			{FROM_LAN, "icmp 192.168.11.30 > 192.168.13.30 request id=5", PASS,
			 HP_PASS_LAN},
			{FROM_ISO, "icmp 192.168.13.30 > 192.168.11.30 reply id=5", PASS,
			 HP_PASS_LAN},
			{FROM_ISO, "icmp 192.168.13.30 > 192.168.11.30 reply id=6", DROP,
			 HP_DROP_ISOLATED},
		},
	},
	{
		"an isolated segment asks the gateway for DHCP and names only",
		NULL,
		{
			{FROM_ISO, "udp 0.0.0.0:68 > 255.255.255.255:67", PASS, HP_PASS_LAN, NULL,
			 ""},
			{FROM_ISO, "udp 192.168.13.30:68 > 192.168.13.1:67", PASS, HP_PASS_LAN,
			 NULL, ""},
			{FROM_ISO, "udp 192.168.13.30:40000 > 192.168.13.1:53", PASS, HP_PASS_LAN,
			 NULL, ""},
			{FROM_ISO, "tcp 192.168.13.30:40000 > 192.168.13.1:53 S", PASS, HP_PASS_LAN,
			 NULL, ""},
			{FROM_ISO, "tcp 192.168.13.30:40000 > 192.168.13.1:22 S", DROP,
			 HP_DROP_ISOLATED, NULL, ""},
			{FROM_ISO, "tcp 192.168.13.30:40000 > 192.168.11.1:80 S", DROP,
			 HP_DROP_ISOLATED, NULL, ""},
			{FROM_ISO, "icmp 192.168.13.30 > 192.168.13.1 request id=5", DROP,
			 HP_DROP_ISOLATED, NULL, ""},
			{FROM_ISO, "udp 192.168.13.30:5353 > 224.0.0.251:5353", DROP,
			 HP_DROP_ISOLATED, NULL, ""},
			{FROM_ISO, "igmp 192.168.13.30 > 224.0.0.22", PASS, HP_PASS_LAN, NULL, ""},
			{FROM_ISO, "udp 192.168.13.30:40000 > 192.168.13.255:53", PASS, HP_PASS_LAN,
			 NULL, ""},
		},
	},
	{
		"an isolated segment to the inside",
		NULL,
		{
			{FROM_ISO, "tcp 192.168.13.30:40000 > 192.168.11.30:80 S", DROP,
			 HP_DROP_ISOLATED, NULL, ""},
			{FROM_ISO, "udp 192.168.13.30:40000 > 192.168.14.30:53", DROP,
			 HP_DROP_ISOLATED, NULL, ""},
			{FROM_ISO, "icmp 192.168.13.30 > 192.168.11.30 request id=5", DROP,
			 HP_DROP_ISOLATED, NULL, ""},
			{FROM_ISO, "udp 192.168.13.30:40000 > 10.99.0.7:53", DROP, HP_DROP_ISOLATED,
			 NULL, ""},
			{FROM_ISO, "udp 192.168.13.30:40000 > 192.168.13.255:137", DROP,
			 HP_DROP_ISOLATED, NULL, ""},
		},
	},
	{
		"an isolated segment to a declared service by its LAN address, and the answer",
		WEB,
		{
			{FROM_ISO, "tcp 192.168.13.30:40000 > 192.168.11.20:443 S", PASS,
			 HP_PASS_LAN},
			{FROM_LAN, "tcp 192.168.11.20:443 > 192.168.13.30:40000 SA", PASS,
			 HP_PASS_LAN},
			{FROM_ISO, "tcp 192.168.13.30:40000 > 192.168.11.20:443 A", PASS,
			 HP_PASS_LAN},
			{FROM_ISO, "tcp 192.168.13.30:40000 > 192.168.11.20:8443 S", DROP,
			 HP_DROP_ISOLATED},
			{FROM_ISO, "udp 192.168.13.30:40000 > 192.168.11.20:443", DROP,
			 HP_DROP_ISOLATED},
		},
	},
	{
		"an isolated segment to a declared service by the public address",
		WEB,
		{
			{FROM_ISO, "tcp 192.168.13.30:40000 > 203.0.113.5:8443 S", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:40000 > 192.168.11.20:443 S"},
			{FROM_LAN, "tcp 192.168.11.20:443 > 203.0.113.5:40000 SA", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:8443 > 192.168.13.30:40000 SA"},
		},
	},
	{
		"an isolated segment to what else is on the public address",
		"pass tcp 22\n",
		{
			{FROM_ISO, "tcp 192.168.13.30:40000 > 203.0.113.5:22 S", DROP,
			 HP_DROP_ISOLATED, NULL, ""},
			{FROM_ISO, "icmp 192.168.13.30 > 203.0.113.5 request id=5", DROP,
			 HP_DROP_ISOLATED, NULL, ""},
			{FROM_LAN, "udp 192.168.11.31:5000 > 198.51.100.7:3478", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:5000 > 198.51.100.7:3478"},
			{FROM_ISO, "udp 192.168.13.30:40000 > 203.0.113.5:5000", DROP,
			 HP_DROP_ISOLATED},
		},
	},
	{
		"an isolated segment to declared services of the gateway itself, at all its addresses",
		"pass tcp 22\n"
		"pass tcp 80 service 3 allow 7\n"
		"pass tcp 8443 service 4 inside 443\n"
		"allow 7 198.51.100.0/24\n",
		{
			{FROM_ISO, "tcp 192.168.13.30:40000 > 203.0.113.5:80 S", PASS,
			 HP_PASS_OWN_SERVICE, NULL, ""},
			{FROM_ISO, "tcp 192.168.13.30:40000 > 192.168.13.1:80 S", PASS, HP_PASS_LAN,
			 NULL, ""},
			{FROM_ISO, "tcp 192.168.13.30:40000 > 192.168.11.1:80 S", PASS, HP_PASS_LAN,
			 NULL, ""},
			{FROM_ISO, "udp 192.168.13.30:40000 > 192.168.13.1:80", DROP,
			 HP_DROP_ISOLATED, NULL, ""},
			{FROM_ISO, "tcp 192.168.13.30:40000 > 192.168.13.1:22 S", DROP,
			 HP_DROP_ISOLATED, NULL, ""},
			/* Moved at the public address; elsewhere that port is another program's. */
			{FROM_ISO, "tcp 192.168.13.30:40000 > 203.0.113.5:8443 S", PASS,
			 HP_PASS_OWN_SERVICE, NULL, ""},
			{FROM_ISO, "tcp 192.168.13.30:40000 > 192.168.13.1:8443 S", DROP,
			 HP_DROP_ISOLATED, NULL, ""},
			{FROM_LAN, "tcp 192.168.11.30:40000 > 203.0.113.5:80 S", PASS,
			 HP_PASS_OWN_SERVICE, NULL, ""},
		},
	},
	{
		"an isolated segment to the internet",
		NULL,
		{
			{FROM_ISO, "tcp 192.168.13.30:40000 > 198.51.100.7:443 S", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:40000 > 198.51.100.7:443 S"},
			{FROM_WAN, "tcp 198.51.100.7:443 > 203.0.113.5:40000 SA", TO_LAN,
			 HP_SENT_INCOMING, "tcp 198.51.100.7:443 > 192.168.13.30:40000 SA"},
		},
	},
	{
		"a server on an isolated segment: reached by its name outside, and it answers",
		GUEST_WEB,
		{
			{FROM_LAN, "tcp 192.168.11.30:40000 > 203.0.113.5:80 S", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:40000 > 192.168.13.20:80 S"},
			{FROM_ISO, "tcp 192.168.13.20:80 > 203.0.113.5:40000 SA", TO_LAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:80 > 192.168.11.30:40000 SA"},
			{FROM_ISO1, "tcp 192.168.14.30:40000 > 192.168.13.20:80 S", PASS,
			 HP_PASS_LAN},
			{FROM_ISO, "tcp 192.168.13.20:80 > 192.168.14.30:40000 SA", PASS,
			 HP_PASS_LAN},
		},
	},
};

int main(void)
{
	return RIG_RUN_CASES("segment", cases);
}
