// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The verifier takes each program, and is far from giving up on it, which it does at a million instructions: users run kernels whose verifier walks more than this
 * one's. That none has grown unseen is for verifier_growth.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "hairpin.skel.h"
#include "rig.h"

#define VERIFIER_LIMIT 1000000u

static unsigned int count_walked(struct bpf_program *program)
{
	struct bpf_prog_info info = {0};
	__u32 size = sizeof(info);

	assert_int_equal(bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size), 0);
	assert_true(info.verified_insns > 0);
	return info.verified_insns;
}

static void test_limit(void **state)
{
	struct rig *rig = *state;
	struct bpf_program *program;

	bpf_object__for_each_program(program, rig->skel->obj)
	{
		unsigned int walked = count_walked(program);

		print_message("# %s: %u instructions walked\n", bpf_program__name(program), walked);
		assert_true(walked < VERIFIER_LIMIT / 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limit),
	};

	rig_need_root();
	return cmocka_run_group_tests_name("verifier", tests, rig_setup, rig_teardown);
}
