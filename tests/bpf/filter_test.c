// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who may send to the dynamic mapping of a LAN host: the remote endpoint that it spoke to, another port of the same address, a stranger; in
 * each filtering, for each protocol.
 */
/* Requirements: 10, 14, 23, 25, 54, 65. */
#include "rig.h"

#define UDP_OUT                                                                                   \
	{                                                                                         \
		FROM_LAN, "udp 192.168.11.30:5000 > 198.51.100.7:3478", TO_WAN, HP_SENT_OUTGOING, \
			"udp 203.0.113.5:5000 > 198.51.100.7:3478",                               \
	}
#define TCP_OUT                                                                                    \
	{                                                                                          \
		FROM_LAN, "tcp 192.168.11.30:5000 > 198.51.100.7:443 S", TO_WAN, HP_SENT_OUTGOING, \
			"tcp 203.0.113.5:5000 > 198.51.100.7:443 S",                               \
	}
#define UDP_IN(remote, ...)                                                 \
	{                                                                   \
		FROM_WAN, "udp " remote " > 203.0.113.5:5000", __VA_ARGS__, \
	}
#define TCP_IN(remote, ...)                                                   \
	{                                                                     \
		FROM_WAN, "tcp " remote " > 203.0.113.5:5000 S", __VA_ARGS__, \
	}
#define UDP_ADMITTED(remote) \
	UDP_IN(remote, TO_LAN, HP_SENT_INCOMING, "udp " remote " > 192.168.11.30:5000", UDP_STATE)
#define UDP_ADMITTED_PEER(remote)                                                       \
	UDP_IN(remote, TO_LAN, HP_SENT_INCOMING, "udp " remote " > 192.168.11.30:5000", \
	       UDP_STATE PEER("udp"))
#define UDP_REFUSED(remote) UDP_IN(remote, DROP, HP_DROP_FILTERED, NULL, UDP_STATE)
#define TCP_ADMITTED(remote)                                                              \
	TCP_IN(remote, TO_LAN, HP_SENT_INCOMING, "tcp " remote " > 192.168.11.30:5000 S", \
	       TCP_STATE INCOMING(                                                        \
		       remote) "mapping tcp 192.168.11.30:5000 = 203.0.113.5:5000 x2\n")
#define TCP_REFUSED(remote)                          \
	TCP_IN(remote, DROP, HP_DROP_FILTERED, NULL, \
	       TCP_STATE "mapping tcp 192.168.11.30:5000 = 203.0.113.5:5000 x1\n")

/* What the host's own packet has left. A datagram that is let in adds nothing. */
#define UDP_STATE                                                \
	"outgoing udp lan 192.168.11.30:5000>198.51.100.7:3478 " \
	"wan 203.0.113.5:5000>198.51.100.7:3478\n"               \
	"mapping udp 192.168.11.30:5000 = 203.0.113.5:5000 x1\n"
#define TCP_STATE                                               \
	"outgoing tcp lan 192.168.11.30:5000>198.51.100.7:443 " \
	"wan 203.0.113.5:5000>198.51.100.7:443 syn\n"
#define INCOMING(remote) \
	"incoming tcp wan " remote ">203.0.113.5:5000 lan " remote ">192.168.11.30:5000 syn\n"
#define PEER(proto) "peer " proto " 203.0.113.5:5000 < 198.51.100.7 x1\n"

static const struct rig_case cases[] = {
	{
		"UDP, endpoint-independent: everybody, and nothing is noted of them",
		"wan 203.0.113.5 udp independent\n",
		{
			UDP_OUT,
			UDP_ADMITTED("198.51.100.7:9"),
			UDP_ADMITTED("192.0.2.9:50000"),
			UDP_ADMITTED("192.0.2.9:50001"),
			/* The host's answer opens its own session, out of the same port. */
			{FROM_LAN, "udp 192.168.11.30:5000 > 192.0.2.9:50000", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:5000 > 192.0.2.9:50000"},
		},
	},
	{
		"UDP, address-dependent: addresses that it spoke to",
		"wan 203.0.113.5 udp address\n",
		{
			UDP_OUT,
			UDP_ADMITTED_PEER("198.51.100.7:9"),
			{FROM_WAN, "udp 198.51.100.8:3478 > 203.0.113.5:5000", DROP,
			 HP_DROP_FILTERED},
			{FROM_WAN, "udp 192.0.2.9:50000 > 203.0.113.5:5000", DROP, HP_DROP_FILTERED,
			 NULL, UDP_STATE PEER("udp")},
			{FROM_LAN, "udp 192.168.11.30:5000 > 192.0.2.9:53", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:5000 > 192.0.2.9:53"},
			{FROM_WAN, "udp 192.0.2.9:50000 > 203.0.113.5:5000", TO_LAN,
			 HP_SENT_INCOMING, "udp 192.0.2.9:50000 > 192.168.11.30:5000"},
		},
	},
	{
		"address-dependent: spoken to from that port, not from another one",
		"wan 203.0.113.5 udp address\n",
		{
			UDP_OUT,
			{FROM_LAN, "udp 192.168.11.30:5001 > 192.0.2.9:53", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:5001 > 192.0.2.9:53"},
			{FROM_LAN, "udp 192.168.11.31:5002 > 192.0.2.8:53", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:5002 > 192.0.2.8:53"},
			{FROM_WAN, "udp 192.0.2.9:53 > 203.0.113.5:5000", DROP, HP_DROP_FILTERED},
			{FROM_WAN, "udp 192.0.2.8:53 > 203.0.113.5:5001", DROP, HP_DROP_FILTERED},
			{FROM_WAN, "udp 198.51.100.7:3478 > 203.0.113.5:5002", DROP,
			 HP_DROP_FILTERED},
		},
	},
	{
		"UDP, address-and-port-dependent: endpoints that it spoke to",
		"wan 203.0.113.5 udp port\n",
		{
			UDP_OUT,
			UDP_REFUSED("198.51.100.7:9"),
			UDP_REFUSED("192.0.2.9:50000"),
			{FROM_WAN, "udp 198.51.100.7:3478 > 203.0.113.5:5000", TO_LAN,
			 HP_SENT_INCOMING, "udp 198.51.100.7:3478 > 192.168.11.30:5000"},
		},
	},
	{
		"TCP, endpoint-independent: everybody, with a session of its own that holds the port",
		"wan 203.0.113.5 tcp independent\n",
		{
			TCP_OUT,
			TCP_ADMITTED("192.0.2.9:50000"),
			{FROM_LAN, "tcp 192.168.11.30:5000 > 192.0.2.9:50000 SA", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:5000 > 192.0.2.9:50000 SA"},
			{FROM_WAN, "tcp 192.0.2.9:50000 > 203.0.113.5:5000 A len=700", TO_LAN,
			 HP_SENT_INCOMING, "tcp 192.0.2.9:50000 > 192.168.11.30:5000 A len=700",
			 TCP_STATE "incoming tcp wan 192.0.2.9:50000>203.0.113.5:5000 "
				   "lan 192.0.2.9:50000>192.168.11.30:5000 established replied\n"
				   "mapping tcp 192.168.11.30:5000 = 203.0.113.5:5000 x2\n"},
			/* What opens nothing does not come in. */
			{FROM_WAN, "tcp 192.0.2.8:50000 > 203.0.113.5:5000 A", DROP,
			 HP_DROP_NO_SESSION},
			{FROM_WAN, "tcp 192.0.2.8:50000 > 203.0.113.5:5000 R", DROP,
			 HP_DROP_NO_SESSION},
		},
	},
	{
		"TCP, address-dependent",
		"wan 203.0.113.5 tcp address\n",
		{
			TCP_OUT,
			{FROM_WAN, "tcp 192.0.2.9:50000 > 203.0.113.5:5000 S", DROP,
			 HP_DROP_FILTERED, NULL,
			 TCP_STATE
			 "mapping tcp 192.168.11.30:5000 = 203.0.113.5:5000 x1\n" PEER("tcp")},
			{FROM_WAN, "tcp 198.51.100.7:50000 > 203.0.113.5:5000 S", TO_LAN,
			 HP_SENT_INCOMING, "tcp 198.51.100.7:50000 > 192.168.11.30:5000 S",
			 TCP_STATE INCOMING(
				 "198.51.100.7:50000") "mapping tcp 192.168.11.30:5000 = "
						       "203.0.113.5:5000 x2\n" PEER("tcp")},
			/* Answered, it has been spoken to in this session as well. */
			{FROM_LAN, "tcp 192.168.11.30:5000 > 198.51.100.7:50000 SA", TO_WAN,
			 HP_SENT_OUTGOING, "tcp 203.0.113.5:5000 > 198.51.100.7:50000 SA",
			 TCP_STATE "incoming tcp wan 198.51.100.7:50000>203.0.113.5:5000 "
				   "lan 198.51.100.7:50000>192.168.11.30:5000 syn-ack replied\n"
				   "mapping tcp 192.168.11.30:5000 = 203.0.113.5:5000 x2\n"
				   "peer tcp 203.0.113.5:5000 < 198.51.100.7 x2\n"},
		},
	},
	{
		"TCP, address-and-port-dependent",
		"wan 203.0.113.5 tcp port\n",
		{
			TCP_OUT,
			TCP_REFUSED("198.51.100.7:50000"),
			TCP_REFUSED("192.0.2.9:50000"),
		},
	},
	{
		"TCP and UDP are filtered apart",
		"wan 203.0.113.5 udp independent tcp port\n",
		{
			UDP_OUT,
			TCP_OUT,
			{FROM_WAN, "udp 192.0.2.9:50000 > 203.0.113.5:5000", TO_LAN,
			 HP_SENT_INCOMING, "udp 192.0.2.9:50000 > 192.168.11.30:5000"},
			{FROM_WAN, "tcp 192.0.2.9:50000 > 203.0.113.5:5000 S", DROP,
			 HP_DROP_FILTERED},
		},
	},
	{
		"a host's own filtering goes before everybody's",
		"wan 203.0.113.5 udp port tcp independent\n"
		"filter udp 192.168.11.30 independent\n"
		"filter tcp 192.168.11.30 port\n",
		{
			UDP_OUT,
			TCP_OUT,
			{FROM_LAN, "udp 192.168.11.31:5001 > 198.51.100.7:3478", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:5001 > 198.51.100.7:3478"},
			{FROM_WAN, "udp 192.0.2.9:50000 > 203.0.113.5:5000", TO_LAN,
			 HP_SENT_INCOMING, "udp 192.0.2.9:50000 > 192.168.11.30:5000"},
			{FROM_WAN, "udp 192.0.2.9:50000 > 203.0.113.5:5001", DROP,
			 HP_DROP_FILTERED},
			{FROM_WAN, "tcp 192.0.2.9:50000 > 203.0.113.5:5000 S", DROP,
			 HP_DROP_FILTERED},
		},
	},
	{
		"a mapping of one protocol opens nothing in the other",
		"wan 203.0.113.5 udp independent tcp independent\n",
		{
			UDP_OUT,
			{FROM_WAN, "tcp 192.0.2.9:50000 > 203.0.113.5:5000 S", DROP, HP_DROP_CLOSED,
			 NULL, UDP_STATE},
		},
	},
	{
		"the gateway's own flows are nobody's to send to",
		"wan 203.0.113.5 udp independent tcp independent\n",
		{
			{FROM_HOST, "udp 203.0.113.5:5000 > 198.51.100.7:53", PASS,
			 HP_PASS_OWN_FLOW},
			{FROM_WAN, "udp 192.0.2.9:50000 > 203.0.113.5:5000", DROP,
			 HP_DROP_FILTERED},
		},
	},
	{
		"a forward on the port goes before: its list is asked, not the filtering",
		"wan 203.0.113.5 udp independent\n"
		"forward udp 6000 192.168.11.20:6000 allow 7\nallow 7 198.51.100.0/24\n",
		{
			{FROM_LAN, "udp 192.168.11.20:6000 > 192.0.2.80:53", TO_WAN,
			 HP_SENT_OUTGOING, "udp 203.0.113.5:6000 > 192.0.2.80:53"},
			{FROM_WAN, "udp 192.0.2.9:50000 > 203.0.113.5:6000", TO_WAN,
			 HP_DROP_NOT_ALLOWED,
			 "icmp 203.0.113.5 > 192.0.2.9 type=3/3 tos=0xc0 ttl=64 quote=16 about "
			 "( udp 192.0.2.9:50000 > 203.0.113.5:6000 )",
			 NULL, HP_SENT_ICMP_ERROR},
			{FROM_WAN, "udp 192.0.2.80:9 > 203.0.113.5:6000", TO_WAN,
			 HP_DROP_NOT_ALLOWED,
			 "icmp 203.0.113.5 > 192.0.2.80 type=3/3 tos=0xc0 ttl=64 quote=16 about "
			 "( udp 192.0.2.80:9 > 203.0.113.5:6000 )",
			 NULL, HP_SENT_ICMP_ERROR},
		},
	},
};

int main(void)
{
	return RIG_RUN_CASES("filter", cases);
}
