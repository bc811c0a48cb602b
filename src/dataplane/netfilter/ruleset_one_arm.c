// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One arm: WAN and LAN are one device, so who sent a packet says on which side it is. What the LAN answers to connections that never came by here is
 * sent on as it is: the main router, which led them past us, translates it back, and knows nobody else's address for it (decision 031).
 */
#include "ruleset.h"

#include "backend.h"

/* Before everybody's rules of destinations (-100). */
#define KEEP_PRIORITY (-110)
/* Before "mangle" (-150), where proxies choose what they take, and behind conntrack (-200). */
#define MARK_PRIORITY (-160)
#define WITHOUT_PORTS "meta l4proto != { tcp, udp, icmp }"
#define FROM_DECLARED "meta l4proto udp meta l4proto . ip saddr . th sport @declared4"

#define OF_PAST(set) "tcp flags & (fin|syn|rst|ack) != syn meta l4proto . ip saddr . th sport @" set

#define NOTE_PAST "update @" RULESET_PAST_SET " { meta l4proto . ip saddr . th sport }"

/* Why what the LAN sends out keeps its source. */
static enum hp_reason kept_reason(const struct ruleset *set)
{
	return set->plan->settings.routed ? HP_PASS_ROUTED4 : HP_PASS_UNSEEN;
}

/* --- from where -------------------------------------------------------------------------------------- */

/* An answer of this kind is no beginning of its host's, which its limits would count. */
static void unseen4(struct ruleset *set)
{
	chain_add(set, "unseen4");
	rule_add(set, "unseen4", "meta l4proto udp " NOTE_PAST);
	ruleset_timeouts_use(set, "unseen4", true);
	rule_add(set, "unseen4", "accept");
}

static void inside4(struct ruleset *set, const char *chain)
{
	chain_add(set, chain);
	rule_add(set, chain, "ip daddr { 224.0.0.0/4, 255.255.255.255 } accept");
	rule_drop(set, chain, HP_DROP_SPOOFED, "ip saddr != @lan4");
	rule_drop(set, chain, HP_DROP_MARTIAN, "ip daddr { 0.0.0.0/8, 127.0.0.0/8, 240.0.0.0/4 }");
	rule_add(set, chain, "ct state established,related accept");
	/* Conntrack would not translate it, and the gateway itself would answer with a reset. */
	rule_drop(set, chain, HP_DROP_NO_SESSION, "ip daddr @public4 ct state invalid");
	rule_add(set, chain,
		 "ip daddr @public4 meta l4proto . th dport @forwarded_ports goto opens4");
	rule_add(set, chain, "ip daddr @nets4 accept");
	/* Of no connection that it knows, conntrack calls a SYN-ACK invalid; what comes behind it may be taken up in the middle. */
	rule_add(
		set, chain,
		"ct state invalid,untracked tcp flags & (fin|syn|rst|ack) == (syn|ack) " NOTE_PAST);
	rule_add(set, chain, "ct state invalid,untracked accept");
	rule_add(set, chain, "ct state new " NOT_A_SYN " goto unseen4");
	rule_add(set, chain, "ct state new " FROM_DECLARED " goto unseen4");
	rule_add(set, chain, "goto opens4");
}

void ruleset_one_arm_from(struct ruleset *set)
{
	unseen4(set);
	inside4(set, "from_lan4");
	chain_add(set, "from_arm4");
	chain_add(set, "from_arm6");
	/* A DHCP client, and IGMP of a link without addresses; our own broadcasts come back, too. */
	rule_add(set, "from_arm4", "ip saddr @lan4 goto from_lan4");
	rule_add(set, "from_arm4", "ip saddr 0.0.0.0 goto from_lan4");
	rule_add(set, "from_arm4", "ip saddr @nets4 goto from_lan4");
	rule_add(set, "from_arm4", "goto from_wan4");
	/* Of the LAN's only device: the second one of the plan. */
	rule_add(set, "from_arm6", "ip6 saddr { ::, fe80::/10 } goto from_lan1_6");
	rule_add(set, "from_arm6", "ip6 saddr @lan6 goto from_lan1_6");
	rule_add(set, "from_arm6", "goto from_wan6");
	rule_add(set, "prerouting", "iifname \"%s\" meta nfproto ipv4 goto from_arm4", set->wan);
	rule_add(set, "prerouting", "iifname \"%s\" meta nfproto ipv6 goto from_arm6", set->wan);
}

/* --- to where ---------------------------------------------------------------------------------------- */

void ruleset_one_arm_forward(struct ruleset *set, const char *chain)
{
	const char *arm = set->wan;

	rule_add(set, chain, "iifname \"%s\" ip saddr != @lan4 goto forward_from_wan", arm);
	rule_add(set, chain, "iifname \"%s\" ip6 saddr != @lan6 goto forward_from_wan", arm);
	rule_add(set, chain, "iifname \"%s\" oifname \"%s\" ip daddr @lan4 goto forward_between",
		 arm, arm);
	rule_add(set, chain, "iifname \"%s\" oifname \"%s\" ip6 daddr @lan6 goto forward_between",
		 arm, arm);
	rule_add(set, chain, "iifname \"%s\" oifname \"%s\" goto forward_to_wan", arm, arm);
}

static void outgoing4(struct ruleset *set, const char *chain)
{
	const struct hp_settings *settings = &set->plan->settings;
	enum hp_reason kept = kept_reason(set);

	rule_pass(set, chain, HP_SENT_OUTGOING, "ct state established ct status snat,dnat");
	rule_pass(set, chain, HP_SENT_RELATED, "ct state related");
	rule_pass(set, chain, kept, "ct state established");
	rule_refuse_dot(set, chain);
	rule_pass(set, chain, kept, "ct state invalid,untracked");
	rule_pass(set, chain, kept, NOT_A_SYN);
	rule_pass(set, chain, kept, FROM_DECLARED);
	if (settings->routed) {
		rule_pass(set, chain, kept, "ip saddr @lan4");
		return;
	}
	if (!settings->wan_addr)
		rule_drop(set, chain, HP_DROP_NO_WAN, "ip saddr @lan4");
	rule_pass(set, chain, HP_SENT_UNKNOWN, WITHOUT_PORTS);
	rule_pass(set, chain, HP_SENT_OUTGOING, "ip saddr @lan4");
}

/* Answers may come to their hosts past us, so conntrack does not know the middle of what it saw begin. */
static void outgoing6(struct ruleset *set, const char *chain)
{
	rule_drop(set, chain, HP_DROP_PRIVATE_SOURCE, "ip6 saddr fc00::/7 ip6 daddr != fc00::/7");
	rule_pass(set, chain, HP_PASS_ROUTED6, "ct state established,related");
	if (set->plan->settings.block_dot)
		rule_drop(set, chain, HP_DROP_DOT, "meta l4proto { tcp, udp } th dport 853");
	rule_pass(set, chain, HP_PASS_ROUTED6, "meta nfproto ipv6");
}

void ruleset_one_arm_outgoing(struct ruleset *set, const char *chain)
{
	outgoing4(set, "outgoing4");
	outgoing6(set, "outgoing6");
	rule_add(set, chain, "meta nfproto ipv4 goto outgoing4");
	rule_add(set, chain, "meta nfproto ipv6 goto outgoing6");
}

/* A host of the LAN may go through us by its own name; whoever is neither inside nor we ourselves may not. */
void ruleset_one_arm_leaving(struct ruleset *set, const char *chain)
{
	rule_drop(set, chain, HP_DROP_PRIVATE_SOURCE,
		  "oifname \"%s\" ip daddr != @lan4 ip saddr != @lan4 ip saddr != @public4 "
		  "ip saddr != 0.0.0.0",
		  set->wan);
	rule_drop(set, chain, HP_DROP_PRIVATE_SOURCE,
		  "oifname \"%s\" ip6 daddr != @lan6 ip6 saddr != @nets6 "
		  "ip6 saddr != { ::, fe80::/10 }",
		  set->wan);
}

/* IPv6 has no setting for what send_redirects is to IPv4. */
void ruleset_one_arm_output(struct ruleset *set, const char *chain)
{
	rule_add(set, chain, "oifname \"%s\" icmpv6 type nd-redirect drop", set->wan);
	rule_add(set, chain, "ip daddr @lan4 accept");
	rule_add(set, chain, "ip6 daddr @lan6 accept");
}

/* --- sources ----------------------------------------------------------------------------------------- */

void ruleset_one_arm_kept(struct ruleset *set, const char *chain)
{
	rule_add(set, chain, "ip saddr @lan4 ip daddr @lan4 accept");
	rule_add(set, chain, "ip saddr @lan4 " NOT_A_SYN " accept");
	rule_add(set, chain, "ip saddr @lan4 " FROM_DECLARED " accept");
}

/* Who comes from outside gets our address only where the server's answer would go past us. */
void ruleset_one_arm_sources(struct ruleset *set)
{
	static const char *const protos[] = {"tcp", "udp"};

	for (size_t i = 0; i < ARRAY_SIZE(protos); i++)
		rule_add(
			set, "loopback",
			"ip saddr != @lan4 meta l4proto %s ct original proto-dst @outside_%s masquerade",
			protos[i], protos[i]);
}

/*
 * Behind an answer that conntrack calls invalid, the next segment looks new to it, and a proxy's redirect would take that. The kernel asks no other chain about a
 * destination that one has settled, so it is translated to itself. Lab test check_proxy-redirect-bypass.
 */
void ruleset_one_arm_destinations(struct ruleset *set)
{
	static const char *const who[] = {OF_PAST(RULESET_PAST_SET), OF_PAST("declared4"),
					  FROM_DECLARED};

	chain_hook(set, "keep4", "nat", "prerouting", KEEP_PRIORITY);
	rule_add(set, "keep4", "iifname != \"%s\" accept", set->wan);
	rule_add(set, "keep4", "ip saddr != @lan4 accept");
	rule_add(set, "keep4", "ip daddr @nets4 accept");
	rule_add(set, "keep4", "ip daddr %s accept", set->entry);
	for (size_t i = 0; i < ARRAY_SIZE(who); i++)
		rule_add(set, "keep4", "%s dnat ip to ip daddr", who[i]);
}

/* --- nat.mark ----------------------------------------------------------------------------------------- */

/*
 * Answers of forwarded connections, so that whoever takes packets of the LAN for a proxy can leave them alone; on one arm also those that are answered
 * past us, whose connections remember it.
 */
void ruleset_mark(struct ruleset *set)
{
	static const char chain[] = "answers";
	__u32 mark = set->plan->mark;

	if (!mark)
		return;
	chain_hook(set, chain, "filter", "prerouting", MARK_PRIORITY);
	rule_add(
		set, chain,
		"ct direction reply ct status dnat ct original ip daddr %s meta mark set meta mark "
		"or 0x%08x accept",
		set->entry, mark);
	if (!set->one_arm)
		return;
	rule_add(set, chain, "iifname != \"%s\" accept", set->wan);
	rule_add(set, chain, "ip saddr != @lan4 accept");
	rule_add(set, chain, "ip daddr @nets4 accept");
	rule_add(set, chain, "ct state new " NOT_A_SYN " ct mark set ct mark or 0x%08x", mark);
	rule_add(set, chain, "ct state new " FROM_DECLARED " ct mark set ct mark or 0x%08x", mark);
	rule_add(set, chain, "ct mark and 0x%08x != 0 meta mark set meta mark or 0x%08x", mark,
		 mark);
	rule_add(set, chain, "ct state invalid meta mark set meta mark or 0x%08x", mark);
}
