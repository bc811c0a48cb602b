// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <hairpin/limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "server_internal.h"

#define BACKLOG 64
#define PREFIX 2 /* of each message: its length (RFC 1035 section 4.2.2) */

/* Goes when both handles are closed and nobody waits for an answer on it any more. */
struct connection {
	struct connection *next; /* of the server */
	struct place *place;
	uv_tcp_t tcp;
	uv_timer_t idle;
	unsigned int refs; /* two handles, and each query that waits */
	unsigned int n_waiting;
	bool is_reading;
	bool is_last; /* nothing more is read; it ends with the last answer */
	bool is_taking; /* queries out of `in`: an answer that is there at once must not begin again */
	struct ip_addr client;
	size_t have;
	__u8 in[PREFIX + LIMIT_DNS_QUERY_BYTES];
};

struct tcp_waiting {
	struct dns_waiting waiting; /* first */
	struct connection *connection;
};

struct outgoing {
	uv_write_t write;
	struct connection *connection;
	__u8 message[];
};

static void read_on(struct connection *connection);

/* --- the end ------------------------------------------------------------------------------------------ */

static void connection_unref(struct connection *connection)
{
	if (--connection->refs)
		return;
	place_unref(connection->place);
	free(connection);
}

static void closed(uv_handle_t *handle)
{
	connection_unref(handle->data);
}

static void connection_end(struct connection *connection)
{
	struct dns_server *server = connection->place->server;
	struct connection **at = &server->connections;

	if (uv_is_closing((uv_handle_t *)&connection->tcp))
		return;
	while (*at != connection)
		at = &(*at)->next;
	*at = connection->next;
	server->n_connections--;
	uv_close((uv_handle_t *)&connection->tcp, closed);
	uv_close((uv_handle_t *)&connection->idle, closed);
}

/* Takes no more, and ends when all is answered and fetched; who does not fetch is ended by the timer. */
static void connection_drain(struct connection *connection)
{
	connection->is_last = true;
	uv_read_stop((uv_stream_t *)&connection->tcp);
	connection->is_reading = false;
	if (!connection->n_waiting &&
	    !uv_stream_get_write_queue_size((uv_stream_t *)&connection->tcp))
		connection_end(connection);
}

void tcp_end(struct place *place, bool now)
{
	struct connection *next;

	for (struct connection *c = place->server->connections; c; c = next) {
		next = c->next;
		if (c->place != place)
			continue;
		if (now)
			connection_end(c);
		else
			connection_drain(c);
	}
}

void tcp_end_all(struct dns_server *server)
{
	while (server->connections)
		connection_end(server->connections);
}

static void silent(uv_timer_t *timer)
{
	struct connection *connection = timer->data;

	/* It is upstream that is slow, and not the client. */
	if (!connection->n_waiting)
		connection_end(connection);
}

/* --- answers ------------------------------------------------------------------------------------------ */

static void written(uv_write_t *write, int status)
{
	struct outgoing *outgoing = write->data;

	if (status)
		connection_end(outgoing->connection);
	else if (outgoing->connection->is_last)
		connection_drain(outgoing->connection);
	connection_unref(outgoing->connection);
	free(outgoing);
}

static void answer_send(struct connection *connection, const __u8 *message, size_t n)
{
	struct outgoing *outgoing;
	uv_buf_t buf;

	if (uv_is_closing((uv_handle_t *)&connection->tcp))
		return;
	/* It asks and does not read. */
	if (uv_stream_get_write_queue_size((uv_stream_t *)&connection->tcp) >
	    LIMIT_DNS_TCP_UNREAD_BYTES) {
		connection_end(connection);
		return;
	}
	outgoing = malloc(sizeof(*outgoing) + PREFIX + n);
	if (!outgoing) {
		connection_end(connection);
		return;
	}
	dns_put16(outgoing->message, (__u16)n);
	memcpy(outgoing->message + PREFIX, message, n);
	outgoing->connection = connection;
	outgoing->write.data = outgoing;
	buf = uv_buf_init((char *)outgoing->message, (unsigned int)(PREFIX + n));
	connection->refs++;
	if (uv_write(&outgoing->write, (uv_stream_t *)&connection->tcp, &buf, 1, written)) {
		connection->refs--;
		free(outgoing);
		connection_end(connection);
	}
}

static void waited(struct dns_waiting *waiting, const __u8 *message, size_t n)
{
	struct tcp_waiting *one = (struct tcp_waiting *)waiting;
	struct connection *connection = one->connection;

	if (n)
		answer_send(connection, message, n);
	connection->n_waiting--;
	if (!connection->is_taking)
		read_on(connection);
	connection_unref(connection);
	free(one);
}

/* --- queries ------------------------------------------------------------------------------------------ */

static void query_take(struct connection *connection, const __u8 *message, size_t n)
{
	struct place *place = connection->place;
	struct dns_asked asked = {.message = message,
				  .length = n,
				  .client = connection->client,
				  .segment = place_segment(place)};
	__u8 answer[DNS_MESSAGE_MAX];
	struct tcp_waiting *one;
	struct dns_query query;
	int ret = dns_resolver_ask(place->server->resolver, &asked, answer, &query);

	if (ret > 0)
		answer_send(connection, answer, (size_t)ret);
	else if (!ret)
		connection_end(connection);
	if (ret != -EINPROGRESS)
		return;
	one = calloc(1, sizeof(*one));
	if (!one) {
		connection_end(connection);
		return;
	}
	one->waiting.send = waited;
	one->connection = connection;
	connection->refs++;
	connection->n_waiting++;
	dns_resolver_wait(place->server->resolver, &asked, &query, &one->waiting);
}

/* Whole messages among what has come, as many as may overlap. */
static void queries_take(struct connection *connection)
{
	size_t at = 0;

	while (!uv_is_closing((uv_handle_t *)&connection->tcp) &&
	       connection->n_waiting < LIMIT_DNS_TCP_QUERIES && connection->have - at >= PREFIX) {
		size_t n = dns_get16(connection->in + at);

		if (n > LIMIT_DNS_QUERY_BYTES || n < DNS_HEADER) {
			connection_end(connection);
			return;
		}
		if (connection->have - at < PREFIX + n)
			break;
		query_take(connection, connection->in + at + PREFIX, n);
		at += PREFIX + n;
		/* Whole queries count: an octet now and then keeps no connection. */
		uv_timer_again(&connection->idle);
	}
	memmove(connection->in, connection->in + at, connection->have - at);
	connection->have -= at;
}

static void room_give(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
	struct connection *connection = handle->data;

	(void)size;
	*buf = uv_buf_init((char *)connection->in + connection->have,
			   (unsigned int)(sizeof(connection->in) - connection->have));
}

static void came(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct connection *connection = stream->data;

	(void)buf;
	if (n == UV_EOF) {
		/* It has asked all that it will, and may wait for the answers (RFC 7766 section 6.2.4). */
		connection->is_last = true;
		read_on(connection);
		return;
	}
	if (n < 0) {
		connection_end(connection);
		return;
	}
	connection->have += (size_t)n;
	read_on(connection);
}

/* Takes what is there, and reads on where more may be taken. */
static void read_on(struct connection *connection)
{
	uv_stream_t *stream = (uv_stream_t *)&connection->tcp;
	bool may;

	connection->is_taking = true;
	queries_take(connection);
	connection->is_taking = false;
	if (uv_is_closing((uv_handle_t *)stream))
		return;
	if (connection->is_last) {
		connection_drain(connection);
		return;
	}
	may = connection->n_waiting < LIMIT_DNS_TCP_QUERIES;
	if (may && !connection->is_reading)
		uv_read_start(stream, room_give, came);
	if (!may && connection->is_reading)
		uv_read_stop(stream);
	connection->is_reading = may;
}

/* --- the beginning ------------------------------------------------------------------------------------- */

static struct ip_addr peer_of(const uv_tcp_t *tcp)
{
	struct sockaddr_storage from = {0};
	int length = sizeof(from);

	uv_tcp_getpeername(tcp, (struct sockaddr *)&from, &length);
	return client_of(&from);
}

static bool may_connect(const struct dns_server *server, const struct ip_addr *client)
{
	unsigned int n = 0;

	for (const struct connection *c = server->connections; c; c = c->next)
		n += ip_addr_equal(&c->client, client);
	return server->n_connections <= LIMIT_DNS_TCP && n <= LIMIT_DNS_TCP_PER_CLIENT;
}

static void connected(uv_stream_t *stream, int status);

static void refused(uv_handle_t *handle)
{
	struct place *place = handle->data;

	place->is_refusing = false;
	if (place->is_deaf && !uv_is_closing((uv_handle_t *)&place->tcp)) {
		place->is_deaf = false;
		connected((uv_stream_t *)&place->tcp, 0);
	}
	place_unref(place);
}

/*
 * There is no memory for it. It has to be taken all the same: libuv listens no more until the connection that it has in hand is taken, and then nobody would come
 * in over TCP any more.
 */
static void refuse(struct place *place)
{
	place->is_deaf = place->is_refusing;
	if (place->is_deaf)
		return;
	place->is_refusing = true;
	place->refs++;
	uv_tcp_init(place->server->loop, &place->refused);
	place->refused.data = place;
	uv_accept((uv_stream_t *)&place->tcp, (uv_stream_t *)&place->refused);
	uv_close((uv_handle_t *)&place->refused, refused);
}

static void connected(uv_stream_t *stream, int status)
{
	struct place *place = stream->data;
	struct dns_server *server = place->server;
	struct connection *c = status ? NULL : server->allocate(1, sizeof(*c));

	if (!c) {
		if (!status)
			refuse(place);
		return;
	}
	c->place = place;
	place->refs++;
	c->refs = 2;
	uv_tcp_init(server->loop, &c->tcp);
	uv_timer_init(server->loop, &c->idle);
	c->tcp.data = c->idle.data = c;
	c->next = server->connections;
	server->connections = c;
	server->n_connections++;
	if (uv_accept(stream, (uv_stream_t *)&c->tcp)) {
		connection_end(c);
		return;
	}
	c->client = peer_of(&c->tcp);
	if (!may_connect(server, &c->client)) {
		connection_end(c);
		return;
	}
	/* Answers are short and written one by one: Nagle would hold back each but the first until the client acknowledges it. */
	uv_tcp_nodelay(&c->tcp, 1);
	uv_timer_start(&c->idle, silent, server->idle_ms, server->idle_ms);
	read_on(c);
}

int tcp_start(struct place *place, int fd)
{
	int ret = uv_tcp_open(&place->tcp, fd);

	/* It listens already: what may fail did so where the socket was made. */
	if (!ret)
		uv_listen((uv_stream_t *)&place->tcp, BACKLOG, connected);
	return ret;
}
