/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of a frame (frame.h), read. */
#pragma once

#include <stdbool.h>

#include "addr.h"
#include "frame.h"

#define FRAME_EXTENSIONS_MAX 8
#define FRAME_TCP_OPTIONS_MAX 40
#define FRAME_PROTO_ETHER 256 /* no IP at all */

struct frame_text {
	int proto;
	bool v6;
	struct ip_addr source, destination;
	__u16 sport, dport;
	__u16 ethertype; /* FRAME_PROTO_ETHER */
	__u8 ttl, tos;
	__u16 ip_id;
	bool df, mf, options, nocheck;
	__u16 offset; /* octets */
	__u8 tcp_flags;
	__u32 seq, ack;
	bool has_seq, has_ack; /* given, not by default */
	__u8 tcp_options[FRAME_TCP_OPTIONS_MAX]; /* padded with zeros to a multiple of four */
	size_t n_tcp_options;
	__u8 icmp_type, icmp_code;
	__u16 icmp_id, mtu;
	size_t payload;
	size_t quote_octets, pad;
	char *quote; /* points into the text that was read */
	__u8 extensions[FRAME_EXTENSIONS_MAX];
	size_t n_extensions;
};

/* Reads @words, which it changes. A word that it does not know ends the test. */
void frame_text_read(struct frame_text *ret_text, char *words);
