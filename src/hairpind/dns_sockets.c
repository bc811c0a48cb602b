// SPDX-License-Identifier: GPL-2.0-or-later
#include "dns_sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cleanup.h"
#include "port_holder.h"

#define PORT_PLAIN 53
#define PORT_TLS 853 /* RFC 7858 section 3.1 */
#define BACKLOG 64
/* A burst of a whole house lies here while the process is started anew; the default loses some 400 packets of it. */
#define RECEIVE_BYTES (4 * 1024 * 1024)

static int socket_make(const struct ip_addr *addr, __u16 port, int type)
{
	bool is_v4 = ip_addr_is_v4(addr);
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
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
	if (socket->udp >= 0)
		close(socket->udp);
	close(socket->tcp);
}

/* The @i-th that @wanted needs, in the order of dns_sockets.order; false: there are no more. Without its descriptors. */
static bool wanted_at(struct dns_sockets_for wanted, size_t i, struct dns_socket *ret)
{
	const struct plan_dns *dns = wanted.dns;
	bool has_tls = wanted.has_tls && dns->tls.on;
	const __u16 ports[DNS_SOCKET_KINDS] = {PORT_PLAIN, has_tls ? PORT_TLS : 0,
					       has_tls ? dns->tls.https : 0};
	size_t kind = dns->n_listeners ? i / dns->n_listeners : DNS_SOCKET_KINDS;

	if (kind >= DNS_SOCKET_KINDS || !ports[kind])
		return false;
	*ret = (struct dns_socket){.addr = dns->listeners[i % dns->n_listeners].addr,
				   .port = ports[kind]};
	return true;
}

static struct dns_socket *socket_find(struct dns_sockets *sockets, const struct dns_socket *want)
{
	for (size_t i = 0; i < sockets->n; i++) {
		struct dns_socket *one = &sockets->list[i];

		if (one->port == want->port && ip_addr_equal(&one->addr, &want->addr))
			return one;
	}
	return NULL;
}

static void say_why(const struct dns_socket *socket, bool is_udp, int error, struct strbuf *why)
{
	char text[IP_TEXT_MAX];

	strbuf_add(why, "%s: %s port %u/%s: %s", socket->port == PORT_PLAIN ? "dns" : "dns.tls",
		   ip_addr_format(&socket->addr, text), socket->port, is_udp ? "udp" : "tcp",
		   strerror(-error));
	if (error == -EADDRINUSE) {
		strbuf_add(why, ": ");
		port_holder_explain(&socket->addr, socket->port, is_udp ? IPPROTO_UDP : IPPROTO_TCP,
				    why);
	}
	strbuf_add(why, "\n");
}

static int socket_open(struct dns_sockets *sockets, const struct dns_socket *want,
		       struct strbuf *why)
{
	struct dns_socket *made = &sockets->list[sockets->n];
	int udp = -1, tcp;

	if (want->port == PORT_PLAIN) {
		udp = socket_make(&want->addr, want->port, SOCK_DGRAM);
		if (udp < 0) {
			say_why(want, true, udp, why);
			return udp;
		}
	}
	tcp = socket_make(&want->addr, want->port, SOCK_STREAM);
	if (tcp < 0) {
		say_why(want, false, tcp, why);
		if (udp >= 0)
			close(udp);
		return tcp;
	}
	*made = *want;
	made->udp = udp;
	made->tcp = tcp;
	made->is_new = true;
	sockets->n++;
	return 0;
}

static bool is_wanted(struct dns_sockets_for wanted, const struct dns_socket *socket)
{
	struct dns_socket want;

	for (size_t i = 0; wanted_at(wanted, i, &want); i++) {
		if (want.port == socket->port && ip_addr_equal(&want.addr, &socket->addr))
			return true;
	}
	return false;
}

/* Takes out what @wanted does not need, or what is new where nothing is; the others move up. */
static void sockets_drop(struct dns_sockets *sockets, struct dns_sockets_for wanted)
{
	size_t n = 0;

	for (size_t i = 0; i < sockets->n; i++) {
		struct dns_socket *one = &sockets->list[i];

		if (wanted.dns ? is_wanted(wanted, one) : !one->is_new)
			sockets->list[n++] = *one;
		else
			socket_close(one);
	}
	sockets->n = n;
}

void dns_sockets_forget(struct dns_sockets *sockets)
{
	sockets_drop(sockets, (struct dns_sockets_for){0});
}

int dns_sockets_open(struct dns_sockets *sockets, struct dns_sockets_for wanted, struct strbuf *why)
{
	struct dns_socket want;

	for (size_t i = 0; wanted_at(wanted, i, &want); i++) {
		int ret = socket_find(sockets, &want) ? 0 : socket_open(sockets, &want, why);

		if (ret) {
			dns_sockets_forget(sockets);
			return ret;
		}
	}
	return 0;
}

void dns_sockets_keep(struct dns_sockets *sockets, struct dns_sockets_for wanted)
{
	struct dns_socket want;

	sockets_drop(sockets, wanted);
	sockets->n_order = 0;
	sockets->n_plain = wanted.dns->n_listeners;
	for (size_t i = 0; wanted_at(wanted, i, &want); i++) {
		struct dns_socket *one = socket_find(sockets, &want);

		one->is_new = false;
		sockets->order[sockets->n_order++] = (size_t)(one - sockets->list);
	}
}

size_t dns_sockets_list(const struct dns_sockets *sockets, int *fds)
{
	for (size_t i = 0; i < sockets->n_plain; i++) {
		fds[2 * i] = sockets->list[sockets->order[i]].udp;
		fds[2 * i + 1] = sockets->list[sockets->order[i]].tcp;
	}
	return 2 * sockets->n_plain;
}

size_t dns_sockets_list_tls(const struct dns_sockets *sockets, int *fds)
{
	for (size_t i = sockets->n_plain; i < sockets->n_order; i++)
		*fds++ = sockets->list[sockets->order[i]].tcp;
	return sockets->n_order - sockets->n_plain;
}

void dns_sockets_fini(struct dns_sockets *sockets)
{
	for (size_t i = 0; i < sockets->n; i++)
		socket_close(&sockets->list[i]);
	sockets->n = 0;
}
