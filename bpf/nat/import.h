/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes over a session of another data plane (an upgrade across a changed layout): what it holds is claimed anew, so that mappings, bindings and
 * counts follow from the sessions and need no copying. Who has the tuple or the port meanwhile keeps it.
 */
#pragma once

#include "session.h"

/* The mapping of c->mapping_key with the external endpoint that its remotes know. 0, or the reason why not. */
static NAT_FUNCTION int nat_import_mapping(struct nat_ctx *c, __be32 addr, __be16 port, __u8 host)
{
	int ret = nat_mapping_take(c);

	if (ret > 0 && c->mapping.ext_addr == addr && c->mapping.ext_port == port)
		return 0;
	if (ret > 0)
		nat_mapping_release(c, &c->mapping.key, 1);
	if (ret)
		return HP_DROP_CLASH;
	c->mapping.ext_addr = addr;
	c->mapping.host = host;
	return nat_mapping_make_at(c, port);
}

static NAT_INLINE int nat_import_source(struct nat_ctx *c)
{
	__be32 addr = c->draft.v4.xlat.saddr;

	/* A hairpin that shows the address of another router has its port at ours (hairpin.h). */
	if (c->draft.kind == HP_KIND_HAIRPIN && c->draft.pool == HP_POOL_WAN &&
	    addr == c->settings.loop_addr)
		addr = c->settings.wan_addr;
	nat_session_mapping_key(c, &c->draft);
	return nat_import_mapping(c, addr, c->draft.v4.xlat.sport,
				  c->draft.orig_side == HP_SIDE_HOST);
}

/* The dynamic mapping that the session leads to. */
static NAT_INLINE int nat_import_target(struct nat_ctx *c)
{
	c->mapping_key = (struct hp_mapping_key){.addr = c->draft.v4.xlat.daddr,
						 .port = c->draft.v4.xlat.dport,
						 .proto = c->draft.proto};
	return nat_import_mapping(c, c->draft.v4.orig.daddr, c->draft.v4.orig.dport, 0);
}

/* What the session says of itself beyond what was just made of it. */
static NAT_INLINE void nat_import_state(struct nat_ctx *c, const struct hp_session *old)
{
	struct hp_session *s = nat_env_session(c->ref.index);
	__u64 word;

	if (!s)
		return;
	s->created_s = old->created_s;
	s->last_seen_s = old->last_seen_s;
	s->tcp[0] = old->tcp[0];
	s->tcp[1] = old->tcp[1];
	word = s->word;
	if (nat_word_generation(word) != c->ref.generation || nat_word_life(word) != HP_LIFE_ACTIVE)
		return;
	nat_env_cas(&s->word, word,
		    nat_word(nat_word_generation(word), HP_LIFE_ACTIVE, nat_word_tcp(old->word),
			     nat_word_flags(word) | (nat_word_flags(old->word) &
						     (HP_SESSION_REPLIED | HP_SESSION_PROVEN))));
}

/* c->draft holds the session as it was. 0, or the reason why it is not taken over. */
static NAT_INLINE int nat_import(struct nat_ctx *c)
{
	__u16 had = nat_word_flags(c->draft.word), flags = had & HP_SESSION_V6;
	int ret = 0;

	/* Of another data plane's devices and epochs. */
	c->draft.way[0].epoch = c->draft.way[1].epoch = 0;
	c->imported = c->draft;
	/* What its host has, it keeps. */
	c->in.exempt = 1;
	if (had & HP_SESSION_MAPPED)
		ret = nat_import_source(c);
	if (!ret && (had & HP_SESSION_MAPPED))
		flags |= HP_SESSION_MAPPED;
	if (!ret && (had & HP_SESSION_TARGET))
		ret = nat_import_target(c);
	if (!ret && (had & HP_SESSION_TARGET))
		flags |= HP_SESSION_TARGET;
	if (ret) {
		nat_session_release(c, &c->draft, flags, 0);
		return ret;
	}
	ret = nat_session_create(c, flags);
	if (ret)
		return ret;
	nat_import_state(c, &c->imported);
	nat_peer_adopt(c, c->ref.index);
	return 0;
}
