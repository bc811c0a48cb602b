/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fragments of IPv4, in any order (RFC 4787 REQ-14). No program can hold a packet back until the one with the ports has come. So a fragment
 * that has to be translated goes to the sorter untouched, a network namespace of ours where the kernel puts datagrams together and cuts them
 * again, and comes back in order: the first one is decided like a whole packet, the decision is noted, and the others follow it.
 *
 * What waits in the sorter is bounded (REQ-14a): by source, and by class of sources. A limit on fragments per second would
 * either stop honest transfers or let lone fragments fill the memory; this one counts what went in and did not come out.
 */
#pragma once

#include <nat_env.h>

#include "ctx.h"
#include "rules.h"

/* --- what waits in the sorter --------------------------------------------------------------------------- */

static inline __s32 nat_sorter_units(const struct nat_ctx *c)
{
	return (__s32)(1 + c->in.octets / SORTER_UNIT_OCTETS);
}

static inline __s32 nat_sorter_limit(__u32 class)
{
	if (class == HP_SORTER_LAN)
		return LIMIT_SORTER_LAN;
	return class == HP_SORTER_KNOWN ? LIMIT_SORTER_KNOWN : LIMIT_SORTER_STRANGERS;
}

static inline __u32 nat_sorter_class(const struct nat_ctx *c, const struct hp_sorter_use *source)
{
	if (c->in.flow4.side == HP_SIDE_LAN)
		return HP_SORTER_LAN;
	return source && source->known_s && c->in.now_s - source->known_s < SORTER_KNOWN_S
		       ? HP_SORTER_KNOWN
		       : HP_SORTER_STRANGER;
}

/* Less than nothing in a window means that fragments of the one before came back in it, and is no credit for the next. */
static NAT_INLINE int nat_sorter_fits(struct nat_ctx *c, struct hp_sorter_use *use, __s32 limit)
{
	__u32 window = c->in.now_s / SORTER_WAIT_S;

	if (use->window != window) {
		use->before = use->window + 1 == window && use->used > 0 ? use->used : 0;
		use->used = 0;
		use->window = window;
	}
	return use->used + use->before + nat_sorter_units(c) <= limit;
}

/* Whether the fragment may go to the sorter; it is counted then. */
NAT_GLOBAL int nat_sorter_admit(struct nat_ctx *c)
{
	struct hp_sorter_use *source, *all, fresh = {};
	__u32 class;
	__s32 units;

	c = nat_env_own(c);
	if (!c)
		return 0;
	units = nat_sorter_units(c);
	source = nat_env_sorter_source(&c->in.flow4.saddr);
	class = nat_sorter_class(c, source);
	all = nat_env_sorter_class(class);
	if (!all || !nat_sorter_fits(c, all, nat_sorter_limit(class)))
		return 0;
	if (source && !nat_sorter_fits(c, source, LIMIT_SORTER_SOURCE))
		return 0;
	nat_env_add(&all->used, units);
	if (source) {
		nat_env_add(&source->used, units);
		return 1;
	}
	fresh.window = c->in.now_s / SORTER_WAIT_S;
	fresh.used = units;
	nat_env_sorter_source_put(&c->in.flow4.saddr, &fresh);
	return 1;
}

static NAT_INLINE void nat_sorter_give_back(struct nat_ctx *c, struct hp_sorter_use *use)
{
	__s32 units = nat_sorter_units(c);

	if (use->used + use->before >= units)
		nat_env_add(&use->used, -units);
}

/* A fragment came back. */
NAT_GLOBAL int nat_sorter_return(struct nat_ctx *c)
{
	struct hp_sorter_use *source, *all;

	c = nat_env_own(c);
	if (!c)
		return 0;
	source = nat_env_sorter_source(&c->in.flow4.saddr);
	all = nat_env_sorter_class(nat_sorter_class(c, source));
	if (all)
		nat_sorter_give_back(c, all);
	if (source)
		nat_sorter_give_back(c, source);
	return 0;
}

/* An inside host speaks, or spoke, with @remote: its fragments are not lost among those of strangers. */
static NAT_FUNCTION void nat_sorter_know(struct nat_ctx *c, __be32 remote)
{
	struct hp_sorter_use *use = nat_env_sorter_source(&remote), fresh = {};

	if (use) {
		use->known_s = c->in.now_s;
		return;
	}
	fresh.known_s = c->in.now_s;
	nat_env_sorter_source_put(&remote, &fresh);
}

/* --- on the way in ------------------------------------------------------------------------------------------ */

/* The first one of an ICMP error is not known from that of an echo here, and no error answers an error. */
static NAT_INLINE int nat_sort_too_big(struct nat_ctx *c)
{
	int ret = nat_refuse(c, HP_DROP_TOO_BIG, NAT_SAY_FRAGMENT);

	c->say_mtu = c->settings.sorter_mtu;
	return c->in.proto == 1 ? NAT_DROP : ret;
}

/*
 * To the sorter with it, if it may. The caller has seen that the source can be on this side. What forbids fragments and is too large for
 * the sorter would be dropped there, and the sorter's word does not leave it.
 */
static NAT_FUNCTION int nat_sort(struct nat_ctx *c)
{
	if (!c->settings.sorter_ifindex)
		return nat_verdict(c, NAT_DROP, HP_DROP_FRAGMENT);
	if (!c->in.ttl)
		return nat_verdict(c, NAT_DROP, HP_DROP_TTL);
	if (c->in.dont_fragment && c->in.octets > c->settings.sorter_mtu)
		return nat_sort_too_big(c);
	if (!nat_sorter_admit(c))
		return nat_verdict(c, NAT_DROP, HP_DROP_FRAGMENT_RATE);
	return nat_verdict(c, NAT_SORT, HP_SENT_TO_SORTER);
}

/* --- when they come in order ---------------------------------------------------------------------------------- */

static NAT_INLINE void nat_fragment_set_key(struct nat_ctx *c)
{
	c->fragment_key.saddr = c->in.flow4.saddr;
	c->fragment_key.daddr = c->in.flow4.daddr;
	c->fragment_key.id = c->in.id;
	c->fragment_key.proto = c->in.proto;
	c->fragment_key.side = c->in.flow4.side;
}

/* The first fragment was decided. Also noted if it was dropped: a note of an earlier datagram must not serve for this one. */
static NAT_FUNCTION int nat_fragment_note(struct nat_ctx *c, int action)
{
	struct hp_fragment note = {
		.saddr = c->in.flow4.saddr,
		.daddr = c->in.flow4.daddr,
		.seen_s = c->in.now_s,
		.action = NAT_DROP,
		.reason = HP_DROP_FRAGMENT,
	};

	if (action == NAT_SEND || action == NAT_DELIVER) {
		note.saddr = c->out.saddr;
		note.daddr = c->out.daddr;
		note.to_wan = c->to_wan;
	}
	if (action == NAT_PASS || action == NAT_SEND || action == NAT_DELIVER) {
		note.action = (__u8)action;
		note.reason = (__u16)c->reason;
	}
	nat_fragment_set_key(c);
	nat_env_fragment_put(&c->fragment_key, &note);
	return action;
}

/* A fragment without ports goes where the first one of its datagram went. */
static NAT_FUNCTION int nat_fragment_follow(struct nat_ctx *c)
{
	struct hp_fragment *note;

	nat_fragment_set_key(c);
	note = nat_env_fragment(&c->fragment_key);
	if (!note || c->in.now_s - note->seen_s > SORTER_WAIT_S)
		return nat_verdict(c, NAT_DROP, HP_DROP_FRAGMENT);
	c->out.saddr = note->saddr;
	c->out.daddr = note->daddr;
	c->out.sport = c->out.dport = 0;
	c->to_wan = note->to_wan;
	return nat_verdict(c, (enum nat_action)note->action, (enum hp_reason)note->reason);
}
