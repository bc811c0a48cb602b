/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of the control protocol (hairpin/control.h) that both sides and the tests share: pure functions, no
 * sockets.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <hairpin/control.h>

#include "strbuf.h"

/* "status", "apply", ...; "?" for a number that is no verb. */
const char *control_verb_name(__u32 verb);

/* Fills in everything but the arguments of the verb. */
void control_request_init(struct control_request *request, enum control_verb verb);

/*
 * Judges @length octets that arrived as a request from a peer with @uid. 0; or -EMSGSIZE, -EPROTO (magic or version),
 * -EOPNOTSUPP (verb), -EINVAL (text without its end, no level of the log), -EPERM, with one line in @why.
 */
int control_request_check(const void *bytes, size_t length, uid_t uid, struct strbuf *why);

/* 0, or -EPROTO with one line in @why. */
int control_response_check(const struct control_response *response, struct strbuf *why);
