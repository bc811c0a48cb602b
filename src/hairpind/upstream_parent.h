/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's side of asking the router upstream (decision 034): works out what is wanted, starts and looks after the process that asks (upstream_process.h), and
 * holds what it reported last.
 *
 * It asks in role bypass, and in role gateway where our WAN address is private (RFC 1918, RFC 6598): there is another router in front. Forwards are asked for unless
 * `wan.map-upstream: off`; the router's protocols and public address in any case, as the diagnosis needs them.
 *
 * A mapping has a lifetime (PORTMAP_LIFETIME_S), and is renewed while the daemon runs. The end of the daemon takes none away: the data plane stays too, and the next daemon renews
 * them by the same nonces. upstream_parent_detach() takes them away.
 */
#pragma once

#include <jansson.h>

#include "candidate.h"
#include "child.h"
#include "portmap.h"

/* In the folder of state; made where there is none. What the nonces of PCP are derived from. */
#define UPSTREAM_PARENT_KEY_FILE "upstream-key"

struct upstream_parent;

/* Called from the loop when the report says something else than before (a renewed lifetime alone is nothing else). May call all functions below but _free(). */
typedef void upstream_changed_fn(void *data);

/* NULL: no memory. @state, which has to last, is the folder of the key. Nothing is opened or started before the first plan that wants something. */
struct upstream_parent *upstream_parent_make(struct children *children, const char *state);
/* Ends the process; what is mapped stays. The handles in the loop close with it. */
void upstream_parent_free(struct upstream_parent *parent);

/* One listener; NULL: none. */
void upstream_parent_on_change(struct upstream_parent *parent, upstream_changed_fn *changed,
			       void *data);

/* What @now, which is in force, wants of which router: asked for, and what it no longer wants given back. Nothing happens where that is the same as before. */
void upstream_parent_apply(struct upstream_parent *parent, const struct candidate *now);

/*
 * Who is asked by STUN from now on; LIMIT_STUN_SERVERS at most, and @n 0 is nobody. Copied. Also where there is no other router in front, or nothing else is wanted.
 */
void upstream_parent_stun(struct upstream_parent *parent, const struct portmap_server *servers,
			  size_t n);

/* Once a second: starts what has died, asks how it is. */
void upstream_parent_tick(struct upstream_parent *parent);

/*
 * Has the router forget all that was mapped, and ends the process: for `hairpin detach`. Waits for the answers, UPSTREAM_DETACH_MS at most. How many mappings are left there
 * until their lifetime ends.
 */
size_t upstream_parent_detach(struct upstream_parent *parent);

/* What is asked for, valid until the next call of _apply() or _stun(). `asks` is false, and there are no servers, where nothing is. */
const struct portmap_wanted *upstream_parent_wanted(const struct upstream_parent *parent);

/*
 * What was said last about that, valid until the loop runs again; NULL: nothing so far. Results are in the order of wanted->forwards, whose names of services they
 * belong to.
 */
const struct portmap_report *upstream_parent_report(const struct upstream_parent *parent);

/* Forwards of the plan that are not asked for, since there are more than LIMIT_UPSTREAM_FORWARDS ports. */
size_t upstream_parent_left_out(const struct upstream_parent *parent);

/* New reference: {"on": true, "maps": true, "process": 123, "restarts": 0}; the beginning of the next one. */
json_t *upstream_parent_process(const struct upstream_parent *parent);

/*
 * New reference, for `status` and `show`:
 *
 *   {"on": true, "maps": true, "process": 123, "restarts": 0, "router": "192.168.1.1", "interface": "eth0", "address": "192.168.1.2", "settled": true,
 *    "protocol": "pcp" | null, "left_out": 0,
 *    "peers": [{"protocol": "pcp", "answer": "answers", "external": "203.0.113.5" | null, "name": "" , "words": "", "epoch": 77}, ...],
 *    "stun": [{"server": "192.0.2.3:3478", "answer": "answers", "external": "203.0.113.5" | null}, ...],
 *    "forwards": [{"service": "web", "proto": "tcp", "external_port": 443, "internal_port": 443, "state": "mapped", "protocol": "pcp" | null, "left_s": 7000 | null,
 *                  "other_port": null, "holder": null | "192.168.1.9:443", "words": ""}, ...],
 *    "entries": null | [{"proto": "tcp", "external_port": 443, "client": "192.168.1.9", "internal_port": 443, "lease_s": 0, "description": "x"}, ...], "entries_cut": false}
 */
json_t *upstream_parent_answer(const struct upstream_parent *parent);
