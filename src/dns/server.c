// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <hairpin/limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connection.h"
#include "tls.h"

static const struct connection_kind *const kinds[] = {
	[DNS_LISTENER_PLAIN] = &connection_kind_plain,
	[DNS_LISTENER_TLS] = &connection_kind_dot,
	[DNS_LISTENER_HTTPS] = &connection_kind_doh,
};

struct dns_server *dns_server_make(uv_loop_t *loop, struct dns_resolver *resolver)
{
	struct dns_server *server = calloc(1, sizeof(*server));

	if (!server)
		return NULL;
	server->batch = udp_batch_make();
	if (!server->batch) {
		free(server);
		return NULL;
	}
	server->loop = loop;
	server->resolver = resolver;
	server->refs = 1;
	server->idle_ms = LIMIT_DNS_TCP_IDLE_MS;
	server->tls_idle_ms = LIMIT_DNS_TLS_IDLE_MS;
	server->allocate = calloc;
	return server;
}

static void server_unref(struct dns_server *server)
{
	if (--server->refs)
		return;
	tls_credentials_unref(server->identity);
	free(server->batch);
	free(server->places);
	free(server);
}

void place_unref(struct place *place)
{
	if (--place->refs)
		return;
	if (place->udp_fd >= 0)
		close(place->udp_fd);
	server_unref(place->server);
	free(place);
}

static void closed(uv_handle_t *handle)
{
	place_unref(handle->data);
}

static void place_close(struct place *place, bool now)
{
	if (place->udp_fd >= 0) {
		if (!now)
			udp_read(place);
		uv_close((uv_handle_t *)&place->udp, closed);
	}
	if (place->has_tcp) {
		tcp_end(place, now);
		uv_close((uv_handle_t *)&place->tcp, closed);
	}
	place_unref(place);
}

static ino_t inode_of(int fd)
{
	struct stat status;

	return fd >= 0 && !fstat(fd, &status) ? status.st_ino : 0;
}

static void listener_close(const struct dns_listener *listener)
{
	if (listener->udp >= 0)
		close(listener->udp);
	if (listener->tcp >= 0)
		close(listener->tcp);
}

/* Both sockets or none: half a listener would answer some clients, and nobody would see why not the others. NULL: no memory; the sockets are closed. */
static struct place *place_make(struct dns_server *server, const struct dns_listener *listener)
{
	struct place *place = server->allocate(1, sizeof(*place));
	int udp = listener->udp, tcp = listener->tcp;
	bool failed = !place;

	if (place) {
		*place = (struct place){.server = server,
					.refs = 1,
					.udp_fd = -1,
					.kind = kinds[listener->kind],
					.segment = listener->segment,
					.has_segment = listener->has_segment,
					.udp_inode = inode_of(udp),
					.tcp_inode = inode_of(tcp)};
		server->refs++;
	}
	if (place && udp >= 0) {
		failed = uv_poll_init_socket(server->loop, &place->udp, udp);
		if (!failed) {
			place->udp_fd = udp;
			place->udp.data = place;
			place->refs++;
			udp_start(place);
			udp = -1;
		}
	}
	if (place && tcp >= 0 && !failed) {
		uv_tcp_init(server->loop, &place->tcp);
		place->has_tcp = true;
		place->tcp.data = place;
		place->refs++;
		failed = tcp_start(place, tcp);
		if (!failed)
			tcp = -1;
	}
	listener_close(&(struct dns_listener){.udp = udp, .tcp = tcp});
	if (failed && place)
		place_close(place, true);
	return failed ? NULL : place;
}

/*
 * The place that listens on these sockets already, through descriptors of its own. It stays as it is, its connections with it: a reload that changes a
 * name is no reason to send clients away.
 */
static struct place *place_find(const struct dns_server *server,
				const struct dns_listener *listener)
{
	ino_t udp = inode_of(listener->udp), tcp = inode_of(listener->tcp);

	for (size_t i = 0; i < server->n; i++) {
		struct place *place = server->places[i];

		if (!place->is_kept && place->kind == kinds[listener->kind] &&
		    place->udp_inode == udp && place->tcp_inode == tcp)
			return place;
	}
	return NULL;
}

static struct place *place_take(struct dns_server *server, const struct dns_listener *listener)
{
	struct place *place = place_find(server, listener);

	if (!place)
		return place_make(server, listener);
	listener_close(listener);
	place->is_kept = true;
	return place;
}

/* Of those before: what was to be kept goes on as ever. */
static void places_undo(struct place **places, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!places[i]->is_kept)
			place_close(places[i], true);
		places[i]->is_kept = false;
	}
	free(places);
}

void dns_server_set_identity(struct dns_server *server, struct tls_credentials *identity)
{
	struct tls_credentials *old = server->identity;

	server->identity = identity ? tls_credentials_ref(identity) : NULL;
	tls_credentials_unref(old);
}

int dns_server_listen(struct dns_server *server, const struct dns_listener *listeners, size_t n)
{
	struct place **places = server->allocate(n + 1, sizeof(struct place *)),
		     **old = server->places;
	size_t n_old = server->n, made = 0;

	while (places && made < n && (places[made] = place_take(server, &listeners[made])))
		made++;
	if (!places || made < n) {
		for (size_t i = places ? made + 1 : 0; i < n; i++)
			listener_close(&listeners[i]);
		places_undo(places, made);
		return -ENOMEM;
	}
	server->places = places;
	server->n = n;
	for (size_t i = 0; i < n_old; i++) {
		if (!old[i]->is_kept)
			place_close(old[i], false);
	}
	for (size_t i = 0; i < n; i++) {
		places[i]->is_kept = false;
		places[i]->segment = listeners[i].segment;
		places[i]->has_segment = listeners[i].has_segment;
	}
	free(old);
	return 0;
}

void dns_server_free(struct dns_server *server)
{
	if (!server)
		return;
	for (size_t i = 0; i < server->n; i++)
		place_close(server->places[i], true);
	/* Those of listeners before, which have their answers still to come. */
	tcp_end_all(server);
	server->n = 0;
	server_unref(server);
}
