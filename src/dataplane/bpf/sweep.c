// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "internal.h"

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

static int sweep(struct backend *backend, __u32 first, __u32 end, bool audit)
{
	while (first < end) {
		struct hp_sweep_args args = {
			.first = first,
			.count = slice_at(first, end),
			.audit = audit,
		};
		int ret = run(backend->skel->progs.hp_sweep, &args, sizeof(args));

		if (ret)
			return ret;
		backend->sweep_active += args.active;
		first += args.count;
	}
	return 0;
}

static void pass_end(struct backend *backend)
{
	backend->active = backend->sweep_active;
	backend->sweep_active = 0;
	backend->sweep_first = 0;
}

int sweep_audit(struct backend *backend)
{
	int ret;

	backend->sweep_active = 0;
	ret = sweep(backend, 0, sweep_sessions(backend), true);
	if (!ret)
		pass_end(backend);
	return ret;
}

int sweep_slice(struct backend *backend)
{
	__u32 size = sweep_sessions(backend), slice = (size + SWEEP_PERIOD_S - 1) / SWEEP_PERIOD_S;
	__u32 end = size - backend->sweep_first < slice ? size : backend->sweep_first + slice;
	int ret = sweep(backend, backend->sweep_first, end, false);

	if (ret)
		return ret;
	backend->sweep_first = end;
	if (end == size)
		pass_end(backend);
	return 0;
}
