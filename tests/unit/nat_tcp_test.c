// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of TCP states, cell by cell, against the sentences that it is made of: RFC 6146 section 3.5.2 as RFC 7857 section 2
 * corrects it, and what is ours. Each sentence is a function here, so that a slip in the table is not copied.
 */
/* Requirements: 6, 7, 28, 29, 36, 49, 50. */
#include "cleanup.h"
#include "native/world.h"

#include "nat/tcp.h"

enum who { INITIATOR = 0, RESPONDER = 1 };

/* Nothing known, as after a restart: what is seen is taken at its word. */
static int expect_from_none(enum who who, enum nat_tcp_flags flags)
{
	if (flags == NAT_TCP_ACK)
		return HP_TCP_ESTABLISHED;
	if (flags == NAT_TCP_FIN)
		return who == INITIATOR ? HP_TCP_FIN_ORIG : HP_TCP_FIN_REPLY;
	return who == INITIATOR ? HP_TCP_SYN : HP_TCP_SYN_ACK;
}

/* RFC 6146, V4 INIT and V6 INIT: only a SYN of the other side goes on; who closes instead of answering closes. */
static int expect_from_syn(enum who who, enum nat_tcp_flags flags)
{
	if (who == INITIATOR)
		return HP_TCP_SYN;
	if (flags == NAT_TCP_FIN)
		return HP_TCP_FIN_REPLY;
	return flags == NAT_TCP_ACK ? HP_TCP_SYN : HP_TCP_SYN_ACK;
}

/* Ours: both have sent SYN, and the initiator has to show that it got the answer; RFC 6146 is established here already. */
static int expect_from_syn_ack(enum who who, enum nat_tcp_flags flags)
{
	if (flags == NAT_TCP_FIN)
		return who == INITIATOR ? HP_TCP_FIN_ORIG : HP_TCP_FIN_REPLY;
	if (who == RESPONDER || flags == NAT_TCP_SYN)
		return HP_TCP_SYN_ACK;
	return HP_TCP_ESTABLISHED;
}

/* RFC 6146, ESTABLISHED: a FIN says who has closed. */
static int expect_from_established(enum who who, enum nat_tcp_flags flags)
{
	if (flags != NAT_TCP_FIN)
		return HP_TCP_ESTABLISHED;
	return who == INITIATOR ? HP_TCP_FIN_ORIG : HP_TCP_FIN_REPLY;
}

/* RFC 6146, V4 FIN RCV and V6 FIN RCV: only the other side's FIN goes on. */
static int expect_half_closed(int state, enum who closed, enum who who, enum nat_tcp_flags flags)
{
	return flags == NAT_TCP_FIN && who != closed ? HP_TCP_CLOSED : state;
}

/* RFC 6146, TRANS, but that only who began may begin anew. */
static int expect_from_closed(enum who who, enum nat_tcp_flags flags)
{
	return who == INITIATOR && flags == NAT_TCP_SYN ? HP_TCP_SYN : HP_TCP_CLOSED;
}

/* The three states after a reset, and where each came from. */
static const int former[HP_TCP_STATE_MAX] = {
	[HP_TCP_RESET] = HP_TCP_ESTABLISHED,
	[HP_TCP_RESET_ORIG] = HP_TCP_FIN_ORIG,
	[HP_TCP_RESET_REPLY] = HP_TCP_FIN_REPLY,
};

/*
 * RFC 6146, TRANS, as RFC 7857 section 2.2 keeps it: a reset of either side ends what was established and nothing else, and is remembered with
 * what it ended. Before, there is nothing that could be half closed; afterwards it says nothing new. (That a reset has to fit
 * first is not the table's business.)
 */
static int expect_reset(int state)
{
	for (int after = 0; after < HP_TCP_STATE_MAX; after++) {
		if (state == after && former[after])
			return state;
		if (former[after] && state == former[after])
			return after;
	}
	return HP_TCP_CLOSED;
}

static int expect(int state, enum who who, enum nat_tcp_flags flags)
{
	if (flags == NAT_TCP_RST)
		return expect_reset(state);
	/* RFC 6146, TRANS: any other packet shows that the connection lives; but who began may also begin anew. */
	if (former[state])
		return who == INITIATOR && flags == NAT_TCP_SYN ? HP_TCP_SYN
								: expect(former[state], who, flags);
	switch (state) {
	case HP_TCP_NONE:
		return expect_from_none(who, flags);
	case HP_TCP_SYN:
		return expect_from_syn(who, flags);
	case HP_TCP_SYN_ACK:
		return expect_from_syn_ack(who, flags);
	case HP_TCP_ESTABLISHED:
		return expect_from_established(who, flags);
	case HP_TCP_FIN_ORIG:
		return expect_half_closed(state, INITIATOR, who, flags);
	case HP_TCP_FIN_REPLY:
		return expect_half_closed(state, RESPONDER, who, flags);
	case HP_TCP_CLOSED:
		return expect_from_closed(who, flags);
	}
	fail_msg("no state %d", state);
	return -1;
}

static const char *const state_names[HP_TCP_STATE_MAX] = {
	"none",	     "syn",    "syn-ack", "established", "fin-orig",
	"fin-reply", "closed", "reset",	  "reset-orig",	 "reset-reply",
};

static void test_every_cell(void **state _unused_)
{
	unsigned int cells = 0;

	for (int from = 0; from < HP_TCP_STATE_MAX; from++) {
		for (unsigned int cell = 0; cell < 2 * NAT_TCP_FLAGS_MAX; cell++) {
			enum who who = cell / NAT_TCP_FLAGS_MAX;
			enum nat_tcp_flags flags = cell % NAT_TCP_FLAGS_MAX;
			int to = nat_tcp_table[from][who][flags];

			if (to != expect(from, who, flags))
				fail_msg("%s, %s, flags %d: %s, not %s", state_names[from],
					 who == INITIATOR ? "initiator" : "responder", flags,
					 state_names[to], state_names[expect(from, who, flags)]);
			cells++;
		}
	}
	assert_int_equal(cells, 100);
}

/* What the octet of flags means: RST before SYN before FIN, and the rest is an ACK; PSH, URG, ECE and CWR mean nothing here. */
static void test_flags(void **state _unused_)
{
	for (unsigned int octet = 0; octet < 256; octet++) {
		bool fin = octet & 0x01, syn = octet & 0x02, rst = octet & 0x04, ack = octet & 0x10;
		enum nat_tcp_flags expected = NAT_TCP_ACK;

		if (fin)
			expected = NAT_TCP_FIN;
		if (syn)
			expected = ack ? NAT_TCP_SYN_ACK : NAT_TCP_SYN;
		if (rst)
			expected = NAT_TCP_RST;
		assert_int_equal(nat_tcp_class((__u8)octet), expected);
	}
}

/* Whatever the packet carries, the next state is a state. */
static void test_no_way_out(void **state _unused_)
{
	for (int from = 0; from < HP_TCP_STATE_MAX; from++) {
		for (unsigned int octet = 0; octet < 512; octet++)
			assert_in_range(nat_tcp_next((__u8)from, octet >> 8, (__u8)octet),
					HP_TCP_SYN, HP_TCP_STATE_MAX - 1);
	}
}

/* RFC 5382 REQ-5, RFC 4787 REQ-5, RFC 5508 REQ-2: never shorter than they ask. */
static void test_timeouts(void **state _unused_)
{
	static const __u32 tcp[HP_TCP_STATE_MAX] = {
		[HP_TCP_NONE] = 240,	     [HP_TCP_SYN] = 240,       [HP_TCP_SYN_ACK] = 240,
		[HP_TCP_ESTABLISHED] = 7440, [HP_TCP_FIN_ORIG] = 7440, [HP_TCP_FIN_REPLY] = 7440,
		[HP_TCP_CLOSED] = 240,	     [HP_TCP_RESET] = 240,     [HP_TCP_RESET_ORIG] = 240,
		[HP_TCP_RESET_REPLY] = 240,
	};

	const struct hp_settings settings = {HP_SETTINGS_DEFAULTS};

	for (__u8 i = 0; i < HP_TCP_STATE_MAX; i++)
		assert_int_equal(nat_timeout_s(&settings, IPPROTO_TCP, i), tcp[i]);
	assert_int_equal(nat_timeout_s(&settings, IPPROTO_UDP, 0), 300);
	assert_int_equal(nat_timeout_s(&settings, IPPROTO_ICMP, 0), 60);
	assert_int_equal(nat_timeout_s(&settings, IPPROTO_ICMPV6, 0), 60);
	assert_int_equal(nat_timeout_s(&settings, IPPROTO_GRE, 0), 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_cell),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_no_way_out),
		cmocka_unit_test(test_timeouts),
	};

	return cmocka_run_group_tests_name("nat tcp", tests, NULL, NULL);
}
