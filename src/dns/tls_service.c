// SPDX-License-Identifier: GPL-2.0-or-later
#include "tls_service.h"

#include <errno.h>
#include <hairpin/limits.h>
#include <unistd.h>

#include "setup_tls.h"
#include "tls.h"

/* What stands in front of the sockets: what we say of ourselves, and who we are. */
#define FILES 2

int tls_service_init(struct tls_service *service, uv_loop_t *loop, struct dns_resolver *resolver)
{
	*service = (struct tls_service){.server = dns_server_make(loop, resolver),
					.resolver = resolver};
	return service->server ? 0 : -ENOMEM;
}

/* A listener for each place and service. */
static int listen_there(struct tls_service *service, const struct dns_designated *designated,
			const int *sockets)
{
	struct dns_listener listeners[2 * LIMIT_DNS_LISTENERS];
	size_t places = designated->n_places, n = designated->https ? 2 * places : places;

	for (size_t i = 0; i < n; i++)
		listeners[i] = (struct dns_listener){
			.udp = -1,
			.tcp = sockets[i],
			.kind = i < places ? DNS_LISTENER_TLS : DNS_LISTENER_HTTPS,
			.segment = designated->places[i % places].segment,
			.has_segment = true};
	return dns_server_listen(service->server, listeners, n);
}

static void sockets_close(const int *sockets, size_t n)
{
	for (size_t i = 0; i < n; i++)
		close(sockets[i]);
}

static bool do_fit(const struct dns_designated *designated, size_t n_sockets)
{
	return designated->n_places <= LIMIT_DNS_LISTENERS &&
	       n_sockets == designated->n_places * (designated->https ? 2 : 1);
}

static int service_begin(struct tls_service *service, const int *fds, size_t n_fds)
{
	struct dns_designated designated = {0};
	struct tls_credentials *identity = tls_identity_load(fds[1]);
	int ret = identity ? dns_setup_tls_read(fds[0], &designated) : -EINVAL;

	if (!ret && !do_fit(&designated, n_fds - FILES))
		ret = -EINVAL;
	if (ret)
		sockets_close(fds + FILES, n_fds - FILES);
	else
		ret = listen_there(service, &designated, fds + FILES);
	if (ret) {
		dns_designated_fini(&designated);
	} else {
		dns_server_set_identity(service->server, identity);
		dns_designated_fini(&service->resolver->designated);
		service->resolver->designated = designated;
	}
	tls_credentials_unref(identity);
	return ret;
}

int tls_service_take(struct tls_service *service, const int *fds, size_t n_fds)
{
	int ret;

	if (n_fds)
		return n_fds < FILES ? -EINVAL : service_begin(service, fds, n_fds);
	ret = dns_server_listen(service->server, NULL, 0);
	if (ret)
		return ret;
	dns_server_set_identity(service->server, NULL);
	dns_designated_fini(&service->resolver->designated);
	return 0;
}
