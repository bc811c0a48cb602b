// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the payload says is nobody's business: protocols that name addresses and ports of their own pass by octet, whatever application gateways
 * elsewhere make of them, and nothing that they name is opened.
 */
/* Requirements: 13, 30. */
#include <linux/pkt_cls.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "rig.h"

struct said {
	const char *name;
	const char *proto;
	__u16 port; /* the one that such gateways listen for */
	const char *octets;
	size_t length;
};

#define OCTETS(text) (text), sizeof(text) - 1

/* Each names the host inside and its port 40001, as its protocol writes them, or the public address. */
static const struct said payloads[] = {
	{"FTP, active", "tcp", 21, OCTETS("PORT 192,168,11,30,156,65\r\n")},
	{"FTP, extended", "tcp", 21, OCTETS("EPRT |1|192.168.11.30|40001|\r\n")},
	{"FTP, passive", "tcp", 21,
	 OCTETS("227 Entering Passive Mode (192,168,11,30,156,65).\r\n")},
	{"SIP by UDP", "udp", 5060,
	 OCTETS("REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.11.30:40001\r\n"
		"Contact: <sip:lan@192.168.11.30:40001>\r\nContent-Length: 0\r\n\r\n")},
	{"SIP by TCP", "tcp", 5060,
	 OCTETS("INVITE sip:far@example.com SIP/2.0\r\nVia: SIP/2.0/TCP 192.168.11.30:40001\r\n"
		"\r\nc=IN IP4 192.168.11.30\r\nm=audio 40001 RTP/AVP 0\r\n")},
	{"SIP, the public address", "udp", 5060,
	 OCTETS("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 203.0.113.5:40001;received=203.0.113.5\r\n\r\n")},
	{"IRC", "tcp", 6667, OCTETS("PRIVMSG far :\001DCC SEND file 3232238366 40001 10\001\r\n")},
	{"RTSP", "tcp", 554,
	 OCTETS("SETUP rtsp://example.com/a RTSP/1.0\r\nTransport: RTP/AVP;unicast;"
		"client_port=40001-40002;destination=192.168.11.30\r\n\r\n")},
	{"H.323, in binary", "tcp", 1720,
	 OCTETS("\x03\x00\x00\x0e\x08\x02\xc0\xa8\x0b\x1e\x9c\x41")},
	{"TFTP", "udp", 69, OCTETS("\0\1file\0octet\0")},
	{"DNS, an address record", "udp", 53,
	 OCTETS("\x12\x34\x81\x80\0\0\0\1\0\0\0\0\1a\0\0\1\0\1\0\0\0\x3c\0\4\xc0\xa8\x0b\x1e")},
	{"NetBIOS", "udp", 138, OCTETS("\x11\x0e\x12\x34\xc0\xa8\x0b\x1e\x9c\x41\0\0\0\0")},
};

#define HOST "192.168.11.30:40000"
#define HOST_OUTSIDE "203.0.113.5:40000"
#define STRANGER "198.51.100.9:50000"
#define FORWARD "203.0.113.5:6000"

/* The frame of @said from @source to @destination, its payload what is said. */
static void build(struct frame *ret_frame, const struct said *said, const char *source,
		  const char *destination, __u8 ttl)
{
	const bool tcp = !strcmp(said->proto, "tcp");
	const size_t at = FRAME_L3 + 20 + (tcp ? 16 : 6);
	char text[256];
	__u32 sum;

	snprintf(text, sizeof(text), "%s %s > %s%s len=%zu", said->proto, source, destination,
		 tcp ? " PA" : "", said->length);
	frame_build(ret_frame, text, ttl);
	sum = 0xffff - (__u32)(ret_frame->octets[at] << 8 | ret_frame->octets[at + 1]);
	/* The checksum follows by the difference of each octet (RFC 1624). */
	for (size_t i = 0; i < said->length; i++) {
		const size_t place = ret_frame->length - said->length + i;
		const unsigned int shift = place % 2 ? 0 : 8;

		sum += 0xffffu - ((__u32)ret_frame->octets[place] << shift);
		ret_frame->octets[place] = (__u8)said->octets[i];
		sum += (__u32)ret_frame->octets[place] << shift;
	}
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	sum = 0xffff - sum;
	if (!tcp && !sum)
		sum = 0xffff; /* RFC 768 */
	ret_frame->octets[at] = (__u8)(sum >> 8);
	ret_frame->octets[at + 1] = (__u8)sum;
	assert_null(frame_fault(ret_frame));
}

static int run(struct rig *rig, enum rig_from from, const struct frame *frame,
	       struct frame *ret_out)
{
	const struct rig_input input = {0};
	struct rig_result result;

	rig_run(rig, from, frame, &input, &result);
	*ret_out = result.out;
	return result.verdict;
}

static void begin(struct rig *rig, const struct said *said, enum rig_from from, const char *source,
		  const char *destination)
{
	struct frame frame, out;
	char text[256];

	if (strcmp(said->proto, "tcp"))
		return;
	snprintf(text, sizeof(text), "tcp %s > %s S", source, destination);
	frame_build(&frame, text, 64);
	assert_int_equal(run(rig, from, &frame, &out), TC_ACT_REDIRECT);
}

/* What goes in from @ends[0] to @ends[1] comes out from @ends[2] to @ends[3], and else as it was. */
static void expect_carried(struct rig *rig, const struct said *said, enum rig_from from,
			   const char *const ends[4])
{
	struct frame frame, out, expected;

	build(&frame, said, ends[0], ends[1], 64);
	build(&expected, said, ends[2], ends[3], 63);
	assert_int_equal(run(rig, from, &frame, &out), TC_ACT_REDIRECT);
	assert_int_equal(out.length, expected.length);
	assert_memory_equal(out.octets, expected.octets, expected.length);
}

/* Sessions and mappings that there are. */
static void expect_lines(struct rig *rig, size_t lines)
{
	_strbuf_ struct strbuf text = {0};
	size_t n = 0;

	rig_state(rig, &text);
	for (const char *at = strbuf_text(&text); (at = strchr(at, '\n')); at++)
		n++;
	assert_int_equal(n, lines);
}

/* What the payload invited. */
static void expect_closed(struct rig *rig, const char *text)
{
	struct frame frame, out;

	frame_build(&frame, text, 64);
	assert_int_equal(run(rig, FROM_WAN, &frame, &out), TC_ACT_SHOT);
}

static void test_payload(struct rig *rig, const struct said *said)
{
	char plan[sizeof(RIG_PLAN) + 64], remote[32], server[32];

	print_message("# %s\n", said->name);
	snprintf(remote, sizeof(remote), "198.51.100.7:%u", said->port);
	snprintf(server, sizeof(server), "192.168.11.20:%u", said->port);
	snprintf(plan, sizeof(plan), "%sforward %s 6000 %s\n", RIG_PLAN, said->proto, server);
	rig_reset(rig, plan);

	begin(rig, said, FROM_LAN, HOST, remote);
	expect_carried(rig, said, FROM_LAN, (const char *[]){HOST, remote, HOST_OUTSIDE, remote});
	expect_carried(rig, said, FROM_WAN, (const char *[]){remote, HOST_OUTSIDE, remote, HOST});
	expect_lines(rig, 2);

	begin(rig, said, FROM_WAN, STRANGER, FORWARD);
	expect_carried(rig, said, FROM_WAN, (const char *[]){STRANGER, FORWARD, STRANGER, server});
	expect_carried(rig, said, FROM_LAN, (const char *[]){server, STRANGER, FORWARD, STRANGER});
	expect_lines(rig, 3);

	begin(rig, said, FROM_LAN, HOST, FORWARD);
	expect_carried(rig, said, FROM_LAN, (const char *[]){HOST, FORWARD, HOST_OUTSIDE, server});
	expect_carried(rig, said, FROM_LAN, (const char *[]){server, HOST_OUTSIDE, FORWARD, HOST});
	expect_lines(rig, 4);

	expect_closed(rig, "tcp 198.51.100.7:20 > 203.0.113.5:40001 S");
	expect_closed(rig, "udp 198.51.100.7:40001 > 203.0.113.5:40001");
	expect_lines(rig, 4);
	rig_check_tables(rig);
}

static void test_payloads(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(payloads); i++)
		test_payload(*state, &payloads[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_payloads),
	};

	rig_need_root();
	return cmocka_run_group_tests_name("payload", tests, rig_setup, rig_teardown);
}
