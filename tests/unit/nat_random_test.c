// SPDX-License-Identifier: GPL-2.0-or-later
/* Thousands of random steps (native/steps.h), and what is left when all timers have run out. */
/* Requirements: 1, 3, 14, 22, 31, 66. */
#include "cleanup.h"
#include "native/steps.h"

#define STEPS 4000

static __u32 next(struct steps *r)
{
	__u64 *x = r->data;

	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return (__u32)(*x >> 33);
}

static void run_seed(__u64 seed)
{
	__u64 dice = seed * 0x9e3779b97f4a7c15;
	struct steps r = {.next = next, .data = &dice};

	steps_begin(&r);
	for (unsigned int i = 0; i < STEPS; i++)
		steps_one(&r);
	print_message("# seed %llu: %u sent, %u dropped, %u ended, %u rested\n", seed, r.sent,
		      r.dropped, r.ended, r.rested);
	/* Else the dice fell so that nothing was tried. */
	assert_true(r.sent > STEPS / 20 && r.dropped > STEPS / 20 && r.ended > STEPS / 100 &&
		    r.rested > STEPS / 200);
	steps_end(&r);
}

static void test_seeds(void **state _unused_)
{
	for (__u64 seed = 1; seed <= 8; seed++)
		run_seed(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),
	};

	return cmocka_run_group_tests_name("nat random", tests, NULL, NULL);
}
