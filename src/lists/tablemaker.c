// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "tablemaker_internal.h"

struct tablemaker *tablemaker_make(void)
{
	struct tablemaker *maker = calloc(1, sizeof(*maker));

	if (maker && getrandom(&maker->seed, sizeof(maker->seed), 0) != sizeof(maker->seed))
		return tablemaker_free(maker);
	return maker;
}

struct tablemaker *tablemaker_free(struct tablemaker *maker)
{
	if (!maker)
		return NULL;
	free(maker->names);
	free(maker->addrs);
	free(maker->meanings);
	free(maker->types);
	free(maker->denied);
	free(maker);
	return NULL;
}

int tablemaker_grow(void *array, size_t n, size_t more, size_t *room, size_t size)
{
	size_t want = *room ? *room : 64;
	void *grown;

	if (n + more <= *room)
		return 0;
	while (want < n + more)
		want *= 2;
	grown = reallocarray(*(void **)array, want, size);
	if (!grown)
		return -ENOMEM;
	*(void **)array = grown;
	*room = want;
	return 0;
}

int tablemaker_list(struct tablemaker *maker, enum dns_block_kind kind, const char *name,
		    unsigned int *ret_number)
{
	struct block_list *list = &maker->lists[maker->n_lists];

	if (maker->n_lists == DNS_BLOCK_LISTS_MAX || strlen(name) >= sizeof(list->name))
		return -ENOSPC;
	list->kind = kind;
	strcpy(list->name, name);
	maker->before.names = maker->n_names;
	maker->before.addrs = maker->n_addrs;
	maker->before.meanings = maker->n_meanings;
	maker->before.types = maker->n_types;
	maker->before.denied = maker->n_denied;
	*ret_number = maker->n_lists++;
	return 0;
}

void tablemaker_drop(struct tablemaker *maker, unsigned int list)
{
	if (list + 1 != maker->n_lists)
		return;
	maker->n_names = maker->before.names;
	maker->n_addrs = maker->before.addrs;
	maker->n_meanings = maker->before.meanings;
	maker->n_types = maker->before.types;
	maker->n_denied = maker->before.denied;
}

/* --- rules --------------------------------------------------------------------------------------------------- */

static __u8 says_of(const struct block_list *list, const struct list_rule *rule)
{
	if (list->kind == DNS_BLOCK_ALLOWLIST || list->kind == DNS_BLOCK_OWN_ALLOW)
		return BLOCK_SAYS_ALLOW_IMPORTANT;
	if (rule->is_exception)
		return rule->is_important ? BLOCK_SAYS_ALLOW_IMPORTANT : BLOCK_SAYS_ALLOW;
	return rule->is_important ? BLOCK_SAYS_BLOCK_IMPORTANT : BLOCK_SAYS_BLOCK;
}

static bool is_same(const struct tablemaker *maker, const struct meaning *a,
		    const struct meaning *b)
{
	return a->match == b->match && a->says == b->says && a->is_but_types == b->is_but_types &&
	       a->n_types == b->n_types && a->n_denied == b->n_denied &&
	       !memcmp(maker->types + a->types_at, maker->types + b->types_at,
		       a->n_types * sizeof(*maker->types)) &&
	       !memcmp(maker->denied + a->denied_at, maker->denied + b->denied_at,
		       a->n_denied * sizeof(*maker->denied));
}

/* The conditions of @rule behind all others, not counted yet. */
static int conditions_put(struct tablemaker *maker, const struct list_rule *rule,
			  struct meaning *meaning)
{
	int ret = tablemaker_grow(&maker->types, maker->n_types, LIMIT_LIST_TYPES,
				  &maker->types_room, sizeof(*maker->types));

	if (!ret)
		ret = tablemaker_grow(&maker->denied, maker->n_denied, LIMIT_LIST_DENIED,
				      &maker->denied_room, sizeof(*maker->denied));
	if (ret)
		return ret;
	meaning->n_types = (__u8)rule->n_types;
	meaning->n_denied = (__u8)rule->n_denied;
	meaning->types_at = (__u32)maker->n_types;
	meaning->denied_at = (__u32)maker->n_denied;
	for (unsigned int i = 0; i < rule->n_types; i++)
		maker->types[maker->n_types + i] = rule->types[i];
	for (unsigned int i = 0; i < rule->n_denied; i++)
		maker->denied[maker->n_denied + i] = dns_name_hash(&rule->denied[i], maker->seed);
	return 0;
}

/* The number of what @rule says; most rules of all lists say one of two or three things. */
static int meaning_of(struct tablemaker *maker, const struct list_rule *rule, __u8 says,
		      __u16 *ret_meaning)
{
	struct meaning meaning = {
		.match = (__u8)rule->match, .says = says, .is_but_types = rule->is_but_types};
	int ret = conditions_put(maker, rule, &meaning);
	size_t i = 0;

	if (ret)
		return ret;
	while (i < maker->n_meanings && !is_same(maker, &meaning, &maker->meanings[i]))
		i++;
	if (i == LIMIT_LISTS_MEANINGS)
		return -ENOSPC;
	*ret_meaning = (__u16)i;
	if (i < maker->n_meanings)
		return 0;
	ret = tablemaker_grow(&maker->meanings, i, 1, &maker->meanings_room, sizeof(meaning));
	if (ret)
		return ret;
	maker->meanings[maker->n_meanings++] = meaning;
	maker->n_types += meaning.n_types;
	maker->n_denied += meaning.n_denied;
	return 0;
}

static int addr_add(struct tablemaker *maker, const struct ip_net *net, struct addr_rule rule)
{
	unsigned int bits = net->length + (ip_addr_is_v4(&net->addr) ? 96u : 0u);
	int ret = tablemaker_grow(&maker->addrs, maker->n_addrs, 1, &maker->addrs_room,
				  sizeof(*maker->addrs));

	if (ret)
		return ret;
	rule.first = rule.last = net->addr;
	for (unsigned int i = bits; i < 128; i++)
		rule.last.b[i / 8] |= (__u8)(0x80 >> i % 8);
	maker->addrs[maker->n_addrs++] = rule;
	return 0;
}

int tablemaker_add(void *data, const struct list_rule *rule)
{
	const struct tablemaker_of *of = data;
	struct tablemaker *maker = of->maker;
	__u16 meaning = 0;
	int ret;

	if (maker->n_names + maker->n_addrs >= LIMIT_LISTS_RULES)
		return -ENOSPC;
	ret = meaning_of(maker, rule, says_of(&maker->lists[of->list], rule), &meaning);
	if (!ret && rule->is_addr)
		return addr_add(maker, &rule->net,
				(struct addr_rule){.meaning = meaning,
						   .list = (__u8)of->list,
						   .is_badfilter = rule->is_badfilter});
	if (!ret)
		ret = tablemaker_grow(&maker->names, maker->n_names, 1, &maker->names_room,
				      sizeof(*maker->names));
	if (ret)
		return ret;
	maker->names[maker->n_names++] =
		(struct name_rule){.hash = dns_name_hash(&rule->name, maker->seed),
				   .meaning = meaning,
				   .list = (__u8)of->list,
				   .is_badfilter = rule->is_badfilter};
	return 0;
}

__u32 tablemaker_count(const struct tablemaker *maker, unsigned int list)
{
	return maker->counts[list];
}
