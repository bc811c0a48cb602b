// SPDX-License-Identifier: GPL-2.0-or-later
#include "dns_sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cleanup.h"
#include "port_holder.h"

#define PORT 53
#define BACKLOG 64
/* A burst of a whole house lies here while the process is started anew; the default loses some 400 packets of it. */
#define RECEIVE_BYTES (4 * 1024 * 1024)

static int socket_make(const struct ip_addr *addr, int type)
{
	bool is_v4 = ip_addr_is_v4(addr);
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(PORT)};
	_close_ int fd = socket(is_v4 ? AF_INET : AF_INET6, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int ret;

	if (fd < 0)
		return -errno;
	/* TCP: connections of a process before are in TIME_WAIT. Not for UDP, where two could then share the port and each get some queries. */
	if (type == SOCK_STREAM && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)))
		return -errno;
	/* As much as the machine allows, if not as much as we want. */
	if (type == SOCK_DGRAM &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &(int){RECEIVE_BYTES}, sizeof(int)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){RECEIVE_BYTES}, sizeof(int));
	if (is_v4)
		v4.sin_addr.s_addr = ip_addr_v4(addr);
	else
		memcpy(&v6.sin6_addr, addr->b, sizeof(v6.sin6_addr));
	ret = is_v4 ? bind(fd, (const struct sockaddr *)&v4, sizeof(v4))
		    : bind(fd, (const struct sockaddr *)&v6, sizeof(v6));
	if (ret || (type == SOCK_STREAM && listen(fd, BACKLOG)))
		return -errno;
	return TAKE_FD(fd);
}

static void socket_close(struct dns_socket *socket)
{
	close(socket->udp);
	close(socket->tcp);
}

static struct dns_socket *socket_find(struct dns_sockets *sockets, const struct ip_addr *addr)
{
	for (size_t i = 0; i < sockets->n; i++) {
		if (ip_addr_equal(&sockets->list[i].addr, addr))
			return &sockets->list[i];
	}
	return NULL;
}

static void say_why(const struct ip_addr *addr, bool is_udp, int error, struct strbuf *why)
{
	char text[IP_TEXT_MAX];

	strbuf_add(why, "dns: %s port 53/%s: %s", ip_addr_format(addr, text),
		   is_udp ? "udp" : "tcp", strerror(-error));
	if (error == -EADDRINUSE) {
		strbuf_add(why, ": ");
		port_holder_explain(addr, PORT, is_udp ? IPPROTO_UDP : IPPROTO_TCP, why);
	}
	strbuf_add(why, "\n");
}

static int socket_open(struct dns_sockets *sockets, const struct ip_addr *addr, struct strbuf *why)
{
	struct dns_socket *made = &sockets->list[sockets->n];
	int udp = socket_make(addr, SOCK_DGRAM), tcp;

	if (udp < 0) {
		say_why(addr, true, udp, why);
		return udp;
	}
	tcp = socket_make(addr, SOCK_STREAM);
	if (tcp < 0) {
		say_why(addr, false, tcp, why);
		close(udp);
		return tcp;
	}
	*made = (struct dns_socket){.addr = *addr, .udp = udp, .tcp = tcp, .is_new = true};
	sockets->n++;
	return 0;
}

/* Takes out those that @goes() says, the others move up. */
static void sockets_drop(struct dns_sockets *sockets, const struct plan_dns *dns)
{
	size_t n = 0;

	for (size_t i = 0; i < sockets->n; i++) {
		struct dns_socket *one = &sockets->list[i];
		bool stays = !dns && !one->is_new;

		for (size_t k = 0; dns && k < dns->n_listeners && !stays; k++)
			stays = ip_addr_equal(&dns->listeners[k].addr, &one->addr);
		if (stays)
			sockets->list[n++] = *one;
		else
			socket_close(one);
	}
	sockets->n = n;
}

void dns_sockets_forget(struct dns_sockets *sockets)
{
	sockets_drop(sockets, NULL);
}

int dns_sockets_open(struct dns_sockets *sockets, const struct plan_dns *dns, struct strbuf *why)
{
	for (size_t i = 0; i < dns->n_listeners; i++) {
		int ret = 0;

		if (!socket_find(sockets, &dns->listeners[i].addr))
			ret = socket_open(sockets, &dns->listeners[i].addr, why);
		if (ret) {
			dns_sockets_forget(sockets);
			return ret;
		}
	}
	return 0;
}

void dns_sockets_keep(struct dns_sockets *sockets, const struct plan_dns *dns)
{
	sockets_drop(sockets, dns);
	sockets->n_order = 0;
	for (size_t i = 0; i < dns->n_listeners; i++) {
		struct dns_socket *one = socket_find(sockets, &dns->listeners[i].addr);

		one->is_new = false;
		sockets->order[sockets->n_order++] = (size_t)(one - sockets->list);
	}
}

size_t dns_sockets_list(const struct dns_sockets *sockets, int *fds)
{
	for (size_t i = 0; i < sockets->n_order; i++) {
		fds[2 * i] = sockets->list[sockets->order[i]].udp;
		fds[2 * i + 1] = sockets->list[sockets->order[i]].tcp;
	}
	return 2 * sockets->n_order;
}

void dns_sockets_fini(struct dns_sockets *sockets)
{
	for (size_t i = 0; i < sockets->n; i++)
		socket_close(&sockets->list[i]);
	sockets->n = 0;
}
