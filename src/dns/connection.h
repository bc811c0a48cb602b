/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection of a client: its life, which is server_tcp.c's, and how its messages stand on it: each behind its length (server_framed.c), or each a request
 * of HTTP (server_doh.c).
 */
#pragma once

#include <hairpin/limits.h>

#include "server_internal.h"
#include "stream.h"

#define PREFIX 2 /* of each message: its length (RFC 1035 section 4.2.2) */

/* Goes when the loop has let go of its handles and nobody waits for an answer on it any more. */
struct connection {
	struct stream stream; /* first */
	struct connection *next; /* of the server */
	struct place *place;
	uv_timer_t idle;
	unsigned int refs; /* the stream, the timer, and each query that waits */
	unsigned int n_waiting;
	bool has_begun; /* TLS, if it is under that, is through with its own */
	bool is_last; /* nothing more is taken; it ends with the last answer */
	bool is_taking; /* queries of what has come: an answer that is there at once must not begin again */
	struct ip_addr client;
	struct doh *doh; /* of server_doh.c, owned */
	size_t have;
	__u8 in[PREFIX + LIMIT_DNS_QUERY_BYTES]; /* of server_framed.c */
};

struct connection_kind {
	const char *alpn; /* NULL: not under TLS */
	bool is_alpn_due; /* who does not say so is not spoken to */
	/* Once, before the first came(). NULL: nothing is to be done. 0 or -errno: to be ended. */
	int (*begin)(struct connection *connection);
	/* Takes queries of what has come, as many as may overlap, and sets is_last where the client has said all. 0 or -errno: to be ended. */
	int (*came)(struct connection *connection);
	/* Tells the client that nothing more is taken. NULL: there is no way to say so. */
	void (*leave)(struct connection *connection);
	/* Nothing of what was asked is still to be given to the stream. NULL: never anything. */
	bool (*is_through)(const struct connection *connection);
	void (*fini)(struct connection *connection); /* NULL: nothing is left */
};

extern const struct connection_kind connection_kind_plain, connection_kind_dot, connection_kind_doh;

static inline bool connection_is_over(const struct connection *connection)
{
	return connection->stream.is_closing;
}

/* More than once does nothing. */
void connection_end(struct connection *connection);

/* A whole query has come: an octet now and then keeps no connection. */
void connection_is_alive(struct connection *connection);

static inline struct dns_asked connection_asked(const struct connection *connection,
						const __u8 *message, size_t n)
{
	return (struct dns_asked){.message = message,
				  .length = n,
				  .client = connection->client,
				  .segment = place_segment(connection->place)};
}

/* Upstream is to be asked; @waiting->send is set, and calls connection_waited() at its end. */
void connection_wait(struct connection *connection, const struct dns_asked *asked,
		     const struct dns_query *query, struct dns_waiting *waiting);
void connection_waited(struct connection *connection);
