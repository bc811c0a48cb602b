/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much memory this process may have, and has. */
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

/*
 * What malloc(3) has given to this process and not got back, with what it adds to each. Not the resident size, which says little of a leak: it has pages of files, what was
 * touched late, and what was given back and lies between what was not. Looks at every free piece: for once a second, not for each packet. A sanitizer's malloc() is not seen.
 */
__u64 memory_allocated_bytes(void);
