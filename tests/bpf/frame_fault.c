// SPDX-License-Identifier: GPL-2.0-or-later
/* Octet by octet, sums in host order from the high octet down; the sum of data and checksum has to be all ones. */
#include <stdbool.h>

#include "frame.h"

#define TCP 6
#define UDP 17

static unsigned int word_at(const __u8 *octets)
{
	return octets[0] * 256u + octets[1];
}

static unsigned long add(unsigned long total, const __u8 *octets, size_t length)
{
	for (size_t i = 0; i < length; i++)
		total += i & 1 ? octets[i] : octets[i] * 256ul;
	return total;
}

static bool is_all_ones(unsigned long total)
{
	return total % 0xffff == 0 && total > 0;
}

static const char *transport_fault(const __u8 *l4, size_t length, __u8 proto,
				   unsigned long addresses)
{
	unsigned long total = add(0, l4, length);

	switch (proto) {
	case TCP:
		if (length < 20)
			return "TCP header cut";
		break;
	case UDP:
		if (length < 8 || word_at(l4 + 4) != length)
			return "UDP length";
		if (!word_at(l4 + 6))
			return NULL;
		break;
	case 1: /* ICMP has no pseudo-header */
		return is_all_ones(total) ? NULL : "ICMP checksum";
	case 58:
		break;
	default:
		return NULL;
	}
	return is_all_ones(total + addresses + proto + length) ? NULL : "transport checksum";
}

static const char *fault4(const __u8 *ip, size_t length)
{
	size_t header = (ip[0] & 0xf) * 4u;

	if (length < 20 || header < 20 || header > length)
		return "IPv4 header cut";
	if (word_at(ip + 2) != length)
		return "IPv4 total length";
	if (!is_all_ones(add(0, ip, header)))
		return "IPv4 header checksum";
	if (word_at(ip + 6) & 0x3fff)
		return NULL; /* a fragment's transport cannot be checked alone */
	return transport_fault(ip + header, length - header, ip[9], add(0, ip + 12, 8));
}

static const char *fault6(const __u8 *ip, size_t length)
{
	size_t at = 40;
	__u8 next = ip[6];

	if (length < 40 || word_at(ip + 4) != length - 40)
		return "IPv6 payload length";
	while ((next == 0 || next == 43 || next == 60) && at + 8 <= length) {
		next = ip[at];
		at += (ip[at + 1] + 1u) * 8;
	}
	return at > length ? "IPv6 extension header cut"
			   : transport_fault(ip + at, length - at, next, add(0, ip + 8, 32));
}

const char *frame_fault(const struct frame *frame)
{
	const __u8 *ip = frame->octets + FRAME_L3;

	switch (word_at(frame->octets + 12)) {
	case 0x0800:
		return fault4(ip, frame->length - FRAME_L3);
	case 0x86dd:
		return fault6(ip, frame->length - FRAME_L3);
	}
	return NULL;
}
