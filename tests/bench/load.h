/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the generator, the sink and the program that runs them share. */
#pragma once

#include <linux/types.h>

#define LOAD_FRAME_OCTETS 64
#define LOAD_MAGIC 0x68706c64 /* how the sink knows a frame of ours */
#define LOAD_FLOWS_MAX (1 << 20)
/* Every so many frames the sink computes both checksums anew: a contender that leaves them wrong is found, and none pays for the search. */
#define LOAD_SAMPLE 64

/* A time falls into one of 16 parts of its power of two, so that a quantile is right to a sixteenth. */
#define LOAD_BUCKETS 640

/* Which way a frame goes: from a client to the service, or back. */
enum load_way { LOAD_ASK = 0, LOAD_ANSWER, LOAD_WAYS };

/* One end: where its frames leave, and the addresses of that link. */
struct load_end {
	__u32 ifindex;
	__u16 mac[3]; /* its own, as it lies in a frame */
	__u16 gateway[3]; /* the gateway's */
};

/*
 * The flows. Flow f asks target + f / flows_per_target; r, what is left of that division, is client + r / flows_per_client, port first_port + r % ports. The server
 * of that number gets it, from seen, or from the client itself where that is 0. Addresses that are counted from are in host order.
 */
struct load_plan {
	struct load_end ends[LOAD_WAYS]; /* by the way that leaves there */
	__u32 flows;
	__u32 flows_per_client;
	__u32 ports; /* at least as many */
	__u32 targets, flows_per_target;
	__u32 client, target, server;
	__be32 seen;
	__be16 target_port, server_port;
	__u16 first_port;
	__u8 ttl; /* as a frame has to arrive */
	__u8 timed;
	__u32 batch; /* frames that leave together where they are paced */
	__u64 interval_ns; /* between those; 0: as fast as it goes */
};

/* Why a frame of ours does not count. */
enum load_wrong {
	LOAD_WRONG_FLOW = 0, /* no such flow: what it carries was changed */
	LOAD_WRONG_ADDRESS,
	LOAD_WRONG_PORT,
	LOAD_WRONG_TTL,
	LOAD_WRONG_CHECKSUM,
	LOAD_WRONGS
};

/* Of one CPU. */
struct load_tally {
	__u64 right;
	__u64 wrong[LOAD_WRONGS];
	__u64 buckets[LOAD_BUCKETS];
};

/* What a frame carries. */
struct load_mark {
	__u32 magic;
	__u32 flow;
	__u32 sent_ns
		[2]; /* the low half first; no 64 bits, whose alignment would part them from the rest */
	__u32 rest;
	__u16 last;
} __attribute__((packed));
