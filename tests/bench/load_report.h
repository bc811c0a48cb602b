/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What load found. */
#pragma once

#include <linux/types.h>
#include <stddef.h>

#include "load.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-qual"
#include "load.skel.h"
#pragma GCC diagnostic pop

#define LOAD_PROGRAMS 32

/* A program of hairpin's, and what it did between begin and end. */
struct load_program {
	__u32 id;
	char name[16];
	__u64 runs, ns;
};

struct load_report {
	__u64 sent;
	__u64 ns;
	__u64 warmed; /* frames that came right before those that were measured */
	__u32 flows;
	int stats_fd; /* while it is open the kernel measures every program */
	size_t programs_n;
	struct load_program programs[LOAD_PROGRAMS];
};

/* Of all CPUs together. */
void load_tally_read(struct load_bpf *skel, struct load_tally *ret);
void load_tally_clear(struct load_bpf *skel);
/* Frames of ours that came, right or wrong. */
__u64 load_tally_frames(const struct load_tally *tally);

/* Notes what hairpin's programs, by name, have done so far, and lets the kernel measure them. */
void load_programs_begin(struct load_report *report);
/* Leaves in @report what they did since. */
void load_programs_end(struct load_report *report);

/* JSON, on one line. */
void load_report_print(struct load_bpf *skel, const struct load_report *report);
