/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers in messages of the network: the octet that counts most is the first, and they may stand at odd addresses. */
#pragma once

#include <stddef.h>

#include <linux/types.h>

static inline __u16 octets_get16(const __u8 *at)
{
	return (__u16)(at[0] << 8 | at[1]);
}

static inline __u32 octets_get32(const __u8 *at)
{
	return (__u32)octets_get16(at) << 16 | octets_get16(at + 2);
}

static inline void octets_put16(__u8 *at, __u16 value)
{
	at[0] = (__u8)(value >> 8);
	at[1] = (__u8)value;
}

static inline void octets_put32(__u8 *at, __u32 value)
{
	octets_put16(at, (__u16)(value >> 16));
	octets_put16(at + 2, (__u16)value);
}

/* RFC 1071, over an even number of octets; 0 where the sum is in them and right. */
static inline __u16 octets_checksum(const __u8 *at, size_t length)
{
	__u32 sum = 0;

	for (size_t i = 0; i < length; i += 2)
		sum += octets_get16(at + i);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)~sum;
}
