/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses of upstreams that are configured by name ("https://dns.example.net/dns-query"): asked of plain servers whose addresses are known, at once and again when the answer is
 * over. Until there is a new one the last good address stays; without any, such an upstream is not asked.
 *
 * What a forger says here leads to a server that cannot prove its name: nothing is asked there, and that is all.
 */
#pragma once

#include "upstream.h"

struct dns_bootstrap;

/*
 * Begins to ask @servers, n plain ones, for the addresses of those of @upstreams that have a name only, and tells them (upstream_internal.h:
 * upstream_set_addr()). Freed before them. NULL: no memory.
 */
struct dns_bootstrap *dns_bootstrap_make(uv_loop_t *loop, struct dns_upstreams *upstreams,
					 const struct dns_upstream_conf *servers, size_t n);
/* The loop has to run on until its timers are closed. NULL is fine. */
void dns_bootstrap_free(struct dns_bootstrap *bootstrap);
