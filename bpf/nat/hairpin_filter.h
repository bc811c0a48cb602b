/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nat.hairpin-filtering: same. A packet from a LAN to another host's dynamic mapping is judged as if it came from outside.
 *
 * Outside, the sender's own NAT would remember that it has spoken even where the other side's turns the packet away: that is how two
 * peers punch a hole. Here both NATs are this one, so what is turned away is noted in hp_notes, and lets the answer in. (A session for it
 * would sit on the tuple of the answer's.)
 */
#pragma once

#include "filter.h"
#include "unsolicited.h"

/*
 * The packet as the outside would see it, into c->key4. A source that has no mapping yet would get a port by chance: 0, and no note is made of it.
 */
static NAT_INLINE void nat_hairpin_outside(struct nat_ctx *c)
{
	const struct hp_mapping *m;

	c->mapping_key = (struct hp_mapping_key){.addr = c->in.flow4.saddr,
						 .port = c->in.flow4.sport,
						 .proto = c->in.proto,
						 .pool = HP_POOL_WAN};
	m = nat_env_mapping(&c->mapping_key);
	c->key4 = c->in.flow4;
	c->key4.saddr = m ? m->ext_addr : c->settings.wan_addr;
	c->key4.sport = m ? m->ext_port : 0;
}

/*
 * Whether the target has itself sent to the source's external endpoint, and was turned away there: a host outside would have been let in
 * since. A socket that sends to its own mapping does so with this very packet.
 */
static NAT_INLINE int nat_hairpin_was_called(struct nat_ctx *c)
{
	__s32 age;

	if (c->key4.saddr == c->key4.daddr && c->key4.sport == c->key4.dport)
		return 1;
	c->key4 = (struct hp_flow4){.saddr = c->key4.daddr,
				    .daddr = c->key4.saddr,
				    .sport = c->key4.dport,
				    .dport = c->key4.sport,
				    .proto = c->key4.proto,
				    .side = c->key4.side};
	age = nat_note_age_s(c);
	if (age < 0 || age >= (__s32)nat_timeout_s(&c->settings, c->in.proto, HP_TCP_SYN))
		return 0;
	nat_env_note_delete(&c->key4);
	return 1;
}

/* Turned away, but noted: that the source has spoken to the target is what lets the target's own packets in. */
static NAT_INLINE int nat_hairpin_turn_away(struct nat_ctx *c)
{
	nat_hairpin_outside(c);
	if (!c->key4.sport)
		return nat_verdict(c, NAT_DROP, HP_DROP_FILTERED);
	if (c->in.proto == 6)
		return nat_turn_away_syn(c, HP_DROP_FILTERED);
	nat_env_note_set(&c->key4, c->in.now_s);
	return nat_verdict(c, NAT_DROP, HP_DROP_FILTERED);
}

/*
 * nat.hairpin-filtering: same. To the dynamic mapping of c->mapping_key: judged by the external source, as if it came from outside. -1: let in, else
 * the action. Asked before the source gets a mapping, so that a packet that is turned away leaves none behind.
 */
NAT_GLOBAL int nat_hairpin_filter(struct nat_ctx *c)
{
	struct hp_mapping_key target;
	int admitted;

	c = nat_env_own(c);
	if (!c)
		return NAT_DROP;
	target = c->mapping_key;
	nat_hairpin_outside(c);
	c->peer_key = (struct hp_peer_key){.ext_addr = c->in.flow4.daddr,
					   .remote = c->key4.saddr,
					   .ext_port = c->in.flow4.dport,
					   .proto = c->in.proto};
	admitted = nat_filter_admits(c, target.addr) || nat_hairpin_was_called(c);
	c->mapping_key = target;
	return admitted ? -1 : nat_hairpin_turn_away(c);
}
