/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of what is over: sessions whose time is up, and ports that have rested.
 *
 * A timer of the kernel's walks the table a slice at a time (hp_clock), so that nothing hangs on the daemon. What the plan no longer admits is
 * ended by the daemon right after it put a plan in force: hp_sweep over the whole table, with the audit.
 */
#pragma once

#include "begin.h"
#include "nat/audit.h"

#define SWEEP_EBUSY 16
#define SWEEP_CLOCK_MONOTONIC 1

/* What one walk is given and finds. */
struct sweep_work {
	struct hp_sweep_args args;
	__u32 scratch; /* enum nat_scratch: a timer may interrupt a test run */
	__u32 beyond; /* out: a place that the table does not have was reached */
};

static long sweep_one(__u32 i, void *data)
{
	struct sweep_work *work = data;
	struct nat_ctx *c = scratch(work->scratch);
	__u32 index = work->args.first + i;
	struct hp_session *s = nat_env_session(index);
	__u64 word;

	if (!c || !s) {
		work->beyond = 1;
		return 1;
	}
	word = s->word;
	if (nat_word_life(word) != HP_LIFE_ACTIVE)
		return 0;
	if (nat_session_expired(c, s, word) || (work->args.audit && !nat_audit(c, s)))
		work->args.ended += (__u32)nat_session_end(c, index, word);
	else if (work->args.audit)
		nat_peer_adopt(c, index);
	return 0;
}

static __always_inline void sweep_count(__u32 ended)
{
	__u32 stat = HP_STAT_SWEPT;
	__u64 *n = bpf_map_lookup_elem(&hp_stats, &stat);

	if (n)
		*n += ended;
}

/* A slice, as the daemon asks for it. 0, or -1 before the first plan. */
static __always_inline int sweep(struct hp_sweep_args *args)
{
	struct sweep_work work = {.args = *args, .scratch = NAT_SCRATCH_SWEEP};
	struct nat_ctx *c = scratch(NAT_SCRATCH_SWEEP);

	if (!c || begin(c))
		return -1;
	bpf_loop(work.args.count, sweep_one, &work, 0);
	sweep_count(work.args.ended);
	args->ended = work.args.ended;
	return 0;
}

/* --- the clock ---------------------------------------------------------------------------------- */

static long clock_rest_one(__u32 i, void *data)
{
	struct nat_ctx *c = scratch(NAT_SCRATCH_CLOCK);

	(void)i, (void)data;
	return !c || !nat_rest_sweep(c);
}

/* One slice and the ports whose rest is over, then again; the slice after the last one is the first. */
static int clock_tick(void *map, __u32 *key, struct hp_clock *clock)
{
	struct sweep_work work = {.args = {.first = clock->next, .count = clock->slice},
				  .scratch = NAT_SCRATCH_CLOCK};
	struct nat_ctx *c = scratch(NAT_SCRATCH_CLOCK);

	(void)map, (void)key;
	if (c && !begin(c)) {
		bpf_loop(work.args.count, sweep_one, &work, 0);
		bpf_loop(2 * LIMIT_SWEEP_SLICE, clock_rest_one, NULL, 0);
		sweep_count(work.args.ended);
		clock->next = work.beyond ? 0 : clock->next + clock->slice;
		clock->ticked_s = c->in.now_s;
	}
	bpf_timer_start(&clock->timer, clock->period_ns, 0);
	return 0;
}

/* Starts the clock, or gives a running one its new measures and this program's callback. 0, or the kernel's negative error. */
static __always_inline int clock_start(__u32 slice, __u32 period_us)
{
	__u32 zero = 0;
	struct hp_clock *clock = bpf_map_lookup_elem(&hp_clock, &zero);
	long ret;

	if (!clock)
		return -1;
	clock->slice = slice;
	clock->period_ns = (__u64)period_us * 1000;
	ret = bpf_timer_init(&clock->timer, &hp_clock, SWEEP_CLOCK_MONOTONIC);
	if (ret && ret != -SWEEP_EBUSY)
		return (int)ret;
	ret = bpf_timer_set_callback(&clock->timer, clock_tick);
	if (!ret)
		ret = bpf_timer_start(&clock->timer, clock->period_ns, 0);
	return (int)ret;
}
