// SPDX-License-Identifier: GPL-2.0-or-later
/* Packets that are cut or lie about themselves: never translated, never a fault of ours, always counted. */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/pkt_cls.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <bpf/libbpf.h>

#include "hairpin.skel.h"
#include "rig.h"

/* A test run refuses frames without a whole IP header; those are sent over a device. */
#define IP4_OCTETS 20
#define IP6_OCTETS 40

static const struct {
	enum rig_from from;
	const char *text;
} whole[] = {
	{FROM_LAN, "tcp 192.168.11.30:40000 > 198.51.100.7:443 S"},
	{FROM_LAN, "udp 192.168.11.30:40000 > 198.51.100.7:53 options"},
	{FROM_LAN, "icmp 192.168.11.30 > 198.51.100.7 request id=9"},
	{FROM_LAN, "tcp 192.168.11.30:40000 > 203.0.113.5:8443 S"},
	{FROM_WAN, "tcp 198.51.100.9:50000 > 203.0.113.5:8443 S"},
	{FROM_WAN, "icmp 198.51.100.9 > 203.0.113.5 type=3/3 about "
		   "( udp 203.0.113.5:50000 > 198.51.100.7:53 )"},
	{FROM_HOST, "udp 203.0.113.5:50000 > 198.51.100.7:53"},
};

#define PLAN RIG_PLAN "forward tcp 8443 192.168.11.20:443\n"

static void run_malformed(struct rig *rig, enum rig_from from, const struct frame *frame)
{
	const struct rig_input input = {.mark = RIG_FOREIGN_MARK};
	struct rig_result result;

	rig_run(rig, from, frame, &input, &result);
	rig_expect_counts(rig, HP_DROP_MALFORMED, 0);
	assert_int_equal(result.verdict, TC_ACT_SHOT);
}

/* A packet shorter than its header says lost its end on the way here. */
static void test_cut_anywhere(void **state)
{
	struct rig *rig = *state;
	struct frame frame;

	rig_reset(rig, PLAN);
	for (size_t i = 0; i < ARRAY_SIZE(whole); i++) {
		frame_build(&frame, whole[i].text, 64);
		for (size_t length = FRAME_L3 + IP4_OCTETS; length < frame.length; length++) {
			struct frame cut = frame;

			cut.length = length;
			print_message("# %s, %zu octets\n", whole[i].text, length);
			run_malformed(rig, whole[i].from, &cut);
		}
	}
	rig_expect_state(rig, "");
}

/* The stack checks the length of what it routes itself; of IPv6 the headers have to be there. */
static void test_cut6(void **state)
{
	static const char *const texts[] = {
		"tcp [2001:db8:11::30]:40000 > [2001:db8:77::7]:443 S ext=0",
		"udp [2001:db8:11::30]:40000 > [2001:db8:77::7]:53",
		"icmp6 [2001:db8:11::30] > [2001:db8:77::7] request id=9",
	};
	static const size_t headers[] = {
		IP6_OCTETS + 8 + 14, /* to the flags of TCP */
		IP6_OCTETS + 4,
		IP6_OCTETS + 8,
	};
	struct rig *rig = *state;
	struct frame frame;

	rig_reset(rig, PLAN);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		frame_build(&frame, texts[i], 64);
		for (size_t length = IP6_OCTETS; length < headers[i]; length++) {
			frame.length = FRAME_L3 + length;
			print_message("# %s, %zu octets\n", texts[i], length);
			run_malformed(rig, FROM_LAN, &frame);
		}
	}
	rig_expect_state(rig, "");
}

static void attach_to_lan(struct rig *rig)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)rig->ifindex[RIG_LAN],
		    .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = bpf_program__fd(rig->skel->progs.hp_lan_ingress));

	assert_int_equal(bpf_tc_hook_create(&hook), 0);
	assert_int_equal(bpf_tc_attach(&hook, &opts), 0);
}

static int open_far_end(void)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex("lan0-far"),
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

/* What is sent over a veth pair arrives within microseconds. */
static void wait_for_count(struct rig *rig, __u64 count)
{
	time_t deadline = time(NULL) + 3;

	while (rig_count(rig, HP_DROP_MALFORMED) < count) {
		if (time(NULL) >= deadline)
			fail_msg("%llu of %llu frames counted", rig_count(rig, HP_DROP_MALFORMED),
				 count);
		sched_yield();
	}
}

static void test_cut_in_the_ip_header(void **state)
{
	static const char *const texts[] = {
		"udp 192.168.11.30:40000 > 198.51.100.7:53",
		"udp [2001:db8:11::30]:40000 > [2001:db8:77::7]:53",
	};
	static const size_t headers[] = {IP4_OCTETS, IP6_OCTETS};
	struct rig *rig = *state;
	_close_ int fd = open_far_end();
	__u64 sent = 0;

	rig_reset(rig, PLAN);
	attach_to_lan(rig);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct frame frame;

		frame_build(&frame, texts[i], 64);
		for (size_t length = 1; length < headers[i]; length++) {
			size_t octets = FRAME_L3 + length;

			assert_int_equal(send(fd, frame.octets, octets, 0), octets);
			wait_for_count(rig, ++sent);
		}
	}
	rig_expect_state(rig, "");
}

/* Sets one octet of the IPv4 header and repairs its checksum. */
static void set_octet(struct frame *frame, size_t offset, __u8 value)
{
	__be16 id;

	frame->octets[FRAME_L3 + offset] = value;
	memcpy(&id, frame->octets + FRAME_L3 + 4, sizeof(id));
	if ((frame->octets[FRAME_L3] & 0xf) == 5)
		frame_set_ip_id(frame, id);
}

static void test_header_lies(void **state)
{
	static const struct {
		size_t offset;
		__u8 value;
	} lies[] = {
		{0, 0x55}, /* version 5 */
		{0, 0x44}, /* a header of 16 octets */
		{0, 0x4f}, /* a header longer than the packet */
		{2, 0xff}, /* total length far beyond the end */
		{3, 19}, /* total length within the header */
		{3, 0}, /* no length at all */
	};
	struct rig *rig = *state;

	rig_reset(rig, PLAN);
	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		struct frame frame;

		frame_build(&frame, "udp 192.168.11.30:40000 > 198.51.100.7:53", 64);
		set_octet(&frame, lies[i].offset, lies[i].value);
		print_message("# octet %zu is %u\n", lies[i].offset, lies[i].value);
		run_malformed(rig, FROM_LAN, &frame);
		run_malformed(rig, FROM_WAN, &frame);
		run_malformed(rig, FROM_HOST, &frame);
	}
	rig_expect_state(rig, "");
}

/* Ethernet fills short packets up to 60 octets: what follows the packet is nobody's and stays. */
static void test_padding(void **state)
{
	const struct rig_input input = {.mark = RIG_FOREIGN_MARK};
	struct rig *rig = *state;
	struct rig_result result;
	struct frame in, expected;

	rig_reset(rig, PLAN);
	frame_build(&in, "udp 192.168.11.30:40000 > 198.51.100.7:53 len=3", 64);
	frame_build(&expected, "udp 203.0.113.5:40000 > 198.51.100.7:53 len=3", 63);
	memset(in.octets + in.length, 0xa5, 60 - in.length);
	memset(expected.octets + expected.length, 0xa5, 60 - expected.length);
	in.length = expected.length = 60;
	rig_run(rig, FROM_LAN, &in, &input, &result);
	rig_expect_counts(rig, HP_SENT_OUTGOING, 0);
	assert_int_equal(result.verdict, TC_ACT_REDIRECT);
	assert_int_equal(result.out.length, 60);
	assert_memory_equal(result.out.octets, expected.octets, 60);
	rig_check_tables(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_anywhere),	     cmocka_unit_test(test_cut6),
		cmocka_unit_test(test_header_lies),	     cmocka_unit_test(test_padding),
		cmocka_unit_test(test_cut_in_the_ip_header),
	};

	rig_need_root();
	return cmocka_run_group_tests_name("malformed", tests, rig_setup, rig_teardown);
}
