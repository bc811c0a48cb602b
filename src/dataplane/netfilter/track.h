/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's connection tracking, of the caller's network namespace. */
#pragma once

#include "backend.h"
#include "ranges.h"

/* One connection as conntrack has it: what its initiator sends, and what the responder answers. Ports in host byte order. */
struct tracked {
	__u8 proto, tcp_state; /* enum hp_tcp_state */
	bool replied;
	struct ip_addr orig_src, orig_dst, reply_src, reply_dst; /* IPv4 as v4-mapped */
	__u16 orig_sport, orig_dport, reply_sport, reply_dport; /* ICMP: the id, and 0 */
	__u32 expires_s;
	__u32 age_s; /* 0 also where the kernel does not note it (nf_conntrack_timestamp) */
	__u32 id;
};

/* Owned by the caller; all-zero: empty. */
struct tracked_list {
	struct tracked *items;
	size_t n, size;
	bool no_memory;
};

#define _tracked_ _cleanup_(tracked_list_fini)

/* 0 or -errno; what is there then is freed by tracked_list_fini(). */
int track_dump(struct tracked_list *ret_list);
void tracked_list_fini(struct tracked_list *list);
/* Ends that very connection; 0 also if it has ended. */
int track_end(const struct tracked *tracked);
/* How many there are, and how many there can be; 0 where the kernel does not say. */
__u32 track_count(void);
__u32 track_max(void);

/* What the kernel counts itself, of this network namespace and since it began: packets. */
struct track_stats {
	__u64 clashed; /* no port or address was left with which the connection would have been another one's equal */
	__u64 no_room; /* the table was full */
	__u64 replaced; /* nobody had answered, and the table was full: ended for a newer one */
};

int track_stats(struct track_stats *ret_stats);

/* --- by a plan ------------------------------------------------------------------------------------ */

/* What of a plan tells whose a connection is. A copy: the plan may go. All-zero: of no plan. */
struct view {
	struct plan plan; /* rules, prefixes and settings alone */
	struct ranges nets4, nets6;
};

int view_make(const struct plan *plan, struct view *ret_view);
void view_fini(struct view *view);

const struct hp_prefix *view_net(const struct view *view, const struct ip_addr *addr);
const struct hp_rule *view_rule(const struct view *view, const struct hp_rule_key *key);

/* enum hp_kind, or 0: not one that goes through us. */
__u8 view_kind(const struct view *view, const struct tracked *tracked);
/* Its row for `show sessions`. */
struct backend_session view_session(const struct view *view, const struct tracked *tracked);

/* Whether the plan would let that connection begin. One that is not ours is admitted. */
bool view_admits(const struct view *view, const struct tracked *tracked);
