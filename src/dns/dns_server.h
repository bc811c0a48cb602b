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

struct dns_listener {
	int udp, tcp; /* bound, tcp listening too; -1: none. Owned from dns_server_listen() on */
	struct ip_net segment; /* whose clients these are */
	bool has_segment;
};

struct dns_server;

/* NULL: no memory. @resolver has to last as long. */
struct dns_server *dns_server_make(uv_loop_t *loop, struct dns_resolver *resolver);

/*
 * Takes @listeners instead of those before. A socket of before, by whichever descriptor, goes on as if nothing had happened. What came on one that is not among the new
 * ones is still answered: it is read to its end before it is closed. 0; -ENOMEM: the old ones stay and the new ones are closed.
 */
int dns_server_listen(struct dns_server *server, const struct dns_listener *listeners, size_t n);

/* Frees it when the loop has let go of its handles. */
void dns_server_free(struct dns_server *server);
