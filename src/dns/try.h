/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One question to one upstream over one socket: what upstream_tries.c starts and ends, and try_udp.c and try_tcp.c carry out.
 *
 * A try belongs to its question until try_end(), which may be called at any time, also from its own callback; it frees itself when the loop has let go of
 * its handle.
 */
#pragma once

#include <uv.h>

#include "question.h"
#include "upstream.h"

enum try_result {
	TRY_ANSWERED,
	TRY_UNREAD,
	TRY_TRUNCATED,
	TRY_OTHER_CASE,
	TRY_MISMATCH,
	TRY_FAILED
};

struct try;

/* MISMATCH may come many times, and the try goes on; each of the others once, as the last, and the callback ends the try. */
typedef void try_cb(struct try *attempt, enum try_result result, struct dns_reply reply);

struct
try {
	struct try *next; /* of the same question */
	void *owner; /* of upstream_tries.c */
	size_t upstream; /* whom it asks: index */
	try_cb *cb;
	__u64 begun_ns;
	struct dns_question question;
	uv_poll_t poll;
	int fd;
	/* Over TCP: length and message, first out, then in. NULL over UDP. */
	__u8 *buffer;
	size_t done, size;
	bool is_sending;
	bool has_edns; /* was asked with it */
	bool was_late; /* its time was over, and its upstream was told off for that */
	/* Over a channel, which has it in a list; NULL: it has a socket, or is over. */
	struct dns_channel *channel;
	struct try *behind;
	void (*end)(struct try * attempt); /* NULL: as try_udp.c and try_tcp.c do */
	bool is_sent, is_over;
	struct doh_exchange *exchange; /* of channel_doh.c */
};

/* Both: 0, and the callback will come; -errno: the try is to be freed. try->question, upstream and cb are set. */
int try_udp_start(struct try *attempt, uv_loop_t *loop, const struct dns_upstream_conf *to);
int try_tcp_start(struct try *attempt, uv_loop_t *loop, const struct dns_upstream_conf *to);

void try_end(struct try *attempt);

/* A socket of @type that is connected, or on its way to be. -errno. */
int try_socket(const struct dns_upstream_conf *to, int type);
