// SPDX-License-Identifier: GPL-2.0-or-later
#include "coexist.h"

#include <string.h>

#include "mend.h"
#include "walk.h"

#include <hairpin/limits.h>

/* Where our own chains of NAT hang (netfilter/ruleset_nat.c). */
#define OUR_DSTNAT (-100)
#define OUR_SRCNAT 100

/* One rule, or policy, and all that it does to the packets of the plan. */
struct harm {
	struct mend_place place;
	const struct chain *chain; /* that holds the rule */
	struct strbuf services[WAY_MAX]; /* "web, echo"; of LIMIT_NAMED_SERVICES, and then "..." */
	size_t n_services[WAY_MAX];
	const char *last[WAY_MAX]; /* of those: they come in order */
	bool answers, begins;
	struct packet first;
	struct strbuf fix;
	size_t n_fixes;
};

struct judge {
	const struct rules *rules;
	struct harm *harms; /* n_harms, owned */
	size_t n_harms;
};

/* --- what is harm ------------------------------------------------------------------------------------------- */

static bool is_asked(const struct ruletable *table, const struct chain *base,
		     const struct packet *packet)
{
	bool may_come_first = packet->hook == HOOK_PREROUTING || packet->hook == HOOK_OUTPUT;

	if (base->hook != packet->hook ||
	    (strcmp(table->family, "inet") && !strcmp(table->family, "ip") != packet->is_v4))
		return false;
	/* NAT is asked once for each connection. */
	if (base->is_nat && packet->is_answer)
		return false;
	if (!may_come_first || !packet->is_nat || packet->is_answer)
		return true;
	if (base->is_nat)
		return packet->before_nat && base->priority <= OUR_DSTNAT;
	return packet->before_nat == (base->priority <= OUR_DSTNAT);
}

static bool leads_elsewhere(const struct rule *rule, const struct packet *packet)
{
	__u16 port = rule->to_port ? rule->to_port : packet->dport_low;

	if (packet->way == WAY_OUTGOING)
		return false;
	return !packet->is_nat || !rule->has_to || !ip_addr_equal(&rule->to, &packet->host) ||
	       port != packet->host_port;
}

/* False: what the walk came to is no harm to this packet. */
static bool effect_of(const struct walk_result *result, const struct chain *base,
		      const struct packet *packet, enum coexist_effect *ret_effect)
{
	switch (result->end) {
	case WALK_PASSES:
		return false;
	case WALK_DROPPED:
		*ret_effect = COEXIST_DROPS;
		return true;
	case WALK_UNTRACKED:
		*ret_effect = COEXIST_UNTRACKS;
		return packet->way != WAY_INPUT;
	case WALK_PROXIED:
		*ret_effect = COEXIST_PROXIES;
		return packet->way != WAY_OUTGOING;
	case WALK_MARKED:
		*ret_effect = COEXIST_MARKS;
		/* What a mark is for is routing, and for what goes out by itself that is its owner's wish. */
		return packet->way == WAY_FORWARD && packet->hook == HOOK_PREROUTING &&
		       (packet->is_answer || !packet->before_nat);
	case WALK_OFFLOADED:
		*ret_effect = COEXIST_OFFLOADS;
		return true;
	case WALK_PERHAPS:
		*ret_effect = COEXIST_UNKNOWN;
		return !base->is_nat || packet->way != WAY_OUTGOING;
	case WALK_TRANSLATED:
		break;
	}
	if (base->hook == HOOK_PREROUTING || base->hook == HOOK_OUTPUT) {
		*ret_effect = COEXIST_LEADS_ELSEWHERE;
		return leads_elsewhere(result->rule, packet);
	}
	*ret_effect = COEXIST_HIDES_CLIENT;
	/* Whoever comes from outside is translated by nobody of ours, so whoever is asked later still may. */
	return base->hook == HOOK_POSTROUTING &&
	       (packet->way == WAY_FORWARD || (packet->way == WAY_LOOPBACK && packet->has_source &&
					       base->priority <= OUR_SRCNAT));
}

/* --- gathered by rule -------------------------------------------------------------------------------------- */

static struct harm *harm_find(struct judge *judge, const struct mend_place *place,
			      const struct chain *chain)
{
	struct harm *harm;

	for (size_t i = 0; i < judge->n_harms; i++) {
		harm = &judge->harms[i];
		if (harm->place.table == place->table && harm->place.base == place->base &&
		    harm->place.rule == place->rule && harm->place.effect == place->effect)
			return harm;
	}
	if (!(judge->n_harms & (judge->n_harms - 1))) {
		size_t n = judge->n_harms ? 2 * judge->n_harms : 1;

		judge->harms = realloc(judge->harms, n * sizeof(*judge->harms));
		if (!judge->harms)
			abort();
	}
	harm = &judge->harms[judge->n_harms++];
	*harm = (struct harm){.place = *place, .chain = chain};
	return harm;
}

static void service_add(struct harm *harm, const struct packet *packet)
{
	struct strbuf *names = &harm->services[packet->way];
	size_t *n = &harm->n_services[packet->way];

	if (harm->last[packet->way] && !strcmp(harm->last[packet->way], packet->service))
		return;
	harm->last[packet->way] = packet->service;
	if (++*n <= LIMIT_NAMED_SERVICES)
		strbuf_add(names, "%s%s", *n > 1 ? ", " : "", packet->service);
}

static void fix_add(struct harm *harm, const struct packet *packet)
{
	_strbuf_ struct strbuf fix = {0};

	if ((harm->place.effect >= COEXIST_OFFLOADS && harm->place.effect != COEXIST_MARKS) ||
	    harm->n_fixes == LIMIT_MEND_COMMANDS)
		return;
	mend_add(&harm->place, packet, &fix);
	if (fix.length == 0 || strstr(strbuf_text(&harm->fix), fix.text))
		return;
	strbuf_add(&harm->fix, "%s%s", harm->n_fixes++ ? " && " : "", fix.text);
}

static void packet_judge(const struct packet *packet, void *data)
{
	struct judge *judge = data;

	for (size_t i = 0; i < judge->rules->n_tables; i++) {
		const struct ruletable *table = &judge->rules->tables[i];

		for (size_t k = 0; k < table->n_chains; k++) {
			struct mend_place place = {.table = table, .base = &table->chains[k]};
			struct walk_result result;
			struct harm *harm;

			if (!is_asked(table, place.base, packet))
				continue;
			result = walk(table, place.base, packet);
			place.rule = result.rule;
			if (!effect_of(&result, place.base, packet, &place.effect))
				continue;
			harm = harm_find(judge, &place, result.chain);
			if (!harm->answers && !harm->begins)
				harm->first = *packet;
			harm->answers |= packet->is_answer;
			harm->begins |= !packet->is_answer;
			service_add(harm, packet);
			fix_add(harm, packet);
		}
	}
}

/* --- in words ------------------------------------------------------------------------------------------------ */

static const char *const effects[] = {
	[COEXIST_DROPS] = "drops",
	[COEXIST_LEADS_ELSEWHERE] = "leads elsewhere",
	[COEXIST_HIDES_CLIENT] = "hides the clients of",
	[COEXIST_UNTRACKS] = "takes from connection tracking",
	[COEXIST_PROXIES] = "hands to a proxy of this machine",
	[COEXIST_MARKS] = "marks",
	[COEXIST_OFFLOADS] = "takes past our counters and timeouts, once established,",
	[COEXIST_UNKNOWN] = "may drop or translate, which cannot be told from here,",
};

static const char *const ways[] = {
	[WAY_FORWARD] = "what comes from WAN for",	  [WAY_LOOPBACK] = "loopback to",
	[WAY_OWN] = "the gateway's own connections to",	  [WAY_OUTGOING] = "what goes out",
	[WAY_INPUT] = "what the gateway itself answers:",
};

static void place_print(const struct harm *harm, struct strbuf *out)
{
	const struct ruletable *table = harm->place.table;

	if (table->program && strstr(table->program, "legacy"))
		strbuf_add(out, "%s, table %s", table->program, table->name);
	else
		strbuf_add(out, "table %s %s", table->family, table->name);
	strbuf_add(out, ", chain %s: %s: ", harm->chain->name,
		   harm->place.rule ? harm->place.rule->text : "policy drop");
}

static void harm_print(const struct harm *harm, struct strbuf *out)
{
	const char *between = " ";

	place_print(harm, out);
	strbuf_add(out, "%s%s", effects[harm->place.effect], harm->begins ? "" : " the answers of");
	for (int way = 0; way < WAY_MAX; way++) {
		if (!harm->n_services[way])
			continue;
		strbuf_add(out, "%s%s", between, ways[way]);
		if (harm->services[way].length)
			strbuf_add(out, " %s", harm->services[way].text);
		if (harm->n_services[way] > LIMIT_NAMED_SERVICES)
			strbuf_add(out, " and %zu more",
				   harm->n_services[way] - LIMIT_NAMED_SERVICES);
		between = "; ";
	}
	/* Of two chains at one priority the kernel asks first the one that was hung there last. */
	if (harm->place.effect == COEXIST_LEADS_ELSEWHERE &&
	    harm->place.base->priority == OUR_DSTNAT)
		strbuf_add(out, "; if its chain is made after ours");
}

static char *text_take(struct strbuf *text)
{
	char *taken;

	strbuf_add(text, "%s", "");
	taken = text->text;
	*text = (struct strbuf){0};
	return taken;
}

static void harm_end(struct harm *harm, struct coexist_finding *ret_finding)
{
	_strbuf_ struct strbuf text = {0};

	harm_print(harm, &text);
	mend_end(&harm->place, &harm->fix);
	*ret_finding = (struct coexist_finding){
		.effect = harm->place.effect,
		.text = text_take(&text),
		.fix = text_take(&harm->fix),
		.mark = harm->place.effect == COEXIST_MARKS ? harm->place.rule->mark : 0,
		.packet = harm->first,
	};
	for (int way = 0; way < WAY_MAX; way++)
		strbuf_fini(&harm->services[way]);
}

void coexist_judge(const struct plan *plan, bool only_own, const struct rules *rules,
		   struct coexist *ret_coexist)
{
	struct judge judge = {.rules = rules};

	packets_each(plan, only_own, packet_judge, &judge);
	*ret_coexist = (struct coexist){0};
	if (!judge.n_harms)
		return;
	ret_coexist->findings = calloc(judge.n_harms, sizeof(*ret_coexist->findings));
	if (!ret_coexist->findings)
		abort();
	for (size_t i = 0; i < judge.n_harms; i++)
		harm_end(&judge.harms[i], &ret_coexist->findings[ret_coexist->n_findings++]);
	free(judge.harms);
}

void coexist_fini(struct coexist *coexist)
{
	for (size_t i = 0; i < coexist->n_findings; i++) {
		free(coexist->findings[i].text);
		free(coexist->findings[i].fix);
	}
	free(coexist->findings);
	*coexist = (struct coexist){0};
}
