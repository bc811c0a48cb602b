// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which TCP segments a session believes. Connections are played through the core, from inside and from outside, with numbers that wrap
 * around; whoever is not on the path sends what it likes from outside and must change nothing at all.
 */
/* Requirements: 24, 49, 50. */
#include "cleanup.h"
#include "native/world.h"

#include "nat/lan.h"
#include "nat/wan.h"

#define TCP 6
#define NOW_S 1000
#define F NAT_TCP_BIT_FIN
#define S NAT_TCP_BIT_SYN
#define R NAT_TCP_BIT_RST
#define A NAT_TCP_BIT_ACK

/* First numbers: both wrap around soon. */
#define IN_SEQ 0xfffffff0u
#define OUT_SEQ 0xfffffe00u

enum place { INSIDE, OUTSIDE };

struct play {
	struct nat_world *world;
	struct nat_ctx c;
	bool forward; /* the outside began */
	__u32 now_s;
};

struct segment {
	enum place from;
	__u8 flags;
	__u32 seq, ack, octets;
};

/* Runs a segment of the connection; the core lets every one of them through, whatever it thinks of it. */
static void run(struct play *p, const struct segment *seg)
{
	const struct world_tuple out = {LAN_HOST(30), REMOTE(7), 40000, 443};
	const struct world_tuple in = {REMOTE(7), PUBLIC, 443, 40000};
	const struct world_tuple answer = {LAN_HOST(20), REMOTE(7), 80, 50000};
	const struct world_tuple client = {REMOTE(7), PUBLIC, 50000, 80};
	bool inside = seg->from == INSIDE;
	int action;

	world_begin(&p->c, inside ? WORLD_LAN : WORLD_WAN, inside ? HP_SIDE_LAN : HP_SIDE_WAN,
		    p->now_s);
	if (p->forward)
		world_packet(&p->c, TCP, inside ? &answer : &client);
	else
		world_packet(&p->c, TCP, inside ? &out : &in);
	p->c.in.tcp_flags = seg->flags;
	p->c.in.tcp_seq = htonl(seg->seq);
	p->c.in.tcp_ack = htonl(seg->ack);
	p->c.in.tcp_octets = seg->octets + !!(seg->flags & S) + !!(seg->flags & F);
	action = inside ? nat_lan(NULL, &p->c) : nat_wan(NULL, &p->c);
	assert_int_equal(action, NAT_SEND);
}

static void begin(struct play *p, struct nat_world *world, bool forward)
{
	const struct world_forward rule = {
		.proto = TCP, .port = 80, .host = LAN_HOST(20), .host_port = 80};

	*p = (struct play){.world = world, .forward = forward, .now_s = NOW_S};
	world_plan(world, world->slot);
	if (forward)
		world_forward(world, world->slot, &rule);
}

static struct hp_session *session(struct play *p)
{
	return &p->world->sessions[0];
}

static int state_of(struct play *p)
{
	return nat_word_tcp(session(p)->word);
}

static bool is_proven(struct play *p)
{
	return nat_word_flags(session(p)->word) & HP_SESSION_PROVEN;
}

static void run_all(struct play *p, const struct segment *segments, size_t n)
{
	for (size_t i = 0; i < n; i++)
		run(p, &segments[i]);
}
#define RUN(p, ...)                                       \
	run_all(p, (const struct segment[]){__VA_ARGS__}, \
		sizeof((const struct segment[]){__VA_ARGS__}) / sizeof(struct segment))

/* Three steps. Afterwards the next number of the inside is IN_SEQ + 1, of the outside OUT_SEQ + 1. */
static void establish(struct play *p)
{
	if (p->forward)
		RUN(p, {OUTSIDE, S, OUT_SEQ, 0, 0}, {INSIDE, S | A, IN_SEQ, OUT_SEQ + 1, 0},
		    {OUTSIDE, A, OUT_SEQ + 1, IN_SEQ + 1, 0});
	else
		RUN(p, {INSIDE, S, IN_SEQ, 0, 0}, {OUTSIDE, S | A, OUT_SEQ, IN_SEQ + 1, 0},
		    {INSIDE, A, IN_SEQ + 1, OUT_SEQ + 1, 0});
	assert_int_equal(state_of(p), HP_TCP_ESTABLISHED);
}

/* Some data each way: 100 octets of the inside and 2000 of the outside, of which half is acknowledged. */
static void exchange(struct play *p)
{
	establish(p);
	RUN(p, {INSIDE, A, IN_SEQ + 1, OUT_SEQ + 1, 100},
	    {OUTSIDE, A, OUT_SEQ + 1, IN_SEQ + 101, 1000},
	    {INSIDE, A, IN_SEQ + 101, OUT_SEQ + 1001, 0},
	    {OUTSIDE, A, OUT_SEQ + 1001, IN_SEQ + 101, 1000});
}

/* The segment leaves every octet of its session as it was, and one count says so where it is a reset. */
static void assert_ignored(struct play *p, const struct segment *seg)
{
	struct hp_session before = *session(p);
	__u64 ignored = p->world->stats[HP_STAT_RESET_IGNORED];

	p->now_s += 10;
	run(p, seg);
	p->now_s -= 10;
	assert_memory_equal(session(p), &before, sizeof(before));
	assert_int_equal(p->world->stats[HP_STAT_RESET_IGNORED] - ignored, !!(seg->flags & R));
}

static void test_resets(void **state _unused_)
{
	static const struct {
		struct segment seg;
		bool fits;
	} cases[] = {
		/* all of the inside's is acknowledged: one number */
		{{INSIDE, R, IN_SEQ + 101, 0, 0}, true},
		{{INSIDE, R | A, IN_SEQ + 101, OUT_SEQ + 1001, 0}, true},
		{{INSIDE, R, IN_SEQ + 100, 0, 0}, false},
		{{INSIDE, R, IN_SEQ + 102, 0, 0}, false},
		/* of the outside's, 1000 octets are not: they and their borders */
		{{OUTSIDE, R, OUT_SEQ + 1001, 0, 0}, true},
		{{OUTSIDE, R, OUT_SEQ + 1500, 0, 0}, true},
		{{OUTSIDE, R, OUT_SEQ + 2001, 0, 0}, true},
		{{OUTSIDE, R, OUT_SEQ + 1000, 0, 0}, false},
		{{OUTSIDE, R, OUT_SEQ + 2002, 0, 0}, false},
		{{OUTSIDE, R, OUT_SEQ + 1500 + 0x80000000, 0, 0}, false},
		/* the right acknowledgement alone is nothing */
		{{OUTSIDE, R | A, 0, IN_SEQ + 101, 0}, false},
		{{OUTSIDE, R | A, IN_SEQ, IN_SEQ + 101, 0}, false},
		/* whatever else it says, RST counts */
		{{OUTSIDE, R | S | F | A, OUT_SEQ + 500, IN_SEQ + 101, 0}, false},
	};
	struct play p;

	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		const struct segment *seg = &cases[i / 2].seg;
		void *world = world_new(8);

		begin(&p, world, i % 2);
		exchange(&p);
		if (cases[i / 2].fits) {
			run(&p, seg);
			assert_int_equal(state_of(&p), HP_TCP_RESET);
			assert_int_equal(p.world->stats[HP_STAT_RESET_IGNORED], 0);
		} else {
			assert_ignored(&p, seg);
		}
		world_teardown(&world);
	}
}

/* The refusal of a SYN has no number of its own, but it names the SYN. */
static void test_refused(void **state)
{
	const struct segment wrong[] = {
		{OUTSIDE, R | A, 0, IN_SEQ, 0},
		{OUTSIDE, R | A, 0, IN_SEQ + 2, 0},
		{OUTSIDE, R, 0, IN_SEQ + 1, 0},
		{OUTSIDE, R, IN_SEQ + 1, 0, 0},
	};
	struct play p;

	begin(&p, *state, false);
	RUN(&p, {INSIDE, S, IN_SEQ, 0, 0});
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_ignored(&p, &wrong[i]);
	RUN(&p, {OUTSIDE, R | A, 0, IN_SEQ + 1, 0});
	assert_int_equal(state_of(&p), HP_TCP_CLOSED);
	RUN(&p, {INSIDE, S, IN_SEQ + 7000, 0, 0});
	assert_int_equal(state_of(&p), HP_TCP_SYN);
	assert_ignored(&p, &(struct segment){OUTSIDE, R | A, 0, IN_SEQ + 1, 0});
	RUN(&p, {OUTSIDE, R | A, 0, IN_SEQ + 7001, 0});
	assert_int_equal(state_of(&p), HP_TCP_CLOSED);
}

/* What the service refuses, and what a scanner breaks off. */
static void test_refused_inside(void **state)
{
	struct play p;

	begin(&p, *state, true);
	RUN(&p, {OUTSIDE, S, OUT_SEQ, 0, 0});
	assert_ignored(&p, &(struct segment){INSIDE, R | A, 0, OUT_SEQ, 0});
	RUN(&p, {INSIDE, R | A, 0, OUT_SEQ + 1, 0});
	assert_int_equal(state_of(&p), HP_TCP_CLOSED);
	RUN(&p, {OUTSIDE, S, OUT_SEQ + 9, 0, 0}, {INSIDE, S | A, IN_SEQ, OUT_SEQ + 10, 0},
	    {OUTSIDE, R, OUT_SEQ + 10, 0, 0});
	assert_int_equal(state_of(&p), HP_TCP_CLOSED);
}

/* Everything that somebody who knows the addresses but not the numbers can send. */
static void test_forged(void **state _unused_)
{
	static const __u8 flags[] = {A, F | A, S, S | A, F, 0, A | 0x08, F | A | 0x20};
	struct play p;

	for (unsigned int forward = 0; forward < 2; forward++) {
		void *world = world_new(8);

		begin(&p, world, forward);
		exchange(&p);
		for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
			const struct segment near[] = {
				{OUTSIDE, flags[i], OUT_SEQ + 2001, IN_SEQ + 102, 1400},
				{OUTSIDE, flags[i], OUT_SEQ + 2001, IN_SEQ + 100, 1400},
				{OUTSIDE, flags[i], OUT_SEQ + 2001 + 2 * LIMIT_TCP_REACH,
				 IN_SEQ + 101, 0},
				{OUTSIDE, flags[i], OUT_SEQ - 2 * LIMIT_TCP_REACH, IN_SEQ + 101, 0},
				{OUTSIDE, flags[i], 0x12345678, 0x9abcdef0, 1400},
			};

			/* A lone SYN has no numbers to compare: it is the table that leaves the state as it is. */
			for (size_t j = 0; j < ARRAY_SIZE(near); j++)
				assert_ignored(&p, &near[j]);
		}
		/* So nothing has widened what a reset may fit, and the connection goes on. */
		assert_ignored(&p, &(struct segment){OUTSIDE, R, OUT_SEQ + 2002, 0, 0});
		RUN(&p, {OUTSIDE, F | A, OUT_SEQ + 2001, IN_SEQ + 101, 0},
		    {INSIDE, F | A, IN_SEQ + 101, OUT_SEQ + 2002, 0},
		    {OUTSIDE, A, OUT_SEQ + 2002, IN_SEQ + 102, 0});
		assert_int_equal(state_of(&p), HP_TCP_CLOSED);
		world_teardown(&world);
	}
}

/* A FIN behind a hole counts: what was lost before us is sent again. */
static void test_fin_ahead(void **state)
{
	struct play p;

	begin(&p, *state, false);
	exchange(&p);
	RUN(&p, {OUTSIDE, F | A, OUT_SEQ + 2001 + 1400, IN_SEQ + 101, 600});
	assert_int_equal(state_of(&p), HP_TCP_FIN_REPLY);
	RUN(&p, {INSIDE, A, IN_SEQ + 101, OUT_SEQ + 2001, 0},
	    {OUTSIDE, A, OUT_SEQ + 2001, IN_SEQ + 101, 1400},
	    {INSIDE, F | A, IN_SEQ + 101, OUT_SEQ + 2002 + 2000, 0});
	assert_int_equal(state_of(&p), HP_TCP_CLOSED);
}

/* After a reset: it waits, another one changes nothing, and a segment brings back what was. */
static void test_after_a_reset(void **state)
{
	struct play p;
	__u64 word;

	begin(&p, *state, false);
	exchange(&p);
	p.now_s = NOW_S + 5000;
	RUN(&p, {OUTSIDE, R, OUT_SEQ + 2001, 0, 0});
	assert_int_equal(state_of(&p), HP_TCP_RESET);
	/* Idle for long, and yet the time starts at the reset. */
	assert_int_equal(session(&p)->last_seen_s, NOW_S + 5000);
	assert_true(nat_word_flags(session(&p)->word) & HP_SESSION_MAPPED);
	word = session(&p)->word;
	p.now_s += 100;
	RUN(&p, {OUTSIDE, R, OUT_SEQ + 2001, 0, 0}, {INSIDE, R, IN_SEQ + 101, 0, 0});
	assert_int_equal(session(&p)->word, word);
	assert_int_equal(session(&p)->last_seen_s, NOW_S + 5000);
	assert_ignored(&p, &(struct segment){OUTSIDE, A, OUT_SEQ + 2001, IN_SEQ + 99, 0});
	RUN(&p, {INSIDE, A, IN_SEQ + 101, OUT_SEQ + 1001, 0});
	assert_int_equal(state_of(&p), HP_TCP_ESTABLISHED);
	RUN(&p, {INSIDE, F | A, IN_SEQ + 101, OUT_SEQ + 2001, 0},
	    {OUTSIDE, R, OUT_SEQ + 2001, 0, 0});
	assert_int_equal(state_of(&p), HP_TCP_RESET_ORIG);
	RUN(&p, {OUTSIDE, A, OUT_SEQ + 2001, IN_SEQ + 102, 50});
	assert_int_equal(state_of(&p), HP_TCP_FIN_ORIG);
}

/* Both SYNs cross (RFC 5382 REQ-2a); neither acknowledges anything. */
static void test_simultaneous_open(void **state)
{
	struct play p;

	begin(&p, *state, false);
	RUN(&p, {INSIDE, S, IN_SEQ, 0, 0}, {OUTSIDE, S, OUT_SEQ, 0, 0});
	assert_int_equal(state_of(&p), HP_TCP_SYN_ACK);
	RUN(&p, {INSIDE, S | A, IN_SEQ, OUT_SEQ + 1, 0}, {OUTSIDE, S | A, OUT_SEQ, IN_SEQ + 1, 0},
	    {INSIDE, A, IN_SEQ + 1, OUT_SEQ + 1, 0});
	assert_int_equal(state_of(&p), HP_TCP_ESTABLISHED);
	assert_ignored(&p, &(struct segment){OUTSIDE, R, OUT_SEQ, 0, 0});
	RUN(&p, {OUTSIDE, R, OUT_SEQ + 1, 0, 0});
	assert_int_equal(state_of(&p), HP_TCP_RESET);
}

/* A forged SYN that comes first: the inside's acknowledgement says what the outside's number is. */
static void test_forged_syn_heals(void **state)
{
	struct play p;

	begin(&p, *state, false);
	RUN(&p, {INSIDE, S, IN_SEQ, 0, 0}, {OUTSIDE, S, 0x11223344, 0, 0},
	    {OUTSIDE, S | A, OUT_SEQ, IN_SEQ + 1, 0}, {INSIDE, A, IN_SEQ + 1, OUT_SEQ + 1, 0});
	assert_int_equal(state_of(&p), HP_TCP_ESTABLISHED);
	assert_int_equal(session(&p)->tcp[1].end, OUT_SEQ + 1);
	assert_ignored(&p, &(struct segment){OUTSIDE, R, 0x11223345, 0, 0});
}

/* More in flight than is believed: acknowledgements bring the numbers along, and the end is seen. */
static void test_far_ahead(void **state)
{
	__u32 far = OUT_SEQ + 1 + LIMIT_TCP_REACH + 5000;
	struct play p;

	begin(&p, *state, false);
	establish(&p);
	assert_ignored(&p, &(struct segment){OUTSIDE, A, far, IN_SEQ + 1, 1400});
	RUN(&p, {INSIDE, A, IN_SEQ + 1, far + 1400, 0},
	    {OUTSIDE, F | A, far + 1400, IN_SEQ + 1, 0});
	assert_int_equal(state_of(&p), HP_TCP_FIN_REPLY);
}

/* The host inside begins anew from the same port, with other numbers, in the middle of the old connection. */
static void test_begun_anew(void **state)
{
	struct play p;

	begin(&p, *state, false);
	exchange(&p);
	RUN(&p, {INSIDE, S, 0x40000000, 0, 0});
	assert_int_equal(state_of(&p), HP_TCP_ESTABLISHED);
	assert_ignored(&p, &(struct segment){OUTSIDE, R, OUT_SEQ + 2001, 0, 0});
	RUN(&p, {OUTSIDE, S | A, 0x70000000, 0x40000001, 0}, {INSIDE, A, 0x40000001, 0x70000001, 0},
	    {OUTSIDE, R, 0x70000001, 0, 0});
	assert_int_equal(state_of(&p), HP_TCP_RESET);
	RUN(&p, {INSIDE, S, 0x50000000, 0, 0});
	assert_int_equal(state_of(&p), HP_TCP_SYN);
}

/* An outsider is proven by an acknowledgement that only who got the answer can know. */
static void test_proven(void **state)
{
	struct play p;

	begin(&p, *state, true);
	RUN(&p, {OUTSIDE, S, OUT_SEQ, 0, 0}, {OUTSIDE, A, OUT_SEQ + 1, IN_SEQ + 1, 0});
	assert_false(is_proven(&p));
	RUN(&p, {INSIDE, S | A, IN_SEQ, OUT_SEQ + 1, 0});
	assert_ignored(&p, &(struct segment){OUTSIDE, A, OUT_SEQ + 1, IN_SEQ, 0});
	assert_ignored(&p, &(struct segment){OUTSIDE, A, OUT_SEQ + 1, IN_SEQ + 2, 0});
	assert_ignored(&p, &(struct segment){OUTSIDE, 0, OUT_SEQ + 1, IN_SEQ + 1, 0});
	RUN(&p, {OUTSIDE, S, OUT_SEQ, 0, 0});
	assert_false(is_proven(&p));
	assert_int_equal(state_of(&p), HP_TCP_SYN_ACK);
	RUN(&p, {OUTSIDE, A, OUT_SEQ + 1, IN_SEQ + 1, 0});
	assert_true(is_proven(&p));
	assert_int_equal(state_of(&p), HP_TCP_ESTABLISHED);
}

static void test_proven_inside(void **state)
{
	struct play p;

	begin(&p, *state, false);
	RUN(&p, {INSIDE, S, IN_SEQ, 0, 0}, {OUTSIDE, S | A, OUT_SEQ, IN_SEQ + 1, 0});
	assert_false(is_proven(&p));
	RUN(&p, {INSIDE, A, IN_SEQ + 1, OUT_SEQ + 1, 0});
	assert_true(is_proven(&p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resets),
		cmocka_unit_test_setup_teardown(test_refused, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_refused_inside, world_setup, world_teardown),
		cmocka_unit_test(test_forged),
		cmocka_unit_test_setup_teardown(test_fin_ahead, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_after_a_reset, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_simultaneous_open, world_setup,
						world_teardown),
		cmocka_unit_test_setup_teardown(test_forged_syn_heals, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_far_ahead, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_begun_anew, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_proven, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_proven_inside, world_setup, world_teardown),
	};

	return cmocka_run_group_tests_name("nat tcp track", tests, NULL, NULL);
}
