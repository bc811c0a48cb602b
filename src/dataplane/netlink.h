/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One question to the kernel over netlink, and its whole answer. */
#pragma once

#include <libmnl/libmnl.h>

#define NETLINK_BUFFER_BYTES 32768

struct netlink_buffer {
	char bytes[NETLINK_BUFFER_BYTES] __attribute__((aligned(8)));
};

/*
 * Sends the request in @buffer on @bus (NETLINK_ROUTE, ...), and calls @cb (may be NULL) for each message of the answer, which
 * overwrites the request. It must ask for an acknowledgement or a dump. 0 or the kernel's -errno.
 */
int netlink_talk(int bus, struct netlink_buffer *buffer, mnl_cb_t cb, void *data);
/* The same over a socket that is open and bound, in whatever namespace that was. */
int netlink_talk_on(struct mnl_socket *socket, struct netlink_buffer *buffer, mnl_cb_t cb,
		    void *data);
