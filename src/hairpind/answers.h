/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the daemon tells on the control socket; the keys are documented in hairpin(8). */
#pragma once

#include <jansson.h>

#include "daemon.h"

/* New references. */
json_t *answer_status(struct daemon *daemon);
json_t *answer_services(struct daemon *daemon);
json_t *answer_drops(struct daemon *daemon);
json_t *answer_ports(struct daemon *daemon);
json_t *answer_leases(struct daemon *daemon);
json_t *answer_facts(struct daemon *daemon);
/* "blocking is off until ..." */
void answer_blocking_text(const struct daemon *daemon, struct strbuf *out);
json_t *answer_blocking(const struct daemon *daemon);
json_t *answer_lists(struct daemon *daemon);
json_t *answer_operator(struct daemon *daemon);
json_t *answer_outcome(const struct daemon *daemon, const struct outcome *outcome);

/* Role resolver: what to enter in the router; null in others. */
json_t *answer_router(const struct plan *plan);

/* Role bypass: {protocol, address, port} of hosts that answer connections which the main router led past us; else empty. */
json_t *answer_past(const struct daemon *daemon);

/* Long answers, a piece at a time. */
void answer_sessions(struct daemon *daemon, struct control_reply *reply);
void answer_mappings(struct daemon *daemon, struct control_reply *reply);

/* --- parts that several answers share -------------------------------------------------------- */

json_t *answer_addr(const struct ip_addr *addr);
/* "tcp"; a number is written into @text, which has room for four octets. */
const char *answer_protocol(__u8 proto, char *text);
/* Role bypass: the source that @i, a service of the plan, sees of who comes from outside, and why; null in others, and without an IPv4 host. */
json_t *answer_outside_source(const struct daemon *daemon, size_t i);
/* Why loopback does not show it the source that was asked for; null: it does. */
json_t *answer_hairpin_source_why(const struct daemon *daemon, size_t i);
/* Services with their verdict, by the facts of now (the snapshot in force if they cannot be read). */
json_t *answer_service_list(const struct daemon *daemon, const struct facts *facts);
/* What upstream_parent.h says, and behind another router `public`, `rules` (a line each of what that has to forward) and `outgoing`. */
json_t *answer_upstream(const struct daemon *daemon);
/* What that makes of a service that nothing else speaks against: its verdict, and what there is to say in @reason. */
const char *answer_upstream_verdict(const struct daemon *daemon, const struct plan_service *service,
				    struct strbuf *reason);
/* Why no name of @service leads to its host in role resolver; NULL: one does. */
const char *answer_resolver_waits(const struct plan *plan, const struct plan_service *service);
/* A row for each reason; @min: none with fewer packets. */
json_t *answer_reasons(struct daemon *daemon, __u64 min);
