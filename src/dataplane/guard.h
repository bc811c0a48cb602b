/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guard: one nftables table, `inet hairpin`, that drops what reaches the stack without having been judged
 * by our filters, so that a device that lost its filter passes nothing.
 *
 * It also keeps foreign connection tracking away from what crosses a bridge to the public address and back, and leads questions of
 * LANs to our DNS server where the plan says so. The table acts in the network namespace of the caller. Used by the bpf backend; guard_dropped() by anyone.
 */
#pragma once

#include "listing.h"
#include "nft.h"
#include "plan.h"

#define GUARD_TABLE NFT_TABLE

/* All-zero: never written by this process. Freed by guard_fini(). */
struct guard {
	struct listing listing; /* of the table as guard_apply() left it */
	struct strbuf commands; /* what made it */
};

/* The commands that put @plan's guard in force, in one transaction. Pure. */
void guard_compile(const struct plan *plan, struct strbuf *out);

/* Nothing is written while the table is as @plan wants it. 0, or -errno with nft's words in @why: the table before
 * stays, as a whole. */
int guard_apply(struct guard *guard, const struct plan *plan, struct strbuf *why);

/* Notes the table that is there now in @ret_text (empty: none), and puts such a note back in force. */
int guard_save(struct strbuf *ret_text);
int guard_restore(const struct strbuf *text, struct strbuf *why);

/* Takes the table away; 0 also if there was none. */
int guard_remove(struct strbuf *why);

/*
 * Whether this kernel can lead questions to our server (dns.redirect): 0, or -errno with what it lacks in @why; -EPERM: who asks may not know. The first tries it here
 * and keeps nothing of it, but hooks connection tracking in for that moment, as the table itself does for good; the second in a namespace made for it, for who is to touch nothing.
 */
int guard_probe_questions(struct strbuf *why);
int guard_probe_apart(struct strbuf *why);

/* Packets that the guard dropped since it was made (0 without a table). */
int guard_dropped(__u64 *ret_packets);

void guard_fini(struct guard *guard);
