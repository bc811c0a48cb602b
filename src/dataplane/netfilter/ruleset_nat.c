// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Translation. Destinations by one map for all forwards. Sources of loopback become the public address (RFC 4787 REQ-9a), and only where the
 * client is inside and its destination was translated: "snat" for all of a LAN, as most routers have it, hides every client from every server.
 */
#include "ruleset.h"

#include "backend.h"
#include "questions.h"

#define FORWARDED "meta l4proto . th dport map @forwards"

/* --- dns.redirect ---------------------------------------------------------------------------------- */

static void questions(struct ruleset *set)
{
	char server[IP_TEXT_MAX];

	for (size_t i = 0; i < set->plan->n_leads; i++) {
		const struct plan_lead *lead = &set->plan->leads[i];

		for (size_t k = 0; k < N_QUESTION_PROTOS; k++) {
			/* Not rule_add(): hosts that ask themselves may be many. */
			strbuf_add(set->out, "add rule " RULESET_TABLE " dstnat ");
			question_match_add(set->plan, lead, question_protos[k], set->out);
			strbuf_add(set->out, "\"%s\" counter name \"%s\" dnat ip to %s:53\n",
				   set->wan, hp_reason_name(HP_PASS_QUESTION),
				   ip_addr_format(&lead->server, server));
		}
	}
}

/* --- services of the gateway itself ----------------------------------------------------------------- */

static void moved_to(struct ruleset *set, const char *chain, const char *from, const char *to)
{
	static const char *const protos[] = {"tcp", "udp"};

	for (size_t k = 0; k < ARRAY_SIZE(protos); k++)
		rule_add(set, chain,
			 "ip daddr %s meta l4proto %s dnat ip to %s : %s dport map @moved_%s", from,
			 protos[k], to, protos[k], protos[k]);
}

/* By the address that another router has, which nobody delivers to us: these lead to ours. */
static void from_other_router(struct ruleset *set, const char *chain)
{
	struct ip_addr own = ip_addr_from_v4(set->plan->settings.wan_addr);
	char public[IP_TEXT_MAX], text[IP_TEXT_MAX];

	if (!set->plan->has_public || !set->plan->settings.wan_addr)
		return;
	ip_addr_format(&set->plan->public, public);
	ip_addr_format(&own, text);
	rule_add(set, chain, "ip daddr %s meta l4proto . th dport @self_plain dnat ip to %s",
		 public, text);
	moved_to(set, chain, public, text);
}

/* Ports that are others inside: from wherever they are asked, once for each public address. */
static void moved_add(struct ruleset *set, const char *chain)
{
	const struct plan *plan = set->plan;
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < plan->n_wan_addrs; i++) {
		if (!ip_addr_is_v4(&plan->wan_addrs[i]))
			continue;
		ip_addr_format(&plan->wan_addrs[i], text);
		moved_to(set, chain, text, text);
	}
	from_other_router(set, chain);
}

/* --- destinations ----------------------------------------------------------------------------------- */

static void destinations(struct ruleset *set)
{
	_strbuf_ struct strbuf lans = {0};

	chain_hook(set, "dstnat", "nat", "prerouting", -100);
	if (*set->wan)
		rule_add(set, "dstnat", "iifname \"%s\" ip daddr %s dnat ip to " FORWARDED,
			 set->wan, set->entry);
	if (!set->one_arm && ruleset_lan_devices(set, &lans))
		rule_add(set, "dstnat", "iifname %s ip daddr %s dnat ip to " FORWARDED,
			 strbuf_text(&lans), set->entry);
	questions(set);
	moved_add(set, "dstnat");
	if (set->one_arm)
		ruleset_one_arm_destinations(set);
	/* The gateway's own processes. */
	chain_hook(set, "own", "nat", "output", -100);
	rule_add(set, "own", "ip daddr %s dnat ip to " FORWARDED, set->entry);
	moved_add(set, "own");
}

/* --- sources ----------------------------------------------------------------------------------------- */

void ruleset_source(struct ruleset *set, const char *chain, __be32 addr, const char *match)
{
	const struct hp_settings *settings = &set->plan->settings;
	struct ip_addr source = ip_addr_from_v4(addr);
	char text[IP_TEXT_MAX];

	if (!addr)
		return;
	ip_addr_format(&source, text);
	if (settings->port_first > 1 || settings->port_last < 65535)
		rule_add(set, chain, "%s meta l4proto { tcp, udp } snat ip to %s:%u-%u", match,
			 text, settings->port_first, settings->port_last);
	rule_add(set, chain, "%s snat ip to %s", match, text);
}

static void keep_client(struct ruleset *set)
{
	const struct plan *plan = set->plan;

	chain_add(set, "loop_keep");
	/* On one segment the server would answer past us: there it is the public address. */
	for (size_t i = 0; i < plan->n_devices; i++) {
		if (plan->devices[i].side == HP_SIDE_LAN)
			rule_add(set, "loop_keep",
				 "ip saddr @segment%zu_4 oifname != \"%s\" accept", i,
				 plan->devices[i].name);
	}
	ruleset_source(set, "loop_keep", plan->settings.loop_addr, "meta nfproto ipv4");
}

static void loopback(struct ruleset *set)
{
	static const char *const protos[] = {"tcp", "udp"};

	keep_client(set);
	chain_add(set, "loopback");
	/* Our own processes: with our address on the server's segment. */
	rule_add(set, "loopback", "ct original ip saddr @public4 masquerade");
	rule_add(set, "loopback", "ct original ip saddr @own4 masquerade");
	if (set->one_arm)
		ruleset_one_arm_sources(set);
	rule_add(set, "loopback", "ip saddr != @lan4 accept");
	for (size_t i = 0; i < ARRAY_SIZE(protos); i++) {
		rule_add(set, "loopback",
			 "meta l4proto %s ct original proto-dst @keep_%s goto loop_keep", protos[i],
			 protos[i]);
		rule_add(set, "loopback",
			 "meta l4proto %s ct original proto-dst @gateway_%s masquerade", protos[i],
			 protos[i]);
	}
	ruleset_source(set, "loopback", set->plan->settings.loop_addr, "meta nfproto ipv4");
}

void ruleset_nat(struct ruleset *set)
{
	char match[64];

	destinations(set);
	loopback(set);
	chain_hook(set, "srcnat", "nat", "postrouting", 100);
	/* To a host inside: what somebody else leads to a container is not ours. */
	rule_add(set, "srcnat",
		 "ct status dnat ct original ip daddr %s ip daddr @lan4 goto loopback", set->entry);
	if (!*set->wan || set->plan->settings.routed)
		return;
	if (set->one_arm)
		ruleset_one_arm_kept(set, "srcnat");
	snprintf(match, sizeof(match), "oifname \"%s\" ip saddr @lan4", set->wan);
	ruleset_source(set, "srcnat", set->plan->settings.wan_addr, match);
}
