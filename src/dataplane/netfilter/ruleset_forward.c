// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the gateway routes, and the last look at what leaves. A drop in somebody else's chain of the same hook wins over our accept, whatever the
 * order; ours comes first, so that its counters say what we did.
 */
#include "ruleset.h"

#include "backend.h"

#define PRIORITY (-10)
#define WITHOUT_PORTS "meta l4proto != { tcp, udp, icmp }"

/* Of IPv6 its larger header less. The kernel never raises a segment size. */
static void clamp(struct ruleset *set, const char *chain)
{
	unsigned int mss = set->plan->settings.mss_wan;
	const char *name = hp_stat_name(HP_STAT_MSS_CLAMPED);

	if (!mss)
		return;
	rule_add(
		set, chain,
		"meta nfproto ipv4 tcp flags syn tcp option maxseg size > %u tcp option maxseg size "
		"set %u counter name \"%s\"",
		mss, mss, name);
	rule_add(
		set, chain,
		"meta nfproto ipv6 tcp flags syn tcp option maxseg size > %u tcp option maxseg size "
		"set %u counter name \"%s\"",
		mss - 20, mss - 20, name);
}

/* A forward whose host is not behind a LAN now: it would go back out. */
static void drop_unrouted(struct ruleset *set, const char *chain)
{
	rule_drop(set, chain, HP_DROP_NO_ROUTE,
		  "oifname \"%s\" %sct direction original ct status dnat ct original ip daddr %s",
		  set->wan, set->one_arm ? "ip daddr != @lan4 " : "", set->entry);
}

static void from_wan(struct ruleset *set)
{
	static const char chain[] = "forward_from_wan";

	chain_add(set, chain);
	clamp(set, chain);
	drop_unrouted(set, chain);
	rule_pass(set, chain, HP_SENT_RELATED, "meta nfproto ipv4 ct state related");
	rule_pass(set, chain, HP_SENT_UNKNOWN, "meta nfproto ipv4 " WITHOUT_PORTS);
	rule_pass(set, chain, HP_SENT_INCOMING, "meta nfproto ipv4 ct state established");
	rule_pass(set, chain, HP_SENT_INCOMING, "meta nfproto ipv4 ct status dnat");
	rule_drop(set, chain, HP_DROP_TO_LAN, "meta nfproto ipv4");
	rule_pass(set, chain, HP_PASS_ICMP_ERROR, "meta nfproto ipv6 ct state related");
	rule_pass(set, chain, HP_PASS_ROUTED6, "meta nfproto ipv6 ct state established");
}

static void outgoing(struct ruleset *set)
{
	static const char chain[] = "forward_to_wan", out4[] = "outgoing4", out6[] = "outgoing6";
	const struct hp_settings *settings = &set->plan->settings;

	rule_add(set, chain, "meta nfproto ipv4 goto %s", out4);
	rule_add(set, chain, "meta nfproto ipv6 goto %s", out6);
	rule_pass(set, out4, HP_SENT_RELATED, "ct state related");
	rule_pass(set, out4, HP_SENT_UNKNOWN, "ct state established " WITHOUT_PORTS);
	rule_pass(set, out4, HP_SENT_OUTGOING, "ct state established");
	rule_refuse_dot(set, out4);
	rule_drop(set, out4, HP_DROP_NO_SESSION, "ct state invalid");
	rule_drop_midstream(set, out4);
	if (!settings->wan_addr)
		rule_drop(set, out4, HP_DROP_NO_WAN, "ip saddr @lan4");
	rule_pass(set, out4, HP_SENT_UNKNOWN, "ip saddr @lan4 " WITHOUT_PORTS);
	rule_pass(set, out4, HP_SENT_OUTGOING, "ip saddr @lan4");
	rule_drop(set, out6, HP_DROP_PRIVATE_SOURCE, "ip6 saddr fc00::/7 ip6 daddr != fc00::/7");
	rule_pass(set, out6, HP_PASS_ROUTED6, "ct state established,related");
	if (settings->block_dot)
		rule_drop(set, out6, HP_DROP_DOT, "meta l4proto { tcp, udp } th dport 853");
	rule_drop(set, out6, HP_DROP_NO_SESSION, "ct state invalid");
	rule_drop_midstream(set, out6);
	rule_pass(set, out6, HP_PASS_ROUTED6, "ct state new");
}

static void to_wan(struct ruleset *set)
{
	static const char chain[] = "forward_to_wan";

	chain_add(set, chain);
	chain_add(set, "outgoing4");
	chain_add(set, "outgoing6");
	clamp(set, chain);
	drop_unrouted(set, chain);
	if (set->one_arm)
		ruleset_one_arm_outgoing(set, chain);
	else
		outgoing(set);
}

static void between(struct ruleset *set)
{
	static const char chain[] = "forward_between";
	char looped[64];

	snprintf(looped, sizeof(looped), "ct status dnat ct original ip daddr %s", set->entry);
	chain_add(set, chain);
	rule_pass(set, chain, HP_SENT_RELATED, "%s ct state related", looped);
	rule_pass(set, chain, HP_SENT_HAIRPIN, "%s ct state established", looped);
	if (!set->plan->settings.pickup)
		rule_drop(set, chain, HP_DROP_NO_SESSION, "%s " NOT_A_SYN, looped);
	rule_pass(set, chain, HP_SENT_HAIRPIN, "%s", looped);
	rule_pass(set, chain, HP_PASS_LAN, set->one_arm ? "iifname \"%s\"" : "iifname != \"%s\"",
		  set->wan);
}

/*
 * Whatever our rules were for a moment, nothing leaves with a source that is not ours: behind the translation of sources (100). A DHCP
 * client has no address yet, and IGMP of such a link neither.
 */
static void leaving(struct ruleset *set)
{
	static const char chain[] = "leaving";

	chain_hook(set, chain, "filter", "postrouting", 150);
	if (!*set->wan)
		return;
	if (set->one_arm) {
		ruleset_one_arm_leaving(set, chain);
		return;
	}
	rule_drop(set, chain, HP_DROP_PRIVATE_SOURCE,
		  "oifname \"%s\" ip saddr != @public4 ip saddr != 0.0.0.0", set->wan);
	rule_drop(set, chain, HP_DROP_PRIVATE_SOURCE,
		  "oifname \"%s\" ip6 saddr != @nets6 ip6 saddr != { ::, fe80::/10 }", set->wan);
}

/*
 * What the gateway itself goes on sending of connections whose port wan.pass has no longer (ruleset_closed_add()): conntrack would take
 * that for a beginning, and let the answers in.
 */
static void own_output(struct ruleset *set)
{
	static const char chain[] = "output";

	chain_hook(set, chain, "filter", "output", PRIORITY);
	/* What the kernel tells of flows that pass it. */
	rule_add(set, chain, "ct state related meta l4proto icmp counter name \"%s\"",
		 hp_reason_name(HP_SENT_ICMP_ERROR));
	/* It drops such packets before any rule is asked, and tells their senders; so this counts who was told. */
	rule_add(set, chain, "ct state related icmp type time-exceeded counter name \"%s\"",
		 hp_reason_name(HP_DROP_TTL));
	rule_add(set, chain,
		 "ct state related icmp type destination-unreachable icmp code frag-needed counter "
		 "name \"%s\"",
		 hp_reason_name(HP_DROP_TOO_BIG));
	if (!*set->wan)
		return;
	rule_add(set, chain,
		 "oifname \"%s\" meta nfproto ipv4 ct state new update @spoken_to4 { ip daddr }",
		 set->wan);
	rule_add(set, chain,
		 "oifname \"%s\" meta nfproto ipv6 ct state new update @spoken_to6 { ip6 daddr }",
		 set->wan);
	if (set->one_arm)
		ruleset_one_arm_output(set, chain);
	rule_drop(set, chain, HP_DROP_CLOSED,
		  "oifname \"%s\" ct state new,invalid " NOT_A_SYN
		  " meta l4proto . th sport @closed_ports",
		  set->wan);
	rule_drop(
		set, chain, HP_DROP_CLOSED,
		"oifname \"%s\" ct state new meta l4proto udp meta l4proto . th sport @closed_ports",
		set->wan);
}

static void of_segments(struct ruleset *set, const char *chain, const char *lans)
{
	if (*set->wan)
		rule_add(set, chain, "iifname %s oifname \"%s\" goto forward_to_wan", lans,
			 set->wan);
	rule_add(set, chain, "iifname %s oifname %s goto forward_between", lans, lans);
}

void ruleset_forward(struct ruleset *set)
{
	static const char chain[] = "forward";
	_strbuf_ struct strbuf lans = {0};
	const struct plan *plan = set->plan;

	from_wan(set);
	to_wan(set);
	between(set);
	leaving(set);
	own_output(set);
	chain_hook(set, chain, "filter", "forward", PRIORITY);
	if (set->one_arm)
		ruleset_one_arm_forward(set, chain);
	else if (*set->wan)
		rule_add(set, chain, "iifname \"%s\" goto forward_from_wan", set->wan);
	if (!ruleset_lan_devices(set, &lans))
		return;
	if (!set->one_arm)
		of_segments(set, chain, strbuf_text(&lans));
	/* What was asked of an address of ours was judged when it came: a container of a service of the gateway itself, translated by somebody else. */
	rule_pass(set, chain, HP_PASS_OTHER_DEVICE, "ct status dnat ct original ip daddr %s",
		  set->entry);
	rule_pass(set, chain, HP_PASS_OTHER_DEVICE, "ct status dnat ct original ip daddr @own4");
	for (size_t i = 0; i < plan->n_devices; i++) {
		if (plan->devices[i].isolated)
			rule_drop(set, chain, HP_DROP_ISOLATED,
				  "iifname \"%s\" ct state new,invalid", plan->devices[i].name);
	}
	rule_add(set, chain, "iifname %s counter name \"%s\"", strbuf_text(&lans),
		 hp_reason_name(HP_PASS_OTHER_DEVICE));
}
