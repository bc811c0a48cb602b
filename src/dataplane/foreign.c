// SPDX-License-Identifier: GPL-2.0-or-later
#include "foreign.h"

#include <errno.h>
#include <string.h>

#include "legacy.h"
#include "nft_others.h"
#include "record.h"
#include "ruletext.h"

/* Hooks that packets pass on their way through a router, and that a redirect by tc leaves out. */
static const char *const hooks[] = {"ingress", "prerouting", "forward", "postrouting"};
static const char *const families[] = {"ip", "ip6", "inet", "netdev"};
/* Statements that do something to a packet which tc would not do. */
static const char *const statements[] = {"drop",       "reject",   "queue", "flow",  "snat",
					 "masquerade", "redirect", "dnat",  "tproxy"};
/* The same as iptables' targets, where nft has no statement of its own for them. */
static const char *const targets[] = {"DROP",	    "REJECT",	"NFQUEUE", "QUEUE",  "SNAT",
				      "MASQUERADE", "REDIRECT", "DNAT",	   "TPROXY", "NETMAP"};
static const char *const device_keys[] = {"iif", "iifname", "oif", "oifname"};

static bool is_one_of(const char *text, const char *const *list, size_t n)
{
	for (size_t i = 0; text && i < n; i++) {
		if (!strcmp(text, list[i]))
			return true;
	}
	return false;
}
#define IS_ONE_OF(text, list) is_one_of(text, list, ARRAY_SIZE(list))

struct judge {
	const struct plan *plan;
	const json_t *objects; /* of the ruleset */
	const char *text;
	struct strbuf *lines;
	json_t *visited; /* chains walked already */
};

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* --- whether a packet between devices of the plan can get past a match ---------------------------- */

static bool is_plan_device(const struct plan *plan, const char *name)
{
	size_t length = strlen(name);
	bool wildcard = length > 0 && name[length - 1] == '*';

	for (size_t i = 0; i < plan->n_devices; i++) {
		const char *device = plan->devices[i].name;

		if (wildcard ? !strncmp(device, name, length - 1) : !strcmp(device, name))
			return true;
	}
	return false;
}

/* Anything that is not plainly the name of somebody else's device counts as ours. */
static bool may_be_plan_device(const struct plan *plan, const json_t *right)
{
	const json_t *set = json_object_get(right, "set"), *item;
	size_t i;

	if (json_is_string(right) && json_string_value(right)[0] != '@')
		return is_plan_device(plan, json_string_value(right));
	if (!json_is_array(set))
		return true;
	json_array_foreach (set, i, item) {
		if (may_be_plan_device(plan, item))
			return true;
	}
	return false;
}

static bool match_excludes(const struct plan *plan, const json_t *match)
{
	const json_t *meta = json_object_get(json_object_get(match, "left"), "meta");

	return IS_ONE_OF(text_of(meta, "key"), device_keys) &&
	       !strcmp(text_of(match, "op"), "==") &&
	       !may_be_plan_device(plan, json_object_get(match, "right"));
}

/* --- what a rule does -------------------------------------------------------------------------------- */

struct effect {
	bool acts;
	json_t *jumps; /* names of the chains it may go to */
};

static bool is_same_table(const json_t *a, const json_t *b)
{
	return !strcmp(text_of(a, "table"), text_of(b, "table")) &&
	       !strcmp(text_of(a, "family"), text_of(b, "family"));
}

/* The object of @kind and @name in the table of @rule. */
static json_t *object_find(const struct judge *judge, const json_t *rule, const char *kind,
			   const char *name)
{
	json_t *object;
	size_t i;

	json_array_foreach (judge->objects, i, object) {
		json_t *found = json_object_get(object, kind);

		if (found && is_same_table(found, rule) && !strcmp(text_of(found, "name"), name))
			return found;
	}
	return NULL;
}

static void verdict_judge(json_t *statement, struct effect *effect)
{
	const char *key;
	json_t *value;

	json_object_foreach (statement, key, value) {
		if (IS_ONE_OF(key, statements) ||
		    (!strcmp(key, "xt") && IS_ONE_OF(text_of(value, "name"), targets)))
			effect->acts = true;
		if (!strcmp(key, "jump") || !strcmp(key, "goto"))
			json_array_append(effect->jumps, json_object_get(value, "target"));
	}
}

/* A verdict map: pairs of key and verdict, here or in a map with a name. */
static void vmap_judge(const struct judge *judge, const json_t *rule, const json_t *vmap,
		       struct effect *effect)
{
	const json_t *data = json_object_get(vmap, "data");
	const char *name = json_string_value(data);
	json_t *pairs = json_object_get(data, "set"), *pair;
	size_t i;

	if (name && name[0] == '@')
		pairs = json_object_get(object_find(judge, rule, "map", name + 1), "elem");
	json_array_foreach (pairs, i, pair) {
		verdict_judge(json_array_get(pair, 1), effect);
	}
}

static void rule_effect(const struct judge *judge, const json_t *rule, struct effect *effect)
{
	json_t *statement;
	size_t i;

	json_array_foreach (json_object_get(rule, "expr"), i, statement) {
		const json_t *vmap = json_object_get(statement, "vmap");

		if (match_excludes(judge->plan, json_object_get(statement, "match")))
			return;
		verdict_judge(statement, effect);
		if (vmap)
			vmap_judge(judge, rule, vmap, effect);
	}
}

/* --- walking the chains --------------------------------------------------------------------------------- */

static void rule_report(const struct judge *judge, const json_t *rule)
{
	struct ruletext_place place = {
		.family = text_of(rule, "family"),
		.table = text_of(rule, "table"),
		.handle = json_integer_value(json_object_get(rule, "handle")),
	};

	strbuf_add(judge->lines, "table %s %s, chain %s: ", place.family, place.table,
		   text_of(rule, "chain"));
	ruletext_rule(judge->text, &place, judge->lines);
	strbuf_add(judge->lines, "\n");
}

/* The rules of @chain are reported; the chains they go to are added to @todo. */
static void chain_walk(const struct judge *judge, const json_t *chain, json_t *todo)
{
	json_t *object, *name;
	size_t i, j;

	json_array_foreach (judge->objects, i, object) {
		const json_t *rule = json_object_get(object, "rule");
		_json_ json_t *jumps = json_array();
		struct effect effect = {.jumps = jumps};

		if (!rule || !is_same_table(rule, chain) ||
		    strcmp(text_of(rule, "chain"), text_of(chain, "name")))
			continue;
		rule_effect(judge, rule, &effect);
		if (effect.acts)
			rule_report(judge, rule);
		json_array_foreach (jumps, j, name) {
			json_t *to = object_find(judge, rule, "chain", json_string_value(name));

			if (to)
				json_array_append(todo, to);
		}
	}
}

static bool is_in(const json_t *array, const json_t *object)
{
	const json_t *item;
	size_t i;

	json_array_foreach (array, i, item) {
		if (item == object)
			return true;
	}
	return false;
}

/* Several base chains may lead to one chain; it is reported once. */
static void walk_from(const struct judge *judge, json_t *base)
{
	_json_ json_t *todo = json_pack("[O]", base);

	for (size_t i = 0; i < json_array_size(todo); i++) {
		json_t *chain = json_array_get(todo, i);

		if (is_in(judge->visited, chain))
			continue;
		json_array_append(judge->visited, chain);
		chain_walk(judge, chain, todo);
	}
}

static bool is_ours(const json_t *chain)
{
	return !strcmp(text_of(chain, "family"), "inet") &&
	       (!strcmp(text_of(chain, "table"), "hairpin") ||
		!strcmp(text_of(chain, "table"), "hairpin-hold"));
}

/* A hook at ingress belongs to devices, which nft's JSON does not name in every version; its text does. */
static bool is_elsewhere(const struct judge *judge, const json_t *chain)
{
	_strbuf_ struct strbuf line = {0};
	struct ruletext_place place = {
		.family = text_of(chain, "family"),
		.table = text_of(chain, "table"),
		.chain = text_of(chain, "name"),
	};

	if (strcmp(text_of(chain, "hook"), "ingress"))
		return false;
	ruletext_hook(judge->text, &place, &line);
	for (size_t i = 0; i < judge->plan->n_devices; i++) {
		char quoted[IFNAMSIZ + 2];

		snprintf(quoted, sizeof(quoted), "\"%s\"", judge->plan->devices[i].name);
		if (strstr(strbuf_text(&line), quoted))
			return false;
	}
	return line.length > 0;
}

static void base_chain_judge(const struct judge *judge, json_t *chain)
{
	if (!IS_ONE_OF(text_of(chain, "hook"), hooks) ||
	    !IS_ONE_OF(text_of(chain, "family"), families) || is_ours(chain) ||
	    is_elsewhere(judge, chain))
		return;
	if (!strcmp(text_of(chain, "policy"), "drop"))
		strbuf_add(judge->lines, "table %s %s, chain %s: policy drop\n",
			   text_of(chain, "family"), text_of(chain, "table"),
			   text_of(chain, "name"));
	walk_from(judge, chain);
}

int foreign_judge(const struct plan *plan, const json_t *ruleset, const char *text,
		  struct strbuf *ret_lines)
{
	_json_ json_t *visited = json_array();
	struct judge judge = {
		.plan = plan,
		.objects = json_object_get(ruleset, "nftables"),
		.text = text,
		.lines = ret_lines,
		.visited = visited,
	};
	json_t *object;
	size_t i;

	if (!visited)
		return -ENOMEM;
	if (!json_is_array(judge.objects))
		return -EINVAL;
	json_array_foreach (judge.objects, i, object) {
		json_t *chain = json_object_get(object, "chain");
		const json_t *flowtable = json_object_get(object, "flowtable");

		if (chain)
			base_chain_judge(&judge, chain);
		if (flowtable)
			strbuf_add(ret_lines, "table %s %s: flowtable %s\n",
				   text_of(flowtable, "family"), text_of(flowtable, "table"),
				   text_of(flowtable, "name"));
	}
	return 0;
}

int foreign_rules(const struct plan *plan, struct strbuf *ret_lines, struct strbuf *why)
{
	_strbuf_ struct strbuf text = {0}, lines = {0};
	_json_ json_t *ruleset = NULL;
	int ret = nft_others_list(&ruleset, &text, why);

	if (ret)
		return ret;
	ret = foreign_judge(plan, ruleset, strbuf_text(&text), &lines);
	if (ret) {
		strbuf_add(why, "nftables: the ruleset is not listed as JSON");
		return ret;
	}
	ret = legacy_rules(&lines, why);
	if (!ret)
		strbuf_add(ret_lines, "%s", strbuf_text(&lines));
	return ret;
}
