// SPDX-License-Identifier: GPL-2.0-or-later
#include "other_rules.h"

#include <unistd.h>

#include "coexist.h"
#include "file.h"
#include "log.h"
#include "nft.h"

struct other_rules {
	bool counted;
	__u32 ruleset, plan; /* their numbers, then */
	int harms; /* -errno: the rules could not be read */
};

struct other_rules *other_rules_make(void)
{
	return calloc(1, sizeof(struct other_rules));
}

void other_rules_free(struct other_rules *rules)
{
	free(rules);
}

/* Those of the old iptables change without a number. */
static bool has_legacy(void)
{
	static const char *const names[] = {"/proc/net/ip_tables_names",
					    "/proc/net/ip6_tables_names"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_free_ char *text = NULL;
		size_t length = 0;

		if (!file_read(names[i], 4096, &text, &length) && length > 0)
			return true;
	}
	return false;
}

static int count(const struct daemon *daemon)
{
	_strbuf_ struct strbuf why = {0};
	_coexist_ struct coexist coexist = {0};
	_rules_ struct rules rules = {0};
	int ret = coexist_read(&rules, &why), harms = 0;

	if (ret && !rules.n_tables) {
		log_warning("rules of others cannot be read: %s", strbuf_text(&why));
		return ret;
	}
	coexist_judge(daemon->now.plan, daemon->ops == &backend_bpf, &rules, &coexist);
	for (size_t i = 0; i < coexist.n_findings; i++)
		harms += coexist_harms(&coexist.findings[i]);
	return harms;
}

json_t *other_rules_answer(const struct daemon *daemon)
{
	struct other_rules *rules = daemon->other_rules;
	__u32 ruleset = 0;

	if (!rules || !daemon_routes(daemon))
		return json_null();
	if (nft_generation(&ruleset) || !rules->counted || ruleset != rules->ruleset ||
	    daemon->generation != rules->plan || has_legacy())
		*rules = (struct other_rules){true, ruleset, daemon->generation, count(daemon)};
	return rules->harms < 0 ? json_null() : json_integer(rules->harms);
}
