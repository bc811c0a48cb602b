// SPDX-License-Identifier: GPL-2.0-or-later
#include "steps.h"

#include "cleanup.h"

#include "nat/audit.h"
#include "nat/host.h"
#include "nat/lan.h"
#include "nat/v6.h"
#include "nat/wan.h"

static __u32 roll(struct steps *r, __u32 n)
{
	return r->next(r) % n;
}

static __be32 any_inside(struct steps *r)
{
	return roll(r, 4) ? LAN_HOST(20 + roll(r, 4)) : GUEST(20 + roll(r, 2));
}

static __u16 any_port(struct steps *r)
{
	static const __u16 ports[] = {443, 6000, 6001, 40000, 40001, 40002, 53};

	return ports[roll(r, ARRAY_SIZE(ports))];
}

static __u8 any_protocol(struct steps *r)
{
	static const __u8 protocols[] = {6, 17, 17, 1, 47};

	return protocols[roll(r, ARRAY_SIZE(protocols))];
}

static __u8 any_tcp_flags(struct steps *r)
{
	static const __u8 flags[] = {0x02, 0x02, 0x02, 0x12, 0x10, 0x10, 0x11, 0x04};

	return flags[roll(r, ARRAY_SIZE(flags))];
}

static __be32 any_public(struct steps *r)
{
	return roll(r, 4) ? PUBLIC : PUBLIC2;
}

/* Few numbers, close together and around 0, so that segments of one connection meet by chance. */
static void fill_tcp(struct steps *r)
{
	struct nat_packet *in = &r->c.in;

	in->tcp_flags = any_tcp_flags(r);
	in->tcp_octets = (in->tcp_flags & 0x03 ? 1 : 0) + roll(r, 2);
	in->tcp_seq = htonl(roll(r, 4) - 2);
	in->tcp_ack = in->tcp_flags & 0x10 ? htonl(roll(r, 4) - 2) : 0;
}

static void fill(struct steps *r, __be32 source, __be32 destination)
{
	struct world_tuple tuple = {source, destination, any_port(r), any_port(r)};
	__u8 proto = any_protocol(r);

	if (proto == 47)
		tuple.sport = tuple.dport = 0;
	if (proto == 1 && roll(r, 2))
		tuple.sport = 0;
	else if (proto == 1)
		tuple.dport = 0;
	world_packet(&r->c, proto, &tuple);
	if (proto == 6)
		fill_tcp(r);
}

static int is_public(__be32 addr)
{
	return addr == PUBLIC || addr == PUBLIC2;
}

/* What may be said of every packet that is sent: to WAN with a public source, and never to LAN with a private one from WAN. */
static void check_sent(struct steps *r, int action)
{
	const struct nat_ctx *c = &r->c;

	assert_in_range(c->reason, 0, HP_REASON_MAX - 1);
	if (action == NAT_DROP || action == NAT_REFUSE) {
		assert_true(c->reason >= HP_DROP_FIRST);
		r->dropped++;
		return;
	}
	assert_true(c->reason < HP_DROP_FIRST);
	if (action != NAT_SEND)
		return;
	r->sent++;
	if (c->to_wan)
		assert_true(is_public(c->out.saddr) && !is_public(c->out.daddr));
	else
		assert_false(is_public(c->out.daddr));
}

static void step_lan(struct steps *r)
{
	__be32 source = any_inside(r), destination;

	switch (roll(r, 4)) {
	case 0:
		destination = any_inside(r);
		break;
	case 1:
	case 2:
		destination = any_public(r);
		break;
	default:
		destination = REMOTE(7 + roll(r, 3));
	}
	world_begin(&r->c,
		    (ntohl(source) & 0xffffff00) == (ntohl(GUEST(0))) ? WORLD_ISO : WORLD_LAN,
		    HP_SIDE_LAN, r->now_s);
	fill(r, source, destination);
	check_sent(r, nat_lan(r->world, &r->c));
}

static void step_wan(struct steps *r)
{
	world_begin(&r->c, WORLD_WAN, HP_SIDE_WAN, r->now_s);
	fill(r, REMOTE(7 + roll(r, 3)), any_public(r));
	check_sent(r, nat_wan(NULL, &r->c));
}

static void step_host(struct steps *r)
{
	world_begin(&r->c, WORLD_WAN, HP_SIDE_HOST, r->now_s);
	fill(r, any_public(r), REMOTE(7 + roll(r, 3)));
	check_sent(r, nat_host(r->world, &r->c));
}

/* 2001:db8:11::N inside, 2001:db8:77::N outside. */
static void set_address6(__u8 out[16], bool inside, __u32 n)
{
	static const __u8 prefix[4] = {0x20, 0x01, 0x0d, 0xb8};

	memset(out, 0, 16);
	memcpy(out, prefix, sizeof(prefix));
	out[5] = inside ? 0x11 : 0x77;
	out[15] = (__u8)n;
}

static void step_v6(struct steps *r)
{
	bool from_lan = roll(r, 2);
	struct nat_packet *in = &r->c.in;

	world_begin(&r->c, from_lan ? WORLD_LAN : WORLD_WAN, 0, r->now_s);
	in->v6 = 1;
	set_address6(in->flow6.saddr, from_lan, 20 + roll(r, 2));
	set_address6(in->flow6.daddr, !from_lan, 20 + roll(r, 2));
	in->flow6.sport = htons(any_port(r));
	in->flow6.dport = htons(any_port(r));
	in->proto = in->flow6.proto = 17;
	in->flow6.side = from_lan ? HP_SIDE_LAN : HP_SIDE_WAN;
	check_sent(r, from_lan ? nat_lan6(r->world, &r->c) : nat_wan6(&r->c));
}

/* As hp_sweep does it. */
static void sweep(struct steps *r, bool audit)
{
	world_begin(&r->c, 0, 0, r->now_s);
	for (__u32 i = 0; i < r->world->n_sessions; i++) {
		struct hp_session *s = &r->world->sessions[i];
		__u64 word = s->word;

		if (nat_word_life(word) == HP_LIFE_ACTIVE &&
		    (nat_session_expired(&r->c, s, word) || (audit && !nat_audit(&r->c, s))))
			r->ended += (unsigned int)nat_session_end(&r->c, i, word);
		else if (audit)
			nat_peer_adopt(&r->c, i);
	}
	while (nat_rest_sweep(&r->c))
		r->rested++;
}

/* Limits that a few hosts reach now and then. */
static void any_limits(struct steps *r, __u32 slot)
{
	struct hp_settings *settings = &r->world->settings[slot];

	settings->mappings_per_host = roll(r, 2) ? 2 + roll(r, 4) : 0;
	settings->sessions_per_host = roll(r, 2) ? 3 + roll(r, 6) : 0;
	settings->new_per_host = roll(r, 3) ? 0 : 1 + roll(r, 4);
	settings->port_parity = (__u8)roll(r, 2);
	settings->pickup = (__u8)roll(r, 2);
}

/* Whatever somebody's filtering needs of peers is kept, as the plan does it; sometimes nobody's does. */
static void any_filtering(struct steps *r, __u32 slot)
{
	struct hp_settings *settings = &r->world->settings[slot];

	settings->filtering_udp = (__u8)roll(r, 3);
	settings->filtering_tcp = (__u8)roll(r, 3);
	settings->hairpin_filtered = (__u8)roll(r, 2);
	settings->silent = !roll(r, 4);
	if (roll(r, 2))
		world_filter(r->world, slot, 17, LAN_HOST(20), (__u8)roll(r, 3));
	settings->peers_udp = (__u8)roll(r, 4) != 0;
	settings->peers_tcp = (__u8)roll(r, 4) != 0;
}

/* A plan with random forwards into the other slot, swapped in and audited, as the daemon does it. */
static void step_plan(struct steps *r)
{
	__u32 slot = !r->world->slot;

	world_plan(r->world, slot);
	r->world->settings[slot].port_first = 40000;
	r->world->settings[slot].port_last = 40000 + (__u16)roll(r, 24);
	for (__u16 i = 0; i < 2; i++) {
		const struct world_forward forward = {
			.proto = roll(r, 2) ? 6 : 17,
			.port = (__u16)(6000 + i),
			.host = LAN_HOST(20 + roll(r, 4)),
			.host_port = (__u16)(443 + i),
			.source = (__u8)roll(r, 3),
		};

		world_forward(r->world, slot, &forward);
	}
	any_filtering(r, slot);
	any_limits(r, slot);
	r->world->slot = slot;
	sweep(r, true);
}

static void step(struct steps *r)
{
	__u32 dice = roll(r, 100);

	if (dice < 45)
		step_lan(r);
	else if (dice < 70)
		step_wan(r);
	else if (dice < 80)
		step_host(r);
	else if (dice < 88)
		step_v6(r);
	else if (dice < 92)
		r->now_s += roll(r, 400);
	else if (dice < 96)
		sweep(r, false);
	else
		step_plan(r);
}

/*
 * Every active session is admitted by the plan that was audited last. One to a dynamic mapping is not asked about until it is answered: it came in by
 * what its host had sent to others, and that may be over.
 */
static void check_admitted(struct steps *r)
{
	world_begin(&r->c, 0, 0, r->now_s);
	for (__u32 i = 0; i < r->world->n_sessions; i++) {
		const struct hp_session *s = &r->world->sessions[i];

		if (nat_word_life(s->word) == HP_LIFE_ACTIVE &&
		    ((nat_word_flags(s->word) & (HP_SESSION_TARGET | HP_SESSION_REPLIED)) !=
		     HP_SESSION_TARGET))
			assert_int_equal(nat_audit(&r->c, s), 1);
	}
}

void steps_begin(struct steps *r)
{
	r->world = world_new(STEPS_SESSIONS);
	r->now_s = 5000;
	memset(&r->c, 0x5a, sizeof(r->c));
}

void steps_one(struct steps *r)
{
	step(r);
	world_check(r->world);
	check_admitted(r);
}

void steps_end(struct steps *r)
{
	void *world = r->world;

	r->now_s += TIMEOUT_TCP_ESTABLISHED_S;
	sweep(r, false);
	world_check(r->world);
	assert_int_equal(world_active(r->world), 0);
	assert_int_equal(r->world->mappings.n + world_bound(r->world) + r->world->peers.n +
				 r->world->hosts.n,
			 0);
	r->now_s += PORT_REST_S;
	sweep(r, false);
	assert_int_equal(r->world->bindings.n + r->world->rest_n, 0);
	world_teardown(&world);
}
