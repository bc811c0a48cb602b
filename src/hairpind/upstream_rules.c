// SPDX-License-Identifier: GPL-2.0-or-later
#include "upstream_rules.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "addr_class.h"
#include "cleanup.h"

static const struct portmap_result *result_find(const struct portmap_report *report, __u8 proto,
						__u16 port)
{
	for (size_t i = 0; report && i < report->n_results; i++) {
		const struct portmap_result *result = &report->results[i];

		if (result->proto == proto && result->external_port == port)
			return result;
	}
	return NULL;
}

static void say_refused(struct upstream_rule *rule, const struct portmap_result *result)
{
	const char *words = *result->words ? result->words : "refused";
	char text[IP_TEXT_MAX];

	rule->state = UPSTREAM_REFUSED;
	rule->protocol = result->protocol;
	if (result->state == PORTMAP_STATE_REFUSED)
		snprintf(rule->why, sizeof(rule->why), "port %u: %s", result->external_port, words);
	else if (result->state == PORTMAP_STATE_OTHER_PORT)
		snprintf(rule->why, sizeof(rule->why), "port %u: only as port %u",
			 result->external_port, result->other_port);
	else if (ip_addr_is_zero(&result->holder))
		snprintf(rule->why, sizeof(rule->why), "port %u: it is another's",
			 result->external_port);
	else
		snprintf(rule->why, sizeof(rule->why), "port %u: it is %s's, port %u",
			 result->external_port, ip_addr_format(&result->holder, text),
			 result->holder_port);
}

static void by_hand(struct upstream_rule *rule, const char *why)
{
	rule->state = UPSTREAM_BY_HAND;
	snprintf(rule->why, sizeof(rule->why), "%s", why);
}

static void port_judge(const struct upstream_question *question,
		       const struct portmap_result *result, struct upstream_rule *rule)
{
	if (question->why_not) {
		by_hand(rule, question->why_not);
	} else if (!result && question->report) {
		by_hand(rule, "more ports than a router is asked for");
	} else if (!result || result->state == PORTMAP_STATE_ASKING) {
		rule->state = UPSTREAM_ASKING;
	} else if (result->state == PORTMAP_STATE_MAPPED) {
		rule->state = UPSTREAM_MAPPED;
		rule->protocol = result->protocol;
	} else if (result->state == PORTMAP_STATE_UNANSWERED) {
		/* A silence that was not waited for to its end is none. */
		if (question->is_settled)
			by_hand(rule, "neither PCP nor NAT-PMP nor UPnP answers there");
		else
			rule->state = UPSTREAM_ASKING;
	} else {
		say_refused(rule, result);
	}
}

struct upstream_rule upstream_rule_judge(const struct upstream_question *question,
					 const struct plan_forward *forward)
{
	struct upstream_rule worst = {.state = UPSTREAM_MAPPED, .protocol = PORTMAP_PROTOCOLS};

	for (unsigned int port = forward->external_first; port <= forward->external_last; port++) {
		struct upstream_rule rule = {.protocol = PORTMAP_PROTOCOLS};

		port_judge(question, result_find(question->report, forward->proto, (__u16)port),
			   &rule);
		if (rule.state > worst.state || port == forward->external_first)
			worst = rule;
		/* Nothing is worse, or all are the same. */
		if (worst.state == UPSTREAM_REFUSED || question->why_not || !question->report)
			break;
	}
	return worst;
}

const char *upstream_state_key(enum upstream_state state)
{
	static const char *const keys[] = {
		[UPSTREAM_MAPPED] = "mapped",
		[UPSTREAM_ASKING] = "asking",
		[UPSTREAM_BY_HAND] = "by-hand",
		[UPSTREAM_REFUSED] = "refused",
	};

	return keys[state];
}

/* --- services ----------------------------------------------------------------------------------- */

static void say_ports(const struct plan_forward *forward, struct strbuf *out)
{
	strbuf_add(out, "%u", forward->external_first);
	if (forward->external_last != forward->external_first)
		strbuf_add(out, "-%u", forward->external_last);
	strbuf_add(out, "/%s", forward->proto == IPPROTO_TCP ? "tcp" : "udp");
}

/* What there is left, so that nobody looks for the fault in his own house. */
static void say_what_works(const struct plan_service *service, const struct public_verdict *seen,
			   struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	strbuf_add(out, "; it works inside and by a VPN or tunnel");
	if (service->has_host6)
		strbuf_add(out, ", and over IPv6 at %s", ip_addr_format(&service->host6, text));
	if (addr_class_of(&seen->nat_addr) == ADDR_SHARED)
		strbuf_add(out, "; ask the provider for a public address");
	else
		strbuf_add(
			out,
			"; have that NAT forward to your router too, or ask the provider for a public "
			"address");
}

static enum upstream_verdict say_rule(const struct upstream_rule *rule,
				      const struct plan_forward *forward, struct strbuf *out)
{
	switch (rule->state) {
	case UPSTREAM_MAPPED:
		return UPSTREAM_SERVES;
	case UPSTREAM_ASKING:
		strbuf_add(out, "the router upstream is being asked to forward ");
		say_ports(forward, out);
		return UPSTREAM_WAITS;
	case UPSTREAM_BY_HAND:
		strbuf_add(out, "whether the router upstream forwards ");
		say_ports(forward, out);
		strbuf_add(out, " is not known (%s): `hairpin status` has what to enter there",
			   rule->why);
		return UPSTREAM_UNKNOWN;
	case UPSTREAM_REFUSED:
		break;
	}
	strbuf_add(
		out,
		"nobody on the internet reaches all of it: the router upstream does not forward ");
	say_ports(forward, out);
	strbuf_add(out, " (%s: %s)", portmap_protocol_name(rule->protocol), rule->why);
	return UPSTREAM_INSIDE;
}

enum upstream_verdict upstream_service_judge(const struct upstream_question *question,
					     const struct plan_service *service,
					     const struct public_verdict *seen, struct strbuf *out)
{
	struct upstream_rule worst = {.state = UPSTREAM_MAPPED};
	size_t at = 0;

	/* A pinhole is for an address of the host. */
	if (!service->has_host && !service->is_self)
		return UPSTREAM_SERVES;
	if (seen->nat == PUBLIC_NAT_PROVED) {
		strbuf_add(out, "nobody on the internet reaches it over IPv4: ");
		public_nat_say(seen, out);
		say_what_works(service, seen, out);
		return UPSTREAM_INSIDE;
	}
	for (size_t i = 0; i < service->n_forwards; i++) {
		struct upstream_rule rule = upstream_rule_judge(question, &service->forwards[i]);

		if (i && rule.state <= worst.state)
			continue;
		worst = rule;
		at = i;
	}
	if (!service->n_forwards)
		return UPSTREAM_SERVES;
	if (seen->nat == PUBLIC_NAT_LIKELY) {
		public_nat_say(seen, out);
		if (worst.state != UPSTREAM_REFUSED) {
			strbuf_add(out, ", so that whether the internet reaches it is not known");
			return UPSTREAM_UNKNOWN;
		}
		say_what_works(service, seen, out);
		strbuf_add(out, "; ");
	}
	return say_rule(&worst, &service->forwards[at], out);
}
