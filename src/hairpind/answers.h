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

/* Long answers, a piece at a time. */
void answer_sessions(struct daemon *daemon, struct control_reply *reply);
void answer_mappings(struct daemon *daemon, struct control_reply *reply);

/* --- parts that several answers share -------------------------------------------------------- */

json_t *answer_addr(const struct ip_addr *addr);
/* "tcp"; a number is written into @text, which has room for four octets. */
const char *answer_protocol(__u8 proto, char *text);
/* Services with their verdict, by the facts of now (the snapshot in force if they cannot be read). */
json_t *answer_service_list(const struct daemon *daemon, const struct facts *facts);
/* Why no name of @service leads to its host in role resolver; NULL: one does. */
const char *answer_resolver_waits(const struct plan *plan, const struct plan_service *service);
/* A row for each reason; @min: none with fewer packets. */
json_t *answer_reasons(struct daemon *daemon, __u64 min);
