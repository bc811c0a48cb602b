/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Port lists that are well known, by name; the one data file is presets.c. */
#pragma once

#include <linux/types.h>
#include <stddef.h>

#define PRESET_PORTS_MAX 4

/* External and internal ports are the same. */
struct preset_port {
	__u16 first, last; /* 0: end of the list */
	__u8 proto;
};

struct preset {
	const char *name;
	const char *doc; /* what it is, for the manual */
	const char *note; /* what `check` tells who uses it, or NULL */
	const char *rewrite_note; /* the same where DNS gives its name the host's address inside */
	struct preset_port ports[PRESET_PORTS_MAX + 1];
};

extern const struct preset presets[]; /* sorted by name */
extern const size_t preset_count;

const struct preset *preset_find(const char *name); /* NULL: unknown */
