/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan as commands for nft: one table, `inet hairpin`, of the guard's name, since either of the two backends has it.
 *
 * One table of family inet and not one for each family: both share devices, ports and counters, and one transaction holds them all.
 * Commands in nft's own words and not its JSON: that of libnftables 1.0.6 knows no map to address and port, drops the policy of a `ct
 * timeout` in silence, and refuses sets that packets add to.
 */
#pragma once

#include "nft.h"
#include "ranges.h"

#define RULESET_TABLE NFT_TABLE
/* No other table has a chain of this name: whether the nftables backend is in place is seen by it. */
#define RULESET_MARK_CHAIN "from_wan"
/* Holds the number of the plan in force. */
#define RULESET_GENERATION_SET "generation"
/* Role bypass: struct backend_past. */
#define RULESET_PAST_SET "past4"

/*
 * The commands that put @plan in force, in one transaction; what an earlier plan left in the table is emptied first. Its counters, notes
 * and limits go on, and so do the sessions. Pure. 0 or -ENOMEM.
 */
int ruleset_compile(const struct plan *plan, __u32 generation, struct strbuf *out);

/* Behind those: ports that wan.pass had in @before and has not in @plan, so that connections there starve. */
void ruleset_closed_add(const struct plan *before, const struct plan *plan, struct strbuf *out);

/* --- parts, for ruleset_*.c alone ------------------------------------------------------------------ */

struct ruleset {
	const struct plan *plan;
	const char *wan; /* device; "": none */
	bool one_arm; /* and all of the LAN is behind it, too (ruleset_one_arm.c) */
	const char *
		entry; /* the set of addresses by which services are asked for: ours, and the one that another router has */
	struct ranges nets4, nets6; /* set 0 */
	struct strbuf *out;
	int ret;
};

/* "add rule TABLE CHAIN ..." */
void rule_add(struct ruleset *set, const char *chain, const char *format, ...) _printf_(3, 4);
/* The same, with what it matches counted as @reason and dropped. */
void rule_drop(struct ruleset *set, const char *chain, enum hp_reason reason, const char *format,
	       ...) _printf_(4, 5);
/* ... counted and accepted. */
void rule_pass(struct ruleset *set, const char *chain, enum hp_reason reason, const char *format,
	       ...) _printf_(4, 5);
void chain_add(struct ruleset *set, const char *chain);
void chain_hook(struct ruleset *set, const char *chain, const char *type, const char *hook,
		int priority);
/* Notes of @set->ret for all of a kind that failed. */
void set_begin(struct ruleset *set, const char *kind, const char *name, const char *type);

void ruleset_sets(struct ruleset *set);
void ruleset_ports(struct ruleset *set);
void ruleset_timeouts(struct ruleset *set);
void ruleset_timeouts_use(struct ruleset *set, const char *chain, bool v4);
void ruleset_fragments(struct ruleset *set);
/* Whoever is spoken to from here is no stranger, whose fragments have to share. */
void ruleset_speaks(struct ruleset *set, const char *chain, bool v4);
void ruleset_wan(struct ruleset *set);
void ruleset_lan(struct ruleset *set);
void ruleset_forward(struct ruleset *set);
void ruleset_nat(struct ruleset *set);

/* Where a packet goes by its source, and by its destination, instead of its devices. */
void ruleset_one_arm_from(struct ruleset *set);
void ruleset_one_arm_forward(struct ruleset *set, const char *chain);
/* What leaves the LAN, at the end of @chain. */
void ruleset_one_arm_outgoing(struct ruleset *set, const char *chain);
void ruleset_one_arm_sources(struct ruleset *set);
/* What a proxy's redirect would take of answers without a question. */
void ruleset_one_arm_destinations(struct ruleset *set);
/* What of the LAN is sent on with the source that it has. */
void ruleset_one_arm_kept(struct ruleset *set, const char *chain);
/* What the gateway itself says to its neighbours. */
void ruleset_one_arm_output(struct ruleset *set, const char *chain);
void ruleset_one_arm_leaving(struct ruleset *set, const char *chain);
/* nat.mark */
void ruleset_mark(struct ruleset *set);

/* Those of devices that are there or waited for: { "br-lan", "lan2" }; false: there are none. */
bool ruleset_lan_devices(const struct ruleset *set, struct strbuf *out);
/* Sources become @addr, with ports of nat.ports. */
void ruleset_source(struct ruleset *set, const char *chain, __be32 addr, const char *match);
/* A rule that only the first segment of TCP may get past; where connections are taken up in the middle, none. */
void rule_drop_midstream(struct ruleset *set, const char *chain);
/* DNS over TLS by IPv4, where hosts are kept from it: they are told, and ask by another way at once. */
void rule_refuse_dot(struct ruleset *set, const char *chain);

#define NOT_A_SYN "tcp flags & (fin|syn|rst|ack) != syn"
