/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets by the noted way (bpf/way.h) and by the long one. So that a frame's header tells which way it took, the devices and their neighbours have
 * addresses of their own here:
 *
 *   a device      02:00:00:00:bb:NN      NN: enum rig_device
 *   a neighbour   02:00:00:00:aa:NN      NN: the last octet of its IPv4 address
 */
#pragma once

#include "rig.h"

/* The ways, the slowest first: who allows one allows those before it. */
enum way {
	WAY_LONG,
	WAY_SHORT, /* noted, in tc */
	WAY_FAST, /* noted, in XDP */
	WAY_MAX,
};

struct way_step {
	enum rig_from from; /* a device: what the gateway itself sends has no noted way */
	const char *in; /* frame.h; NULL ends a list of steps */
	enum way best; /* the fastest that it may take */
	void (*before)(struct rig *rig); /* what happens before it arrives */
	void (*alter)(struct frame *frame); /* what no words of a frame can say */
	__u16 gso_size;
};

#define WAY_STEPS 10
struct way_case {
	const char *name;
	const char *plan; /* lines beside RIG_PLAN, may be NULL */
	struct way_step steps[WAY_STEPS + 1];
	bool on_bridge; /* lan0 is a bridge, with 192.168.11.30 behind its port other0 */
	bool torn; /* the tables do not agree with one another: `before` saw to that */
};

/* What became of one packet. */
struct way_result {
	enum way way; /* that it took */
	int verdict; /* of tc; TC_ACT_REDIRECT also where XDP sent it */
	__u32 mark; /* RIG_FOREIGN_MARK where XDP sent it, which knows none */
	struct frame out;
	__u64 counts[HP_REASON_MAX]; /* how often each moved */
	struct strbuf state; /* owned: rig_state(), and what is known of each session beside */
};

/* A rig whose devices and neighbours are as above, and where XDP can be run. */
struct rig *way_rig_open(void);
/* Everything anew: the plan, the devices noted, and the ways up to @allowed in force. */
void way_reset(struct rig *rig, const struct way_case *c, enum way allowed);
/* The frame of @step, addressed to the device that it comes by. */
void way_build(const struct way_step *step, struct frame *ret_frame);
/* Runs @in by the fastest way that @allowed leaves it. Ends the test if the frame does not bear the addresses of that way. */
void way_run(struct rig *rig, const struct way_step *step, const struct frame *in, enum way allowed,
	     struct way_result *ret_result);
/* Fills counts and state, which way_run() leaves alone: @counts_before is what way_read_counts() gave before it. */
void way_read_result(struct rig *rig, const __u64 *counts_before, struct way_result *result);
void way_read_counts(struct rig *rig, __u64 *ret_counts);

/* What ways hold by, as what happens before a packet changes it. */
struct hp_pace way_pace_get(struct rig *rig);
void way_pace_set(struct rig *rig, const struct hp_pace *pace);
/* All hints are gone. */
void way_hints_forget(struct rig *rig);
/* All hints that there are lead to the session at @index. */
void way_hints_lead(struct rig *rig, __u32 index);
/* Replaces the session at @index. */
void way_session_set(struct rig *rig, __u32 index, const struct hp_session *session);
