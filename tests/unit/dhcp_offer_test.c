// SPDX-License-Identifier: GPL-2.0-or-later
/* The question for other DHCP servers, and what counts as an answer to it. */
#include "offer.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cleanup.h"
#include "offer_text.h"

static const struct dhcp_ask ask = {.mac = {0x02, 0, 0, 0, 0, 1}, .id = 0x12345678};

#define BOOTP_AT (14 + 20 + 8)
#define OPTIONS_AT (BOOTP_AT + 240)

/* A frame of a server: 192.168.11.9, which offers 192.168.11.50. */
struct frame {
	__u8 octets[600];
	size_t length;
};

static void options_set(struct frame *frame, const __u8 *options, size_t n)
{
	size_t length;

	memcpy(frame->octets + OPTIONS_AT, options, n);
	frame->length = OPTIONS_AT + n;
	length = frame->length - 14;
	frame->octets[16] = (__u8)(length >> 8);
	frame->octets[17] = (__u8)length;
	frame->octets[38] = (__u8)((length - 20) >> 8);
	frame->octets[39] = (__u8)(length - 20);
}

static const __u8 usual[] = {53, 1, 2, 54, 4, 192, 168, 11, 8, 3, 4, 192, 168,
			     11, 9, 6, 8,  9, 9,   9,	9,  1, 1, 1, 1,	  255};

static struct frame frame_make(void)
{
	static const __u8 mac[6] = {0x02, 0, 0, 0, 0, 9};
	struct frame frame = {0};
	__u8 *ip = frame.octets + 14, *bootp = frame.octets + BOOTP_AT;

	memset(frame.octets, 0xff, 6);
	memcpy(frame.octets + 6, mac, 6);
	frame.octets[12] = 0x08;
	ip[0] = 0x45;
	ip[9] = 17;
	memcpy(ip + 12, (const __u8[]){192, 168, 11, 9}, 4);
	memset(ip + 16, 0xff, 4);
	ip[21] = 67;
	ip[23] = 68;
	bootp[0] = 2;
	bootp[1] = 1;
	bootp[2] = 6;
	memcpy(bootp + 4, (const __u8[]){0x12, 0x34, 0x56, 0x78}, 4);
	memcpy(bootp + 16, (const __u8[]){192, 168, 11, 50}, 4);
	memcpy(bootp + 28, ask.mac, 6);
	memcpy(bootp + 236, (const __u8[]){99, 130, 83, 99}, 4);
	options_set(&frame, usual, sizeof(usual));
	return frame;
}

static void assert_offer(const struct frame *frame, const char *expected)
{
	_strbuf_ struct strbuf text = {0};
	struct dhcp_offer offer;

	assert_true(dhcp_offer_read(&ask, frame->octets, frame->length, &offer));
	dhcp_offer_text(&offer, &text);
	assert_string_equal(strbuf_text(&text), expected);
}

static void test_offer(void **state _unused_)
{
	static const __u8 bare[] = {0, 0, 53, 1, 2};
	struct frame frame = frame_make();
	struct dhcp_offer offer;

	assert_offer(&frame, "192.168.11.8 (02:00:00:00:00:09), which hands out 192.168.11.9 as "
			     "gateway and 9.9.9.9, 1.1.1.1 as DNS server");
	assert_true(dhcp_offer_read(&ask, frame.octets, frame.length, &offer));
	assert_int_equal(ntohl(ip_addr_v4(&offer.addr)), 0xc0a80b32);
	/* Padded behind the packet, as short frames are. */
	frame.length += 20;
	assert_true(dhcp_offer_read(&ask, frame.octets, frame.length, &offer));
	/* Without a server's id the packet's source says who it is; an end mark may be missing. */
	options_set(&frame, bare, sizeof(bare));
	assert_offer(&frame, "192.168.11.9 (02:00:00:00:00:09)");
}

/* One octet each, and it is no answer to us. */
static void test_others(void **state _unused_)
{
	static const struct {
		size_t at;
		__u8 octet;
	} cases[] = {
		{12, 0x86}, /* not IPv4 */
		{14, 0x65},
		{14, 0x44},
		{14, 0x4f}, /* not its version, header too short, too long */
		{16, 0xff}, /* longer than the frame */
		{20, 0x20},
		{21, 0x01}, /* a fragment */
		{23, 6}, /* not UDP */
		{35, 68},
		{37, 67}, /* ports */
		{38, 0xff}, /* longer than the packet */
		{BOOTP_AT, 1},
		{BOOTP_AT + 1, 6},
		{BOOTP_AT + 2, 16},
		{BOOTP_AT + 4, 0},
		{BOOTP_AT + 7, 0},
		{BOOTP_AT + 28, 0},
		{BOOTP_AT + 236, 0},
		{OPTIONS_AT + 2, 5}, /* an acknowledgement */
		{OPTIONS_AT, 255}, /* no type at all */
		{OPTIONS_AT + 16, 255}, /* an option that is longer than what is left */
	};
	struct dhcp_offer offer;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct frame frame = frame_make();

		frame.octets[cases[i].at] = cases[i].octet;
		assert_false(dhcp_offer_read(&ask, frame.octets, frame.length, &offer));
	}
}

/* The address sanitizer watches a copy that ends where the frame does. */
static void test_cut(void **state _unused_)
{
	struct frame frame = frame_make();
	struct dhcp_offer offer;

	for (size_t n = 0; n < frame.length; n++) {
		_free_ __u8 *copy = malloc(n ? n : 1);

		assert_non_null(copy);
		memcpy(copy, frame.octets, n);
		assert_false(dhcp_offer_read(&ask, copy, n, &offer));
	}
}

static void test_discover(void **state _unused_)
{
	__u8 frame[DHCP_DISCOVER_BYTES];
	struct dhcp_offer offer;
	__u32 sum = 0;

	dhcp_discover_write(&ask, frame);
	for (size_t i = 14; i < 34; i += 2)
		sum += (__u32)(frame[i] << 8 | frame[i + 1]);
	assert_int_equal((sum & 0xffff) + (sum >> 16), 0xffff);
	assert_int_equal(frame[16] << 8 | frame[17], DHCP_DISCOVER_BYTES - 14);
	assert_memory_equal(frame + 6, ask.mac, 6);
	assert_memory_equal(frame + BOOTP_AT + 28, ask.mac, 6);
	assert_memory_equal(frame + OPTIONS_AT, ((const __u8[]){53, 1, 1, 55, 2, 3, 6, 255}), 8);
	/* Our own question, heard again, is nobody's answer. */
	assert_false(dhcp_offer_read(&ask, frame, sizeof(frame), &offer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offer),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_discover),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
