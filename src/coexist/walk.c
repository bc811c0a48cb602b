// SPDX-License-Identifier: GPL-2.0-or-later
#include "walk.h"

#include <string.h>

/* Deeper than the kernel lets anybody jump (NFT_JUMP_STACK_SIZE is 16). */
#define DEPTH_MAX 16

enum answer {
	NO,
	PART, /* of the ports that the packet stands for */
	YES,
	CANNOT_TELL,
};

/* --- one value ------------------------------------------------------------------------------------------ */

static enum answer device_matches(const char *device, const char *pattern)
{
	size_t length = strlen(pattern);
	char end = length ? pattern[length - 1] : '\0';

	if (end == '*' || end == '+')
		return *device && !strncmp(device, pattern, length - 1) ? YES : NO;
	return !strcmp(device, pattern) ? YES : NO;
}

static enum answer range_matches(__u32 low, __u32 high, const struct rule_value *value, bool any)
{
	if (value->low <= low && high <= value->high)
		return YES;
	/* One port of many that nobody chose is no matter. */
	if (any || value->high < low || high < value->low)
		return NO;
	return PART;
}

static enum answer addresses_match(const struct ip_addr *first, const struct ip_addr *last,
				   const struct rule_value *value)
{
	return ip_addr_compare(&value->first, first) <= 0 &&
			       ip_addr_compare(last, &value->last) <= 0
		       ? YES
		       : NO;
}

static enum answer flags_match(const struct packet *packet, const struct rule_value *value)
{
	if (packet->proto != IPPROTO_TCP)
		return NO;
	if (!value->high)
		return packet->tcp_flags & value->low ? YES : NO;
	return (packet->tcp_flags & value->low) == value->high ? YES : NO;
}

static enum answer value_matches(enum rule_field field, const struct rule_value *value,
				 const struct packet *packet)
{
	__u32 family = packet->is_v4 ? 4 : 6;

	switch (field) {
	case FIELD_IIF:
		return device_matches(packet->iif, value->device);
	case FIELD_OIF:
		return device_matches(packet->oif, value->device);
	case FIELD_FAMILY:
		return range_matches(family, family, value, false);
	case FIELD_PROTO:
		return range_matches(packet->proto, packet->proto, value, false);
	case FIELD_SADDR:
		return addresses_match(&packet->src_first, &packet->src_last, value);
	case FIELD_DADDR:
		return addresses_match(&packet->dst_first, &packet->dst_last, value);
	case FIELD_SPORT:
		return range_matches(packet->sport_low, packet->sport_high, value,
				     packet->any_sport);
	case FIELD_DPORT:
		return range_matches(packet->dport_low, packet->dport_high, value,
				     packet->any_dport);
	case FIELD_CONNECTION:
		return packet->connection & value->low ? YES : NO;
	case FIELD_DIRECTION:
		return range_matches(packet->is_answer, packet->is_answer, value, false);
	case FIELD_TCP_FLAGS:
		return flags_match(packet, value);
	case FIELD_SADDR_TYPE:
		return value->low == packet->src_type ? YES : NO;
	case FIELD_DADDR_TYPE:
		return value->low == packet->dst_type ? YES : NO;
	case FIELD_MARK:
		/* Nobody marks our packets but who wants something of them, and that cannot be seen here. */
	case FIELD_PACKET_TYPE:
		return range_matches(0, 0, value, false);
	case FIELD_ROUTE_BACK:
		/* What comes from where it cannot be answered is no traffic of the plan. */
		return range_matches(1, 1, value, false);
	case FIELD_UNKNOWN:
		break;
	}
	return CANNOT_TELL;
}

/* --- one match ------------------------------------------------------------------------------------------ */

static enum answer both(enum answer a, enum answer b)
{
	if (a == NO || b == NO)
		return NO;
	if (a == CANNOT_TELL || b == CANNOT_TELL)
		return CANNOT_TELL;
	return a == PART || b == PART ? PART : YES;
}

/* Ranges beside each other may hold together what none of them holds alone. */
static bool ports_are_covered(const struct rule_match *match, __u32 low, __u32 high)
{
	for (size_t i = 0; i < match->n_rows;) {
		const struct rule_value *value = &match->values[i++];

		if (value->low > low || value->high < low)
			continue;
		if (value->high >= high)
			return true;
		low = value->high + 1;
		i = 0;
	}
	return false;
}

static enum answer rows_match(const struct rule_match *match, const struct packet *packet)
{
	enum answer answer = NO;

	for (size_t i = 0; i < match->n_rows && answer != YES; i++) {
		const struct rule_value *row = match->values + i * match->n_fields;
		enum answer one = YES;

		for (size_t k = 0; k < match->n_fields; k++)
			one = both(one, value_matches(match->fields[k], &row[k], packet));
		if (one == YES || answer == NO)
			answer = one;
	}
	if (answer == PART && match->n_fields == 1) {
		bool is_source = match->fields[0] == FIELD_SPORT;

		if (ports_are_covered(match, is_source ? packet->sport_low : packet->dport_low,
				      is_source ? packet->sport_high : packet->dport_high))
			answer = YES;
	}
	return answer;
}

static enum answer match_fits(const struct rule_match *match, const struct packet *packet)
{
	enum answer answer;

	for (size_t i = 0; i < match->n_fields; i++) {
		if (match->fields[i] == FIELD_UNKNOWN)
			return CANNOT_TELL;
	}
	answer = rows_match(match, packet);
	if (match->negated && answer != PART && answer != CANNOT_TELL)
		answer = answer == YES ? NO : YES;
	return answer;
}

static enum answer rule_fits(const struct rule *rule, const struct packet *packet)
{
	enum answer answer = YES;

	for (size_t i = 0; i < rule->n_matches && answer != NO; i++)
		answer = both(answer, match_fits(&rule->matches[i], packet));
	return answer;
}

/* --- chains --------------------------------------------------------------------------------------------- */

struct walk {
	const struct ruletable *table;
	const struct packet *packet;
	struct walk_result result; /* valid with has_result */
	struct walk_result
		aside; /* what happened on the way and ended nothing; valid with has_aside */
	struct walk_result harm; /* that may have been done; valid with may_harm */
	bool has_result, has_aside, may_harm;
	bool in_doubt; /* somebody may have ended it before */
};

enum step { GO_ON, BACK, ENDED };

static void doubt(struct walk *walk, const struct chain *chain, const struct rule *rule)
{
	walk->in_doubt = true;
	if (walk->may_harm || rule->verdict == VERDICT_ACCEPT || rule->verdict == VERDICT_RETURN)
		return;
	walk->may_harm = true;
	walk->harm = (struct walk_result){WALK_PERHAPS, rule, chain};
}

static enum step end(struct walk *walk, enum walk_end how, const struct chain *chain,
		     const struct rule *rule)
{
	walk->result = (struct walk_result){how, rule, chain};
	walk->has_result = true;
	return ENDED;
}

static enum step aside(struct walk *walk, enum walk_end how, const struct chain *chain,
		       const struct rule *rule)
{
	if (!walk->has_aside)
		walk->aside = (struct walk_result){how, rule, chain};
	walk->has_aside = true;
	return GO_ON;
}

static enum step chain_walk(struct walk *walk, const struct chain *chain, bool is_sure,
			    unsigned int depth);

static enum step jump(struct walk *walk, const struct chain *chain, const struct rule *rule,
		      bool is_sure, unsigned int depth)
{
	const struct chain *to = rules_chain(walk->table, rule->target);
	enum step step;

	if (!to || depth == DEPTH_MAX) {
		doubt(walk, chain, rule);
		return GO_ON;
	}
	step = chain_walk(walk, to, is_sure, depth + 1);
	if (step == ENDED)
		return ENDED;
	return rule->verdict == VERDICT_GOTO && is_sure ? BACK : GO_ON;
}

/* A rule that fits for sure. */
static enum step act(struct walk *walk, const struct chain *chain, const struct rule *rule,
		     unsigned int depth)
{
	if (rule->mark)
		aside(walk, WALK_MARKED, chain, rule);
	switch (rule->verdict) {
	case VERDICT_ACCEPT:
		return end(walk, WALK_PASSES, chain, rule);
	case VERDICT_DROP:
		return end(walk, WALK_DROPPED, chain, rule);
	case VERDICT_DNAT:
	case VERDICT_SNAT:
		return end(walk, WALK_TRANSLATED, chain, rule);
	case VERDICT_PROXY:
		return end(walk, WALK_PROXIED, chain, rule);
	case VERDICT_NOTRACK:
		return aside(walk, WALK_UNTRACKED, chain, rule);
	case VERDICT_FLOW:
		return aside(walk, WALK_OFFLOADED, chain, rule);
	case VERDICT_JUMP:
	case VERDICT_GOTO:
		return jump(walk, chain, rule, true, depth);
	case VERDICT_RETURN:
		return BACK;
	case VERDICT_UNKNOWN:
		doubt(walk, chain, rule);
		return GO_ON;
	case VERDICT_NONE:
		break;
	}
	return GO_ON;
}

/* A rule that may fit, or fits some of the ports that the packet stands for. */
static enum step act_perhaps(struct walk *walk, const struct chain *chain, const struct rule *rule,
			     enum answer answer, unsigned int depth)
{
	/* Some of the ports are enough for harm, and too few for help. */
	if (answer == PART && rule->verdict != VERDICT_ACCEPT && rule->verdict != VERDICT_RETURN)
		return act(walk, chain, rule, depth);
	if (answer == PART || rule->verdict == VERDICT_NONE)
		return GO_ON;
	if (rule->verdict == VERDICT_JUMP || rule->verdict == VERDICT_GOTO)
		return jump(walk, chain, rule, false, depth);
	doubt(walk, chain, rule);
	return GO_ON;
}

static enum step chain_walk(struct walk *walk, const struct chain *chain, bool is_sure,
			    unsigned int depth)
{
	for (size_t i = 0; i < chain->n_rules; i++) {
		const struct rule *rule = &chain->rules[i];
		enum answer answer = rule_fits(rule, walk->packet);
		enum step step = GO_ON;

		if (answer == YES && is_sure)
			step = act(walk, chain, rule, depth);
		else if (answer != NO)
			step = act_perhaps(walk, chain, rule, is_sure ? answer : CANNOT_TELL,
					   depth);
		if (step == ENDED)
			return ENDED;
		if (step == BACK)
			return GO_ON;
	}
	return GO_ON;
}

struct walk_result walk(const struct ruletable *table, const struct chain *base,
			const struct packet *packet)
{
	struct walk walk = {.table = table, .packet = packet};

	chain_walk(&walk, base, true, 0);
	if (!walk.has_result)
		end(&walk, base->drops ? WALK_DROPPED : WALK_PASSES, base, NULL);
	if (walk.result.end == WALK_PASSES && walk.has_aside)
		walk.result = walk.aside;
	/* What may have accepted it before: then it is no more than likely. */
	if (walk.in_doubt && walk.result.end != WALK_PASSES)
		walk.result.end = WALK_PERHAPS;
	else if (walk.may_harm)
		walk.result = walk.harm;
	return walk.result;
}
