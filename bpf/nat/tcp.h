/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP states of a session: new = table[old][direction][flags] (after RFC 7857 section 2 and RFC 6146 section 3.5.2).
 * Only the timer hangs on them; no state lets a segment through or holds it up. Which segments may move a state at all is asked
 * before (tcp_track.h).
 *
 * Where the RFCs leave a choice: half closed keeps the timer of the established state, for the other side may send for hours; after a
 * reset the session waits in a state of its own and goes back where it was when a segment shows that nobody believed the reset; a
 * reset before anything was established ends in CLOSED, where only a new SYN helps.
 */
#pragma once

#include <hairpin/dataplane.h>
#include <hairpin/limits.h>

enum nat_tcp_flags {
	NAT_TCP_SYN,
	NAT_TCP_SYN_ACK,
	NAT_TCP_ACK,
	NAT_TCP_FIN,
	NAT_TCP_RST,
	NAT_TCP_FLAGS_MAX
};

/* Octet 13 of the header. */
#define NAT_TCP_BIT_FIN 0x01
#define NAT_TCP_BIT_SYN 0x02
#define NAT_TCP_BIT_RST 0x04
#define NAT_TCP_BIT_ACK 0x10

static inline enum nat_tcp_flags nat_tcp_class(__u8 flags)
{
	if (flags & NAT_TCP_BIT_RST)
		return NAT_TCP_RST;
	if (flags & NAT_TCP_BIT_SYN)
		return flags & NAT_TCP_BIT_ACK ? NAT_TCP_SYN_ACK : NAT_TCP_SYN;
	return flags & NAT_TCP_BIT_FIN ? NAT_TCP_FIN : NAT_TCP_ACK;
}

/* Powers of two, so that a mask is all the bounds check that the verifier needs. */
#define NAT_TCP_ROWS 16
#define NAT_TCP_COLUMNS 8
_Static_assert(HP_TCP_STATE_MAX <= NAT_TCP_ROWS && NAT_TCP_FLAGS_MAX <= NAT_TCP_COLUMNS,
	       "TCP table");

#define T(syn, syn_ack, ack, fin, rst)                                                   \
	{                                                                                \
		HP_TCP_##syn, HP_TCP_##syn_ack, HP_TCP_##ack, HP_TCP_##fin, HP_TCP_##rst \
	}

/* clang-format off */
static const __u8 nat_tcp_table[NAT_TCP_ROWS][2][NAT_TCP_COLUMNS] = {
	/*                          SYN          SYN-ACK      ACK          FIN          RST */
	[HP_TCP_NONE] = {
		/* the first segment of a session: mid-stream ones only where one may be taken up */
		/* initiator */   T(SYN,         SYN,         ESTABLISHED, FIN_ORIG,    CLOSED),
		/* responder */   T(SYN_ACK,     SYN_ACK,     ESTABLISHED, FIN_REPLY,   CLOSED),
	},
	[HP_TCP_SYN] = {
		/* retransmission, or data before the answer: nothing learnt */
		/* initiator */   T(SYN,         SYN,         SYN,         SYN,         CLOSED),
		/* a SYN of the responder is simultaneous open; a bare ACK a challenge (RFC 5961) */
		/* responder */   T(SYN_ACK,     SYN_ACK,     SYN,         FIN_REPLY,   CLOSED),
	},
	[HP_TCP_SYN_ACK] = {
		/* SYN-ACK from the initiator ends a simultaneous open */
		/* initiator */   T(SYN_ACK,     ESTABLISHED, ESTABLISHED, FIN_ORIG,    CLOSED),
		/* responder */   T(SYN_ACK,     SYN_ACK,     SYN_ACK,     FIN_REPLY,   CLOSED),
	},
	[HP_TCP_ESTABLISHED] = {
		/* a SYN is from before, or the other side challenges it: if it has to end, a reset follows */
		/* initiator */   T(ESTABLISHED, ESTABLISHED, ESTABLISHED, FIN_ORIG,    RESET),
		/* responder */   T(ESTABLISHED, ESTABLISHED, ESTABLISHED, FIN_REPLY,   RESET),
	},
	[HP_TCP_FIN_ORIG] = {
		/* half closed: the other side may send for as long as it likes */
		/* initiator */   T(FIN_ORIG,    FIN_ORIG,    FIN_ORIG,    FIN_ORIG,    RESET_ORIG),
		/* responder */   T(FIN_ORIG,    FIN_ORIG,    FIN_ORIG,    CLOSED,      RESET_ORIG),
	},
	[HP_TCP_FIN_REPLY] = {
		/* initiator */   T(FIN_REPLY,   FIN_REPLY,   FIN_REPLY,   CLOSED,      RESET_REPLY),
		/* responder */   T(FIN_REPLY,   FIN_REPLY,   FIN_REPLY,   FIN_REPLY,   RESET_REPLY),
	},
	[HP_TCP_CLOSED] = {
		/* a SYN of the initiator opens the tuple anew; all else runs out in the transitory time */
		/* initiator */   T(SYN,         CLOSED,      CLOSED,      CLOSED,      CLOSED),
		/* responder */   T(CLOSED,      CLOSED,      CLOSED,      CLOSED,      CLOSED),
	},
	[HP_TCP_RESET] = {
		/* whatever still passes shows that the reset was not believed (RFC 6146, TRANS) */
		/* initiator */   T(SYN,         ESTABLISHED, ESTABLISHED, FIN_ORIG,    RESET),
		/* responder */   T(ESTABLISHED, ESTABLISHED, ESTABLISHED, FIN_REPLY,   RESET),
	},
	[HP_TCP_RESET_ORIG] = {
		/* initiator */   T(SYN,         FIN_ORIG,    FIN_ORIG,    FIN_ORIG,    RESET_ORIG),
		/* responder */   T(FIN_ORIG,    FIN_ORIG,    FIN_ORIG,    CLOSED,      RESET_ORIG),
	},
	[HP_TCP_RESET_REPLY] = {
		/* initiator */   T(SYN,         FIN_REPLY,   FIN_REPLY,   CLOSED,      RESET_REPLY),
		/* responder */   T(FIN_REPLY,   FIN_REPLY,   FIN_REPLY,   FIN_REPLY,   RESET_REPLY),
	},
};
/* clang-format on */
#undef T

static inline __u8 nat_tcp_next(__u8 state, __u32 reply, __u8 flags)
{
	enum nat_tcp_flags class = nat_tcp_class(flags);

	return nat_tcp_table[state & (NAT_TCP_ROWS - 1)][reply & 1][class & (NAT_TCP_COLUMNS - 1)];
}

/* Idle time after which a session is over, in seconds, as nat.timeouts says with the floors of RFC 5382 REQ-5, RFC 4787 REQ-5, RFC 5508 REQ-2. */
static inline __u32 nat_timeout_s(const struct hp_settings *settings, __u8 proto, __u8 tcp_state)
{
	switch (proto) {
	case 6: /* TCP */
		return tcp_state >= HP_TCP_ESTABLISHED && tcp_state < HP_TCP_CLOSED
			       ? settings->tcp_established_s
			       : settings->tcp_transitory_s;
	case 17: /* UDP */
		return settings->udp_s;
	case 1: /* ICMP */
	case 58: /* ICMPv6 */
		return settings->icmp_s;
	}
	return settings->other_s;
}

/* The same of UDP to port @dport of the responder, host byte order. */
static inline __u32 nat_timeout_udp_s(const struct hp_settings *settings, __u16 dport)
{
	return dport == 53 && settings->udp_s > TIMEOUT_QUESTION_S ? TIMEOUT_QUESTION_S
								   : settings->udp_s;
}
