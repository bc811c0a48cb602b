// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the libc counts what it gave out. */
#include <malloc.h>

#include "memory.h"

__u64 memory_allocated_bytes(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}
