/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers from outside that lead inside. A name of a stranger's with an address of ours makes a browser in the house the stranger's tool (DNS rebinding): what
 * a page may ask of its own name, it may then ask of the printer. So what upstreams say of other people's names does not lead into private
 * networks. Names of the plan never come from upstream; those that the operator lists are exempt.
 */
#pragma once

#include "addr.h"
#include "cache.h"

/*
 * Whether an address of @reply, in any section, is none of the internet: A, AAAA, and the hints of HTTPS and SVCB, which clients follow as well. True also for a
 * message, or a record of these, that cannot be read.
 */
bool dns_reply_is_inward(struct dns_reply reply);

/*
 * This host, private and shared networks, one link: 0/8, 10/8, 100.64/10, 127/8, 169.254/16, 172.16/12, 192.168/16, ::/96, fc00::/7, fe80::/10, and whatever leads to the
 * former by NAT64 (64:ff9b::/96, RFC 6052; 64:ff9b:1::/48, RFC 8215).
 */
bool dns_addr_is_inward(const struct ip_addr *addr);
