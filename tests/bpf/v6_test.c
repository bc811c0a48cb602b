// SPDX-License-Identifier: GPL-2.0-or-later
/* IPv6: routed, never changed; closed from WAN but for pinholes. */
#include "rig.h"

#define HOST "[2001:db8:11::30]"
#define SERVER "[2001:db8:11::20]"
#define GUEST "[2001:db8:13::30]"
#define GATEWAY "[2001:db8:11::1]"
#define US "[2001:db8:ff::5]"
#define FAR "[2001:db8:77::7]"
#define STRANGER "[2001:db8:66::6]"
#define ROUTER "[fe80::1]"
#define OURSELF "[fe80::2]"

#define OUT_SESSION "routed tcp lan " HOST ":40000>" FAR ":443 wan"

static const struct rig_case cases[] = {
	{
		"outgoing TCP and its answer",
		NULL,
		{
			{FROM_LAN, "tcp " HOST ":40000 > " FAR ":443 S", PASS, HP_PASS_ROUTED6,
			 NULL, OUT_SESSION " syn\n"},
			/* Routed by the stack, which sends it to WAN's egress with our mark. */
			{FROM_HOST, "tcp " HOST ":40000 > " FAR ":443 S ttl=63", PASS,
			 HP_PASS_ROUTED6, NULL, OUT_SESSION " syn\n", .mark = MARK_ADMITTED},
			{FROM_WAN, "tcp " FAR ":443 > " HOST ":40000 SA", PASS, HP_PASS_ROUTED6,
			 NULL, OUT_SESSION " syn-ack replied\n"},
			{FROM_LAN, "tcp " HOST ":40000 > " FAR ":443 A", PASS, HP_PASS_ROUTED6,
			 NULL, OUT_SESSION " established replied\n"},
		},
	},
	{
		"outgoing UDP, echo and a tunnel, and their answers",
		NULL,
		{
			{FROM_LAN, "udp " HOST ":40000 > " FAR ":53", PASS, HP_PASS_ROUTED6},
			{FROM_WAN, "udp " FAR ":53 > " HOST ":40000", PASS, HP_PASS_ROUTED6},
			{FROM_LAN, "icmp6 " HOST " > " FAR " request id=9", PASS, HP_PASS_ROUTED6},
			{FROM_WAN, "icmp6 " FAR " > " HOST " reply id=9", PASS, HP_PASS_ROUTED6},
			{FROM_WAN, "icmp6 " FAR " > " HOST " reply id=10", DROP, HP_DROP_CLOSED},
			{FROM_LAN, "proto=50 " HOST " > " FAR, PASS, HP_PASS_ROUTED6},
			{FROM_WAN, "proto=50 " FAR " > " HOST, PASS, HP_PASS_ROUTED6},
		},
	},
	{
		"dns.block-dot",
		"wan 203.0.113.5 nodot\n",
		{
			{FROM_LAN, "tcp " HOST ":40000 > " FAR ":853 S", DROP, HP_DROP_DOT, NULL,
			 ""},
			{FROM_LAN, "udp " HOST ":40000 > " FAR ":853", DROP, HP_DROP_DOT, NULL, ""},
			{FROM_LAN, "tcp " HOST ":40000 > " GATEWAY ":853 S", PASS, HP_PASS_LAN},
			{FROM_LAN, "tcp " HOST ":853 > " FAR ":443 S", PASS, HP_PASS_ROUTED6},
			{FROM_WAN, "tcp " FAR ":443 > " HOST ":853 SA", PASS, HP_PASS_ROUTED6},
		},
	},
	{
		"unsolicited",
		NULL,
		{
			{FROM_WAN, "tcp " FAR ":40000 > " HOST ":22 S", DROP, HP_DROP_CLOSED, NULL,
			 ""},
			{FROM_WAN, "udp " FAR ":40000 > " HOST ":53", DROP, HP_DROP_CLOSED, NULL,
			 ""},
			{FROM_WAN, "icmp6 " FAR " > " HOST " request id=9", DROP, HP_DROP_CLOSED,
			 NULL, ""},
			{FROM_WAN, "tcp " FAR ":40000 > " US ":22 S", DROP, HP_DROP_CLOSED, NULL,
			 ""},
			{FROM_WAN, "tcp " FAR ":40000 > " GATEWAY ":22 S", DROP, HP_DROP_CLOSED,
			 NULL, ""},
			{FROM_WAN, "tcp " FAR ":40000 > [2001:db8:55::5]:22 S", DROP,
			 HP_DROP_NOT_OURS, NULL, ""},
			{FROM_WAN, "udp " FAR ":5353 > [ff02::fb]:5353", DROP, HP_DROP_MULTICAST,
			 NULL, ""},
			{FROM_WAN, "udp " HOST ":40000 > " US ":53", DROP, HP_DROP_SPOOFED, NULL,
			 ""},
			{FROM_WAN, "udp " US ":40000 > " US ":53", DROP, HP_DROP_SPOOFED, NULL, ""},
		},
	},
	{
		"a pinhole, its allow list and its answer",
		"pinhole tcp 2001:db8:11::20 443 allow 7 service 3\n"
		"allow 7 2001:db8:77::/48\n",
		{
			{FROM_WAN, "tcp " FAR ":50000 > " SERVER ":443 S", PASS, HP_PASS_PINHOLE6,
			 NULL, "routed tcp wan " FAR ":50000>" SERVER ":443 lan syn service3\n"},
			{FROM_LAN, "tcp " SERVER ":443 > " FAR ":50000 SA", PASS, HP_PASS_ROUTED6,
			 NULL,
			 "routed tcp wan " FAR ":50000>" SERVER
			 ":443 lan syn-ack replied service3\n"},
			{FROM_WAN, "tcp " STRANGER ":50000 > " SERVER ":443 S", DROP,
			 HP_DROP_NOT_ALLOWED},
			{FROM_WAN, "tcp " FAR ":50001 > " SERVER ":443 A", DROP,
			 HP_DROP_NO_SESSION},
			{FROM_WAN, "udp " FAR ":50000 > " SERVER ":443", DROP, HP_DROP_CLOSED},
			{FROM_WAN, "tcp " FAR ":50000 > " HOST ":443 S", DROP, HP_DROP_CLOSED},
		},
	},
	{
		"a service of the gateway itself: its list, and no port that is moved",
		"pass tcp 22 service 3 allow 7\n"
		"pass tcp 8443 service 4 inside 443\n"
		"allow 7 2001:db8:77::/48\n",
		{
			{FROM_WAN, "tcp " FAR ":50000 > " US ":22 S", PASS, HP_PASS_OWN_SERVICE,
			 NULL, ""},
			{FROM_WAN, "tcp " STRANGER ":50000 > " US ":22 S", DROP,
			 HP_DROP_NOT_ALLOWED, NULL, ""},
			{FROM_WAN, "tcp " FAR ":50000 > " US ":8443 S", DROP, HP_DROP_CLOSED, NULL,
			 ""},
			{FROM_WAN, "tcp " FAR ":50000 > " US ":443 S", DROP, HP_DROP_CLOSED, NULL,
			 ""},
		},
	},
	{
		"wan.pass and echo",
		"pass tcp 22\n",
		{
			{FROM_WAN, "tcp " FAR ":50000 > " US ":22 S", PASS, HP_PASS_OWN_SERVICE,
			 NULL, ""},
			{FROM_HOST, "tcp " US ":22 > " FAR ":50000 SA", PASS, HP_PASS_OWN_SERVICE,
			 NULL, ""},
			{FROM_WAN, "icmp6 " FAR " > " US " request id=9", PASS, HP_PASS_OWN_SERVICE,
			 NULL, ""},
			{FROM_HOST, "icmp6 " US " > " FAR " reply id=9", PASS, HP_PASS_OWN_FLOW,
			 NULL, ""},
			{FROM_WAN, "tcp " FAR ":50000 > " SERVER ":22 S", DROP, HP_DROP_CLOSED,
			 NULL, ""},
		},
	},
	{
		"what the link lives on, from WAN",
		NULL,
		{
			{FROM_WAN, "icmp6 " ROUTER " > [ff02::1] type=134 ttl=255", PASS,
			 HP_PASS_LINK, NULL, ""},
			{FROM_WAN, "icmp6 " ROUTER " > [ff02::1:ff00:5] type=135 ttl=255", PASS,
			 HP_PASS_LINK, NULL, ""},
			{FROM_WAN, "icmp6 " ROUTER " > " OURSELF " type=136 ttl=255", PASS,
			 HP_PASS_LINK, NULL, ""},
			{FROM_WAN, "icmp6 [2001:db8:ff::1] > " US " type=135 ttl=255", PASS,
			 HP_PASS_LINK, NULL, ""},
			{FROM_WAN, "icmp6 " ROUTER " > [ff02::1] type=130 ttl=1 ext=0", PASS,
			 HP_PASS_LINK, NULL, ""},
			{FROM_WAN, "udp " ROUTER ":547 > " OURSELF ":546", PASS, HP_PASS_LINK, NULL,
			 ""},
			{FROM_WAN, "icmp6 " ROUTER " > " OURSELF " type=137 ttl=255", DROP,
			 HP_DROP_NOT_OURS, NULL, ""},
		},
	},
	{
		"what looks like the link's and is for a LAN host",
		NULL,
		{
			{FROM_WAN, "udp " FAR ":547 > " HOST ":546", DROP, HP_DROP_CLOSED, NULL,
			 ""},
			{FROM_WAN, "icmp6 " FAR " > " HOST " type=134", DROP, HP_DROP_CLOSED, NULL,
			 ""},
			{FROM_WAN, "udp " HOST ":547 > " US ":546", DROP, HP_DROP_SPOOFED, NULL,
			 ""},
		},
	},
	{
		"what the link lives on, towards WAN",
		NULL,
		{
			{FROM_HOST, "icmp6 " OURSELF " > [ff02::2] type=133 ttl=255", PASS,
			 HP_PASS_LINK, NULL, ""},
			{FROM_HOST, "udp " OURSELF ":546 > [ff02::1:2]:547", PASS, HP_PASS_LINK,
			 NULL, ""},
			{FROM_HOST, "icmp6 " OURSELF " > [ff02::16] type=143 ttl=1 ext=0", PASS,
			 HP_PASS_LINK, NULL, ""},
		},
	},
	{
		"flows of the gateway",
		NULL,
		{
			{FROM_HOST, "udp " US ":50000 > " FAR ":53", PASS, HP_PASS_OWN_FLOW, NULL,
			 "host udp host " US ":50000>" FAR ":53 wan\n"},
			{FROM_WAN, "udp " FAR ":53 > " US ":50000", PASS, HP_PASS_OWN_FLOW, NULL,
			 "host udp host " US ":50000>" FAR ":53 wan replied\n"},
			{FROM_HOST, "tcp " US ":50001 > " FAR ":443 R", PASS, HP_PASS_OWN_FLOW,
			 NULL, "host udp host " US ":50000>" FAR ":53 wan replied\n"},
			{FROM_HOST, "udp " HOST ":50000 > " FAR ":53", DROP,
			 HP_DROP_PRIVATE_SOURCE},
			{FROM_HOST, "udp [fd00::1]:50000 > " FAR ":53", DROP,
			 HP_DROP_PRIVATE_SOURCE},
		},
	},
	{
		"errors about known flows, and about others",
		NULL,
		{
			{FROM_LAN, "udp " HOST ":40000 > " FAR ":53", PASS, HP_PASS_ROUTED6},
			{FROM_WAN,
			 "icmp6 " STRANGER " > " HOST " type=2 mtu=1400 about ( udp " HOST
			 ":40000 > " FAR ":53 )",
			 PASS, HP_PASS_ICMP_ERROR},
			{FROM_WAN,
			 "icmp6 " STRANGER " > " HOST " type=2 mtu=1400 about ( udp " HOST
			 ":40001 > " FAR ":53 )",
			 DROP, HP_DROP_ICMP_ERROR},
			{FROM_HOST, "udp " US ":50000 > " FAR ":53", PASS, HP_PASS_OWN_FLOW},
			{FROM_WAN,
			 "icmp6 " STRANGER " > " US " type=1/3 about ( udp " US ":50000 > " FAR
			 ":53 )",
			 PASS, HP_PASS_ICMP_ERROR},
			{FROM_WAN,
			 "icmp6 " STRANGER " > " US " type=1/3 about ( udp " US ":50001 > " FAR
			 ":53 )",
			 DROP, HP_DROP_ICMP_ERROR},
			{FROM_LAN,
			 "icmp6 " HOST " > " FAR " type=1/4 about ( udp " FAR ":53 > " HOST
			 ":40000 )",
			 PASS, HP_PASS_ICMP_ERROR},
		},
	},
	{
		"errors from inside: about what came in, from where it went, to where it came from",
		"pinhole tcp 2001:db8:11::20 443\n",
		{
			{FROM_WAN, "tcp " FAR ":50000 > " SERVER ":443 S", PASS, HP_PASS_PINHOLE6},
			{FROM_LAN,
			 "icmp6 " SERVER " > " FAR " type=1/4 about ( tcp " FAR ":50000 > " SERVER
			 ":443 S )",
			 PASS, HP_PASS_ICMP_ERROR},
			{FROM_LAN,
			 "icmp6 " HOST " > " FAR " type=2 mtu=1280 about ( tcp " FAR
			 ":50000 > " SERVER ":443 A )",
			 PASS, HP_PASS_ICMP_ERROR},
			{FROM_LAN,
			 "icmp6 " SERVER " > " FAR " type=1/4 about ( tcp " FAR ":50001 > " SERVER
			 ":443 S )",
			 DROP, HP_DROP_ICMP_ERROR},
			{FROM_LAN,
			 "icmp6 " SERVER " > " STRANGER " type=1/4 about ( tcp " FAR
			 ":50000 > " SERVER ":443 S )",
			 DROP, HP_DROP_ICMP_ERROR},
			{FROM_LAN, "icmp6 " SERVER " > " FAR " type=1/4", DROP, HP_DROP_ICMP_ERROR},
			{FROM_WAN,
			 "icmp6 " STRANGER " > " HOST " type=2 mtu=1280 about ( tcp " SERVER
			 ":443 > " FAR ":50000 A )",
			 DROP, HP_DROP_ICMP_ERROR},
		},
	},
	{
		"errors about what a passed service answered",
		"pass tcp 22\n",
		{
			{FROM_WAN,
			 "icmp6 " STRANGER " > " US " type=2 mtu=1280 about ( tcp " US ":22 > " FAR
			 ":50000 A )",
			 PASS, HP_PASS_ICMP_ERROR, NULL, ""},
			{FROM_WAN,
			 "icmp6 " STRANGER " > " US " type=2 mtu=1280 about ( tcp " HOST
			 ":22 > " FAR ":50000 A )",
			 DROP, HP_DROP_ICMP_ERROR, NULL, ""},
			{FROM_WAN,
			 "icmp6 " STRANGER " > " US " type=2 mtu=1280 about ( udp " US ":22 > " FAR
			 ":50000 )",
			 DROP, HP_DROP_ICMP_ERROR, NULL, ""},
		},
	},
	{
		"extension headers",
		NULL,
		{
			{FROM_LAN, "udp " HOST ":40000 > " FAR ":53 ext=0 ext=60", PASS,
			 HP_PASS_ROUTED6, NULL, "routed udp lan " HOST ":40000>" FAR ":53 wan\n"},
			{FROM_LAN, "udp " HOST ":40000 > " FAR ":53 ext=60 ext=60 ext=60 ext=60",
			 PASS, HP_PASS_ROUTED6},
			{FROM_LAN,
			 "udp " HOST ":40000 > " FAR ":53 ext=60 ext=60 ext=60 ext=60 ext=60", DROP,
			 HP_DROP_EXTENSION6},
			{FROM_LAN, "udp " HOST ":40000 > " FAR ":53 ext=43", DROP,
			 HP_DROP_EXTENSION6},
			{FROM_WAN, "tcp " FAR ":50000 > " HOST ":22 S ext=135", DROP,
			 HP_DROP_EXTENSION6},
			{FROM_LAN, "udp " HOST ":40000 > " FAR ":53 ext=44", DROP,
			 HP_DROP_FRAGMENT},
			{FROM_WAN, "udp " FAR ":53 > " HOST ":40000 ext=44", DROP,
			 HP_DROP_FRAGMENT},
		},
	},
};

int main(void)
{
	return RIG_RUN_CASES("v6", cases);
}
