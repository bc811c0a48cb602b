/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames for tests, from words to octets, with every length and checksum right:
 *
 *   tcp 192.168.11.30:40000 > 198.51.100.7:443 S          flags: any of S A F R P
 *   udp [2001:db8:11::30]:5000 > [2001:db8:ff::1]:53 len=100
 *   icmp 192.168.11.30 > 198.51.100.7 request id=77       or: reply
 *   icmp 198.51.100.1 > 203.0.113.5 type=3/4 mtu=1400 about ( udp 203.0.113.5:5000 > 198.51.100.7:53 )
 *   proto=47 192.168.11.30 > 198.51.100.7
 *   proto=17 192.168.11.30 > 198.51.100.7 offset=1480     a later fragment: no transport header, only payload
 *   ether=0x0806
 *
 * Further words: ttl=N tos=N ipid=N df mf offset=OCTETS options (eight octets of IPv4 options) nocheck (UDP without a
 * checksum) ext=N (an empty IPv6 extension header; more than one: in order) quote=N (octets of transport that an error quotes) pad=N (octets that
 * follow its quote) len=N (payload) seq=N ack=N tcpopt=HEX (options of TCP). All of it has a default; that of seq and ack lets S, SA and A of two
 * ends fit together.
 */
#pragma once

#include <linux/types.h>
#include <stddef.h>

#define FRAME_MAX 3072
#define FRAME_L3 14 /* where the IP header starts */

struct frame {
	size_t length;
	__u8 align[2]; /* puts the headers after Ethernet's 14 octets on a boundary of four */
	__u8 octets[FRAME_MAX];
};

/* Builds the frame of @text, with @ttl where the text names none. A text that does not parse ends the test. */
void frame_build(struct frame *ret_frame, const char *text, __u8 ttl);

/* Gives an IPv4 frame another identification, header checksum included. */
void frame_set_ip_id(struct frame *frame, __be16 id);

/*
 * What is wrong with the lengths and checksums of an IP frame, or NULL. Shares no code with the builder, and does the sums in
 * another way, so that one error does not hide the other. Quotes in ICMP errors are not looked into.
 */
const char *frame_fault(const struct frame *frame);
