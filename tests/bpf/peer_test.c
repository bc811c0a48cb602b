// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the remote addresses are noted that a host speaks to: in their set, and beside it where that has no room. */
/* Requirements: 10, 25, 65. */
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "hairpin.skel.h"
#include "rig_maps.h"

#define PLAN "wan 203.0.113.5 udp address\n" RIG_NETS
#define REMOTES (HP_PEER_SET_WORDS + 2)

/* All peers in one set, as if the table were a small one. */
static void one_set(struct rig *rig)
{
	const __u32 of = HP_TOTAL_SESSIONS;
	const struct hp_total total = {.n = LIMIT_PEER_SET_SHARE};

	assert_int_equal(
		bpf_map_update_elem(bpf_map__fd(rig->skel->maps.hp_totals), &of, &total, 0), 0);
}

static size_t entries(const struct rig *rig)
{
	_entries_ struct rig_entries e =
		rig_entries_read(bpf_map__fd(rig->skel->maps.hp_peers), sizeof(struct hp_peer_key),
				 sizeof(struct hp_peer));

	return e.n;
}

/* The host sends to 198.51.100.@remote. */
static void speak_to(struct rig *rig, unsigned int remote)
{
	char in[128], out[128];
	const struct step step = {.from = FROM_LAN,
				  .in = in,
				  .verdict = TO_WAN,
				  .reason = HP_SENT_OUTGOING,
				  .out = out};

	snprintf(in, sizeof(in), "udp 192.168.11.30:5000 > 198.51.100.%u:3478", remote);
	snprintf(out, sizeof(out), "udp 203.0.113.5:5000 > 198.51.100.%u:3478", remote);
	rig_step(rig, &step);
}

/* From another port of that address, so that no session but the filtering lets it in. */
static void expect_in(struct rig *rig, unsigned int remote, bool admitted)
{
	char in[128], out[128];
	const struct step step = {.from = FROM_WAN,
				  .in = in,
				  .verdict = admitted ? TO_LAN : DROP,
				  .reason = admitted ? HP_SENT_INCOMING : HP_DROP_FILTERED,
				  .out = admitted ? out : NULL};

	snprintf(in, sizeof(in), "udp 198.51.100.%u:9 > 203.0.113.5:5000", remote);
	snprintf(out, sizeof(out), "udp 198.51.100.%u:9 > 192.168.11.30:5000", remote);
	rig_step(rig, &step);
}

/* Each step looks whether sessions and peers agree in their number. */
static void set_and_beside(void **state)
{
	struct rig *rig = *state;

	rig_reset(rig, PLAN);
	one_set(rig);
	for (unsigned int i = 1; i < HP_PEER_SET_WORDS; i++)
		speak_to(rig, i);
	assert_int_equal(entries(rig), 0);
	for (unsigned int i = HP_PEER_SET_WORDS; i <= REMOTES; i++)
		speak_to(rig, i);
	assert_int_equal(entries(rig), REMOTES - HP_PEER_SET_WORDS + 1);
	for (unsigned int i = 1; i <= REMOTES; i++)
		expect_in(rig, i, true);
	expect_in(rig, REMOTES + 1, false);
}

/* Two in the set and one beside it end with their sessions; what is free is taken again. */
static void ends_with_the_session(void **state)
{
	static const unsigned int over[] = {0, 3, HP_PEER_SET_WORDS};
	struct rig *rig = *state;

	rig_reset(rig, PLAN);
	one_set(rig);
	for (unsigned int i = 1; i <= REMOTES; i++)
		speak_to(rig, i);
	for (size_t i = 0; i < ARRAY_SIZE(over); i++)
		rig_age(rig, over[i], TIMEOUT_UDP_S + 1);
	assert_int_equal(rig_sweep(rig, 0), ARRAY_SIZE(over));
	rig_check_tables(rig);
	assert_int_equal(entries(rig), REMOTES - HP_PEER_SET_WORDS);
	for (size_t i = 0; i < ARRAY_SIZE(over); i++)
		expect_in(rig, over[i] + 1, false);
	speak_to(rig, 101);
	speak_to(rig, 102);
	assert_int_equal(entries(rig), REMOTES - HP_PEER_SET_WORDS);
	speak_to(rig, 103);
	assert_int_equal(entries(rig), REMOTES - HP_PEER_SET_WORDS + 1);
	expect_in(rig, 101, true);
	expect_in(rig, 103, true);
}

/* A plan that begins to ask adds those of the sessions that are there, to the set and beside it. */
static void adopted(void **state)
{
	struct rig *rig = *state;

	rig_reset(rig, RIG_PLAN);
	one_set(rig);
	for (unsigned int i = 1; i <= REMOTES; i++)
		speak_to(rig, i);
	rig_plan_write(rig, 1, PLAN);
	rig_plan_activate(rig, 1);
	expect_in(rig, 1, false);
	assert_int_equal(rig_sweep(rig, 1), 0);
	rig_check_tables(rig);
	assert_int_equal(entries(rig), REMOTES - HP_PEER_SET_WORDS + 1);
	for (unsigned int i = 1; i <= REMOTES; i++)
		expect_in(rig, i, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_and_beside),
		cmocka_unit_test(ends_with_the_session),
		cmocka_unit_test(adopted),
	};

	return cmocka_run_group_tests_name("peer", tests, rig_setup, rig_teardown);
}
