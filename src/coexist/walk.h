/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of a packet in a base chain. */
#pragma once

#include "packets.h"

enum walk_end {
	WALK_PASSES,
	WALK_DROPPED,
	WALK_PERHAPS, /* one of the others: by a rule, or past a rule, that we do not understand */
	WALK_TRANSLATED, /* DNAT or SNAT, as the chain's hook has it */
	WALK_UNTRACKED,
	WALK_PROXIED,
	WALK_MARKED,
	WALK_OFFLOADED,
};

struct walk_result {
	enum walk_end end;
	const struct rule *rule; /* that did it; NULL: the policy */
	const struct chain *chain; /* that holds it */
};

/* @base has a hook, that of @packet. */
struct walk_result walk(const struct ruletable *table, const struct chain *base,
			const struct packet *packet);
