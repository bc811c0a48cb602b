/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What server.c, server_udp.c and the files of connections share. */
#pragma once

#include <netinet/in.h>
#include <sys/types.h>

#include "dns_server.h"

struct connection_kind;
struct tls_credentials;
struct udp_batch;

struct dns_server {
	uv_loop_t *loop;
	struct dns_resolver *resolver;
	struct place **places; /* n, owned */
	size_t n;
	unsigned int refs; /* its maker and its places */
	unsigned int n_connections;
	struct connection *connections;
	struct udp_batch *batch; /* owned */
	struct tls_credentials *identity; /* a reference; NULL: none */
	__u64 idle_ms; /* LIMIT_DNS_TCP_IDLE_MS, and for a handshake; tests have less time */
	__u64 tls_idle_ms; /* LIMIT_DNS_TLS_IDLE_MS */
	void *(*allocate)(size_t n, size_t size); /* calloc(), but in tests */
};

/* One address that is listened on. Whoever waits for an answer keeps it. */
struct place {
	struct dns_server *server;
	unsigned int refs;
	const struct connection_kind *kind; /* of connections there */
	struct ip_net segment;
	bool has_segment, has_tcp, is_kept;
	bool is_one_by_one; /* answers are sent each by itself: several as one message do not go there */
	int udp_fd;
	ino_t udp_inode,
		tcp_inode; /* the sockets, by which others of their descriptors are known */
	uv_poll_t udp;
	uv_tcp_t tcp;
	uv_tcp_t refused; /* a connection that there was no memory for, while it is closed */
	bool is_refusing, is_deaf; /* another one waits until then */
};

void place_unref(struct place *place);
static inline const struct ip_net *place_segment(const struct place *place)
{
	return place->has_segment ? &place->segment : NULL;
}

/* Whose address that is; zero where the kernel said none. */
static inline struct ip_addr client_of(const struct sockaddr_storage *from)
{
	if (from->ss_family == AF_INET)
		return ip_addr_from_v4(((const struct sockaddr_in *)from)->sin_addr.s_addr);
	return ip_addr_from_v6(((const struct sockaddr_in6 *)from)->sin6_addr.s6_addr);
}

/* --- server_udp.c ------------------------------------------------------------------------------ */

struct udp_batch *udp_batch_make(void);
void udp_start(struct place *place);
/* All that lies there now. */
void udp_read(struct place *place);

/* --- server_tcp.c ------------------------------------------------------------------------------ */

/* 0 or a libuv error; then @fd is still the caller's. place->tcp is initialised. */
int tcp_start(struct place *place, int fd);
/* Ends the connections that came in there: when what they asked is answered, or now. */
void tcp_end(struct place *place, bool now);
void tcp_end_all(struct dns_server *server);
