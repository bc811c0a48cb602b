/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 packets from numbers to octets, every length and sum right, and back. Shares no code with the data plane. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

#include "frame.h"

#define PACKET_QUOTE_MAX 576

struct packet {
	__be32 saddr, daddr;
	__u16 sport, dport; /* host byte order; of an echo the id, on the side of who asked */
	__u8 proto; /* TCP, UDP and ICMP echo have a transport header; others 8 octets of nothing */
	__u8 flags; /* TCP */
	__u32 seq, ack; /* TCP */
	__u16 mss; /* TCP: in an option; 0: there is none */
	__u8 ttl, tos;
	__u16 id, frag_off; /* host byte order, as in the header */
	__u8 options; /* words of IP options (no operation) */
	__u16 payload;
	bool reply; /* ICMP: an echo reply */
	bool nocheck; /* UDP without a checksum */
};

void packet_build(struct frame *ret_frame, const struct packet *packet);

/* An ICMP error of @type and @code from @from to @to, which quotes @octets of the IPv4 packet in @about. */
struct packet_error {
	__be32 from, to;
	__u8 type, code;
	__u16 octets; /* cut to what there is, and to PACKET_QUOTE_MAX */
};
void packet_build_error(struct frame *ret_frame, const struct packet_error *error,
			const struct frame *about);

/* What stands in the headers, as far as they are there; false: not an IPv4 packet with a whole header. */
bool packet_read(const struct frame *frame, struct packet *ret_packet);

/* The packet that an ICMP error quotes, as a frame of its own (cut as it is); false: it is no error. */
bool packet_read_quote(const struct frame *frame, struct frame *ret_quote);

/* The transport checksum as it stands, and whether the frame reaches so far. */
bool packet_check(const struct frame *frame, __u16 *ret_check);

/* Whether the sum over the IPv4 header is right. */
bool packet_header_fits(const struct frame *frame);
