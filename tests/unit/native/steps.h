/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random packets, sweeps, audits and plans, on few hosts, ports and table places so that all of them meet; after each step the tables are
 * looked at from the other end (world_check). What also must hold of single packets is looked at where it happens. Where the numbers come from is
 * the caller's business: a generator (nat_random_test.c), or the input of a fuzzer.
 */
#pragma once

#include "world.h"

/* Places in the table of sessions: so few that it is full time and again. */
#define STEPS_SESSIONS 24

struct steps {
	__u32 (*next)(struct steps *r); /* set before steps_begin() */
	void *data; /* for next */
	struct nat_world *world;
	struct nat_ctx c; /* one for all, as a CPU has one: leftovers must not matter */
	__u32 now_s;
	unsigned int sent, dropped, ended, rested;
};

void steps_begin(struct steps *r);
/* One step, with everything checked behind it. */
void steps_one(struct steps *r);
/* Lets every timer run out: nothing may be left. */
void steps_end(struct steps *r);
