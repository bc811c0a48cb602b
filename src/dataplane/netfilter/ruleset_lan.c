// SPDX-License-Identifier: GPL-2.0-or-later
/* What arrives from a segment: its source, what an isolated one may reach, and how much one host may open. The order is that of bpf/nat/lan.h. */
#include "ruleset.h"

#include "hold.h"

/* The limits of a host, which is one to them by @source; @by is the end of the sets' names, and @whom a match. */
static void limits_by(struct ruleset *set, const char *chain, const char *by, const char *whom,
		      const char *source)
{
	const struct hp_settings *settings = &set->plan->settings;
	char match[64];

	snprintf(match, sizeof(match), *whom ? "%s @opened6 " : "%s", whom);
	if (settings->new_per_host)
		rule_drop(set, chain, HP_DROP_HOST_RATE,
			  "ct state new %supdate @opened%s { %s limit rate over %u/second burst %u "
			  "packets }",
			  match, by, source, settings->new_per_host, settings->new_per_host);
	snprintf(match, sizeof(match), *whom ? "%s @holds6 " : "%s", whom);
	if (settings->sessions_per_host)
		rule_drop(set, chain, HP_DROP_HOST_LIMIT,
			  "ct state new %sadd @holds%s { %s ct count over %u }", match, by, source,
			  settings->sessions_per_host);
}

/* Addresses of IPv6 for which there was no place are counted by their network: anybody can invent those by the million (LIMIT_HOSTS6). */
static void limits(struct ruleset *set, const char *chain, bool v4)
{
	if (v4) {
		limits_by(set, chain, "4", "", "ip saddr");
		return;
	}
	limits_by(set, chain, "6", "", "ip6 saddr");
	limits_by(set, chain, "6net", "ip6 saddr !=", "ip6 saddr & ffff:ffff:ffff:ffff::");
}

/* What goes out or comes back in by the public address; other traffic of LANs is not ours to time or to limit. */
static void opens(struct ruleset *set, bool v4)
{
	const char *chain = v4 ? "opens4" : "opens6";

	chain_add(set, chain);
	limits(set, chain, v4);
	ruleset_speaks(set, chain, v4);
	ruleset_timeouts_use(set, chain, v4);
	rule_add(set, chain, "accept");
}

/* An isolated segment: DHCP, DNS, declared services, WAN. */
static void isolated4(struct ruleset *set, const char *chain, size_t i)
{
	rule_add(set, chain,
		 "ip daddr @public4 meta l4proto . th dport @forwarded_ports goto opens4");
	rule_add(set, chain, "ip daddr @public4 meta l4proto . th dport @self accept");
	rule_drop(set, chain, HP_DROP_ISOLATED, "ip daddr @public4");
	for (int own = 0; own < 2; own++) {
		char to[32];

		if (own)
			snprintf(to, sizeof(to), "@own4");
		else
			snprintf(to, sizeof(to), "@segment%zu_4", i);
		rule_add(set, chain, "ip daddr %s udp dport { 53, 67 } accept", to);
		rule_add(set, chain, "ip daddr %s tcp dport 53 accept", to);
		/* A port that is moved would be another program's there. */
		rule_add(set, chain, "ip daddr %s meta l4proto . th dport @self_plain accept", to);
		rule_drop(set, chain, HP_DROP_ISOLATED, "ip daddr %s", to);
	}
	rule_add(set, chain, "ip daddr @lan4 meta l4proto . ip daddr . th dport @declared4 accept");
	rule_drop(set, chain, HP_DROP_ISOLATED, "ip daddr @lan4");
}

static void segment4(struct ruleset *set, size_t i)
{
	const struct plan_device *device = &set->plan->devices[i];
	char chain[32];

	snprintf(chain, sizeof(chain), "from_lan%zu_4", i);
	chain_add(set, chain);
	rule_add(set, chain,
		 "ip saddr 0.0.0.0 ip daddr 255.255.255.255 udp sport 68 udp dport 67 accept");
	rule_add(set, chain, "ct state related meta l4proto icmp accept");
	rule_drop(set, chain, HP_DROP_SPOOFED, "ip saddr != @segment%zu_4", i);
	if (device->isolated) {
		rule_add(set, chain, "ip daddr 224.0.0.0/4 ip protocol igmp accept");
		rule_add(set, chain, "ip daddr 255.255.255.255 udp sport 68 udp dport 67 accept");
		rule_drop(set, chain, HP_DROP_ISOLATED,
			  "ip daddr { 224.0.0.0/4, 255.255.255.255 }");
	}
	rule_add(set, chain, "ip daddr { 224.0.0.0/4, 255.255.255.255 } accept");
	rule_drop(set, chain, HP_DROP_MARTIAN, "ip daddr { 0.0.0.0/8, 127.0.0.0/8, 240.0.0.0/4 }");
	rule_add(set, chain, "ct state established,related accept");
	/* Conntrack would not translate it, and the gateway itself would answer with a reset. */
	rule_drop(set, chain, HP_DROP_NO_SESSION, "ip daddr @public4 ct state invalid");
	if (device->isolated)
		isolated4(set, chain, i);
	rule_add(set, chain, "ip daddr @lan4 accept");
	rule_add(set, chain, "ip daddr @own4 accept");
	rule_add(set, chain, "goto opens4");
}

static void isolated6(struct ruleset *set, const char *chain)
{
	rule_add(set, chain,
		 "ip6 daddr @lan6 meta l4proto { tcp, udp } meta l4proto . ip6 daddr . th dport "
		 "@declared6 accept");
	rule_drop(set, chain, HP_DROP_ISOLATED, "ip6 daddr @lan6");
}

static void to_gateway6(struct ruleset *set, const char *chain, const char *to, bool isolated)
{
	if (isolated) {
		rule_add(set, chain, "%s meta l4proto { tcp, udp } th dport 53 accept", to);
		rule_add(set, chain,
			 "%s meta l4proto { tcp, udp } meta l4proto . th dport @self_plain accept",
			 to);
		rule_drop(set, chain, HP_DROP_ISOLATED, "%s", to);
	} else {
		rule_add(set, chain, "%s accept", to);
	}
}

static void segment6(struct ruleset *set, size_t i)
{
	bool isolated = set->plan->devices[i].isolated;
	char chain[32], own[64];

	snprintf(chain, sizeof(chain), "from_lan%zu_6", i);
	chain_add(set, chain);
	rule_add(set, chain,
		 "icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, "
		 "nd-neighbor-advert, nd-redirect, mld-listener-query, mld-listener-report, "
		 "mld-listener-done, mld2-listener-report } accept");
	rule_add(set, chain, "udp sport 546 udp dport 547 accept");
	rule_drop(set, chain, HP_DROP_SPOOFED,
		  "ip6 daddr != { ff00::/8, fe80::/10 } ip6 saddr != fe80::/10 "
		  "ip6 saddr != @segment%zu_6",
		  i);
	rule_add(set, chain, "ct state established,related accept");
	to_gateway6(set, chain, "ip6 daddr { ff00::/8, fe80::/10 }", isolated);
	to_gateway6(set, chain, "ip6 daddr @own6", isolated);
	to_gateway6(set, chain, "ip6 daddr @public6", isolated);
	snprintf(own, sizeof(own), "ip6 daddr @segment%zu_6", i);
	to_gateway6(set, chain, own, isolated);
	if (isolated)
		isolated6(set, chain);
	rule_add(set, chain, "ip6 daddr @lan6 accept");
	rule_add(set, chain, "goto opens6");
}

/* What came this far was judged: hold.h. Others see no mark of ours. */
static void judged(struct ruleset *set)
{
	chain_hook(set, "judged", "filter", "prerouting", HOLD_MARK_PRIORITY);
	rule_add(set, "judged", "ct state new,invalid,untracked meta mark set meta mark or 0x%08x",
		 MARK_ADMITTED);
	chain_hook(set, "judged_done", "filter", "prerouting", HOLD_UNMARK_PRIORITY);
	rule_add(set, "judged_done", "meta mark & 0x%08x != 0 meta mark set meta mark and 0x%08x",
		 MARK_ADMITTED, ~(__u32)MARK_ADMITTED);
}

/* Names instead of indices: they hold while a device is away, and for the next one of that name. */
void ruleset_lan(struct ruleset *set)
{
	static const char chain[] = "prerouting";
	const struct plan *plan = set->plan;

	opens(set, true);
	opens(set, false);
	/* Behind conntrack (-200), before destinations are translated (-100). */
	chain_hook(set, chain, "filter", "prerouting", -150);
	judged(set);
	if (set->one_arm) {
		for (size_t i = 0; i < plan->n_devices; i++) {
			if (plan->devices[i].side == HP_SIDE_LAN)
				segment6(set, i);
		}
		ruleset_one_arm_from(set);
		return;
	}
	if (*set->wan)
		rule_add(set, chain, "iifname \"%s\" goto " RULESET_MARK_CHAIN, set->wan);
	for (size_t i = 0; i < plan->n_devices; i++) {
		if (plan->devices[i].side != HP_SIDE_LAN)
			continue;
		segment4(set, i);
		segment6(set, i);
		rule_add(set, chain, "iifname \"%s\" meta nfproto ipv4 goto from_lan%zu_4",
			 plan->devices[i].name, i);
		rule_add(set, chain, "iifname \"%s\" meta nfproto ipv6 goto from_lan%zu_6",
			 plan->devices[i].name, i);
	}
}
