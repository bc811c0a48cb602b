/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses that a message leads its reader to: those of A and AAAA records, and the hints of HTTPS and SVCB (RFC 9460), which clients follow as well. */
#pragma once

#include "addr.h"
#include "cache.h"

/* Parameters of HTTPS and SVCB. */
#define DNS_PARAM_MANDATORY 0
#define DNS_PARAM_ALPN 1
#define DNS_PARAM_NO_DEFAULT_ALPN 2
#define DNS_PARAM_PORT 3
#define DNS_PARAM_IPV4HINT 4
#define DNS_PARAM_IPV6HINT 6

/* True ends the walk. */
typedef bool dns_addr_cb(void *data, const struct ip_addr *addr);

/*
 * Calls @cb for each address of @reply, in any section. 1: it said true; 0: never; -EBADMSG: the message, or one of these records, cannot be read.
 */
int dns_reply_addresses(struct dns_reply reply, dns_addr_cb *cb, void *data);

/* The same of one record. */
int dns_record_addresses(struct dns_reply reply, const struct dns_record *record, dns_addr_cb *cb,
			 void *data);

/* A parameter of HTTPS or SVCB data. */
struct dns_param {
	__u16 key, length;
	const __u8 *value;
};

/* Where the parameters of @record begin in the message, behind priority and target; -EBADMSG. */
int dns_params_begin(struct dns_reply reply, const struct dns_record *record);

/* 1: *ret_param is the one at @at, which moves behind it; 0: @end is reached; -EBADMSG. */
int dns_param_next(struct dns_reply reply, size_t *at, size_t end, struct dns_param *ret_param);
