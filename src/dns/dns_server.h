/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sockets that clients ask on. They are made by whoever may bind port 53 and passed in; this only reads and writes them.
 *
 * UDP is read and answered in batches. Over TCP (RFC 7766) queries of one connection overlap and are answered as they come to be known; connections are
 * few, for each client too, and end when they are idle.
 *
 * One process, one thread, one loop.
 */
#pragma once

#include "resolver.h"

/* What is spoken there over TCP. UDP is always as it is. */
enum dns_listener_kind {
	DNS_LISTENER_PLAIN,
	DNS_LISTENER_TLS, /* RFC 7858 */
	DNS_LISTENER_HTTPS, /* RFC 8484, over HTTP/2, at DNS_HTTPS_PATH */
};

#define DNS_HTTPS_PATH "/dns-query"

struct dns_listener {
	int udp, tcp; /* bound, tcp listening too; -1: none. Owned from dns_server_listen() on */
	enum dns_listener_kind kind;
	struct ip_net segment; /* whose clients these are */
	bool has_segment;
};

struct dns_server;

/* NULL: no memory. @resolver has to last as long. */
struct dns_server *dns_server_make(uv_loop_t *loop, struct dns_resolver *resolver);

/*
 * Who we are under TLS, from the next connection on; the server has a reference of its own. NULL: nobody, and whoever comes to such a listener is sent away.
 */
struct tls_credentials;
void dns_server_set_identity(struct dns_server *server, struct tls_credentials *identity);

/*
 * Takes @listeners instead of those before. A socket of before, by whichever descriptor, goes on as if nothing had happened. What came on one that is not among the new
 * ones is still answered: it is read to its end before it is closed. 0; -ENOMEM: the old ones stay and the new ones are closed.
 */
int dns_server_listen(struct dns_server *server, const struct dns_listener *listeners, size_t n);

/* Frees it when the loop has let go of its handles. */
void dns_server_free(struct dns_server *server);
