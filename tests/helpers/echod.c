// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * echod PORT...: answers on UDP and TCP, over IPv4 and IPv6, with the client's address and port as seen here.
 *
 * Over UDP each datagram gets that line. Over TCP the line comes at once, and the connection then stays until
 * the client closes it. The answer leaves from the address that was asked.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "helper.h"

#define CLIENTS_MAX 4096

enum role { ROLE_UDP, ROLE_LISTENER, ROLE_CLIENT };

/* Role and descriptor of an epoll event, in its 64 bits of data. */
static uint64_t tag(enum role role, int fd)
{
	return (uint64_t)role << 32 | (uint32_t)fd;
}

static void watch(int epoll, enum role role, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = tag(role, fd)};

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		die("epoll: %s", strerror(errno));
}

static void answer_datagrams(int fd)
{
	for (;;) {
		union endpoint peer;
		char data[2048], text[ENDPOINT_TEXT];
		char control[CMSG_SPACE(sizeof(struct in6_pktinfo))];
		struct iovec iov = {data, sizeof(data)};
		struct msghdr message = {.msg_name = &peer,
					 .msg_namelen = sizeof(peer),
					 .msg_iov = &iov,
					 .msg_iovlen = 1,
					 .msg_control = control,
					 .msg_controllen = sizeof(control)};

		if (recvmsg(fd, &message, 0) < 0)
			return;
		iov.iov_base = text;
		iov.iov_len = strlen(endpoint_format(&peer, text));
		/* The received in6_pktinfo goes back as it is: source address is the one asked, the device
		 * is left to the route, for a reply may leave by another one. */
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
				info.ipi6_ifindex = 0;
			memcpy(CMSG_DATA(c), &info, sizeof(info));
		}
		sendmsg(fd, &message, 0);
	}
}

static void accept_clients(int epoll, int listener)
{
	for (;;) {
		union endpoint peer;
		socklen_t size = sizeof(peer);
		char text[ENDPOINT_TEXT];
		int fd = accept4(listener, &peer.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		dprintf(fd, "%s\n", endpoint_format(&peer, text));
		watch(epoll, ROLE_CLIENT, fd);
	}
}

static void drain_client(int fd)
{
	char data[4096];
	ssize_t got = read(fd, data, sizeof(data));

	if (got == 0 || (got < 0 && errno != EAGAIN))
		close(fd);
}

static void serve_port(int epoll, uint16_t port)
{
	union endpoint local = {.v6 = {.sin6_family = AF_INET6,
				       .sin6_addr = in6addr_any,
				       .sin6_port = htons(port)}};
	int one = 1;
	int udp = socket_bound(&local, SOCK_DGRAM);
	int tcp = socket_bound(&local, SOCK_STREAM);

	if (setsockopt(udp, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, sizeof(one)) < 0)
		die("IPV6_RECVPKTINFO: %s", strerror(errno));
	if (listen(tcp, 4096) < 0)
		die("listen: %s", strerror(errno));
	watch(epoll, ROLE_UDP, udp);
	watch(epoll, ROLE_LISTENER, tcp);
}

static void serve_event(int epoll, uint64_t data)
{
	int fd = (int)(uint32_t)data;

	switch ((enum role)(data >> 32)) {
	case ROLE_UDP:
		answer_datagrams(fd);
		break;
	case ROLE_LISTENER:
		accept_clients(epoll, fd);
		break;
	case ROLE_CLIENT:
		drain_client(fd);
		break;
	}
}

int main(int argc, char **argv)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (argc < 2)
		die("usage: echod PORT...");
	descriptors_want(CLIENTS_MAX);
	for (int i = 1; i < argc; i++)
		serve_port(epoll, (uint16_t)number_parse(argv[i], 1, 65535, "port"));
	for (;;) {
		struct epoll_event events[64];
		int n = epoll_wait(epoll, events, 64, -1);

		for (int i = 0; i < n; i++)
			serve_event(epoll, events[i].data.u64);
	}
}
