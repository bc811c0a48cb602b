/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DNS over TLS and HTTPS for clients, as the daemon says: our certificate, the sockets, and that we tell who asks where they are. */
#pragma once

#include "dns_server.h"

/* All-zero but for what tls_service_init() sets: it is off. */
struct tls_service {
	/* Its own, so that connections which do not end their handshake take no place of those over TCP. */
	struct dns_server *server;
	struct dns_resolver *resolver;
};

/* 0 or -ENOMEM. @resolver has to last as long. */
int tls_service_init(struct tls_service *service, uv_loop_t *loop, struct dns_resolver *resolver);

/*
 * Puts what DNS_MESSAGE_TLS brought in force; no descriptor: it is off. The first two stay the caller's, the others are taken whatever comes of it. 0 or -errno, and
 * then what was before goes on.
 */
int tls_service_take(struct tls_service *service, const int *fds, size_t n_fds);
