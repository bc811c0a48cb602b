/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The noted way: what the long way (nat/, forward.h) found for one packet of a known flow serves those that follow. Here is which packets may take it; short.h
 * carries it out for tc, fast.h for XDP, and both leave to the long way whatever is not quite plain.
 *
 * A packet that takes it changes what it would change on the long way: the second in which its session was seen last, and what is in flight of TCP. What would
 * change the session's word, or needs a decision, goes the long way.
 */
#pragma once

#include "begin.h"
#include "nat/hit.h"

/* Of the octet that was the type of service, all but ECN. */
#define WAY_DSCP 0xfc

/* A tuple in as few words as it has; both ports as they lie in the packet, the source's first. */
struct way_tuple {
	__be32 saddr, daddr;
	__u32 ports;
};

/* One packet that wants it; the ways' user fills all but the answer. */
struct way_packet {
	struct way_tuple tuple;
	__u8 proto;
	__u8 side; /* enum hp_side */
	__u8 dscp;
	__u8 xdp; /* only a way that XDP can send will do */
	__u16 in; /* place of the device, a port's that of its bridge */
	__u32 octets; /* IP length of the largest packet on the wire */
	struct nat_segment seg; /* TCP */

	/* The answer. */
	struct way_tuple out;
	__u16 link; /* place of the device that it leaves by */
	__u16 port; /* the same for XDP, or the bridge's port */
	__u8 reason;
	__u16 dest[3]; /* Ethernet address of the next hop, in the order of its octets */
};

/* One session with one direction, that a packet may belong to. */
struct way_flow {
	struct hp_session *s;
	__u64 word;
	__u32 index, reply;
};

static __always_inline const struct hp_link *way_link(__u32 ifindex)
{
	__u32 place = HP_LINK_PLACE(ifindex);
	const struct hp_link *link = bpf_map_lookup_elem(&hp_links, &place);

	return link && link->ifindex == ifindex ? link : NULL;
}

static __always_inline const struct hp_link *way_link_at(__u32 place)
{
	return bpf_map_lookup_elem(&hp_links, &place);
}

static __always_inline struct hp_pace *way_pace(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&hp_pace, &zero);
}

/* What a nanosecond is of a second, in parts of 2^60: over the few seconds that are asked for it is wrong by less than ten nanoseconds, and no product exceeds 64 bits. */
#define WAY_NS_SHIFT 60
#define WAY_S_OF_NS ((1ULL << WAY_NS_SHIFT) / NS_PER_S + 1)

/*
 * The second, some milliseconds late: the exact clock costs a tenth of what the whole packet does, and no division is needed.
 * Counted from the second before the daemon's last round, since the clock that is late may not have reached that one. 0 while no way may be believed.
 */
static __always_inline __u32 way_now_s(const struct hp_pace *pace)
{
	__u32 from_s = pace->ticked_s - 1;
	__u64 since_ns = bpf_ktime_get_coarse_ns() + pace->offset_ns - from_s * NS_PER_S;

	if (!pace->epoch || since_ns >= (WAY_TICK_S + 1) * NS_PER_S)
		return 0;
	return from_s + (__u32)(since_ns * WAY_S_OF_NS >> WAY_NS_SHIFT);
}

static __always_inline int way_is_fresh(const struct hp_way *way, __u32 now_s, __u32 index)
{
	return (__u16)((__u16)now_s - way->noted_s) < WAY_S + (index & WAY_SPREAD_S);
}

static __always_inline __u32 way_epoch(const struct hp_way *way)
{
	return *(const volatile __u32 *)&way->epoch;
}

/* Whether the note is for packets as this one, and not too old. */
static __always_inline int way_fits(const struct way_packet *p, const struct hp_way *way,
				    const struct way_flow *flow, __u32 now_s)
{
	return way_is_fresh(way, now_s, flow->index) && way->in == p->in && way->dscp == p->dscp &&
	       p->octets <= way->mtu && (!p->xdp || way->port) &&
	       (__s32)(now_s - flow->s->last_seen_s) < (__s32)way->idle_s;
}

/* The answer of the flow's note into *p; 0: it has none of @epoch that fits. Asked before and behind, as another CPU may be writing it anew. */
static __always_inline int way_read(struct way_packet *p, const struct way_flow *flow, __u32 epoch,
				    __u32 now_s)
{
	const struct hp_way *way = flow->reply ? &flow->s->way[1] : &flow->s->way[0];

	if (way_epoch(way) != epoch)
		return 0;
	barrier();
	if (!way_fits(p, way, flow, now_s))
		return 0;
	p->link = way->out;
	p->port = way->port;
	p->reason = way->reason;
	__builtin_memcpy(p->dest, __builtin_assume_aligned(way->dest, sizeof(p->dest[0])),
			 sizeof(p->dest));
	barrier();
	return way_epoch(way) == epoch;
}

/* Whether the packet teaches the session of UDP nothing that it does not know (nat_session_learns()). */
static __always_inline int way_udp_is_plain(__u16 flags, __u32 reply)
{
	if (reply)
		return flags & HP_SESSION_REPLIED;
	return !(flags & HP_SESSION_REPLIED) || (flags & HP_SESSION_PROVEN);
}

/* States that a segment without SYN, FIN and RST leaves as they are. */
static __always_inline int way_tcp_is_steady(__u8 state)
{
	return state == HP_TCP_ESTABLISHED || state == HP_TCP_FIN_ORIG || state == HP_TCP_FIN_REPLY;
}

/* The same of TCP. A segment that is not believed is no sign of life, and goes the long way. */
static __always_inline int way_tcp_is_plain(struct way_packet *p, const struct way_flow *flow)
{
	struct nat_segment *seg = &p->seg;
	struct hp_tcp_track *own = flow->reply ? &flow->s->tcp[1] : &flow->s->tcp[0];
	struct hp_tcp_track *other = flow->reply ? &flow->s->tcp[0] : &flow->s->tcp[1];
	__u16 flags = nat_word_flags(flow->word);

	seg->reply = (__u8)flow->reply;
	seg->outside = p->side == HP_SIDE_WAN;
	if (!way_tcp_is_steady(nat_word_tcp(flow->word)) ||
	    (flags | nat_segment_flags(seg, flow->word)) != flags)
		return 0;
	if (seg->outside && !nat_segment_known(seg, own, other))
		return 0;
	nat_track(seg, own, other);
	return 1;
}

static __always_inline struct way_tuple way_tuple(const struct hp_tuple4 *t)
{
	struct way_tuple tuple = {.saddr = t->saddr, .daddr = t->daddr};

	__builtin_memcpy(&tuple.ports, __builtin_assume_aligned(&t->sport, sizeof(tuple.ports)),
			 sizeof(tuple.ports));
	return tuple;
}

static __always_inline struct way_tuple way_reversed(const struct way_tuple *t)
{
	return (struct way_tuple){
		.saddr = t->daddr, .daddr = t->saddr, .ports = t->ports << 16 | t->ports >> 16};
}

static __always_inline int way_is_same(const struct way_tuple *a, const struct way_tuple *b)
{
	return a->saddr == b->saddr && a->daddr == b->daddr && a->ports == b->ports;
}

/* --- finding it --------------------------------------------------------------------------------------- */

/* Odd numbers with their bits well mixed: the fractions of the golden ratio and of the square root of 3. */
#define WAY_HASH_A 0x9e3779b97f4a7c15ULL
#define WAY_HASH_B 0xbb67ae8584caa73bULL

static __always_inline __u64 way_hash(const struct way_tuple *t, __u8 proto, __u8 side)
{
	__u64 addrs = (__u64)t->saddr << 32 | t->daddr;
	__u64 rest = (__u64)t->ports << 16 | (__u64)proto << 8 | side;
	__u64 hash = (addrs ^ rest * WAY_HASH_B) * WAY_HASH_A;

	return (hash ^ hash >> 32) * WAY_HASH_B;
}

static __always_inline struct hp_hint *way_hint_at(__u64 hash)
{
	__u32 place = (__u32)(hash >> 32) & (LIMIT_HINTS - 1);

	return bpf_map_lookup_elem(&hp_hints, &place);
}

/* Whether the session is alive and in that direction the one of the packet's tuple, which it leaves with p->out. */
static __always_inline int way_is_of(struct way_packet *p, const struct way_flow *flow)
{
	const struct hp_session *s = flow->s;
	struct way_tuple in;

	if (nat_word_life(flow->word) != HP_LIFE_ACTIVE || s->proto != p->proto)
		return 0;
	if (!flow->reply) {
		in = way_tuple(&s->v4.orig);
		p->out = way_tuple(&s->v4.xlat);
		return s->orig_side == p->side && way_is_same(&p->tuple, &in);
	}
	in = way_tuple(&s->v4.xlat);
	in = way_reversed(&in);
	p->out = way_tuple(&s->v4.orig);
	p->out = way_reversed(&p->out);
	return s->reply_side == p->side && way_is_same(&p->tuple, &in);
}

static __always_inline int way_find_hinted(struct way_packet *p, struct way_flow *flow)
{
	__u64 hash = way_hash(&p->tuple, p->proto, p->side);
	const struct hp_hint *hint = way_hint_at(hash);

	if (!hint || hint->tag != (__u32)hash)
		return 0;
	flow->index = hint->session >> 1;
	flow->reply = hint->session & 1;
	flow->s = nat_env_session(flow->index);
	if (!flow->s)
		return 0;
	flow->word = flow->s->word;
	return !(nat_word_flags(flow->word) & HP_SESSION_V6) && way_is_of(p, flow);
}

static __always_inline int way_find_flow(struct way_packet *p, struct way_flow *flow)
{
	struct hp_flow4 key = {.saddr = p->tuple.saddr,
			       .daddr = p->tuple.daddr,
			       .proto = p->proto,
			       .side = p->side};
	const struct hp_flow_ref *ref;

	__builtin_memcpy(__builtin_assume_aligned(&key.sport, sizeof(p->tuple.ports)),
			 &p->tuple.ports, sizeof(p->tuple.ports));
	ref = nat_env_flow4(&key);
	if (!ref)
		return 0;
	flow->index = ref->index;
	flow->reply = ref->reply & 1;
	flow->s = nat_env_session(flow->index);
	if (!flow->s)
		return 0;
	flow->word = flow->s->word;
	return nat_word_generation(flow->word) == ref->generation && way_is_of(p, flow);
}

static __always_inline int way_find(struct way_packet *p, struct way_flow *flow)
{
	return way_find_hinted(p, flow) || way_find_flow(p, flow);
}

/* --- taking it ---------------------------------------------------------------------------------------- */

/*
 * Whether the packet may take its flow's noted way: 1 with the answer in *p and the session touched, 0: the long way, nothing was changed.
 */
static __always_inline int way_take(struct way_packet *p)
{
	struct hp_pace *pace = way_pace();
	struct way_flow flow;
	__u32 now_s;

	/* Asked first, as where nobody watches nothing is worth looking up. */
	now_s = pace ? way_now_s(pace) : 0;
	if (!now_s || !way_find(p, &flow))
		return 0;
	if (!way_read(p, &flow, pace->epoch, now_s))
		return 0;
	/* Between the first look and this one it may have become another session, whose tuple was half written. */
	if (nat_word_generation(flow.s->word) != nat_word_generation(flow.word))
		return 0;
	if (p->proto == IPPROTO_UDP ? !way_udp_is_plain(nat_word_flags(flow.word), flow.reply)
				    : !way_tcp_is_plain(p, &flow))
		return 0;
	if ((__s32)(now_s - flow.s->last_seen_s) >= SESSION_TOUCH_S)
		flow.s->last_seen_s = now_s;
	return 1;
}

/* --- noting it -------------------------------------------------------------------------------------- */

/* Whether the flow of the packet at hand, a hit that is being sent, is one whose packets all go alike. */
static __always_inline int way_is_due(const struct nat_ctx *c)
{
	return !c->in.v6 && !c->in.fragment && !c->in.sorted && !c->settings.one_arm && c->known &&
	       (c->in.proto == IPPROTO_UDP || c->in.proto == IPPROTO_TCP);
}

/* The place by which XDP reaches @mac behind the device @out; 0: it cannot. */
static __always_inline __u16 way_port(const struct hp_link *out, const __u8 *mac)
{
	struct hp_fdb_key key = {.bridge = out->ifindex};
	__u32 *port;

	if (!(out->flags & HP_LINK_IS_BRIDGE))
		return out->flags & HP_LINK_SENDS ? (__u16)HP_LINK_PLACE(out->ifindex) : 0;
	__builtin_memcpy(key.mac, mac, sizeof(key.mac));
	port = bpf_map_lookup_elem(&hp_fdb, &key);
	return port ? (__u16)*port : 0;
}

static __always_inline int way_has_neighbour(const struct bpf_fib_lookup *fib)
{
	return fib->dmac[0] | fib->dmac[1] | fib->dmac[2] | fib->dmac[3] | fib->dmac[4] |
	       fib->dmac[5];
}

static __always_inline void way_note_hint(const struct nat_ctx *c)
{
	const struct hp_flow4 *in = &c->in.flow4;
	const struct hp_tuple4 in_tuple = {in->saddr, in->daddr, in->sport, in->dport};
	const struct way_tuple tuple = way_tuple(&in_tuple);
	__u64 hash = way_hash(&tuple, in->proto, in->side);
	struct hp_hint *hint = way_hint_at(hash);
	const struct hp_hint new = {.tag = (__u32)hash,
				    .session = c->ref.index << 1 | (c->ref.reply & 1)};

	if (hint)
		*hint = new;
}

/*
 * Notes for the flow of c->ref that its packets leave as @fib says. The epoch is written last and taken away first, so that nobody believes half a note; and
 * the session may have ended meanwhile and be another one, which must not inherit it.
 */
static __noinline int way_note(struct nat_ctx *c, const struct bpf_fib_lookup *fib)
{
	const struct hp_link *in = way_link(c->in.ifindex), *out = way_link(fib->ifindex);
	struct hp_session *s = nat_env_session(c->ref.index);
	struct hp_way *way;
	__u32 idle_s;

	if (!in || !out || !s || !c->in.epoch || !way_has_neighbour(fib))
		return 0;
	way = c->ref.reply ? &s->way[1] : &s->way[0];
	idle_s = nat_session_timeout_s(c, s, s->word);
	__sync_lock_test_and_set(&way->epoch, 0);
	way->noted_s = (__u16)c->in.now_s;
	way->idle_s = idle_s > 0xffff ? 0xffff : (__u16)idle_s;
	way->mtu = fib->mtu_result;
	way->in = (__u16)HP_LINK_PLACE(in->ifindex);
	way->out = (__u16)HP_LINK_PLACE(out->ifindex);
	way->port = way_port(out, fib->dmac);
	way->reason = (__u8)c->reason;
	way->dscp = c->in.tos & WAY_DSCP;
	__builtin_memcpy(way->dest, fib->dmac, sizeof(way->dest));
	__sync_lock_test_and_set(&way->epoch, c->in.epoch);
	if (nat_word_generation(s->word) != c->ref.generation)
		way->epoch = 0;
	way_note_hint(c);
	return 0;
}
