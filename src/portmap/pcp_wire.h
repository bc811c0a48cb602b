/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of PCP (RFC 6887), version 2, for IPv4: those of a client that asks for mappings. No state. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "addr.h"

#define PCP_PORT 5351 /* of the router; NAT-PMP has the same */
#define PCP_ANNOUNCE_PORT 5350 /* of 224.0.0.1: what routers say unasked */
#define PCP_MESSAGE_MAX 1100 /* RFC 6887 section 7 */
#define PCP_NONCE_BYTES 12

enum pcp_opcode { PCP_OPCODE_ANNOUNCE = 0, PCP_OPCODE_MAP = 1 };

enum pcp_result {
	PCP_SUCCESS = 0,
	PCP_UNSUPP_VERSION = 1,
	PCP_NOT_AUTHORIZED = 2,
	PCP_MALFORMED_REQUEST = 3,
	PCP_UNSUPP_OPCODE = 4,
	PCP_UNSUPP_OPTION = 5,
	PCP_MALFORMED_OPTION = 6,
	PCP_NETWORK_FAILURE = 7,
	PCP_NO_RESOURCES = 8,
	PCP_UNSUPP_PROTOCOL = 9,
	PCP_USER_EX_QUOTA = 10,
	PCP_CANNOT_PROVIDE_EXTERNAL = 11,
	PCP_ADDRESS_MISMATCH = 12,
	PCP_EXCESSIVE_REMOTE_PEERS = 13,
	PCP_RESULTS,
};

/* Of a MAP request and of its answer. */
struct pcp_map {
	__u8 nonce[PCP_NONCE_BYTES];
	__u8 proto;
	__u16 internal_port, external_port;
	struct ip_addr external; /* zero in a request: any */
};

struct pcp_request {
	enum pcp_opcode opcode;
	struct ip_addr client; /* our address, as the router must see it */
	__u32 lifetime_s; /* of MAP; 0: to be forgotten */
	bool prefer_failure; /* of MAP: this external port or none */
	struct pcp_map map;
};

struct pcp_response {
	__u8 version; /* another than 2 with PCP_UNSUPP_VERSION, and nothing below counts then */
	__u8 opcode;
	__u8 result; /* may be past PCP_RESULTS */
	__u32 lifetime_s; /* granted; with an error, for how long that holds */
	__u32 epoch_s;
	struct pcp_map map; /* of MAP */
};

/* How many octets of @buf, which has PCP_MESSAGE_MAX, it takes. */
size_t pcp_request_write(const struct pcp_request *request, __u8 *buf);

/*
 * 0; -EBADMSG: no response, or one that RFC 6887 section 8.3 has us drop: too short, too long, not of whole words, an opcode that we never send, options that reach past its end.
 * An answer of NAT-PMP, which shares the port, is a response of version 0 (section 9).
 */
int pcp_response_read(const __u8 *buf, size_t length, struct pcp_response *ret_response);

/* For people: "not authorized"; never NULL. */
const char *pcp_result_words(unsigned int result);
