// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * invariants PINS [check | age SECONDS]: looks at a data plane that stands, not at one of the rig.
 *
 * check (default): whether its tables agree with one another, as the bpf suite does after each packet. No packet may be on its way meanwhile.
 * age: makes every session that much older, so that the sweep finds its time up.
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

int main(int argc, char **argv)
{
	struct rig rig = {0};
	int status;

	if (argc != 2 && !(argc == 3 && !strcmp(argv[2], "check")) &&
	    !(argc == 4 && !strcmp(argv[2], "age"))) {
		fprintf(stderr, "usage: invariants PINS [check | age SECONDS]\n");
		return 2;
	}
	rig.skel = maps_open(argv[1]);
	if (!rig.skel) {
		fprintf(stderr, "%s: no data plane that can be read: %s\n", argv[1],
			strerror(errno));
		return 1;
	}
	rig.sessions = bpf_map__max_entries(rig.skel->maps.hp_sessions);
	status = argc == 4 ? age(&rig, (__u32)strtoul(argv[3], NULL, 10)) : check(&rig);
	hairpin_bpf__destroy(rig.skel);
	return status;
}
