/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the inquiry (inquiry.h), who has all policy, and the clients of the protocols (pcp_client.h, natpmp_client.h, igd_worker.h) say to each other: one request about one
 * forward, and what came of it.
 */
#pragma once

#include "portmap.h"

struct portmap_request {
	__u32 token; /* comes back in the reply */
	struct portmap_forward forward;
	__u32 lifetime_s; /* 0: it is to be forgotten */
	bool is_exact; /* another external port is to be refused at once, where the protocol can say so */
	bool is_renewal; /* one try: another renewal follows (RFC 6887 section 11.2.1) */
};

enum portmap_outcome {
	PORTMAP_GRANTED, /* or forgotten */
	PORTMAP_REFUSED,
	PORTMAP_INEXACT, /* it does not know what `is_exact` means */
	PORTMAP_TAKEN, /* the port is somebody else's */
	PORTMAP_NO_ANSWER,
	PORTMAP_UNUSABLE, /* it does nothing of the kind, for no forward */
};

struct portmap_reply {
	__u32 token;
	enum portmap_outcome outcome;
	__u16 external_port; /* that was granted */
	__u32 lifetime_s; /* that was granted, 0: without an end; or the time until it is worth asking again, 0: not said */
	struct ip_addr external; /* zero: not said */
	char words[LIMIT_UPSTREAM_TEXT]; /* of the protocol, where it refused */
};

/* Who is told. Both may be called from within any function of a client but its _init(). */
struct portmap_listener {
	void *data;
	void (*replied)(void *data, enum portmap_protocol protocol,
			const struct portmap_reply *reply);
	/* @peer: what is known of it from now on. @has_restarted: it has lost what it had. */
	void (*heard)(void *data, enum portmap_protocol protocol, const struct portmap_peer *peer,
		      bool has_restarted);
};
