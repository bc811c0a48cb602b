// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Role bypass: one device is WAN and LAN (bpf/nat/arm.h). Hosts are 203.0.113.20 and .30, we are .5, the main router is .1 and has 192.0.2.1 outside.
 */
/* Requirements: 2, 11, 12. */
#include "rig.h"

#define WEB "forward tcp 8443 203.0.113.20:443 service 3\n"
#define WEB_OUTSIDE "forward tcp 8443 203.0.113.20:443 service 3 outside\n"
#define WEB_GATEWAY \
	"forward tcp 8443 203.0.113.20:443 service 3 source gateway gateway 203.0.113.5\n"
#define ECHO "forward udp 7000 203.0.113.20:7000\n"

#define ROUTED_PLAN "wan 203.0.113.5 arm routed echo\n" RIG_ARM_NETS

static const struct rig_case cases[] = {
	{
		"from outside, its source kept; the answer comes by us",
		WEB,
		{
			{FROM_ARM, "tcp 198.51.100.7:5000 > 203.0.113.5:8443 S", TO_WAN,
			 HP_SENT_INCOMING, "tcp 198.51.100.7:5000 > 203.0.113.20:443 S",
			 "forward tcp wan 198.51.100.7:5000>203.0.113.5:8443 "
			 "lan 198.51.100.7:5000>203.0.113.20:443 syn service3\n"},
			{FROM_ARM, "tcp 203.0.113.20:443 > 198.51.100.7:5000 SA", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:8443 > 198.51.100.7:5000 SA"},
			{FROM_ARM, "tcp 198.51.100.7:5000 > 203.0.113.5:8443 A", TO_WAN,
			 HP_SENT_INCOMING, "tcp 198.51.100.7:5000 > 203.0.113.20:443 A"},
		},
		RIG_ARM_PLAN,
	},
	{
		"from outside to a server that does not answer by us: our address",
		WEB_OUTSIDE,
		{
			{FROM_ARM, "tcp 198.51.100.7:5000 > 203.0.113.5:8443 S", TO_WAN,
			 HP_SENT_INCOMING, "tcp 203.0.113.5:5000 > 203.0.113.20:443 S",
			 "forward tcp wan 198.51.100.7:5000>203.0.113.5:8443 "
			 "lan 203.0.113.5:5000>203.0.113.20:443 syn gateway service3\n"
			 "mapping tcp 198.51.100.7:5000 = 203.0.113.5:5000 x1 gateway\n"},
			{FROM_ARM, "tcp 203.0.113.20:443 > 203.0.113.5:5000 SA", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:8443 > 198.51.100.7:5000 SA"},
			/* The port leads back to nobody, from neither side. */
			{FROM_ARM, "tcp 198.51.100.9:5001 > 203.0.113.5:5000 S", DROP,
			 HP_DROP_CLOSED},
			{FROM_ARM, "tcp 203.0.113.30:5001 > 203.0.113.5:5000 S", PASS,
			 HP_PASS_OWN_SERVICE},
		},
		RIG_ARM_PLAN,
	},
	{
		"the source that hides an outsider is not hidden by a declared port",
		WEB_OUTSIDE "forward tcp 5000 203.0.113.30:5000\n",
		{
			{FROM_ARM, "tcp 203.0.113.30:5000 > 198.51.100.7:443 S", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:5000 > 198.51.100.7:443 S"},
		},
		RIG_ARM_PLAN,
	},
	{
		"loopback by our own address",
		WEB_GATEWAY,
		{
			{FROM_ARM, "tcp 203.0.113.30:5000 > 203.0.113.5:8443 S", TO_WAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:5000 > 203.0.113.20:443 S",
			 "hairpin tcp lan 203.0.113.30:5000>203.0.113.5:8443 "
			 "lan 203.0.113.5:5000>203.0.113.20:443 syn gateway service3\n"
			 "mapping tcp 203.0.113.30:5000 = 203.0.113.5:5000 x1 gateway\n"},
			{FROM_ARM, "tcp 203.0.113.20:443 > 203.0.113.5:5000 SA", TO_WAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:8443 > 203.0.113.30:5000 SA"},
		},
		RIG_ARM_PLAN,
	},
	{
		"loopback by the main router's public address, gateway",
		WEB_GATEWAY,
		{
			{FROM_ARM, "tcp 203.0.113.30:5000 > 192.0.2.1:8443 S", TO_WAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:5000 > 203.0.113.20:443 S"},
			{FROM_ARM, "tcp 203.0.113.20:443 > 203.0.113.5:5000 SA", TO_WAN,
			 HP_SENT_HAIRPIN, "tcp 192.0.2.1:8443 > 203.0.113.30:5000 SA"},
		},
		RIG_ARM_PLAN,
	},
	{
		"loopback with the public address as source: the port that we have outside",
		WEB,
		{
			{FROM_ARM, "tcp 203.0.113.30:40000 > 198.51.100.7:443 S", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:40000 > 198.51.100.7:443 S"},
			{FROM_ARM, "tcp 203.0.113.30:40000 > 192.0.2.1:8443 S", TO_WAN,
			 HP_SENT_HAIRPIN, "tcp 192.0.2.1:40000 > 203.0.113.20:443 S",
			 "outgoing tcp lan 203.0.113.30:40000>198.51.100.7:443 "
			 "wan 203.0.113.5:40000>198.51.100.7:443 syn\n"
			 "hairpin tcp lan 203.0.113.30:40000>192.0.2.1:8443 "
			 "lan 192.0.2.1:40000>203.0.113.20:443 syn service3\n"
			 "mapping tcp 203.0.113.30:40000 = 203.0.113.5:40000 x2\n"},
			{FROM_ARM, "tcp 203.0.113.20:443 > 192.0.2.1:40000 SA", TO_WAN,
			 HP_SENT_HAIRPIN, "tcp 192.0.2.1:8443 > 203.0.113.30:40000 SA"},
			{FROM_ARM, "tcp 198.51.100.7:443 > 203.0.113.5:40000 SA", TO_WAN,
			 HP_SENT_INCOMING, "tcp 198.51.100.7:443 > 203.0.113.30:40000 SA"},
		},
		RIG_ARM_PLAN,
	},
	{
		"to the public address where nothing is declared: the main router's own",
		WEB,
		{
			{FROM_ARM, "tcp 203.0.113.30:40000 > 192.0.2.1:22 S", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:40000 > 192.0.2.1:22 S"},
			{FROM_ARM, "tcp 192.0.2.1:22 > 203.0.113.5:40000 SA", TO_WAN,
			 HP_SENT_INCOMING, "tcp 192.0.2.1:22 > 203.0.113.30:40000 SA"},
			{FROM_ARM, "icmp 203.0.113.30 > 192.0.2.1 request id=77", TO_WAN,
			 HP_SENT_OUTGOING, "icmp 203.0.113.5 > 192.0.2.1 request id=77"},
			/* A main router that shows it to whom it loops back. */
			{FROM_ARM, "tcp 192.0.2.1:5000 > 203.0.113.5:8443 S", TO_WAN,
			 HP_SENT_INCOMING, "tcp 192.0.2.1:5000 > 203.0.113.20:443 S"},
			{FROM_ARM, "tcp 198.51.100.7:5000 > 192.0.2.1:8443 S", DROP,
			 HP_DROP_NOT_OURS},
		},
		RIG_ARM_PLAN,
	},
	{
		"a service of our own at the public address",
		"pass tcp 8080 service 2 inside 80\n",
		{
			{FROM_ARM, "tcp 203.0.113.30:5000 > 192.0.2.1:8080 S", PASS,
			 HP_PASS_OWN_SERVICE, "tcp 203.0.113.30:5000 > 203.0.113.5:80 S",
			 "host tcp lan 203.0.113.30:5000>192.0.2.1:8080 "
			 "host 203.0.113.30:5000>203.0.113.5:80 syn service2\n"},
			{FROM_HOST, "tcp 203.0.113.5:80 > 203.0.113.30:5000 SA", PASS,
			 HP_PASS_OWN_FLOW, "tcp 192.0.2.1:8080 > 203.0.113.30:5000 SA"},
			{FROM_ARM, "tcp 203.0.113.30:5000 > 192.0.2.1:8080 A", PASS,
			 HP_PASS_OWN_FLOW, "tcp 203.0.113.30:5000 > 203.0.113.5:80 A"},
		},
		RIG_ARM_PLAN,
	},
	{
		"answers to what the main router handed on itself: as they are",
		WEB ECHO,
		{
			{FROM_ARM, "tcp 203.0.113.20:443 > 198.51.100.7:5000 SA", TO_WAN,
			 HP_PASS_UNSEEN, "tcp 203.0.113.20:443 > 198.51.100.7:5000 SA"},
			{FROM_ARM, "tcp 203.0.113.20:443 > 198.51.100.7:5000 A", TO_WAN,
			 HP_PASS_UNSEEN, "tcp 203.0.113.20:443 > 198.51.100.7:5000 A"},
			{FROM_ARM, "tcp 203.0.113.30:22 > 198.51.100.7:5000 SA", TO_WAN,
			 HP_PASS_UNSEEN, "tcp 203.0.113.30:22 > 198.51.100.7:5000 SA"},
			{FROM_ARM, "tcp 203.0.113.30:22 > 198.51.100.7:5000 R", TO_WAN,
			 HP_PASS_UNSEEN, "tcp 203.0.113.30:22 > 198.51.100.7:5000 R"},
			{FROM_ARM, "udp 203.0.113.20:7000 > 198.51.100.7:5000", TO_WAN,
			 HP_PASS_UNSEEN, "udp 203.0.113.20:7000 > 198.51.100.7:5000"},
			{FROM_ARM, "icmp 203.0.113.20 > 198.51.100.7 reply id=7", TO_WAN,
			 HP_PASS_UNSEEN, "icmp 203.0.113.20 > 198.51.100.7 reply id=7"},
			{FROM_ARM,
			 "icmp 203.0.113.20 > 198.51.100.7 type=3/3 "
			 "about ( udp 198.51.100.7:5000 > 203.0.113.20:7001 )",
			 TO_WAN, HP_PASS_UNSEEN,
			 "icmp 203.0.113.20 > 198.51.100.7 type=3/3 "
			 "about ( udp 198.51.100.7:5000 > 203.0.113.20:7001 )"},
			/* What opens something is ours to translate. */
			{FROM_ARM, "tcp 203.0.113.20:443 > 198.51.100.7:5001 S", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:8443 > 198.51.100.7:5001 S"},
			{FROM_ARM, "udp 203.0.113.20:7001 > 198.51.100.7:5000", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:7001 > 198.51.100.7:5000", NULL},
		},
		RIG_ARM_PLAN,
	},
	{
		"and not where both sides have a device",
		"forward udp 7000 192.168.11.20:7000\n",
		{
			{FROM_LAN, "tcp 192.168.11.20:443 > 198.51.100.7:5000 SA", DROP,
			 HP_DROP_NO_SESSION},
			{FROM_LAN, "udp 192.168.11.20:7000 > 198.51.100.7:5000", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:7000 > 198.51.100.7:5000"},
		},
	},
	{
		"nat.outgoing: route",
		WEB,
		{
			{FROM_ARM, "tcp 203.0.113.30:40000 > 198.51.100.7:443 S", PASS,
			 HP_PASS_ROUTED4, NULL, ""},
			{FROM_ARM, "tcp 203.0.113.30:40000 > 198.51.100.7:443 A", PASS,
			 HP_PASS_ROUTED4},
			{FROM_ARM, "icmp 203.0.113.30 > 198.51.100.7 request id=77", PASS,
			 HP_PASS_ROUTED4},
			/* It leaves by the same device, and its answers may come by it. */
			{FROM_HOST, "tcp 203.0.113.30:40000 > 198.51.100.7:443 S", PASS,
			 HP_PASS_SENT, .mark = MARK_ADMITTED},
			{FROM_ARM, "tcp 198.51.100.7:443 > 203.0.113.30:40000 SA", PASS,
			 HP_PASS_ROUTED4},
			{FROM_HOST, "tcp 198.51.100.7:443 > 203.0.113.30:40000 SA", PASS,
			 HP_PASS_SENT, .mark = MARK_ADMITTED},
			/* Loopback and forwards are translated all the same. */
			{FROM_ARM, "tcp 203.0.113.30:40000 > 203.0.113.5:8443 S", TO_WAN,
			 HP_SENT_HAIRPIN, "tcp 203.0.113.5:40000 > 203.0.113.20:443 S"},
			{FROM_ARM, "tcp 198.51.100.7:5000 > 203.0.113.5:8443 S", TO_WAN,
			 HP_SENT_INCOMING, "tcp 198.51.100.7:5000 > 203.0.113.20:443 S"},
		},
		ROUTED_PLAN,
	},
	{
		"without it nothing comes to a host's own address",
		NULL,
		{
			{FROM_ARM, "tcp 198.51.100.7:443 > 203.0.113.30:40000 SA", DROP,
			 HP_DROP_TO_LAN},
			{FROM_ARM, "udp 198.51.100.7:443 > 203.0.113.30:40000 mf", DROP,
			 HP_DROP_TO_LAN},
		},
		RIG_ARM_PLAN,
	},
	{
		"our own flow to a host: its port is nobody else's, its answer comes from the LAN",
		NULL,
		{
			{FROM_HOST, "tcp 203.0.113.5:40000 > 203.0.113.20:22 S", PASS,
			 HP_PASS_OWN_FLOW, NULL,
			 "host tcp host 203.0.113.5:40000>203.0.113.20:22 "
			 "lan 203.0.113.5:40000>203.0.113.20:22 syn\n"
			 "mapping tcp 203.0.113.5:40000 = 203.0.113.5:40000 x1 host\n"},
			{FROM_ARM, "tcp 203.0.113.20:22 > 203.0.113.5:40000 SA", PASS,
			 HP_PASS_OWN_FLOW},
			{FROM_HOST, "icmp 203.0.113.5 > 203.0.113.1 request id=9", PASS,
			 HP_PASS_OWN_FLOW},
			{FROM_ARM, "icmp 203.0.113.1 > 203.0.113.5 reply id=9", PASS,
			 HP_PASS_OWN_FLOW},
			/* No host gets that port. */
			{FROM_ARM, "tcp 203.0.113.30:40000 > 203.0.113.5:40000 S", PASS,
			 HP_PASS_OWN_SERVICE},
			/* A server's segments, whose connection came by as the LAN's. */
			{FROM_HOST, "tcp 203.0.113.5:22 > 203.0.113.30:40001 R", PASS,
			 HP_PASS_OWN_FLOW},
		},
		RIG_ARM_PLAN,
	},
	{
		"our own flow outwards",
		NULL,
		{
			{FROM_HOST, "udp 203.0.113.5:40000 > 198.51.100.7:53", PASS,
			 HP_PASS_OWN_FLOW, NULL,
			 "host udp host 203.0.113.5:40000>198.51.100.7:53 "
			 "wan 203.0.113.5:40000>198.51.100.7:53\n"
			 "mapping udp 203.0.113.5:40000 = 203.0.113.5:40000 x1 host\n"},
			{FROM_ARM, "udp 198.51.100.7:53 > 203.0.113.5:40000", PASS,
			 HP_PASS_OWN_FLOW},
			{FROM_HOST, "tcp 203.0.113.5:40000 > 192.0.2.1:443 S", PASS,
			 HP_PASS_OWN_FLOW},
			{FROM_ARM, "tcp 192.0.2.1:443 > 203.0.113.5:40000 SA", PASS,
			 HP_PASS_OWN_FLOW},
		},
		RIG_ARM_PLAN,
	},
	{
		"what leaves that nobody has judged",
		NULL,
		{
			{FROM_HOST, "tcp 203.0.113.30:40000 > 198.51.100.7:443 S", DROP,
			 HP_DROP_PRIVATE_SOURCE},
			{FROM_HOST, "tcp 10.99.0.7:40000 > 198.51.100.7:443 S", DROP,
			 HP_DROP_PRIVATE_SOURCE},
			/* Inwards: an answer that netfilter renamed, a question in an outsider's name. */
			{FROM_HOST, "udp 198.51.100.7:53 > 203.0.113.30:40000", PASS, HP_PASS_LAN},
			/* A tunnel's own packet, around what was judged. */
			{FROM_HOST, "proto=47 203.0.113.5 > 198.51.100.7", PASS, HP_PASS_OWN_FLOW,
			 .mark = MARK_ADMITTED},
		},
		RIG_ARM_PLAN,
	},
	{
		"what the link lives on",
		NULL,
		{
			{FROM_ARM, "udp 0.0.0.0:68 > 255.255.255.255:67", PASS, HP_PASS_LAN},
			{FROM_ARM, "igmp 0.0.0.0 > 224.0.0.1", PASS, HP_PASS_LINK},
			{FROM_ARM, "igmp 203.0.113.1 > 224.0.0.1", PASS, HP_PASS_LAN},
			{FROM_ARM, "udp 203.0.113.1:67 > 203.0.113.5:68", PASS,
			 HP_PASS_OWN_SERVICE},
			{FROM_ARM, "icmp6 [fe80::1] > [ff02::1] type=134", PASS, HP_PASS_LINK},
			{FROM_ARM, "icmp6 [::] > [ff02::1:ff00:5] type=135", PASS, HP_PASS_LINK},
			{FROM_ARM, "udp [fe80::1]:547 > [fe80::2]:546", PASS, HP_PASS_LAN},
			/* In our name, or in nobody's. */
			{FROM_ARM, "tcp 203.0.113.5:5000 > 203.0.113.5:8443 S", DROP,
			 HP_DROP_SPOOFED},
			{FROM_ARM, "tcp 127.0.0.1:5000 > 203.0.113.5:8443 S", DROP,
			 HP_DROP_SPOOFED},
		},
		RIG_ARM_PLAN,
	},
	{
		"ICMP errors: the main router's, by its address in the LAN",
		NULL,
		{
			{FROM_ARM, "udp 203.0.113.30:40000 > 198.51.100.7:53", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:40000 > 198.51.100.7:53"},
			{FROM_ARM,
			 "icmp 203.0.113.1 > 203.0.113.5 type=3/4 mtu=1300 "
			 "about ( udp 203.0.113.5:40000 > 198.51.100.7:53 ttl=63 )",
			 TO_WAN, HP_SENT_RELATED,
			 "icmp 203.0.113.1 > 203.0.113.30 type=3/4 mtu=1300 "
			 "about ( udp 203.0.113.30:40000 > 198.51.100.7:53 ttl=63 )"},
			{FROM_ARM,
			 "icmp 203.0.113.1 > 203.0.113.5 type=3/4 mtu=1300 "
			 "about ( udp 203.0.113.5:40001 > 198.51.100.7:53 ttl=63 )",
			 DROP, HP_DROP_ICMP_ERROR},
		},
		RIG_ARM_PLAN,
	},
	{
		"ICMP errors of a server: in the name of what the client spoke to",
		ECHO,
		{
			{FROM_ARM, "udp 198.51.100.7:5000 > 203.0.113.5:7000", TO_WAN,
			 HP_SENT_INCOMING, "udp 198.51.100.7:5000 > 203.0.113.20:7000"},
			{FROM_ARM,
			 "icmp 203.0.113.20 > 198.51.100.7 type=3/3 "
			 "about ( udp 198.51.100.7:5000 > 203.0.113.20:7000 ttl=63 )",
			 TO_WAN, HP_SENT_RELATED,
			 "icmp 203.0.113.5 > 198.51.100.7 type=3/3 "
			 "about ( udp 198.51.100.7:5000 > 203.0.113.5:7000 ttl=63 )"},
		},
		RIG_ARM_PLAN,
	},
	{
		"fragments: to the sorter where ports decide, back on the side that they came from",
		ECHO "sorter 1400\n",
		{
			{FROM_ARM, "udp 198.51.100.7:5000 > 203.0.113.5:7000 mf", TO_SORTER,
			 HP_SENT_TO_SORTER},
			{FROM_ARM, "udp 203.0.113.30:5000 > 192.0.2.1:7000 mf", TO_SORTER,
			 HP_SENT_TO_SORTER},
			{FROM_ARM, "udp 203.0.113.20:7000 > 198.51.100.7:5000 mf", TO_SORTER,
			 HP_SENT_TO_SORTER},
			{FROM_SORTER, "udp 198.51.100.7:5000 > 203.0.113.5:7000 mf len=1000",
			 TO_WAN, HP_SENT_INCOMING,
			 "udp 198.51.100.7:5000 > 203.0.113.20:7000 mf len=1000"},
			{FROM_SORTER, "proto=17 198.51.100.7 > 203.0.113.5 offset=1008", TO_WAN,
			 HP_SENT_INCOMING, "proto=17 198.51.100.7 > 203.0.113.20 offset=1008"},
			/* The question never came by: the answer, piece by piece. */
			{FROM_SORTER, "udp 203.0.113.20:7000 > 198.51.100.8:5000 mf len=1000",
			 TO_WAN, HP_PASS_UNSEEN,
			 "udp 203.0.113.20:7000 > 198.51.100.8:5000 mf len=1000"},
			{FROM_SORTER, "proto=17 203.0.113.20 > 198.51.100.8 offset=1008", TO_WAN,
			 HP_PASS_UNSEEN, "proto=17 203.0.113.20 > 198.51.100.8 offset=1008"},
		},
		RIG_ARM_PLAN,
	},
	{
		"IPv6: routed, and its halves with it",
		NULL,
		{
			{FROM_ARM, "tcp [2001:db8:ff::30]:5000 > [2001:db8:1::7]:443 S", PASS,
			 HP_PASS_ROUTED6},
			{FROM_ARM, "tcp [2001:db8:1::7]:443 > [2001:db8:ff::30]:5000 SA", PASS,
			 HP_PASS_ROUTED6},
			{FROM_ARM, "tcp [2001:db8:ff::20]:443 > [2001:db8:1::7]:5000 SA", PASS,
			 HP_PASS_UNSEEN},
			{FROM_ARM, "tcp [2001:db8:1::7]:5000 > [2001:db8:ff::20]:443 S", DROP,
			 HP_DROP_CLOSED},
			{FROM_HOST, "tcp [2001:db8:ff::5]:5000 > [2001:db8:ff::20]:443 S", PASS,
			 HP_PASS_LAN},
			{FROM_ARM, "tcp [2001:db8:ff::20]:443 > [2001:db8:ff::5]:5000 SA", PASS,
			 HP_PASS_LAN},
		},
		RIG_ARM_PLAN,
	},
	{
		"no other segment size between hosts of one link",
		NULL,
		{
			{FROM_HOST, "tcp 203.0.113.5:5000 > 203.0.113.20:22 S tcpopt=020405b4",
			 PASS, HP_PASS_OWN_FLOW},
			{FROM_HOST, "tcp 203.0.113.5:5000 > 198.51.100.7:22 S tcpopt=020405b4",
			 PASS, HP_PASS_OWN_FLOW,
			 "tcp 203.0.113.5:5000 > 198.51.100.7:22 S tcpopt=02040514"},
		},
		"wan 203.0.113.5 arm mss 1300\n" RIG_ARM_NETS,
	},
};

int main(void)
{
	return RIG_RUN_CASES("one arm", cases);
}
