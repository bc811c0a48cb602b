// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "internal.h"

/* One run of a program keeps its CPU to itself: some ten milliseconds at this size. */
#define SLICE_MAX 65536u

__u32 sweep_sessions(const struct backend *backend)
{
	return bpf_map__max_entries(backend->skel->maps.hp_sessions);
}

/* A SYSCALL program writes its results over its arguments. */
static int run(const struct bpf_program *program, void *args, __u32 size)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = args, .ctx_size_in = size);
	int ret = bpf_prog_test_run_opts(bpf_program__fd(program), &options);

	if (ret)
		return ret;
	return options.retval ? -EIO : 0;
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
