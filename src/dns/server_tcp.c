// SPDX-License-Identifier: GPL-2.0-or-later
/* Connections of clients from their beginning to their end, whatever is spoken on them. */
#include <errno.h>
#include <hairpin/limits.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "connection.h"

#define BACKLOG 64

/* --- the end ------------------------------------------------------------------------------------------ */

static void connection_unref(struct connection *connection)
{
	const struct connection_kind *kind = connection->place->kind;

	if (--connection->refs)
		return;
	if (kind->fini)
		kind->fini(connection);
	place_unref(connection->place);
	free(connection);
}

static void timer_closed(uv_handle_t *handle)
{
	connection_unref(handle->data);
}

static void stream_closed(struct stream *stream)
{
	connection_unref((struct connection *)stream);
}

void connection_end(struct connection *connection)
{
	struct dns_server *server = connection->place->server;
	struct connection **at = &server->connections;

	if (connection_is_over(connection))
		return;
	while (*at != connection)
		at = &(*at)->next;
	*at = connection->next;
	server->n_connections--;
	stream_close(&connection->stream);
	uv_close((uv_handle_t *)&connection->idle, timer_closed);
}

/* Takes no more, and ends when all is answered and fetched; who does not fetch is ended by the timer. */
static void connection_drain(struct connection *connection)
{
	const struct connection_kind *kind = connection->place->kind;
	bool is_through = !kind->is_through || kind->is_through(connection);

	connection->is_last = true;
	/* Until then the client says what it has fetched. */
	if (is_through)
		stream_hold(&connection->stream);
	if (is_through && !connection->n_waiting && !stream_queued(&connection->stream))
		connection_end(connection);
}

void tcp_end(struct place *place, bool now)
{
	struct connection *next;

	for (struct connection *c = place->server->connections; c; c = next) {
		next = c->next;
		if (c->place != place)
			continue;
		if (now || !c->has_begun) {
			connection_end(c);
			continue;
		}
		if (place->kind->leave)
			place->kind->leave(c);
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

void connection_is_alive(struct connection *connection)
{
	uv_timer_again(&connection->idle);
}

/* --- queries ------------------------------------------------------------------------------------------ */

/* Takes what is there, and reads on where more may be taken. */
static void go_on(struct connection *connection)
{
	int ret;

	if (!connection->has_begun || connection_is_over(connection))
		return;
	connection->is_taking = true;
	ret = connection->place->kind->came(connection);
	connection->is_taking = false;
	if (ret)
		connection_end(connection);
	if (connection_is_over(connection))
		return;
	if (connection->is_last)
		connection_drain(connection);
	else if (connection->n_waiting < LIMIT_DNS_TCP_QUERIES)
		stream_go_on(&connection->stream);
	else
		stream_hold(&connection->stream);
}

void connection_wait(struct connection *connection, const struct dns_asked *asked,
		     const struct dns_query *query, struct dns_waiting *waiting)
{
	connection->refs++;
	connection->n_waiting++;
	dns_resolver_wait(connection->place->server->resolver, asked, query, waiting);
}

void connection_waited(struct connection *connection)
{
	connection->n_waiting--;
	if (!connection->is_taking)
		go_on(connection);
	connection_unref(connection);
}

/* From here on it is not the handshake that is waited for. */
static int begin(struct connection *connection)
{
	const struct place *place = connection->place;
	const struct dns_server *server = place->server;
	__u64 idle_ms = place->kind->alpn ? server->tls_idle_ms : server->idle_ms;

	connection->has_begun = true;
	uv_timer_start(&connection->idle, silent, idle_ms, idle_ms);
	return place->kind->begin ? place->kind->begin(connection) : 0;
}

static void ready(struct stream *stream)
{
	struct connection *connection = (struct connection *)stream;

	if (!connection->has_begun && begin(connection))
		connection_end(connection);
	go_on(connection);
}

static void sent(struct stream *stream)
{
	struct connection *connection = (struct connection *)stream;

	if (connection->is_last)
		connection_drain(connection);
}

static void broken(struct stream *stream)
{
	connection_end((struct connection *)stream);
}

static const struct stream_events events = {
	.ready = ready, .sent = sent, .broken = broken, .closed = stream_closed};

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

/* Under TLS, where that is spoken there. Whoever is one too many costs no session of it. */
static int secure(struct connection *connection)
{
	const struct connection_kind *kind = connection->place->kind;
	struct tls_credentials *identity = connection->place->server->identity;
	struct tls *tls;

	if (!kind->alpn)
		return 0;
	tls = identity ? tls_server_make(identity, kind->alpn, kind->is_alpn_due) : NULL;
	if (!tls)
		return -ENOMEM;
	stream_secure(&connection->stream, tls);
	return 0;
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
	stream_init(&c->stream, server->loop, &events);
	uv_timer_init(server->loop, &c->idle);
	c->idle.data = c;
	c->next = server->connections;
	server->connections = c;
	server->n_connections++;
	if (stream_accept(&c->stream, stream)) {
		connection_end(c);
		return;
	}
	c->client = peer_of(&c->stream.tcp);
	if (!may_connect(server, &c->client) || secure(c)) {
		connection_end(c);
		return;
	}
	uv_timer_start(&c->idle, silent, server->idle_ms, server->idle_ms);
}

int tcp_start(struct place *place, int fd)
{
	int ret = uv_tcp_open(&place->tcp, fd);

	/* It listens already: what may fail did so where the socket was made. */
	if (!ret)
		uv_listen((uv_stream_t *)&place->tcp, BACKLOG, connected);
	return ret;
}
