// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "internal.h"

/* A clock that has not ticked for this long stands still: a machine under load is late by less. */
#define CLOCK_LATE_S 10

/* How often a clock is started that the kernel has no memory for at this moment, and how long between: a second in all. */
#define CLOCK_TRIES 100
#define CLOCK_TRY_MS 10

/* While a program runs, its CPU serves no packet: well under a millisecond at this size. */
#define SLICE_MAX 4096u

__u32 sweep_sessions(const struct backend *backend)
{
	return bpf_map__max_entries(backend->skel->maps.hp_sessions);
}

/* What the program looks at besides its arguments; a test run has to have a frame in any case. */
struct frame {
	const void *octets;
	__u32 size;
};

/* The program writes its results beside its arguments. */
static int run_on(const struct bpf_program *program, const struct frame *frame, void *args,
		  size_t size)
{
	struct __sk_buff context = {0};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame->octets,
		    .data_size_in = frame->size, .ctx_in = &context, .ctx_size_in = sizeof(context),
		    .ctx_out = &context, .ctx_size_out = sizeof(context));
	int ret;

	static_assert(sizeof(struct hp_fill_args) <= sizeof(context.cb), "arguments of hp_fill");
	static_assert(sizeof(struct hp_sweep_args) <= sizeof(context.cb), "arguments of hp_sweep");
	memcpy(context.cb, args, size);
	ret = bpf_prog_test_run_opts(bpf_program__fd(program), &options);
	if (ret)
		return ret;
	memcpy(args, context.cb, size);
	return options.retval ? -EIO : 0;
}

static int run(const struct bpf_program *program, void *args, size_t size)
{
	static const char zeros[64];
	const struct frame frame = {zeros, sizeof(zeros)};

	return run_on(program, &frame, args, size);
}

int sweep_import(struct backend *backend, const struct hp_session *session,
		 struct hp_import_args *args)
{
	const struct frame frame = {session, sizeof(*session)};

	return run_on(backend->skel->progs.hp_import, &frame, args, sizeof(*args));
}

static __u32 slice_at(__u32 first, __u32 end)
{
	return end - first < SLICE_MAX ? end - first : SLICE_MAX;
}

int sweep_fill(struct backend *backend, unsigned int sessions)
{
	for (__u32 first = 0; first < sessions; first += SLICE_MAX) {
		struct hp_fill_args args = {.first = first, .count = slice_at(first, sessions)};
		int ret = run(backend->skel->progs.hp_fill, &args, sizeof(args));

		if (ret)
			return ret;
		if (args.filled != args.count)
			return -ENOSPC;
	}
	return 0;
}

int sweep_audit(struct backend *backend)
{
	__u32 size = sweep_sessions(backend);

	for (__u32 first = 0; first < size; first += SLICE_MAX) {
		struct hp_sweep_args args = {
			.first = first,
			.count = slice_at(first, size),
			.audit = 1,
		};
		int ret = run(backend->skel->progs.hp_sweep, &args, sizeof(args));

		if (ret)
			return ret;
	}
	return 0;
}

/* --- the clock ---------------------------------------------------------------------------------------- */

/* A slice and a period so that the whole table is walked in SWEEP_PERIOD_S, in slices as small as the shortest work allows. */
static struct hp_clock_args clock_measures(__u32 sessions)
{
	__u32 slice = (sessions + SWEEP_PERIOD_S - 1) / SWEEP_PERIOD_S * SWEEP_TICK_MAX_S;
	__u64 period_us = SWEEP_TICK_MAX_S * 1000000ULL;

	if (slice > LIMIT_SWEEP_SLICE) {
		slice = LIMIT_SWEEP_SLICE;
		period_us = SWEEP_PERIOD_S * 1000000ULL * slice / sessions;
	}
	return (struct hp_clock_args){.slice = slice, .period_us = (__u32)period_us};
}

int clock_start(struct backend *backend)
{
	int ret = 0;

	/*
	 * The kernel takes the timer's memory without waiting for it (6.18: kmalloc_nolock()), and may find none at this very moment: seen at a start on a machine that
	 * had 20 GiB to spare.
	 */
	for (unsigned int i = 0; i < CLOCK_TRIES; i++) {
		struct hp_clock_args args = clock_measures(sweep_sessions(backend));

		ret = run(backend->skel->progs.hp_clock_start, &args, sizeof(args));
		if (!ret)
			ret = -(int)args.failed;
		if (ret != -ENOMEM)
			break;
		poll(NULL, 0, CLOCK_TRY_MS);
	}
	return ret;
}

int clock_check(struct backend *backend)
{
	struct hp_clock clock;
	__u32 zero = 0;
	struct timespec now;
	int ret = bpf_map_lookup_elem(bpf_map__fd(backend->skel->maps.hp_clock), &zero, &clock);

	if (ret)
		return ret;
	clock_gettime(CLOCK_BOOTTIME, &now);
	return (__u32)now.tv_sec - clock.ticked_s > CLOCK_LATE_S ? clock_start(backend) : 0;
}

/* --- what there is ------------------------------------------------------------------------------------ */

int sweep_total(const struct backend *backend, enum hp_total_of of, __u64 *ret_n)
{
	struct hp_total total;
	int ret = bpf_map_lookup_elem(bpf_map__fd(backend->skel->maps.hp_totals), &of, &total);

	if (!ret)
		*ret_n = total.n;
	return ret;
}
