// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages behind their lengths: TCP (RFC 7766), and the same under TLS (RFC 7858). */
#include <errno.h>
#include <hairpin/limits.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "padding.h"

struct waiter {
	struct dns_waiting waiting; /* first */
	struct connection *connection;
};

static void answer_send(struct connection *connection, const __u8 *message, size_t n)
{
	/* One thread; what is written there is on its way or copied before the next. */
	static __u8 out[PREFIX + DNS_MESSAGE_MAX];

	if (connection_is_over(connection))
		return;
	/* It asks and does not read. */
	if (stream_queued(&connection->stream) > LIMIT_DNS_TCP_UNREAD_BYTES) {
		connection_end(connection);
		return;
	}
	memcpy(out + PREFIX, message, n);
	if (connection->stream.tls)
		n = dns_pad(out + PREFIX, n, DNS_MESSAGE_MAX, DNS_PAD_ANSWER);
	dns_put16(out, (__u16)n);
	if (stream_write(&connection->stream, out, PREFIX + n))
		connection_end(connection);
}

static void waited(struct dns_waiting *waiting, const __u8 *message, size_t n)
{
	struct waiter *one = (struct waiter *)waiting;
	struct connection *connection = one->connection;

	if (n)
		answer_send(connection, message, n);
	free(one);
	connection_waited(connection);
}

static int query_take(struct connection *connection, const __u8 *message, size_t n)
{
	struct dns_asked asked = connection_asked(connection, message, n);
	__u8 answer[DNS_MESSAGE_MAX];
	struct dns_query query;
	struct waiter *one;
	int ret = dns_resolver_ask(connection->place->server->resolver, &asked, answer, &query);

	if (ret > 0)
		answer_send(connection, answer, (size_t)ret);
	if (ret != -EINPROGRESS)
		return ret ? 0 : -EBADMSG;
	one = calloc(1, sizeof(*one));
	if (!one)
		return -ENOMEM;
	one->waiting.send = waited;
	one->connection = connection;
	connection_wait(connection, &asked, &query, &one->waiting);
	return 0;
}

/* Whole messages among what has come, as many as may overlap. */
static int queries_take(struct connection *connection)
{
	size_t at = 0;
	int ret = 0;

	while (!ret && !connection_is_over(connection) &&
	       connection->n_waiting < LIMIT_DNS_TCP_QUERIES && connection->have - at >= PREFIX) {
		size_t n = dns_get16(connection->in + at);

		if (n > LIMIT_DNS_QUERY_BYTES || n < DNS_HEADER)
			return -EBADMSG;
		if (connection->have - at < PREFIX + n)
			break;
		ret = query_take(connection, connection->in + at + PREFIX, n);
		at += PREFIX + n;
		if (!connection_is_over(connection))
			connection_is_alive(connection);
	}
	memmove(connection->in, connection->in + at, connection->have - at);
	connection->have -= at;
	return ret;
}

static int came(struct connection *connection)
{
	for (;;) {
		int ret = queries_take(connection);
		ssize_t n;

		if (ret || connection->is_last || connection_is_over(connection) ||
		    connection->n_waiting >= LIMIT_DNS_TCP_QUERIES)
			return ret;
		n = stream_read(&connection->stream, connection->in + connection->have,
				sizeof(connection->in) - connection->have);
		if (n < 0)
			return n == -EAGAIN ? 0 : (int)n;
		/* It has asked all that it will, and may wait for the answers (RFC 7766 section 6.2.4). */
		connection->is_last = !n;
		connection->have += (size_t)n;
	}
}

const struct connection_kind connection_kind_plain = {.came = came};

/* RFC 7858 came before there was a word for it in the handshake, and not all clients say it. */
const struct connection_kind connection_kind_dot = {.alpn = "dot", .came = came};
