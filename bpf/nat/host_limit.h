/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one internal host may hold (RFC 6888 REQ-4 and REQ-5): sessions that it began, external ports, and new sessions in a second.
 *
 * Beside the configured limits there is one that depends on what is left: a host may hold LIMIT_HOST_TIMES_FREE times what is free. So a
 * flood that forges its sources, which no limit per host can hold, still leaves something for a host that has little.
 *
 * IPv4 hosts are as many as the segments have addresses. IPv6 hosts are as many as somebody cares to invent: beyond LIMIT_HOSTS6 new ones are
 * counted together, as the /64 that they are in. That shuts out no host that is counted already, none of another /64 and none of IPv4; to refuse them
 * for want of an element would.
 *
 * The element of a host goes when it holds nothing, by the idiom of mapping.h: every change of its word is an atomic one, whoever takes it to
 * nothing and wins the exchange to DYING deletes it, and its key is looked at after something was added to it.
 */
#pragma once

#include "port.h"

#define NAT_HOST_TRIES 3

/* In place of a reason. */
#define NAT_HOST_ABSENT (-1)
#define NAT_HOST_CROWDED \
	(-2) /* so many of IPv6 are counted that this one has to be as its network */

static inline int nat_is_over(__u64 held, __u32 most, __u64 free)
{
	return (most && held >= most) || (free && held >= LIMIT_HOST_TIMES_FREE * free);
}

/* Whether a host whose word is @word may have @one more. 0, or the reason for a drop. */
static NAT_INLINE int nat_host_judge(const struct nat_ctx *c, const struct hp_host *h, __u64 word,
				     __u64 one)
{
	__u64 sessions = word & HP_HOST_SESSIONS_MASK;
	__u64 mappings = (word & HP_HOST_MAPPINGS_MASK) >> HP_HOST_MAPPING_SHIFT;

	if (c->in.exempt)
		return 0;
	/* Asked for a mapping too: it would be made only to be given back with the session. */
	if (nat_is_over(sessions, c->settings.sessions_per_host, nat_env_total(HP_TOTAL_FREE)))
		return HP_DROP_HOST_LIMIT;
	if (one == HP_HOST_MAPPING_ONE &&
	    nat_is_over(mappings, c->settings.mappings_per_host, nat_port_count_free(c)))
		return HP_DROP_HOST_LIMIT;
	if (c->settings.new_per_host && h->second == c->in.now_s &&
	    h->opened >= c->settings.new_per_host)
		return HP_DROP_HOST_RATE;
	return 0;
}

static NAT_INLINE void nat_host_note_opened(const struct nat_ctx *c, struct hp_host *h)
{
	if (h->second != c->in.now_s) {
		h->second = c->in.now_s;
		h->opened = 0;
	}
	h->opened++;
}

static NAT_INLINE int nat_host_is6(const struct nat_ctx *c)
{
	const __u32 *words = (const __u32 *)c->host_key.addr;

	return words[0] || words[1] || words[2] != nat_htonl(0xffff);
}

/* c->host_key of an IPv6 host becomes that of its network. No host has that address: it is the anycast one of its routers (RFC 4291 section 2.6.1). */
static NAT_INLINE void nat_host_key_net(struct nat_ctx *c)
{
	__u32 *words = (__u32 *)c->host_key.addr;

	words[2] = words[3] = 0;
}

static NAT_INLINE int nat_host_is_net(const struct nat_ctx *c)
{
	const __u32 *words = (const __u32 *)c->host_key.addr;

	return !words[2] && !words[3];
}

/* Whether there is room for one more host like that of c->host_key. 0, or what nat_host_take() answers. */
static NAT_INLINE int nat_host_room(const struct nat_ctx *c)
{
	__u64 n = nat_env_total(HP_TOTAL_HOSTS6);

	if (!nat_host_is6(c) || n < LIMIT_HOSTS6)
		return 0;
	if (!nat_host_is_net(c))
		return NAT_HOST_CROWDED;
	return n < 2 * LIMIT_HOSTS6 ? 0 : HP_DROP_HOST_LIMIT;
}

/* A host that holds nothing yet. 0, or what nat_host_take() answers; HP_DROP_RACE: another CPU was faster. */
static NAT_INLINE int nat_host_add(struct nat_ctx *c, __u64 one)
{
	long ret = nat_host_room(c);

	if (ret)
		return (int)ret;
	c->host.word = one | (__u64)(nat_env_random() & 0x7fff) << HP_HOST_GENERATION_SHIFT;
	c->host.second = c->in.now_s;
	c->host.opened = one == HP_HOST_SESSION_ONE;
	c->host.key = c->host_key;
	ret = nat_env_host_add(&c->host_key, &c->host);
	if (ret)
		return ret == NAT_EEXIST ? HP_DROP_RACE : HP_DROP_HOST_LIMIT;
	if (nat_host_is6(c))
		nat_env_total_add(HP_TOTAL_HOSTS6, 1);
	return 0;
}

static NAT_INLINE int nat_host_is(const struct nat_ctx *c, const struct hp_host *h)
{
	/* Words of 32 bits: the context has no better alignment for it, which not every machine forgives. */
	const __u32 *a = (const __u32 *)h->key.addr, *b = (const __u32 *)c->host_key.addr;

	return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3];
}

/* Gives @one back for the host of c->host_key. */
NAT_GLOBAL int nat_host_give(struct nat_ctx *c, __u64 one)
{
	struct hp_host *h;
	__u64 left;

	c = nat_env_own(c);
	if (!c)
		return 0;
	h = nat_env_host(&c->host_key);
	if (!h)
		return 0;
	left = nat_env_subtract(&h->word, one) - one;
	/* Who adds to it between the two wins, and the element lives on. */
	if (!(left & (HP_HOST_SESSIONS_MASK | HP_HOST_MAPPINGS_MASK)) &&
	    nat_env_cas(&h->word, left, left | HP_HOST_DYING)) {
		nat_env_host_delete(&c->host_key);
		if (nat_host_is6(c))
			nat_env_total_add(HP_TOTAL_HOSTS6, -1);
	}
	return 0;
}

/* Adds @one to the host of c->host_key. 0, or the reason for a drop; HP_DROP_RACE: it went in the meantime. */
NAT_GLOBAL int nat_host_count(struct nat_ctx *c, __u64 one)
{
	struct hp_host *h;

	c = nat_env_own(c);
	if (!c)
		return HP_DROP_MALFORMED;
	h = nat_env_host(&c->host_key);
	if (!h)
		return NAT_HOST_ABSENT;
	for (int i = 0; i < LIMIT_CAS_TRIES; i++) {
		__u64 old = h->word;
		int ret;

		if (old & HP_HOST_DYING)
			return HP_DROP_RACE;
		ret = nat_host_judge(c, h, old, one);
		if (ret)
			return ret;
		if (!nat_env_cas(&h->word, old, old + one))
			continue;
		if (nat_host_is(c, h)) {
			if (one == HP_HOST_SESSION_ONE)
				nat_host_note_opened(c, h);
			return 0;
		}
		/* The element was recycled under us: what was added is another host's. */
		c->host.key = c->host_key;
		c->host_key = h->key;
		nat_host_give(c, one);
		c->host_key = c->host.key;
		return HP_DROP_RACE;
	}
	return HP_DROP_RACE;
}

/*
 * Takes @one (HP_HOST_SESSION_ONE or HP_HOST_MAPPING_ONE) for the host of c->host_key. 0, or the reason for a drop, or NAT_HOST_CROWDED. A
 * host for which there is no room to count has to be refused: it would hold what it likes.
 */
NAT_GLOBAL int nat_host_take(struct nat_ctx *c, __u64 one)
{
	int ret = HP_DROP_RACE;

	c = nat_env_own(c);
	if (!c)
		return HP_DROP_MALFORMED;
	/* Its first two packets may come to two CPUs, and one that has just let go of its last may come back: neither is a reason to lose a packet. */
	for (int i = 0; i < NAT_HOST_TRIES && ret == HP_DROP_RACE; i++) {
		ret = nat_host_count(c, one);
		if (ret == NAT_HOST_ABSENT)
			ret = nat_host_add(c, one);
	}
	return ret;
}
