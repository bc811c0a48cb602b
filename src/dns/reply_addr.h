/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one address that an answer is asked for: for us, and not for a client. */
#pragma once

#include "addr.h"
#include "cache.h"

/*
 * The first address of @type, DNS_A or DNS_AAAA, among the answers of @reply; *ret_ttl_s is the least of all its answers, whose names lead to it, LIMIT_DNS_TTL_S at most. False:
 * there is none.
 */
bool dns_reply_addr(struct dns_reply reply, __u16 type, struct ip_addr *ret_addr, __u32 *ret_ttl_s);

/* enum dns_rcode, without the bits of EDNS. */
unsigned int dns_reply_rcode(struct dns_reply reply);
