/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What nobody was asked for, and whether its sender is told so (RFC 5382 REQ-4).
 *
 * The first SYN is dropped and noted. If a host of ours sends a SYN to that very remote meanwhile, they open simultaneously and the note is
 * forgotten; else the first repetition after SYN_SILENCE_S is answered with port unreachable. Notes are a hint and no state: a
 * scan may push an honest peer's note out, and then that one waits for its own timeout.
 */
#pragma once

#include <nat_env.h>

#include "ctx.h"
#include "tcp.h"

/* Seconds since the packet of c->key4 was noted, -1 if it was not. */
static NAT_INLINE __s32 nat_note_age_s(struct nat_ctx *c)
{
	const __u32 *noted = nat_env_note(&c->key4);
	__s32 age;

	if (!noted)
		return -1;
	age = (__s32)(c->in.now_s - *noted);
	/* Another CPU may have a later second than ours. */
	return age < 0 ? 0 : age;
}

/* Turns away the SYN whose tuple, as the outside sees it, is in c->key4. */
NAT_GLOBAL int nat_turn_away_syn(struct nat_ctx *c, __u32 reason)
{
	__s32 age;

	c = nat_env_own(c);
	if (!c)
		return NAT_DROP;
	age = nat_note_age_s(c);
	/* Both seconds are cut off: only more than the difference has surely passed. */
	if (age > SYN_SILENCE_S && age <= SYN_NOTE_S && !c->settings.silent) {
		nat_env_note_delete(&c->key4);
		return nat_refuse(c, reason, NAT_SAY_PORT);
	}
	if (age < 0 || age > SYN_NOTE_S)
		nat_env_note_set(&c->key4, c->in.now_s);
	return nat_verdict(c, NAT_DROP, reason);
}

/* From WAN, and nothing here lets it in: a datagram is dropped in silence, as is what is no beginning of a connection. */
static NAT_INLINE int nat_unsolicited(struct nat_ctx *c, enum hp_reason reason)
{
	if (c->in.proto != 6 || nat_tcp_class(c->in.tcp_flags) != NAT_TCP_SYN || c->settings.silent)
		return nat_verdict(c, NAT_DROP, reason);
	c->key4 = c->in.flow4;
	return nat_turn_away_syn(c, reason);
}

/*
 * To a forward whose allow list says no. The service exists and its owner refuses: the sender of a datagram is told at once, as by a host
 * whose port is closed.
 */
static NAT_INLINE int nat_not_allowed(struct nat_ctx *c)
{
	if (c->in.proto != 17 || c->settings.silent)
		return nat_unsolicited(c, HP_DROP_NOT_ALLOWED);
	return nat_refuse(c, HP_DROP_NOT_ALLOWED, NAT_SAY_PORT);
}

/* The packet opens a connection to WAN, drafted and sent: the remote's own SYN, should one have come, was none too many. */
static NAT_INLINE void nat_forget_unsolicited(struct nat_ctx *c)
{
	const struct hp_tuple4 *t = &c->draft.v4.xlat;

	if (c->draft.proto != 6)
		return;
	c->key4 = (struct hp_flow4){.saddr = t->daddr,
				    .daddr = t->saddr,
				    .sport = t->dport,
				    .dport = t->sport,
				    .proto = 6,
				    .side = HP_SIDE_WAN};
	nat_env_note_delete(&c->key4);
}
