/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When the block is in the hosts file: a table of states and what happens, with a clock that is given to it. Nothing here asks, reads or writes; who runs it does what the orders say and tells what came of it.
 *
 *     unknown  just begun, or the block could be of any LAN: whatever was left in the file goes with the first answer that is missing
 *     home     the gateway has proved that it is here
 *     doubt    it was here, and answers are missing, or the network has changed since
 *     away     it is not
 */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

enum hosts_place {
	HOSTS_UNKNOWN = 0,
	HOSTS_HOME,
	HOSTS_DOUBT,
	HOSTS_AWAY,
	HOSTS_PLACE_MAX,
};

enum hosts_event {
	HOSTS_PROVED, /* it answered with its key */
	HOSTS_SILENT, /* nobody answered */
	HOSTS_OTHER, /* somebody else did: proof that this is another LAN, or of somebody who forges */
	HOSTS_CHANGED, /* links, addresses or routes are others */
	HOSTS_EVENT_MAX,
};

enum hosts_order {
	HOSTS_KEEP = 0, /* the file is as it should be */
	HOSTS_PUT, /* the lines of the last answer belong into it */
	HOSTS_TAKE, /* no line of ours does */
};

/* All zero is the beginning: ask at once. */
struct hosts_watch {
	enum hosts_place place;
	unsigned int missed; /* answers, in doubt */
	__u64 ask_ms; /* when to ask next */
	enum hosts_order failed; /* could not be done, and is due again ... */
	__u64 again_ms; /* ... then */
};

/* @event happened at @now_ms (a clock that runs on while the machine sleeps). What is to be done to the file. */
enum hosts_order hosts_watch_step(struct hosts_watch *watch, enum hosts_event event, __u64 now_ms);

/* @order was tried: with @ok all is well, else hosts_watch_due() gives it again. */
void hosts_watch_done(struct hosts_watch *watch, enum hosts_order order, bool ok, __u64 now_ms);

/* An order that failed and is due again; HOSTS_KEEP: none. */
enum hosts_order hosts_watch_due(const struct hosts_watch *watch, __u64 now_ms);

/* When something is due: a question (watch->ask_ms, without @is_asking) or an order. */
__u64 hosts_watch_next(const struct hosts_watch *watch, bool is_asking);

/* "in its LAN", "away" */
const char *hosts_place_name(enum hosts_place place);
