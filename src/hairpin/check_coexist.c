// SPDX-License-Identifier: GPL-2.0-or-later
#include "coexist.h"

#include <string.h>

#include "backend.h"
#include "findings.h"
#include "foreign.h"

/* As hairpind would choose at its start (hairpind/choice.c). */
bool check_takes_bpf(const struct candidate *candidate)
{
	_strbuf_ struct strbuf lines = {0}, why = {0};
	const struct conf *conf = candidate->conf;

	if (conf->backend != CONF_BACKEND_AUTO)
		return conf->backend == CONF_BACKEND_BPF;
	if (backend_bpf.probe(&why))
		return false;
	return conf->ignore_netfilter ||
	       (!foreign_rules(candidate->plan, &lines, &why) && !lines.length);
}

static void finding_add(struct check *check, const struct coexist_finding *finding)
{
	if (finding->effect == COEXIST_MARKS)
		check_marked(check, finding);
	else if (coexist_harms(finding))
		check_find(check, "other-rules", finding->fix, "%s", finding->text);
	else
		check_note(check, "other-rules", "%s", finding->text);
}

void check_coexist(struct check *check)
{
	_strbuf_ struct strbuf why = {0};
	_coexist_ struct coexist coexist = {0};
	_rules_ struct rules rules = {0};

	/* That nothing was looked at has been said by check_foreign_rules(), but for this backend, of which it has nothing to say. */
	if (coexist_read(&rules, &why) &&
	    (rules.n_tables || check->candidate->conf->backend == CONF_BACKEND_NFTABLES))
		check_note(check, "other-rules", "not all rules of others were looked at: %s",
			   strbuf_text(&why));
	coexist_judge(check->candidate->plan, check_takes_bpf(check->candidate), &rules, &coexist);
	for (size_t i = 0; i < coexist.n_findings; i++)
		finding_add(check, &coexist.findings[i]);
}
