/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client of PCP (RFC 6887): what is on its way to one router, retransmission, and whether the router has lost its table (its epoch). It has no socket and no clock: it is told what
 * came and what time it is.
 */
#pragma once

#include "pcp_wire.h"
#include "request.h"
#include "retry.h"

/* Requests on their way at one time: a router with a hundred forwards to make is not flooded (RFC 6887 section 8.1). */
#define PCP_IN_FLIGHT 8

struct pcp_transaction {
	bool is_used;
	struct portmap_request request; /* of MAP */
	unsigned int sent;
	__u32 wait_ms; /* behind the last transmission */
	__u64 due_ms;
};

struct pcp_client {
	const struct portmap_listener *listener;
	void (*send)(void *data, const __u8 *packet, size_t length);
	void *data; /* of send */
	struct ip_addr own;
	struct portmap_peer peer;
	struct epoch epoch;
	struct pcp_transaction probe, maps[PCP_IN_FLIGHT];
};

/* Nothing is on its way. @listener and what `send` needs have to last. */
void pcp_client_init(struct pcp_client *client, const struct portmap_listener *listener,
		     void (*send)(void *data, const __u8 *packet, size_t length), void *data);
/* Another router, or another address of ours: nothing is known, and nobody is told what came of what was on its way. */
void pcp_client_reset(struct pcp_client *client, const struct ip_addr *own);

/* Asks whether it answers. */
void pcp_client_probe(struct pcp_client *client, __u64 now_ms);
bool pcp_client_is_full(const struct pcp_client *client);
/* False: it is full. */
bool pcp_client_request(struct pcp_client *client, const struct portmap_request *request,
			__u64 now_ms);

/* What came from the router, unasked or not. */
void pcp_client_hear(struct pcp_client *client, const __u8 *packet, size_t length, __u64 now_ms);

/* Sends again and gives up what is due. */
void pcp_client_expire(struct pcp_client *client, __u64 now_ms);
/* When that is next; ~0: never. */
__u64 pcp_client_next_ms(const struct pcp_client *client);
