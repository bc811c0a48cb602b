/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world for the NAT core (nat_env.h) with the plan of one gateway, and what must hold of its tables at any time.
 *
 *   device 1  WAN, 203.0.113.5 and 203.0.113.6
 *   device 2  LAN 192.168.11.0/24, gateway 192.168.11.1; 2001:db8:11::/64
 *   device 3  LAN 192.168.13.0/24, isolated
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <asm/byteorder.h>
#include <cmocka.h>

#include "nat_env.h"

enum { WORLD_WAN = 1, WORLD_LAN = 2, WORLD_ISO = 3 };

/* IPv4 addresses as they are written; fit for tables. */
#define V4(a, b, c, d) __constant_htonl((__u32)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define PUBLIC V4(203, 0, 113, 5)
#define PUBLIC2 V4(203, 0, 113, 6)
#define LAN_HOST(n) V4(192, 168, 11, n)
#define GUEST(n) V4(192, 168, 13, n)
#define REMOTE(n) V4(198, 51, 100, n)

/* A fixture of cmocka; *state is the struct nat_world, and nat_world. */
int world_setup(void **state);
int world_teardown(void **state);
/* With a table of @sessions; for fixtures of other sizes. */
struct nat_world *world_new(__u32 sessions);

/* Empties the plan in @slot and writes the gateway above into it, without services. */
void world_plan(struct nat_world *world, __u32 slot);
/* Writes role bypass instead: device 1 alone, in 192.168.11.0/24 with 192.168.11.3; the main router has 192.0.2.1 outside. */
void world_plan_arm(struct nat_world *world, __u32 slot);
/* With 192.168.11.4 in place of that address. */
void world_arm_moves(struct nat_world *world, __u32 slot);
#define ARM_ADDR LAN_HOST(3)
#define MAIN_ADDR V4(192, 0, 2, 1)
/* A forward as the plan has it, as two rules; ports in host byte order. */
struct world_forward {
	__u8 proto;
	__u16 port;
	__be32 host;
	__u16 host_port;
	__u8 source; /* enum hp_hairpin_source */
	__u8 outside_gateway;
};
void world_forward(struct nat_world *world, __u32 slot, const struct world_forward *forward);
/* A host's own filtering, an enum hp_filtering. */
void world_filter(struct nat_world *world, __u32 slot, __u8 proto, __be32 host, __u8 filtering);

/* Starts a packet: plan in force, time, device and side. The rest of @c is as the packet before left it, as in the kernel. */
void world_begin(struct nat_ctx *c, __u32 device, __u8 side, __u32 now_s);
/* Its tuple, ports in host byte order; an echo request has its id as sport, a reply as dport. */
struct world_tuple {
	__be32 saddr, daddr;
	__u16 sport, dport;
};
void world_packet(struct nat_ctx *c, __u8 proto, const struct world_tuple *tuple);

/*
 * Ends the test unless: every flow belongs to an active session, with its generation and the right direction; every active session has
 * all its flows; both indices of mappings agree; no port has two owners; references are counted right; what rests is in the queue; the totals and
 * what hosts are said to hold are true; free and active sessions are the table.
 */
void world_check(const struct nat_world *world);
/* Of that what is about mappings and their ports, for a test that holds mappings without sessions. */
void world_check_ports(const struct nat_world *world);
size_t world_active(const struct nat_world *world);
/* Remote addresses that are noted, in sets and beside them. */
size_t world_peers(const struct nat_world *world);
/* External ports in use; those that rest are not. */
size_t world_bound(const struct nat_world *world);
