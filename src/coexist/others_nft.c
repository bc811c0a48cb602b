// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables, chains and statements of nft's JSON. Its matches are others_nft_match.c's. */
#include <errno.h>
#include <string.h>

#include "others_nft.h"
#include "ruletext.h"

static const struct {
	const char *name;
	enum rule_hook hook;
} hooks[] = {
	{"prerouting", HOOK_PREROUTING},   {"input", HOOK_INPUT},
	{"forward", HOOK_FORWARD},	   {"output", HOOK_OUTPUT},
	{"postrouting", HOOK_POSTROUTING},
};

/* Statements that end a rule, or ours with it. */
static const struct {
	const char *name;
	enum rule_verdict verdict;
} verdicts[] = {
	{"accept", VERDICT_ACCEPT},   {"drop", VERDICT_DROP},	    {"reject", VERDICT_DROP},
	{"jump", VERDICT_JUMP},	      {"goto", VERDICT_GOTO},	    {"return", VERDICT_RETURN},
	{"dnat", VERDICT_DNAT},	      {"redirect", VERDICT_DNAT},   {"snat", VERDICT_SNAT},
	{"masquerade", VERDICT_SNAT}, {"notrack", VERDICT_NOTRACK}, {"flow", VERDICT_FLOW},
	{"queue", VERDICT_UNKNOWN},   {"tproxy", VERDICT_PROXY},    {"synproxy", VERDICT_UNKNOWN},
};

/* Statements that leave a packet on its way. */
static const char *const harmless[] = {"counter",	 "log",	    "ct helper", "ct timeout",
				       "ct expectation", "secmark", "comment",	 "quota"};

const char *json_word(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

const json_t *nft_object_find(const struct nft_reading *reading, const char *kind, const char *name)
{
	const json_t *object;
	size_t i;

	json_array_foreach (reading->objects, i, object) {
		const json_t *found = json_object_get(object, kind);

		if (found && !strcmp(json_word(found, "family"), reading->table->family) &&
		    !strcmp(json_word(found, "table"), reading->table->name) &&
		    !strcmp(json_word(found, "name"), name))
			return found;
	}
	return NULL;
}

/* --- statements --------------------------------------------------------------------------------------- */

static enum rule_verdict verdict_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++) {
		if (!strcmp(name, verdicts[i].name))
			return verdicts[i].verdict;
	}
	return VERDICT_NONE;
}

static void target_read(struct rule *rule, const json_t *value)
{
	const char *to = json_word(value, "target"), *addr = json_word(value, "addr");

	if (rule->verdict == VERDICT_JUMP || rule->verdict == VERDICT_GOTO) {
		rule->target = strdup(to);
		if (!rule->target)
			abort();
	}
	if (rule->verdict != VERDICT_DNAT)
		return;
	rule->has_to = !ip_addr_parse(addr, &rule->to);
	rule->to_port = (__u16)json_integer_value(json_object_get(value, "port"));
}

static bool verdict_read(struct rule *rule, json_t *statement)
{
	const char *key;
	json_t *value;

	json_object_foreach (statement, key, value) {
		enum rule_verdict verdict = verdict_find(key);

		if (verdict == VERDICT_NONE)
			continue;
		/* "tproxy to :7893 accept": whose it is has been decided. */
		if (rule->verdict == VERDICT_PROXY)
			return true;
		rule->verdict = verdict;
		target_read(rule, value);
		return true;
	}
	return false;
}

/* A limit lets the typical packet through, and one of what is over it does not fit it. */
static void limit_read(struct rule *rule, const json_t *limit)
{
	if (json_is_true(json_object_get(limit, "inv")))
		rule_add_match(rule, FIELD_MARK);
}

/* "meta mark set 1", "meta mark set meta mark or 1". A mark of the connection, or one that is worked out, is none that can be told. */
static void mangle_read(struct rule *rule, const json_t *mangle)
{
	const json_t *key = json_object_get(json_object_get(mangle, "key"), "meta");
	const json_t *value = json_object_get(mangle, "value");
	const json_t *bits = json_array_get(json_object_get(value, "|"), 1);

	if (!strcmp(json_word(key, "key"), "mark"))
		rule->mark = (__u32)json_integer_value(bits ? bits : value);
}

static void nested_read(struct rule *rule, const json_t *statement)
{
	const json_t *inner = json_object_get(statement, "stmt"), *one;
	size_t i;

	if (json_is_object(inner))
		limit_read(rule, json_object_get(inner, "limit"));
	json_array_foreach (inner, i, one)
		limit_read(rule, json_object_get(one, "limit"));
}

static bool is_harmless(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(harmless); i++) {
		if (!strcmp(name, harmless[i]))
			return true;
	}
	return false;
}

/* What neither matches nor decides, by its name; what we do not know may be either. */
static void other_read(struct rule *rule, json_t *statement)
{
	const char *key;
	json_t *value;

	json_object_foreach (statement, key, value) {
		if (!strcmp(key, "limit") || !strcmp(key, "ct count"))
			limit_read(rule, value);
		else if (!strcmp(key, "set") || !strcmp(key, "meter"))
			nested_read(rule, value);
		else if (!strcmp(key, "mangle"))
			mangle_read(rule, value);
		else if (!is_harmless(key))
			rule_add_match(rule, FIELD_UNKNOWN);
	}
}

/* --- a rule ---------------------------------------------------------------------------------------------- */

/* A verdict map is one rule for each of its pairs. */
static void vmap_read(const struct nft_reading *reading, struct chain *chain, size_t at,
		      const json_t *vmap)
{
	const json_t *data = json_object_get(vmap, "data"), *pairs = json_object_get(data, "set");
	const char *name = json_string_value(data);
	const json_t *pair;
	size_t i;

	if (name && name[0] == '@')
		pairs = json_object_get(nft_object_find(reading, "map", name + 1), "elem");
	json_array_foreach (pairs, i, pair) {
		struct rule *rule = rules_copy_rule(chain, &chain->rules[at]);
		json_t *set = json_pack("{s:[O]}", "set", json_array_get(pair, 0));

		if (!set)
			abort();
		nft_match_add(
			reading, rule,
			&(struct nft_match){
				.op = "==", .left = json_object_get(vmap, "key"), .right = set});
		json_decref(set);
		if (!verdict_read(rule, json_array_get(pair, 1)))
			rule->verdict = VERDICT_NONE;
	}
}

static void xt_read(struct rule *rule, const json_t *xt)
{
	static const char *const passing[] = {"LOG",	  "NFLOG", "TCPMSS", "MARK", "CONNMARK",
					      "CHECKSUM", "SET",   "TRACE",  "DSCP", "CLASSIFY"};
	const char *name = json_word(xt, "name");

	if (strcmp(json_word(xt, "type"), "target")) {
		if (strcmp(name, "comment"))
			rule_add_match(rule, FIELD_UNKNOWN);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(passing); i++) {
		if (!strcmp(name, passing[i]))
			return;
	}
	rule->verdict = VERDICT_UNKNOWN;
	if (!strcmp(name, "REJECT"))
		rule->verdict = VERDICT_DROP;
	if (!strcmp(name, "MASQUERADE") || !strcmp(name, "SNAT"))
		rule->verdict = VERDICT_SNAT;
	if (!strcmp(name, "DNAT") || !strcmp(name, "REDIRECT"))
		rule->verdict = VERDICT_DNAT;
}

/* @chain's last rule is filled; a verdict map puts others behind it. */
static void statements_read(const struct nft_reading *reading, struct chain *chain,
			    const json_t *expr)
{
	size_t at = chain->n_rules - 1, i;
	json_t *statement;

	json_array_foreach (expr, i, statement) {
		struct rule *rule = &chain->rules[at];
		const json_t *match = json_object_get(statement, "match");
		const json_t *vmap = json_object_get(statement, "vmap");
		const json_t *xt = json_object_get(statement, "xt");

		if (match)
			nft_match_add(
				reading, rule,
				&(struct nft_match){.op = json_word(match, "op"),
						    .left = json_object_get(match, "left"),
						    .right = json_object_get(match, "right")});
		else if (vmap)
			vmap_read(reading, chain, at, vmap);
		else if (xt)
			xt_read(rule, xt);
		else if (!verdict_read(rule, statement))
			other_read(rule, statement);
	}
}

static void rule_read(const struct nft_reading *reading, struct chain *chain, const json_t *json)
{
	_strbuf_ struct strbuf words = {0};
	struct ruletext_place place = {
		.family = reading->table->family,
		.table = reading->table->name,
		.handle = json_integer_value(json_object_get(json, "handle")),
	};

	ruletext_rule(reading->text, &place, &words);
	rules_add_rule(chain, strbuf_text(&words));
	statements_read(reading, chain, json_object_get(json, "expr"));
}

/* --- chains and tables --------------------------------------------------------------------------------- */

static enum rule_hook hook_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
		if (!strcmp(name, hooks[i].name))
			return hooks[i].hook;
	}
	return HOOK_NONE;
}

static void chain_read(struct ruletable *table, const json_t *json)
{
	struct chain *chain = rules_add_chain(table, json_word(json, "name"));

	chain->hook = hook_find(json_word(json, "hook"));
	chain->is_nat = !strcmp(json_word(json, "type"), "nat");
	chain->drops = !strcmp(json_word(json, "policy"), "drop");
	chain->priority = (int)json_integer_value(json_object_get(json, "prio"));
}

static bool is_of(const struct ruletable *table, const json_t *object)
{
	return !strcmp(json_word(object, "family"), table->family) &&
	       !strcmp(json_word(object, "table"), table->name);
}

static void table_read(struct nft_reading *reading, struct ruletable *table)
{
	const json_t *object;
	size_t i;

	reading->table = table;
	json_array_foreach (reading->objects, i, object) {
		const json_t *chain = json_object_get(object, "chain");

		if (chain && is_of(table, chain))
			chain_read(table, chain);
	}
	json_array_foreach (reading->objects, i, object) {
		const json_t *rule = json_object_get(object, "rule");

		for (size_t k = 0; rule && is_of(table, rule) && k < table->n_chains; k++) {
			if (!strcmp(table->chains[k].name, json_word(rule, "chain")))
				rule_read(reading, &table->chains[k], rule);
		}
	}
}

static bool is_read(const json_t *table)
{
	static const char *const families[] = {"ip", "ip6", "inet"};
	const char *family = json_word(table, "family"), *name = json_word(table, "name");

	if (!strcmp(family, "inet") && (!strcmp(name, "hairpin") || !strcmp(name, "hairpin-hold")))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		if (!strcmp(family, families[i]))
			return true;
	}
	return false;
}

int rules_read_nft(struct rules *rules, const json_t *root, const char *text)
{
	struct nft_reading reading = {.objects = json_object_get(root, "nftables"), .text = text};
	const json_t *object;
	size_t i;

	if (!json_is_array(reading.objects))
		return -EINVAL;
	json_array_foreach (reading.objects, i, object) {
		const json_t *table = json_object_get(object, "table");

		if (table && is_read(table))
			table_read(&reading, rules_add_table(rules, json_word(table, "family"),
							     json_word(table, "name")));
	}
	return 0;
}
