// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What arrives from WAN. It is judged behind conntrack, which knows answers, and before anything is translated or noted: an
 * unsolicited packet that conntrack confirms would take the port from the host inside that uses it next (two hosts that punch holes
 * towards each other).
 */
#include "ruleset.h"

#include "backend.h"

#define ENDPOINTS "ip saddr . tcp sport . ip daddr . tcp dport"

/* The first SYN is dropped in silence; one that is repeated after six seconds is told (RFC 5382 REQ-4), as bpf/nat/unsolicited.h does. */
static void refuse_syn(struct ruleset *set, const char *chain, enum hp_reason reason)
{
	const char *name = hp_reason_name(reason);

	chain_add(set, chain);
	rule_add(set, chain,
		 ENDPOINTS " @syn_noted " ENDPOINTS " != @syn_young delete @syn_noted { " ENDPOINTS
			   " } counter name \"%s\" reject with icmp port-unreachable",
		 name);
	rule_add(set, chain,
		 ENDPOINTS " != @syn_noted add @syn_young { " ENDPOINTS
			   " } add @syn_noted { " ENDPOINTS " }");
	rule_drop(set, chain, reason, "meta nfproto ipv4");
}

static void refusals(struct ruleset *set)
{
	bool silent = set->plan->settings.silent;

	chain_add(set, "closed");
	chain_add(set, "not_allowed");
	if (!silent) {
		refuse_syn(set, "closed_syn", HP_DROP_CLOSED);
		refuse_syn(set, "not_allowed_syn", HP_DROP_NOT_ALLOWED);
		rule_add(set, "closed", "tcp flags & (fin|syn|rst|ack) == syn goto closed_syn");
		rule_add(set, "not_allowed",
			 "tcp flags & (fin|syn|rst|ack) == syn goto not_allowed_syn");
		/* The service is there and its owner refuses. */
		rule_add(set, "not_allowed",
			 "meta l4proto udp counter name \"%s\" reject with icmp port-unreachable",
			 hp_reason_name(HP_DROP_NOT_ALLOWED));
	}
	rule_drop(set, "closed", HP_DROP_CLOSED, "meta nfproto ipv4");
	rule_drop(set, "not_allowed", HP_DROP_NOT_ALLOWED, "meta nfproto ipv4");
}

/* Where verdicts of ports lead. */
static void admissions(struct ruleset *set)
{
	chain_add(set, "passed");
	rule_pass(set, "passed", HP_PASS_OWN_SERVICE, "meta nfproto ipv4");
	chain_add(set, "passed6");
	rule_pass(set, "passed6", HP_PASS_OWN_SERVICE, "meta nfproto ipv6");
	chain_add(set, "forwarded");
	rule_drop(set, "forwarded", HP_DROP_NO_SESSION, "ct state invalid");
	rule_drop_midstream(set, "forwarded");
	ruleset_timeouts_use(set, "forwarded", true);
	rule_add(set, "forwarded", "accept");
	chain_add(set, "pinhole");
	rule_drop(set, "pinhole", HP_DROP_NO_SESSION, "ct state invalid");
	rule_drop_midstream(set, "pinhole");
	ruleset_timeouts_use(set, "pinhole", false);
	rule_pass(set, "pinhole", HP_PASS_PINHOLE6, "ct state new");
}

static void icmp4(struct ruleset *set)
{
	static const char chain[] = "wan_icmp4";

	chain_add(set, chain);
	rule_drop(set, chain, HP_DROP_ICMP_ERROR,
		  "icmp type { destination-unreachable, time-exceeded, parameter-problem }");
	if (set->plan->settings.pass_icmp_echo)
		rule_pass(set, chain, HP_PASS_OWN_SERVICE, "icmp type echo-request");
	rule_drop(set, chain, HP_DROP_CLOSED, "icmp type { echo-request, echo-reply }");
	rule_drop(set, chain, HP_DROP_ICMP_TYPE, "meta l4proto icmp");
}

static void wan4(struct ruleset *set)
{
	static const char chain[] = "from_wan4";

	chain_add(set, chain);
	rule_add(set, chain, "ct state established,related accept");
	/* On one arm whoever has such a source was sent elsewhere. */
	if (!set->one_arm)
		rule_drop(set, chain, HP_DROP_SPOOFED, "ip saddr @nets4");
	rule_drop(set, chain, HP_DROP_TO_LAN, "ip daddr @lan4");
	rule_drop(set, chain, HP_DROP_TO_LAN, "ip daddr @own4");
	/* An answer to our DHCP client may go to the address that is offered, and IGMP comes from 0.0.0.0. */
	rule_pass(set, chain, HP_PASS_LINK, "udp sport 67 udp dport 68");
	rule_pass(set, chain, HP_PASS_LINK, "ip protocol igmp ip daddr 224.0.0.0/4");
	rule_drop(set, chain, HP_DROP_SPOOFED, "ip saddr { 0.0.0.0/8, 127.0.0.0/8, 224.0.0.0/3 }");
	rule_drop(set, chain, HP_DROP_MULTICAST, "ip daddr { 224.0.0.0/4, 255.255.255.255 }");
	rule_drop(set, chain, HP_DROP_NOT_OURS, "ip daddr != @public4");
	rule_add(set, chain, "meta l4proto icmp goto wan_icmp4");
	rule_drop(set, chain, HP_DROP_PROTOCOL, "meta l4proto != { tcp, udp }");
	rule_add(set, chain, "meta l4proto . th dport vmap @wan_ports");
	rule_add(set, chain, "goto closed");
}

static void wan6(struct ruleset *set)
{
	static const char chain[] = "from_wan6";

	chain_add(set, chain);
	chain_add(set, "wan_to_lan6");
	rule_add(set, chain, "ct state established,related accept");
	rule_drop(set, chain, HP_DROP_SPOOFED, "ip6 saddr @nets6");
	rule_add(set, chain, "ip6 daddr @lan6 goto wan_to_lan6");
	rule_drop(set, chain, HP_DROP_NOT_OURS,
		  "ip6 daddr != @nets6 ip6 daddr != { ff00::/8, fe80::/10 }");
	rule_pass(set, chain, HP_PASS_LINK,
		  "icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, "
		  "nd-neighbor-advert, nd-redirect, mld-listener-query, mld-listener-report, "
		  "mld-listener-done, mld2-listener-report }");
	rule_pass(set, chain, HP_PASS_LINK, "udp sport 547 udp dport 546");
	rule_drop(set, chain, HP_DROP_MULTICAST, "ip6 daddr ff00::/8");
	rule_drop(set, chain, HP_DROP_NOT_OURS, "ip6 daddr != @nets6");
	rule_drop(set, chain, HP_DROP_ICMP_ERROR,
		  "icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, "
		  "parameter-problem }");
	if (set->plan->settings.pass_icmp_echo)
		rule_pass(set, chain, HP_PASS_OWN_SERVICE, "icmpv6 type echo-request");
	rule_add(set, chain, "meta l4proto { tcp, udp } meta l4proto . th dport vmap @wan_ports6");
	rule_drop(set, chain, HP_DROP_CLOSED, "meta nfproto ipv6");
	rule_drop(set, "wan_to_lan6", HP_DROP_ICMP_ERROR,
		  "icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, "
		  "parameter-problem }");
	rule_add(set, "wan_to_lan6",
		 "meta l4proto { tcp, udp } meta l4proto . ip6 daddr . th dport vmap @pinholes");
	rule_drop(set, "wan_to_lan6", HP_DROP_CLOSED, "meta nfproto ipv6");
}

void ruleset_wan(struct ruleset *set)
{
	refusals(set);
	admissions(set);
	icmp4(set);
	wan4(set);
	wan6(set);
	chain_add(set, RULESET_MARK_CHAIN);
	rule_add(set, RULESET_MARK_CHAIN, "meta nfproto ipv4 goto from_wan4");
	rule_add(set, RULESET_MARK_CHAIN, "meta nfproto ipv6 goto from_wan6");
}
