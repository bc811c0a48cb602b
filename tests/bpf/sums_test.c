// SPDX-License-Identifier: GPL-2.0-or-later
/* Every sum that a header can have, by the noted ways, which do part of it themselves. What comes out is compared with packets made from nothing. */
#include <arpa/inet.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "way_rig.h"

#define AT_TRANSPORT (FRAME_L3 + 20)
#define SUMS 65536u

/* Another port outside, so that both parts of the tuple change. */
static const struct way_case gateway = {.plan = "wan 203.0.113.5 ports 50000-50000\n"};

/* A flow, with what its packets become. All have one payload of two octets. */
struct flow {
	struct way_step opening[4]; /* the last one notes the way */
	const char *in, *out;
};

static const struct flow udp = {
	{{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53", WAY_LONG},
	 {FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53", WAY_LONG}},
	"udp 192.168.11.30:40000 > 198.51.100.7:53 len=2",
	"udp 203.0.113.5:50000 > 198.51.100.7:53 len=2 ttl=63",
};

static const struct flow tcp = {
	{{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 S", WAY_LONG},
	 {FROM_WAN, "tcp 198.51.100.7:443 > 203.0.113.5:50000 SA", WAY_LONG},
	 {FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 A", WAY_LONG}},
	"tcp 192.168.11.30:40000 > 198.51.100.7:443 A len=2",
	"tcp 203.0.113.5:50000 > 198.51.100.7:443 A len=2 ttl=63",
};

/* Makes the payload @word, and the transport's sum right for it (RFC 1071), from nothing. */
static void set_payload(struct frame *frame, __u16 word)
{
	__u8 proto = frame->octets[FRAME_L3 + 9];
	size_t check = AT_TRANSPORT + (proto == IPPROTO_UDP ? offsetof(struct udphdr, check)
							    : offsetof(struct tcphdr, check));
	__u32 sum = proto + (__u32)(frame->length - AT_TRANSPORT);

	frame->octets[frame->length - 2] = (__u8)(word >> 8);
	frame->octets[frame->length - 1] = (__u8)word;
	frame->octets[check] = frame->octets[check + 1] = 0;
	for (size_t i = FRAME_L3 + 12; i < frame->length; i += 2)
		sum += (__u32)(frame->octets[i] << 8 | frame->octets[i + 1]);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~((sum & 0xffff) + (sum >> 16)) & 0xffff;
	if (proto == IPPROTO_UDP && !sum)
		sum = 0xffff;
	frame->octets[check] = (__u8)(sum >> 8);
	frame->octets[check + 1] = (__u8)sum;
}

static void open_flow(struct rig *rig, const struct flow *flow, enum way allowed)
{
	struct way_result result = {0};
	struct frame frame;

	way_reset(rig, &gateway, allowed);
	for (const struct way_step *step = flow->opening; step->in; step++) {
		way_build(step, &frame);
		way_run(rig, step, &frame, allowed, &result);
		assert_int_equal(result.verdict, TC_ACT_REDIRECT);
	}
}

/* How many packets took that way. */
static unsigned int count_sums(struct rig *rig, const struct flow *flow, enum way allowed)
{
	const struct way_step step = {FROM_LAN, flow->in, allowed};
	struct way_result result = {0};
	struct frame in, expected;
	unsigned int n = 0;

	open_flow(rig, flow, allowed);
	way_build(&step, &in);
	frame_build(&expected, flow->out, 63);
	for (unsigned int i = 0; i < SUMS; i++) {
		frame_set_ip_id(&in, htons((__u16)i));
		frame_set_ip_id(&expected, htons((__u16)i));
		set_payload(&in, (__u16)i);
		set_payload(&expected, (__u16)i);
		way_run(rig, &step, &in, allowed, &result);
		n += result.way == allowed;
		assert_int_equal(result.out.length, expected.length);
		assert_memory_equal(result.out.octets + FRAME_L3, expected.octets + FRAME_L3,
				    expected.length - FRAME_L3);
	}
	return n;
}

/* Of all sums one or two, which are one number, look to XDP as if they were partial. */
static void test_udp(void **state)
{
	assert_int_equal(count_sums(*state, &udp, WAY_SHORT), SUMS);
	assert_in_range(count_sums(*state, &udp, WAY_FAST), SUMS - 2, SUMS - 1);
}

static void test_tcp(void **state)
{
	assert_int_equal(count_sums(*state, &tcp, WAY_SHORT), SUMS);
	assert_in_range(count_sums(*state, &tcp, WAY_FAST), SUMS - 2, SUMS - 1);
}

static int setup(void **state)
{
	*state = way_rig_open();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_udp),
		cmocka_unit_test(test_tcp),
	};

	rig_need_root();
	return cmocka_run_group_tests_name("sums", tests, setup, rig_teardown);
}
