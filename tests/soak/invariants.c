// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * invariants PINS [check | left | hold | age SECONDS | rest SECONDS]: looks at a data plane that stands, not at one of the rig.
 *
 * check (default): whether its tables agree with one another, as the bpf suite does after each packet. No packet may be on its way meanwhile, and no
 * sweep: a port that is freed between two looks would seem to be at rest and in use.
 * left: prints what they hold, "NAME NUMBER" on a line for each.
 * hold: stops the clock that sweeps, until a daemon starts it anew. A write to the element that has the timer cancels it; the kernel does so because
 * it would have to free what the timer points to.
 * age: makes every session that much older, so that the sweep finds its time up.
 * rest: lets every port that rests have rested that much longer.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "hairpin.skel.h"
#include "rig.h"
#include "rig_maps.h"

/* The skeleton with the maps of the data plane pinned in @pins, and without its programs. */
static struct hairpin_bpf *maps_open(const char *pins)
{
	struct hairpin_bpf *skel = hairpin_bpf__open();
	struct bpf_program *program;
	struct bpf_map *map;

	if (!skel)
		return NULL;
	bpf_object__for_each_program(program, skel->obj)
	{
		bpf_program__set_autoload(program, false);
	}
	bpf_object__for_each_map(map, skel->obj)
	{
		_strbuf_ struct strbuf path = {0};
		_close_ int fd = -1;

		strbuf_add(&path, "%s/%s", pins, bpf_map__name(map));
		fd = bpf_obj_get(path.text);
		if (fd >= 0 && bpf_map__reuse_fd(map, fd))
			return NULL;
	}
	return hairpin_bpf__load(skel) ? NULL : skel;
}

static void the_tables_agree(void **state)
{
	rig_check_tables(*state);
}

static int check(struct rig *rig)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(the_tables_agree, rig),
	};

	return cmocka_run_group_tests_name("invariants", tests, NULL, NULL);
}

static int age(struct rig *rig, __u32 seconds)
{
	int map = bpf_map__fd(rig->skel->maps.hp_sessions);

	for (__u32 i = 0; i < rig->sessions; i++) {
		struct hp_session session;

		if (bpf_map_lookup_elem(map, &i, &session) || !rig_is_active(&session))
			continue;
		session.last_seen_s -= seconds;
		if (bpf_map_update_elem(map, &i, &session, BPF_EXIST))
			return 1;
	}
	return 0;
}

static int hold(struct rig *rig)
{
	int map = bpf_map__fd(rig->skel->maps.hp_clock);
	struct hp_clock clock;
	__u32 zero = 0;

	return bpf_map_lookup_elem(map, &zero, &clock) ||
	       bpf_map_update_elem(map, &zero, &clock, BPF_EXIST);
}

static int rest(struct rig *rig, __u32 seconds)
{
	rig_age_rest(rig, seconds);
	return 0;
}

static size_t count_keys(const struct bpf_map *map)
{
	_entries_ struct rig_entries e = rig_entries_read(bpf_map__fd(map), bpf_map__key_size(map),
							  bpf_map__value_size(map));

	return e.n;
}

static bool is_active(struct rig *rig, __u32 index)
{
	struct hp_session session = rig_session(rig, index);

	return rig_is_active(&session);
}

static int left(struct rig *rig)
{
	const struct bpf_map *maps[] = {
		rig->skel->maps.hp_flows4,   rig->skel->maps.hp_flows6, rig->skel->maps.hp_mappings,
		rig->skel->maps.hp_bindings, rig->skel->maps.hp_peers,	rig->skel->maps.hp_hosts,
	};
	size_t active = 0;

	for (__u32 i = 0; i < rig->sessions; i++)
		active += is_active(rig, i);
	printf("sessions %zu\n", active);
	for (size_t i = 0; i < sizeof(maps) / sizeof(*maps); i++)
		printf("%s %zu\n", bpf_map__name(maps[i]) + strlen("hp_"), count_keys(maps[i]));
	return 0;
}

/* One of the two functions. */
static const struct command {
	const char *name;
	int (*run)(struct rig *rig);
	int (*run_seconds)(struct rig *rig, __u32 seconds);
} commands[] = {
	{.name = "check", .run = check},       {.name = "left", .run = left},
	{.name = "hold", .run = hold},	       {.name = "age", .run_seconds = age},
	{.name = "rest", .run_seconds = rest},
};

static const struct command *command_find(int argc, char **argv)
{
	const char *name = argc > 2 ? argv[2] : "check";

	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (!strcmp(name, commands[i].name) && argc >= 2 &&
		    argc <= (commands[i].run ? 3 : 4) && (commands[i].run || argc == 4))
			return &commands[i];
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const struct command *command = command_find(argc, argv);
	struct rig rig = {0};
	int status;

	if (!command) {
		fprintf(stderr,
			"usage: invariants PINS [check | left | hold | age SECONDS | rest SECONDS]\n");
		return 2;
	}
	rig.skel = maps_open(argv[1]);
	if (!rig.skel) {
		fprintf(stderr, "%s: no data plane that can be read: %s\n", argv[1],
			strerror(errno));
		return 1;
	}
	rig.sessions = bpf_map__max_entries(rig.skel->maps.hp_sessions);
	status = command->run ? command->run(&rig)
			      : command->run_seconds(&rig, (__u32)strtoul(argv[3], NULL, 10));
	hairpin_bpf__destroy(rig.skel);
	return status;
}
