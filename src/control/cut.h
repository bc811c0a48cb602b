/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which connections to this machine a plan would end, once it is in force. Pure. */
#pragma once

#include <stdbool.h>

#include "peers.h"
#include "plan.h"

enum cut {
	CUT_NOT = 0,
	CUT_CLOSED, /* WAN: its port is not in wan.pass */
	CUT_INSIDE, /* WAN, but to an address that is not a public one */
	CUT_FORWARDED, /* its port belongs to a service */
	CUT_ISOLATED, /* from an isolated LAN */
	CUT_NOT_ALLOWED, /* WAN: its port is of a service of this machine, and `allow` of that does not have it */
};

/* Why @plan no longer lets the packets of that TCP connection in. @peer->interface must have been found. */
enum cut cut_peer(const struct plan *plan, const struct peer *peer);

/* What keeps such a connection to @port, as an order to the reader: "add 22/tcp to wan.pass". */
void cut_add_fix(enum cut cut, __u16 port, struct strbuf *out);
