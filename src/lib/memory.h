/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much memory this process may have. */
#pragma once

#include <linux/types.h>

/*
 * The machine's memory or the least limit of the cgroups that the process is in, whichever is smaller: version 2's memory.max
 * and version 1's memory.limit_in_bytes, each from the process's own group up to the root. What the kernel keeps for a BPF map
 * counts against the group of the process that made the map. 0 where nothing can be read.
 *
 * @root is put before every path: "" on a machine, a folder in a test.
 */
__u64 memory_usable_bytes(const char *root);
