// SPDX-License-Identifier: GPL-2.0-or-later
#include "hosts_sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "hosts_wire.h"
#include "port_holder.h"

/* A house of laptops that all wake up at once. */
#define BACKLOG 64

static int socket_make(const struct plan_hosts_listener *at)
{
	const struct sockaddr_in addr = {.sin_family = AF_INET,
					 .sin_port = htons(HOSTS_WIRE_PORT),
					 .sin_addr.s_addr = ip_addr_v4(&at->addr)};
	_close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int ifindex = (int)at->ifindex;

	if (fd < 0)
		return -errno;
	/* SO_REUSEADDR: connections of before are in TIME_WAIT. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) ||
	    setsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &ifindex, sizeof(ifindex)) ||
	    bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) || listen(fd, BACKLOG))
		return -errno;
	return TAKE_FD(fd);
}

static bool is_at(const struct plan_hosts_listener *a, const struct plan_hosts_listener *b)
{
	return a->ifindex == b->ifindex && ip_addr_equal(&a->addr, &b->addr);
}

static struct hosts_socket *socket_find(struct hosts_sockets *sockets,
					const struct plan_hosts_listener *at)
{
	for (size_t i = 0; i < sockets->n; i++) {
		if (is_at(&sockets->list[i].at, at))
			return &sockets->list[i];
	}
	return NULL;
}

static void say_why(const struct plan_hosts_listener *at, int error, struct strbuf *why)
{
	char text[IP_TEXT_MAX];

	strbuf_add(why, "hosts-service: %s port %u/tcp: %s", ip_addr_format(&at->addr, text),
		   HOSTS_WIRE_PORT, strerror(-error));
	if (error == -EADDRINUSE) {
		strbuf_add(why, ": ");
		port_holder_explain(&at->addr, HOSTS_WIRE_PORT, IPPROTO_TCP, why);
	}
	strbuf_add(why, "\n");
}

int hosts_sockets_open(struct hosts_sockets *sockets, const struct plan_hosts *hosts,
		       struct strbuf *why)
{
	for (size_t i = 0; i < hosts->n_listeners; i++) {
		const struct plan_hosts_listener *at = &hosts->listeners[i];
		int fd;

		if (socket_find(sockets, at))
			continue;
		fd = socket_make(at);
		if (fd < 0) {
			say_why(at, fd, why);
			hosts_sockets_forget(sockets);
			return fd;
		}
		sockets->list[sockets->n++] =
			(struct hosts_socket){.at = *at, .fd = fd, .is_new = true};
	}
	return 0;
}

void hosts_sockets_forget(struct hosts_sockets *sockets)
{
	size_t n = 0;

	for (size_t i = 0; i < sockets->n; i++) {
		if (sockets->list[i].is_new)
			close(sockets->list[i].fd);
		else
			sockets->list[n++] = sockets->list[i];
	}
	sockets->n = n;
}

bool hosts_sockets_keep(struct hosts_sockets *sockets, const struct plan_hosts *hosts)
{
	struct hosts_sockets next = {0};
	bool differs = sockets->n != hosts->n_listeners;

	for (size_t i = 0; i < hosts->n_listeners; i++) {
		struct hosts_socket *one = socket_find(sockets, &hosts->listeners[i]);

		differs = differs || one->is_new || one != &sockets->list[i];
		next.list[next.n] = *one;
		next.list[next.n++].is_new = false;
		one->fd = -1;
	}
	for (size_t i = 0; i < sockets->n; i++) {
		if (sockets->list[i].fd >= 0)
			close(sockets->list[i].fd);
	}
	*sockets = next;
	return differs;
}
