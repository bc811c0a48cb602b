// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The noted way against the long one: each case runs three times from empty tables, by the long way alone, with tc's noted way, and with that of XDP before it.
 * Whichever way a packet takes, the same IP packet comes out, the same is counted, and the same is known afterwards.
 */
#include <arpa/inet.h>
#include <linux/pkt_cls.h>
#include <stdlib.h>
#include <string.h>

#include "way_cases.h"

static const char *const way_names[WAY_MAX] = {"the long way", "the short way", "the fast way"};

struct way_run {
	const struct way_case *c;
	struct rig **rig;
};

/* The only thing of an answer that nobody can foretell is its identification. */
static void forget_id(struct way_result *result)
{
	if (result->counts[HP_SENT_ICMP_ERROR])
		frame_set_ip_id(&result->out, 0);
}

static void run_step(struct rig *rig, const struct way_case *c, const struct way_step *step,
		     enum way allowed, struct way_result *ret_result)
{
	enum way expected = step->best < allowed ? step->best : allowed;
	__u64 counts[HP_REASON_MAX];
	struct frame in;

	if (step->before)
		step->before(rig);
	way_build(step, &in);
	way_read_counts(rig, counts);
	way_run(rig, step, &in, allowed, ret_result);
	way_read_result(rig, counts, ret_result);
	forget_id(ret_result);
	if (ret_result->way != expected)
		fail_msg("it took %s", way_names[ret_result->way]);
	if (!c->torn)
		rig_check_tables(rig);
}

static void expect_same(const struct way_result *expected, const struct way_result *got)
{
	assert_int_equal(got->verdict, expected->verdict);
	/* That it was sent to WAN is for tc's programs; what XDP sends meets none. */
	if (got->way != WAY_FAST)
		assert_int_equal(got->mark, expected->mark);
	assert_string_equal(strbuf_text(&got->state), strbuf_text(&expected->state));
	assert_memory_equal(got->counts, expected->counts, sizeof(got->counts));
	if (expected->verdict == TC_ACT_SHOT)
		return;
	assert_int_equal(got->out.length, expected->out.length);
	assert_memory_equal(got->out.octets + FRAME_L3, expected->out.octets + FRAME_L3,
			    expected->out.length - FRAME_L3);
}

static void run_case(void **state)
{
	struct way_run *run = *state;
	const struct way_case *c = run->c;
	struct way_result by_long[WAY_STEPS] = {0}, result;

	assert_non_null(*run->rig);
	for (enum way allowed = WAY_LONG; allowed < WAY_MAX; allowed++) {
		print_message("# %s\n", way_names[allowed]);
		way_reset(*run->rig, c, allowed);
		for (size_t i = 0; c->steps[i].in; i++) {
			print_message("# %s\n", c->steps[i].in);
			result = (struct way_result){0};
			run_step(*run->rig, c, &c->steps[i], allowed, &result);
			if (allowed == WAY_LONG) {
				by_long[i] = result;
				continue;
			}
			expect_same(&by_long[i], &result);
			strbuf_fini(&result.state);
		}
	}
	for (size_t i = 0; i < WAY_STEPS; i++)
		strbuf_fini(&by_long[i].state);
}

static void send_question(struct rig *rig, unsigned int host)
{
	struct way_result result = {0};
	struct way_step step = {.from = FROM_LAN};
	struct frame frame;
	char text[64];

	snprintf(text, sizeof(text), "udp 192.168.11.%u:%u > 198.51.100.7:53", 30 + host % 200,
		 40000 + host);
	step.in = text;
	way_build(&step, &frame);
	way_run(rig, &step, &frame, WAY_SHORT, &result);
	assert_int_equal(result.verdict, TC_ACT_REDIRECT);
	assert_int_equal(result.way, WAY_LONG);
}

/* Who gets the index of a session that ended does not get its way. */
static void test_heir(void **state)
{
	struct way_run *run = *state;
	struct rig *rig = *run->rig;
	struct hp_session s;

	way_reset(rig, &way_cases[0], WAY_SHORT);
	for (unsigned int i = 0; i < 2; i++)
		send_question(rig, 0);
	s = rig_session(rig, 0);
	assert_int_equal(s.way[0].epoch, way_pace_get(rig).epoch);
	rig_age(rig, 0, TIMEOUT_QUESTION_S);
	assert_int_equal(rig_sweep(rig, false), 1);
	/* The list of free ones is a queue. From many hosts, as one may not have them all. */
	for (unsigned int i = 0; i < rig->sessions; i++)
		send_question(rig, 1 + i);
	s = rig_session(rig, 0);
	assert_int_equal(s.v4.orig.sport, htons((__u16)(40000 + rig->sessions)));
	assert_int_equal(s.way[0].epoch, 0);
}

/* The first test of the group, so that its failure is told as any other. */
static void open_rig(void **state)
{
	struct way_run *run = *state;

	*run->rig = way_rig_open();
}

int main(void)
{
	struct CMUnitTest tests[64] = {0};
	struct way_run runs[ARRAY_SIZE(tests)] = {0};
	struct rig *rig = NULL;
	size_t n = 0;
	void *state;
	int ret;

	rig_need_root();
	runs[n].rig = &rig;
	tests[n++] = (struct CMUnitTest){"the rig", open_rig, NULL, NULL, &runs[0]};
	for (const struct way_case *c = way_cases; c->name; c++) {
		runs[n] = (struct way_run){.c = c, .rig = &rig};
		tests[n] = (struct CMUnitTest){c->name, run_case, NULL, NULL, &runs[n]};
		n++;
	}
	assert_true(n < ARRAY_SIZE(tests));
	tests[n++] = (struct CMUnitTest){"an heir", test_heir, NULL, NULL, &runs[0]};
	ret = _cmocka_run_group_tests("short", tests, n, NULL, NULL);
	state = rig;
	if (rig)
		rig_teardown(&state);
	return ret;
}
