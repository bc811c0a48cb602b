/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The watchdog at work: it looks once a second, and at once when the kernel tells that rules or filters changed; says what was taken away and by whom, and has
 * the backend put it back as watchdog.h decides.
 */
#pragma once

#include <jansson.h>
#include <uv.h>

#include "backend.h"
#include "nft.h"
#include "watchdog.h"

struct daemon;
struct outcome;

struct watching {
	struct watchdog watchdog;
	struct nft_watch rules; /* changes of netfilter's rules by anyone */
	int filters_fd; /* ... of tc's; -1: closed */
	uv_poll_t rules_poll, filters_poll;
	uv_timer_t due; /* a look that was put off */
	__u64 looked_ms;
	__u64 reminded_ms; /* when a pause was last said */
	int error; /* why what is missing could not be put back at the last try; 0: it could */
	struct {
		struct strbuf what;
		struct nft_author by;
		__s64 at_s; /* on the wall clock */
		__u64 at_ms; /* since boot */
	} last; /* removal */
};

/* Before anything else of the daemon. */
void watching_init(struct watching *watching);
/* Listens on the loop of @daemon. Without the kernel's word the tick still sees to everything. */
void watching_start(struct daemon *daemon);
/* Behind the loop's end. */
void watching_stop(struct daemon *daemon);

/* Once a second. */
void watching_tick(struct daemon *daemon);

/* `hairpin pause [DURATION]`, @seconds 0: until `hairpin resume`, which is the second. */
void watching_pause(struct daemon *daemon, __u32 seconds, struct outcome *outcome);
void watching_resume(struct daemon *daemon, struct outcome *outcome);

/* For `status`; the second one's lines are warnings there. */
json_t *watching_answer(const struct daemon *daemon);
void watching_warnings(const struct daemon *daemon, struct strbuf *out);
