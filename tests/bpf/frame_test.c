// SPDX-License-Identifier: GPL-2.0-or-later
/* The instruments themselves: the builder against sums known from elsewhere, and the checker against every single wrong bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "frame.h"

static const char *const texts[] = {
	"tcp 192.168.11.30:40000 > 198.51.100.7:443 SA",
	"tcp 192.168.11.30:40000 > 198.51.100.7:443 A options len=0",
	"udp 192.168.11.30:40000 > 198.51.100.7:53 len=4",
	"icmp 192.168.11.30 > 198.51.100.7 request id=77",
	("icmp 198.51.100.1 > 203.0.113.5 type=3/4 mtu=1400 about "
	 "( udp 203.0.113.5:5000 > 198.51.100.7:53 )"),
	"tcp [2001:db8::30]:40000 > [2001:db8::7]:443 S",
	"udp [2001:db8::30]:40000 > [2001:db8::7]:53 ext=0 ext=60",
	"icmp6 [fe80::1] > [ff02::1] type=134 ttl=255",
};

static unsigned int word_at(const struct frame *frame, size_t offset)
{
	return frame->octets[offset] * 256u + frame->octets[offset + 1];
}

/* Sums worked out by other means than ours: the first is the example that every introduction has. */
static void test_known_sums(void **state _unused_)
{
	static const struct {
		const char *text;
		size_t offset;
		unsigned int sum;
	} known[] = {
		{"udp 192.168.0.1:1 > 192.168.0.199:2 ipid=0 df len=87", FRAME_L3 + 10, 0xb861},
		{"tcp 192.0.2.1:80 > 192.0.2.2:1024 S len=0", FRAME_L3 + 36, 0xe388},
		{"udp 192.0.2.1:53 > 192.0.2.2:1024 len=0", FRAME_L3 + 26, 0x77a5},
		{"icmp 192.0.2.1 > 192.0.2.2 request id=1 len=0", FRAME_L3 + 22, 0xf7fe},
		{"udp [2001:db8::1]:53 > [2001:db8::2]:1024 len=1", FRAME_L3 + 46, 0x9d32},
	};
	struct frame frame;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		frame_build(&frame, known[i].text, 64);
		assert_int_equal(word_at(&frame, known[i].offset), known[i].sum);
	}
}

static void test_whole_frame(void **state _unused_)
{
	static const __u8 octets[] = {
		2,    0,    0,	 0,  0,	   1,	 2,    0, 0, 0, 0, 2,  0x08, 0x00, /* Ethernet */
		0x45, 0xb8, 0,	 35, 0x12, 0x34, 0x40, 0, 9, 1, 0, 0,  192,  0,
		2,    1,    192, 0,  2,	   2,	 8,    0, 0, 0, 0, 77, 0,    0, /* echo request */
		3,    10,   17,	 24, 31,   38,	 45, /* payload */
	};
	struct frame frame;

	frame_build(&frame, "icmp 192.0.2.1 > 192.0.2.2 request id=77 ttl=9 tos=0xb8 df len=7", 64);
	assert_int_equal(frame.length, sizeof(octets));
	assert_null(frame_fault(&frame));
	memset(frame.octets + FRAME_L3 + 10, 0, 2);
	memset(frame.octets + FRAME_L3 + 22, 0, 2);
	assert_memory_equal(frame.octets, octets, sizeof(octets));
}

static void test_frames_are_right(void **state _unused_)
{
	struct frame frame;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		frame_build(&frame, texts[i], 64);
		assert_null(frame_fault(&frame));
	}
}

/* Of an IPv6 header neither version, class, label nor hop limit is in any sum. */
static int is_covered(const struct frame *frame, size_t offset)
{
	if (word_at(frame, 12) != 0x86dd)
		return 1;
	offset -= FRAME_L3;
	return offset >= 8 || offset == 4 || offset == 5;
}

static void test_every_wrong_bit_shows(void **state _unused_)
{
	struct frame frame;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		frame_build(&frame, texts[i], 64);
		for (size_t bit = FRAME_L3 * 8; bit < frame.length * 8; bit++) {
			__u8 *octet = &frame.octets[bit / 8];

			/* Extension headers carry no sum of their own. */
			if (!is_covered(&frame, bit / 8) ||
			    (strstr(texts[i], "ext=") && bit / 8 >= FRAME_L3 + 40 &&
			     bit / 8 < FRAME_L3 + 56))
				continue;
			*octet ^= (__u8)(1 << bit % 8);
			if (!frame_fault(&frame))
				fail_msg("%s: bit %zu of octet %zu", texts[i], bit % 8, bit / 8);
			*octet ^= (__u8)(1 << bit % 8);
		}
	}
}

static void test_cut_shows(void **state _unused_)
{
	struct frame frame;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		frame_build(&frame, texts[i], 64);
		frame.length--;
		assert_non_null(frame_fault(&frame));
		frame.length += 2;
		assert_non_null(frame_fault(&frame));
	}
}

static void test_ip_id(void **state _unused_)
{
	struct frame frame;

	frame_build(&frame, texts[1], 64);
	frame_set_ip_id(&frame, 0x4321);
	assert_null(frame_fault(&frame));
	assert_int_equal(frame.octets[FRAME_L3 + 4], 0x21);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_sums),
		cmocka_unit_test(test_whole_frame),
		cmocka_unit_test(test_frames_are_right),
		cmocka_unit_test(test_every_wrong_bit_shows),
		cmocka_unit_test(test_cut_shows),
		cmocka_unit_test(test_ip_id),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
