// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Timeouts of RFC 4787 and RFC 5382 for what goes through us, by objects of our table: the kernel's own settings would change everybody's
 * flows. Names tell values, since the kernel keeps an object that is there as it is; one that no plan names any longer stays, as its
 * removal would give its flows the kernel's shorter times. nft has such objects for TCP and UDP alone; ICMP is a setting (settings.c).
 */
#include "ruleset.h"

#define TIMEOUTS_ADD "add ct timeout " RULESET_TABLE " %s { protocol %s; l3proto %s; policy = { "

static const char *layer3(bool v4)
{
	return v4 ? "ip" : "ip6";
}

static void tcp_name(const struct hp_settings *settings, bool v4, char *name, size_t size)
{
	snprintf(name, size, "tcp%d_%u_%u", v4 ? 4 : 6, settings->tcp_established_s,
		 settings->tcp_transitory_s);
}

static void udp_name(__u32 seconds, bool v4, char *name, size_t size)
{
	snprintf(name, size, "udp%d_%u", v4 ? 4 : 6, seconds);
}

/*
 * A connection whose one half is closed goes on as long as another one (RFC 5382 REQ-5), and so does one whose last segments nobody has acknowledged,
 * which the kernel gives five minutes where nothing is said.
 */
static void tcp_object(struct ruleset *set, bool v4)
{
	static const struct {
		const char *name;
		bool lasting;
	} states[] = {
		{"syn_sent", false},  {"syn_recv", false},  {"established", true},
		{"fin_wait", true},   {"close_wait", true}, {"last_ack", false},
		{"time_wait", false}, {"close", false},	    {"retrans", true},
		{"unack", true},
	};
	const struct hp_settings *settings = &set->plan->settings;
	char name[48];

	tcp_name(settings, v4, name, sizeof(name));
	strbuf_add(set->out, TIMEOUTS_ADD, name, "tcp", layer3(v4));
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		strbuf_add(set->out, "%s%s : %u", i ? ", " : "", states[i].name,
			   states[i].lasting ? settings->tcp_established_s
					     : settings->tcp_transitory_s);
	strbuf_add(set->out, " }; }\n");
}

static void udp_object(struct ruleset *set, __u32 seconds, bool v4)
{
	char name[48];

	udp_name(seconds, v4, name, sizeof(name));
	strbuf_add(set->out, TIMEOUTS_ADD "unreplied : %u, replied : %u }; }\n", name, "udp",
		   layer3(v4), seconds, seconds);
}

void ruleset_timeouts(struct ruleset *set)
{
	__u32 udp_s = set->plan->settings.udp_s;

	for (int v4 = 1; v4 >= 0; v4--) {
		tcp_object(set, v4);
		udp_object(set, udp_s, v4);
		if (udp_s > TIMEOUT_QUESTION_S)
			udp_object(set, TIMEOUT_QUESTION_S, v4);
	}
}

void ruleset_timeouts_use(struct ruleset *set, const char *chain, bool v4)
{
	const struct hp_settings *settings = &set->plan->settings;
	char name[48];

	tcp_name(settings, v4, name, sizeof(name));
	rule_add(set, chain, "ct state new meta l4proto tcp ct timeout set \"%s\"", name);
	udp_name(settings->udp_s, v4, name, sizeof(name));
	rule_add(set, chain, "ct state new meta l4proto udp ct timeout set \"%s\"", name);
	if (settings->udp_s <= TIMEOUT_QUESTION_S)
		return;
	udp_name(TIMEOUT_QUESTION_S, v4, name, sizeof(name));
	rule_add(set, chain, "ct state new udp dport 53 ct timeout set \"%s\"", name);
}
