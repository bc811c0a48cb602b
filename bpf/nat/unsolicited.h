/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What WAN was not invited to send, and whether the sender is told so. */
#pragma once

#include "ctx.h"

/*
 * To a forward whose allow list says no. The service exists and its owner refuses: the sender of a datagram is told at once, as by a host
 * whose port is closed.
 */
static NAT_INLINE int nat_not_allowed(struct nat_ctx *c)
{
	if (c->in.proto != 17 || c->settings.silent)
		return nat_verdict(c, NAT_DROP, HP_DROP_NOT_ALLOWED);
	return nat_refuse(c, HP_DROP_NOT_ALLOWED, NAT_SAY_PORT);
}
