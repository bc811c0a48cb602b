/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The data plane in this process: bpf/hairpin.bpf.c, its maps on the tables of a struct nat_world, its packets in memory. One CPU, no
 * verifier; what the verifier would refuse (octets outside the packet's or the stack's bounds) the sanitizers find.
 */
#pragma once

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"

/* Room before a frame for headers that are pushed. */
#define SHIM_HEADROOM 128

/* One packet on its way through a program. */
struct shim_skb {
	struct __sk_buff skb; /* first: the programs are given its address */
	uint8_t room[SHIM_HEADROOM + FRAME_MAX];
	uint8_t *head; /* into room */
	bool partial; /* the transport checksum is the pseudo-header's; the device is to finish it */
	uint32_t redirect; /* device, with TC_ACT_REDIRECT */
	bool to_stack; /* redirected to the device's own ingress */
	uint32_t next_hop; /* with bpf_redirect_neigh(), network byte order */
};

enum shim_program { SHIM_LAN_INGRESS, SHIM_WAN_INGRESS, SHIM_WAN_EGRESS, SHIM_SORTED };

/* Octets that a route's device takes, for bpf_fib_lookup(); the same everywhere. */
#define SHIM_MTU 1400

/* Empties what the world does not hold: counters, budgets, contexts. After each world_new(). */
void shim_reset(uint32_t now_s);
void shim_advance(uint32_t seconds);
uint32_t shim_now_s(void);
/* The counter of one enum hp_reason. */
uint64_t shim_count(uint32_t reason);

/* @frame as it arrives on @ifindex. */
void shim_skb_init(struct shim_skb *s, const struct frame *frame, uint32_t ifindex);
/* What is left of it. */
void shim_skb_frame(const struct shim_skb *s, struct frame *ret_frame);
/* The verdict. */
int shim_run(enum shim_program program, struct shim_skb *s);
/* As the daemon does it, over the whole table; sessions ended. */
uint32_t shim_sweep(bool audit);
/* The timer in the kernel, as the daemon starts it (after shim_reset()), and one of its ticks. */
void shim_clock_start(uint32_t slice, uint32_t period_us);
void shim_tick(void);
/* world_check(), the totals included. */
void shim_check(void);

/* Fills in redirect and next_hop after a program has run. */
void shim_sent(struct shim_skb *s);

/* --- between dataplane.c, which sees the kernel's side, and maps.c ------------------------------------- */

/* A map as bpf/maps.h declares it. */
struct shim_map {
	const char *name;
	const void *map; /* address of its declaration */
	unsigned int type; /* enum bpf_map_type */
	size_t key_size, value_size, max_entries;
};
extern const struct shim_map shim_maps[];
extern const size_t shim_maps_n;
