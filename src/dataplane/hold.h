/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stays when somebody flushes all rules: a second table, `inet hairpin-hold`, that belongs to this process (`flags owner`, Linux 5.12), so that nobody else's
 * command takes it away, and that ends with the process.
 *
 * Until the table proper is back it keeps the kernel's connection tracking and NAT hooked in, so that connections which are known go on
 * being translated; without that the gateway itself answers their packets with a reset. And nothing new begins that nobody has judged.
 *
 * In the network namespace of the caller.
 */
#pragma once

#include "plan.h"
#include "strbuf.h"

struct nft_ctx;

#define HOLD_TABLE "inet hairpin-hold"
/*
 * What the table proper has judged carries MARK_ADMITTED from the first of these to the last; in between this one looks. Beside those
 * of others, who have their marks set at -150, as "mangle" is, and who may set all bits of it.
 */
#define HOLD_MARK_PRIORITY (-142)
#define HOLD_LOOK_PRIORITY (-141)
#define HOLD_UNMARK_PRIORITY (-140)

/* All-zero: not there. Ended by hold_release(). */
struct hold {
	struct nft_ctx *nft; /* whose table it is */
	struct strbuf commands; /* that made it */
	struct strbuf why; /* why it cannot be had; empty: it is there, or nobody asked */
};

/* The commands that make it. Pure. The second for where netfilter translates nothing but what the guard leads (guard.h). */
void hold_compile(const struct plan *plan, struct strbuf *out);
void hold_compile_guard(struct strbuf *out);

/*
 * Makes it, or makes it anew; nothing is written where it is of these commands already, since nobody else can have changed it, and each change of rules costs a look
 * at all of ours. That it cannot be had is no failure, and told by hold_why().
 */
void hold_put(struct hold *hold, const struct strbuf *commands);
void hold_release(struct hold *hold);
/* NULL: it is there, or need not be. */
const char *hold_why(const struct hold *hold);
