// SPDX-License-Identifier: GPL-2.0-or-later
#include "others.h"

#include <string.h>

/* Room for one more of @bytes behind @n of them; sizes are powers of two. */
static void *grown(void *items, size_t n, size_t bytes)
{
	if (n & (n - 1))
		return items;
	items = realloc(items, (n ? 2 * n : 1) * bytes);
	if (!items)
		abort();
	return items;
}

static char *copied(const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		abort();
	return copy;
}

struct ruletable *rules_add_table(struct rules *rules, const char *family, const char *name)
{
	struct ruletable *table;

	rules->tables = grown(rules->tables, rules->n_tables, sizeof(*rules->tables));
	table = &rules->tables[rules->n_tables++];
	*table = (struct ruletable){.family = copied(family), .name = copied(name)};
	return table;
}

struct chain *rules_add_chain(struct ruletable *table, const char *name)
{
	struct chain *chain;

	table->chains = grown(table->chains, table->n_chains, sizeof(*table->chains));
	chain = &table->chains[table->n_chains++];
	*chain = (struct chain){.name = copied(name)};
	return chain;
}

struct rule *rules_add_rule(struct chain *chain, const char *text)
{
	struct rule *rule;

	chain->rules = grown(chain->rules, chain->n_rules, sizeof(*chain->rules));
	rule = &chain->rules[chain->n_rules++];
	*rule = (struct rule){.text = copied(text)};
	return rule;
}

struct rule_match *rule_add_match(struct rule *rule, enum rule_field field)
{
	struct rule_match *match;

	rule->matches = grown(rule->matches, rule->n_matches, sizeof(*rule->matches));
	match = &rule->matches[rule->n_matches++];
	*match = (struct rule_match){.fields = {field}, .n_fields = 1};
	return match;
}

struct rule_value *match_add_row(struct rule_match *match)
{
	size_t bytes = match->n_fields * sizeof(struct rule_value);
	struct rule_value *row;

	match->values = grown(match->values, match->n_rows, bytes);
	row = match->values + match->n_rows++ * match->n_fields;
	memset(row, 0, bytes);
	return row;
}

void rule_add_number(struct rule *rule, enum rule_field field, __u32 low, __u32 high)
{
	struct rule_value *value = match_add_row(rule_add_match(rule, field));

	value->low = low;
	value->high = high;
}

struct rule *rules_copy_rule(struct chain *chain, const struct rule *from)
{
	/* The source may be of this very chain, whose array moves. */
	struct rule source = *from, *rule = rules_add_rule(chain, source.text);

	for (size_t i = 0; i < source.n_matches; i++) {
		const struct rule_match *match = &source.matches[i];
		struct rule_match *copy = rule_add_match(rule, match->fields[0]);

		*copy = *match;
		copy->values = NULL;
		copy->n_rows = 0;
		for (size_t k = 0; k < match->n_rows; k++)
			memcpy(match_add_row(copy), match->values + k * match->n_fields,
			       match->n_fields * sizeof(struct rule_value));
	}
	rule->verdict = source.verdict;
	rule->target = copied(source.target);
	rule->to = source.to;
	rule->to_port = source.to_port;
	rule->has_to = source.has_to;
	rule->mark = source.mark;
	return rule;
}

const struct chain *rules_chain(const struct ruletable *table, const char *name)
{
	for (size_t i = 0; name && i < table->n_chains; i++) {
		if (!strcmp(table->chains[i].name, name))
			return &table->chains[i];
	}
	return NULL;
}

void rule_fini(struct rule *rule)
{
	for (size_t i = 0; i < rule->n_matches; i++)
		free(rule->matches[i].values);
	free(rule->matches);
	free(rule->target);
	free(rule->text);
	*rule = (struct rule){0};
}

static void chain_fini(struct chain *chain)
{
	for (size_t i = 0; i < chain->n_rules; i++)
		rule_fini(&chain->rules[i]);
	free(chain->rules);
	free(chain->name);
}

void rules_fini(struct rules *rules)
{
	for (size_t i = 0; i < rules->n_tables; i++) {
		struct ruletable *table = &rules->tables[i];

		for (size_t k = 0; k < table->n_chains; k++)
			chain_fini(&table->chains[k]);
		free(table->chains);
		free(table->family);
		free(table->name);
	}
	free(rules->tables);
	*rules = (struct rules){0};
}
