// SPDX-License-Identifier: GPL-2.0-or-later
#include "inquiry_sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cleanup.h"

#define ANNOUNCE_GROUP 0xe0000001U /* 224.0.0.1 */

static struct sockaddr_in socket_address(__be32 addr, __u16 port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = addr};
}

static int socket_open(const struct inquiry *inquiry, const struct sockaddr_in *at)
{
	_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const char *device = inquiry->wanted.interface;
	const struct ip_mreqn out = {.imr_ifindex = (int)inquiry->wanted.ifindex};
	const int on = 1;

	if (fd < 0)
		return -1;
	/* Kernels before 5.7 leave the device to root; addresses are looked at in any case. */
	setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device));
	setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &out, sizeof(out));
	/* Other clients of PCP on this machine hear the announcements too. */
	if (at->sin_port)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)at, sizeof(*at)))
		return -1;
	return TAKE_FD(fd);
}

void inquiry_sockets_open(struct inquiry *inquiry)
{
	const struct sockaddr_in own = socket_address(ip_addr_v4(&inquiry->wanted.own), 0);
	const struct sockaddr_in announced =
		socket_address(htonl(ANNOUNCE_GROUP), PCP_ANNOUNCE_PORT);

	for (size_t i = 0; i < INQUIRY_SOCKETS; i++) {
		if (inquiry->fds[i] < 0)
			inquiry->fds[i] =
				socket_open(inquiry, i == INQUIRY_ANNOUNCED ? &announced : &own);
	}
}

void inquiry_sockets_close(struct inquiry *inquiry)
{
	for (size_t i = 0; i < INQUIRY_SOCKETS; i++) {
		if (inquiry->fds[i] >= 0)
			close(inquiry->fds[i]);
		inquiry->fds[i] = -1;
	}
}

void inquiry_send(const struct inquiry *inquiry, enum inquiry_socket which,
		  const struct portmap_server *to, const void *data, size_t length)
{
	const struct sockaddr_in at = socket_address(ip_addr_v4(&to->addr), to->port);

	if (inquiry->fds[which] >= 0 && sendto(inquiry->fds[which], data, length, MSG_DONTWAIT,
					       (const struct sockaddr *)&at, sizeof(at)) < 0)
		return;
}

ssize_t inquiry_receive(const struct inquiry *inquiry, enum inquiry_socket which, void *data,
			size_t size, struct portmap_server *ret_from)
{
	struct sockaddr_in from = {0};
	socklen_t length = sizeof(from);
	ssize_t n = recvfrom(inquiry->fds[which], data, size, MSG_DONTWAIT | MSG_TRUNC,
			     (struct sockaddr *)&from, &length);

	if (n < 0 || from.sin_family != AF_INET)
		return -1;
	*ret_from = (struct portmap_server){.addr = ip_addr_from_v4(from.sin_addr.s_addr),
					    .port = ntohs(from.sin_port)};
	/* One that did not fit is none of ours. */
	return (size_t)n <= size ? n : 0;
}
