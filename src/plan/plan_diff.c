// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two plans against each other. Keys and values have no padding (hairpin/dataplane.h), so their
 * octets say it all.
 */
#include <string.h>

#include "draft.h"

_Static_assert(sizeof(struct plan_rule) == sizeof(struct hp_rule_key) + sizeof(struct hp_rule),
	       "a rule with padding cannot be compared by memcmp()");
_Static_assert(sizeof(struct plan_prefix) ==
		       sizeof(struct hp_prefix_key) + sizeof(struct hp_prefix),
	       "a prefix with padding cannot be compared by memcmp()");

static bool settings_equal(struct hp_settings a, struct hp_settings b)
{
	a.generation = b.generation;
	return !memcmp(&a, &b, sizeof(a));
}

static bool devices_equal(const struct plan *a, const struct plan *b)
{
	if (a->n_devices != b->n_devices)
		return false;
	for (size_t i = 0; i < a->n_devices; i++) {
		const struct plan_device *x = &a->devices[i], *y = &b->devices[i];

		if (strcmp(x->name, y->name) || x->ifindex != y->ifindex || x->side != y->side ||
		    x->isolated != y->isolated)
			return false;
	}
	return true;
}

/* Lists without elements may be NULL, which memcmp() must not be given. */
static bool list_equal(const void *a, size_t n_a, const void *b, size_t n_b, size_t size)
{
	return n_a == n_b && (!n_a || !memcmp(a, b, n_a * size));
}

bool plan_equal(const struct plan *a, const struct plan *b)
{
	return settings_equal(a->settings, b->settings) && a->sessions == b->sessions &&
	       a->mark == b->mark && a->fast_path == b->fast_path && devices_equal(a, b) &&
	       plan_leads_equal(a, b) &&
	       list_equal(a->rules, a->n_rules, b->rules, b->n_rules, sizeof(*a->rules)) &&
	       list_equal(a->prefixes, a->n_prefixes, b->prefixes, b->n_prefixes,
			  sizeof(*a->prefixes));
}

struct plan_diff plan_diff(const struct plan *old, const struct plan *next)
{
	struct plan_diff diff = {0};
	size_t n_old = old ? old->n_rules : 0, i = 0, j = 0;

	while (i < n_old && j < next->n_rules) {
		const struct plan_rule *x = &old->rules[i], *y = &next->rules[j];
		int order = memcmp(&x->key, &y->key, sizeof(x->key));

		diff.removed += order < 0;
		diff.added += order > 0;
		diff.changed += !order && memcmp(&x->rule, &y->rule, sizeof(x->rule));
		i += order <= 0;
		j += order >= 0;
	}
	diff.removed += n_old - i;
	diff.added += next->n_rules - j;
	return diff;
}
