// SPDX-License-Identifier: GPL-2.0-or-later
#include "questions.h"

const char *const question_protos[N_QUESTION_PROTOS] = {"udp", "tcp"};

/* Hosts that ask outside themselves, as the programs know them. */
static void except_askers(const struct plan *plan, struct strbuf *out)
{
	const char *between = "ip saddr != { ";
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < plan->n_rules; i++) {
		const struct hp_rule_key *key = &plan->rules[i].key;
		struct ip_addr host;

		if (key->kind != HP_RULE_ASKER)
			continue;
		host = ip_addr_from_v6(key->addr);
		strbuf_add(out, "%s%s", between, ip_addr_format(&host, text));
		between = ", ";
	}
	if (*between == ',')
		strbuf_add(out, " } ");
}

void question_match_add(const struct plan *plan, const struct plan_lead *lead, const char *proto,
			struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	strbuf_add(out, "meta nfproto ipv4 iifname \"%s\" ", lead->interface);
	if (lead->has_clients)
		strbuf_add(out, "ip saddr %s ", ip_net_format(&lead->clients, text));
	except_askers(plan, out);
	strbuf_add(out, "%s dport 53 fib daddr oifname ", proto);
}
