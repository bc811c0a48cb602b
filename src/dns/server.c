// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <hairpin/limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "server_internal.h"

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
	return server;
}

static void server_unref(struct dns_server *server)
{
	if (--server->refs)
		return;
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
	if (!place)
		return;
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

/* Takes the sockets that it can listen on, and closes the others. */
static struct place *place_make(struct dns_server *server, const struct dns_listener *listener)
{
	struct place *place = calloc(1, sizeof(*place));
	int udp = listener->udp, tcp = listener->tcp;

	if (place) {
		*place = (struct place){.server = server,
					.refs = 1,
					.udp_fd = -1,
					.segment = listener->segment,
					.has_segment = listener->has_segment};
		server->refs++;
	}
	if (place && udp >= 0 && !uv_poll_init_socket(server->loop, &place->udp, udp)) {
		place->udp_fd = udp;
		place->udp.data = place;
		place->refs++;
		udp_start(place);
		udp = -1;
	}
	if (place && tcp >= 0 && !uv_tcp_init(server->loop, &place->tcp)) {
		place->has_tcp = true;
		place->tcp.data = place;
		place->refs++;
		if (!tcp_start(place, tcp))
			tcp = -1;
	}
	if (udp >= 0)
		close(udp);
	if (tcp >= 0)
		close(tcp);
	return place;
}

int dns_server_listen(struct dns_server *server, const struct dns_listener *listeners, size_t n)
{
	struct place **places = calloc(n + 1, sizeof(struct place *)), **old = server->places;
	size_t n_old = server->n;

	for (size_t i = 0; i < n && places; i++)
		places[i] = place_make(server, &listeners[i]);
	if (!places) {
		for (size_t i = 0; i < n; i++) {
			close(listeners[i].udp);
			close(listeners[i].tcp);
		}
		return -ENOMEM;
	}
	server->places = places;
	server->n = n;
	for (size_t i = 0; i < n_old; i++)
		place_close(old[i], false);
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
