// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Timeouts of RFC 4787 and RFC 5382 for what goes through us, by objects of our table: the kernel's own settings would change everybody's
 * flows. Names tell values, since the kernel keeps an object that is there as it is; one that no plan names any longer stays, as its
 * removal would give its flows the kernel's shorter times. nft has such objects for TCP and UDP alone; ICMP is a setting (settings.c).
 */
#include "ruleset.h"

static void tcp_name(const struct hp_settings *settings, bool v4, char *name, size_t size)
{
	snprintf(name, size, "tcp%d_%u_%u", v4 ? 4 : 6, settings->tcp_established_s,
		 settings->tcp_transitory_s);
}

static void udp_name(const struct hp_settings *settings, bool v4, char *name, size_t size)
{
	snprintf(name, size, "udp%d_%u", v4 ? 4 : 6, settings->udp_s);
}

static void of_family(struct ruleset *set, bool v4)
{
	static const char *const states[] = {"syn_sent",   "syn_recv", "fin_wait",
					     "close_wait", "last_ack", "time_wait"};
	const struct hp_settings *settings = &set->plan->settings;
	char name[48];

	tcp_name(settings, v4, name, sizeof(name));
	strbuf_add(set->out,
		   "add ct timeout " RULESET_TABLE
		   " %s { protocol tcp; l3proto %s; policy = { established : %u",
		   name, v4 ? "ip" : "ip6", settings->tcp_established_s);
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		strbuf_add(set->out, ", %s : %u", states[i], settings->tcp_transitory_s);
	strbuf_add(set->out, " }; }\n");
	udp_name(settings, v4, name, sizeof(name));
	strbuf_add(set->out,
		   "add ct timeout " RULESET_TABLE
		   " %s { protocol udp; l3proto %s; policy = { unreplied : %u, replied : %u }; }\n",
		   name, v4 ? "ip" : "ip6", settings->udp_s, settings->udp_s);
}

void ruleset_timeouts(struct ruleset *set)
{
	of_family(set, true);
	of_family(set, false);
}

void ruleset_timeouts_use(struct ruleset *set, const char *chain, bool v4)
{
	const struct hp_settings *settings = &set->plan->settings;
	char name[48];

	tcp_name(settings, v4, name, sizeof(name));
	rule_add(set, chain, "ct state new meta l4proto tcp ct timeout set \"%s\"", name);
	udp_name(settings, v4, name, sizeof(name));
	rule_add(set, chain, "ct state new meta l4proto udp ct timeout set \"%s\"", name);
}
