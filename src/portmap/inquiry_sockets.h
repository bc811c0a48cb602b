/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sockets of an inquiry (inquiry.h): each by the WAN device and from our address there, so that nobody else is asked and nobody else is heard. */
#pragma once

#include "inquiry.h"

/* Opens those that are closed, as far as that is possible now. */
void inquiry_sockets_open(struct inquiry *inquiry);
void inquiry_sockets_close(struct inquiry *inquiry);

/* A datagram to @to; what cannot be sent is as if it were lost. */
void inquiry_send(const struct inquiry *inquiry, enum inquiry_socket which,
		  const struct portmap_server *to, const void *data, size_t length);

/* The next one that came; how long it is, or -1. */
ssize_t inquiry_receive(const struct inquiry *inquiry, enum inquiry_socket which, void *data,
			size_t size, struct portmap_server *ret_from);
