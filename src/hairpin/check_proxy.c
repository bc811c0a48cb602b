// SPDX-License-Identifier: GPL-2.0-or-later
/* Proxies beside us (clash, mihomo, sing-box and their like): what of their routing would take the answers of forwarded connections. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "coexist.h"
#include "file.h"
#include "findings.h"
#include "policy.h"

#include <hairpin/limits.h>

/* Some host outside; nothing is sent there. None of the reserved networks: proxies leave those to the main table. */
#define SOMEBODY_OUTSIDE 0x2d21209c

/* One rule, and all answers that it leads away. */
struct away {
	const struct policy_rule *rule;
	enum policy_kind kind;
	unsigned int ifindex;
	struct strbuf services, fix;
	size_t n_services, n_fixes;
};

struct proxies {
	struct check *check;
	struct policy policy;
	struct away ways[LIMIT_WAYS_AWAY];
	size_t n_ways;
	bool doubt, is_bpf;
};

/* --- where a packet would go ------------------------------------------------------------------------------ */

static bool is_device_of(const struct plan *plan, unsigned int ifindex)
{
	for (size_t i = 0; i < plan->n_devices; i++) {
		if (ifindex && plan->devices[i].ifindex == ifindex)
			return true;
	}
	return false;
}

static bool goes_astray(const struct plan *plan, const struct policy_answer *answer)
{
	return answer->kind != POLICY_UNICAST || !is_device_of(plan, answer->ifindex);
}

static bool is_tun(const char *device)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/class/net/%s/tun_flags", device);
	return !access(path, F_OK);
}

static void destination_print(enum policy_kind kind, unsigned int ifindex, struct strbuf *out)
{
	char name[IF_NAMESIZE];

	if (kind == POLICY_LOCAL)
		strbuf_add(out, "would be taken by a program of this machine");
	else if (kind != POLICY_UNICAST || !ifindex)
		strbuf_add(out, "would be refused");
	else if (!if_indextoname(ifindex, name))
		strbuf_add(out, "would leave by another device");
	else
		strbuf_add(out, "would leave by %s%s", name,
			   is_tun(name) ? ", the TUN device of a proxy or VPN" : "");
}

/* --- rules that take the answers as they are -------------------------------------------------------------- */

static struct away *away_find(struct proxies *proxies, const struct policy_answer *answer)
{
	for (size_t i = 0; i < proxies->n_ways; i++) {
		if (proxies->ways[i].rule == answer->rule)
			return &proxies->ways[i];
	}
	if (proxies->n_ways == LIMIT_WAYS_AWAY)
		return NULL;
	proxies->ways[proxies->n_ways] = (struct away){
		.rule = answer->rule, .kind = answer->kind, .ifindex = answer->ifindex};
	return &proxies->ways[proxies->n_ways++];
}

/* The mark of the nftables backend is there before the route is asked; the programs of the other one ask it themselves, and set none before. */
static bool has_mark(const struct proxies *proxies)
{
	return !proxies->is_bpf && proxies->check->candidate->plan->mark;
}

static void fix_print(const struct proxies *proxies, const struct plan_service *service,
		      const struct plan_forward *forward, struct strbuf *out)
{
	const struct plan *plan = proxies->check->candidate->plan;
	__u16 last =
		(__u16)(forward->internal_first + forward->external_last - forward->external_first);
	char text[IP_TEXT_MAX];

	strbuf_add(out, "ip rule add pref %u ", policy_front(&proxies->policy));
	if (has_mark(proxies)) {
		strbuf_add(out, "fwmark 0x%x/0x%x lookup main", plan->mark, plan->mark);
		return;
	}
	strbuf_add(out, "from %s iif %s ipproto %s sport %u", ip_addr_format(&service->host, text),
		   service->segment, forward->proto == IPPROTO_TCP ? "tcp" : "udp",
		   forward->internal_first);
	if (last != forward->internal_first)
		strbuf_add(out, "-%u", last);
	strbuf_add(out, " lookup main");
}

static void away_add(struct proxies *proxies, const struct policy_answer *answer,
		     const struct plan_service *service, const struct plan_forward *forward)
{
	struct away *away = away_find(proxies, answer);
	_strbuf_ struct strbuf fix = {0};

	if (!away)
		return;
	if (++away->n_services <= LIMIT_NAMED_SERVICES)
		strbuf_add(&away->services, "%s%s (%s %u)", away->n_services > 1 ? ", " : "",
			   service->name, forward->proto == IPPROTO_TCP ? "tcp" : "udp",
			   forward->internal_first);
	fix_print(proxies, service, forward, &fix);
	if (away->n_fixes == LIMIT_MEND_COMMANDS ||
	    (away->fix.length && strstr(away->fix.text, fix.text)))
		return;
	strbuf_add(&away->fix, "%s%s", away->n_fixes++ ? " && " : "", fix.text);
}

static void forward_ask(struct proxies *proxies, const struct plan_service *service,
			const struct plan_forward *forward)
{
	const struct plan *plan = proxies->check->candidate->plan;
	struct policy_packet packet = {
		.from = service->host,
		.to = ip_addr_from_v4(htonl(SOMEBODY_OUTSIDE)),
		.iif = service->segment,
		.proto = forward->proto,
		.sport = forward->internal_first,
		.mark = has_mark(proxies) ? plan->mark : 0,
	};
	struct policy_answer answer = policy_ask(&proxies->policy, &packet);

	proxies->doubt |= answer.doubt;
	/* No route at all is no proxy's doing: there is no way out yet. */
	if (answer.rule && goes_astray(plan, &answer))
		away_add(proxies, &answer, service, forward);
}

/* Whether answers of that service are sent to the client by this machine, and not to ourselves. */
static bool answers_outside(const struct check *check, size_t service)
{
	const struct plan_service *planned = &check->candidate->plan->services[service];

	return planned->has_host && !planned->left_out && *planned->segment &&
	       (check->candidate->conf->role != CONF_ROLE_BYPASS ||
		check->candidate->conf->services[service].outside_source != CONF_OUTSIDE_GATEWAY);
}

static void away_tell(struct proxies *proxies, struct away *away)
{
	_strbuf_ struct strbuf text = {0};

	strbuf_add(&text, "the answers of %s", strbuf_text(&away->services));
	if (away->n_services > LIMIT_NAMED_SERVICES)
		strbuf_add(&text, " and %zu more", away->n_services - LIMIT_NAMED_SERVICES);
	strbuf_add(&text, " to clients outside ");
	destination_print(away->kind, away->ifindex, &text);
	strbuf_add(&text, ": ip rule ");
	policy_rule_print(away->rule, &text);
	check_find(proxies->check, "proxy", strbuf_text(&away->fix), "%s: %s",
		   proxies->doubt ? "likely" : "proved", strbuf_text(&text));
	strbuf_fini(&away->services);
	strbuf_fini(&away->fix);
}

static bool policy_get(struct check *check, struct policy *ret_policy)
{
	int ret = policy_read(ret_policy);

	if (ret)
		check_note(check, "proxy",
			   "unknown: whether a proxy of this machine takes answers of forwarded "
			   "connections: its routing rules are not listed: %s",
			   strerror(-ret));
	return !ret;
}

/* A host inside opens something; false: there is none. */
static bool packet_of_host(const struct plan *plan, struct policy_packet *ret_packet)
{
	for (size_t i = 0; i < plan->n_services; i++) {
		if (!plan->services[i].has_host || !*plan->services[i].segment)
			continue;
		*ret_packet = (struct policy_packet){
			.from = plan->services[i].host,
			.to = ip_addr_from_v4(htonl(SOMEBODY_OUTSIDE)),
			.iif = plan->services[i].segment,
			.proto = IPPROTO_TCP,
		};
		return true;
	}
	return false;
}

/*
 * The other way round: what a proxy takes by a mark it does not get from the bpf backend, whose packets no rule of netfilter marks. That the mark is set by one is not looked at: who has
 * such a rule of routing has something that marks.
 */
static void marks_tell(struct check *check, const struct policy *policy)
{
	const struct plan *plan = check->candidate->plan;
	struct policy_packet packet;

	if (!packet_of_host(plan, &packet))
		return;
	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct policy_rule *rule = &policy->rules[i];
		_strbuf_ struct strbuf text = {0};
		struct policy_answer answer;

		packet.mark = rule->mark;
		if (!rule->mark || rule->inverted)
			continue;
		answer = policy_ask(policy, &packet);
		if (answer.rule != rule || !goes_astray(plan, &answer))
			continue;
		destination_print(answer.kind, answer.ifindex, &text);
		strbuf_add(&text, ": ip rule ");
		policy_rule_print(rule, &text);
		check_note(check, "proxy",
			   "likely: what rules of netfilter mark %s; with the bpf backend what "
			   "hosts open meets no such rule and goes past it: "
			   "`nat.backend: nftables` lets it be marked",
			   strbuf_text(&text));
	}
}

static void answers_ask(struct proxies *proxies)
{
	const struct plan *plan = proxies->check->candidate->plan;

	for (size_t i = 0; i < plan->n_services; i++) {
		const struct plan_service *service = &plan->services[i];

		for (size_t k = 0; answers_outside(proxies->check, i) && k < service->n_forwards;
		     k++)
			forward_ask(proxies, service, &service->forwards[k]);
	}
	for (size_t i = 0; i < proxies->n_ways; i++)
		away_tell(proxies, &proxies->ways[i]);
}

void check_proxies(struct check *check)
{
	struct proxies proxies = {.check = check, .is_bpf = check_takes_bpf(check->candidate)};

	if (!policy_get(check, &proxies.policy))
		return;
	if (proxies.is_bpf)
		marks_tell(check, &proxies.policy);
	/* On one arm its programs send answers by the main table, whatever a rule says (bpf/forward.h, lab bypass_tunnel). */
	if (!proxies.is_bpf || !check->candidate->plan->settings.one_arm)
		answers_ask(&proxies);
	policy_fini(&proxies.policy);
}

/* --- rules of netfilter that mark them --------------------------------------------------------------------- */

static struct ip_addr typical(const struct ip_addr *first, const struct ip_addr *last)
{
	return ip_addr_equal(first, last) ? *first : ip_addr_from_v4(htonl(SOMEBODY_OUTSIDE));
}

void check_marked(struct check *check, const struct coexist_finding *finding)
{
	const struct packet *marked = &finding->packet;
	struct policy_packet packet = {
		.from = typical(&marked->src_first, &marked->src_last),
		.to = typical(&marked->dst_first, &marked->dst_last),
		.iif = marked->iif,
		.proto = marked->proto,
		.sport = marked->sport_low,
		.dport = marked->dport_low,
	};
	_strbuf_ struct strbuf why = {0};
	_policy_ struct policy policy = {0};
	struct policy_answer answer;

	if (!marked->is_v4 || !policy_get(check, &policy))
		return;
	/* Where they go astray without it, check_proxies() says so. */
	answer = policy_ask(&policy, &packet);
	if (goes_astray(check->candidate->plan, &answer))
		return;
	packet.mark = finding->mark;
	answer = policy_ask(&policy, &packet);
	if (!answer.rule || !goes_astray(check->candidate->plan, &answer))
		return;
	destination_print(answer.kind, answer.ifindex, &why);
	strbuf_add(&why, ": ip rule ");
	policy_rule_print(answer.rule, &why);
	check_find(check, "proxy", finding->fix, "%s: %s, and with that mark they %s",
		   answer.doubt ? "likely" : "proved", finding->text, strbuf_text(&why));
}
