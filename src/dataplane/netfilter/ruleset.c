// SPDX-License-Identifier: GPL-2.0-or-later
#include "ruleset.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "backend.h"

#define RULE_BYTES 1024

static void rule_begin(struct ruleset *set, const char *chain, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

static void rule_begin(struct ruleset *set, const char *chain, const char *format, va_list args)
{
	char text[RULE_BYTES];

	if (vsnprintf(text, sizeof(text), format, args) >= (int)sizeof(text))
		set->ret = -E2BIG;
	strbuf_add(set->out, "add rule " RULESET_TABLE " %s %s", chain, text);
}

void rule_add(struct ruleset *set, const char *chain, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	rule_begin(set, chain, format, args);
	va_end(args);
	strbuf_add(set->out, "\n");
}

void rule_drop(struct ruleset *set, const char *chain, enum hp_reason reason, const char *format,
	       ...)
{
	va_list args;

	va_start(args, format);
	rule_begin(set, chain, format, args);
	va_end(args);
	strbuf_add(set->out, " counter name \"%s\" drop\n", hp_reason_name(reason));
}

void rule_pass(struct ruleset *set, const char *chain, enum hp_reason reason, const char *format,
	       ...)
{
	va_list args;

	va_start(args, format);
	rule_begin(set, chain, format, args);
	va_end(args);
	strbuf_add(set->out, " counter name \"%s\" accept\n", hp_reason_name(reason));
}

void chain_add(struct ruleset *set, const char *chain)
{
	strbuf_add(set->out, "add chain " RULESET_TABLE " %s\n", chain);
}

/*
 * Accept by policy, and what is to be dropped is dropped by a rule: rules are swapped with the transaction, while a chain that is new
 * begins to be asked before its rules are there.
 */
void chain_hook(struct ruleset *set, const char *chain, const char *type, const char *hook,
		int priority)
{
	strbuf_add(set->out,
		   "add chain " RULESET_TABLE
		   " %s { type %s hook %s priority %d; policy accept; }\n",
		   chain, type, hook, priority);
}

void set_begin(struct ruleset *set, const char *kind, const char *name, const char *type)
{
	strbuf_add(set->out, "add %s " RULESET_TABLE " %s { %s; }\nflush %s " RULESET_TABLE " %s\n",
		   kind, name, type, kind, name);
}

bool ruleset_lan_devices(const struct ruleset *set, struct strbuf *out)
{
	const char *between = "{ ";

	for (size_t i = 0; i < set->plan->n_devices; i++) {
		if (set->plan->devices[i].side != HP_SIDE_LAN)
			continue;
		strbuf_add(out, "%s\"%s\"", between, set->plan->devices[i].name);
		between = ", ";
	}
	if (*between == '{')
		return false;
	strbuf_add(out, " }");
	return true;
}

void rule_drop_midstream(struct ruleset *set, const char *chain)
{
	if (!set->plan->settings.pickup)
		rule_drop(set, chain, HP_DROP_NO_SESSION, "ct state new " NOT_A_SYN);
}

void rule_refuse_dot(struct ruleset *set, const char *chain)
{
	if (set->plan->settings.block_dot)
		rule_add(set, chain,
			 "meta l4proto { tcp, udp } th dport 853 counter name \"%s\" reject with "
			 "icmp port-unreachable",
			 hp_reason_name(HP_DROP_DOT));
}

static void counters(struct ruleset *set)
{
	for (int reason = 0; reason < HP_REASON_MAX; reason++)
		strbuf_add(set->out, "add counter " RULESET_TABLE " %s\n",
			   hp_reason_name((enum hp_reason)reason));
	strbuf_add(set->out, "add counter " RULESET_TABLE " %s\n",
		   hp_stat_name(HP_STAT_MSS_CLAMPED));
}

static const char *wan_device(const struct plan *plan)
{
	for (size_t i = 0; i < plan->n_devices; i++) {
		if (plan->devices[i].side == HP_SIDE_WAN)
			return plan->devices[i].name;
	}
	return "";
}

static void generation_set(struct ruleset *set, __u32 generation)
{
	set_begin(set, "set", RULESET_GENERATION_SET, "type mark");
	strbuf_add(set->out,
		   "add element " RULESET_TABLE " " RULESET_GENERATION_SET " { 0x%08x }\n",
		   generation);
}

int ruleset_compile(const struct plan *plan, __u32 generation, struct strbuf *out)
{
	bool one_arm = plan->settings.one_arm;
	struct ruleset set = {
		.plan = plan,
		.wan = wan_device(plan),
		.one_arm = one_arm,
		.entry = one_arm || plan->has_public ? "@entry4" : "@public4",
		.out = out,
	};

	set.ret = ranges_make(plan, 0, true, &set.nets4);
	if (!set.ret)
		set.ret = ranges_make(plan, 0, false, &set.nets6);
	if (!set.ret) {
		/* Flushed and not deleted, so that counters go on and no session loses its timeouts. */
		strbuf_add(out, "add table " RULESET_TABLE "\nflush table " RULESET_TABLE "\n");
		counters(&set);
		generation_set(&set, generation);
		ruleset_timeouts(&set);
		ruleset_sets(&set);
		ruleset_fragments(&set);
		ruleset_wan(&set);
		ruleset_lan(&set);
		ruleset_forward(&set);
		ruleset_nat(&set);
		ruleset_mark(&set);
		ruleset_ports(&set);
	}
	ranges_fini(&set.nets4);
	ranges_fini(&set.nets6);
	return set.ret;
}
