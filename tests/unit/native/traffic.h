/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets of one host, LAN_HOST(30) with port 5000, and of the internet to it, through the core. For tests of who may send to whom. */
#pragma once

#include "cleanup.h"
#include "native/world.h"

#include "nat/audit.h"
#include "nat/lan.h"
#include "nat/wan.h"

#define TCP 6
#define UDP 17
#define SYN 0x02
#define SYN_ACK 0x12
#define ACK 0x10
#define RST 0x04
#define NOW_S 1000

#define HOST LAN_HOST(30)

static const __u8 protocols[] _unused_ = {UDP, TCP};

/* One packet; the flags and numbers of TCP. */
struct packet {
	__u8 proto, flags;
	__be32 from, to;
	__u16 sport, dport;
	__u32 seq, ack;
};

/* Runs it through the core. Its action. */
static inline int run(struct nat_ctx *c, const struct packet *p, __u32 now_s)
{
	const struct world_tuple tuple = {p->from, p->to, p->sport, p->dport};
	bool inside = (p->from & htonl(0xffff0000)) == (LAN_HOST(0) & htonl(0xffff0000));

	world_begin(c, inside ? WORLD_LAN : WORLD_WAN, inside ? HP_SIDE_LAN : HP_SIDE_WAN, now_s);
	world_packet(c, p->proto, &tuple);
	c->in.tcp_flags = p->flags;
	c->in.tcp_seq = htonl(p->seq);
	c->in.tcp_ack = htonl(p->ack);
	c->in.tcp_octets = (p->flags & SYN) != 0;
	return inside ? nat_lan(NULL, c) : nat_wan(NULL, c);
}

/* The host sends from port 5000, which it also has outside. */
static inline int run_out(struct nat_ctx *c, __u8 proto, __be32 to, __u16 port, __u32 now_s)
{
	const struct packet p = {proto, proto == TCP ? SYN : 0, HOST, to, 5000, port};

	return run(c, &p, now_s);
}

static inline int run_in(struct nat_ctx *c, __u8 proto, __be32 from, __u16 port, __u32 now_s)
{
	const struct packet p = {proto, proto == TCP ? SYN : 0, from, PUBLIC, port, 5000};

	return run(c, &p, now_s);
}

/* Everybody's filtering, and peers where it asks for them, as the plan has it. */
static inline void set_filtering(struct nat_world *world, __u8 proto, __u8 filtering)
{
	struct hp_settings *settings = &world->settings[world->slot];
	__u8 peers = filtering == HP_FILTER_ADDRESS_DEPENDENT;

	if (proto == TCP) {
		settings->filtering_tcp = filtering;
		settings->peers_tcp = peers;
	} else {
		settings->filtering_udp = filtering;
		settings->peers_udp = peers;
	}
}

/* Audits the session at @index as the sweep does, and says whether it may stay. */
static inline int audit(struct nat_world *world, __u32 index)
{
	struct nat_ctx c = {0};
	int stays;

	world_begin(&c, 0, 0, NOW_S);
	stays = nat_audit(&c, &world->sessions[index]);
	if (stays)
		nat_peer_adopt(&c, index);
	world_check(world);
	return stays;
}

static inline void end(struct nat_world *world, __u32 index)
{
	struct nat_ctx other = {0};

	assert_int_equal(nat_session_end(&other, index, world->sessions[index].word), 1);
	world_check(world);
}

/* A packet from there to the host's endpoint: let in and translated, or turned away. */
static inline void expect_in(struct nat_ctx *c, __u8 proto, __be32 from, __u16 port, bool admitted)
{
	assert_int_equal(run_in(c, proto, from, port, NOW_S + 9), admitted ? NAT_SEND : NAT_DROP);
	assert_int_equal(c->reason, admitted ? HP_SENT_INCOMING : HP_DROP_FILTERED);
	if (!admitted)
		return;
	assert_int_equal(c->out.saddr, from);
	assert_int_equal(c->out.sport, htons(port));
	assert_int_equal(c->out.daddr, HOST);
	assert_int_equal(c->out.dport, htons(5000));
	assert_int_equal(c->to_wan, 0);
}
