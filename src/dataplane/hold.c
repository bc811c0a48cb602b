// SPDX-License-Identifier: GPL-2.0-or-later
#include "hold.h"

#include <arpa/inet.h>
#include <hairpin/limits.h>
#include <netinet/in.h>
#include <string.h>

#define BEGIN "add table " HOLD_TABLE " { flags owner; }\nflush table " HOLD_TABLE "\n"
#define RULE "add rule " HOLD_TABLE " "

/* One chain of this type has the kernel keep its NAT at all four hooks, and connection tracking with it. */
static const char nat_chain[] =
	"add chain " HOLD_TABLE
	" translates { type nat hook prerouting priority -90; policy accept; }\n";

static void public_add(const struct plan *plan, const char *first, struct strbuf *out)
{
	const char *between = "{ ";
	char text[IP_TEXT_MAX];

	if (*first) {
		strbuf_add(out, "%s%s", between, first);
		between = ", ";
	}
	for (size_t i = 0; i < plan->n_wan_addrs; i++) {
		if (!ip_addr_is_v4(&plan->wan_addrs[i]))
			continue;
		strbuf_add(out, "%s%s", between, ip_addr_format(&plan->wan_addrs[i], text));
		between = ", ";
	}
	if (plan->has_public && !*first) {
		strbuf_add(out, "%s%s", between, ip_addr_format(&plan->public, text));
		between = ", ";
	}
	strbuf_add(out, "%s", *between == ',' ? " }" : "");
}

/* What the link itself lives on goes on, as in ruleset_wan.c. */
static void from_wan(const char *wan, struct strbuf *out)
{
	strbuf_add(out,
		   RULE
		   "unjudged iifname \"%s\" udp sport 67 udp dport 68 accept\n" RULE
		   "unjudged iifname \"%s\" udp sport 547 udp dport 546 accept\n" RULE
		   "unjudged iifname \"%s\" icmpv6 type { nd-router-solicit, nd-router-advert, "
		   "nd-neighbor-solicit, nd-neighbor-advert } accept\n" RULE
		   "unjudged iifname \"%s\" drop\n",
		   wan, wan, wan, wan);
}

/* --- one arm ---------------------------------------------------------------------------------------- */

/* Ports of services, as elements; false: there are none. */
static bool forwards_add(const struct plan *plan, struct strbuf *out)
{
	const char *between = "{ ";

	for (size_t i = 0; i < plan->n_rules; i++) {
		const struct plan_rule *rule = &plan->rules[i];

		if (rule->key.kind != HP_RULE_EXTERNAL || rule->rule.action != HP_ACTION_FORWARD)
			continue;
		strbuf_add(out, "%s%s . %u", between,
			   rule->key.proto == IPPROTO_TCP ? "tcp" : "udp", ntohs(rule->key.port));
		between = ", ";
	}
	if (*between == '{')
		return false;
	strbuf_add(out, " }");
	return true;
}

static void inside_add(const struct plan *plan, const char *arm, struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < plan->n_prefixes; i++) {
		const struct plan_prefix *prefix = &plan->prefixes[i];
		struct ip_net net = plan_prefix_net(prefix);

		if (prefix->key.set || prefix->prefix.kind != HP_NET_LAN)
			continue;
		strbuf_add(out, RULE "unjudged iifname \"%s\" %s saddr %s accept\n", arm,
			   ip_addr_is_v4(&net.addr) ? "ip" : "ip6", ip_net_format(&net, text));
	}
	strbuf_add(out,
		   RULE "unjudged iifname \"%s\" ip saddr 0.0.0.0 accept\n" RULE
			"unjudged iifname \"%s\" ip6 saddr { ::, fe80::/10 } accept\n" RULE
			"unjudged iifname \"%s\" drop\n",
		   arm, arm, arm);
}

/* Our address is the only one by which anybody can repair something, so it is closed for what is forwarded alone; and who is inside goes on. */
static void one_arm(const struct plan *plan, const char *arm, struct strbuf *out)
{
	_strbuf_ struct strbuf public = {0}, forwards = {0};

	public_add(plan, "", &public);
	if (public.length && forwards_add(plan, &forwards))
		strbuf_add(out, RULE "unjudged ip daddr %s meta l4proto . th dport %s drop\n",
			   strbuf_text(&public), strbuf_text(&forwards));
	inside_add(plan, arm, out);
}

/* --- what nobody judged ----------------------------------------------------------------------------- */

static void unjudged(const struct plan *plan, const char *wan, struct strbuf *out)
{
	_strbuf_ struct strbuf public = {0};

	strbuf_add(out,
		   "add chain " HOLD_TABLE
		   " unjudged { type filter hook prerouting priority %d; policy accept; }\n" RULE
		   "unjudged meta mark & 0x%08x != 0 accept\n" RULE
		   "unjudged ct state established,related accept\n",
		   HOLD_LOOK_PRIORITY, MARK_ADMITTED);
	if (plan->settings.one_arm && *wan) {
		one_arm(plan, wan, out);
		return;
	}
	if (*wan)
		from_wan(wan, out);
	/* It would not be translated, and the gateway would refuse it. Other addresses of ours answer, or nobody could repair anything. */
	public_add(plan, "", &public);
	if (public.length)
		strbuf_add(out, RULE "unjudged ip daddr %s drop\n", strbuf_text(&public));
	for (size_t i = 0; i < plan->n_devices; i++) {
		if (plan->devices[i].isolated)
			strbuf_add(out, RULE "unjudged iifname \"%s\" drop\n",
				   plan->devices[i].name);
	}
}

/* A connection that begins now would never be translated: it is not to begin. Behind the translation of sources (100). */
static void leaving(const struct plan *plan, const char *wan, struct strbuf *out)
{
	_strbuf_ struct strbuf public = {0};

	public_add(plan, "0.0.0.0", &public);
	strbuf_add(out,
		   "add chain " HOLD_TABLE
		   " leaving { type filter hook postrouting priority 151; policy accept; }\n" RULE
		   "leaving oifname \"%s\" ip saddr != %s drop\n" RULE
		   "leaving oifname \"%s\" ip6 saddr fc00::/7 ip6 daddr != fc00::/7 drop\n",
		   wan, strbuf_text(&public), wan);
}

void hold_compile(const struct plan *plan, struct strbuf *out)
{
	const char *wan = "";

	for (size_t i = 0; i < plan->n_devices; i++) {
		if (plan->devices[i].side == HP_SIDE_WAN)
			wan = plan->devices[i].name;
	}
	strbuf_add(out, BEGIN "%s", nat_chain);
	unjudged(plan, wan, out);
	/* On one arm the main router translates what we do not. */
	if (*wan && !plan->settings.one_arm)
		leaving(plan, wan, out);
}

void hold_compile_guard(struct strbuf *out)
{
	strbuf_add(out, BEGIN "%s", nat_chain);
}
