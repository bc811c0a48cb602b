/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which connections to this machine a plan would end, once it is in force. Pure. */
#pragma once

#include <stdbool.h>

#include "peers.h"
#include "plan.h"

/* Whether @plan no longer lets the packets of that TCP connection in. @peer->interface must have been found. */
bool cut_peer(const struct plan *plan, const struct peer *peer);
