// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How much the verifier has to walk through for each program, against what it was when somebody last looked: bpf_verifier_growth DIRECTORY [--accept]
 *
 * Users run kernels whose verifier walks more than this one's, and a hot path that grows gets slower: both have to be seen when they come. The figures are those of
 * one kernel, in DIRECTORY/RELEASE, a program a line with its object and its figure; on another kernel there is nothing to compare with. When a program has grown
 * for a good reason, --accept writes the new figures there, and the commit says what the reason is.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "hairpin.skel.h"
#include "own.skel.h"
#include "rig.h"

#define GROWTH_PERCENT 20
#define FIGURES_MAX 64

struct figure {
	char object[32], program[64];
	unsigned int instructions;
};

struct figures {
	struct figure at[FIGURES_MAX];
	size_t n;
};

struct run {
	char path[512]; /* of the table */
	struct figures taken;
};

static struct figure *find(struct figures *figures, const struct figure *like)
{
	for (size_t i = 0; i < figures->n; i++) {
		if (!strcmp(figures->at[i].object, like->object) &&
		    !strcmp(figures->at[i].program, like->program))
			return &figures->at[i];
	}
	return NULL;
}

static void take(struct figures *figures, const char *name, const struct bpf_object *object)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
	{
		struct bpf_prog_info info = {0};
		__u32 size = sizeof(info);
		struct figure *at = &figures->at[figures->n++];

		assert_true(figures->n <= FIGURES_MAX);
		assert_int_equal(bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size), 0);
		/* Linux 5.16 and later say it. */
		assert_true(info.verified_insns > 0);
		snprintf(at->object, sizeof(at->object), "%s", name);
		snprintf(at->program, sizeof(at->program), "%s", bpf_program__name(program));
		at->instructions = info.verified_insns;
	}
}

static int take_all(void **state)
{
	struct run *run = *state;
	struct hairpin_bpf *hairpin = hairpin_bpf__open_and_load();
	struct own_bpf *own = own_bpf__open_and_load();

	assert_true(hairpin && own);
	take(&run->taken, "hairpin", hairpin->obj);
	take(&run->taken, "own", own->obj);
	hairpin_bpf__destroy(hairpin);
	own_bpf__destroy(own);
	return 0;
}

static void read_table(const char *path, struct figures *ret_figures)
{
	_fclose_ FILE *file = fopen(path, "re");
	char line[256];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		struct figure *at = &ret_figures->at[ret_figures->n];

		if (line[0] == '#')
			continue;
		if (sscanf(line, "%31s %63s %u", at->object, at->program, &at->instructions) != 3)
			fail_msg("%s: what is %s?", path, line);
		ret_figures->n++;
		assert_true(ret_figures->n < FIGURES_MAX);
	}
}

static int accept_all(struct run *run)
{
	_fclose_ FILE *file = fopen(run->path, "we");

	if (!file) {
		perror(run->path);
		return 1;
	}
	fprintf(file, "# SPDX-License-Identifier: GPL-2.0-or-later\n"
		      "# Object, program, instructions that this kernel's verifier walks through: "
		      "tests/bpf/verifier_growth_test.c.\n");
	for (size_t i = 0; i < run->taken.n; i++)
		fprintf(file, "%s %s %u\n", run->taken.at[i].object, run->taken.at[i].program,
			run->taken.at[i].instructions);
	return 0;
}

static bool has_grown(const struct figure *old, const struct figure *new)
{
	return (__u64) new->instructions * 100 > (__u64)old->instructions *(100 + GROWTH_PERCENT);
}

static void test_growth(void **state)
{
	struct run *run = *state;
	struct figures table = {0};
	unsigned int faults = 0;

	read_table(run->path, &table);
	for (size_t i = 0; i < run->taken.n; i++) {
		const struct figure *new = &run->taken.at[i], *old = find(&table, new);

		print_message("# %s of %s: %u, was %u\n", new->program, new->object,
			      new->instructions, old ? old->instructions : 0);
		if (!old || has_grown(old, new)) {
			print_error("%s of %s: %u instructions, %u are written down\n",
				    new->program, new->object, new->instructions,
				    old ? old->instructions : 0);
			faults++;
		}
	}
	if (faults)
		fail_msg(
			"%u of the programs grew by more than %d %%, or have no figure. If that "
			"is right: build/tests/bpf/bpf_verifier_growth tests/bpf/verified --accept",
			faults, GROWTH_PERCENT);
}

/* A table that names what is no more hides that nothing is compared. */
static void test_all_there(void **state)
{
	struct run *run = *state;
	struct figures table = {0};

	read_table(run->path, &table);
	for (size_t i = 0; i < table.n; i++) {
		if (!find(&run->taken, &table.at[i]))
			fail_msg("%s: there is no %s in %s", run->path, table.at[i].program,
				 table.at[i].object);
	}
}

int main(int argc, char **argv)
{
	struct run run = {0};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_growth, &run),
		cmocka_unit_test_prestate(test_all_there, &run),
	};
	struct utsname kernel;
	void *state = &run;
	bool accept = argc == 3 && !strcmp(argv[2], "--accept");

	if ((argc != 2 && !accept) || uname(&kernel)) {
		fprintf(stderr, "usage: %s DIRECTORY [--accept]\n", argv[0]);
		return 2;
	}
	rig_need_root();
	/* Up to the first dash: what follows is whose kernel it is. */
	kernel.release[strcspn(kernel.release, "-")] = 0;
	snprintf(run.path, sizeof(run.path), "%s/%s", argv[1], kernel.release);
	if (!accept && access(run.path, R_OK)) {
		printf("1..0 # SKIP no figures were taken on Linux %s\n", kernel.release);
		return 77;
	}
	take_all(&state);
	if (accept)
		return accept_all(&run);
	return cmocka_run_group_tests_name("verifier_growth", tests, NULL, NULL);
}
