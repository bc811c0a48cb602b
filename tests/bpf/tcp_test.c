// SPDX-License-Identifier: GPL-2.0-or-later
/* Connections as they happen, packet by packet, and the state that each leaves behind (RFC 7857 section 2). */
/* Requirements: 23, 24, 49, 50. */
#include <stdlib.h>
#include <string.h>

#include "rig.h"

/* '>' is the initiator's packet, '<' the responder's, with its flags and numbers; then the state. */
struct walk {
	const char *name;
	const char *packets[11][2];
};

static const struct walk walks[] = {
	{
		"three steps, data, four steps",
		{
			{">S", "syn"},
			{"<SA", "syn-ack"},
			{">A", "established"},
			{"<A", "established"},
			{">FA", "fin-orig"},
			{"<A", "fin-orig"},
			{"<FA", "closed"},
			{">A", "closed"},
		},
	},
	{
		"the responder closes first",
		{
			{">S", "syn"},
			{"<SA", "syn-ack"},
			{">PA", "established"},
			{"<FA", "fin-reply"},
			{">A", "fin-reply"},
			{">FA", "closed"},
			{"<A", "closed"},
		},
	},
	{
		"everything twice",
		{
			{">S", "syn"},
			{">S", "syn"},
			{"<SA", "syn-ack"},
			{"<SA", "syn-ack"},
			{">A", "established"},
			{"<SA", "established"},
			{">FA", "fin-orig"},
			{">FA", "fin-orig"},
			{"<FA", "closed"},
			{"<FA", "closed"},
		},
	},
	{
		"simultaneous open (RFC 5382 REQ-2)",
		{
			{">S", "syn"},
			{"<S", "syn-ack"},
			{">SA", "established"},
			{"<SA", "established"},
			{">A", "established"},
		},
	},
	{
		"refused",
		{
			{">S", "syn"},
			{"<RA", "closed"},
		},
	},
	{
		"reset in the middle, and the port used again",
		{
			{">S", "syn"},
			{"<SA", "syn-ack"},
			{">A", "established"},
			{">R", "reset"},
			{"<R", "reset"},
			{">S", "syn"},
			{"<SA", "syn-ack"},
			{">A", "established"},
		},
	},
	{
		"a reset that nobody believes",
		{
			{">S", "syn"},
			{"<SA", "syn-ack"},
			{">A", "established"},
			{"<R", "reset"},
			{">A", "established"},
			{">FA", "fin-orig"},
			{"<R", "reset-orig"},
			{"<A", "fin-orig"},
			{"<FA", "closed"},
			{"<R", "closed"},
		},
	},
	{
		"the responder's half, a reset, and the rest",
		{
			{">S", "syn"},
			{"<SA", "syn-ack"},
			{">A", "established"},
			{"<FA", "fin-reply"},
			{">R", "reset-reply"},
			{"<S", "reset-reply"},
			{"<FA", "fin-reply"},
			{">FA seq=0x0102031b", "closed"},
		},
	},
	{
		"resets and a FIN that do not fit",
		{
			{">S", "syn"},
			{"<R seq=0", "syn"},
			{"<RA seq=0 ack=0x01020304", "syn"},
			{"<SA", "syn-ack"},
			{">A", "established"},
			{"<R seq=0x0102030f", "established"},
			{"<R seq=0x01020311", "established"},
			{"<RA seq=0", "established"},
			{"<FA ack=0x0102031c", "established"},
			{">R seq=0x01020300", "established"},
		},
	},
	{
		"an answer that is no answer (RFC 5961: a challenge)",
		{
			{">S", "syn"},
			{"<A ack=7", "syn"},
			{">R seq=7", "syn"},
			{">S", "syn"},
			{"<SA", "syn-ack"},
		},
	},
	{
		"an ACK alone does not establish what was never answered",
		{
			{">S", "syn"},
			{">A", "syn"},
			{">FA", "syn"},
			{"<SA", "syn-ack"},
		},
	},
};

/* The word for the state in the first line of the tables. */
static void check_state(struct rig *rig, const char *expected)
{
	_strbuf_ struct strbuf text = {0};
	char *word;

	rig_state(rig, &text);
	word = strstr(text.text, "198.51.100.7:443 wan 203.0.113.5:40000>198.51.100.7:443 ");
	assert_non_null(word);
	word = strrchr(strtok(word, "\n"), ':') + strlen(":443 ");
	assert_string_equal(strtok(word, " "), expected);
}

static void run_packet(struct rig *rig, const char *packet)
{
	const char *flags = packet + 1;
	char in[128], out[128];
	bool initiator = *packet == '>';
	const struct step step = {
		initiator ? FROM_LAN : FROM_WAN,
		in,
		initiator ? TO_WAN : TO_LAN,
		initiator ? HP_SENT_OUTGOING : HP_SENT_INCOMING,
		out,
	};

	if (initiator) {
		snprintf(in, sizeof(in), "tcp 192.168.11.30:40000 > 198.51.100.7:443 %s", flags);
		snprintf(out, sizeof(out), "tcp 203.0.113.5:40000 > 198.51.100.7:443 %s", flags);
	} else {
		snprintf(in, sizeof(in), "tcp 198.51.100.7:443 > 203.0.113.5:40000 %s", flags);
		snprintf(out, sizeof(out), "tcp 198.51.100.7:443 > 192.168.11.30:40000 %s", flags);
	}
	rig_step(rig, &step);
}

static void test_walks(void **state)
{
	struct rig *rig = *state;

	for (size_t i = 0; i < ARRAY_SIZE(walks); i++) {
		rig_reset(rig, RIG_PLAN);
		print_message("# %s\n", walks[i].name);
		for (size_t j = 0; j < ARRAY_SIZE(walks[i].packets); j++) {
			const char *const *packet = walks[i].packets[j];

			if (!packet[0])
				break;
			print_message("#   %s: %s\n", packet[0], packet[1]);
			run_packet(rig, packet[0]);
			check_state(rig, packet[1]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walks),
	};

	rig_need_root();
	return cmocka_run_group_tests_name("tcp", tests, rig_setup, rig_teardown);
}
