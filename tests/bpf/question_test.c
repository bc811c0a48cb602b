// SPDX-License-Identifier: GPL-2.0-or-later
/* dns.redirect: which packets of hosts inside go to the stack, untouched, for the guard to lead them to our DNS server. */
#include "rig.h"

#define LEAD "wan 203.0.113.5 lead\n"
#define ASKED "udp 192.168.11.30:40000 > 198.51.100.7:53"

static const struct rig_case cases[] = {
	{
		"a question to a server outside, by UDP and by TCP, whole connections of it",
		LEAD,
		{
			{FROM_LAN, ASKED, PASS, HP_PASS_QUESTION, NULL, ""},
			{FROM_LAN, ASKED " len=1200", PASS, HP_PASS_QUESTION, NULL, ""},
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:53 S", PASS,
			 HP_PASS_QUESTION, NULL, ""},
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:53 A len=40", PASS,
			 HP_PASS_QUESTION, NULL, ""},
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:53 FA", PASS,
			 HP_PASS_QUESTION, NULL, ""},
			{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:53 R", PASS,
			 HP_PASS_QUESTION, NULL, ""},
		},
	},
	{
		"of an isolated segment, too",
		LEAD,
		{
			{FROM_ISO, "udp 192.168.13.30:40000 > 198.51.100.7:53", PASS,
			 HP_PASS_QUESTION, NULL, ""},
			{FROM_ISO, "tcp 192.168.13.30:40000 > 198.51.100.7:53 S", PASS,
			 HP_PASS_QUESTION, NULL, ""},
		},
	},
	{
		"not of another port, nor of a source that is not the segment's",
		LEAD,
		{
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:54", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:40000 > 198.51.100.7:54"},
			{FROM_LAN, "udp 192.168.12.30:40000 > 198.51.100.7:53", DROP,
			 HP_DROP_SPOOFED},
			{FROM_LAN, "icmp 192.168.11.30 > 198.51.100.7 request id=53", TO_WAN,
			 HP_SENT_OUTGOING, "icmp 203.0.113.5 > 198.51.100.7 request id=53"},
		},
	},
	{
		"a host that asks outside itself is translated as ever, by its rule alone",
		LEAD "asker 192.168.11.20\n",
		{
			{FROM_LAN, "udp 192.168.11.20:40000 > 198.51.100.7:53", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:40000 > 198.51.100.7:53"},
			{FROM_LAN, "tcp 192.168.11.20:40000 > 198.51.100.7:53 A", DROP,
			 HP_DROP_NO_SESSION},
			{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53", PASS,
			 HP_PASS_QUESTION},
		},
	},
	{
		"to the gateway, inside, to the public address and elsewhere as before",
		LEAD "forward udp 53 192.168.11.20:53\n",
		{
			{FROM_LAN, "udp 192.168.11.30:40000 > 192.168.11.1:53", PASS, HP_PASS_LAN,
			 NULL, ""},
			{FROM_LAN, "udp 192.168.11.30:40000 > 192.168.12.30:53", PASS, HP_PASS_LAN,
			 NULL, ""},
			{FROM_LAN, "udp 192.168.11.30:40000 > 10.99.0.7:53", PASS,
			 HP_PASS_OTHER_DEVICE, NULL, ""},
			{FROM_LAN, "udp 192.168.11.30:40000 > 203.0.113.5:53", TO_LAN,
			 HP_SENT_HAIRPIN, "udp 203.0.113.5:40000 > 192.168.11.20:53"},
			{FROM_WAN, "udp 198.51.100.7:40000 > 203.0.113.5:53", TO_LAN,
			 HP_SENT_INCOMING, "udp 198.51.100.7:40000 > 192.168.11.20:53"},
			{FROM_ISO, "udp 192.168.13.30:40000 > 192.168.14.30:53", DROP,
			 HP_DROP_ISOLATED},
		},
	},
	{
		"errors about an answer, and no others",
		LEAD,
		{
			{FROM_LAN,
			 "icmp 192.168.11.30 > 198.51.100.7 type=3/4 mtu=1200 about "
			 "( tcp 198.51.100.7:53 > 192.168.11.30:40000 A len=1300 )",
			 PASS, HP_PASS_QUESTION, NULL, ""},
			{FROM_ISO,
			 "icmp 192.168.13.30 > 198.51.100.7 type=3/3 about "
			 "( udp 198.51.100.7:53 > 192.168.13.30:40000 )",
			 PASS, HP_PASS_QUESTION, NULL, ""},
			{FROM_LAN,
			 "icmp 192.168.11.30 > 198.51.100.7 type=3/3 about "
			 "( udp 198.51.100.7:54 > 192.168.11.30:40000 )",
			 DROP, HP_DROP_ICMP_ERROR, NULL, ""},
			{FROM_LAN,
			 "icmp 192.168.11.30 > 198.51.100.8 type=3/3 about "
			 "( udp 198.51.100.7:53 > 192.168.11.30:40000 )",
			 DROP, HP_DROP_ICMP_ERROR, NULL, ""},
		},
	},
	{
		"before there is a public address",
		"wan - lead\n",
		{
			{FROM_LAN, ASKED, PASS, HP_PASS_QUESTION, NULL, ""},
		},
	},
	{
		"fragments: by the ports of the first one, once they are in order",
		LEAD "sorter 1300\n",
		{
			{FROM_LAN, ASKED " ipid=1 mf len=1200", TO_SORTER, HP_SENT_TO_SORTER},
			{FROM_SORTER, ASKED " ipid=1 mf len=1200", TO_STACK, HP_PASS_QUESTION},
			{FROM_SORTER, "proto=17 192.168.11.30 > 198.51.100.7 ipid=1 offset=1208",
			 TO_STACK, HP_PASS_QUESTION},
		},
	},
	{
		"without it they go",
		NULL,
		{
			{FROM_LAN, ASKED, TO_WAN, HP_SENT_OUTGOING,
			 "udp 203.0.113.5:40000 > 198.51.100.7:53"},
		},
	},
};

int main(void)
{
	return RIG_RUN_CASES("question", cases);
}
