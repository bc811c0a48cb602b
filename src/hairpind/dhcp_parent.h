/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's side of DHCP: dnsmasq as a child in a sandbox of its own, what it has leased, and whether somebody else leases too.
 *
 * dnsmasq ends with the daemon, also with one that is killed: what it has leased is in its file, and a restart takes less than a second, while clients
 * that hear nothing ask again for a minute. A change of what it is told is a restart; leases outlive it by their file.
 */
#pragma once

#include <jansson.h>

#include "child.h"
#include "leases.h"
#include "plan_dhcp.h"
#include "strbuf.h"

struct dhcp_parent;

struct dhcp_parent_options {
	struct children *children;
	const char *state; /* folder of the file of leases */
	void (*changed)(void *data); /* leases or segments are others now */
	void *data;
};

/* NULL: no memory. Nothing is started before the first dhcp_parent_apply() with a segment in it. */
struct dhcp_parent *dhcp_parent_make(const struct dhcp_parent_options *options);
/* Ends the process. The handles in the loop close with it. */
void dhcp_parent_free(struct dhcp_parent *parent);

/*
 * Whether @dhcp can be put in force: dnsmasq is there, and nobody holds its port. 0; or -errno with a line in @why that says who
 * does. Nothing changes.
 */
int dhcp_parent_prepare(const struct dhcp_parent *parent, const struct plan_dhcp *dhcp,
			struct strbuf *why);

/* Puts @dhcp in force, which stays the caller's; without a segment in it the process ends. */
void dhcp_parent_apply(struct dhcp_parent *parent, const struct plan_dhcp *dhcp);

/* Once a second: starts what has died, asks for other servers. */
void dhcp_parent_tick(struct dhcp_parent *parent);

/* What is leased now; the array is the parent's until it runs again. */
const struct dhcp_lease *dhcp_parent_leases(const struct dhcp_parent *parent, size_t *ret_n);

/* New reference: what `status` tells of it. */
json_t *dhcp_parent_answer(const struct dhcp_parent *parent);

/* Adds a line for each foreign server that answers on a segment. */
void dhcp_parent_warnings(const struct dhcp_parent *parent, struct strbuf *out);
