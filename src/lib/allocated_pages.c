// SPDX-License-Identifier: GPL-2.0-or-later
/* Where it does not, as musl: the pages of this process that are nobody else's, which is somewhat more. */
#include <stdio.h>
#include <unistd.h>

#include "cleanup.h"
#include "memory.h"

__u64 memory_allocated_bytes(void)
{
	_fclose_ FILE *file = fopen("/proc/self/statm", "re");
	unsigned long resident, shared;

	if (!file || fscanf(file, "%*u %lu %lu", &resident, &shared) != 2 || shared > resident)
		return 0;
	return (__u64)(resident - shared) * (__u64)sysconf(_SC_PAGESIZE);
}
