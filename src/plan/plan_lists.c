// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists of names to block and to allow, and the operator's own words. Their numbers are their order here (src/dns/blocktable.h). */
#include <stdlib.h>
#include <string.h>

#include "draft.h"
#include "pattern.h"

_Static_assert((int)PLAN_MATCH_EXACT == (int)PATTERN_EXACT &&
		       (int)PLAN_MATCH_BELOW == (int)PATTERN_BELOW &&
		       (int)PLAN_MATCH_TREE == (int)PATTERN_TREE,
	       "one number for each");

/* NULL stays NULL. */
static char *text_of(struct draft *draft, const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		draft->no_memory = true;
	return copy;
}

static void lists_add(struct draft *draft, size_t *room, const struct conf_list *from, size_t n,
		      bool is_allow)
{
	struct plan_lists *lists = &draft->plan->dns.lists;

	for (size_t i = 0; i < n; i++) {
		struct plan_list *slot =
			draft_grow(draft, &lists->lists, &lists->n_lists, room, sizeof(*slot));

		if (!slot)
			return;
		strcpy(slot->name, from[i].name);
		slot->path = text_of(draft, from[i].path);
		slot->url = text_of(draft, from[i].url);
		slot->is_allow = is_allow;
	}
}

static void words_add(struct draft *draft, size_t *room, const struct conf_words *words,
		      bool is_allow)
{
	struct plan_lists *lists = &draft->plan->dns.lists;

	for (size_t i = 0; i < words->n; i++) {
		struct plan_word *slot =
			draft_grow(draft, &lists->words, &lists->n_words, room, sizeof(*slot));
		struct pattern pattern = pattern_of(words->words[i]);

		if (!slot)
			return;
		slot->domain = text_of(draft, pattern.name);
		slot->match = (enum plan_match)pattern.match;
		slot->is_allow = is_allow;
	}
}

void draft_lists(struct draft *draft)
{
	const struct conf *conf = draft->conf;
	size_t lists = 0, words = 0;

	lists_add(draft, &lists, conf->blocklists, conf->n_blocklists, false);
	lists_add(draft, &lists, conf->allowlists, conf->n_allowlists, true);
	words_add(draft, &words, &conf->block, false);
	words_add(draft, &words, &conf->allow, true);
	draft->plan->dns.lists.refresh_s = conf->lists_refresh_s;
}

void plan_lists_fini(struct plan_lists *lists)
{
	for (size_t i = 0; i < lists->n_lists; i++) {
		free(lists->lists[i].path);
		free(lists->lists[i].url);
	}
	for (size_t i = 0; i < lists->n_words; i++)
		free(lists->words[i].domain);
	free(lists->lists);
	free(lists->words);
	*lists = (struct plan_lists){0};
}

static bool texts_equal(const char *a, const char *b)
{
	return !a == !b && (!a || !strcmp(a, b));
}

bool plan_lists_equal(const struct plan_lists *a, const struct plan_lists *b)
{
	if (a->n_lists != b->n_lists || a->n_words != b->n_words || a->refresh_s != b->refresh_s)
		return false;
	for (size_t i = 0; i < a->n_lists; i++) {
		const struct plan_list *x = &a->lists[i], *y = &b->lists[i];

		if (strcmp(x->name, y->name) || x->is_allow != y->is_allow ||
		    !texts_equal(x->path, y->path) || !texts_equal(x->url, y->url))
			return false;
	}
	for (size_t i = 0; i < a->n_words; i++) {
		const struct plan_word *x = &a->words[i], *y = &b->words[i];

		if (strcmp(x->domain, y->domain) || x->match != y->match ||
		    x->is_allow != y->is_allow)
			return false;
	}
	return true;
}
