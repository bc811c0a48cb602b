// SPDX-License-Identifier: GPL-2.0-or-later
/* Steps and cases: packets with what has to become of them. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "hairpin.skel.h"
#include "rig_maps.h"

#define OUR_MARKS (MARK_ADMITTED | MARK_SENT)

static const char *const reason_names[HP_REASON_MAX] = {
#define X(symbol, name, text) [symbol] = name,
	HP_REASONS(X)
#undef X
};

/* One counter of a map that has one for each CPU. */
static __u64 read_counter(const struct bpf_map *map, __u32 key)
{
	int cpus = libbpf_num_possible_cpus();
	_free_ __u64 *values = calloc((size_t)cpus, sizeof(*values));
	__u64 sum = 0;

	assert_non_null(values);
	assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(map), &key, values), 0);
	for (int cpu = 0; cpu < cpus; cpu++)
		sum += values[cpu];
	return sum;
}

static void read_reasons(struct rig *rig, __u64 *ret_packets)
{
	for (__u32 reason = 0; reason < HP_REASON_MAX; reason++)
		ret_packets[reason] = read_counter(rig->skel->maps.hp_reasons, reason);
}

__u64 rig_stat(struct rig *rig, enum hp_stat stat)
{
	return read_counter(rig->skel->maps.hp_stats, stat);
}

__u64 rig_count(struct rig *rig, enum hp_reason reason)
{
	__u64 now[HP_REASON_MAX];

	read_reasons(rig, now);
	return now[reason] - rig->reasons[reason];
}

void rig_expect_counts(struct rig *rig, enum hp_reason reason, enum hp_reason also)
{
	__u64 now[HP_REASON_MAX];

	read_reasons(rig, now);
	for (__u32 i = 0; i < HP_REASON_MAX; i++) {
		__u64 moved = now[i] - rig->reasons[i];
		__u64 expected = i == reason || (also && i == also);

		if (moved != expected)
			fail_msg("counter %s moved by %llu, not by %llu", reason_names[i], moved,
				 expected);
	}
	memcpy(rig->reasons, now, sizeof(now));
}

static int action_of(enum rig_verdict verdict)
{
	switch (verdict) {
	case PASS:
		return TC_ACT_UNSPEC;
	case DROP:
		return TC_ACT_SHOT;
	default:
		return TC_ACT_REDIRECT;
	}
}

static __u32 mark_of(const struct step *step, __u32 before)
{
	if (step->from == FROM_HOST)
		return before & ~OUR_MARKS;
	switch (step->verdict) {
	case PASS:
		if ((before & OUR_MARKS) == MARK_SORTED)
			before &= ~MARK_SORTED;
		return before | MARK_ADMITTED;
	case DROP:
	case TO_SORTER:
		return before;
	case TO_STACK:
		return before | MARK_SORTED;
	case TO_LAN:
		return before & ~OUR_MARKS;
	case TO_WAN:
		return (before & ~OUR_MARKS) | MARK_SENT;
	}
	return 0;
}

/* The headers in hex, a row of sixteen octets each, the first that differs marked. */
static void show_frames(const struct frame *got, const struct frame *expected)
{
	size_t length = got->length > expected->length ? got->length : expected->length;

	for (size_t i = 0; i < length; i += 16) {
		print_error("%04zx", i);
		for (size_t j = i; j < i + 16 && j < length; j++)
			print_error(got->octets[j] == expected->octets[j] ? " %02x" : " %02x!=%02x",
				    got->octets[j], expected->octets[j]);
		print_error("\n");
	}
}

static void check_frame(const struct step *step, const struct frame *in, const struct frame *out)
{
	bool sent = step->verdict == TO_LAN || step->verdict == TO_WAN;
	const __u8 sorter_macs[] = {SORTER_MAC_INSIDE_OCTETS, SORTER_MAC_OUTSIDE_OCTETS};
	struct frame expected = *in;

	/* What is dropped is nobody's business any more. */
	if (step->verdict == DROP)
		return;
	if (step->verdict == TO_SORTER) {
		frame_build(&expected, step->out ? step->out : step->in, 65);
		memcpy(expected.octets, sorter_macs, sizeof(sorter_macs));
	} else if (step->out) {
		frame_build(&expected, step->out, sent ? 63 : 64);
	}
	if (step->also) {
		__be16 id;

		/* The identification of an answer of our own is random: the only thing that cannot be foretold. */
		memcpy(&id, out->octets + FRAME_L3 + 4, sizeof(id));
		frame_set_ip_id(&expected, id);
	}
	if (out->length != expected.length ||
	    memcmp(out->octets, expected.octets, expected.length)) {
		show_frames(out, &expected);
		fail_msg("got %zu octets, expected %zu: %s", out->length, expected.length,
			 step->out ? step->out : "as it came in");
	}
	if (frame_fault(out))
		fail_msg("frame out: %s", frame_fault(out));
}

void rig_step(struct rig *rig, const struct step *step)
{
	const struct rig_input input = {
		.mark = step->mark | RIG_FOREIGN_MARK,
		.gso_size = step->gso_size,
		/* An answer is made out of the packet cut short, and then the kernel forgets the device's checksum. */
		.no_device_checksum = step->nocheck || step->also,
	};
	struct rig_result result;
	struct frame in;

	frame_build(&in, step->in, 64);
	if (frame_fault(&in))
		fail_msg("frame in: %s", frame_fault(&in));
	rig_run(rig, step->from, &in, &input, &result);
	rig_expect_counts(rig, step->reason, step->also);
	assert_int_equal(result.verdict, action_of(step->verdict));
	assert_int_equal(result.mark, mark_of(step, input.mark));
	check_frame(step, &in, &result.out);
	rig_check_tables(rig);
	if (step->state)
		rig_expect_state(rig, step->state);
}

void rig_steps(struct rig *rig, const struct step *steps)
{
	for (; steps->in; steps++) {
		print_message("# %s\n", steps->in);
		rig_step(rig, steps);
	}
}

/* --- cases -------------------------------------------------------------------------------------- */

/* What a test of a table gets: cmocka hands on one pointer, the case, and the rig that all of them share is needed too. */
struct case_run {
	const struct rig_case *c;
	struct rig **rig;
};

/* The first test of the group, so that its failure is told as any other. */
static void open_rig(void **state)
{
	struct case_run *run = *state;

	*run->rig = rig_open(LIMIT_SESSIONS_MIN);
}

static void run_case(void **state)
{
	struct case_run *run = *state;
	_strbuf_ struct strbuf plan = {0};

	assert_non_null(*run->rig);
	strbuf_add(&plan, "%s%s", run->c->base ? run->c->base : RIG_PLAN,
		   run->c->plan ? run->c->plan : "");
	rig_reset(*run->rig, strbuf_text(&plan));
	rig_steps(*run->rig, run->c->steps);
}

int rig_run_cases(const char *group, const struct rig_case *cases, size_t n_cases)
{
	_free_ struct CMUnitTest *tests = calloc(n_cases + 1, sizeof(*tests));
	_free_ struct case_run *runs = calloc(n_cases + 1, sizeof(*runs));
	struct rig *rig = NULL;
	void *state;
	int ret;

	rig_need_root();
	if (!tests || !runs)
		return 1;
	runs[0].rig = &rig;
	tests[0] = (struct CMUnitTest){"the rig", open_rig, NULL, NULL, &runs[0]};
	for (size_t i = 0; i < n_cases; i++) {
		runs[i + 1] = (struct case_run){.c = &cases[i], .rig = &rig};
		tests[i + 1] =
			(struct CMUnitTest){cases[i].name, run_case, NULL, NULL, &runs[i + 1]};
	}
	ret = _cmocka_run_group_tests(group, tests, n_cases + 1, NULL, NULL);
	state = rig;
	if (rig)
		rig_teardown(&state);
	return ret;
}
