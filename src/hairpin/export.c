// SPDX-License-Identifier: GPL-2.0-or-later
/* hairpin export TARGET [FILE]: what other programs are told, on standard output. */
#include "export.h"

#include <stdio.h>

#include <hairpin/control.h>

#include "commands.h"
#include "judged.h"

static int refuse(const char *name)
{
	_strbuf_ struct strbuf names = {0};

	for (const struct export_target *target = export_targets; target->name; target++)
		strbuf_add(&names, "\n  %-12s %s", target->name, target->what);
	fprintf(stderr, "hairpin: %s: nothing is exported to that; there are:%s\n", name,
		strbuf_text(&names));
	return CONTROL_EXIT_USAGE;
}

int command_export(const struct invocation *invocation)
{
	const struct export_target *target = export_find(invocation->args[0]);
	const struct judged_question question = {
		.path = invocation->n_args > 1 ? invocation->args[1] : invocation->conf,
		.facts = invocation->facts,
		.names = true};
	_candidate_ struct candidate candidate = {0};
	_strbuf_ struct strbuf errors = {0}, out = {0};

	if (!target)
		return refuse(invocation->args[0]);
	if (judged_load(&question, &candidate, &errors)) {
		fputs(strbuf_text(&errors), stderr);
		return CONTROL_EXIT_FINDING;
	}
	export_write(target, candidate.conf, candidate.plan, &out);
	fputs(strbuf_text(&out), stdout);
	return CONTROL_EXIT_OK;
}
