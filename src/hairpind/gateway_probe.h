/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the default gateway of each server is this machine, in role bypass (decision 033).
 *
 * What a server answers to an address outside goes to its default gateway. So it is asked, by an echo request to its Ethernet address, in the name of an address outside that nobody has
 * (GATEWAY_OUTSIDE): an answer that comes to our Ethernet address from its own proves that its gateway is us, and that it may see who comes from outside. Until then, and where
 * nothing comes, it sees our address. A question in our own name goes along, to tell a server whose gateway is another machine from one that answers nothing.
 *
 * Who reads what comes is a process without rights (gateway_process.h); when is asked is a table (gateway_state.h).
 */
#pragma once

#include <jansson.h>

#include "candidate.h"
#include "child.h"
#include "gateway_state.h"

struct gateway_probe;

/* @changed is called with @data when what gateway_probe_answering() gives is another. NULL: no memory. Nothing is opened or started before the first plan of role bypass. */
struct gateway_probe *gateway_probe_make(struct children *children, void (*changed)(void *data),
					 void *data);
/* Ends the process. The handles in the loop close with it. */
void gateway_probe_free(struct gateway_probe *probe);

/* From now on the servers of @now, on the network that it knows. Does not call `changed`. */
void gateway_probe_apply(struct gateway_probe *probe, const struct candidate *now);

/* Once a second: asks whose turn it is. */
void gateway_probe_tick(struct gateway_probe *probe);

/* IPv4 hosts whose gateway is proved to be us; the probe's, until it changes. */
struct ip_addr *gateway_probe_answering(const struct gateway_probe *probe, size_t *ret_n);

/* What is known of one server, for people. */
struct gateway_view {
	enum gateway_state state;
	unsigned int since_s; /* in this state */
	unsigned int heard_s; /* since its last answer to the outside; with has_heard */
	bool has_heard;
};

/* False: it is not asked, or it cannot be. */
bool gateway_probe_view(const struct gateway_probe *probe, const struct ip_addr *host,
			struct gateway_view *ret_view);

/* New reference: what `status` tells of the process; null where nobody is asked. */
json_t *gateway_probe_answer(const struct gateway_probe *probe);
