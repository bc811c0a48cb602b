/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The line that lets packets past other people's rules, in the words of whoever wrote those: what is written past a firewall's own program is gone with its next reload. */
#pragma once

#include "coexist.h"

struct mend_place {
	const struct ruletable *table;
	const struct chain *base; /* that was asked */
	const struct rule *rule; /* NULL: its policy */
	enum coexist_effect effect;
};

/* Adds one command for @packet; nothing if there is none. */
void mend_add(const struct mend_place *place, const struct packet *packet, struct strbuf *out);

/* Adds what has to be done once, behind all commands of @place: " && firewall-cmd --reload"; or nothing. */
void mend_end(const struct mend_place *place, struct strbuf *out);
