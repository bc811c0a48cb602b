/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The public address that another router has, watched (decision 035): gathers what the router upstream, STUN servers and DNS servers outside say, has public_address.h decide, and keeps
 * daemon->observed.publics, from which the plan has it.
 *
 * Nobody is asked where our own WAN address is public and wan.public-address is no name, and where the role knows no WAN. Names are asked of dns.upstream (those without TLS), else dns.bootstrap, else the servers of
 * /etc/resolv.conf, else the router upstream; never of an address of ours. What was known is kept in the folder of state, so that a start ends no connection.
 */
#pragma once

#include <jansson.h>

#include "candidate.h"
#include "child.h"
#include "public_address.h"
#include "upstream_parent.h"

/* In the folder of state. */
#define PUBLIC_WATCH_FILE "public-address"

struct public_watch;

struct public_watch_options {
	struct children *children;
	struct upstream_parent *upstream;
	const char *state; /* has to last; and exist before public_watch_recall() */
	struct facts_observed *observed; /* whose `publics` this owns */
	/* From the loop: `observed` changed. */
	void (*changed)(void *data);
	void *data;
};

/* NULL: no memory. */
struct public_watch *public_watch_make(const struct public_watch_options *options);
/* NULL is fine. */
void public_watch_free(struct public_watch *watch);

/* Takes what was known before the start; before the first plan is made. */
void public_watch_recall(struct public_watch *watch);

/* @now is in force: who is asked from here on. What it changes of the address is seen at the next tick. */
void public_watch_apply(struct public_watch *watch, const struct candidate *now);

/* The router upstream, or a STUN server, says something else. */
void public_watch_heard(struct public_watch *watch);

/* Once a second. */
void public_watch_tick(struct public_watch *watch);

/* Whether anybody is asked: what follows means something. */
bool public_watch_is_on(const struct public_watch *watch);
/* Whether another router is in front of us. */
bool public_watch_is_behind(const struct public_watch *watch);
const struct public_verdict *public_watch_verdict(const struct public_watch *watch);

/*
 * New reference, of `status`:
 *
 *   {"address": "203.0.113.5" | null, "source": "router", "nat": "none", "nat_text": "" , "disagreement": "",
 *    "sources": [{"source": "router", "address": "203.0.113.5" | null, "answers": true, "ago_s": 3 | null}, ...]}
 */
json_t *public_watch_answer(const struct public_watch *watch);
