/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The question whose gateway we are, as frames: an echo request to a server that says it comes from outside, and the echo reply that the server hands to its default gateway (decision 033).
 *
 * Pure: octets in, octets out. What is read comes from strangers; every octet that is looked at is inside the frame, and nothing is copied out but numbers.
 */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

/* The first of them are one tap's (echo_tap.h), the others one question's; all of them random. */
#define ECHO_TOKEN_BYTES 16
#define ECHO_MAGIC_BYTES 4
/* Where they begin in a frame: Ethernet, IPv4 without options, ICMP. */
#define ECHO_TOKEN_AT (14 + 20 + 8)
#define ECHO_FRAME_BYTES (ECHO_TOKEN_AT + ECHO_TOKEN_BYTES)
/* What is kept of a frame that came: padding behind it (60 octets at least on a cable) is nobody's business. */
#define ECHO_FRAME_MAX 64

struct echo {
	__u8 from_mac[6], to_mac[6];
	__be32 from, to;
	__u8 token[ECHO_TOKEN_BYTES];
};

/* @ask as an echo request. */
void echo_request_write(const struct echo *ask, __u8 frame[ECHO_FRAME_BYTES]);

/* Whether @frame (of @length, from the Ethernet header on) is a whole echo reply to a question of ours, by its form: whose it is the caller knows. */
bool echo_reply_read(const __u8 *frame, size_t length, struct echo *ret_reply);
