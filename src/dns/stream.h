/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A TCP connection in the loop, as it is or under TLS: what servers answer on and upstreams are asked over. It stands in whatever owns it, whose memory
 * goes when `closed` is called.
 *
 * Events may come from within stream_read() and stream_write() only as far as their words say so; their owner may call stream_close() in each.
 */
#pragma once

#include <uv.h>

#include "addr.h"
#include "tls.h"

struct stream;

struct stream_events {
	/* It is open, or something came: to be read until stream_read() says -EAGAIN, unless nothing more is wanted now. */
	void (*ready)(struct stream *stream);
	/* All that was written is on its way. NULL: nobody wants to know. */
	void (*sent)(struct stream *stream);
	/* It cannot go on; stream_fault() says why. Never from within a call of ours. */
	void (*broken)(struct stream *stream);
	/* After stream_close(): the loop has let go of it. */
	void (*closed)(struct stream *stream);
};

struct stream {
	uv_tcp_t tcp;
	const struct stream_events *events;
	struct tls *tls; /* NULL: plain; owned */
	unsigned int refs; /* the handle and each write under way */
	size_t unsent; /* octets */
	bool is_open, has_ended, is_reading, is_closing;
	/* Plain octets that nobody wanted yet. */
	__u8 *rest;
	size_t rest_length, rest_at;
	char fault[128];
};

void stream_init(struct stream *stream, uv_loop_t *loop, const struct stream_events *events);

/* Takes the connection that waits at @listener. 0 or -errno: to be closed. */
int stream_accept(struct stream *stream, uv_stream_t *listener);

/* What comes in is under @tls, which is the stream's from here on; before the loop has run again, and not where stream_connect() was called. */
void stream_secure(struct stream *stream, struct tls *tls);

/* On its way to @addr: `ready` comes when it is open, or `broken`. 0 or -errno: to be closed. */
int stream_connect(struct stream *stream, const struct ip_addr *addr, __u16 port, struct tls *tls);

/* It may be written to, and the other end of one with TLS is who it should be. */
bool stream_is_open(const struct stream *stream);

/* Up to @room octets into @to; how many. 0: the other end has said all, and may still listen. -EAGAIN: `ready` will come. Another: it is broken. */
ssize_t stream_read(struct stream *stream, __u8 *to, size_t room);

/* 0 or -errno: it is to be closed. */
int stream_write(struct stream *stream, const __u8 *octets, size_t n);

/* Octets that the other end has not fetched, beyond what the kernel holds. */
size_t stream_queued(const struct stream *stream);

/* Nothing more is taken from the network until stream_go_on(): whoever asks much waits there. */
void stream_hold(struct stream *stream);
void stream_go_on(struct stream *stream);

/* With what is under way; more than once does nothing. */
void stream_close(struct stream *stream);

/* Why it is broken. */
const char *stream_fault(const struct stream *stream);
