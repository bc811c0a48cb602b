// SPDX-License-Identifier: GPL-2.0-or-later
/* IPv6 that arrives from a LAN: who may talk to whom. */
#include "rig.h"

#define HOST "[2001:db8:11::30]"
#define SERVER "[2001:db8:11::20]"
#define GUEST "[2001:db8:13::30]"
#define GATEWAY "[2001:db8:11::1]"
#define US "[2001:db8:ff::5]"
#define FAR "[2001:db8:77::7]"
#define OURSELF "[fe80::2]"

static const struct rig_case cases[] = {
	{
		"an open segment to the gateway, to another segment, and elsewhere",
		NULL,
		{
			{FROM_LAN, "tcp " HOST ":40000 > " GATEWAY ":22 S", PASS, HP_PASS_LAN, NULL,
			 ""},
			{FROM_LAN, "tcp " HOST ":40000 > [2001:db8:12::30]:80 S", PASS, HP_PASS_LAN,
			 NULL, ""},
			{FROM_LAN, "tcp " HOST ":40000 > " US ":22 S", PASS, HP_PASS_LAN, NULL, ""},
			{FROM_LAN, "icmp6 " OURSELF " > [ff02::1:ff00:1] type=135 ttl=255", PASS,
			 HP_PASS_LINK, NULL, ""},
			{FROM_LAN, "icmp6 [::] > [ff02::1:ff00:30] type=135 ttl=255", PASS,
			 HP_PASS_LINK, NULL, ""},
			{FROM_LAN, "udp " HOST ":40000 > [2001:db8:99::7]:53", PASS,
			 HP_PASS_OTHER_DEVICE, NULL, ""},
			{FROM_LAN, "udp " HOST ":40000 > [2001:db8:dead::7]:53", PASS,
			 HP_PASS_NO_ROUTE, NULL, ""},
			{FROM_LAN, "udp [2001:db8:12::30]:40000 > " FAR ":53", DROP,
			 HP_DROP_SPOOFED, NULL, ""},
			{FROM_LAN, "udp [2001:db8:55::5]:40000 > " FAR ":53", DROP, HP_DROP_SPOOFED,
			 NULL, ""},
			{FROM_LAN, "tcp " HOST ":40000 > " FAR ":443 A", DROP, HP_DROP_NO_SESSION,
			 NULL, ""},
		},
	},
	{
		"an isolated segment",
		"pinhole tcp 2001:db8:11::20 443\n",
		{
			{FROM_ISO, "udp " GUEST ":40000 > " FAR ":53", PASS, HP_PASS_ROUTED6},
			{FROM_ISO, "tcp " GUEST ":40000 > " HOST ":80 S", DROP, HP_DROP_ISOLATED},
			{FROM_ISO, "tcp " GUEST ":40000 > " SERVER ":443 S", PASS, HP_PASS_LAN},
			{FROM_ISO, "tcp " GUEST ":40000 > [2001:db8:13::1]:22 S", DROP,
			 HP_DROP_ISOLATED},
			{FROM_ISO, "udp " GUEST ":40000 > [2001:db8:13::1]:53", PASS, HP_PASS_LAN},
			{FROM_ISO, "tcp " GUEST ":40000 > " US ":22 S", DROP, HP_DROP_ISOLATED},
			{FROM_ISO, "udp [fe80::30]:5353 > [ff02::fb]:5353", DROP, HP_DROP_ISOLATED},
			{FROM_ISO, "icmp6 [fe80::30] > [ff02::2] type=133 ttl=255", PASS,
			 HP_PASS_LINK},
			{FROM_ISO, "udp [fe80::30]:546 > [ff02::1:2]:547", PASS, HP_PASS_LINK},
			{FROM_ISO, "udp " GUEST ":40000 > [2001:db8:99::7]:53", DROP,
			 HP_DROP_ISOLATED},
		},
	},
	{
		"an isolated segment to declared services of the gateway itself",
		"pass tcp 22\n"
		"pass tcp 80 service 3\n"
		"pass tcp 8443 service 4 inside 443\n",
		{
			{FROM_ISO, "tcp " GUEST ":40000 > [2001:db8:13::1]:80 S", PASS, HP_PASS_LAN,
			 NULL, ""},
			{FROM_ISO, "tcp " GUEST ":40000 > " US ":80 S", PASS, HP_PASS_LAN, NULL,
			 ""},
			{FROM_ISO, "udp " GUEST ":40000 > " US ":80", DROP, HP_DROP_ISOLATED, NULL,
			 ""},
			{FROM_ISO, "tcp " GUEST ":40000 > " US ":22 S", DROP, HP_DROP_ISOLATED,
			 NULL, ""},
			{FROM_ISO, "tcp " GUEST ":40000 > " US ":8443 S", DROP, HP_DROP_ISOLATED,
			 NULL, ""},
		},
	},
	{
		"an open segment to an isolated one: the answer comes back, nothing else does",
		NULL,
		{
			{FROM_LAN, "tcp " HOST ":40000 > " GUEST ":80 S", PASS, HP_PASS_LAN, NULL,
			 "routed tcp lan " HOST ":40000>" GUEST ":80 lan syn\n"},
			{FROM_ISO, "tcp " GUEST ":80 > " HOST ":40000 SA", PASS, HP_PASS_ROUTED6},
			{FROM_ISO, "tcp " GUEST ":80 > " HOST ":40001 SA", DROP, HP_DROP_ISOLATED},
			{FROM_ISO,
			 "icmp6 " GUEST " > " HOST " type=2 mtu=1280 about ( tcp " HOST
			 ":40000 > " GUEST ":80 A )",
			 PASS, HP_PASS_ICMP_ERROR},
			{FROM_ISO,
			 "icmp6 " GUEST " > " HOST " type=2 mtu=1280 about ( tcp " HOST
			 ":40001 > " GUEST ":80 A )",
			 DROP, HP_DROP_ISOLATED},
		},
	},
	{
		"a declared server on an isolated segment, asked from another isolated one",
		"pinhole tcp 2001:db8:13::30 80\n",
		{
			{FROM_ISO1, "tcp [2001:db8:14::30]:40000 > " GUEST ":80 S", PASS,
			 HP_PASS_LAN},
			{FROM_ISO, "tcp " GUEST ":80 > [2001:db8:14::30]:40000 SA", PASS,
			 HP_PASS_ROUTED6},
		},
	},
};

int main(void)
{
	return RIG_RUN_CASES("v6 segment", cases);
}
