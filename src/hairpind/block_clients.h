/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clients that dns.groups names by their Ethernet address: which addresses they have now, followed live by the kernel's table of neighbours, and told to the DNS
 * process. A machine has asked for our Ethernet address before it can ask anything else, and has told its own by that.
 */
#pragma once

#include <uv.h>

#include "dns_parent.h"

struct block_clients;

/* NULL: no memory. @parent has to last as long. */
struct block_clients *block_clients_make(uv_loop_t *loop, struct dns_parent *parent);
/* The groups in force. Without an Ethernet address in them nothing is watched. */
void block_clients_set(struct block_clients *clients, const struct plan_blocking *blocking);
/* The handles in the loop close with it. */
void block_clients_free(struct block_clients *clients);
