// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets, sweeps, audits and plans in any order on the native core, as the input says; after each one both indices agree, no port has
 * two owners, references are counted right, and when all timers have run out nothing is left (native/steps.h).
 */
/* Requirements: 1, 3, 14, 22, 31. */
#include "fuzz.h"
#include "native/steps.h"

static __u32 next(struct steps *r)
{
	return fuzz_u8(r->data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, size};
	struct steps steps = {.next = next, .data = &input};

	steps_begin(&steps);
	while (!fuzz_over(&input))
		steps_one(&steps);
	steps_end(&steps);
	return 0;
}
