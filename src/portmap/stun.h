/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * STUN (RFC 8489): asking servers by UDP which address our datagrams come from. Binding requests without attributes, answers without authentication, which a stranger on the way can
 * forge; hence several servers.
 *
 * The client has no socket: stun_client_due() says what to send, stun_client_hear() takes what came.
 */
#pragma once

#include <linux/types.h>
#include <stddef.h>

#include "portmap.h"

#define STUN_REQUEST_BYTES 20
#define STUN_ID_BYTES 12
#define STUN_MESSAGE_MAX 1280

/* Into @buf. */
void stun_request_write(const __u8 id[STUN_ID_BYTES], __u8 buf[STUN_REQUEST_BYTES]);

/*
 * The IPv4 address in the success response to @id: of XOR-MAPPED-ADDRESS, else of MAPPED-ADDRESS, as servers of RFC 3489 have it alone. 0; -EBADMSG: no response to it, or broken; -ENODATA: one without such an address;
 * -ECONNREFUSED: an error response to it.
 */
int stun_response_read(const __u8 id[STUN_ID_BYTES], const __u8 *buf, size_t length,
		       struct ip_addr *ret_external);

struct stun_ask {
	struct portmap_stun said;
	__u8 id[STUN_ID_BYTES]; /* of the request on its way */
	__u8 sent; /* how often, 0: none is on its way */
	__u64 due_ms; /* the next transmission, the end of waiting, or the next request */
};

struct stun_client {
	struct stun_ask asks[LIMIT_STUN_SERVERS];
	size_t n;
};

/* Servers that were there before keep what they said. */
void stun_client_set(struct stun_client *client, const struct portmap_server *servers, size_t n,
		     __u64 now_ms);
/* All are asked anew: the network has changed. */
void stun_client_again(struct stun_client *client, __u64 now_ms);

/* One that is to be sent a request now, which is written to @buf; NULL: none (any more). *ret_changed is set where something is known by now. */
const struct portmap_server *stun_client_due(struct stun_client *client, __u64 now_ms,
					     __u8 buf[STUN_REQUEST_BYTES], bool *ret_changed);
/* When the next call of _due() is; ~0: never. */
__u64 stun_client_next_ms(const struct stun_client *client);

/* A datagram from @from. True: something else is known now. */
bool stun_client_hear(struct stun_client *client, const struct portmap_server *from,
		      const __u8 *buf, size_t length, __u64 now_ms);
