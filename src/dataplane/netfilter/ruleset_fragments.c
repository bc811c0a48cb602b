// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fragments, before the kernel puts datagrams together (-400). It has one memory for all of them, and nothing tells a rule which of them became whole; so what
 * may wait in it is limited by how much may come in while it waits (settings.c): strangers outside together, and everybody else alone.
 */
#include "ruleset.h"

#include "backend.h"

#define PRIORITY (-450)

/* Packets add to these, and a new plan leaves them alone. */
static void sets(struct ruleset *set, bool v4)
{
	static const char *const names[] = {"pieces_of", "spoken_to"};
	static const int seconds[] = {FRAGMENTS_NOTE_S, SORTER_KNOWN_S};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		strbuf_add(set->out,
			   "add set " RULESET_TABLE
			   " %s%d { type %s; size %d; flags dynamic,timeout; timeout %ds; }\n",
			   names[i], v4 ? 4 : 6, v4 ? "ipv4_addr" : "ipv6_addr",
			   LIMIT_SORTER_SOURCES, seconds[i]);
}

/* Strangers first: a flood of invented sources would fill the set of those that are counted one by one. */
static void of_family(struct ruleset *set, bool v4)
{
	const char *chain = v4 ? "fragments4" : "fragments6", *ip = v4 ? "ip" : "ip6";
	int family = v4 ? 4 : 6;
	const char *inside = "";

	if (set->one_arm)
		inside = v4 ? "ip saddr != @lan4 " : "ip6 saddr != @lan6 ip6 saddr != fe80::/10 ";

	sets(set, v4);
	chain_add(set, chain);
	if (*set->wan)
		rule_drop(
			set, chain, HP_DROP_FRAGMENT_RATE,
			"%siifname \"%s\" %s saddr != @spoken_to%d limit rate over %d/second burst "
			"%d packets",
			inside, set->wan, ip, family, LIMIT_FRAGMENTS_STRANGERS_PER_S,
			LIMIT_FRAGMENTS_STRANGERS_PER_S);
	rule_drop(set, chain, HP_DROP_FRAGMENT_RATE,
		  "update @pieces_of%d { %s saddr limit rate over %d/second burst %d packets }",
		  family, ip, LIMIT_FRAGMENTS_SOURCE_PER_S, LIMIT_FRAGMENTS_SOURCE_PER_S / 2);
}

void ruleset_fragments(struct ruleset *set)
{
	static const char chain[] = "fragments";

	of_family(set, true);
	of_family(set, false);
	chain_hook(set, chain, "filter", "prerouting", PRIORITY);
	rule_add(set, chain, "ip frag-off & 0x3fff != 0 goto fragments4");
	rule_add(set, chain, "meta nfproto ipv6 exthdr frag exists goto fragments6");
}

void ruleset_speaks(struct ruleset *set, const char *chain, bool v4)
{
	rule_add(set, chain, "ct state new update @spoken_to%d { %s daddr }", v4 ? 4 : 6,
		 v4 ? "ip" : "ip6");
}
