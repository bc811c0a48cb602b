/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way to an upstream that is asked over TLS (RFC 7858) or HTTPS (RFC 8484): one connection that many questions share and whose answers come in any
 * order. It is made when there is something to ask, kept for a while, and made anew with what the server gave for that.
 *
 * The server has to prove its name, or its address where no name is configured (RFC 8310 section 8.1, strict). One that cannot is not asked anything; why is
 * said once in the log, and by dns_channel_fault().
 *
 * A connection that ends while questions are on it, as servers end them that were idle, has them asked again on a new one if it answered anything before.
 */
#pragma once

#include "tls.h"
#include "try.h"

struct dns_channel;

/* @conf is of another kind than PLAIN; copied. NULL: no memory. */
struct dns_channel *dns_channel_make(uv_loop_t *loop, const struct dns_upstream_conf *conf);
/* No try is on it any more. NULL is fine; the loop has to run on until its connection is closed. */
void dns_channel_free(struct dns_channel *channel);

/* Where it is, from the next connection on; one that is open goes on, as its server is still there. */
void dns_channel_set_addr(struct dns_channel *channel, const struct ip_addr *addr);

/* Who may vouch for the server, from the next connection on; one that is open is closed. NULL: nobody, and nothing is asked. */
void dns_channel_set_trust(struct dns_channel *channel, struct tls_credentials *trust);

/*
 * As try_udp_start() does, over @channel. -EKEYREJECTED: the server could not prove its name a moment ago; -ENOBUFS: as many
 * questions are on it as may.
 */
int try_channel_start(struct try *attempt, struct dns_channel *channel);

/* What kept it from answering since it did last; "": nothing. Valid until the next event. */
const char *dns_channel_fault(const struct dns_channel *channel);
