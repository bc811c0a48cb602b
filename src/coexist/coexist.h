/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of other people's netfilter rules would win over a plan, and the line that mends it by their owner's own means.
 *
 * An accept of ours ends nobody else's chain at the same hook: a drop there wins. Each kind of packet of the plan (packets.h) is led through each base chain of others (walk.h); what
 * becomes of it there that the plan does not want is a finding. A rule about other devices, ports or addresses is none. Where it cannot be told, that is said, at a lesser level.
 */
#pragma once

#include "packets.h"

enum coexist_effect {
	COEXIST_DROPS,
	COEXIST_LEADS_ELSEWHERE, /* translates the destination before we do */
	COEXIST_HIDES_CLIENT, /* translates the source against hairpin-source */
	COEXIST_UNTRACKS, /* takes it from connection tracking, so that nobody translates it */
	COEXIST_PROXIES, /* hands it to a proxy of this machine */
	COEXIST_OFFLOADS, /* into a flowtable, past our counters: good to know */
	COEXIST_MARKS, /* puts a mark on it: harm, if the routing policy leads that elsewhere (policy.h), which the caller has to ask */
	COEXIST_UNKNOWN, /* one of them, perhaps */
};

struct coexist_finding {
	enum coexist_effect effect;
	char *text; /* owned; one line: where, the rule as its program prints it, what it does to which services */
	char *fix; /* owned; one line of shell; "" where there is no harm, or none that we can name */
	__u32 mark; /* of COEXIST_MARKS */
	struct packet packet; /* ... the first that gets it; its words are the plan's */
};

/* Owned by the caller; all-zero: empty. */
struct coexist {
	struct coexist_finding *findings;
	size_t n_findings;
};

#define _coexist_ _cleanup_(coexist_fini)

/* Whether it does harm, and is not just good to know. */
static inline bool coexist_harms(const struct coexist_finding *finding)
{
	return finding->effect < COEXIST_OFFLOADS;
}

/* Pure. @only_own: the bpf backend carries the plan, and only what is for the gateway itself meets these rules. */
void coexist_judge(const struct plan *plan, bool only_own, const struct rules *rules,
		   struct coexist *ret_coexist);

/*
 * The rules of this machine, in the network namespace of the caller: of nftables, of iptables in both its forms. iptables-save is asked where its tables are in use; without it
 * these tables are read as nft has them, and what their modules say is unknown. 0, or -errno with a line in @why; then what could be read is there all the same.
 */
int coexist_read(struct rules *ret_rules, struct strbuf *why);

void coexist_fini(struct coexist *coexist);
