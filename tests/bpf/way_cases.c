// SPDX-License-Identifier: GPL-2.0-or-later
#include "way_cases.h"

#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

/* Of a frame without IP options. */
#define AT_TRANSPORT (FRAME_L3 + 20)

/* --- what happens before a packet ---------------------------------------------------------------- */

/* Each case has one session, the first, whose ways these age. */
static void age_notes(struct rig *rig)
{
	struct hp_session s = rig_session(rig, 0);

	for (size_t i = 0; i < ARRAY_SIZE(s.way); i++)
		s.way[i].noted_s = (__u16)(s.way[i].noted_s - WAY_S - WAY_SPREAD_S);
	way_session_set(rig, 0, &s);
}

static void begin_epoch(struct rig *rig)
{
	struct hp_pace pace = way_pace_get(rig);

	pace.epoch += pace.epoch != 0;
	way_pace_set(rig, &pace);
}

static void stop_ticking(struct rig *rig)
{
	struct hp_pace pace = way_pace_get(rig);

	pace.ticked_s -= WAY_TICK_S + 1;
	way_pace_set(rig, &pace);
}

static void age_session(struct rig *rig)
{
	rig_age(rig, 0, TIMEOUT_QUESTION_S / 2);
}

/* A question to a DNS server and its answer, as all flows to port 53 are. */
static void outlive(struct rig *rig)
{
	rig_age(rig, 0, TIMEOUT_QUESTION_S);
}

static void end_session(struct rig *rig)
{
	rig_age(rig, 0, TIMEOUT_TCP_ESTABLISHED_S + 1);
	assert_int_equal(rig_sweep(rig, false), 1);
}

/* As if the flow had been looked up before the session's index got another owner. Whom a hint leads to has no generation to ask for. */
static void next_generation(struct rig *rig)
{
	struct hp_session s = rig_session(rig, 0);

	way_hints_forget(rig);
	s.word++;
	way_session_set(rig, 0, &s);
}

/* The same, but the flow is that of the new owner too, as its word was read too late. */
static void other_tuple(struct rig *rig)
{
	struct hp_session s = rig_session(rig, 0);

	s.v4.orig.dport ^= htons(1);
	way_session_set(rig, 0, &s);
}

static void mislead_to_second(struct rig *rig)
{
	way_hints_lead(rig, 1);
}

static void mislead_to_nobody(struct rig *rig)
{
	way_hints_lead(rig, LIMIT_SESSIONS_MIN - 1);
}

static void mislead_beyond(struct rig *rig)
{
	way_hints_lead(rig, LIMIT_SESSIONS_MIN);
}

/* --- what no words of a frame can say -------------------------------------------------------------- */

static void to_another_machine(struct frame *frame)
{
	frame->octets[5] = 0x77;
}

static void to_everybody(struct frame *frame)
{
	memset(frame->octets, 0xff, ETH_ALEN);
}

static void tag(struct frame *frame)
{
	memmove(frame->octets + FRAME_L3 + 4, frame->octets + FRAME_L3, frame->length - FRAME_L3);
	memcpy(frame->octets + 12, (const __u8[]){0x81, 0, 0, 7, 8, 0}, 6);
	frame->length += 4;
}

/* Ethernet's shortest frame is longer than the shortest packets. */
static void pad(struct frame *frame)
{
	memset(frame->octets + frame->length, 0xee, 8);
	frame->length += 8;
}

static void cut(struct frame *frame)
{
	frame->length--;
}

/* The sum of a header that was damaged on its way has to stay wrong. */
static void damage(struct frame *frame)
{
	frame->octets[FRAME_L3 + 10] ^= 0x40;
	frame->octets[AT_TRANSPORT + 6] ^= 0x20;
}

/* What a peer on the same machine leaves of the sum. */
static void leave_sum(struct frame *frame)
{
	const __u8 *ip = frame->octets + FRAME_L3;
	size_t check = ip[9] == IPPROTO_UDP ? 6 : 16, octets = frame->length - AT_TRANSPORT;
	__u32 sum = ip[9] + (__u32)octets;

	for (size_t i = 12; i < 20; i += 2)
		sum += (__u32)(ip[i] << 8 | ip[i + 1]);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	frame->octets[AT_TRANSPORT + check] = (__u8)(sum >> 8);
	frame->octets[AT_TRANSPORT + check + 1] = (__u8)sum;
}

static void set_reserved_bit(struct frame *frame)
{
	frame->octets[FRAME_L3 + 6] |= 0x80;
	frame->octets[FRAME_L3 + 10] -= 0x80;
}

/* Options that would be the ports, to who does not ask how long the header is. */
static void hide_options(struct frame *frame)
{
	memcpy(frame->octets + AT_TRANSPORT, frame->octets + AT_TRANSPORT + 8, 4);
}

static void short_transport(struct frame *frame)
{
	frame->octets[AT_TRANSPORT + 12] = 0x40;
}

static void long_transport(struct frame *frame)
{
	frame->octets[AT_TRANSPORT + 12] = 0xf0;
}

/* URG, ECE and CWR change nothing of a connection's state. */
static void other_flags(struct frame *frame)
{
	frame->octets[AT_TRANSPORT + 13] |= 0xe0;
}

/* --- flows ------------------------------------------------------------------------------------------ */

#define UDP_OUT "udp 192.168.11.30:40000 > 198.51.100.7:53"
#define UDP_IN "udp 198.51.100.7:53 > 203.0.113.5:40000"
#define TCP_OUT "tcp 192.168.11.30:40000 > 198.51.100.7:443"
#define TCP_IN "tcp 198.51.100.7:443 > 203.0.113.5:40000"
#define OWN_UDP "udp 203.0.113.5:40000 > 198.51.100.7:53"

/* A flow that goes out, and is known: the first packet makes the session, the second is noted. */
#define UDP_KNOWN                                                     \
	{FROM_LAN, UDP_OUT, WAY_LONG}, {FROM_LAN, UDP_OUT, WAY_LONG}, \
	{                                                             \
		FROM_LAN, UDP_OUT, WAY_FAST                           \
	}
/* A connection, established. What answers was noted with the SYN-ACK, which nothing follows until the acknowledgement. */
#define TCP_KNOWN                                                               \
	{FROM_LAN, TCP_OUT " S", WAY_LONG}, {FROM_WAN, TCP_IN " SA", WAY_LONG}, \
		{FROM_LAN, TCP_OUT " A", WAY_LONG},                             \
	{                                                                       \
		FROM_LAN, TCP_OUT " A", WAY_FAST                                \
	}

const struct way_case way_cases[] = {
	{"UDP that goes out and is answered",
	 NULL,
	 {
		 UDP_KNOWN,
		 {FROM_WAN, UDP_IN, WAY_LONG},
		 {FROM_WAN, UDP_IN " len=600", WAY_FAST},
		 /* The answer to the answer proves its sender. */
		 {FROM_LAN, UDP_OUT " len=5", WAY_LONG},
		 {FROM_LAN, UDP_OUT " len=5", WAY_FAST},
		 {FROM_WAN, UDP_IN " len=1", WAY_FAST},
	 }},
	{"a port of its own outside",
	 "wan 203.0.113.5 ports 50000-50000\n",
	 {
		 UDP_KNOWN,
		 {FROM_WAN, "udp 198.51.100.7:53 > 203.0.113.5:50000", WAY_LONG},
		 {FROM_WAN, "udp 198.51.100.7:53 > 203.0.113.5:50000 len=99", WAY_FAST},
	 }},
	{"UDP without a checksum is tc's",
	 NULL,
	 {
		 UDP_KNOWN,
		 {FROM_LAN, UDP_OUT " nocheck", WAY_SHORT},
		 {FROM_WAN, UDP_IN " nocheck", WAY_LONG},
		 {FROM_WAN, UDP_IN " nocheck len=33", WAY_SHORT},
	 }},
	{"another class of service asks the route anew",
	 NULL,
	 {
		 UDP_KNOWN,
		 {FROM_LAN, UDP_OUT " tos=16", WAY_LONG},
		 {FROM_LAN, UDP_OUT " tos=16", WAY_FAST},
		 {FROM_LAN, UDP_OUT " tos=18", WAY_FAST},
		 {FROM_LAN, UDP_OUT, WAY_LONG},
	 }},
	{"TCP: acknowledgements, data, and what it acknowledges",
	 NULL,
	 {
		 TCP_KNOWN,
		 {FROM_LAN, TCP_OUT " A len=500", WAY_FAST},
		 {FROM_LAN, TCP_OUT " PA len=7 tos=2 ipid=77 df", WAY_FAST},
		 {FROM_WAN, TCP_IN " A", WAY_FAST},
		 {FROM_WAN, TCP_IN " PA len=900", WAY_FAST},
		 {FROM_LAN, TCP_OUT " A tcpopt=0101080a0102030405060708 len=3", WAY_FAST},
		 {FROM_LAN, TCP_OUT " A", WAY_FAST, NULL, other_flags},
	 }},
	{"TCP without an acknowledgement, or from elsewhere in the window",
	 NULL,
	 {
		 TCP_KNOWN,
		 {FROM_LAN, TCP_OUT " P len=9", WAY_LONG},
		 {FROM_WAN, TCP_IN " A seq=3000000000 ack=77", WAY_LONG},
		 {FROM_WAN, TCP_IN " A", WAY_FAST},
	 }},
	{"TCP that ends",
	 NULL,
	 {
		 TCP_KNOWN,
		 {FROM_LAN, TCP_OUT " FA", WAY_LONG},
		 {FROM_WAN, TCP_IN " A len=400", WAY_FAST},
		 {FROM_WAN, TCP_IN " FA", WAY_LONG},
		 /* Both have closed: each segment may be the last. */
		 {FROM_LAN, TCP_OUT " A", WAY_LONG},
		 {FROM_LAN, TCP_OUT " A", WAY_LONG},
	 }},
	{"TCP: reset, and begun anew",
	 NULL,
	 {
		 TCP_KNOWN,
		 {FROM_LAN, TCP_OUT " R", WAY_LONG},
		 {FROM_LAN, TCP_OUT " A", WAY_LONG},
		 {FROM_LAN, TCP_OUT " S", WAY_LONG},
		 {FROM_LAN, TCP_OUT " SA", WAY_LONG},
	 }},
	{"TCP whose header is shorter, or longer, than can be",
	 NULL,
	 {
		 TCP_KNOWN,
		 {FROM_LAN, TCP_OUT " A len=4", WAY_LONG, NULL, short_transport},
		 {FROM_LAN, TCP_OUT " A len=4", WAY_LONG, NULL, long_transport},
	 }},
	{"a forward, from outside and back",
	 "forward tcp 443 192.168.11.20:8443\n",
	 {
		 {FROM_WAN, "tcp 198.51.100.7:40000 > 203.0.113.5:443 S", WAY_LONG},
		 {FROM_LAN, "tcp 192.168.11.20:8443 > 198.51.100.7:40000 SA", WAY_LONG},
		 {FROM_WAN, "tcp 198.51.100.7:40000 > 203.0.113.5:443 A", WAY_LONG},
		 {FROM_WAN, "tcp 198.51.100.7:40000 > 203.0.113.5:443 PA len=99", WAY_FAST},
		 {FROM_LAN, "tcp 192.168.11.20:8443 > 198.51.100.7:40000 A len=1000", WAY_FAST},
	 }},
	{"a forward of UDP",
	 "forward udp 5000 192.168.12.20:6000\n",
	 {
		 {FROM_WAN, "udp 198.51.100.7:40000 > 203.0.113.5:5000", WAY_LONG},
		 {FROM_WAN, "udp 198.51.100.7:40000 > 203.0.113.5:5000", WAY_LONG},
		 {FROM_WAN, "udp 198.51.100.7:40000 > 203.0.113.5:5000", WAY_FAST},
		 {FROM_LAN1, "udp 192.168.12.20:6000 > 198.51.100.7:40000", WAY_LONG},
		 {FROM_LAN1, "udp 192.168.12.20:6000 > 198.51.100.7:40000", WAY_FAST},
	 }},
	{"hairpin, in one segment",
	 "forward udp 5000 192.168.11.20:6000\n",
	 {
		 {FROM_LAN, "udp 192.168.11.30:40000 > 203.0.113.5:5000", WAY_LONG},
		 {FROM_LAN, "udp 192.168.11.30:40000 > 203.0.113.5:5000", WAY_LONG},
		 {FROM_LAN, "udp 192.168.11.30:40000 > 203.0.113.5:5000", WAY_FAST},
		 {FROM_LAN, "udp 192.168.11.20:6000 > 203.0.113.5:40000", WAY_LONG},
		 {FROM_LAN, "udp 192.168.11.20:6000 > 203.0.113.5:40000", WAY_FAST},
	 }},
	{"hairpin, from one segment to another, with the gateway's address",
	 "forward tcp 443 192.168.12.20:8443 source gateway gateway 192.168.12.1\n",
	 {
		 {FROM_LAN, "tcp 192.168.11.30:20000 > 203.0.113.5:443 S", WAY_LONG},
		 {FROM_LAN1, "tcp 192.168.12.20:8443 > 192.168.12.1:20000 SA", WAY_LONG},
		 {FROM_LAN, "tcp 192.168.11.30:20000 > 203.0.113.5:443 A", WAY_LONG},
		 {FROM_LAN, "tcp 192.168.11.30:20000 > 203.0.113.5:443 A len=88", WAY_FAST},
		 {FROM_LAN1, "tcp 192.168.12.20:8443 > 192.168.12.1:20000 A len=1200", WAY_FAST},
	 }},
	{"hops: the last one is answered by the long way",
	 NULL,
	 {
		 UDP_KNOWN,
		 {FROM_LAN, UDP_OUT " ttl=2", WAY_FAST},
		 {FROM_LAN, UDP_OUT " ttl=255", WAY_FAST},
		 {FROM_LAN, UDP_OUT " ttl=1", WAY_LONG},
	 }},
	{"IP options, fragments, a bit that is reserved",
	 NULL,
	 {
		 UDP_KNOWN,
		 {FROM_LAN, UDP_OUT " options", WAY_LONG},
		 {FROM_LAN, UDP_OUT " options", WAY_LONG, NULL, hide_options},
		 {FROM_LAN, UDP_OUT " mf ipid=9", WAY_LONG},
		 {FROM_LAN, "proto=17 192.168.11.30 > 198.51.100.7 offset=64 ipid=9", WAY_LONG},
		 {FROM_LAN, UDP_OUT " len=22", WAY_FAST, NULL, set_reserved_bit},
	 }},
	{"protocols without ports",
	 NULL,
	 {
		 {FROM_LAN, "icmp 192.168.11.30 > 198.51.100.7 request id=77", WAY_LONG},
		 {FROM_LAN, "icmp 192.168.11.30 > 198.51.100.7 request id=77", WAY_LONG},
		 {FROM_LAN, "icmp 192.168.11.30 > 198.51.100.7 request id=77", WAY_LONG},
		 {FROM_LAN, "proto=47 192.168.11.30 > 198.51.100.7", WAY_LONG},
		 {FROM_LAN, "proto=47 192.168.11.30 > 198.51.100.7", WAY_LONG},
		 {FROM_LAN, "proto=47 192.168.11.30 > 198.51.100.7", WAY_LONG},
	 }},
	{"another machine's frame, everybody's, and one with a tag",
	 NULL,
	 {
		 UDP_KNOWN,
		 {FROM_LAN, UDP_OUT, WAY_LONG, NULL, to_another_machine},
		 {FROM_LAN, UDP_OUT, WAY_SHORT, NULL, to_everybody},
		 {FROM_LAN, UDP_OUT, WAY_LONG, NULL, tag},
	 }},
	{"octets behind the packet, and a packet without its last",
	 NULL,
	 {
		 UDP_KNOWN,
		 {FROM_LAN, UDP_OUT, WAY_FAST, NULL, pad},
		 {FROM_LAN, UDP_OUT, WAY_LONG, NULL, cut},
	 }},
	{"wrong sums stay wrong",
	 NULL,
	 {
		 UDP_KNOWN,
		 {FROM_LAN, UDP_OUT " len=50", WAY_FAST, NULL, damage},
	 }},
	{"a partial checksum is tc's",
	 NULL,
	 {
		 UDP_KNOWN,
		 {FROM_LAN, UDP_OUT " len=50", WAY_SHORT, NULL, leave_sum},
		 {FROM_WAN, UDP_IN, WAY_LONG, NULL, leave_sum},
		 {FROM_WAN, UDP_IN " len=3", WAY_SHORT, NULL, leave_sum},
	 }},
	{"a partial checksum of TCP is tc's",
	 NULL,
	 {
		 TCP_KNOWN,
		 {FROM_LAN, TCP_OUT " PA len=501", WAY_SHORT, NULL, leave_sum},
	 }},
	{"a note that is too old is made anew",
	 NULL,
	 {
		 UDP_KNOWN,
		 {FROM_LAN, UDP_OUT, WAY_LONG, age_notes},
		 {FROM_LAN, UDP_OUT, WAY_FAST},
	 }},
	{"a new epoch",
	 NULL,
	 {
		 UDP_KNOWN,
		 {FROM_LAN, UDP_OUT, WAY_LONG, begin_epoch},
		 {FROM_LAN, UDP_OUT, WAY_FAST},
	 }},
	{"nobody watches any more",
	 NULL,
	 {
		 UDP_KNOWN,
		 {FROM_LAN, UDP_OUT, WAY_LONG, stop_ticking},
		 {FROM_LAN, UDP_OUT, WAY_LONG},
	 }},
	{"who was not seen for a while is seen now",
	 NULL,
	 {
		 UDP_KNOWN,
		 {FROM_LAN, UDP_OUT, WAY_FAST, age_session},
	 }},
	{"a session that is over begins anew",
	 NULL,
	 {
		 UDP_KNOWN,
		 {FROM_LAN, UDP_OUT, WAY_LONG, outlive},
		 {FROM_LAN, UDP_OUT, WAY_LONG},
		 {FROM_LAN, UDP_OUT, WAY_FAST},
	 }},
	{"an answer to a session that is over",
	 NULL,
	 {
		 UDP_KNOWN,
		 {FROM_WAN, UDP_IN, WAY_LONG},
		 {FROM_WAN, UDP_IN, WAY_FAST},
		 {FROM_WAN, UDP_IN, WAY_LONG, outlive},
	 }},
	{"a session that was ended",
	 NULL,
	 {
		 UDP_KNOWN,
		 {FROM_WAN, UDP_IN, WAY_LONG, end_session},
		 {FROM_LAN, UDP_OUT, WAY_LONG},
	 }},
	{"an index with another owner",
	 NULL,
	 {
		 UDP_KNOWN,
		 {FROM_LAN, UDP_OUT, WAY_LONG, next_generation},
	 },
	 .torn = true},
	{"a session with another tuple",
	 NULL,
	 {
		 UDP_KNOWN,
		 {FROM_LAN, UDP_OUT, WAY_LONG, other_tuple},
	 },
	 .torn = true},
	{"hints that lead to another flow, to nobody, beyond the table, and that are lost",
	 NULL,
	 {
		 UDP_KNOWN,
		 {FROM_LAN, "udp 192.168.11.31:40001 > 198.51.100.7:53", WAY_LONG},
		 {FROM_LAN, "udp 192.168.11.31:40001 > 198.51.100.7:53", WAY_LONG},
		 {FROM_LAN, UDP_OUT, WAY_FAST, mislead_to_second},
		 {FROM_LAN, UDP_OUT, WAY_FAST, mislead_to_nobody},
		 {FROM_LAN, UDP_OUT, WAY_FAST, mislead_beyond},
		 {FROM_LAN, UDP_OUT, WAY_FAST, way_hints_forget},
	 }},
	{"by another device than before",
	 NULL,
	 {
		 UDP_KNOWN,
		 {FROM_LAN1, UDP_OUT, WAY_LONG},
		 {FROM_ISO, UDP_OUT, WAY_LONG},
		 {FROM_LAN, UDP_OUT, WAY_FAST},
	 }},
	{"larger than the next link",
	 NULL,
	 {
		 UDP_KNOWN,
		 {FROM_LAN, UDP_OUT " df len=1372", WAY_FAST},
		 {FROM_LAN, UDP_OUT " df len=1373", WAY_LONG},
		 {FROM_LAN, UDP_OUT " len=1373", WAY_LONG},
	 }},
	{"larger than the path",
	 NULL,
	 {
		 {FROM_LAN, "udp 192.168.11.30:40000 > 192.0.2.129:53", WAY_LONG},
		 {FROM_LAN, "udp 192.168.11.30:40000 > 192.0.2.129:53", WAY_LONG},
		 {FROM_LAN, "udp 192.168.11.30:40000 > 192.0.2.129:53 df len=1322", WAY_FAST},
		 {FROM_LAN, "udp 192.168.11.30:40000 > 192.0.2.129:53 df len=1323", WAY_LONG},
	 }},
	{"one packet that stands for several",
	 NULL,
	 {
		 TCP_KNOWN,
		 {FROM_LAN, TCP_OUT " A len=2700", WAY_SHORT, .gso_size = 1360},
		 {FROM_LAN, TCP_OUT " A df len=2722", WAY_LONG, .gso_size = 1361},
		 {FROM_LAN, TCP_OUT " A len=2600 tcpopt=0101080a0102030405060708", WAY_SHORT,
		  .gso_size = 1348},
	 }},
	{"a bridge, and behind which port an address is",
	 "forward udp 5000 192.168.11.20:6000\n",
	 {
		 UDP_KNOWN,
		 {FROM_WAN, UDP_IN, WAY_LONG},
		 {FROM_WAN, UDP_IN, WAY_FAST},
		 /* Nobody knows the port of 192.168.11.20: the bridge does. */
		 {FROM_WAN, "udp 198.51.100.7:40000 > 203.0.113.5:5000", WAY_LONG},
		 {FROM_WAN, "udp 198.51.100.7:40000 > 203.0.113.5:5000", WAY_LONG},
		 {FROM_WAN, "udp 198.51.100.7:40000 > 203.0.113.5:5000", WAY_SHORT},
	 },
	 .on_bridge = true},
	{"a neighbour who is not known",
	 "forward udp 5000 192.168.11.99:6000\n",
	 {
		 {FROM_WAN, "udp 198.51.100.7:40000 > 203.0.113.5:5000", WAY_LONG},
		 {FROM_WAN, "udp 198.51.100.7:40000 > 203.0.113.5:5000", WAY_LONG},
		 {FROM_WAN, "udp 198.51.100.7:40000 > 203.0.113.5:5000", WAY_LONG},
	 }},
	{.name = NULL},
};
