/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tap on one device that sends questions (echo.h) and takes what may be answers to them, unread.
 *
 * A packet socket of all protocols: it sees frames before tc programs and rules, so that neither backend, nor rules of others, make an answer vanish (lab test bypass_gateway_probe,
 * for each backend); one of IPv4 alone is asked behind them, when the bpf backend has sent the answer on. What is sent passes neither. The kernel hands over nothing but echo replies with
 * random octets of this tap's in them, so that nobody can flood it who has not seen a question. Needs CAP_NET_RAW.
 */
#pragma once

#include <sys/types.h>

#include "echo.h"

struct echo_tap {
	int fd; /* readable: echo_tap_take(); -1: closed */
	unsigned int ifindex;
	__u8 magic[ECHO_MAGIC_BYTES];
};

/* On the Ethernet device @ifindex. 0 or -errno, and closed; closed with echo_tap_close(). */
int echo_tap_open(struct echo_tap *tap, unsigned int ifindex);
void echo_tap_close(struct echo_tap *tap);

/* A token for one question of this tap. 0; -EAGAIN: no random number now. */
int echo_tap_token(const struct echo_tap *tap, __u8 token[ECHO_TOKEN_BYTES]);

/* Sends @ask, whose token is echo_tap_token()'s. 0 or -errno. */
int echo_tap_ask(const struct echo_tap *tap, const struct echo *ask);

/* The next frame, cut at ECHO_FRAME_MAX: how many octets; 0: nothing waits any more; -errno. Never blocks. */
ssize_t echo_tap_take(const struct echo_tap *tap, __u8 frame[ECHO_FRAME_MAX]);
