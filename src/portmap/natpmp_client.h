/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client of NAT-PMP (RFC 6886), which is libnatpmp's: one request on its way at a time, none of which waits for its answer in a call. */
#pragma once

#include <natpmp.h>

#include "request.h"
#include "retry.h"

enum natpmp_doing { NATPMP_IDLE, NATPMP_PROBING, NATPMP_MAPPING };

struct natpmp_client {
	const struct portmap_listener *listener;
	natpmp_t lib; /* its socket is open with is_open */
	bool is_open;
	enum natpmp_doing doing;
	bool probe_waits; /* until what is on its way is answered */
	struct portmap_request request; /* on its way */
	__u64 end_ms; /* of its time */
	struct ip_addr router;
	char interface[IFNAMSIZ];
	struct portmap_peer peer;
	struct epoch epoch;
};

void natpmp_client_init(struct natpmp_client *client, const struct portmap_listener *listener);
/* Another router, asked by the device @interface only: nothing is known of it, and nobody is told what came of what was on its way. */
void natpmp_client_reset(struct natpmp_client *client, const struct ip_addr *router,
			 const char *interface);
void natpmp_client_fini(struct natpmp_client *client);

/* Asks for the public address, now or behind what is on its way. */
void natpmp_client_probe(struct natpmp_client *client, __u64 now_ms);
/* False: something is on its way. */
bool natpmp_client_request(struct natpmp_client *client, const struct portmap_request *request,
			   __u64 now_ms);

/* To be polled for reading; -1: nothing is on its way. */
int natpmp_client_fd(const struct natpmp_client *client);
/* When natpmp_client_serve() has to be called at the latest; ~0: never. */
__u64 natpmp_client_next_ms(struct natpmp_client *client, __u64 now_ms);
/* Takes what came, sends again, gives up. */
void natpmp_client_serve(struct natpmp_client *client, __u64 now_ms);
