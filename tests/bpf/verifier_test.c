// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How much the verifier has to walk through for each program. It gives up at a million instructions, and users run kernels
 * whose verifier walks more than this one's: growth has to be seen when it comes. A figure is compared on the release that it was
 * taken on, and only printed elsewhere. When a program has grown for a good reason, its new figure goes into the table.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "hairpin.skel.h"
#include "rig.h"

#define GROWTH_PERCENT 20
#define VERIFIER_LIMIT 1000000u

struct figure {
	const char *release; /* as uname says it, up to the first dash */
	const char *program;
	unsigned int instructions;
};

static const struct figure figures[] = {
	{"6.18.44", "hp_lan_ingress", 68619}, {"6.18.44", "hp_wan_ingress", 62427},
	{"6.18.44", "hp_wan_egress", 61065},  {"6.18.44", "hp_fill", 83},
	{"6.18.44", "hp_sweep", 10067},	      {"6.18.44", "hp_clock_start", 6631},
	{"6.18.44", "hp_import", 29262},      {"6.18.44", "hp_sorted", 67463},
	{"6.18.44", "hp_arm_ingress", 73262}, {"6.18.44", "hp_fast", 3564},
};

static const struct figure *find_figure(const char *release, const char *program)
{
	size_t length = strcspn(release, "-");

	for (size_t i = 0; i < ARRAY_SIZE(figures); i++) {
		if (strlen(figures[i].release) == length &&
		    !strncmp(release, figures[i].release, length) &&
		    !strcmp(program, figures[i].program))
			return &figures[i];
	}
	return NULL;
}

/* How many programs have a figure; those of other kernels have none. */
static unsigned int figures_of(const char *release)
{
	unsigned int n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		n += find_figure(release, figures[i].program) == &figures[i];
	return n;
}

static unsigned int count_walked(struct bpf_program *program)
{
	struct bpf_prog_info info = {0};
	__u32 size = sizeof(info);

	assert_int_equal(bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size), 0);
	assert_true(info.verified_insns > 0);
	return info.verified_insns;
}

static void test_figures(void **state)
{
	struct rig *rig = *state;
	struct bpf_program *program;
	struct utsname kernel;
	unsigned int programs = 0, grown = 0;

	assert_int_equal(uname(&kernel), 0);
	bpf_object__for_each_program(program, rig->skel->obj)
	{
		const char *name = bpf_program__name(program);
		const struct figure *figure = find_figure(kernel.release, name);
		unsigned int walked = count_walked(program);

		programs++;
		assert_true(walked < VERIFIER_LIMIT / 2);
		print_message("# %s: %u instructions walked, %u written down\n", name, walked,
			      figure ? figure->instructions : 0);
		grown += figure && walked > figure->instructions * (100 + GROWTH_PERCENT) / 100;
	}
	/* A program without a figure has grown from nothing, unseen. */
	if (figures_of(kernel.release))
		assert_int_equal(programs, figures_of(kernel.release));
	if (grown)
		fail_msg("%u programs grew by more than %d %%", grown, GROWTH_PERCENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_figures),
	};

	rig_need_root();
	return cmocka_run_group_tests_name("verifier", tests, rig_setup, rig_teardown);
}
