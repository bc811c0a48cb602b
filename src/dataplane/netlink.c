// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink.h"

#include <errno.h>

#include "cleanup.h"

static void mnl_freep(struct mnl_socket **socket)
{
	if (*socket)
		mnl_socket_close(*socket);
}
#define _mnl_ _cleanup_(mnl_freep)

int netlink_talk_on(struct mnl_socket *socket, struct netlink_buffer *buffer, mnl_cb_t cb,
		    void *data)
{
	static unsigned int last_seq;
	struct nlmsghdr *header = (struct nlmsghdr *)(void *)buffer->bytes;
	unsigned int seq = ++last_seq, port;
	int ret = MNL_CB_OK;

	header->nlmsg_seq = seq;
	if (mnl_socket_sendto(socket, header, header->nlmsg_len) < 0)
		return -errno;
	port = mnl_socket_get_portid(socket);
	while (ret > MNL_CB_STOP) {
		ssize_t n = mnl_socket_recvfrom(socket, buffer->bytes, sizeof(buffer->bytes));

		if (n < 0)
			return -errno;
		ret = mnl_cb_run(buffer->bytes, (size_t)n, seq, port, cb, data);
	}
	return ret < 0 ? -errno : 0;
}

int netlink_talk(int bus, struct netlink_buffer *buffer, mnl_cb_t cb, void *data)
{
	_mnl_ struct mnl_socket *socket = mnl_socket_open2(bus, SOCK_CLOEXEC);

	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	return netlink_talk_on(socket, buffer, cb, data);
}
