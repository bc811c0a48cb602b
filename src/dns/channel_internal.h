/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What channel.c, channel_dot.c and channel_doh.c share. */
#pragma once

#include "channel.h"
#include "stream.h"

struct nghttp2_session;

/* A connection. Goes when its two handles are closed. */
struct link {
	struct stream stream; /* first */
	uv_timer_t timer;
	unsigned int n_handles;
	struct dns_channel *channel; /* NULL: it was let go */
	const struct link_kind *kind;
	unsigned int n_answered;
	bool is_failing; /* found out where nobody could be told; the timer tells */
	/* DoT: the message that comes in, with its length; owned */
	__u8 *in;
	size_t have;
	struct nghttp2_session *h2; /* DoH; owned */
};

/* What a connection speaks. Each returns 0, or -errno where the connection cannot go on. */
struct link_kind {
	const char *alpn;
	int (*begin)(struct link *link); /* it is open */
	int (*ask)(struct link *link, struct try *attempt);
	int (*came)(struct link *link); /* something is to be read */
	void (*forget)(struct link *link,
		       struct try *attempt); /* nobody waits for its answer any more */
	void (*fini)(struct link *link);
};

extern const struct link_kind link_kind_dot, link_kind_doh;

struct dns_channel {
	uv_loop_t *loop;
	struct dns_upstream_conf conf;
	struct tls_credentials *trust;
	struct link *link; /* NULL: none now */
	struct try *tries; /* on it or waiting for it, the oldest first */
	unsigned int n_tries;
	struct tls_ticket ticket;
	__u64 ticket_until_ms;
	__u64 refused_until_ms;
	char fault[128];
	bool is_told; /* in the log */
	__u64 tell_next_ms;
};

/* A reply to @attempt: judged and handed on; the attempt is gone then. */
void channel_replied(struct link *link, struct try *attempt, struct dns_reply reply);
/* The server gives no answer to @attempt, as @why says; the same. */
void channel_refused(struct link *link, struct try *attempt, const char *why);
